"""What the work-item pages read, and the cockpit of projects; `portfolio` is what the pages of projects read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from indicators.models import State
from indicators.verdicts import Light
from plans.models import Plan, Section
from projects.checks import CEILINGS, is_reached
from projects.models import WorkItem, WorkReport, WorkState
from projects.progress import DUE_WORDS, Due, completion, days_said, due_state


@dataclass(frozen=True, slots=True)
class Task:
    """A work item as this person sees it on a day.

    `newest` is the newest month they may see, `approved` the newest approved one, on which the state rests.
    """

    item: WorkItem
    newest: WorkReport | None
    approved: WorkReport | None
    top: Section | None  # the section under which it stands at the highest level
    on: date

    @property
    def is_done(self) -> bool:
        return self.item.state == WorkState.DONE

    @property
    def due(self) -> Due:
        return due_state(self.item.due_on, is_done=self.is_done, on=self.on)

    @property
    def due_word(self) -> str:
        """逾期3天, 还有12天; empty where it is done or has no date."""
        due_on = self.item.due_on
        return "" if self.is_done or due_on is None else days_said(due_on, on=self.on)

    @property
    def light(self) -> Light | None:
        """Red from the day after its date, yellow in the thirty days before."""
        return {Due.OVERDUE: Light.RED, Due.SOON: Light.YELLOW}.get(self.due)

    @property
    def share(self) -> Decimal | None:
        """完成率 = 累计完成 ÷ 目标值, of what is approved; a ceiling has none, a range counts to its lower bound."""
        if self.approved is None or self.item.target_operator in CEILINGS:
            return None
        return completion(done=self.approved.value, total=self.item.target_value)

    @property
    def is_reached(self) -> bool | None:
        """Whether what is approved satisfies the printed target."""
        return None if self.approved is None else is_reached(self.item, self.approved)

    @property
    def under_review(self) -> WorkReport | None:
        """A newer month that is not approved yet, for those who may see it."""
        return self.newest if self.newest and self.newest.state != State.APPROVED else None

    @property
    def is_demo(self) -> bool:
        return any(report.is_demo for report in (self.newest, self.approved) if report)


@dataclass(frozen=True, slots=True)
class SectionTree:
    """A section with what stands below it."""

    section: Section
    tasks: list[Task]
    children: list[SectionTree]

    @property
    def is_empty(self) -> bool:
        return not self.tasks and all(child.is_empty for child in self.children)


@dataclass(frozen=True, slots=True)
class WorkTable:
    """A plan's work items in the order of the document, as far as a filter keeps them."""

    plan: Plan
    sections: list[Section]
    tasks: list[Task]
    on: date

    @property
    def trees(self) -> list[SectionTree]:
        """The sections that hold a task, each with what stands below it."""
        by_section: dict[int | None, list[Task]] = {}
        for task in self.tasks:
            by_section.setdefault(task.item.section_id, []).append(task)

        def trees(parent: int | None) -> list[SectionTree]:
            below = (section for section in self.sections if section.parent_id == parent)
            found = (SectionTree(one, by_section.get(one.pk, []), trees(one.pk)) for one in below)
            return [tree for tree in found if not tree.is_empty]

        return trees(None)

    @property
    def loose(self) -> list[Task]:
        return [task for task in self.tasks if task.item.section_id is None]

    @property
    def columns(self) -> list[tuple[WorkState, list[Task]]]:
        """The board: one column for each state, in the order in which tasks go."""
        return [(state, [task for task in self.tasks if task.item.state == state]) for state in WorkState]

    @property
    def by_date(self) -> list[tuple[Due, str, list[Task]]]:
        """The to-do list: what is overdue, what comes next, what has no date; what is done stands at the end."""
        order = sorted(self.tasks, key=lambda task: task.item.due_on or date.max)
        groups = ((due, DUE_WORDS[due], [task for task in order if task.due == due]) for due in Due)
        return [(due, word, tasks) for due, word, tasks in groups if tasks]

    @property
    def has_demo(self) -> bool:
        return any(task.is_demo for task in self.tasks)

    @property
    def unreported(self) -> int:
        """How many have no approved month yet: their state is the one they began with."""
        return sum(1 for task in self.tasks if task.approved is None)

    @property
    def is_over(self) -> bool:
        """Whether the years of the plan have passed."""
        return self.plan.end_year < self.on.year

    @property
    def sentence(self) -> str:
        """How many stand where, how many are late, and how far those with a number are."""
        said = [f"{state.label}{len(tasks)}项" for state, tasks in reversed(self.columns) if tasks]
        parts = [f"{len(self.tasks)}项任务：{'、'.join(said)}"]
        dues = Counter(task.due for task in self.tasks)
        parts += [f"{dues[due]}项{DUE_WORDS[due]}" for due in (Due.OVERDUE, Due.SOON) if dues[due]]
        measured = [task for task in self.tasks if task.item.is_measurable]
        if measured:
            parts.append(f"{len(measured)}项有量化目标，其中{sum(map(bool, (t.is_reached for t in measured)))}项已达到")
        return "；".join(parts) + "。"


