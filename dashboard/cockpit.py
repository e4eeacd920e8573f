"""驾驶舱: how a region's plans stand, what lags, who owns it, and what changed; the big screen shows the same.

One function, a fixed number of queries whatever the number of plans, years and regions: the database counts, and only
what is shown is loaded. Approved figures only.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial, reduce
from operator import or_
from typing import Any

from django.db.models import Case, Count, Exists, F, IntegerField, Max, OuterRef, Prefetch, Q, Value, When
from django.utils import timezone

from accounts.models import Region, User
from accounts.permissions import Permission
from accounts.regions import COUNTRY_CODE, code_prefix
from indicators.models import Actual, Assessment, Attribute, Availability, Indicator, Origin, State, Target
from indicators.queries import shown_verdict, shown_verdict_of
from indicators.verdicts import VERDICT_LIGHTS, VERDICT_WORDS, Light, Tally, Verdict, tally, tally_sentence
from plans.models import Plan, Round, Theme
from plans.periods import Period, period_of
from projects.models import Project, ProjectReport, WorkItem, WorkReport, WorkState
from projects.queries import StageSum, latest_report, stage_sums

LIGHT_NAMES = {
    Light.RED: "滞后或未完成",
    Light.YELLOW: "轻度滞后或基本完成",
    Light.GREEN: "完成或符合预期",
    Light.GREY: "未评价",
}
LAGGING = (Light.RED, Light.YELLOW)
SHORT, LONG = 20, 500  # rows of a list as it opens, and at most
SOON = timedelta(days=60)  # work items due within this time are named
PASSED_ON = (State.SUBMITTED, State.APPROVED)
PERIODS_OFFERED = (13, 14, 15)

Counts = Counter[tuple[Verdict, str, int, bool | None]]  # (verdict, attribute, theme, is_met) → how many


# ---- What is answered


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
            key, word, _tally(Counter({found: n for found, n in self.counts.items() if found[place] == value}))
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


@dataclass(frozen=True, slots=True)
class Lag:
    """An indicator of a list: how it stands, what is still needed, who owns it and what was written about it."""

    assessment: Assessment
    verdict: Verdict
    actual: Actual | None
    final_target: Target | None

    @property
    def indicator(self) -> Indicator:
        return self.assessment.indicator

    @property
    def light(self) -> Light:
        return VERDICT_LIGHTS[self.verdict]

    @property
    def word(self) -> str:
        return VERDICT_WORDS[self.verdict]

    @property
    def forecast_light(self) -> Light | None:
        stored = self.assessment.forecast_verdict
        return VERDICT_LIGHTS[Verdict(stored)] if stored else None

    @property
    def forecast_word(self) -> str:
        stored = self.assessment.forecast_verdict
        return VERDICT_WORDS[Verdict(stored)] if stored else ""


@dataclass(frozen=True, slots=True)
class Change:
    """An indicator that stands otherwise than a year before."""

    pk: int
    label: str
    is_binding: bool
    was: Verdict
    now: Verdict

    @property
    def was_light(self) -> Light:
        return VERDICT_LIGHTS[self.was]

    @property
    def was_word(self) -> str:
        return VERDICT_WORDS[self.was]

    @property
    def light(self) -> Light:
        return VERDICT_LIGHTS[self.now]

    @property
    def word(self) -> str:
        return VERDICT_WORDS[self.now]


@dataclass(frozen=True, slots=True)
class Approval:
    """A figure that was approved since the last round closed."""

    pk: int
    label: str
    year: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Changes:
    """What is different from the year before, and what was approved since the last round closed."""

    kinds: list[tuple[str, list[Change]]]
    is_first_year: bool
    last_round: Round | None
    approvals: list[Approval]


@dataclass(frozen=True, slots=True)
class Projects:
    """A plan's key projects by stage; money in 万元, what was spent as the newest approved months say."""

    count: int
    stages: list[StageSum]
    total: Decimal
    spent: Decimal
    reported: int
    unpriced: int
    as_of: str
    troubled: list[Project]
    is_demo: bool


@dataclass(frozen=True, slots=True)
class Work:
    """A plan's work items by state, and those whose day is over or near."""

    states: list[tuple[WorkState, int]]
    overdue: list[WorkItem]
    soon: list[WorkItem]
    is_demo: bool

    @property
    def count(self) -> int:
        return sum(count for _, count in self.states)


