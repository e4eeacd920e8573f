"""Key projects of a plan, a page each, and the plan's work items."""

from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.requests import SignedInRequest
from plans.models import Plan
from projects.models import Project, ProjectReport
from projects.queries import project_table, stage_of, work_sections


@require_safe
def project_list(request: SignedInRequest, code: str) -> HttpResponse:
    plan = get_object_or_404(Plan.objects.visible_to(request.user).select_related("region", "source"), code=code)
    table = project_table(plan, user=request.user)
    return render(request, "projects/project_list.html", {"plan": plan, "table": table})


@require_safe
def project_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    seen = ProjectReport.objects.visible_to(request.user).select_related("entered_by").order_by("-year", "-month")
    projects = Project.objects.visible_to(request.user).select_related("plan__region", "plan__source", "department")
    projects = projects.prefetch_related("units", "funding_sources", Prefetch("reports", seen, to_attr="seen_reports"))
    project = get_object_or_404(projects, pk=pk)
    context = {"project": project, "plan": project.plan, "stage": stage_of(project)}
    return render(request, "projects/project_detail.html", context)


@require_safe
def work_item_list(request: SignedInRequest, code: str) -> HttpResponse:
    plan = get_object_or_404(Plan.objects.visible_to(request.user).select_related("region", "source"), code=code)
    sections, loose = work_sections(plan, user=request.user)
    return render(request, "projects/work_item_list.html", {"plan": plan, "sections": sections, "loose": loose})
