"""What the views of a plan's page show: the official table, bars, paths and the years side by side.

Everything rests on the rows of `plan_table`; only the years side by side ask once more, for the findings of all
years. Charts show approved figures only. A year that is not over has no red or yellow light.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.db.models import TextChoices
from django.utils import timezone

from accounts.models import User
from dashboard.drawings import Bullet, Panel, bullet, panel
from dashboard.row_sets import RowSet
from dashboard.ways import Way, way_of
from indicators.models import Assessment, FigureKind, Origin, State
from indicators.paths import expected_value
from indicators.queries import (
    PlanTable,
    Promised,
    Row,
    figure_shown,
    path_points,
    path_shown,
    promised,
    shown_verdict,
    tallies,
    target_shown,
    totals_of,
)
from indicators.verdicts import Judged, Kind, Light, Tally, Verdict
from plans.models import Plan

Groups = Sequence[tuple[str, list[Row]]]


class View(TextChoices):
    """The views of a plan's page, each with its own address."""

    TABLE = "table", "指标表"
    BARS = "bars", "进度对比"
    PATHS = "paths", "逐年路径"
    HEAT = "heat", "历年评价"


# ---- The year


@dataclass(frozen=True, slots=True)
class Outlook:
    """The year under way beside the last one that is over: what it ought to reach, and first figures (快报)."""

    year: int
    last: int | None
    promises: dict[int, Promised | None]


def outlook_of(table: PlanTable, *, on: date) -> Outlook | None:
    """For the page of the year under way and of the last approved year before it; else None."""
    if on.year not in table.plan.years:
        return None
    reported = [year for row in table.rows for year in _yearly(row) if year < on.year]
    last = max(reported, default=None)
    if table.year not in (on.year, last):
        return None
    promises = {row.indicator.pk: promised(row.indicator, row.targets, year=on.year) for row in table.rows}
    return Outlook(on.year, last, promises)


def approved_until(table: PlanTable, *, year: int) -> date | None:
    """The day of the last approval among the figures up to a year; None where all are from the document or none is."""
    moments = [
        actual.approved_at
        for row in table.rows
        for actual in row.actuals.values()
        if actual.year <= year and actual.state == State.APPROVED and actual.approved_at
    ]
    return timezone.localtime(max(moments)).date() if moments else None


def _yearly(row: Row) -> dict[int, Decimal]:
    """The approved figures by year."""
    return {
        year: actual.value
        for year, actual in sorted(row.actuals.items())
        if actual.state == State.APPROVED and actual.value is not None
    }


# ---- What all views say


def _counts(rows: list[Row]) -> tuple[Tally, str]:
    """By number as the sentence of the page counts, or by row where a filter leaves rows without a number."""
    by_number, by_row = tallies(rows)
    return (by_number, "项") if by_number.total else (by_row, "行")


def _standing(rows: list[Row], *, year: int, on: date) -> str:
    """2024年15项指标中8项达到或超过应有进度，2项落后，5项未评价。"""
    tally, word = _counts(rows)
    lights = tally.lights
    if year >= on.year and lights[Light.GREEN]:
        return (
            f"{year}年尚未结束，{tally.total}{word}指标中{lights[Light.GREEN]}{word}已达到应有进度，其余未到期或未评价"
        )
    if year >= on.year:
        return f"{year}年尚未结束，{tally.total}{word}指标未到期；图中为最近一年的实际值与{year}年应达到的位置"
    if not tally.assessable:
        return f"{year}年{tally.total}{word}指标都还不能评价"
    behind = lights[Light.RED] + lights[Light.YELLOW]
    told = f"{year}年{tally.total}{word}指标中{lights[Light.GREEN]}{word}达到或超过应有进度"
    told += f"，{behind}{word}落后" if behind else "，没有落后的"
    return told + (f"，{lights[Light.GREY]}{word}未评价" if lights[Light.GREY] else "")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that a chart cannot show, and why."""

    row: Row
    reason: str


# ---- Bars


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of the bars: where it started, where it ought to be, where it is, where it is to go."""

    row: Row
    way: Way
    drawing: Bullet
    year: int | None
    reached: str
    expected: str
    ahead: str
    goal: str
    share: Decimal | None
    expected_share: Decimal | None
    is_demo: bool

    @property
    def start(self) -> str:
        return "0" if self.way.is_ratio or not self.way.start else self.row.baseline_shown

    @property
    def told(self) -> str:
        """The bar in words."""
        unit = self.row.indicator.unit
        parts = [] if self.way.is_ratio else [f"起点{self.start}"]
        parts += [f"应达到{self.expected}"] if self.expected_share is not None else []
        parts += [f"{self.year}年实际{self.reached}{unit}"] if self.year else ["尚无已审核数据"]
        parts += [f"预计{self.ahead}"] if self.ahead else []
        return "，".join([*parts, f"目标{self.goal}"])


