"""One metric across regions and years, for the page and the file of it. What is defined differently is named and never
ranked."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.db.models import Count, Max, Prefetch, Q

from accounts.models import Region, User
from indicators.elsewhere import measured_as
from indicators.figures import same_unit
from indicators.models import Actual, Assessment, Indicator, Metric, Target, targets_in_force
from indicators.models.words import DIRECTION_WORDS, KIND_WORDS
from indicators.queries import (
    actual_shown,
    explained,
    figure_shown,
    found_verdict,
    shown_verdict,
    target_shown,
)
from indicators.verdicts import VERDICT_LIGHTS, VERDICT_WORDS, Direction, Kind, Light, Verdict, engine_says
from plans.models import Theme

# All that the page writes of a figure; hundreds are read at once.
SHOWN_OF_ACTUALS = ("indicator", "year", "value", "judgement", "availability", "absence_reason", "is_demo")


# ---- The list


@dataclass(frozen=True, slots=True)
class MetricLine:
    """A metric on the list: who promises it, and until when there are approved figures."""

    metric: Metric
    plans: int
    regions: int
    reported: int
    last_year: int | None

    def is_called(self, text: str) -> bool:
        """Whether its name, another wording or its code holds the text; case and width do not matter."""
        names = (self.metric.name, self.metric.code, *(alias.name for alias in self.metric.aliases.all()))
        return any(folded(text) in folded(name) for name in names)


def folded(text: str) -> str:
    """A text as a search compares it: ＡＢ and ab are the same."""
    return unicodedata.normalize("NFKC", text).casefold()


def compared_metrics(user: User, *, with_unused: bool = False) -> list[MetricLine]:
    """The entries of the dictionary that occur in plans this person may see, or all of them, by theme: four queries.

    Within a theme the most widely promised comes first.
    """
    linked = Indicator.objects.visible_to(user).exclude(metric=None).order_by()
    uses = {
        pk: (plans, regions)
        for pk, plans, regions in linked.values_list("metric").annotate(
            plans=Count("plan", distinct=True), regions=Count("plan__region", distinct=True)
        )
    }
    approved = Actual.objects.approved().filter(indicator__in=linked).order_by()
    reported = {
        pk: (plans, last)
        for pk, plans, last in approved.values_list("indicator__metric").annotate(
            plans=Count("indicator__plan", distinct=True), last=Max("year")
        )
    }
    metrics = Metric.objects.select_related("theme").prefetch_related("aliases")
    lines = [
        MetricLine(metric, *uses.get(metric.pk, (0, 0)), *reported.get(metric.pk, (0, None)))
        for metric in (metrics if with_unused else metrics.filter(pk__in=uses))
    ]
    return sorted(lines, key=lambda line: (line.metric.theme.order, -line.regions, -line.plans, line.metric.code))


def by_theme(lines: Iterable[MetricLine]) -> list[tuple[Theme, list[MetricLine]]]:
    """The lines under their themes, both in the order given."""
    groups: dict[Theme, list[MetricLine]] = {}
    for line in lines:
        groups.setdefault(line.metric.theme, []).append(line)
    return list(groups.items())


# ---- The rows of one metric


@dataclass(frozen=True, slots=True)
class MetricRow:
    """An indicator that measures the metric, or comes close to it, with what was approved of it."""

    indicator: Indicator
    targets: list[Target]  # every version
    actuals: dict[int, Actual]
    assessments: dict[int, Assessment]
    differences: list[str]

    @property
    def region(self) -> Region:
        return self.indicator.plan.region

    @property
    def span(self) -> tuple[int, int]:
        return self.indicator.plan.start_year, self.indicator.plan.end_year

    def value(self, year: int | None) -> Decimal | None:
        actual = self.actuals.get(year) if year else None
        return actual.value if actual else None

    def value_that_counts(self, year: int) -> Decimal | None:
        """The figure of a year in which the indicator takes part in the assessment."""
        stored = self.assessments.get(year)
        return None if stored and stored.exclusion else self.value(year)


def metric_seen_by(user: User, name: str) -> Metric | None:
    """The metric with this code, or this number; None unless a plan that this person may see promises it."""
    seen = Metric.objects.filter(pk__in=Indicator.objects.visible_to(user).exclude(metric=None).values("metric"))
    wanted = Q(code=name) | (Q(pk=int(name)) if name.isascii() and name.isdigit() and len(name) < 10 else Q())
    found = seen.filter(wanted).select_related("theme").prefetch_related("aliases")
    # a code of digits goes before the number
    return min(found, key=lambda metric: metric.code != name, default=None)


def metric_rows(metric: Metric, *, user: User) -> list[MetricRow]:
    """The metric in every plan this person may see, by region code and period: four queries, however many plans.

    Approved figures only, for every reader. Rows that are not linked because they measure something close are among
    them, as far as their reason names the metric.
    """
    names = [metric.name, *(alias.name for alias in metric.aliases.all())]
    close = Q(*(Q(metric_note__contains=name) for name in names), _connector=Q.OR)
    indicators = list(
        Indicator.objects.visible_to(user)
        .filter(Q(metric=metric) | (Q(metric=None) & close))
        .select_related("plan__region")
        .prefetch_related(
            Prefetch("targets", Target.objects.all(), to_attr="target_versions"),
            Prefetch("actuals", Actual.objects.approved().only(*SHOWN_OF_ACTUALS), to_attr="approved_actuals"),
            Prefetch("assessments", Assessment.objects.with_rulings(), to_attr="found"),
        )
        .order_by("plan__region__code", "plan__start_year", "plan__end_year", "plan", "order", "pk")
    )
    usual = _usual(metric, [row for row in indicators if row.metric_id])
    return [
        MetricRow(
            indicator=row,
            targets=row.target_versions,  # type: ignore[attr-defined]
            actuals={actual.year: actual for actual in row.approved_actuals},  # type: ignore[attr-defined]
            assessments={found.year: found for found in row.found},  # type: ignore[attr-defined]
            differences=_differences(row, metric=metric, usual=usual),
        )
        for row in indicators
    ]


@dataclass(frozen=True, slots=True)
class Usual:
    """What the dictionary leaves open, as most of the linked rows have it."""

    kind: Kind
    definition: str


def _usual(metric: Metric, linked: list[Indicator]) -> Usual:
    kinds = Counter(measured_as(row) for row in linked)
    stated = Counter(text for row in linked if (text := row.definition.strip()))
    return Usual(
        kind=max(Kind, key=lambda kind: kinds[kind]),
        definition=metric.definition.strip() or max(sorted(stated), key=lambda text: stated[text], default=""),
    )


def _differences(indicator: Indicator, *, metric: Metric, usual: Usual) -> list[str]:
    """In words, why this row cannot be compared; empty where nothing speaks against it."""
    if indicator.metric_id is None:
        return [f"未与指标库关联：{indicator.metric_note}"]
    found = []
    if not same_unit(indicator.unit, metric.unit):
        found.append(f"单位为“{indicator.unit or '无'}”，指标库为“{metric.unit or '无'}”")
    if measured_as(indicator) is not usual.kind:
        found.append(f"类型为“{KIND_WORDS[Kind(indicator.kind)]}”，可比的规划为“{KIND_WORDS[usual.kind]}”")
    if indicator.direction != metric.direction:
        own, theirs = (DIRECTION_WORDS[Direction(row.direction)] for row in (indicator, metric))
        found.append(f"方向为“{own}”，指标库为“{theirs}”")
    if indicator.definition.strip() not in ("", usual.definition):
        found.append(f"本规划另有口径：{indicator.definition.strip()}")
    if indicator.metric_note:
        found.append(f"规划注明：{indicator.metric_note}")
    return found


# ---- Side by side


@dataclass(frozen=True, slots=True)
class Choice:
    """What the reader asks to compare; None and empty: everything there is."""

    period: tuple[int, int] | None = None
    year: int | None = None
    level: str = ""
    regions: frozenset[str] = frozenset()

    def keeps(self, row: MetricRow) -> bool:
        start, end = row.span
        return (
            (self.period is None or (self.period[0] <= start and end <= self.period[1]))
            and self.level in ("", row.region.level)
            and (not self.regions or row.region.code in self.regions)
        )


@dataclass(frozen=True, slots=True)
class YearCell:
    """One year of a row; a year outside the plan is neither missing nor zero."""

    year: int
    actual: Actual | None
    is_in_plan: bool
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class CompareLine:
    """A row as the table prints it, judged in the chosen year, else in its own latest one with an approved figure."""

    row: MetricRow
    year: int | None
    cells: list[YearCell]
    verdict: Verdict | None
    found: Verdict | None  # what the engine says, as a reader sees it; another only where a planner ruled
    rank: int | None = None
    is_tied: bool = False

    @property
    def indicator(self) -> Indicator:
        return self.row.indicator

    @property
    def assessment(self) -> Assessment | None:
        return self.row.assessments.get(self.year) if self.year else None

    @property
    def light(self) -> Light | None:
        return VERDICT_LIGHTS[self.verdict] if self.verdict else None

    @property
    def word(self) -> str:
        return VERDICT_WORDS[self.verdict] if self.verdict else "—"

    @property
    def reason(self) -> str:
        """Why the verdict is what it is: the ruling first where there is one, then what the engine found."""
        return explained(self.assessment, found=self.found) if self.found else ""

    @property
    def ruled_on(self) -> str:
        """What the engine says, to stand under the verdict in force; empty without a ruling."""
        is_ruled = self.found and self.assessment and self.assessment.ruling
        return engine_says(self.found) if is_ruled and self.found else ""

    @property
    def target(self) -> Target | None:
        """The final target as it counts in the year that is judged, else as it counts now."""
        targets = targets_in_force(self.row.targets, year=self.year or self.indicator.plan.end_year)
        return targets[max(targets)] if targets else None

    @property
    def has_figure(self) -> bool:
        actual = self.row.actuals.get(self.year) if self.year else None
        return actual is not None and bool(actual.value is not None or actual.judgement)

    @property
    def is_met(self) -> bool:
        return self.has_figure and self.assessment is not None and self.assessment.is_met is True

    @property
    def target_shown(self) -> str:
        return target_shown(self.target, decimals=self.indicator.decimals)

    @property
    def baseline_shown(self) -> str:
        return figure_shown(self.indicator.baseline_value, self.indicator.decimals)

    @property
    def figures(self) -> dict[int, tuple[str, bool]]:
        """The figures of the years that a chart can draw, as written, and whether each is a demo's."""
        decimals = self.indicator.decimals
        return {
            year: (actual_shown(actual, decimals=decimals), actual.is_demo)
            for year, actual in sorted(self.row.actuals.items())
            if actual.value is not None
        }

    @property
    def baseline_year(self) -> int | None:
        """The year of a baseline that stands on the same scale as the figures: a sum's does not."""
        indicator = self.indicator
        is_drawn = measured_as(indicator) is Kind.LEVEL and indicator.baseline_value is not None
        return indicator.baseline_year if is_drawn else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One metric across the chosen plans: what is comparable, and apart from it what is defined differently."""

    metric: Metric
    year: int | None
    lines: list[CompareLine]
    others: list[CompareLine]
    is_ranked: bool
    sentence: str
    ranking_note: str
    has_demo: bool


def comparison(metric: Metric, rows: list[MetricRow], *, choice: Choice, on: date) -> Comparison:
    """A metric as the reader asks to see it; asks the database nothing more."""
    kept = [row for row in rows if choice.keeps(row)]
    alike, others = (_block(part, choice=choice, on=on) for part in _parted(kept))
    year = choice.year or _common_year(alike)
    ranked = _ranked(alike, year=year, direction=Direction(metric.direction)) if metric.is_ranked and year else []
    shown = ranked or alike
    return Comparison(
        metric=metric,
        year=year,
        lines=shown,
        others=others,
        is_ranked=bool(ranked),
        sentence=_sentence(metric, shown, others=len(others), chosen=choice.year),
        ranking_note=_ranking_note(metric, year=year, is_ranked=bool(ranked)),
        has_demo=any(actual.is_demo for row in kept for actual in row.actuals.values()),
    )


def _common_year(lines: list[CompareLine]) -> int | None:
    """The latest year in which two regions have a figure, so that there is something to compare; else the latest."""
    regions: dict[int, set[int]] = {}
    for line in lines:
        for year in line.figures:
            regions.setdefault(year, set()).add(line.row.region.pk)
    return max(regions, key=lambda year: (len(regions[year]) > 1, year), default=None)


def _parted(rows: list[MetricRow]) -> tuple[list[MetricRow], list[MetricRow]]:
    """What is comparable, and what is defined differently."""
    return [row for row in rows if not row.differences], [row for row in rows if row.differences]


def _block(rows: list[MetricRow], *, choice: Choice, on: date) -> list[CompareLine]:
    """The lines of one table: the years of the chosen period, else of all its plans."""
    spans = [choice.period] if choice.period else [row.span for row in rows]
    years = list(range(min(spans)[0], max(end for _, end in spans) + 1)) if rows else []
    return [_line(row, years=years, chosen=choice.year, on=on) for row in rows]


def _line(row: MetricRow, *, years: list[int], chosen: int | None, on: date) -> CompareLine:
    plan_years = row.indicator.plan.years
    reported = [year for year, actual in row.actuals.items() if actual.value is not None or actual.judgement]
    year = chosen or max(reported, default=None)
    judged = year or plan_years[0]
    stored, is_judged = row.assessments.get(judged), judged in plan_years
    verdict = shown_verdict(stored, year=judged, on=on) if is_judged else None
    return CompareLine(
        row=row,
        year=year if verdict else None,
        cells=[YearCell(each, row.actuals.get(each), each in plan_years, each == chosen) for each in years],
        verdict=verdict,
        found=found_verdict(stored, year=judged, on=on) if is_judged else None,
    )


def _ranked(lines: list[CompareLine], *, year: int, direction: Direction) -> list[CompareLine]:
    """The lines by the figure of one year, the best first, those without one last; empty where nothing competes.

    What a planner took out of the assessment of the year has no place either.

    A place is one more than the number of regions with a better figure, so that equal figures share it and a region
    with two plans takes up one place only.
    """
    figures = [(line, value) for line in lines if (value := line.row.value_that_counts(year)) is not None]
    if len({line.row.region for line, _ in figures}) < 2:
        return []
    sign = 1 if direction is Direction.UP else -1
    shared = Counter(value for _, value in figures)
    places: dict[Decimal, int] = {}
    better: set[int] = set()
    for value in sorted(shared, key=lambda value: -sign * value):
        places[value] = len(better) + 1
        better |= {line.row.region.pk for line, reached in figures if reached == value}
    placed = [replace(line, rank=places[value], is_tied=shared[value] > 1) for line, value in figures]
    placed.sort(key=lambda line: line.rank or 0)  # stable: equal ones stay in the order of region codes
    return placed + [line for line in lines if line.row.value_that_counts(year) is None]


def _sentence(metric: Metric, lines: list[CompareLine], *, others: int, chosen: int | None) -> str:
    """How many plans promise it, how many of them have figures and met it, and as of when."""
    apart = f"另有{others}个口径不同，列在后面，不参与比较。" if others else ""
    if not lines:
        return f"所选范围内没有口径一致、可以比较的规划。{apart}"
    regions = {line.row.region for line in lines}
    plans = {line.indicator.plan_id for line in lines}
    who = f"{lines[0].row.region.name}的" if len(regions) == 1 else f"{len(regions)}个地区的"
    said = f"{who}{len(plans)}个规划提出“{metric.name}”"
    alone = "暂无其他规划可比。" if len(plans) == 1 and not others else ""
    reported = [line for line in lines if line.has_figure]
    when = f"{chosen}年" if chosen else ""
    if not reported:
        return f"{said}，{when}尚无已审核的数据。{alone}{apart}"
    last = "" if chosen else f"；各取最新数据年度，最近为{max(line.year or 0 for line in reported)}年"
    return f"{said}，{when}{_reached(reported, of=len(plans))}{last}。{alone}{apart}"


def _reached(reported: list[CompareLine], *, of: int) -> str:
    """How many plans have figures, and how many of these met what they promised."""
    plans = {line.indicator.plan_id for line in reported}
    met = len(plans - {line.indicator.plan_id for line in reported if not line.is_met})
    have = f"{len(plans)}个有已审核的数据" if len(plans) < of else "均有已审核的数据" if of > 1 else "有已审核的数据"
    if len(plans) == 1:
        return f"{have}，{'已达到目标' if met else '尚未达到目标'}"
    return f"{have}，" + ("均达到目标" if met == len(plans) else f"其中{met}个达到目标" if met else "都还没有达到目标")


def _ranking_note(metric: Metric, *, year: int | None, is_ranked: bool) -> str:
    if is_ranked:
        order = "数值高者在前" if metric.direction == Direction.UP else "数值低者在前（越低越好）"
        return f"按{year}年已审核数据排名，{order}；数值相同名次并列，没有该年数据或不参与评价的不排名。"
    if metric.is_ranked:
        when = f"{year}年" if year else ""
        return f"不排名：{when}有已审核数据且口径一致的地区不足两个。各行按区划代码排列。"
    return "不排名：指标库未将这一指标设为参加排名。各行按区划代码排列。"