@dataclass(frozen=True, slots=True)
class Block:
    """All that the cockpit says of one plan of the region itself."""

    head: PlanStanding
    lagging: list[Lag]
    changes: Changes
    projects: Projects
    work: Work

    @property
    def binding_lagging(self) -> int:
        return sum(1 for lag in self.lagging if lag.indicator.is_binding)

    @property
    def chart_id(self) -> str:
        return f"lights-{self.head.plan.code}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader chose for the lists of an upper region."""

    light: str = ""
    attribute: str = ""
    theme: str = ""
    sort: str = "code"
    is_all: bool = False

    @property
    def is_filtered(self) -> bool:
        return bool(self.light or self.attribute or self.theme)


@dataclass(frozen=True, slots=True)
class Column:
    """A head of the table of regions, with the order that pressing it asks for."""

    key: str
    word: str
    next_sort: str
    way: str


COLUMN_WORDS = {
    "code": "地区",
    "plan": "规划",
    "indicators": "指标",
    "red": "滞后",
    "yellow": "轻度滞后",
    "green": "完成或符合",
    "grey": "未评价",
    "binding": "约束性滞后",
    "rate": "达标率",
    "year": "数据年度",
    "overdue": "逾期未报",
}


@dataclass(frozen=True, slots=True)
class Below:
    """The plans of the regions below: together, region by region, and what lags in them."""

    standing: Standing
    plans: list[PlanStanding]
    listed: list[Lag]
    n_listed: int
    wanted: Wanted
    is_demo: bool

    @property
    def overdue(self) -> int:
        return sum(plan.overdue for plan in self.plans)

    @property
    def without_figures(self) -> int:
        return sum(1 for plan in self.plans if plan.year is None)

    @property
    def columns(self) -> list[Column]:
        """The heads of the table: a first press shows the largest first, names in their order; a second turns it."""
        found = []
        for key, word in COLUMN_WORDS.items():
            down = f"-{key}"
            first, second = (key, down) if key in ("code", "plan") else (down, key)
            way = {key: "ascending", down: "descending"}.get(self.wanted.sort, "")
            found.append(Column(key, word, second if self.wanted.sort == first else first, way))
        return found


@dataclass(frozen=True, slots=True)
class PeriodOffered:
    period: Period
    n_plans: int


@dataclass(frozen=True, slots=True)
class Cockpit:
    """A region in one planning period."""

    region: Region
    period: Period
    periods: list[PeriodOffered]
    blocks: list[Block]
    below: Below | None
    on: date

    @property
    def period_query(self) -> str:
        """How an address says the period."""
        return f"?period={self.period.number}"


# ---- The one function


def cockpit(
    region: Region,
    *,
    user: User,
    on: date,
    period: int | None = None,
    wanted: Wanted | None = None,
    permission: Permission = Permission.SEE,
) -> Cockpit:
    """How the region stands on a day of Beijing time: twenty queries at most, however many plans.

    Without a period: the last one with approved figures of a year that is over. The permission is the one by which
    the reader sees the plans; of each plan only what is approved is read.
    """
    plans = list(
        Plan.objects.visible_to(user, permission)
        .filter(region__code__startswith=code_prefix(region.code))
        .select_related("region")
    )
    chosen = Period(period) if period is not None else _last_period(plans, on=on)
    numbers = Counter(period_of(plan.start_year).number for plan in plans)
    offered = sorted({*PERIODS_OFFERED, *numbers, chosen.number})
    shown = [plan for plan in plans if period_of(plan.start_year) == chosen]
    heads = _plan_standings(shown, on=on)
    own = [head for head in heads if head.plan.region_id == region.pk]
    others = [head for head in heads if head.plan.region_id != region.pk]
    return Cockpit(
        region=region,
        period=chosen,
        periods=[PeriodOffered(Period(number), numbers[number]) for number in offered],
        blocks=_blocks(own, on=on),
        below=_below(others, wanted or Wanted(), on=on) if others else None,
        on=on,
    )


def regions_offered(user: User, permission: Permission = Permission.SEE) -> list[Region]:
    """The regions this person may open that have a plan of their own or below them: two queries."""
    with_plans = set(Plan.objects.visible_to(user, permission).order_by().values_list("region__code", flat=True))
    above = {f"{code[:digits]}{'0' * (6 - digits)}" for code in with_plans for digits in (2, 4)}
    codes = {COUNTRY_CODE, *with_plans, *above} if with_plans else set()
    return [region for region in Region.objects.visible_to(user, permission) if region.code in codes]


