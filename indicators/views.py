"""An indicator's page, the entry sheet of a plan and year, and the review."""

from collections.abc import Callable, Sequence
from functools import partial
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from indicators.autosave import Answer, NotUnderstood, save_rows, sent_rows
from indicators.definitions import revise_target
from indicators.detail import indicator_page
from indicators.elsewhere import elsewhere_of
from indicators.entry import FIELDS, entry_lines, entry_sheet_of, submit_all
from indicators.evidence import attach_evidence, backing_of, evidence_file, remove_evidence
from indicators.forms import (
    REASONED_ABSENCES,
    ChosenForm,
    EvidenceForm,
    ExclusionForm,
    MoveForm,
    OverrideForm,
    PartsForm,
    ReminderFilterForm,
    ReviewFilterForm,
    ShownRowsForm,
    TargetRevisionForm,
    WithdrawalForm,
    ruling_forms,
)
from indicators.models import (
    JUDGEMENT_WORDS,
    Actual,
    Availability,
    Evidence,
    Exclusion,
    FigureKind,
    Indicator,
    Override,
)
from indicators.moves import Move
from indicators.panel import entry_panel_of
from indicators.queries import actual_shown
from indicators.reminders import board_of, letters_about
from indicators.review import Forbidden, Refused
from indicators.reviews import Held, approve_chosen, held_back, review_page
from indicators.rulings import exclude_indicator, override_verdict, withdraw_exclusion, withdraw_override
from indicators.workflow import PARTS, move_actual
from plans.models import Plan, Round
from plans.workflow import send_reminders

DUTIES_PER_PAGE = 100
# What the selects of the sheet offer.
CHOICES = {
    "judgements": [("", "未填"), *JUDGEMENT_WORDS.items()],
    "availabilities": [(kind.value, kind.label) for kind in Availability if kind != Availability.NOT_APPLICABLE]
    + REASONED_ABSENCES,
    "show_choices": ShownRowsForm.SHOWN,
    "figure_kinds": [(kind.value, kind.label) for kind in FigureKind if kind != FigureKind.REVISED],
}


@require_safe
def indicator_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    return _detail(request, _indicator(request, pk))


def _indicator(request: SignedInRequest, pk: int) -> Indicator:
    rows = Indicator.objects.visible_to(request.user)
    related = ("plan__region", "plan__source", "plan__policy", "theme", "department", "metric", "parent")
    return get_object_or_404(rows.select_related(*related), pk=pk)


def _detail(
    request: SignedInRequest, indicator: Indicator, *, sent: forms.Form | None = None, status: int = 200
) -> HttpResponse:
    """The indicator's page; a planner's form that was refused stands in it as it was sent, with the reason."""
    on = timezone.localdate()
    page = indicator_page(indicator, user=request.user, on=on)
    backings = backing_of(indicator, years=indicator.plan.years, user=request.user, on=on)
    context = {
        "page": page,
        "indicator": indicator,
        "elsewhere": elsewhere_of(indicator, user=request.user, on=on),
        "backings": [row for row in backings if row.is_shown],
        "rulings": ruling_forms(indicator, on=on, sent=sent) if page.may_plan else {},
    }
    return render(request, "indicators/indicator_detail.html", context, status=status)


def _planned_indicator(request: SignedInRequest, pk: int) -> Indicator:
    """The indicator, for a planner of its region; 404 where it is not visible, 403 where it is only looked at."""
    indicator = _indicator(request, pk)
    if not request.user.can(Permission.PLAN, indicator.plan.region):
        raise PermissionDenied
    return indicator


def _ruled(
    request: SignedInRequest,
    indicator: Indicator,
    form: OverrideForm | ExclusionForm | TargetRevisionForm,
    write: Callable[..., object],
) -> HttpResponse:
    """One ruling on an indicator: written and said, or the page again with what hinders it."""
    status = 422
    if form.is_valid():
        try:
            row = write(indicator=indicator, by=request.user, **form.ruling)
        except Refused as error:
            form.add_error(None, str(error))
            status = error.status
        else:
            messages.success(request, f"已认定：{row}。评价已重新计算。")
            return redirect(indicator)
    return _detail(request, indicator, sent=form, status=status)


