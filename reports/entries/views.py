"""The entry template of a plan, and its way back: upload, preview, confirmation, undo."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.archives import UnreadableFile
from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from indicators.review import Refused
from reports.downloads import download
from reports.entries.file import marked
from reports.entries.forms import ConfirmForm, LinesForm, TemplateForm, UploadForm, YearAskedForm
from reports.entries.queries import faults_of, import_page, imports_of
from reports.entries.template import entry_template, template_name
from reports.entries.workflow import confirm_import, undo_import, upload_entries
from reports.models import EntryImport


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
    return download(content, template_name(plans, year))


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
    return download(content, f"{imported.name.removesuffix('.xlsx')}_标注.xlsx")
