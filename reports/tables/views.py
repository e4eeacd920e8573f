"""The official tables: the page on which they are chosen, and the files."""

from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from accounts.models import User
from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from indicators.forms import ReminderFilterForm, YearForm
from indicators.queries import data_year, plan_table
from plans.models import Plan, Round
from reports.downloads import download
from reports.tables.choices import scope_of
from reports.tables.forms import FileForm, form_for, offers_to, shown_fields
from reports.tables.kinds import KINDS
from reports.tables.plan_tables import PLAN_FILES
from reports.tables.preview import Preview, preview_of
from reports.tables.reminder_table import reminder_file_name, reminder_list
from reports.tables.scopes import ImpossibleChoice


@require_safe
def table_list(request: SignedInRequest) -> HttpResponse:
    """报表: choose a table, its plans and its time, see its first rows, and take the file."""
    if not request.user.can(Permission.EXPORT):
        raise PermissionDenied
    offers = offers_to(request.user)
    form = form_for(request.user, request.GET, offers)
    preview, wrong = _preview(request, form)
    context = {
        "kinds": [(code, kind, code == form.table_chosen) for code, kind in KINDS.items()],
        "kind": KINDS[form.table_chosen],
        "form": form,
        "fields": shown_fields(form, offers),
        "preview": preview,
        "wrong": wrong,
    }
    return render(request, "reports/tables_list.html", context)


def _preview(request: SignedInRequest, form: FileForm) -> tuple[Preview | None, str]:
    """What the choice in the address gives, or why it gives nothing."""
    if not form.is_valid():
        return None, form.said_wrong
    now = timezone.now()
    try:
        scope = scope_of(form.choice, request.user, timezone.localdate(now), now)
        return preview_of(form.choice, scope), ""
    except ImpossibleChoice as impossible:
        return None, str(impossible)


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