@dataclass(frozen=True, slots=True)
class BarSection:
    """The bars under one head: those with a way from a baseline, those that only compare with the target, the rest."""

    head: str
    title: str
    bars: list[Bar]
    ratios: list[Bar]
    left_out: list[LeftOut]

    @property
    def both(self) -> tuple[list[Bar], list[Bar]]:
        return self.bars, self.ratios


def bar_sections(groups: Groups, *, year: int, on: date) -> list[BarSection]:
    """The rows as bars on their own scale from start to target."""
    return [_bar_section(head, rows, year=year, on=on) for head, rows in groups]


def _bar_section(head: str, rows: list[Row], *, year: int, on: date) -> BarSection:
    bars: list[Bar] = []
    left_out: list[LeftOut] = []
    for row in rows:
        way = "由其下各行填报" if row.indicator.is_group else way_of(row.indicator, row.targets)
        if isinstance(way, str):
            left_out.append(LeftOut(row, way))
        else:
            bars.append(_bar(row, way, year=year, on=on))
    return BarSection(
        head,
        _standing(rows, year=year, on=on),
        [bar for bar in bars if not bar.way.is_ratio],
        [bar for bar in bars if bar.way.is_ratio],
        left_out,
    )


def _bar(row: Row, way: Way, *, year: int, on: date) -> Bar:
    """The year's figure; of a year under way the last one before it, and the first figure so far as `ahead`."""
    indicator, totals = row.indicator, totals_of(row.indicator, _yearly(row))
    is_under_way = year >= on.year
    seen = [at for at in totals if (at < on.year if is_under_way else at == year)]
    shown = max(seen, default=None)
    reached = totals[shown] if shown else None
    ahead = totals.get(year) if is_under_way else None
    promise = promised(indicator, row.targets, year=year)
    share = None if reached is None else way.share(reached)
    expected = way.expected(year)
    sum_word = "累计" if indicator.kind in (Kind.CUMULATIVE, Kind.CUMULATIVE_REDUCTION) else ""
    figures = [row.actuals[at] for at in (shown, year) if at in row.actuals]
    return Bar(
        row=row,
        way=way,
        drawing=bullet(reached=share, expected=expected, ahead=None if ahead is None else way.share(ahead)),
        year=shown,
        reached=sum_word + figure_shown(reached, indicator.decimals) if reached is not None else "—",
        expected=promise.text if promise else "—",
        ahead="" if ahead is None else sum_word + figure_shown(ahead, indicator.decimals),
        goal=target_shown(row.final_target, decimals=indicator.decimals),
        share=share,
        expected_share=expected,
        is_demo=any(actual.is_demo for actual in figures),
    )


# ---- Paths


@dataclass(frozen=True, slots=True)
class PathYear:
    """One year of a path: what was promised, what was reached by then, and whether that is only a first figure."""

    year: int
    promised: str
    reached: str
    is_ahead: bool


@dataclass(frozen=True, slots=True)
class PathPanel:
    """One indicator's promised path against its approved figures."""

    row: Row
    drawing: Panel
    years: list[PathYear]
    is_demo: bool

    @property
    def latest(self) -> PathYear | None:
        """The last year of the plan with an approved figure that is not a first one."""
        start = self.row.indicator.plan.start_year
        return next(
            (line for line in self.years[::-1] if line.reached and line.year >= start and not line.is_ahead), None
        )

    @property
    def goal(self) -> PathYear | None:
        """The last year for which the plan prints a figure."""
        dot = self.drawing.last_stated
        return self.years[dot.index] if dot else None

    @property
    def told(self) -> str:
        """The picture in words."""
        path = "、".join(f"{line.year}年{line.promised}" for line in self.years if line.promised)
        reached = "、".join(f"{line.year}年{line.reached}" for line in self.years if line.reached)
        return f"规划路径：{path or '无'}；实际：{reached or '无'}"


@dataclass(frozen=True, slots=True)
class PathSection:
    head: str
    title: str
    years: list[int]
    panels: list[PathPanel]
    left_out: list[LeftOut]

    @property
    def first(self) -> int:
        return self.years[0]

    @property
    def last(self) -> int:
        return self.years[-1]

    @property
    def has_ahead(self) -> bool:
        return any(shown.drawing.ahead for shown in self.panels)


