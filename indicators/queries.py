"""What the pages, files and the API read: dataclasses made in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Max, Prefetch, Q, QuerySet

from accounts.models import User
from indicators.figures import format_figure, format_target
from indicators.models import (
    Actual,
    ActualEvent,
    Assessment,
    Exclusion,
    Indicator,
    Origin,
    Override,
    State,
    Target,
    targets_in_force,
)
from indicators.paths import expected_value, total_reduction
from indicators.reassess import policy_of
from indicators.verdicts import (
    SHORT_LIGHTS,
    VERDICT_LIGHTS,
    VERDICT_WORDS,
    Judged,
    Kind,
    Policy,
    Tally,
    Verdict,
    engine_says,
    tally,
    tally_sentence,
)
from indicators.workflow import FIGURE
from plans.models import Plan


@dataclass(frozen=True, slots=True)
class Row(Judged):
    """One indicator of a plan in one data year, ready to print."""

    indicator: Indicator
    depth: int
    targets: dict[int, Target]
    actuals: dict[int, Actual]
    assessment: Assessment | None
    verdict: Verdict
    year: int
    found: Verdict  # what the engine says, as a reader sees it; another than `verdict` only where a planner ruled
    later: dict[int, Target]  # the targets now in force that count from a later data year only, by target year

    @property
    def ruling(self) -> Override | Exclusion | None:
        """The planner's word in force instead of the engine's: another verdict, or that it takes no part."""
        return self.assessment.ruling if self.assessment else None

    @property
    def ruled_on(self) -> str:
        """What the engine says, in a few words to stand under the verdict in force; empty without a ruling."""
        return engine_says(self.found) if self.ruling else ""

    @property
    def reason(self) -> str:
        """Why the verdict is what it is: the ruling first where there is one, then what the engine found."""
        return explained(self.assessment, found=self.found)

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
    def year_query(self) -> str:
        """How the address of the plan's page says the data year."""
        return f"?year={self.year}"

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
    """The verdict on a year as it is shown on a day of Beijing time: the one rule of pages, files and API alike.

    What is missing or behind in a year that is not over is not due yet; what is reached already is said. As a condition
    it is `AssessmentQuerySet.shown_in` and `shown_as`.
    """
    is_short = verdict is Verdict.UNREPORTED or VERDICT_LIGHTS[verdict] in SHORT_LIGHTS
    return Verdict.NOT_DUE if is_short and year >= on.year else verdict


def shown_verdict(stored: Assessment | None, *, year: int, on: date) -> Verdict:
    """The stored verdict as a reader sees it on a day of Beijing time."""
    return shown_verdict_of(Verdict(stored.verdict) if stored else Verdict.UNREPORTED, year=year, on=on)


def found_verdict(stored: Assessment | None, *, year: int, on: date) -> Verdict:
    """The engine's own verdict as a reader sees it, whoever ruled otherwise."""
    return shown_verdict_of(stored.found if stored else Verdict.UNREPORTED, year=year, on=on)


def explained(stored: Assessment | None, *, found: Verdict) -> str:
    """The whole reason of a verdict; where a planner ruled, both versions with who, when and why.

    What is not due has no reason: the engine's own would speak of a lag.
    """
    if stored is None:
        return ""
    reason = "" if found is Verdict.NOT_DUE else stored.reason
    if stored.ruling is None:
        return reason
    return f"{stored.ruling.said}。系统评价为“{VERDICT_WORDS[found]}”" + (f"：{reason}" if reason else "。")


def data_year(plan: Plan, *, on: date) -> int:
    """The year that page and file open with: the last approved one that is over, else the last approved, else over."""
    approved = Actual.objects.approved().filter(indicator__plan=plan)
    last = approved.aggregate(over=Max("year", filter=Q(year__lt=on.year)), any=Max("year"))
    return last["over"] or last["any"] or max(plan.start_year, min(plan.end_year, on.year - 1))


def data_years(plans: Iterable[Plan], *, on: date) -> dict[int, int]:
    """The same of many plans by their key, in one query."""
    by_key = {plan.pk: plan for plan in plans}
    approved = Actual.objects.approved().filter(indicator__plan__in=by_key).order_by()
    years = approved.values_list("indicator__plan").annotate(
        over=Max("year", filter=Q(year__lt=on.year)), any=Max("year")
    )
    found = {pk: over or last for pk, over, last in years}
    return {pk: found.get(pk) or max(plan.start_year, min(plan.end_year, on.year - 1)) for pk, plan in by_key.items()}


