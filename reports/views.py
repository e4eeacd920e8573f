"""Files that go out, and the entry templates that come back."""

from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.archives import UnreadableFile
from accounts.models import User
from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from indicators.forms import ReminderFilterForm, YearForm
from indicators.queries import data_year, plan_table
from indicators.review import Refused
from plans.models import Plan, Round
from reports.entry_file import marked
from reports.entry_template import entry_template, template_name
from reports.forms import ConfirmForm, LinesForm, TemplateForm, UploadForm, YearAskedForm
from reports.models import EntryImport
from reports.plan_tables import PLAN_FILES
from reports.queries import faults_of, import_page, imports_of
from reports.reminder_table import reminder_file_name, reminder_list
from reports.workbooks import CONTENT_TYPE
from reports.workflow import confirm_import, undo_import, upload_entries


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
    return _workbook(file.build(table, user, timezone.now()), file.file_name(table))


@require_GET
def reminder_export(request: HttpRequest) -> HttpResponse:
    """The page of reminders as .xlsx, under the same filters: counts and names, no figure."""
    user, now = cast(User, request.user), timezone.now()
    if not user.can(Permission.REMIND):
        raise PermissionDenied
    rounds = Round.objects.visible_to(user, Permission.REMIND)
    filters = ReminderFilterForm(request.GET, rounds=rounds, on=timezone.localdate(now))
    return _workbook(reminder_list(filters.kept(), filters.said, user, now), reminder_file_name(now))


@require_GET
def entry_template_download(request: SignedInRequest) -> HttpResponse:
    """The prefilled template of one or several plans for a year: `?plan=…&plan=…&year=…`."""
    form = TemplateForm(request.GET, user=request.user)
    if not form.is_valid():
        raise Http404
    plans, year = form.cleaned_data["plan"], form.cleaned_data["year"]
    if not request.user.can(Permission.ENTER, plans[0].region):
        raise PermissionDenied
    content = entry_template(plans, year=year, user=request.user, on=timezone.localdate(), at=timezone.now())
    return _workbook(content, template_name(plans, year))


@require_safe
def entry_import_list(request: SignedInRequest) -> HttpResponse:
    """My imports, and where a filled-in template is handed in."""
    if not request.user.can(Permission.ENTER):
        raise PermissionDenied
    asked = YearAskedForm(request.GET)
    year = asked.cleaned_data["year"] if asked.is_valid() else None
    return _import_list(request, UploadForm(initial={"year": year}), 200)


@require_POST
def entry_import_upload(request: SignedInRequest) -> HttpResponse:
    """A file becomes a preview; one that is no template of ours is refused with its reason, and nothing is kept."""
    if not request.user.can(Permission.ENTER):
        raise PermissionDenied
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            imported = upload_entries(
                content=file.read(), name=file.name, by=request.user, year=form.cleaned_data["year"]
            )
            return redirect("entry_import_detail", imported.pk)
        except UnreadableFile as error:
            form.add_error("file", str(error))
    return _import_list(request, form, 422)


def _import_list(request: SignedInRequest, form: UploadForm, status: int) -> HttpResponse:
    imports = Paginator(imports_of(request.user), 50).get_page(1)
    return render(request, "reports/entry_import_list.html", {"form": form, "imports": imports}, status=status)


@require_safe
def entry_import_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """The preview of an import, or what became of it."""
    imported = get_object_or_404(EntryImport.objects.visible_to(request.user).select_related("region"), pk=pk)
    asked = LinesForm(request.GET)
    chosen = asked.cleaned_data if asked.is_valid() else {}
    page = import_page(imported, page=chosen.get("page") or 1, shows_same=chosen.get("show") == "same")
    return render(request, "reports/entry_import_detail.html", {"page": page, "imported": imported})


@require_POST
def entry_import_confirm(request: SignedInRequest, pk: int) -> HttpResponse:
    """Write what the preview showed; back to the import, with a sentence."""
    imported = get_object_or_404(EntryImport.objects.visible_to(request.user), pk=pk)
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        messages.error(request, "确认的内容有误，没有写入任何一项。请重新勾选。")
        return redirect("entry_import_detail", pk)
    try:
        confirm_import(imported=imported, by=request.user, **form.cleaned_data)
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "已导入。数据现为草稿，请到填报表核对后提交审核。")
    return redirect("entry_import_detail", pk)


@require_POST
def entry_import_undo(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take an import back, as far as nobody went on from it."""
    imported = get_object_or_404(EntryImport.objects.visible_to(request.user), pk=pk)
    try:
        undo_import(imported=imported, by=request.user)
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "已撤销：没有再改过的行恢复为导入前的数据。")
    return redirect("entry_import_detail", pk)


@require_GET
def entry_import_marked(request: SignedInRequest, pk: int) -> HttpResponse:
    """The uploaded workbook with each refused cell filled and commented."""
    imported = get_object_or_404(EntryImport.objects.visible_to(request.user), pk=pk)
    content = marked(bytes(imported.content), faults_of(imported))
    return _workbook(content, f"{imported.name.removesuffix('.xlsx')}_标注.xlsx")


def _workbook(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=CONTENT_TYPE)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response["X-Content-Type-Options"] = "nosniff"
    return response
