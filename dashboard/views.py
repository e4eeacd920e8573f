"""Home, the cockpit and its big screen, the list of plans, a plan's own page, and one metric across plans."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Region
from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from dashboard import cockpit as cockpits
from dashboard.compare import by_theme, compared_metrics, comparison, metric_rows, metric_seen_by
from dashboard.forms import CockpitForm, CompareForm, MetricSearchForm, PlanFilterForm, PlanViewForm
from dashboard.help_pages import help_page
from dashboard.plan_pages import plan_page
from dashboard.queries import plan_summaries
from dashboard.screens import SCREEN_ORDER, screen_pages
from indicators.queries import only_what_is_due, opening_year, plan_table
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
def cockpit(request: SignedInRequest, code: str = "") -> HttpResponse:
    """A region in one planning period: a leader's own region, or the one in the address."""
    user, form = request.user, CockpitForm(request.GET)
    if chosen := form.chosen.get("region"):
        return redirect(f"{reverse('region_cockpit', args=[chosen])}?{form.period_in_address}")
    region = cockpits.own_region(user)
    if code:
        region = get_object_or_404(Region.objects.visible_to(user), code=code)
    context = {
        "region": region,
        "regions": cockpits.regions_offered(user),
        "cockpit": region
        and cockpits.cockpit(region, user=user, on=timezone.localdate(), period=form.period_chosen, wanted=form.wanted),
    }
    return render(request, "dashboard/cockpit.html", context)


@require_safe
def screen(request: SignedInRequest, code: str = "") -> HttpResponse:
    """The same on a wall: pages that turn, in sizes that read from five metres."""
    user, form, show = request.user, CockpitForm(request.GET), Permission.SHOW_SCREEN
    region = cockpits.own_region(user, show)
    if code:
        region = get_object_or_404(Region.objects.visible_to(user, show), code=code)
    if region is None:
        raise PermissionDenied
    shown = cockpits.cockpit(
        region, user=user, on=timezone.localdate(), period=form.period_chosen, wanted=SCREEN_ORDER, permission=show
    )
    context = {"region": region, "cockpit": shown, "pages": screen_pages(shown), "now": timezone.now()}
    return render(request, "dashboard/screen.html", context)


@require_safe
def plan_list(request: SignedInRequest) -> HttpResponse:
    summaries = plan_summaries(request.user, on=timezone.localdate())
    return render(request, "dashboard/plan_list.html", {"summaries": summaries})


@require_safe
def plan_detail(request: SignedInRequest, code: str) -> HttpResponse:
    """A plan in one data year: its official table, or a picture of the same rows."""
    user, today = request.user, timezone.localdate()
    plan = get_object_or_404(Plan.objects.visible_to(user).select_related("region", "source", "policy"), code=code)
    asked = PlanViewForm(request.GET, years=plan.years)
    rows = plan_table(plan, year=asked.chosen_year or opening_year(plan, on=today), user=user, on=today)
    table = only_what_is_due(rows, on=today)
    filters = PlanFilterForm(request.GET, rows=table.rows)
    context = {
        "plan": plan,
        "table": table,
        "asked": asked,
        "filters": filters,
        "page": plan_page(asked.chosen_view, table, filters.groups(table), user=user, on=today),
        "n_projects": Project.objects.visible_to(user).filter(plan=plan).count(),
        "n_work_items": WorkItem.objects.visible_to(user).filter(plan=plan).count(),
        "n_sections": Section.objects.visible_to(user).filter(plan=plan).count(),
        "may_export": user.can(Permission.EXPORT, plan.region),
        "may_enter": user.can(Permission.ENTER, plan.region),
    }
    return render(request, "dashboard/plan_detail.html", context)


@require_safe
def help_detail(request: SignedInRequest) -> HttpResponse:
    """How every figure is computed, who does what, and how each role begins."""
    return render(request, "dashboard/help.html", {"page": help_page(request.user)})


@require_safe
def compare_list(request: SignedInRequest) -> HttpResponse:
    """The metrics that occur in the plans one may see."""
    lines = compared_metrics(request.user)
    search = MetricSearchForm(request.GET, lines=lines)
    kept = search.kept(lines)
    context = {"search": search, "total": len(lines), "found": len(kept), "groups": by_theme(kept)}
    return render(request, "dashboard/compare_list.html", context)


@require_safe
def compare_detail(request: SignedInRequest, metric: str) -> HttpResponse:
    """One metric, by its code or its number, in every plan one may see."""
    entry = metric_seen_by(request.user, metric)
    if entry is None:
        raise Http404
    rows = metric_rows(entry, user=request.user)
    choices = CompareForm(request.GET, rows=rows)
    page = comparison(entry, rows, choice=choices.choice, on=timezone.localdate())
    return render(request, "dashboard/compare_detail.html", {"metric": entry, "page": page, "choices": choices})
