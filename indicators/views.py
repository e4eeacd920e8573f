"""An indicator's page, the entry sheet of a plan and year, and the review."""

from dataclasses import asdict

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from indicators.entry import Line, entry_line, entry_sheet_of, submit_all
from indicators.forms import EntryForm, MoveForm, ReviewFilterForm
from indicators.models import JUDGEMENT_WORDS, Actual, Indicator
from indicators.moves import Move
from indicators.queries import indicator_page
from indicators.review import Forbidden, Refused, StaleVersion
from indicators.workflow import move_actual, save_actual
from indicators.worklists import review_rows
from plans.models import Plan

JUDGEMENTS = [("", "未填"), *JUDGEMENT_WORDS.items()]


@require_safe
def indicator_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    rows = Indicator.objects.visible_to(request.user)
    related = ("plan__region", "plan__source", "plan__policy", "theme", "department", "metric", "parent")
    indicator = get_object_or_404(rows.select_related(*related), pk=pk)
    page = indicator_page(indicator, user=request.user, on=timezone.localdate())
    return render(request, "indicators/indicator_detail.html", {"page": page, "indicator": indicator})


@require_safe
def entry_sheet(request: SignedInRequest, code: str, year: int) -> HttpResponse:
    """One sheet per plan and year, for the clerks of the plan's region."""
    plan = get_object_or_404(Plan.objects.visible_to(request.user).select_related("region", "policy"), code=code)
    if not request.user.can(Permission.ENTER, plan.region):
        raise PermissionDenied
    if year not in plan.years:
        raise Http404
    sheet = entry_sheet_of(plan, year=year, user=request.user, on=timezone.localdate())
    return render(request, "indicators/entry_sheet.html", {"sheet": sheet, "plan": plan, "judgements": JUDGEMENTS})


@require_POST
def actual_save(request: SignedInRequest, pk: int, year: int) -> HttpResponse:
    """Save one row of the sheet; answers with that row's status, never with its inputs."""
    rows = Indicator.objects.visible_to(request.user).select_related("plan__region", "plan__policy")
    indicator = get_object_or_404(rows, pk=pk)
    if not request.user.can(Permission.ENTER, indicator.plan.region):
        raise PermissionDenied
    if year not in indicator.plan.years:
        raise Http404
    form = EntryForm(request.POST, indicator=indicator)
    line, refusal, status = None, None, 200
    if not form.is_valid():
        refusal, status = "；".join(str(error) for errors in form.errors.values() for error in errors), 422
    else:
        try:
            save_actual(
                indicator=indicator, year=year, entry=form.entry, by=request.user, version=form.cleaned_data["version"]
            )
        except Forbidden as error:
            raise PermissionDenied from error
        except StaleVersion as error:
            line = entry_line(indicator, year=year, user=request.user, on=timezone.localdate())
            typed = Actual(**asdict(form.entry))
            return _row(request, line, {"conflict": line.actual, "typed": typed, "refusal": str(error)}, 409)
        except Refused as error:
            refusal, status = str(error), 422
    line = entry_line(indicator, year=year, user=request.user, on=timezone.localdate())
    saved_at = timezone.localtime() if status == 200 else None
    return _row(request, line, {"refusal": refusal, "saved_at": saved_at}, status)


def _row(request: SignedInRequest, line: Line, context: dict[str, object], status: int) -> HttpResponse:
    """The row's status for htmx; for a browser without JavaScript back to the sheet, with the refusal on top."""
    if request.htmx:  # type: ignore[attr-defined]
        # a refused row keeps the version it was typed on, so that nothing goes over somebody else's figure unseen
        typed_version = request.POST.get("version", "") if line.actual else ""
        context = {"line": line, "typed_version": typed_version, **context}
        return render(request, "indicators/_entry_status.html", context, status=status)
    if context.get("refusal"):
        messages.error(request, f"{line.indicator}：{context['refusal']}")
    return redirect("entry_sheet", line.indicator.plan.code, line.year)


@require_POST
def entry_submit(request: SignedInRequest, code: str, year: int) -> HttpResponse:
    """Pass on every filled row of this person's sheet that is fit; the others stay, each with its sentence."""
    plan = get_object_or_404(Plan.objects.visible_to(request.user).select_related("region", "policy"), code=code)
    if not request.user.can(Permission.ENTER, plan.region):
        raise PermissionDenied
    if year not in plan.years:
        raise Http404
    submitted, problems = submit_all(plan, year=year, by=request.user)
    if submitted:
        messages.success(request, f"已提交{submitted}项，等待审核。审核通过前不计入评价。")
    elif not problems:
        messages.info(request, "没有可提交的数据。")
    if not problems:
        return redirect("entry_sheet", code, year)
    sheet = entry_sheet_of(plan, year=year, user=request.user, on=timezone.localdate())
    context = {"sheet": sheet, "plan": plan, "problems": problems, "judgements": JUDGEMENTS}
    return render(request, "indicators/entry_sheet.html", context, status=422)


@require_safe
def review_list(request: SignedInRequest) -> HttpResponse:
    if not request.user.can(Permission.REVIEW):
        raise PermissionDenied
    form = ReviewFilterForm(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    rows = review_rows(request.user, plan=chosen.get("plan", ""), year=chosen.get("year"))
    return render(request, "indicators/review_list.html", {"rows": rows, "is_filtered": any(chosen.values())})


@require_POST
def actual_move(request: SignedInRequest, pk: int) -> HttpResponse:
    """One step of the review for one figure; back to the review list or the indicator, with a sentence."""
    visible = Actual.objects.visible_to(request.user).select_related("indicator__plan")
    actual = get_object_or_404(visible, pk=pk)
    form = MoveForm(request.POST)
    if not form.is_valid():
        messages.error(request, "；".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect(actual.indicator)
    data = form.cleaned_data
    move = Move(data["move"])
    try:
        moved = move_actual(actual=actual, move=move, by=request.user, version=data["version"], note=data["note"])
    except Forbidden as error:
        raise PermissionDenied(str(error)) from error
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, f"{moved.indicator} {moved.year}年：已{move.label}，现为“{moved.get_state_display()}”。"
        )
    return redirect("review_list" if move in (Move.APPROVE, Move.RETURN) else actual.indicator)
