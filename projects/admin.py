"""Key projects with their units and money, and work items, for planners; monthly reports to look at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.admin_site import ReadOnly, ScopedAdmin, ScopedInline, demo_badge
from accounts.tables import TableAdmin
from indicators.admin.fields import FIGURES
from indicators.figures import format_target
from indicators.queries import figure_shown, places_of
from indicators.tables import FigureTable, department_column, plan_column, theme_column
from plans.admin import PLANNERS
from projects.models import FundingSource, Project, ProjectReport, ProjectUnit, WorkItem, WorkReport


class ProjectTable(FigureTable):
    plan = plan_column()
    theme = theme_column()
    department = department_column()

    class Meta:
        model = Project
        import_id_fields = ("plan", "number")
        fields = (
            "plan",
            "number",
            "order",
            "category",
            "name",
            "printed_name",
            "location",
            "total_investment",
            "start_year",
            "end_year",
            "years_text",
            "content",
            "stage",
            "stage_text",
            "theme",
            "department",
            "source_ref",
            "remark",
        )


class UnitInline(ScopedInline):
    permissions = PLANNERS
    model = ProjectUnit


class FundingInline(ScopedInline):
    permissions = PLANNERS
    model = FundingSource


@admin.register(Project)
class ProjectAdmin(TableAdmin):
    permissions = PLANNERS
    formfield_overrides = FIGURES
    region_path = "plan__region"
    resource_classes = (ProjectTable,)
    table_related = ("plan__region", "theme", "department")
    list_display = ("number", "name", "plan", "category", "investment", "period", "stage", "department")
    list_display_links = ("number", "name")
    list_select_related = ("plan", "department")
    list_filter = (("plan", admin.RelatedOnlyFieldListFilter), "stage", "category")
    search_fields = ("number", "name", "location")
    inlines = (UnitInline, FundingInline)

    @admin.display(description="总投资（万元）", ordering="total_investment")
    def investment(self, project: Project) -> str:
        return figure_shown(project.total_investment)

    @admin.display(description="起止年", ordering="start_year")
    def period(self, project: Project) -> str:
        if project.start_year is None and project.end_year is None:
            return project.years_text or "—"
        return f"{project.start_year or ''}～{project.end_year or ''}"


@admin.register(ProjectReport)
class ProjectReportAdmin(ReadOnly, ScopedAdmin):
    """Looked at here; entered on the month sheet and reviewed on the review page."""

    permissions = PLANNERS
    region_path = "project__plan__region"
    list_display = ("project", "year", "month", "stage", "investment", "progress", "state", demo_badge)
    list_select_related = ("project",)
    list_filter = ("state", "year")
    search_fields = ("project__name",)

    @admin.display(description="累计完成投资（万元）", ordering="investment_done")
    def investment(self, report: ProjectReport) -> str:
        return figure_shown(report.investment_done)

    @admin.display(description="形象进度（%）", ordering="physical_progress")
    def progress(self, report: ProjectReport) -> str:
        return figure_shown(report.physical_progress)


@admin.register(WorkReport)
class WorkReportAdmin(ReadOnly, ScopedAdmin):
    """Looked at here; entered on the month sheet and reviewed on the review page."""

    permissions = PLANNERS
    region_path = "item__plan__region"
    list_display = ("item", "year", "month", "work_state", "reached", "state", demo_badge)
    list_select_related = ("item",)
    list_filter = ("state", "year")
    search_fields = ("item__title",)

    @admin.display(description="累计完成", ordering="value")
    def reached(self, report: WorkReport) -> str:
        return figure_shown(report.value)


@admin.register(WorkItem)
class WorkItemAdmin(ScopedAdmin):
    permissions = PLANNERS
    formfield_overrides = FIGURES
    region_path = "plan__region"
    list_display = ("number", "title", "plan", "target", "due_on", "state", "department")
    list_display_links = ("number", "title")
    list_select_related = ("plan", "department")
    list_filter = (("plan", admin.RelatedOnlyFieldListFilter), "state", "theme")
    search_fields = ("number", "title")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The state is the planner's until a month is approved; from then on the months say it."""
        return ("state",) if obj is not None and obj.reports.approved().exists() else ()

    @admin.display(description="目标")
    def target(self, item: WorkItem) -> str:
        if item.target_value is None:
            return item.target_text or "—"
        decimals = max(places_of(item.target_value), places_of(item.target_upper or item.target_value))
        shown = format_target(
            operator=item.target_operator, value=item.target_value, upper=item.target_upper, decimals=decimals
        )
        return f"{shown}{item.unit}"
