"""What the pages, files and the API read: dataclasses made in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Max, Prefetch, QuerySet

from accounts.models import User
from accounts.permissions import Permission
from indicators.figures import format_figure, format_target
from indicators.models import Actual, ActualEvent, Assessment, Indicator, Origin, State, Target
from indicators.paths import expected_value
from indicators.reassess import policy_of
from indicators.verdicts import (
    VERDICT_LIGHTS,
    VERDICT_WORDS,
    Kind,
    Light,
    Policy,
    Tally,
    Verdict,
    tally,
    tally_sentence,
)
from indicators.workflow import FIGURE
from plans.models import Plan


@dataclass(frozen=True, slots=True)
class Row:
    """One indicator of a plan in one data year, ready to print."""

    indicator: Indicator
    depth: int
    targets: dict[int, Target]
    actuals: dict[int, Actual]
    assessment: Assessment | None
    verdict: Verdict
    year: int

    @property
    def light(self) -> Light:
        return VERDICT_LIGHTS[self.verdict]

    @property
    def word(self) -> str:
        return VERDICT_WORDS[self.verdict]

    @property
    def actual(self) -> Actual | None:
        """The figure of the data year, in whatever state the reader may see."""
        return self.actuals.get(self.year)

    @property
    def final_target(self) -> Target | None:
        return self.targets[max(self.targets)] if self.targets else None

    @property
    def baseline_shown(self) -> str:
        """The baseline with the printed decimals; the sign of absence as printed where there is none."""
        indicator = self.indicator
        if indicator.baseline_value is None:
            return indicator.baseline_text or "—"
        return format_figure(indicator.baseline_value, decimals=indicator.decimals)

    @property
    def is_demo(self) -> bool:
        return any(actual.is_demo for actual in self.actuals.values())


@dataclass(frozen=True, slots=True)
class PlanTable:
    """A plan's indicators in printed order, and how they stand in one data year."""

    plan: Plan
    year: int
    target_years: list[int]
    rows: list[Row]
    by_number: Tally
    by_row: Tally
    has_demo: bool
    policy: Policy

    @property
    def sentence(self) -> str:
        """The counting sentence, by number."""
        return tally_sentence(self.by_number)

    @property
    def main(self) -> list[Row]:
        """The rows of the document's own indicator table."""
        return [row for row in self.rows if row.indicator.origin == Origin.TABLE]

    @property
    def others(self) -> list[Row]:
        """The quantified targets that stand in boxes and in the text."""
        return [row for row in self.rows if row.indicator.origin != Origin.TABLE]


def target_shown(target: Target | None, *, decimals: int) -> str:
    """A target as the portal writes it: ≥55, 35～40, or its words."""
    if target is None:
        return "—"
    return format_target(
        operator=target.operator, value=target.value, upper=target.upper, text=target.text, decimals=decimals
    )


def actual_shown(actual: Actual | None, *, decimals: int) -> str:
    """A figure as the portal writes it: at least the printed decimals, never fewer than were entered."""
    if actual is None:
        return "—"
    if actual.judgement and actual.value is None:
        return actual.get_judgement_display()
    if actual.value is None:
        return actual.absence_shown
    return format_figure(actual.value, decimals=max(decimals, places_of(actual.value)))


def as_it_stood(event: ActualEvent) -> Actual:
    """The figure as a step of its history kept it, to be written like any other; never to be saved."""
    return Actual(**{name: getattr(event, name) for name in FIGURE})


def figure_shown(value: Decimal | None, decimals: int = 0) -> str:
    """A stored value with at least so many decimals, and never fewer than it has; — where there is none."""
    return "—" if value is None else format_figure(value, decimals=max(decimals, places_of(value)))


def places_of(value: Decimal) -> int:
    """How many decimals a stored value needs: 47.5000 needs one."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def shown_verdict_of(verdict: Verdict, *, year: int, on: date) -> Verdict:
    """An unreported year that is not over yet is not due rather than missing."""
    return Verdict.NOT_DUE if verdict is Verdict.UNREPORTED and year >= on.year else verdict


def shown_verdict(stored: Assessment | None, *, year: int, on: date) -> Verdict:
    """The stored verdict as a reader sees it on a day of Beijing time."""
    return shown_verdict_of(Verdict(stored.verdict) if stored else Verdict.UNREPORTED, year=year, on=on)


def data_year(plan: Plan, *, on: date) -> int:
    """The year a plan's page opens with: the last with an approved figure, else the last that is over."""
    last = Actual.objects.approved().filter(indicator__plan=plan).aggregate(last=Max("year"))["last"]
    return last or max(plan.start_year, min(plan.end_year, on.year - 1))