@require_POST
def override_add(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put another verdict than the engine's in force for a year."""
    indicator = _planned_indicator(request, pk)
    form = OverrideForm(request.POST, indicator=indicator, on=timezone.localdate())
    return _ruled(request, indicator, form, override_verdict)


@require_POST
def exclusion_add(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take the indicator out of the assessment from a year on."""
    indicator = _planned_indicator(request, pk)
    form = ExclusionForm(request.POST, indicator=indicator, on=timezone.localdate())
    return _ruled(request, indicator, form, exclude_indicator)


@require_POST
def target_revise(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put a new target in force for a year, from a data year on."""
    indicator = _planned_indicator(request, pk)
    form = TargetRevisionForm(request.POST, indicator=indicator, on=timezone.localdate())
    return _ruled(request, indicator, form, revise_target)


@require_POST
def override_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    override = get_object_or_404(Override.objects.visible_to(request.user), pk=pk)
    return _withdrawn(request, override.indicator_id, partial(withdraw_override, override=override))


@require_POST
def exclusion_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    exclusion = get_object_or_404(Exclusion.objects.visible_to(request.user), pk=pk)
    return _withdrawn(request, exclusion.indicator_id, partial(withdraw_exclusion, exclusion=exclusion))


def _withdrawn(request: SignedInRequest, pk: int, write: Callable[..., object]) -> HttpResponse:
    """One ruling taken back with a reason; the page again where it cannot be."""
    indicator = _planned_indicator(request, pk)
    form = WithdrawalForm(request.POST)
    if not form.is_valid():
        messages.error(request, "；".join(str(error) for errors in form.errors.values() for error in errors))
        return _detail(request, indicator, status=422)
    try:
        row = write(by=request.user, reason=form.cleaned_data["reason"])
    except Refused as error:
        messages.error(request, str(error))
        return _detail(request, indicator, status=error.status)
    messages.success(request, f"已撤销：{row}。评价已重新计算。")
    return redirect(indicator)


def _sheet_plan(request: SignedInRequest, code: str, year: int) -> Plan:
    """The plan whose sheet of the year this person fills in; not theirs or no such year is not found."""
    plan = get_object_or_404(Plan.objects.visible_to(request.user).select_related("region", "policy"), code=code)
    if not request.user.can(Permission.ENTER, plan.region):
        raise PermissionDenied
    if year not in plan.years:
        raise Http404
    return plan


@require_safe
def entry_sheet(request: SignedInRequest, code: str, year: int) -> HttpResponse:
    """One sheet per plan and year, for the clerks of the plan's region; with ?check what still hinders, on top."""
    plan = _sheet_plan(request, code, year)
    sheet = entry_sheet_of(plan, year=year, user=request.user, on=timezone.localdate())
    show = ShownRowsForm(request.GET)
    context = {"sheet": sheet, "plan": plan, "is_checked": "check" in request.GET, "show": show.chosen}
    return render(request, "indicators/entry_sheet.html", context | CHOICES)


@require_safe
def entry_check(request: SignedInRequest, code: str, year: int) -> HttpResponse:
    """What passing the sheet on would do: counts, what hinders, what comes next. A part of the sheet's page."""
    plan = _sheet_plan(request, code, year)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(f"{reverse('entry_sheet', args=[code, year])}?check")
    sheet = entry_sheet_of(plan, year=year, user=request.user, on=timezone.localdate())
    return render(request, "indicators/_entry_check.html", {"sheet": sheet, "plan": plan})


@require_safe
def entry_panel(request: SignedInRequest, pk: int, year: int) -> HttpResponse:
    """What is known of the row the clerk is in: definition, past years, steps, files. A part of the sheet's page."""
    rows = Indicator.objects.visible_to(request.user)
    related = ("plan__region", "plan__source", "plan__policy", "theme", "department", "metric")
    indicator = get_object_or_404(rows.select_related(*related), pk=pk)
    plan = _sheet_plan(request, indicator.plan.code, year)
    today = timezone.localdate()
    line = entry_lines([pk], plan=plan, year=year, user=request.user, on=today)[pk]
    panel = entry_panel_of(indicator, year=year, user=request.user, on=today)
    context = {"panel": panel, "line": line, "may_attach": not line.is_locked}
    return render(request, "indicators/_entry_panel.html", context)


@require_POST
def entry_save(request: SignedInRequest, code: str, year: int) -> HttpResponse:
    """Keep what was typed in any number of rows; JSON in and out, each row answered on its own."""
    plan = _sheet_plan(request, code, year)
    if request.headers.get("X-Sheet-Person") != str(request.user.pk):
        return JsonResponse({"message": f"现在登录的是{request.user}，不是打开本表的人。请用原账号登录。"}, status=403)
    try:
        rows = sent_rows(request.body)
    except RequestDataTooBig:
        return JsonResponse({"message": "一次发送的内容太多，没有保存。请分几次粘贴，或缩短说明。"}, status=413)
    except NotUnderstood as error:
        return JsonResponse({"message": str(error)}, status=400)
    answers = save_rows(rows, plan=plan, year=year, by=request.user, on=timezone.localdate())
    return JsonResponse({"rows": {pk: _told(answer) for pk, answer in answers.items()}})


def _told(answer: Answer) -> dict[str, object]:
    """One row's answer as the sheet's script wants it: plain values, and its computed cells as the page shows them."""
    line = answer.line
    actual = line.actual
    return {
        "outcome": answer.outcome,
        "message": answer.message,
        "errors": answer.errors or {},
        "version": actual.version if actual else None,
        "fields": line.fields,
        "by": str(actual.entered_by) if actual else "",
        "at": f"{timezone.localtime(actual.entered_at):%m-%d %H:%M:%S}" if actual and actual.entered_at else "",
        "saved_at": f"{timezone.localtime():%H:%M:%S}",
        "lock": line.lock_reason,
        "flags": {"filled": line.is_filled, "faulty": line.is_faulty, "returned": line.is_returned},
        "cells": render_to_string("indicators/_entry_outcome.html", {"line": line}),
        "state": render_to_string("indicators/_entry_state.html", {"line": line}),
    }


@require_POST
def actual_save(request: SignedInRequest, pk: int, year: int) -> HttpResponse:
    """Save one row from a browser without JavaScript; what is refused stays in its cells, the reason on top."""
    rows = Indicator.objects.visible_to(request.user).select_related("plan")
    plan = _sheet_plan(request, get_object_or_404(rows, pk=pk).plan.code, year)
    row = {name: request.POST.get(name, "") for name in (*FIELDS, "version")}
    answer = save_rows({pk: row}, plan=plan, year=year, by=request.user, on=timezone.localdate())[pk]
    if answer.outcome == "saved":
        messages.success(request, f"{answer.line.indicator}：已保存。")
        return redirect(f"{reverse('entry_sheet', args=[plan.code, year])}#line-{pk}")
    stored = actual_shown(answer.line.actual, decimals=answer.line.indicator.decimals)
    messages.error(request, f"{answer.line.indicator}：{answer.message}（现存：{stored}）")
    sheet = entry_sheet_of(plan, year=year, user=request.user, on=timezone.localdate(), typed={pk: row})
    return render(request, "indicators/entry_sheet.html", {"sheet": sheet, "plan": plan} | CHOICES, status=422)


@require_POST
def parts_save(request: SignedInRequest, pk: int, year: int) -> HttpResponse:
    """Make the year's figure from 分子 and 分母, in place of what was entered; all else of the row stays."""
    rows = Indicator.objects.visible_to(request.user).select_related("plan")
    plan = _sheet_plan(request, get_object_or_404(rows, pk=pk).plan.code, year)
    form, on = PartsForm(request.POST), timezone.localdate()
    line = entry_lines([pk], plan=plan, year=year, user=request.user, on=on)[pk]
    if form.is_valid():
        made = {name: str(value or "") for name, value in form.cleaned_data.items()}
        row = dict(line.fields) | {"value": "", "availability": ""} | made
        answer = save_rows({pk: row}, plan=plan, year=year, by=request.user, on=on)[pk]
        said = "" if answer.outcome == "saved" else answer.message
    else:
        said = "".join(str(error) for errors in form.errors.values() for error in errors)
    if said:
        typed = " ÷ ".join(request.POST.get(name, "")[:30] or "空" for name in PARTS)
        messages.error(request, f"{line.indicator}：{said}没有保存（所填：{typed}）。")
    else:
        messages.success(request, f"{line.indicator}：已按分子、分母计算并保存。")
    return redirect(f"{reverse('entry_sheet', args=[plan.code, year])}#line-{pk}")


@require_POST
def entry_submit(request: SignedInRequest, code: str, year: int) -> HttpResponse:
    """Pass on every filled row of this person's sheet that is fit; the others stay, each with its sentence."""
    plan = _sheet_plan(request, code, year)
    passed = submit_all(plan, year=year, by=request.user)
    if passed.submitted:
        messages.success(request, f"已提交{passed.submitted}项，等待审核。审核通过前不计入评价。")
    if passed.overtaken:
        messages.info(request, passed.overtaken_said)
    if passed.problems:
        messages.error(request, f"还有{len(passed.problems)}处需要处理，见下表上方。未提交的数据仍为草稿。")
    elif not (passed.submitted or passed.overtaken):
        messages.info(request, "没有可提交的数据。")
    return redirect(f"{reverse('entry_sheet', args=[code, year])}{'?check' if passed.problems else ''}")


@require_POST
def evidence_attach(request: SignedInRequest, pk: int, year: int) -> HttpResponse:
    """Put a file beside a figure; answers with the figure's list of files."""
    indicator = get_object_or_404(Indicator.objects.visible_to(request.user).select_related("plan__region"), pk=pk)
    if not request.user.can(Permission.ENTER, indicator.plan.region):
        raise PermissionDenied
    if year not in indicator.plan.years:
        raise Http404
    form = EvidenceForm(request.POST, request.FILES)
    if not form.is_valid():
        return _files(request, indicator, year, refusal=str(form.errors["file"][0]))
    try:
        attach_evidence(indicator=indicator, year=year, upload=form.cleaned_data["file"], by=request.user)
    except Forbidden as error:
        raise PermissionDenied(str(error)) from error
    except Refused as error:
        return _files(request, indicator, year, refusal=str(error))
    return _files(request, indicator, year)


@require_POST
def evidence_remove(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a file back; answers with the files that are left."""
    rows = Evidence.objects.visible_to(request.user).standing()
    evidence = get_object_or_404(rows.select_related("actual__indicator__plan__region"), pk=pk)
    refusal = ""
    try:
        remove_evidence(evidence=evidence, by=request.user)
    except Forbidden as error:
        raise PermissionDenied(str(error)) from error
    except Refused as error:
        refusal = str(error)
    return _files(request, evidence.actual.indicator, evidence.actual.year, refusal=refusal)


def _files(request: SignedInRequest, indicator: Indicator, year: int, *, refusal: str = "") -> HttpResponse:
    """The figure's list of files for a script; for a browser without one back to the sheet, with the refusal on top."""
    if not request.htmx:  # type: ignore[attr-defined]
        if refusal:
            messages.error(request, f"{indicator}：{refusal}")
        return redirect("entry_sheet", indicator.plan.code, year)
    (backing,) = backing_of(indicator, years=[year], user=request.user, on=timezone.localdate())
    context = {**backing.context, "refusal": refusal}
    return render(request, "indicators/_evidence.html", context, status=422 if refusal else 200)


@require_safe
def evidence_download(request: SignedInRequest, pk: int) -> FileResponse:
    return evidence_file(get_object_or_404(Evidence.objects.visible_to(request.user).standing(), pk=pk))


@require_safe
def review_list(request: SignedInRequest) -> HttpResponse:
    return _review(request)


def _review(request: SignedInRequest, *, held: Sequence[Held] = (), status: int = 200) -> HttpResponse:
    """The review as the address asks for it; on top what was not decided on, and why."""
    if not request.user.can(Permission.REVIEW):
        raise PermissionDenied
    form = ReviewFilterForm(request.GET)
    reasons = {row.actual.pk: row.reason for row in held if row.reason}
    page = review_page(request.user, form.wanted, reasons=reasons)
    is_chosen = form.is_valid() and form.cleaned_data["choose"]
    return render(
        request, "indicators/review_list.html", {"page": page, "held": held, "is_chosen": is_chosen}, status=status
    )


def _back_to_review(request: SignedInRequest) -> HttpResponse:
    query = ReviewFilterForm(request.GET).wanted.query
    return redirect(f"{reverse('review_list')}?{query}" if query else "review_list")


@require_POST
def review_approve(request: SignedInRequest) -> HttpResponse:
    """Approve what was chosen; what could not be approved stands on top of the list, each with its reason."""
    if not request.user.can(Permission.REVIEW):
        raise PermissionDenied
    form = ChosenForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["chosen"][0]))
        return _back_to_review(request)
    outcome = approve_chosen(form.cleaned_data["chosen"], by=request.user)
    if outcome.n_approved:
        messages.success(request, f"已通过{outcome.n_approved}项，评价已重新计算。")
    if outcome.n_unknown:
        messages.error(request, f"有{outcome.n_unknown}项已不存在，或不在您的审核范围内。")
    return _review(request, held=outcome.held, status=409) if outcome.held else _back_to_review(request)


@require_POST
def actual_move(request: SignedInRequest, pk: int) -> HttpResponse:
    """One step of the review for one figure; back to the review or the indicator, with a sentence."""
    visible = Actual.objects.visible_to(request.user).select_related("indicator__plan")
    actual = get_object_or_404(visible, pk=pk)
    form = MoveForm(request.POST)
    is_valid, data = form.is_valid(), form.cleaned_data
    is_decision = data.get("move") in (Move.APPROVE, Move.RETURN)
    try:
        if not is_valid:
            raise Refused("；".join(str(error) for errors in form.errors.values() for error in errors))
        moved = move_actual(
            actual=actual, move=Move(data["move"]), by=request.user, version=data["version"], note=data["note"]
        )
    except Forbidden as error:
        raise PermissionDenied(str(error)) from error
    except Refused as error:
        if is_decision:
            held = held_back([(actual, data.get("version", 0), error)], reason=request.POST.get("note", ""))
            return _review(request, held=held, status=error.status)
        messages.error(request, str(error))
        return redirect(actual.indicator)
    said = f"{moved.indicator} {moved.year}年：已{Move(data['move']).label}，现为“{moved.get_state_display()}”。"
    messages.success(request, said)
    return _back_to_review(request) if is_decision else redirect(actual.indicator)


@require_safe
def reminder_list(request: SignedInRequest) -> HttpResponse:
    """Who has not reported, by region and department, with a notice to copy and a button that writes to the clerks."""
    if not request.user.can(Permission.REMIND):
        raise PermissionDenied
    today = timezone.localdate()
    rounds = Round.objects.visible_to(request.user, Permission.REMIND)
    filters = ReminderFilterForm(request.GET, rounds=rounds, on=today)
    board = board_of(filters.kept(), user=request.user, on=today)
    shown = Paginator(board.duties, DUTIES_PER_PAGE).get_page(request.GET.get("page"))
    offices = (held.region for held in request.user.held if request.user.can(Permission.REMIND, held.region))
    context = {"board": board, "shown": shown, "filters": filters, "today": today, "office": next(offices, None)}
    return render(request, "indicators/reminder_list.html", context)


@require_POST
def reminder_send(request: SignedInRequest) -> HttpResponse:
    """Write to the clerks of the departments shown that owe rows; each once per round and deadline."""
    if not request.user.can(Permission.REMIND):
        raise PermissionDenied
    rounds = Round.objects.visible_to(request.user, Permission.REMIND)
    filters = ReminderFilterForm(request.POST, rounds=rounds, on=timezone.localdate())
    reminders = send_reminders(letters=letters_about(filters.kept()), by=request.user, at=timezone.now())
    n_sent = sum(1 for reminder in reminders if reminder.sent_at)
    failed = [f"{reminder.recipient}（{reminder.error}）" for reminder in reminders if reminder.error]
    if n_sent:
        messages.success(request, f"已发出{n_sent}封催报邮件。")
    if failed:
        messages.error(request, f"{len(failed)}封没有发出，可再次发送：{'、'.join(failed)}。")
    if not reminders:
        messages.info(request, "没有需要发送的邮件：有邮箱的填报员都已就现在的截止日期催报过，或没有未报的数据。")
    return redirect(f"{reverse('reminder_list')}?{urlencode(filters.chosen)}")