def table_rows(
    indicators: QuerySet[Indicator], *, year: int, user: User, on: date, approved_only: bool = False
) -> list[Row]:
    """These indicators in printed order with targets, figures and finding of the year: four queries.

    The targets are those in force for that data year, so a row shows what it is judged against.
    Approved figures for every reader; figures under review too where the reader works on them (marked by state).
    """
    found = _with_all_of(indicators, years={year}, user=user, approved_only=approved_only)
    return [_row(indicator, year=year, on=on) for indicator in found]


def _with_all_of(
    indicators: QuerySet[Indicator], *, years: Iterable[int], user: User, approved_only: bool
) -> QuerySet[Indicator]:
    """With what a row prints, of one of these data years.

    `approved_only` leaves out what is under review even for those who work on it.
    """
    seen = Actual.objects.visible_to(user)
    if approved_only:
        seen = seen.filter(state=State.APPROVED)
    found = Assessment.objects.with_rulings().filter(year__in=years)
    return indicators.select_related("plan__region", "plan__policy", "theme", "department", "metric").prefetch_related(
        Prefetch("targets", Target.objects.all(), to_attr="target_versions"),
        Prefetch("actuals", seen.select_related("entered_by"), to_attr="seen_actuals"),
        Prefetch("assessments", found, to_attr="year_assessments"),
    )


def plan_table(plan: Plan, *, year: int, user: User, on: date, approved_only: bool = False) -> PlanTable:
    """The official table of a plan with lights for one data year: four queries, however many rows."""
    return plan_tables([plan], years={plan.pk: year}, user=user, on=on, approved_only=approved_only)[0]


def plan_tables(
    plans: Sequence[Plan], *, years: Mapping[int, int], user: User, on: date, approved_only: bool = False
) -> list[PlanTable]:
    """The tables of several plans, each in its own data year (by the plan's key): four queries, however many plans."""
    rows: dict[int, list[Row]] = {plan.pk: [] for plan in plans}
    indicators = Indicator.objects.filter(plan__in=plans)
    for indicator in _with_all_of(indicators, years=set(years.values()), user=user, approved_only=approved_only):
        rows[indicator.plan_id].append(_row(indicator, year=years[indicator.plan_id], on=on))
    return [_plan_table(plan, rows[plan.pk], year=years[plan.pk]) for plan in plans]


def _plan_table(plan: Plan, rows: list[Row], *, year: int) -> PlanTable:
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


def totals_of(indicator: Indicator, yearly: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """What was reached by each year: the figure itself, or what adds up since the plan began, until a year is missing.

    Figures of one year in, figures that can stand beside the target out; both in the indicator's unit.
    """
    kind = Kind(indicator.kind)
    if kind not in (Kind.CUMULATIVE, Kind.CUMULATIVE_REDUCTION):
        return dict(yearly)
    parts: list[Decimal] = []
    totals: dict[int, Decimal] = {}
    for year in indicator.plan.years:
        if year not in yearly:
            break
        parts.append(yearly[year])
        totals[year] = sum(parts, Decimal(0)) if kind == Kind.CUMULATIVE else total_reduction(parts)
    return totals


def _row(indicator: Indicator, *, year: int, on: date) -> Row:
    stored: list[Assessment] = indicator.year_assessments  # type: ignore[attr-defined]
    assessment = next((found for found in stored if found.year == year), None)
    versions: list[Target] = indicator.target_versions  # type: ignore[attr-defined]
    targets = targets_in_force(versions, year=year)
    return Row(
        indicator=indicator,
        depth=0 if indicator.parent_id is None else 1,
        targets=targets,
        actuals={actual.year: actual for actual in indicator.seen_actuals},  # type: ignore[attr-defined]
        assessment=assessment,
        verdict=shown_verdict(assessment, year=year, on=on),
        year=year,
        found=found_verdict(assessment, year=year, on=on),
        later={row.year: row for row in versions if row.is_current and targets.get(row.year) != row},
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