def own_region(user: User, permission: Permission = Permission.SEE) -> Region | None:
    """The region a person opens first: that of their first role."""
    return next((held.region for held in user.held if user.can(permission, held.region)), None)


def _last_period(plans: Sequence[Plan], *, on: date) -> Period:
    figures = Actual.objects.approved().filter(indicator__plan__in=plans, year__lt=on.year)
    last: int | None = figures.aggregate(last=Max("indicator__plan__start_year"))["last"]
    return period_of(last or max((plan.start_year for plan in plans), default=on.year))


# ---- How the plans stand


def _plan_standings(plans: Sequence[Plan], *, on: date) -> list[PlanStanding]:
    """Six queries: rows due, rows in, rounds with their extensions, findings, themes."""
    due: defaultdict[int, Counter[int | None]] = defaultdict(Counter)
    to_report = Indicator.objects.filter(plan__in=plans, is_group=False).order_by()
    for plan, department, n in to_report.values_list("plan", "department").annotate(n=Count("pk")):
        due[plan][department] += n
    rows = _rows_in(plans)
    years = {plan.pk: _data_year(rows.approved[plan.pk], on=on) for plan in plans}
    closed = _closed_rounds(plans, on=on)
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
                standing=_standing(counts[plan.pk], themes),
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


def _closed_rounds(plans: Sequence[Plan], *, on: date) -> defaultdict[int, list[Round]]:
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


def _in(years: dict[int, int]) -> Q:
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
    found = Assessment.objects.filter(_in(years), indicator__parent=None).order_by()
    names = ("indicator__plan", "indicator__origin", "verdict", "indicator__attribute", "indicator__theme", "is_met")
    for plan, origin, verdict, attribute, theme, is_met, n in found.values_list(*names).annotate(n=Count("pk")):
        kept = tabled if origin == Origin.TABLE else others
        shown = shown_verdict_of(Verdict(verdict), year=years[plan], on=on)
        kept[plan][shown, attribute, theme, is_met] += n
    return defaultdict(Counter, {plan: tabled.get(plan) or others[plan] for plan in years}), set(tabled)


def _standing(counts: Counts, themes: dict[int, Theme]) -> Standing:
    return Standing(counts, themes, _tally(counts))


def _tally(counts: Counts) -> Tally:
    return tally(
        (verdict, attribute == Attribute.BINDING, is_met) for verdict, attribute, _, is_met in counts.elements()
    )


def _counted(heads: Sequence[PlanStanding], *, before: int = 0) -> Q:
    """The findings that the sentences count, in the data year or so many years before."""
    years = {head.plan.pk: head.year - before for head in heads if head.year}
    without_table = [head.plan.pk for head in heads if not head.has_table]
    of_the_table = Q(indicator__origin=Origin.TABLE) | Q(indicator__plan__in=without_table)
    return _in(years) & Q(indicator__parent=None) & of_the_table


# ---- What lags


def _lags(
    heads: Sequence[PlanStanding], *, on: date, wanted: Wanted | None = None, limit: int | None = None
) -> list[Lag]:
    """Binding first, red before yellow, then what is farthest behind: three queries, however many rows."""
    rows = Assessment.objects.filter(_counted(heads))
    if wanted and wanted.is_filtered:
        chosen = {
            "light": wanted.light,
            "indicator__attribute": wanted.attribute,
            "indicator__theme__code": wanted.theme,
        }
        rows = rows.filter(**{name: value for name, value in chosen.items() if value})
    else:
        rows = rows.filter(light__in=LAGGING)
    years = {head.year for head in heads if head.year}
    rows = rows.select_related("indicator__plan__region", "indicator__department").prefetch_related(
        Prefetch("indicator__targets", Target.objects.filter(is_current=True), to_attr="current_targets"),
        Prefetch("indicator__actuals", Actual.objects.approved().filter(year__in=years), to_attr="seen_actuals"),
    )
    in_order = rows.order_by(
        _rank("indicator__attribute", Attribute.BINDING),
        _rank("light", Light.RED, Light.YELLOW, Light.GREEN),
        F("comparison").asc(nulls_last=True),
        *("indicator__plan__region__code", "indicator__plan", "indicator__order", "pk"),
    )
    return [_lag(assessment, on=on) for assessment in in_order[:limit]]


