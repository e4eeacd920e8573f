"""The two kinds of monthly report, 项目进展 and 工作进展, for the code that treats both alike."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias

from django.db.models import Model, OuterRef, Prefetch, Q, QuerySet, Subquery

from indicators.checks import Problem
from indicators.models import State
from projects.checks import PROJECT_CHECKS, WORK_CHECKS, Check, problems_of_month
from projects.models import (
    M,
    Project,
    ProjectMonth,
    ProjectReport,
    ProjectReportEvent,
    WorkItem,
    WorkMonth,
    WorkReport,
    WorkReportEvent,
)
from projects.months import Month

Owner: TypeAlias = Project | WorkItem


@dataclass(frozen=True, slots=True)
class Kind(Generic[M]):
    """What differs between a month of a project and a month of a work item.

    `code` begins the names of its addresses and templates; `month` is what a report and its events both hold.
    """

    code: str
    label: str
    report: type[M]
    owner: type[Project] | type[WorkItem]
    event: type[Any]  # its ReviewEvent
    month: type[Model]
    checks: Sequence[Check[M]]

    @property
    def owner_field(self) -> str:
        return self.report.owner_field

    @property
    def sheet_address(self) -> str:
        return f"{self.code}_report_sheet"

    @property
    def save_address(self) -> str:
        return f"{self.code}_report_save"

    @property
    def submit_address(self) -> str:
        return f"{self.code}_report_submit"

    @property
    def move_address(self) -> str:
        return f"{self.code}_report_move"

    @property
    def review_address(self) -> str:
        return f"{self.code}_review"

    @property
    def approve_address(self) -> str:
        return f"{self.code}_review_approve"

    @property
    def said_template(self) -> str:
        return f"projects/_{self.code}_said.html"

    def said(self, report: Any) -> dict[str, Any]:
        """What a report or event says of its month, by the names of the fields."""
        return {field.name: getattr(report, field.name) for field in self.month._meta.local_fields}

    def with_all_months(self, reports: QuerySet[M]) -> QuerySet[M]:
        """The reports, each with every month of its project or work item, for `earlier` and `problems`."""
        every = self.report._default_manager.order_by("year", "month")
        return reports.prefetch_related(Prefetch(f"{self.owner_field}__reports", every, to_attr="all_months"))

    def months_beside(self, owners: Collection[int], month: Month) -> QuerySet[M]:
        """What `earlier` and `problems` need for this month of each, and it: the newest month before it, and the
        newest approved one. However many months a project or work item has, there are at most three."""
        every = self.report._default_manager.filter(**{f"{self.owner_field}__in": owners})
        rows = self.owner.objects.filter(pk__in=owners)
        theirs = self.report._default_manager.filter(**{self.owner_field: OuterRef("pk")})
        theirs = theirs.before(month)  # type: ignore[attr-defined]
        newest = theirs.order_by("-year", "-month").values("pk")
        approved = theirs.approved().order_by("-year", "-month").values("pk")
        return every.filter(
            Q(year=month.year, month=month.number)
            | Q(pk__in=rows.values_list(Subquery(newest[:1])))
            | Q(pk__in=rows.values_list(Subquery(approved[:1])))
        )

    def problems(self, report: M, months: Sequence[M]) -> list[Problem]:
        """What the checks find in a report, beside the approved ones of these months."""
        return problems_of_month(
            report, earlier(report, [month for month in months if month.state == State.APPROVED]), self.checks
        )


def earlier(report: M, months: Sequence[M]) -> M | None:
    """The newest of these months before the report's; None where it is the first."""
    return max((month for month in months if month.when < report.when), key=lambda month: month.when, default=None)


PROJECTS = Kind(
    code="project",
    label="项目进展",
    report=ProjectReport,
    owner=Project,
    event=ProjectReportEvent,
    month=ProjectMonth,
    checks=PROJECT_CHECKS,
)
WORK = Kind(
    code="work",
    label="工作进展",
    report=WorkReport,
    owner=WorkItem,
    event=WorkReportEvent,
    month=WorkMonth,
    checks=WORK_CHECKS,
)
KINDS: tuple[Kind[Any], ...] = (PROJECTS, WORK)
