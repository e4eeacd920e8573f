"""Key projects and work items of a plan, the month sheets in which they are reported, files, and the review of months.

A view of months serves both kinds; its address says which (`projects.kinds`).
"""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from indicators.checks import Problem
from indicators.evidence import evidence_file
from indicators.forms import ChosenForm, EvidenceForm, MoveForm, ReviewFilterForm
from indicators.moves import Move
from indicators.review import Forbidden, Refused
from plans.models import Plan
from projects.attachments import attach_file, month_files, remove_file
from projects.entry import MonthLine, month_line, month_sheet, sheet_years, submit_month
from projects.filters import ProjectFilterForm, WorkFilterForm
from projects.forms import form_of
from projects.kinds import Kind, Owner
from projects.models import Project, ProjectReport, ReportFile
from projects.months import Month, month_offered_first
from projects.portfolio import project_table
from projects.queries import months_of, task_of, work_items, work_table
from projects.standings import project_page
from projects.workflow import move_reports, save_report
from projects.worklists import months_to_review


@require_safe
def project_list(request: SignedInRequest, code: str) -> HttpResponse:
    """The key projects of a plan: as the official table, on the calendar, or in money."""
    plan = get_object_or_404(Plan.objects.visible_to(request.user).select_related("region", "source"), code=code)
    table = project_table(plan, user=request.user, on=timezone.localdate())
    filters = ProjectFilterForm(request.GET, table=table)
    context = {"plan": plan, "table": filters.kept(table), "total": len(table.standings), "filters": filters}
    return render(request, "projects/project_list.html", context | _doors(request, plan))


@require_safe
def project_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """A key project: its sentence, its money month by month, its milestones, problems, months and files."""
    projects = Project.objects.visible_to(request.user).select_related("plan__region", "plan__source", "department")
    project = get_object_or_404(projects.prefetch_related("units", "funding_sources"), pk=pk)
    page = project_page(project, user=request.user, on=timezone.localdate())
    context = {"page": page, "project": project, "plan": project.plan}
    return render(request, "projects/project_detail.html", context | _doors(request, project.plan))


@require_safe
def work_item_list(request: SignedInRequest, code: str) -> HttpResponse:
    """The tasks of a plan: as a board, by date, or in the order of the document."""
    plan = get_object_or_404(Plan.objects.visible_to(request.user).select_related("region", "source"), code=code)
    table = work_table(plan, user=request.user, on=timezone.localdate())
    filters = WorkFilterForm(request.GET, table=table)
    context = {"plan": plan, "table": filters.kept(table), "total": len(table.tasks), "filters": filters}
    return render(request, "projects/work_item_list.html", context | _doors(request, plan))


@require_safe
def work_item_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """A task with all its months."""
    item = get_object_or_404(work_items(request.user).select_related("plan__region", "plan__source", "section"), pk=pk)
    reports = months_of(item, user=request.user)
    task = task_of(item, reports, on=timezone.localdate())
    context = {"item": item, "plan": item.plan, "reports": reports, "task": task}
    return render(request, "projects/work_item_detail.html", context | _doors(request, item.plan))


def _doors(request: SignedInRequest, plan: Plan) -> dict[str, Any]:
    """What this person may do from a page of the plan, and the month its link to the sheet leads to."""
    user, today = request.user, timezone.localdate()
    return {
        "may_enter_here": user.can(Permission.ENTER, plan.region),
        "may_review_here": user.can(Permission.REVIEW, plan.region),
        "sees_unapproved": user.can(Permission.SEE_UNAPPROVED, plan.region),
        "month": month_offered_first(first_year=plan.start_year, last_year=plan.end_year, on=today),
    }


# ---- Files beside a month of a project


