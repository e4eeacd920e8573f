"""All key projects of a plan together: in money, by stage and on the calendar. Money in 万元.

What is done rests on approved months; what the plan does not split is not split here either.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from django.db.models import Prefetch, Q

from accounts.models import User
from indicators.figures import format_figure
from indicators.models import State
from indicators.queries import figure_shown
from plans.models import Plan
from projects.models import Project, ProjectReport, Stage
from projects.months import Month
from projects.progress import completion, place, place_of_day
from projects.standings import Standing, percent_shown, standing_of

ZERO = Decimal(0)
FIRST_STAGES = (Stage.IDEA, Stage.PACKAGING)
# The four steps every project goes, with the stages of which they consist.
STEPS: tuple[tuple[str, tuple[Stage, ...]], ...] = (
    ("谋划", FIRST_STAGES),
    ("前期", (Stage.PREPARATION,)),
    ("在建", (Stage.UNDER_WAY,)),
    ("完工", (Stage.COMPLETED,)),
)


@dataclass(frozen=True, slots=True)
class Money:
    """Some projects put together: what they are to cost, and what is done of those that have reported it."""

    name: str
    standings: list[Standing]
    key: str = ""  # by which an address names the group, where it does

    @property
    def count(self) -> int:
        return len(self.standings)

    @property
    def planned(self) -> Decimal | None:
        """What those of stated cost are to cost; None where the plan states none."""
        return _sum(standing.project.total_investment for standing in self.standings)

    @property
    def unpriced(self) -> int:
        return sum(1 for standing in self.standings if standing.project.total_investment is None)

    @property
    def reported(self) -> list[Standing]:
        """Those with an approved month that says what was spent."""
        return [standing for standing in self.standings if standing.spent]

    @property
    def done(self) -> Decimal | None:
        return _sum(standing.done for standing in self.standings)

    @property
    def planned_of_reported(self) -> Decimal | None:
        """What those that have reported are to cost: the denominator of `completion`."""
        return _sum(standing.project.total_investment for standing in self.reported)

    @property
    def completion(self) -> Decimal | None:
        """完成率 of the projects whose cost is stated and that have reported."""
        done = _sum(standing.done for standing in self.reported if standing.project.total_investment is not None)
        return completion(done=done, total=self.planned_of_reported)

    @property
    def is_demo(self) -> bool:
        return any(standing.spent.is_demo for standing in self.reported if standing.spent)


def _sum(values: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of what is known; None where nothing is."""
    known = [value for value in values if value is not None]
    return sum(known, ZERO) if known else None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way from an idea to a building: the projects that stand there, and those that came so far."""

    name: str
    there: Money
    reached: Money


@dataclass(frozen=True, slots=True)
class Source:
    """What a funding source is named for; how much of a project with several sources it gives is not stated."""

    named: Money
    alone: Money  # the projects it pays for alone

    @property
    def stated(self) -> Decimal | None:
        """The money that is known to come from it."""
        return self.alone.planned

    @property
    def shared(self) -> int:
        return self.named.count - self.alone.count


@dataclass(frozen=True, slots=True)
class Year:
    """What the plan has begin and end in a year, and what approved months say was spent by its end."""

    year: int
    starting: Money
    ending: Money
    reported: int
    done: Decimal | None
    is_demo: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """A project on the calendar, in % of its length; None where the plan does not say when it begins."""

    standing: Standing
    left: Decimal | None
    right: Decimal

    @property
    def x(self) -> str:
        return "" if self.left is None else _share_of_line(self.left)

    @property
    def width(self) -> str:
        return "" if self.left is None else _share_of_line(self.right - self.left)

    @property
    def done_width(self) -> str:
        """How much of the bar is spent; empty where that is not known."""
        share = self.standing.completion
        if self.left is None or share is None:
            return ""
        return _share_of_line((self.right - self.left) * min(share, Decimal(1)))

    @property
    def end(self) -> str:
        return _share_of_line(self.right)


def _share_of_line(percent: Decimal) -> str:
    return f"{format_figure(percent, decimals=2)}%"


@dataclass(frozen=True, slots=True)
class Calendar:
    """The projects as bars from their first to their last year, and those without years."""

    years: range
    groups: list[tuple[str, list[Bar]]]
    undated: list[Standing]
    on: date

    @property
    def today(self) -> str:
        return _share_of_line(place_of_day(self.on, of=self.years))

    @property
    def marks(self) -> list[tuple[int, str]]:
        """Each year with where it begins."""
        return [(year, _share_of_line(place(year=year, of=self.years))) for year in self.years]


@dataclass(frozen=True, slots=True)
class ProjectTable:
    """A plan's key projects in printed order, as far as a filter keeps them."""

    plan: Plan
    standings: list[Standing]
    months: list[ProjectReport]  # the approved ones of these projects
    on: date

    @property
    def all(self) -> Money:
        return Money("合计", self.standings)

    @property
    def groups(self) -> list[tuple[str, list[Standing]]]:
        """By category, in the printed order."""
        return [(name, list(rows)) for name, rows in groupby(self.standings, key=lambda row: row.project.category)]

    @property
    def lagging(self) -> list[Standing]:
        """Behind the calendar, the farthest first."""
        return sorted((row for row in self.standings if row.is_lagging), key=lambda row: row.lead or ZERO)

    @property
    def overdue(self) -> list[Standing]:
        return [row for row in self.standings if row.is_overdue]

    @property
    def troubled(self) -> list[Standing]:
        """Those whose newest approved month names problems."""
        return [row for row in self.standings if row.approved and row.approved.problems]

    @property
    def comparable(self) -> int:
        """How many projects can be held against the calendar."""
        return sum(1 for row in self.standings if row.lead is not None)

    @property
    def ideas(self) -> Money:
        """What is still being thought up."""
        return Money("谋划、包装策划", [row for row in self.standings if row.stage in FIRST_STAGES])

    @property
    def has_demo(self) -> bool:
        return any(row.is_demo for row in self.standings)

    @property
    def newest_month(self) -> Month | None:
        """The newest month the sums rest on."""
        return max((row.spent.when for row in self.standings if row.spent), default=None)

    @property
    def stages(self) -> list[Money]:
        return [
            Money(stage.label, rows, stage.value)
            for stage in Stage
            if (rows := [row for row in self.standings if row.stage == stage])
        ]

    @property
    def categories(self) -> list[Money]:
        return [Money(name or "未分类", rows) for name, rows in self.groups]

    @property
    def steps(self) -> list[Step]:
        """谋划, 前期, 在建, 完工; a project whose stage is not stated stands in none."""
        stages = [set(stages) for _, stages in STEPS]
        return [
            Step(
                name,
                Money(name, [row for row in self.standings if row.stage in stages[at]]),
                Money(name, [row for row in self.standings if any(row.stage in later for later in stages[at:])]),
            )
            for at, (name, _) in enumerate(STEPS)
        ]

    @property
    def unstaged(self) -> int:
        return sum(1 for row in self.standings if row.stage == Stage.UNSTATED)

    @property
    def sources(self) -> list[Source]:
        """The funding sources, the most often named first."""
        named: dict[str, list[Standing]] = {}
        for row in self.standings:
            for source in row.project.funding_sources.all():
                named.setdefault(str(source), []).append(row)
        return [
            Source(Money(name, rows), Money(name, [row for row in rows if len(row.project.funding_sources.all()) == 1]))
            for name, rows in sorted(named.items(), key=lambda pair: -len(pair[1]))
        ]

    @property
    def unsourced(self) -> Money:
        return Money("未载明", [row for row in self.standings if not row.project.funding_sources.all()])

    @property
    def undated(self) -> Money:
        rows = [row for row in self.standings if row.project.start_year is None and row.project.end_year is None]
        return Money("未载明", rows)

    @property
    def years(self) -> list[Year]:
        """From the first year the plan names for a project to the last one it names or a month was approved for."""
        named = {year for row in self.standings for year in (row.project.start_year, row.project.end_year) if year}
        named |= {report.year for report in self.months}
        return [self._year(year) for year in range(min(named), max(named) + 1)] if named else []

    def _year(self, year: int) -> Year:
        newest: dict[int, ProjectReport] = {}
        for report in self.months:  # the newest of each project comes first
            if report.year <= year and report.investment_done is not None:
                newest.setdefault(report.project_id, report)
        return Year(
            year=year,
            starting=Money("", [row for row in self.standings if row.project.start_year == year]),
            ending=Money("", [row for row in self.standings if row.project.end_year == year]),
            reported=len(newest),
            done=_sum(report.investment_done for report in newest.values()),
            is_demo=any(report.is_demo for report in newest.values()),
        )

    @property
    def calendar(self) -> Calendar | None:
        """The bars by category; None where the plan states no years."""
        named = {year for row in self.standings for year in (row.project.start_year, row.project.end_year) if year}
        if not named:
            return None
        years = range(min(named | {self.on.year}), max(named | {self.on.year}) + 1)
        groups = [(name, [bar for row in rows if (bar := _bar(row, years))]) for name, rows in self.groups]
        return Calendar(years, [(name, bars) for name, bars in groups if bars], self.undated.standings, self.on)

    @property
    def sentence(self) -> str:
        """Number, cost, what is done, how many lag and how much is still being thought up."""
        every, said = self.all, []
        if every.planned is None:
            said.append(f"{every.count}个项目，文件均未载明投资")
        else:
            unpriced = f"（另有{every.unpriced}个未载明投资）" if every.unpriced else ""
            said.append(f"{every.count}个项目，总投资{figure_shown(every.planned)}万元{unpriced}")
        if every.reported:
            done = f"{len(every.reported)}个项目有已审核的投资进展，累计完成{figure_shown(every.done)}万元"
            if every.completion is not None:
                done += f"，为其总投资{figure_shown(every.planned_of_reported)}万元的{percent_shown(every.completion)}"
            said.append(done)
            if self.comparable:
                said.append(f"其中{len(self.lagging)}个落后于时间进度" if self.lagging else "没有项目落后于时间进度")
        else:
            said.append("还没有已审核的投资进展")
        if self.overdue:
            said.append(f"{len(self.overdue)}个逾期未完工")
        if ideas := self.ideas.count:
            money = "" if self.ideas.planned is None else f"，总投资{figure_shown(self.ideas.planned)}万元"
            said.append(f"{ideas}个仍在谋划或包装策划{money}")
        return "；".join(said) + "。"

    @property
    def chart(self) -> dict[str, object]:
        """Planned and done by category, as text, for the chart over the tables."""
        rows = [row for row in self.categories if row.planned is not None]
        return {
            "names": [row.name for row in rows],
            "planned": [figure_shown(row.planned) for row in rows],
            "done": [None if row.done is None else figure_shown(row.done) for row in rows],
        }

    @property
    def funnel(self) -> dict[str, object]:
        """How many projects came how far, as text."""
        return {
            "steps": [
                {
                    "name": step.name,
                    "there": step.there.count,
                    "reached": step.reached.count,
                    "money": None if step.reached.planned is None else figure_shown(step.reached.planned),
                }
                for step in self.steps
            ]
        }


