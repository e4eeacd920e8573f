"""What the project and work-item pages read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from indicators.models import State
from plans.models import Plan, Section
from projects.models import Project, ProjectReport, Stage, WorkItem, WorkReport


@dataclass(frozen=True, slots=True)
class StageSum:
    """How many projects stand at a stage, and what they are to cost (万元)."""

    stage: Stage
    projects: int
    investment: Decimal


@dataclass(frozen=True, slots=True)
class ProjectTable:
    """A plan's key projects in printed order, with their sums. Money in 万元."""

    plan: Plan
    groups: list[tuple[str, list[Project]]]
    stages: list[StageSum]
    total: Decimal
    unpriced: int
    has_demo: bool

    @property
    def count(self) -> int:
        return sum(len(projects) for _, projects in self.groups)


def latest_report(project: Project) -> ProjectReport | None:
    """The newest monthly report the reader may see (prefetched as `seen_reports`, newest first)."""
    reports: list[ProjectReport] = project.seen_reports  # type: ignore[attr-defined]
    return reports[0] if reports else None


def stage_report(project: Project) -> ProjectReport | None:
    """The newest approved report, on which the stage rests."""
    reports: list[ProjectReport] = project.seen_reports  # type: ignore[attr-defined]
    return next((report for report in reports if report.state == State.APPROVED), None)


def stage_of(project: Project) -> Stage:
    """The stage of the newest approved report, else the one the plan prints."""
    approved = stage_report(project)
    return Stage(approved.stage if approved else project.stage)


def project_table(plan: Plan, *, user: User) -> ProjectTable:
    """The official project table: four queries, however many projects."""
    projects = list(
        Project.objects.visible_to(user)
        .filter(plan=plan)
        .select_related("department")
        .prefetch_related(
            "units",
            "funding_sources",
            Prefetch(
                "reports", ProjectReport.objects.visible_to(user).order_by("-year", "-month"), to_attr="seen_reports"
            ),
        )
    )
    return ProjectTable(
        plan=plan,
        groups=[(category, list(rows)) for category, rows in groupby(projects, key=lambda project: project.category)],
        stages=list(stage_sums(projects)),
        total=sum((project.total_investment or Decimal(0) for project in projects), Decimal(0)),
        unpriced=sum(1 for project in projects if project.total_investment is None),
        has_demo=any(report.is_demo for project in projects if (report := latest_report(project))),
    )


def stage_sums(projects: Sequence[Project]) -> Iterable[StageSum]:
    """The stages at which some of the projects stand, in the order in which projects go."""
    for stage in Stage:
        there = [project for project in projects if stage_of(project) is stage]
        if there:
            money = sum((project.total_investment or Decimal(0) for project in there), Decimal(0))
            yield StageSum(stage, len(there), money)


@dataclass(frozen=True, slots=True)
class SectionTree:
    """A section with what stands below it."""

    section: Section
    items: list[WorkItem]
    children: list[SectionTree]

    @property
    def is_empty(self) -> bool:
        return not self.items and all(child.is_empty for child in self.children)


@dataclass(frozen=True, slots=True)
class WorkTable:
    """A plan's work items under their sections, and those without a section; each with its `newest` month."""

    sections: list[SectionTree]
    loose: list[WorkItem]
    has_demo: bool


def work_items(user: User) -> QuerySet[WorkItem]:
    """The work items as this person sees them: `n_months` reported, `newest_pk` of these, and whether the `state`
    rests on a demo figure (`is_demo`)."""
    months = WorkReport.objects.visible_to(user).filter(item=OuterRef("pk"))
    approved = WorkReport.objects.approved().filter(item=OuterRef("pk")).order_by("-year", "-month")
    counted = months.order_by().values("item").annotate(n=Count("pk"))
    return (
        WorkItem.objects.visible_to(user)
        .select_related("department")
        .annotate(
            n_months=Coalesce(Subquery(counted.values("n")), 0),
            newest_pk=Subquery(months.order_by("-year", "-month").values("pk")[:1]),
            is_demo=Coalesce(Subquery(approved.values("is_demo")[:1]), False),
        )
    )


def work_table(plan: Plan, *, user: User) -> WorkTable:
    """The plan's sections with their work items, each with the newest month: three queries, however many months."""
    sections = list(Section.objects.visible_to(user).filter(plan=plan))
    items = list(work_items(user).filter(plan=plan))
    keys = {item.pk: item.newest_pk for item in items}  # type: ignore[attr-defined]
    newest = WorkReport.objects.visible_to(user).in_bulk([key for key in keys.values() if key])
    for item in items:
        item.newest = newest.get(keys[item.pk])  # type: ignore[attr-defined]

    def tree(parent: int | None) -> list[SectionTree]:
        return [
            SectionTree(section, [item for item in items if item.section_id == section.pk], tree(section.pk))
            for section in sections
            if section.parent_id == parent
        ]

    return WorkTable(
        sections=tree(None),
        loose=[item for item in items if item.section_id is None],
        has_demo=any(item.is_demo for item in items)  # type: ignore[attr-defined]
        or any(report.is_demo for report in newest.values()),
    )


def months_of(item: WorkItem, *, user: User) -> list[WorkReport]:
    """The months of a work item that this person may see, with their events, the newest first: three queries."""
    seen = WorkReport.objects.visible_to(user).filter(item=item).order_by("-year", "-month")
    return list(seen.prefetch_related("events__by"))