def table_rows(indicators: QuerySet[Indicator], *, year: int, user: User, on: date) -> list[Row]:
    """These indicators in printed order with targets, figures and finding of the year: four queries.

    Approved figures for every reader; figures under review too where the reader works on them (marked by state).
    """
    seen = Actual.objects.visible_to(user).select_related("entered_by")
    rows = indicators.select_related("plan__region", "plan__policy", "theme", "department", "metric").prefetch_related(
        Prefetch("targets", Target.objects.filter(is_current=True), to_attr="current_targets"),
        Prefetch("actuals", seen, to_attr="seen_actuals"),
        Prefetch("assessments", Assessment.objects.filter(year=year), to_attr="year_assessments"),
    )
    return [_row(indicator, year=year, on=on) for indicator in rows]


def plan_table(plan: Plan, *, year: int, user: User, on: date) -> PlanTable:
    """The official table of a plan with lights for one data year: four queries, however many rows."""
    rows = table_rows(Indicator.objects.filter(plan=plan), year=year, user=user, on=on)
    by_number, by_row = tallies(rows)
    return PlanTable(
        plan=plan,
        year=year,
        target_years=sorted({target_year for row in rows for target_year in row.targets}),
        rows=rows,
        by_number=by_number,
        by_row=by_row,
        has_demo=any(row.is_demo for row in rows),
        policy=policy_of(plan),
    )


def tallies(rows: list[Row]) -> tuple[Tally, Tally]:
    """How these rows stand by number and by row: those of the plan's own table, or all where it prints none."""
    counted = [row for row in rows if row.indicator.origin == Origin.TABLE] or rows
    by_number = [row for row in counted if row.depth == 0]
    return _tally(by_number), _tally([row for row in counted if not row.indicator.is_group])


def _row(indicator: Indicator, *, year: int, on: date) -> Row:
    stored: list[Assessment] = indicator.year_assessments  # type: ignore[attr-defined]
    assessment = stored[0] if stored else None
    return Row(
        indicator=indicator,
        depth=0 if indicator.parent_id is None else 1,
        targets={target.year: target for target in indicator.current_targets},  # type: ignore[attr-defined]
        actuals={actual.year: actual for actual in indicator.seen_actuals},  # type: ignore[attr-defined]
        assessment=assessment,
        verdict=shown_verdict(assessment, year=year, on=on),
        year=year,
    )


def _tally(rows: list[Row]) -> Tally:
    return tally(
        (row.verdict, row.indicator.is_binding, row.assessment.is_met if row.assessment else None) for row in rows
    )


def path_points(indicator: Indicator, targets: dict[int, Target]) -> list[tuple[int, Decimal]]:
    """The promised path as (year, value): baseline, interim targets, final target; empty where none can be drawn.

    What is summed up over the plan starts from zero in the year before the plan.
    """
    plan = indicator.plan
    stated = [(year, target.value) for year, target in sorted(targets.items()) if target.value is not None]
    if indicator.kind == Kind.CUMULATIVE:
        return [(plan.start_year - 1, Decimal(0)), *stated] if stated else []
    if indicator.kind not in (Kind.LEVEL, Kind.HOLD, Kind.RANGE):
        return []
    if indicator.baseline_value is None or indicator.baseline_year is None:
        return stated
    return [(indicator.baseline_year, indicator.baseline_value), *stated] if stated else []


def path_shown(value: Decimal, *, decimals: int) -> str:
    """A figure read off the path: the printed decimals, and one more than none where it is not whole."""
    is_whole = value == value.to_integral_value()
    return format_figure(value, decimals=decimals if decimals or is_whole else 1)


@dataclass(frozen=True, slots=True)
class Promised:
    """What a year ought to reach: printed in the plan, or read off the straight line between printed figures."""

    text: str
    is_stated: bool
    is_words: bool = False


def promised(indicator: Indicator, targets: dict[int, Target], *, year: int) -> Promised | None:
    """The year's target, stated or on the path; None where neither exists."""
    prefix = "累计" if indicator.kind == Kind.CUMULATIVE else ""
    if year in targets:
        stated = targets[year]
        shown = target_shown(stated, decimals=indicator.decimals)
        return Promised(prefix + shown, is_stated=True, is_words=stated.value is None)
    points = path_points(indicator, targets)
    if len(points) < 2 or not points[0][0] < year < points[-1][0]:
        return None
    value = expected_value(points, year=year)
    return Promised(prefix + path_shown(value, decimals=indicator.decimals), is_stated=False)


@dataclass(frozen=True, slots=True)
class YearLine:
    """One year of an indicator's own table."""

    year: int
    promised: Promised | None
    actual: Actual | None
    assessment: Assessment | None
    verdict: Verdict

    @property
    def light(self) -> Light:
        return VERDICT_LIGHTS[self.verdict]

    @property
    def word(self) -> str:
        return VERDICT_WORDS[self.verdict]


@dataclass(frozen=True, slots=True)
class Step:
    """A step in the life of a figure, with the figure it left behind and the one before, where that was another."""

    event: ActualEvent
    figure: str
    was: str