def work_items(user: User) -> QuerySet[WorkItem]:
    """The work items as this person sees them: `n_months` reported, `newest_pk` of these, `approved_pk` of the approved
    ones, and whether the `state` rests on a demo figure (`is_demo`)."""
    months = WorkReport.objects.visible_to(user).filter(item=OuterRef("pk"))
    approved = WorkReport.objects.approved().filter(item=OuterRef("pk")).order_by("-year", "-month")
    counted = months.order_by().values("item").annotate(n=Count("pk"))
    return (
        WorkItem.objects.visible_to(user)
        .select_related("department")
        .annotate(
            n_months=Coalesce(Subquery(counted.values("n")), 0),
            newest_pk=Subquery(months.order_by("-year", "-month").values("pk")[:1]),
            approved_pk=Subquery(approved.values("pk")[:1]),
            is_demo=Coalesce(Subquery(approved.values("is_demo")[:1]), False),
        )
    )


def work_table(plan: Plan, *, user: User, on: date) -> WorkTable:
    """The plan's tasks, each with its newest and its newest approved month: three queries, however many months."""
    return work_tables([plan], user=user, on=on)[0]


def work_tables(plans: Sequence[Plan], *, user: User, on: date) -> list[WorkTable]:
    """The same of several plans in the same three queries."""
    sections: dict[int, list[Section]] = {plan.pk: [] for plan in plans}
    for section in Section.objects.visible_to(user).filter(plan__in=plans):
        sections[section.plan_id].append(section)
    items: list[WorkItem] = list(work_items(user).filter(plan__in=plans))
    pairs = [(item.newest_pk, item.approved_pk) for item in items]  # type: ignore[attr-defined]
    months = WorkReport.objects.visible_to(user).in_bulk({key for pair in pairs for key in pair if key})
    tops = _tops([section for theirs in sections.values() for section in theirs])
    tasks: dict[int, list[Task]] = {plan.pk: [] for plan in plans}
    for item, (newest, approved) in zip(items, pairs, strict=True):
        task = Task(item, months.get(newest), months.get(approved), tops.get(item.section_id), on)
        tasks[item.plan_id].append(task)
    return [WorkTable(plan, sections[plan.pk], tasks[plan.pk], on) for plan in plans]


def task_of(item: WorkItem, reports: Sequence[WorkReport], *, on: date) -> Task:
    """A work item with these months of it, the newest first."""
    approved = (report for report in reports if report.state == State.APPROVED)
    return Task(item, next(iter(reports), None), next(approved, None), None, on)


def _tops(sections: Sequence[Section]) -> dict[int | None, Section]:
    """The section of the highest level above each section; of a top one, itself."""
    by_key = {section.pk: section for section in sections}

    def top(section: Section) -> Section:
        return section if section.parent_id is None else top(by_key[section.parent_id])

    return {section.pk: top(section) for section in sections}


def months_of(item: WorkItem, *, user: User) -> list[WorkReport]:
    """The months of a work item that this person may see, with their events, the newest first: three queries."""
    seen = WorkReport.objects.visible_to(user).filter(item=item).order_by("-year", "-month")
    return list(seen.prefetch_related("events__by"))
