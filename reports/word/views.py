"""Word reports to preview and download, the templates they are made from, and the bulletin to print."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.models import Region
from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from plans.models import Plan, Round
from reports.downloads import download
from reports.models import ReportKind, ReportTemplate
from reports.word.bulletin import bulletin_of
from reports.word.content import report_file_name, report_of
from reports.word.default_template import default_name, default_template
from reports.word.fields import FIELDS
from reports.word.forms import BulletinForm, PlanAskedForm, ReportForm, TemplateUploadForm
from reports.word.queries import template_kinds
from reports.word.rendering import build_report
from reports.word.template_check import TemplateFault
from reports.word.workflow import install_template, use_default, use_template

DOCUMENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@require_safe
def word_report(request: SignedInRequest) -> HttpResponse:
    """What the report of a plan says, before it is downloaded: `?plan=…&kind=…&year=…`."""
    if not request.user.can(Permission.EXPORT):
        raise PermissionDenied
    asked, today = PlanAskedForm(request.GET, user=request.user), timezone.localdate()
    if not asked.is_valid():
        raise Http404
    plan = asked.cleaned_data["plan"] or asked.plans.first()
    form = ReportForm(request.GET, plan=plan, on=today) if plan else None
    report = report_of(plan, *form.chosen, user=request.user, on=today) if form and plan else None
    context = {"asked": asked, "form": form, "report": report, "plan": plan}
    return render(request, "reports/word_report.html", context)


@require_GET
def word_download(request: SignedInRequest, code: str, kind: str, year: int) -> HttpResponse:
    """The report as .docx, in the template of the plan's region."""
    user, today = request.user, timezone.localdate()
    plans = Plan.objects.visible_to(user).select_related("region", "source", "policy")
    plan = get_object_or_404(plans, code=code)
    if not user.can(Permission.EXPORT, plan.region):
        raise PermissionDenied
    form = ReportForm({"kind": kind, "year": str(year)}, plan=plan, on=today)
    if not form.is_valid():
        raise Http404
    content = build_report(plan, *form.chosen, user=user, on=today, at=timezone.now())
    return download(content, report_file_name(plan, *form.chosen), content_type=DOCUMENT)


@require_safe
def template_list(request: SignedInRequest) -> HttpResponse:
    """The templates of the regions one manages, and where another one is installed."""
    if not request.user.can(Permission.MANAGE_PEOPLE):
        raise PermissionDenied
    return _template_list(request, TemplateUploadForm(user=request.user), 200)


@require_POST
def template_install(request: SignedInRequest) -> HttpResponse:
    """A new template is tried and installed; one that is hostile or broken is refused with the place."""
    if not request.user.can(Permission.MANAGE_PEOPLE):
        raise PermissionDenied
    form = TemplateUploadForm(request.POST, request.FILES, user=request.user)
    if form.is_valid():
        data, file = form.cleaned_data, form.cleaned_data["file"]
        try:
            installed = install_template(
                region=data["region"],
                kind=data["kind"],
                content=file.read(),
                name=file.name,
                by=request.user,
                at=timezone.now(),
            )
        except TemplateFault as error:
            form.add_error("file", str(error))
        else:
            messages.success(request, f"已安装并启用：{installed}。")
            return redirect("report_template_list")
    return _template_list(request, form, 422)


def _template_list(request: SignedInRequest, form: TemplateUploadForm, status: int) -> HttpResponse:
    context = {"kinds": template_kinds(request.user), "form": form, "fields": FIELDS, "defaults": ReportKind}
    return render(request, "reports/word_template_list.html", context, status=status)


@require_POST
def template_use(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take an earlier version up again."""
    found = get_object_or_404(ReportTemplate.objects.visible_to(request.user).select_related("region"), pk=pk)
    use_template(template=found, by=request.user, at=timezone.now())
    messages.success(request, f"已改用：{found}。")
    return redirect("report_template_list")


@require_POST
def template_default(request: SignedInRequest, code: str, kind: str) -> HttpResponse:
    """Back to the portal's own template."""
    region = get_object_or_404(Region.objects.visible_to(request.user, Permission.MANAGE_PEOPLE), code=code)
    if kind not in ReportKind.values:
        raise Http404
    use_default(region=region, kind=ReportKind(kind), by=request.user, at=timezone.now())
    messages.success(request, f"{region.short_name} {ReportKind(kind).label}已恢复默认模板。")
    return redirect("report_template_list")


@require_GET
def template_download(request: SignedInRequest, pk: int) -> HttpResponse:
    """A version as it was installed."""
    found = get_object_or_404(ReportTemplate.objects.visible_to(request.user), pk=pk)
    return download(bytes(found.content), found.name, content_type=DOCUMENT)


@require_GET
def template_default_download(request: SignedInRequest, kind: str) -> HttpResponse:
    """The portal's own template, to be edited in Word and installed."""
    if not request.user.can(Permission.MANAGE_PEOPLE):
        raise PermissionDenied
    if kind not in ReportKind.values:
        raise Http404
    return download(default_template(ReportKind(kind)), default_name(ReportKind(kind)), content_type=DOCUMENT)


@require_safe
def bulletin(request: SignedInRequest, code: str) -> HttpResponse:
    """通报 to print: who has not reported for a year in this region and below, and what lags there."""
    user, today = request.user, timezone.localdate()
    region = get_object_or_404(Region.objects.visible_to(user), code=code)
    if not user.can(Permission.REMIND, region):
        raise PermissionDenied
    rounds = Round.objects.visible_to(user, Permission.REMIND)
    form = BulletinForm(request.GET, rounds=rounds, on=today)
    context = {"region": region, "form": form, "bulletin": bulletin_of(region, form.chosen_year, user=user, on=today)}
    return render(request, "reports/bulletin.html", context)
