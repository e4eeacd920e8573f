"""What the project and work-item pages read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from django.db.models import Prefetch

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


def stage_of(project: Project) -> Stage:
    """The stage of the newest approved report, else the one the plan prints."""
    reports: list[ProjectReport] = project.seen_reports  # type: ignore[attr-defined]
    approved = next((report for report in reports if report.state == State.APPROVED), None)
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
        stages=list(_stage_sums(projects)),
        total=sum((project.total_investment or Decimal(0) for project in projects), Decimal(0)),
        unpriced=sum(1 for project in projects if project.total_investment is None),
        has_demo=any(report.is_demo for project in projects if (report := latest_report(project))),
    )


def _stage_sums(projects: list[Project]) -> Iterable[StageSum]:
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


def work_sections(plan: Plan, *, user: User) -> tuple[list[SectionTree], list[WorkItem]]:
    """The plan's sections with their work items and months, and the items without a section: three queries."""
    sections = list(Section.objects.visible_to(user).filter(plan=plan))
    months = Prefetch(
        "reports", WorkReport.objects.visible_to(user).order_by("-year", "-month"), to_attr="seen_reports"
    )
    rows = WorkItem.objects.visible_to(user).filter(plan=plan).select_related("department")
    items = list(rows.prefetch_related(months))

    def tree(parent: int | None) -> list[SectionTree]:
        return [
            SectionTree(section, [item for item in items if item.section_id == section.pk], tree(section.pk))
            for section in sections
            if section.parent_id == parent
        ]

    return tree(None), [item for item in items if item.section_id is None]
