"""The rounds of a planner's regions: opened, changed and extended here."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from plans.forms import ExtensionForm, RoundChangeForm, RoundOpenForm
from plans.models import Round
from plans.queries import RoundStanding, rounds_planned_by, rounds_shown
from plans.workflow import Refused, change_round, extend_round, open_rounds


@require_safe
def round_list(request: SignedInRequest) -> HttpResponse:
    """The rounds of the regions this person plans for, the plans under one another, the latest year first."""
    if not request.user.can(Permission.PLAN):
        raise PermissionDenied
    return _list(request, RoundOpenForm(user=request.user), status=200)


@require_POST
def round_open(request: SignedInRequest) -> HttpResponse:
    """Open a year for one plan, or for all plans of a region that cover it; says which had a round already."""
    if not request.user.can(Permission.PLAN):
        raise PermissionDenied
    form = RoundOpenForm(request.POST, user=request.user)
    if not form.is_valid():
        return _list(request, form, status=422)
    data = form.cleaned_data
    opened = open_rounds(
        plans=form.plans,
        year=data["year"],
        opens_on=data["opens_on"],
        due_on=data["due_on"],
        by=request.user,
        at=timezone.now(),
    )
    if opened.rounds:
        named = "、".join(str(round_.plan) for round_ in opened.rounds)
        messages.success(request, f"已开放{data['year']}年填报：{named}，{data['due_on']:%Y-%m-%d}截止。")
    if opened.left_alone:
        named = "、".join(map(str, opened.left_alone))
        messages.info(request, f"已有{data['year']}年填报期、未作改动：{named}。")
    return redirect("round_list")


@require_safe
def round_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One round: its dates to change, its extensions with who allowed them when and why, and a form for another."""
    round_ = _planned_by(request.user, pk)
    return _detail(request, round_, _dates_of(round_), ExtensionForm(round_=round_), status=200)


@require_POST
def round_change(request: SignedInRequest, pk: int) -> HttpResponse:
    round_, form = _planned_by(request.user, pk), RoundChangeForm(request.POST)
    if form.is_valid():
        opens_on, due_on = form.cleaned_data["opens_on"], form.cleaned_data["due_on"]
        try:
            changed = change_round(
                round_=round_, opens_on=opens_on, due_on=due_on, seen=form.seen, by=request.user, at=timezone.now()
            )
        except Refused as error:
            form.add_error(None, str(error))
        else:
            state = changed.state(on=timezone.localdate()).label
            messages.success(
                request, f"填报期为{changed.opens_on:%Y-%m-%d}至{changed.due_on:%Y-%m-%d}，现为“{state}”。"
            )
            return redirect("round_detail", pk)
    return _detail(request, round_, form, ExtensionForm(round_=round_), status=422)


@require_POST
def round_extend(request: SignedInRequest, pk: int) -> HttpResponse:
    round_ = _planned_by(request.user, pk)
    form = ExtensionForm(request.POST, round_=round_)
    if form.is_valid():
        try:
            extension = extend_round(round_=round_, by=request.user, at=timezone.now(), **form.cleaned_data)
        except Refused as error:
            form.add_error("until", str(error))
        else:
            whom = extension.department or "全部科室"
            messages.success(request, f"{whom}的填报已延至{extension.until:%Y-%m-%d}（北京时间当日24时）。")
            return redirect("round_detail", pk)
    return _detail(request, round_, _dates_of(round_), form, status=422)


def _planned_by(user: User, pk: int) -> Round:
    """The round, for a planner of its region; 404 where it is not visible, 403 where it is only looked at."""
    round_ = get_object_or_404(rounds_shown(Round.objects.visible_to(user)), pk=pk)
    if not user.can(Permission.PLAN, round_.plan.region):
        raise PermissionDenied
    return round_


def _dates_of(round_: Round) -> RoundChangeForm:
    return RoundChangeForm(initial={"opens_on": round_.opens_on, "due_on": round_.due_on})


def _list(request: SignedInRequest, form: RoundOpenForm, *, status: int) -> HttpResponse:
    today = timezone.localdate()
    context = {"standings": rounds_planned_by(request.user, on=today), "form": form, "today": today}
    return render(request, "plans/round_list.html", context, status=status)


def _detail(
    request: SignedInRequest, round_: Round, change: RoundChangeForm, extend: ExtensionForm, *, status: int
) -> HttpResponse:
    standing = RoundStanding(round_, timezone.localdate())
    context = {"standing": standing, "round": round_, "change": change, "extend": extend}
    return render(request, "plans/round_detail.html", context, status=status)
