"""上报存档: the rounds of a plan as they were reported upward. Whoever sees the plan sees them; nobody changes one."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from indicators.review import Refused
from plans.models import Plan
from reports.downloads import download
from reports.models import Snapshot
from reports.snapshots.forms import SnapshotForm
from reports.snapshots.queries import snapshot_page
from reports.snapshots.workflow import take_snapshot


@require_safe
def snapshot_list(request: SignedInRequest, code: str) -> HttpResponse:
    """The snapshots of a plan; a planner finds the form for another above them."""
    plan = get_object_or_404(Plan.objects.visible_to(request.user).select_related("region"), code=code)
    return _list(request, plan, SnapshotForm(plan=plan, before=timezone.localdate().year), status=200)


@require_POST
def snapshot_take(request: SignedInRequest, code: str) -> HttpResponse:
    """Freeze a year; to the snapshot, or back to the form with what is wrong."""
    plan = get_object_or_404(
        Plan.objects.visible_to(request.user).select_related("region", "source", "policy"), code=code
    )
    if not request.user.can(Permission.PLAN, plan.region):
        raise PermissionDenied
    form = SnapshotForm(request.POST, plan=plan, before=timezone.localdate().year)
    if form.is_valid():
        try:
            snapshot = take_snapshot(plan=plan, by=request.user, at=timezone.now(), **form.cleaned_data)
        except Refused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "已存档。此后数据、目标或评价再有变动，本存档都不会改变。")
            return redirect("snapshot_detail", snapshot.pk)
    return _list(request, plan, form, status=422)


def _list(request: SignedInRequest, plan: Plan, form: SnapshotForm, *, status: int) -> HttpResponse:
    may_take = request.user.can(Permission.PLAN, plan.region)
    snapshots = Snapshot.objects.visible_to(request.user).listed().filter(plan=plan)
    context = {"plan": plan, "snapshots": snapshots, "form": form if may_take else None}
    return render(request, "reports/snapshot_list.html", context, status=status)


@require_safe
def snapshot_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """The frozen table under its banner, and below it what has changed since."""
    snapshots = Snapshot.objects.visible_to(request.user)
    snapshot = get_object_or_404(snapshots.select_related("plan__region", "plan__policy", "taken_by"), pk=pk)
    page = snapshot_page(snapshot, user=request.user, on=timezone.localdate())
    may_export = request.user.can(Permission.EXPORT, snapshot.plan.region)
    return render(
        request, "reports/snapshot_detail.html", {"page": page, "snapshot": snapshot, "may_export": may_export}
    )


@require_GET
def snapshot_download(request: SignedInRequest, pk: int) -> HttpResponse:
    """指标完成情况表 as it was kept, byte for byte."""
    snapshot = get_object_or_404(Snapshot.objects.visible_to(request.user).select_related("plan__region"), pk=pk)
    if not request.user.can(Permission.EXPORT, snapshot.plan.region):
        raise PermissionDenied
    return download(bytes(snapshot.workbook), snapshot.file_name)