@dataclass(frozen=True, slots=True)
class IndicatorPage:
    """One indicator through the years, with what its chart draws."""

    indicator: Indicator
    lines: list[YearLine]
    latest: YearLine | None
    targets: list[Target]
    steps: list[Step]
    elsewhere: list[Indicator]
    chart: dict[str, object] | None
    has_demo: bool
    may_review: bool

    @property
    def formula(self) -> str:
        """The latest 完成进度 with its figures filled in; empty where it has none or is no plain quotient."""
        line, indicator = self.latest, self.indicator
        final = [target for target in self.targets if target.is_current][-1:]
        if indicator.kind != Kind.LEVEL or not (line and line.actual and line.assessment and final):
            return ""
        figures = (line.actual.value, indicator.baseline_value, final[0].value)
        if line.assessment.progress is None or None in figures:
            return ""
        reached, start, goal = (
            format_figure(value, decimals=max(indicator.decimals, places_of(value)))
            for value in figures
            if value is not None
        )
        share = format_figure(line.assessment.progress * 100, decimals=1)
        return f"完成进度 =（{reached} − {start}）÷（{goal} − {start}）= {share}%"


def indicator_page(indicator: Indicator, *, user: User, on: date) -> IndicatorPage:
    """Everything the indicator's page shows; six queries at most, whatever the number of years and events."""
    versions = list(indicator.targets.select_related("revised_by").order_by("year", "version"))
    targets = {target.year: target for target in versions if target.is_current}
    actuals = {
        actual.year: actual
        for actual in Actual.objects.visible_to(user)
        .filter(indicator=indicator)
        .select_related("entered_by", "approved_by")
    }
    stored = {row.year: row for row in Assessment.objects.visible_to(user).filter(indicator=indicator)}
    lines = [
        YearLine(
            year=year,
            promised=promised(indicator, targets, year=year),
            actual=actuals.get(year),
            assessment=stored.get(year),
            verdict=shown_verdict(stored.get(year), year=year, on=on),
        )
        for year in indicator.plan.years
    ]
    judged = [line for line in lines if line.actual and line.actual.state == State.APPROVED]
    events = ActualEvent.objects.filter(actual__in=actuals.values()).select_related("by", "actual")
    if not user.can(Permission.SEE_UNAPPROVED, indicator.plan.region):
        events = events.filter(state=State.APPROVED)
    elsewhere = (
        Indicator.objects.visible_to(user)
        .filter(metric=indicator.metric)
        .exclude(pk=indicator.pk)
        .select_related("plan__region")
        if indicator.metric
        else Indicator.objects.none()
    )
    return IndicatorPage(
        indicator=indicator,
        lines=lines,
        latest=judged[-1] if judged else None,
        targets=versions,
        steps=_steps(events.order_by("at", "pk"), decimals=indicator.decimals),
        elsewhere=list(elsewhere),
        chart=_chart(indicator, targets, actuals),
        has_demo=any(actual.is_demo for actual in actuals.values()),
        may_review=user.can(Permission.REVIEW, indicator.plan.region),
    )


def _steps(events: QuerySet[ActualEvent], *, decimals: int) -> list[Step]:
    """The latest step first."""
    last: dict[int, str] = {}
    steps = []
    for event in events:
        figure = actual_shown(as_it_stood(event), decimals=decimals)
        was = last.get(event.actual_id, figure)
        steps.append(Step(event, figure, was if was != figure else ""))
        last[event.actual_id] = figure
    return steps[::-1]


def _chart(indicator: Indicator, targets: dict[int, Target], actuals: dict[int, Actual]) -> dict[str, object] | None:
    """Path and actuals as text figures per year; a year without a figure is None, never zero."""
    points = path_points(indicator, targets)
    reached = {year: actual for year, actual in sorted(actuals.items()) if actual.value is not None}
    if not points and not reached:
        return None
    first = min([year for year, _ in points] + [indicator.plan.start_year])
    last = max([year for year, _ in points] + [indicator.plan.end_year])
    years = list(range(first, last + 1))
    stated = {year for year, _ in points}
    path = [
        path_shown(expected_value(points, year=year), decimals=indicator.decimals)
        if points and points[0][0] <= year <= points[-1][0]
        else None
        for year in years
    ]
    total: Decimal | None = Decimal(0)
    shown: list[str | None] = []
    for year in years:
        actual = reached.get(year)
        value = actual.value if actual else None
        if indicator.kind == Kind.CUMULATIVE and year >= indicator.plan.start_year:
            total = None if value is None or total is None else total + value
            value = total
        shown.append(
            None if value is None else format_figure(value, decimals=max(indicator.decimals, places_of(value)))
        )
    return {
        "unit": indicator.unit,
        "name": indicator.name,
        "years": years,
        "path": path,
        "stated": sorted(stated),
        "actual": shown,
        "unapproved": [year for year, actual in reached.items() if actual.state != State.APPROVED],
        "demo": [year for year, actual in reached.items() if actual.is_demo],
    }
