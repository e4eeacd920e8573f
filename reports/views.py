"""Files that go out."""

from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from accounts.models import User
from accounts.permissions import Permission
from indicators.forms import YearForm
from indicators.queries import data_year, plan_table
from plans.models import Plan
from reports.plan_tables import PLAN_FILES
from reports.workbooks import CONTENT_TYPE


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
    response = HttpResponse(file.build(table, user, timezone.now()), content_type=CONTENT_TYPE)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=file.file_name(table))
    response["X-Content-Type-Options"] = "nosniff"
    return response
