"""驾驶舱: how a region's plans stand, what lags, who owns it, and what changed; the big screen shows the same.

One function, a fixed number of queries whatever the number of plans, years and regions: the database counts, and only
what is shown is loaded. Approved figures only.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import Exists, Max, OuterRef, Prefetch

from accounts.models import Region, User
from accounts.permissions import Permission
from accounts.regions import COUNTRY_CODE, code_prefix
from dashboard.changes import Changes, ChangesBelow, approvals_of, changes_below, changes_of
from dashboard.lags import Lag, Wanted, lags, n_listed
from dashboard.regional_projects import RegionalProjects, regional_projects
from dashboard.standings import (
    Counts,
    PlanStanding,
    Standing,
    plan_standings,
    standing_by,
)
from indicators.models import Actual
from indicators.verdicts import Light
from plans.models import Plan
from plans.periods import Period, period_of
from projects.models import Project, ProjectReport, WorkItem, WorkReport, WorkState
from projects.portfolio import ProjectTable
from projects.standings import standing_of

SHORT, LONG = 20, 500  # rows of a list as it opens, and at most

SOON = timedelta(days=60)  # work items due within this time are named

PERIODS_OFFERED = (13, 14, 15)


# ---- What is answered


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
    projects: ProjectTable
    work: Work

    @property
    def binding_lagging(self) -> int:
        return sum(1 for lag in self.lagging if lag.indicator.is_binding)

    @property
    def chart_id(self) -> str:
        return f"lights-{self.head.plan.code}"


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
    changes: ChangesBelow
    projects: RegionalProjects | None
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
    """How the region stands on a day of Beijing time: twenty-four queries at most, however many plans.

    Without a period: the last one with approved figures of a year that is over. The permission is the one by which
    the reader sees the plans; of each plan only what is approved is read.
    """
    plans = plans_of(region, user=user, permission=permission)
    chosen = Period(period) if period is not None else _last_period(plans, on=on)
    numbers = Counter(period_of(plan.start_year).number for plan in plans)
    offered = sorted({*PERIODS_OFFERED, *numbers, chosen.number})
    shown = [plan for plan in plans if period_of(plan.start_year) == chosen]
    heads = plan_standings(shown, on=on)
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


def plans_of(region: Region, *, user: User, permission: Permission = Permission.SEE) -> list[Plan]:
    """The plans of a region and of all below it that this person may see: one query."""
    plans = Plan.objects.visible_to(user, permission).filter(region__code__startswith=code_prefix(region.code))
    return list(plans.select_related("region"))


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


# ---- The region's own plans


def _blocks(heads: Sequence[PlanStanding], *, on: date) -> list[Block]:
    """Eight queries: what lags (three), what changed (two), projects (two), work items."""
    if not heads:
        return []
    keys = [head.plan.pk for head in heads]
    lagging: defaultdict[int, list[Lag]] = defaultdict(list)
    for lag in lags(heads, on=on):
        lagging[lag.indicator.plan_id].append(lag)
    changes, approvals = changes_of(heads, on=on), approvals_of(heads)
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
            lagging=lagging[head.plan.pk],
            changes=Changes(
                kinds=changes[head.plan.pk],
                is_first_year=head.year == head.plan.start_year,
                last_round=head.last_round,
                approvals=approvals[head.plan.pk],
            ),
            projects=_projects(head.plan, projects[head.plan.pk], on=on),
            work=_work(items[head.plan.pk], on=on),
        )
        for head in heads
    ]


def _projects(plan: Plan, projects: Sequence[Project], *, on: date) -> ProjectTable:
    """The plan's key projects by their approved months (prefetched as `seen_reports`, newest first)."""
    months: dict[int, list[ProjectReport]] = {project.pk: project.seen_reports for project in projects}  # type: ignore[attr-defined]
    standings = [standing_of(project, months[project.pk], on=on) for project in projects]
    return ProjectTable(plan, standings, [report for rows in months.values() for report in rows], on)


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
    """Seven queries: the list of what lags or was chosen (three), what changed (three), projects."""
    together: Counts = Counter()
    for head in heads:
        together.update(head.standing.counts)
    standing = standing_by(together, heads[0].standing.themes)
    key, is_reversed = SORTS[wanted.sort.removeprefix("-")], wanted.sort.startswith("-")
    by_code = sorted(heads, key=lambda head: (head.plan.region.code, head.plan.code))
    return Below(
        standing=standing,
        plans=sorted(by_code, key=key, reverse=is_reversed),
        listed=lags(heads, on=on, wanted=wanted, limit=LONG if wanted.is_all else SHORT),
        n_listed=n_listed(standing, wanted),
        wanted=wanted,
        changes=changes_below(heads, on=on, limit=5 * SHORT if wanted.is_all else SHORT),
        projects=regional_projects([head.plan for head in heads]),
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