@require_POST
def report_file_attach(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put a file beside a month; answers with the month's list of files."""
    reports = ProjectReport.objects.visible_to(request.user).select_related("project__plan__region")
    report = get_object_or_404(reports, pk=pk)
    form, refusal = EvidenceForm(request.POST, request.FILES), ""
    if not request.user.can(Permission.ENTER, report.project.plan.region):
        raise PermissionDenied
    if not form.is_valid():
        return _files(request, report, refusal=str(form.errors["file"][0]))
    try:
        attach_file(report=report, upload=form.cleaned_data["file"], by=request.user)
    except Forbidden as error:
        raise PermissionDenied(str(error)) from error
    except Refused as error:
        refusal = str(error)
    return _files(request, report, refusal=refusal)


@require_POST
def report_file_remove(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a file back; answers with the files that are left."""
    files = ReportFile.objects.visible_to(request.user).standing()
    file, refusal = get_object_or_404(files.select_related("report__project__plan__region"), pk=pk), ""
    try:
        remove_file(file=file, by=request.user)
    except Forbidden as error:
        raise PermissionDenied(str(error)) from error
    except Refused as error:
        refusal = str(error)
    return _files(request, file.report, refusal=refusal)


def _files(request: SignedInRequest, report: ProjectReport, *, refusal: str = "") -> HttpResponse:
    """The month's list of files for a script; for a browser without one the project's page, with the refusal."""
    if not request.htmx:  # type: ignore[attr-defined]
        if refusal:
            messages.error(request, f"{report}：{refusal}")
        return redirect(f"{report.project.get_absolute_url()}#month-{report.year}-{report.month}")
    context = {**month_files(report, user=request.user).context, "refusal": refusal}
    return render(request, "projects/_files.html", context, status=422 if refusal else 200)


@require_safe
def report_file_download(request: SignedInRequest, pk: int) -> FileResponse:
    return evidence_file(get_object_or_404(ReportFile.objects.visible_to(request.user).standing(), pk=pk))


@require_safe
def report_file_preview(request: SignedInRequest, pk: int) -> FileResponse:
    """A picture to stand within the page, small; for whoever may see the month."""
    files = ReportFile.objects.visible_to(request.user).standing().filter(has_preview=True)
    return evidence_file(get_object_or_404(files, pk=pk), is_shown=True)


# ---- The month sheet


def _entered_plan(request: SignedInRequest, code: str) -> Plan:
    """The plan whose months this person reports; 404 where they do not see it, 403 where they only see it."""
    plan = get_object_or_404(Plan.objects.visible_to(request.user).select_related("region"), code=code)
    if not request.user.can(Permission.ENTER, plan.region):
        raise PermissionDenied
    return plan


def _month_of(plan: Plan, year: int, month: int) -> Month:
    asked = Month(year, month)
    if year not in sheet_years(plan, this_year=timezone.localdate().year) or not asked.is_month:
        raise Http404
    return asked


@require_safe
def report_sheet(request: SignedInRequest, code: str, year: int, month: int, kind: Kind[Any]) -> HttpResponse:
    """One sheet per plan and month, for the clerks of the plan's region."""
    plan = _entered_plan(request, code)
    return _sheet(request, kind, plan, _month_of(plan, year, month))


def _sheet(
    request: SignedInRequest,
    kind: Kind[Any],
    plan: Plan,
    month: Month,
    *,
    refused: MonthLine[Any] | None = None,
    problems: list[Problem] | None = None,
    status: int = 200,
) -> HttpResponse:
    years = sheet_years(plan, this_year=timezone.localdate().year)
    sheet = month_sheet(kind, plan, month, user=request.user, years=years, refused=refused)
    context = {"sheet": sheet, "plan": plan, "kind": kind, "months": range(1, 13), "problems": problems}
    return render(request, f"projects/{kind.code}_report_sheet.html", context, status=status)


@require_POST
def report_save(request: SignedInRequest, pk: int, year: int, month: int, kind: Kind[Any]) -> HttpResponse:
    """Save one row of the sheet; htmx gets the row's status and never its inputs, a browser the sheet."""
    owners = kind.owner.objects.visible_to(request.user).select_related("plan__region")
    owner = cast(Owner, get_object_or_404(owners, pk=pk))
    if not request.user.can(Permission.ENTER, owner.plan.region):
        raise PermissionDenied
    when = _month_of(owner.plan, year, month)
    form = form_of(kind)(request.POST, owner=owner)
    conflict, status = None, 200
    if not form.is_valid():
        status = 422
    else:
        version = form.cleaned_data["version"]
        try:
            save_report(kind=kind, owner=owner, month=when, entry=form.entry, by=request.user, version=version)
        except Forbidden as error:
            raise PermissionDenied from error
        except Refused as error:
            form.add_error(None, str(error))
            conflict, status = getattr(error, "current", None), error.status
    typed = form if form.errors else None
    line = month_line(kind, owner, when, user=request.user, typed=typed, conflict=conflict)
    return _saved(request, kind, line, when, status=status)


def _saved(
    request: SignedInRequest, kind: Kind[Any], line: MonthLine[Any], month: Month, *, status: int
) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        saved_at = timezone.localtime() if status == 200 else None
        context = {"line": line, "kind": kind, "month": month, "saved_at": saved_at}
        return render(request, "projects/_report_status.html", context, status=status)
    plan = line.owner.plan
    if status == 200:
        messages.success(request, f"{line.owner}：{month}进展已保存。")
        return redirect(kind.sheet_address, plan.code, *month)
    return _sheet(request, kind, plan, month, refused=line, status=status)


@require_POST
def report_submit(request: SignedInRequest, code: str, year: int, month: int, kind: Kind[Any]) -> HttpResponse:
    """Pass on every saved row of this person's month that is fit; the others stay, each with its sentence."""
    plan = _entered_plan(request, code)
    when = _month_of(plan, year, month)
    passed = submit_month(kind, plan, when, by=request.user)
    if passed.submitted:
        messages.success(request, f"已提交{passed.submitted}项，等待审核。")
    if passed.overtaken:
        messages.info(request, passed.overtaken_said)
    elif not (passed.submitted or passed.problems):
        messages.info(request, "没有可提交的进展。请先填写并保存。")
    if not passed.problems:
        return redirect(kind.sheet_address, code, *when)
    return _sheet(request, kind, plan, when, problems=passed.problems, status=422)


# ---- Review


@require_safe
def report_review(request: SignedInRequest, kind: Kind[Any]) -> HttpResponse:
    if not request.user.can(Permission.REVIEW):
        raise PermissionDenied
    return _review(request, kind)


def _review(request: SignedInRequest, kind: Kind[Any], *, exceptions: list[str] | None = None) -> HttpResponse:
    form = ReviewFilterForm(request.GET)
    plan = form.cleaned_data["plan"] if form.is_valid() else ""
    rows = months_to_review(kind, request.user, plan=plan)
    context = {"rows": rows, "kind": kind, "exceptions": exceptions, "is_filtered": bool(plan)}
    context |= {"is_chosen": "choose" in request.GET}
    return render(request, f"projects/{kind.code}_review.html", context, status=422 if exceptions else 200)


@require_POST
def report_approve(request: SignedInRequest, kind: Kind[Any]) -> HttpResponse:
    """Approve what was ticked, as single approval does; what cannot be approved stays and is listed with its reason."""
    if not request.user.can(Permission.REVIEW):
        raise PermissionDenied
    form = ChosenForm(request.POST)
    if not form.is_valid():
        return _review(request, kind, exceptions=[str(error) for error in form.errors["chosen"]])
    versions = dict(form.cleaned_data["chosen"])
    visible = kind.report._default_manager.visible_to(request.user).select_related(kind.owner_field)
    chosen = [(report, versions[report.pk]) for report in visible.filter(pk__in=versions)]
    answers = move_reports(kind=kind, chosen=chosen, move=Move.APPROVE, by=request.user)
    exceptions = [
        f"{report}：{answer}"
        for (report, _), answer in zip(chosen, answers, strict=True)
        if isinstance(answer, Refused)
    ]
    if len(chosen) < len(versions):
        exceptions.append(f"另有{len(versions) - len(chosen)}项已不存在，或不在您的权限范围内。")
    if approved := len(chosen) - sum(isinstance(answer, Refused) for answer in answers):
        messages.success(request, f"已通过{approved}项。")
    return _review(request, kind, exceptions=exceptions) if exceptions else redirect(kind.review_address)


@require_POST
def report_move(request: SignedInRequest, pk: int, kind: Kind[Any]) -> HttpResponse:
    """One step of the review for one month; back to the review list or to the project or work item, with a sentence."""
    visible = kind.report._default_manager.visible_to(request.user).select_related(f"{kind.owner_field}__plan")
    report = get_object_or_404(visible, pk=pk)
    form = MoveForm(request.POST)
    if not form.is_valid():
        messages.error(request, "；".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect(report.owner)
    move, note = Move(form.cleaned_data["move"]), form.cleaned_data["note"]
    chosen = [(report, form.cleaned_data["version"])]
    (answer,) = move_reports(kind=kind, chosen=chosen, move=move, by=request.user, note=note)
    if isinstance(answer, Forbidden):
        raise PermissionDenied(str(answer))
    if isinstance(answer, Refused):
        messages.error(request, str(answer))
    else:
        messages.success(request, f"{report}：已{move.label}，现为“{answer.get_state_display()}”。")
    return redirect(kind.review_address if move in (Move.APPROVE, Move.RETURN) else report.owner)