def path_sections(groups: Groups, *, plan: Plan, year: int, on: date) -> list[PathSection]:
    """Each indicator's path and figures in a picture of its own, all over the same years."""
    rows = [row for _, kept in groups for row in kept]
    starts = [row.indicator.baseline_year for row in rows if row.indicator.baseline_year]
    ends = [target_year for row in rows for target_year in row.targets]
    years = list(range(min([plan.start_year - 1, *starts]), max([plan.end_year, *ends]) + 1))
    return [_path_section(head, kept, years=years, year=year, on=on) for head, kept in groups]


def _path_section(head: str, rows: list[Row], *, years: list[int], year: int, on: date) -> PathSection:
    panels: list[PathPanel] = []
    left_out: list[LeftOut] = []
    for row in rows:
        found = None if row.indicator.is_group else _path_panel(row, years=years, on=on)
        if found:
            panels.append(found)
        else:
            left_out.append(LeftOut(row, "由其下各行填报" if row.indicator.is_group else _why_no_path(row)))
    judged = [shown.row for shown in panels if shown.row.light != Light.GREY]
    on_path = sum(row.light == Light.GREEN for row in judged)
    title = (
        f"画出的{len(panels)}行指标中，{year}年可评价的有{len(judged)}行，{on_path}行达到或好于规划路径"
        if judged
        else f"画出的{len(panels)}行指标，{year}年都还不能评价"
    )
    return PathSection(head, title, years, panels, left_out)


def _why_no_path(row: Row) -> str:
    way = way_of(row.indicator, row.targets)
    return way if isinstance(way, str) else "没有目标值和已审核的数据"


def _path_panel(row: Row, *, years: list[int], on: date) -> PathPanel | None:
    indicator, totals = row.indicator, totals_of(row.indicator, _yearly(row))
    points = path_points(indicator, row.targets)
    path = [
        expected_value(points, year=year) if points and points[0][0] <= year <= points[-1][0] else None
        for year in years
    ]
    stated = {index for index, year in enumerate(years) if year in dict(points)}
    reached = {year: value for year, value in totals.items() if year < on.year}
    if indicator.kind in (Kind.LEVEL, Kind.RANGE, Kind.HOLD) and indicator.baseline_value is not None:
        reached.setdefault(indicator.baseline_year or years[0], indicator.baseline_value)
    ahead = {year: value for year, value in totals.items() if year >= on.year}
    drawing = panel(
        path=path,
        stated=stated,
        reached=[reached.get(year) for year in years],
        ahead=[ahead.get(year) for year in years],
    )
    if drawing is None:
        return None
    lines = []
    for year, promise in zip(years, path, strict=True):
        figure = reached.get(year, ahead.get(year))
        lines.append(
            PathYear(
                year,
                "" if promise is None else path_shown(promise, decimals=indicator.decimals),
                "" if figure is None else figure_shown(figure, indicator.decimals),
                year in ahead,
            )
        )
    is_demo = any(actual.is_demo for actual in row.actuals.values() if actual.state == State.APPROVED)
    return PathPanel(row, drawing, lines, is_demo)


# ---- The years side by side


@dataclass(frozen=True, slots=True)
class Cell(Judged):
    """How one indicator stood in one year."""

    year: int
    verdict: Verdict
    is_first_figure: bool
    is_demo: bool
    engine_said: str


@dataclass(frozen=True, slots=True)
class HeatLine:
    row: Row
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class YearCount:
    """How the rows stood in one year, by number."""

    year: int
    tally: Tally


@dataclass(frozen=True, slots=True)
class HeatSection:
    head: str
    title: str
    lines: list[HeatLine]
    counts: list[YearCount]
    row_set: str  # how an address asks for what the counts count; empty where it cannot

    @property
    def total(self) -> int:
        return self.counts[0].tally.total

    @property
    def lights(self) -> list[tuple[Light, str, list[tuple[int, int]]]]:
        """One line per light for the table of counts: the light, its words, each year with its number."""
        words = {
            Light.GREEN: "完成或符合预期",
            Light.YELLOW: "轻度滞后或基本完成",
            Light.RED: "滞后、回落或未完成",
            Light.GREY: "未评价",
        }
        return [
            (light, word, [(count.year, count.tally.lights[light]) for count in self.counts])
            for light, word in words.items()
        ]


def heat_sections(groups: Groups, *, plan: Plan, year: int, user: User, on: date) -> list[HeatSection]:
    """Every row's verdict in every year of the plan: one query."""
    stored = {
        (found.indicator_id, found.year): found
        for found in Assessment.objects.visible_to(user).filter(indicator__plan=plan)
    }
    sections = []
    for head, rows in groups:
        lines = [HeatLine(row, [_cell(row, at, stored, on=on) for at in plan.years]) for row in rows]
        counts = [YearCount(at, _counts(_in_year(lines, index, stored))[0]) for index, at in enumerate(plan.years)]
        title = _heat_title(lines, counts, year=year, on=on)
        sections.append(HeatSection(head, title, lines, counts, _row_set(rows)))
    return sections


