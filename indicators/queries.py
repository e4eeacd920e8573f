"""What the pages, files and the API read: dataclasses made in a fixed number of queries."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Count, Max, Prefetch

from accounts.models import User
from accounts.permissions import Permission
from indicators.figures import format_figure, format_target
from indicators.models import Actual, Assessment, Availability, Indicator, Origin, State, Target
from indicators.verdicts import VERDICT_LIGHTS, VERDICT_WORDS, Light, Tally, Verdict, tally, tally_sentence
from plans.models import Plan, Round

# From worst to best: a group row takes the worst light of the rows below it.
SEVERITY = (Light.RED, Light.YELLOW, Light.GREY, Light.GREEN)


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
    sentence: str = field(default="")

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
        return actual.get_availability_display()
    return format_figure(actual.value, decimals=max(decimals, places_of(actual.value)))


def places_of(value: Decimal) -> int:
    """How many decimals a stored value needs: 47.5000 needs one."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def shown_verdict(stored: Assessment | None, *, year: int, on: date) -> Verdict:
    """The stored verdict; an unreported year that is not over yet is not due rather than missing."""
    verdict = Verdict(stored.verdict) if stored else Verdict.UNREPORTED
    if verdict is Verdict.UNREPORTED and year >= on.year:
        return Verdict.NOT_DUE
    return verdict


def data_year(plan: Plan, *, on: date) -> int:
    """The year a plan's page opens with: the last with an approved figure, else the last that is over."""
    last = Actual.objects.approved().filter(indicator__plan=plan).aggregate(last=Max("year"))["last"]
    return last or max(plan.start_year, min(plan.end_year, on.year - 1))


def plan_table(
    plan: Plan, *, year: int, user: User, on: date, indicators: set[int] | None = None
) -> PlanTable:
    """The official table of a plan with lights for one data year: five queries, however many rows.

    Approved figures for every reader; figures under review too where the reader works on them (marked by state).
    """
    found = list(
        Indicator.objects.filter(plan=plan)
        .select_related("plan__region", "theme", "department", "metric")
        .prefetch_related(
            Prefetch("targets", Target.objects.filter(is_current=True), to_attr="current_targets"),
            Prefetch(
                "actuals",
                Actual.objects.visible_to(user).select_related("entered_by"),
                to_attr="seen_actuals",
            ),
            Prefetch("assessments", Assessment.objects.filter(year=year), to_attr="year_assessments"),
        )
    )
    rows = [_row(indicator, year=year, on=on) for indicator in found]
    verdicts = {row.indicator.pk: row.verdict for row in rows}
    rows = [_grouped(row, rows, verdicts) for row in rows]
    shown = [row for row in rows if indicators is None or row.indicator.pk in indicators]
    counted = [row for row in rows if row.indicator.origin == Origin.TABLE] or rows
    by_number = _tally([row for row in counted if row.depth == 0])
    return PlanTable(
        plan=plan,
        year=year,
        target_years=sorted({target_year for row in rows for target_year in row.targets}),
        rows=shown,
        by_number=by_number,
        by_row=_tally([row for row in counted if not row.indicator.is_group]),
        has_demo=any(row.is_demo for row in rows),
        sentence=tally_sentence(by_number),
    )


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


def _grouped(row: Row, rows: list[Row], verdicts: dict[int, Verdict]) -> Row:
    """A group row stands as badly as the worst row below it; any other row as it is."""
    if not row.indicator.is_group:
        return row
    below = [verdicts[other.indicator.pk] for other in rows if other.indicator.parent_id == row.indicator.pk]
    worst = min(below, key=lambda verdict: SEVERITY.index(VERDICT_LIGHTS[verdict]), default=row.verdict)
    return Row(row.indicator, row.depth, row.targets, row.actuals, None, worst, row.year)


def _tally(rows: list[Row]) -> Tally:
    return tally(
        (row.verdict, row.indicator.is_binding, row.assessment.is_met if row.assessment else None)
        for row in rows
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many figures of one plan and year wait for a person, and until when."""

    plan: Plan
    year: int
    due_on: date
    to_fill: int
    drafts: int
    returned: int
    to_review: int

    @property
    def to_submit(self) -> int:
        return self.drafts + self.returned


def waiting_for(user: User, *, on: date) -> list[Waiting]:
    """What the rounds still ask of this person, most urgent first; four queries, however many plans and years.

    `to_fill` counts rows without a figure or stated absence; `to_review` leaves out what this person entered.
    """
    theirs = Round.objects.visible_to(user, Permission.ENTER) | Round.objects.visible_to(
        user, Permission.REVIEW
    )
    rounds = (
        theirs.filter(opens_on__lte=on).select_related("plan__region").order_by("due_on", "-year", "plan")
    )
    entered = Indicator.objects.enterable_by(user).filter(is_group=False)
    fillable = dict(entered.order_by().values_list("plan").annotate(n=Count("pk")))
    filled = Counter(
        Actual.objects.filter(indicator__in=entered).values_list(
            "indicator__plan", "year", "state", "availability"
        )
    )
    submitted = Counter(
        Actual.objects.visible_to(user, Permission.REVIEW)
        .filter(state=State.SUBMITTED)
        .exclude(entered_by=user)
        .values_list("indicator__plan", "year")
    )

    def waiting(round_: Round) -> Waiting:
        states: Counter[str] = Counter()
        for (plan, year, state, availability), count in filled.items():
            if (plan, year) == (round_.plan_id, round_.year):
                states[availability if availability == Availability.UNREPORTED else state] += count
        done = sum(count for state, count in states.items() if state != Availability.UNREPORTED)
        return Waiting(
            plan=round_.plan,
            year=round_.year,
            due_on=round_.due_on,
            to_fill=fillable.get(round_.plan_id, 0) - done,
            drafts=states[State.DRAFT],
            returned=states[State.RETURNED],
            to_review=submitted[(round_.plan_id, round_.year)],
        )

    return [found for found in map(waiting, rounds) if found.to_fill or found.to_submit or found.to_review]