def _rank(name: str, *first: str) -> Case:
    """An order in which these values come first."""
    whens = [When(**{name: value}, then=Value(place)) for place, value in enumerate(first)]
    return Case(*whens, default=Value(len(first)), output_field=IntegerField())


def _lag(assessment: Assessment, *, on: date) -> Lag:
    indicator, year = assessment.indicator, assessment.year
    actuals: list[Actual] = indicator.seen_actuals  # type: ignore[attr-defined]
    targets: list[Target] = indicator.current_targets  # type: ignore[attr-defined]
    return Lag(
        assessment=assessment,
        verdict=shown_verdict(assessment, year=year, on=on),
        actual=next((actual for actual in actuals if actual.year == year), None),
        final_target=max(targets, key=lambda target: target.year, default=None),
    )


# ---- The region's own plans


def _blocks(heads: Sequence[PlanStanding], *, on: date) -> list[Block]:
    """Eight queries: what lags (three), what changed (two), projects (two), work items."""
    if not heads:
        return []
    keys = [head.plan.pk for head in heads]
    lags: defaultdict[int, list[Lag]] = defaultdict(list)
    for lag in _lags(heads, on=on):
        lags[lag.indicator.plan_id].append(lag)
    changes, approvals = _changes(heads, on=on), _approvals(heads)
    projects: defaultdict[int, list[Project]] = defaultdict(list)
    months = ProjectReport.objects.approved().order_by("-year", "-month")
    seen = Prefetch("reports", months, to_attr="seen_reports")
    for project in Project.objects.filter(plan__in=keys).prefetch_related(seen):
        projects[project.plan_id].append(project)
    items: defaultdict[int, list[WorkItem]] = defaultdict(list)
    demo = WorkReport.objects.approved().filter(item=OuterRef("pk"), is_demo=True)
    for item in WorkItem.objects.filter(plan__in=keys).select_related("department").annotate(has_demo=Exists(demo)):
        items[item.plan_id].append(item)
    return [
        Block(
            head=head,
            lagging=lags[head.plan.pk],
            changes=Changes(
                kinds=changes[head.plan.pk],
                is_first_year=head.year == head.plan.start_year,
                last_round=head.last_round,
                approvals=approvals[head.plan.pk],
            ),
            projects=_projects(projects[head.plan.pk]),
            work=_work(items[head.plan.pk], on=on),
        )
        for head in heads
    ]


RANK = {Light.RED: 0, Light.YELLOW: 1, Light.GREEN: 2}
NOT_IN = (Verdict.UNREPORTED, Verdict.NOT_DUE)
NEWLY_MET, IMPROVED, WORSENED, NEWLY_REPORTED = "新达到目标", "好转", "转差", "新填报"


def kind_of_change(was: Verdict, was_met: bool | None, now: Verdict, is_met: bool | None) -> str:
    """What to call the way from one year's finding to the next; empty where nothing moved, or it cannot be said.

    Newly met goes before improved: a green year before the last is not yet a target reached.
    """
    if now in NOT_IN:
        return ""
    if was in NOT_IN:
        return NEWLY_REPORTED
    before, after = (RANK.get(VERDICT_LIGHTS[verdict]) for verdict in (was, now))
    if before is None or after is None:
        return ""
    if is_met and not was_met:
        return NEWLY_MET
    if before == after:
        return ""
    return IMPROVED if after > before else WORSENED


def _changes(heads: Sequence[PlanStanding], *, on: date) -> dict[int, list[tuple[str, list[Change]]]]:
    """Each indicator's finding of the data year against that of the year before: one query."""
    rows = Assessment.objects.filter(_counted(heads) | _counted(heads, before=1))
    names = ("indicator", "indicator__plan", "indicator__number", "indicator__name", "indicator__attribute")
    before: dict[int, tuple[Verdict, bool | None]] = {}
    found: dict[int, dict[str, list[Change]]] = {
        head.plan.pk: {kind: [] for kind in (WORSENED, IMPROVED, NEWLY_MET, NEWLY_REPORTED)} for head in heads
    }
    years = {head.plan.pk: head.year for head in heads}
    in_order = rows.order_by("indicator__plan", "year", "indicator__order", "indicator")
    for pk, plan, number, name, attribute, year, verdict, is_met in in_order.values_list(
        *names, "year", "verdict", "is_met"
    ):
        shown = shown_verdict_of(Verdict(verdict), year=year, on=on)
        if year != years[plan]:
            before[pk] = (shown, is_met)
        elif pk in before and (kind := kind_of_change(*before[pk], shown, is_met)):
            label = f"{number} {name}"
            found[plan][kind].append(Change(pk, label, attribute == Attribute.BINDING, before[pk][0], shown))
    return {plan: list(kinds.items()) for plan, kinds in found.items()}