def _row_set(rows: list[Row]) -> str:
    if all(row.depth for row in rows):
        return ""
    return RowSet.NUMBER if any(row.indicator.origin == Origin.TABLE for row in rows) else RowSet.OTHERS_NUMBER


def _cell(row: Row, year: int, stored: dict[tuple[int, int], Assessment], *, on: date) -> Cell:
    found, actual = stored.get((row.indicator.pk, year)), row.actuals.get(year)
    verdict = shown_verdict(found, year=year, on=on)
    is_first = actual is not None and actual.state == State.APPROVED and actual.figure_kind == FigureKind.PRELIMINARY
    is_shown = found is not None and verdict is not Verdict.NOT_DUE
    return Cell(
        year=year,
        verdict=verdict,
        is_first_figure=is_first,
        is_demo=found is not None and is_shown and found.is_demo,
        engine_said=found.engine_said if found is not None and is_shown else "",
    )


def _in_year(lines: list[HeatLine], index: int, stored: dict[tuple[int, int], Assessment]) -> list[Row]:
    """The rows as they stood in one year, to be counted like any others."""
    return [
        replace(
            line.row,
            year=line.cells[index].year,
            verdict=line.cells[index].verdict,
            assessment=stored.get((line.row.indicator.pk, line.cells[index].year)),
        )
        for line in lines
    ]


def _heat_title(lines: list[HeatLine], counts: list[YearCount], *, year: int, on: date) -> str:
    """How the lights of the year compare with the year before, and how many rows have been red for years."""
    known = {count.year: count.tally for count in counts}
    shown = year if known[year].assessable else year - 1
    if shown not in known or not known[shown].assessable:
        return f"{year}年及上一年都还没有可评价的指标"
    lights = known[shown].lights
    told = f"{shown}年{lights[Light.GREEN]}项完成或符合预期"
    before = known.get(shown - 1)
    if before and before.assessable:
        change = lights[Light.GREEN] - before.lights[Light.GREEN]
        told += (
            f"，与{shown - 1}年持平"
            if not change
            else f"，比{shown - 1}年{'多' if change > 0 else '少'}{abs(change)}项"
        )
    red = [line for line in lines if not line.row.depth and _red_years(line, until=shown) >= 2]
    return told + (f"；连续两年以上滞后或未完成{len(red)}项" if red else "；没有连续两年滞后或未完成的")


def _red_years(line: HeatLine, *, until: int) -> int:
    """For how many years in a row up to this one the row was red."""
    number = 0
    for cell in reversed([cell for cell in line.cells if cell.year <= until]):
        if cell.light != Light.RED:
            break
        number += 1
    return number


# ---- The page


@dataclass(frozen=True, slots=True)
class PlanPage:
    """One view of a plan in one data year."""

    view: View
    table: PlanTable
    groups: Groups
    sections: Sequence[BarSection | PathSection | HeatSection]
    outlook: Outlook | None
    approved_until: date | None
    is_over: bool

    @property
    def columns(self) -> int:
        """How many columns the official table has."""
        if self.outlook is None:
            return 10 + len(self.table.target_years)
        return 11 + len(self.table.target_years) + (self.is_over or self.outlook.last is not None)

    @property
    def shows_all_years(self) -> bool:
        """Whether the view shows every year of the plan, whatever the data year."""
        return self.view in (View.PATHS, View.HEAT)


def plan_page(view: View, table: PlanTable, groups: Groups, *, user: User, on: date) -> PlanPage:
    """What the view shows of these rows; one query for the years side by side, none for the others."""
    return PlanPage(
        view=view,
        table=table,
        groups=groups,
        sections=_sections(view, groups, table=table, user=user, on=on),
        outlook=outlook_of(table, on=on),
        approved_until=approved_until(table, year=table.year),
        is_over=table.year < on.year,
    )


def _sections(
    view: View, groups: Groups, *, table: PlanTable, user: User, on: date
) -> Sequence[BarSection | PathSection | HeatSection]:
    """The rows as this view draws them; the official table draws nothing besides."""
    if view == View.BARS:
        return bar_sections(groups, year=table.year, on=on)
    if view == View.PATHS:
        return path_sections(groups, plan=table.plan, year=table.year, on=on)
    if view == View.HEAT:
        return heat_sections(groups, plan=table.plan, year=table.year, user=user, on=on)
    return []