def _bar(row: Standing, years: range) -> Bar | None:
    start, end = row.project.start_year, row.project.end_year
    if start is None and end is None:
        return None
    left = None if start is None else place(year=start, of=years)
    # begun without a stated end: a bar to the end of its first year would be invented, so it is a mark there too
    right = place(year=end + 1, of=years) if end is not None else place(year=start or 0, of=years)
    return Bar(row, left if end is not None else None, right)


def project_table(plan: Plan, *, user: User, on: date) -> ProjectTable:
    """The key projects of a plan as this person sees them: four queries, however many projects and months."""
    return project_tables([plan], user=user, on=on)[0]


def project_tables(
    plans: Sequence[Plan], *, user: User, on: date, until: Month | None = None, approved_only: bool = False
) -> list[ProjectTable]:
    """The same of several plans in the same four queries; `until` a month as they stood when it was over.

    `approved_only` leaves out what is under review even for those who work on it.
    """
    reports = ProjectReport.objects.visible_to(user).order_by("-year", "-month")
    if approved_only:
        reports = reports.filter(state=State.APPROVED)
    if until is not None:
        reports = reports.filter(Q(year__lt=until.year) | Q(year=until.year, month__lte=until.number))
        on = min(on, until.last_day)
    projects = (
        Project.objects.visible_to(user)
        .filter(plan__in=plans)
        .select_related("department")
        .prefetch_related("units", "funding_sources", Prefetch("reports", reports, to_attr="seen_reports"))
    )
    standings: dict[int, list[Standing]] = {plan.pk: [] for plan in plans}
    months: dict[int, list[ProjectReport]] = {plan.pk: [] for plan in plans}
    for project in projects:
        seen: list[ProjectReport] = project.seen_reports  # type: ignore[attr-defined]
        standings[project.plan_id].append(standing_of(project, seen, on=on))
        months[project.plan_id] += [report for report in seen if report.state == State.APPROVED]
    return [ProjectTable(plan, standings[plan.pk], months[plan.pk], on) for plan in plans]
