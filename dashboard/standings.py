"""How plans stand in their data year: counted by the database, by number, approved figures only.

The data year is the last one that is over and has approved figures.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import reduce
from operator import or_

from django.db.models import Count, Max, Q

from indicators.models import Actual, Assessment, Attribute, Availability, Indicator, Origin, State
from indicators.queries import shown_verdict_of
from indicators.verdicts import VERDICT_LIGHTS, VERDICT_WORDS, Light, Tally, Verdict, tally, tally_sentence
from plans.models import Plan, Round, Theme

LIGHT_NAMES = {
    Light.RED: "滞后或未完成",
    Light.YELLOW: "轻度滞后或基本完成",
    Light.GREEN: "完成或符合预期",
    Light.GREY: "未评价",
}

PASSED_ON = (State.SUBMITTED, State.APPROVED)

Counts = Counter[tuple[Verdict, str, int, bool | None]]  # (verdict, attribute, theme, is_met) → how many


@dataclass(frozen=True, slots=True)
class Segment:
    """A light's share of a bar that is as long as there are indicators."""

    light: Light
    word: str
    count: int
    start: int


def segments(standing: Tally) -> list[Segment]:
    """All four lights in the order in which a leader reads: what lags first."""
    lights, found, start = standing.lights, [], 0
    for light, word in LIGHT_NAMES.items():
        found.append(Segment(light, word, lights[light], start))
        start += lights[light]
    return found


@dataclass(frozen=True, slots=True)
class Group:
    """The indicators of one attribute or theme."""

    key: str
    word: str
    standing: Tally

    @property
    def segments(self) -> list[Segment]:
        return segments(self.standing)


@dataclass(frozen=True, slots=True)
class Reporting:
    """How far the figures of a year have come in: approved and due rows of a plan."""

    year: int
    approved: int
    due: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How some indicators stand: those of one plan in its data year, or of all plans below a region."""

    counts: Counts
    themes: dict[int, Theme]
    tally: Tally

    @property
    def sentence(self) -> str:
        return tally_sentence(self.tally)

    @property
    def segments(self) -> list[Segment]:
        return segments(self.tally)

    @property
    def binding_red(self) -> int:
        binding = self.tally.binding_verdicts.items()
        return sum(count for verdict, count in binding if VERDICT_LIGHTS[verdict] is Light.RED)

    @property
    def verdicts(self) -> list[tuple[str, str, int]]:
        """Each verdict that occurs, with its word, in the order of the sentence."""
        return [(verdict.value, VERDICT_WORDS[verdict], n) for verdict, n in self.tally.verdicts.items()]

    @property
    def n_excluded(self) -> int:
        return sum(self.tally.excluded.values())

    @property
    def attributes(self) -> list[Group]:
        return [group for code, word in Attribute.choices if (group := self._group(code, word, 1, code)).standing.total]

    @property
    def by_theme(self) -> list[Group]:
        """Theme by theme in the portal's order."""
        used = {theme for _, _, theme, _ in self.counts}
        themes = sorted((self.themes[pk] for pk in used), key=lambda theme: theme.order)
        return [self._group(theme.code, theme.name, 2, theme.pk) for theme in themes]

    def _group(self, key: str, word: str, place: int, value: object) -> Group:
        return Group(
            key, word, tally_of(Counter({found: n for found, n in self.counts.items() if found[place] == value}))
        )

    @property
    def message(self) -> str:
        """What the chart by theme says, as its title."""
        lagging = {group.word: group.standing.lights[Light.RED] for group in self.by_theme}
        most = max(lagging.values(), default=0)
        if not most:
            return "各业务领域均无滞后指标"
        named = "、".join(word for word, count in lagging.items() if count == most)
        return f"滞后指标最多的领域：{named}（{most}项）"

    @property
    def chart(self) -> dict[str, object]:
        """The lights by theme, for the chart."""
        groups = self.by_theme
        lights = {light.value: [group.standing.lights[light] for group in groups] for light in Light}
        return {"names": [group.word for group in groups], **lights}


@dataclass(frozen=True, slots=True)
class PlanStanding:
    """One plan in its data year: the last year that is over and has approved figures; None where there is none."""

    plan: Plan
    year: int | None
    standing: Standing
    reporting: list[Reporting]
    has_table: bool
    overdue: int
    last_round: Round | None
    approved_at: datetime | None
    is_demo: bool

    @property
    def met_rate(self) -> Decimal | None:
        return self.standing.tally.met_rate

    @property
    def year_query(self) -> str:
        """How the address of the plan's page says the data year."""
        return f"?year={self.year}"


# ---- How they are counted


def plan_standings(plans: Sequence[Plan], *, on: date) -> list[PlanStanding]:
    """Six queries: rows due, rows in, rounds with their extensions, findings, themes."""
    due: defaultdict[int, Counter[int | None]] = defaultdict(Counter)
    to_report = Indicator.objects.filter(plan__in=plans, is_group=False).order_by()
    for plan, department, n in to_report.values_list("plan", "department").annotate(n=Count("pk")):
        due[plan][department] += n
    rows = _rows_in(plans)
    years = {plan.pk: _data_year(rows.approved[plan.pk], on=on) for plan in plans}
    closed = closed_rounds(plans, on=on)
    counts, with_table = _counts({pk: year for pk, year in years.items() if year}, on=on)
    themes = Theme.objects.in_bulk()
    found = []
    for plan in plans:
        year = years[plan.pk]
        later = range((year or plan.start_year - 1) + 1, min(plan.end_year, on.year) + 1)
        total = due[plan.pk].total()
        found.append(
            PlanStanding(
                plan=plan,
                year=year,
                standing=standing_by(counts[plan.pk], themes),
                reporting=[Reporting(at, rows.approved[plan.pk][at], total) for at in later],
                has_table=plan.pk in with_table,
                overdue=sum(_late(round_, due[plan.pk], rows.passed_on, on=on) for round_ in closed[plan.pk]),
                last_round=_last_closed(closed[plan.pk], on=on),
                approved_at=rows.approved_at.get(plan.pk),
                is_demo=bool(year) and any(rows.demo[plan.pk][at] for at in plan.years if at <= (year or 0)),
            )
        )
    return found


