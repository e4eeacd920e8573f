"""Home, the list of plans, and a plan's own page."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from dashboard.forms import PlanFilterForm
from dashboard.queries import plan_summaries
from indicators.forms import YearForm
from indicators.queries import data_year, plan_table
from plans.models import Plan, Section
from projects.models import Project, WorkItem


@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """What waits for this person (which every page counts), and how their plans stand."""
    today = timezone.localdate()
    context = {
        "summaries": plan_summaries(request.user, on=today),
        "today": today,
    }
    return render(request, "dashboard/home.html", context)


@require_safe
def plan_list(request: SignedInRequest) -> HttpResponse:
    summaries = plan_summaries(request.user, on=timezone.localdate())
    return render(request, "dashboard/plan_list.html", {"summaries": summaries})


@require_safe
def plan_detail(request: SignedInRequest, code: str) -> HttpResponse:
    """The official table of a plan with lights for one data year."""
    user = request.user
    plan = get_object_or_404(Plan.objects.visible_to(user).select_related("region", "source", "policy"), code=code)
    today = timezone.localdate()
    years = YearForm(request.GET, years=plan.years)
    chosen = years.cleaned_data["year"] if years.is_valid() else None
    table = plan_table(plan, year=chosen or data_year(plan, on=today), user=user, on=today)
    filters = PlanFilterForm(request.GET, rows=table.rows)
    context = {
        "plan": plan,
        "table": table,
        "filters": filters,
        "groups": filters.groups(table),
        "is_bad_year": not years.is_valid(),
        "n_projects": Project.objects.visible_to(user).filter(plan=plan).count(),
        "n_work_items": WorkItem.objects.visible_to(user).filter(plan=plan).count(),
        "sections": Section.objects.visible_to(user).filter(plan=plan).count(),
        "may_export": user.can(Permission.EXPORT, plan.region),
        "may_enter": user.can(Permission.ENTER, plan.region),
    }
    return render(request, "dashboard/plan_detail.html", context)
