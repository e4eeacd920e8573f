"""My exports: how far each is, the link to the finished file, and the way to take one back."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from indicators.review import Refused
from reports.exports.answers import export_answer
from reports.exports.queries import ExportStanding, exports_of
from reports.exports.workflow import drop_export, open_export
from reports.models import Export
from reports.tables.forms import FileForm
from reports.tables.scopes import ImpossibleChoice


@require_POST
def export_order(request: SignedInRequest) -> HttpResponseBase:
    """The table that the address chooses: the file where it is small, else an export under way."""
    if not request.user.can(Permission.EXPORT):
        raise PermissionDenied
    form = FileForm(request.GET)
    if form.is_valid():
        try:
            return export_answer(kind="tables", what=form.choice.as_json(), by=request.user)
        except ImpossibleChoice:
            pass  # the page says why
        except Refused as error:
            messages.error(request, str(error))
    return redirect(f"{reverse('table_list')}?{request.GET.urlencode()}")


@require_safe
def export_list(request: SignedInRequest) -> HttpResponse:
    """The exports of this person; one who lost the right still finds and deletes what is left of theirs."""
    exports = exports_of(request.user, at=timezone.now())
    if not exports and not request.user.can(Permission.EXPORT):
        raise PermissionDenied
    return render(request, "reports/export_list.html", {"exports": exports})


@require_safe
def export_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """How far an export is; asked by the page itself every two seconds, it is only the part that changes."""
    standing = ExportStanding(get_object_or_404(Export.objects.visible_to(request.user), pk=pk), timezone.now())
    asked_by_page = request.headers.get("HX-Request") == "true"
    template = "reports/_export_progress.html" if asked_by_page else "reports/export_detail.html"
    return render(request, template, {"standing": standing, "export": standing.export})


@require_GET
def export_download(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The finished file, for its owner and for as long as they hold the right to it."""
    export = get_object_or_404(Export.objects.visible_to(request.user), pk=pk)
    try:
        content = open_export(export=export, by=request.user, at=timezone.now()).file.open("rb")
    except Refused as error:
        messages.error(request, str(error))
        return redirect("export_detail", pk)
    except FileNotFoundError as error:
        raise Http404("这个文件已不在存放处。") from error
    response = FileResponse(content, as_attachment=True, filename=export.name, content_type=export.content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
def export_drop(request: SignedInRequest, pk: int) -> HttpResponse:
    """Cancel what is under way, delete what is finished; back to the list."""
    export = get_object_or_404(Export.objects.visible_to(request.user), pk=pk)
    dropped = drop_export(export=export, by=request.user, at=timezone.now())
    messages.success(request, f"已{'取消' if dropped.is_under_way else '删除'}：{dropped.name}。")
    return redirect("export_list")