@dataclass(slots=True)
class RowsIn:
    """What has come in, by plan and year."""

    approved: defaultdict[int, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    demo: defaultdict[int, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    passed_on: Counter[tuple[int, int, int | None]] = field(default_factory=Counter)
    approved_at: dict[int, datetime] = field(default_factory=dict)


def _rows_in(plans: Sequence[Plan]) -> RowsIn:
    """One query. States are counted, no figure is read."""
    rows = RowsIn()
    reported = Actual.objects.filter(indicator__plan__in=plans, state__in=PASSED_ON).order_by()
    reported = reported.exclude(availability=Availability.UNREPORTED)
    counted = reported.values_list("indicator__plan", "year", "indicator__department", "state").annotate(
        n=Count("pk"), n_demo=Count("pk", filter=Q(is_demo=True)), last=Max("approved_at")
    )
    for plan, year, department, state, n, n_demo, last in counted:
        rows.passed_on[plan, year, department] += n
        if state == State.APPROVED:
            rows.approved[plan][year] += n
            rows.demo[plan][year] += n_demo
            if last:
                rows.approved_at[plan] = max(last, rows.approved_at.get(plan, last))
    return rows


def _data_year(approved: Counter[int], *, on: date) -> int | None:
    """The last year that is over and has approved figures, else the last with any."""
    over = [year for year in approved if year < on.year]
    return max(over or approved, default=None)


def closed_rounds(plans: Sequence[Plan], *, on: date) -> defaultdict[int, list[Round]]:
    """The rounds whose due date is over, by plan: two queries."""
    found: defaultdict[int, list[Round]] = defaultdict(list)
    for round_ in Round.objects.filter(plan__in=plans, due_on__lt=on).prefetch_related("extensions"):
        found[round_.plan_id].append(round_)
    return found


def _last_closed(rounds: Sequence[Round], *, on: date) -> Round | None:
    """The round that closed last; one that was extended for the whole plan until today or later is still open."""
    return max((round_ for round_ in rounds if round_.deadline() < on), key=Round.deadline, default=None)


def _late(round_: Round, due: Counter[int | None], passed_on: Counter[tuple[int, int, int | None]], *, on: date) -> int:
    """Rows not passed on when their department's deadline was over, as 催报 counts them."""
    is_extended = bool(round_.extensions.all())
    return sum(
        max(0, n - passed_on[round_.plan_id, round_.year, department])
        for department, n in due.items()
        if not is_extended or round_.deadline(department) < on
    )


def in_year(years: dict[int, int]) -> Q:
    """The findings of each plan in its year."""
    by_year: defaultdict[int, list[int]] = defaultdict(list)
    for plan, year in years.items():
        by_year[year].append(plan)
    return reduce(or_, (Q(year=year, indicator__plan__in=plans) for year, plans in by_year.items()), Q(pk__in=()))


def _counts(years: dict[int, int], *, on: date) -> tuple[defaultdict[int, Counts], set[int]]:
    """Counted by number: the numbered rows of a plan's own table, or all where it prints no table. One query.

    Also which of the plans print a table.
    """
    tabled: defaultdict[int, Counts] = defaultdict(Counter)
    others: defaultdict[int, Counts] = defaultdict(Counter)
    found = Assessment.objects.filter(in_year(years), indicator__parent=None).order_by()
    names = ("indicator__plan", "indicator__origin", "verdict", "indicator__attribute", "indicator__theme", "is_met")
    for plan, origin, verdict, attribute, theme, is_met, n in found.values_list(*names).annotate(n=Count("pk")):
        kept = tabled if origin == Origin.TABLE else others
        shown = shown_verdict_of(Verdict(verdict), year=years[plan], on=on)
        kept[plan][shown, attribute, theme, is_met] += n
    return defaultdict(Counter, {plan: tabled.get(plan) or others[plan] for plan in years}), set(tabled)


def standing_by(counts: Counts, themes: dict[int, Theme]) -> Standing:
    return Standing(counts, themes, tally_of(counts))


def tally_of(counts: Counts) -> Tally:
    return tally(
        (verdict, attribute == Attribute.BINDING, is_met) for verdict, attribute, _, is_met in counts.elements()
    )


def counted(heads: Sequence[PlanStanding], *, before: int = 0) -> Q:
    """The findings that the sentences count, in the data year or so many years before."""
    years = {head.plan.pk: head.year - before for head in heads if head.year}
    without_table = [head.plan.pk for head in heads if not head.has_table]
    of_the_table = Q(indicator__origin=Origin.TABLE) | Q(indicator__plan__in=without_table)
    return in_year(years) & Q(indicator__parent=None) & of_the_table
