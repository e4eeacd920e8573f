"""The official tables as files."""

from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.models import User
from accounts.permissions import Permission
from indicators.forms import ReminderFilterForm, YearForm
from indicators.queries import data_year, plan_table
from plans.models import Plan, Round
from reports.downloads import download
from reports.tables.plan_tables import PLAN_FILES
from reports.tables.reminder_table import reminder_file_name, reminder_list


@require_GET
def plan_export(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """One of a plan's official tables as .xlsx, with the figures of the plan's page."""
    user = cast(User, request.user)
    plans = Plan.objects.visible_to(user).select_related("region", "source", "policy")
    plan = get_object_or_404(plans, code=code)
    if not user.can(Permission.EXPORT, plan.region):
        raise PermissionDenied
    file, form = PLAN_FILES.get(name), YearForm(request.GET, years=plan.years)
    if file is None or not form.is_valid():
        raise Http404
    on = timezone.localdate()
    table = plan_table(plan, year=form.cleaned_data["year"] or data_year(plan, on=on), user=user, on=on)
    return download(file.build(table, user, timezone.now()), file.file_name(table))


@require_GET
def reminder_export(request: HttpRequest) -> HttpResponse:
    """The page of reminders as .xlsx, under the same filters: counts and names, no figure."""
    user, now = cast(User, request.user), timezone.now()
    if not user.can(Permission.REMIND):
        raise PermissionDenied
    rounds = Round.objects.visible_to(user, Permission.REMIND)
    filters = ReminderFilterForm(request.GET, rounds=rounds, on=timezone.localdate(now))
    return download(reminder_list(filters.kept(), filters.said, user, now), reminder_file_name(now))