def _approvals(heads: Sequence[PlanStanding]) -> defaultdict[int, list[Approval]]:
    """The figures approved since each plan's last round closed, the latest first: one query."""
    since = Q(pk__in=())
    for head in heads:
        if head.last_round:
            first = datetime.combine(head.last_round.deadline() + timedelta(days=1), time.min)
            since |= Q(indicator__plan=head.plan, approved_at__gte=timezone.make_aware(first))
    rows = Actual.objects.approved().filter(since).order_by("-approved_at", "pk")
    names = ("indicator", "indicator__plan", "indicator__number", "indicator__name", "year", "approved_at")
    found: defaultdict[int, list[Approval]] = defaultdict(list)
    for pk, plan, number, name, year, at in rows.values_list(*names):
        found[plan].append(Approval(pk, f"{number} {name}", year, at))
    return found


def _projects(projects: Sequence[Project]) -> Projects:
    newest = [report for project in projects if (report := latest_report(project))]
    return Projects(
        count=len(projects),
        stages=list(stage_sums(projects)),
        total=sum((project.total_investment or Decimal(0) for project in projects), Decimal(0)),
        spent=sum((report.investment_done or Decimal(0) for report in newest), Decimal(0)),
        reported=len(newest),
        unpriced=sum(1 for project in projects if project.total_investment is None),
        as_of=str(max(report.when for report in newest)) if newest else "",
        troubled=[project for project in projects if (report := latest_report(project)) and report.problems],
        is_demo=any(report.is_demo for report in newest),
    )


def _work(items: Sequence[WorkItem], *, on: date) -> Work:
    states = Counter(item.state for item in items)
    open_items = [item for item in items if item.state != WorkState.DONE and item.due_on]
    by_day = sorted(open_items, key=lambda item: (item.due_on or on, item.order))
    return Work(
        states=[(state, states[state]) for state in WorkState],
        overdue=[item for item in by_day if item.due_on and item.due_on < on],
        soon=[item for item in by_day if item.due_on and on <= item.due_on <= on + SOON],
        is_demo=any(item.has_demo for item in items),  # type: ignore[attr-defined]
    )


# ---- The regions below


def _below(heads: Sequence[PlanStanding], wanted: Wanted, *, on: date) -> Below:
    """Three queries: the list of what lags, or of what the reader chose."""
    together: Counts = Counter()
    for head in heads:
        together.update(head.standing.counts)
    standing = _standing(together, heads[0].standing.themes)
    key, is_reversed = SORTS[wanted.sort.removeprefix("-")], wanted.sort.startswith("-")
    by_code = sorted(heads, key=lambda head: (head.plan.region.code, head.plan.code))
    return Below(
        standing=standing,
        plans=sorted(by_code, key=key, reverse=is_reversed),
        listed=_lags(heads, on=on, wanted=wanted, limit=LONG if wanted.is_all else SHORT),
        n_listed=_n_listed(standing, wanted),
        wanted=wanted,
        is_demo=any(head.is_demo for head in heads),
    )


def _light_of(head: PlanStanding, light: Light) -> int:
    return head.standing.tally.lights[light]


# By which column the table of regions can be sorted.
SORTS: dict[str, Callable[[PlanStanding], Any]] = {
    "code": lambda head: (head.plan.region.code, head.plan.code),
    "plan": lambda head: head.plan.short_title,
    "indicators": lambda head: head.standing.tally.total,
    **{light.value: partial(_light_of, light=light) for light in Light},
    "binding": lambda head: head.standing.binding_red,
    "rate": lambda head: Decimal(-1) if head.met_rate is None else head.met_rate,
    "year": lambda head: head.year or 0,
    "overdue": lambda head: head.overdue,
}


def _n_listed(standing: Standing, wanted: Wanted) -> int:
    """How many rows the list would have without a limit."""
    lights = (Light(wanted.light),) if wanted.light else tuple(Light) if wanted.is_filtered else LAGGING
    return sum(
        n
        for (verdict, attribute, theme, _), n in standing.counts.items()
        if VERDICT_LIGHTS[verdict] in lights
        and wanted.attribute in ("", attribute)
        and wanted.theme in ("", standing.themes[theme].code)
    )
