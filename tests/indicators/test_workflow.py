"""The review: who may take which step from where, on which day, and what stays true when two do it at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEvent, Membership, User
from accounts.permissions import Permission, Role
from indicators.models import Actual, ActualEvent, Assessment, Availability, FigureKind, Indicator, State
from indicators.moves import Move, moves_from
from indicators.reassess import differences, reassess
from indicators.review import Forbidden, Refused, RoundClosed, StaleVersion, WrongState
from indicators.workflow import Entry, Typed, Unfit, move_actual, move_actuals, save_actual, save_actuals
from plans.models import Plan, RoundExtension
from tests import factories

pytestmark = pytest.mark.django_db

ON_PATH = Decimal(47)  # the path from 40 in 2020 to 50 in 2025 asks for 46 in 2023


def open_indicator(**values: Any) -> Indicator:
    """An indicator whose year 2023 may be entered today."""
    indicator = factories.indicator(**values)
    factories.open_round(indicator.plan, 2023)
    return indicator


def figure(state: State = State.DRAFT, **values: Any) -> Actual:
    values.setdefault("value", ON_PATH)
    if "indicator" not in values:
        values["indicator"] = open_indicator()
    return factories.actual(state=state, **values)


def save(
    indicator: Indicator, by: User, value: str = "47", *, version: int | None = None, year: int = 2023, **said: Any
) -> Actual:
    entry = Entry(value=Decimal(value), text=value, **said)
    return save_actual(indicator=indicator, year=year, entry=entry, by=by, version=version)


def step(actual: Actual, move: Move, by: User, *, version: int | None = None, note: str = "") -> Actual:
    return move_actual(actual=actual, move=move, by=by, version=version or actual.version, note=note)


def take(move: Move, actual: Actual, by: User) -> Actual:
    """Any move, with all it asks for."""
    if move == Move.SAVE:
        return save(actual.indicator, by, "46.5", version=actual.version)
    return step(actual, move, by, note="已与统计年鉴核对")


def reread(actual: Actual) -> Actual:
    return Actual.objects.get(pk=actual.pk)


# ---- Who may do what from where

ALLOWED = {
    (Role.CLERK, State.DRAFT, Move.SAVE): State.DRAFT,
    (Role.CLERK, State.DRAFT, Move.SUBMIT): State.SUBMITTED,
    (Role.CLERK, State.RETURNED, Move.SAVE): State.RETURNED,
    (Role.CLERK, State.RETURNED, Move.SUBMIT): State.SUBMITTED,
    (Role.REVIEWER, State.SUBMITTED, Move.APPROVE): State.APPROVED,
    (Role.REVIEWER, State.SUBMITTED, Move.RETURN): State.RETURNED,
    (Role.REVIEWER, State.APPROVED, Move.REOPEN): State.DRAFT,
}
THEIRS: dict[Role | None, tuple[Move, ...]] = {
    Role.CLERK: (Move.SAVE, Move.SUBMIT),
    Role.REVIEWER: (Move.APPROVE, Move.RETURN, Move.REOPEN),
    Role.LEADER: (),
    Role.ANALYST: (),
    Role.PLANNER: (),
    Role.SYSTEM: (),
    None: (),
}


@pytest.mark.parametrize("role", THEIRS, ids=lambda role: role or "without_role")
@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("move", Move)
def test_each_step_is_open_to_one_role_from_its_states_only(role: Role | None, state: State, move: Move) -> None:
    actual = figure(state)
    person = factories.person(role)
    target = ALLOWED.get((role, state, move)) if role else None
    if target is not None:
        assert take(move, actual, person).state == target
        assert reread(actual).state == target
        assert reread(actual).version == 2
        return
    with pytest.raises(WrongState if move in THEIRS[role] else Forbidden):
        take(move, actual, person)
    assert (reread(actual).state, reread(actual).value, reread(actual).version) == (state, ON_PATH, 1)
    assert not ActualEvent.objects.exists()
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("role", [Role.CLERK, Role.REVIEWER])
@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("move", Move)
def test_the_right_role_in_another_region_may_take_no_step(role: Role, state: State, move: Move) -> None:
    actual = figure(state)
    stranger = factories.person(role, factories.region("330127", "淳安县"))
    with pytest.raises(Forbidden):
        take(move, actual, stranger)
    assert (reread(actual).state, reread(actual).version) == (state, 1)


@pytest.mark.parametrize("role", Role)
def test_nobody_of_the_country_enters_or_reviews_in_a_county(role: Role) -> None:
    """Reading flows down the region tree; entering and reviewing stay in the region named."""
    draft, submitted = figure(), figure(State.SUBMITTED)
    person = factories.person(role, factories.region("100000"))
    with pytest.raises(Forbidden):
        save(draft.indicator, person, "46.5", version=1)
    with pytest.raises(Forbidden):
        step(submitted, Move.APPROVE, person)


def test_a_person_switched_off_enters_nothing() -> None:
    indicator = open_indicator()
    clerk = factories.person(Role.CLERK, is_active=False)
    with pytest.raises(Forbidden):
        save(indicator, clerk)


def test_the_steps_offered_are_those_of_state_and_permission() -> None:
    reviewer = {Permission.SEE, Permission.SEE_UNAPPROVED, Permission.REVIEW}
    assert moves_from(State.SUBMITTED, reviewer) == [Move.APPROVE, Move.RETURN]
    assert moves_from(State.APPROVED, reviewer) == [Move.REOPEN]
    assert moves_from(State.DRAFT, reviewer) == []
    assert moves_from(State.DRAFT, {Permission.ENTER}) == [Move.SAVE, Move.SUBMIT]
    assert moves_from(State.SUBMITTED, {Permission.SEE}) == []


def test_a_clerk_of_one_department_enters_its_figures_only() -> None:
    plan = factories.plan()
    factories.open_round(plan, 2023)
    own, other = factories.department(), factories.department()
    clerk = factories.person(Role.CLERK)
    clerk.memberships.get().departments.add(own)
    theirs = factories.indicator(plan=plan, department=own)
    assert save(theirs, clerk).value == ON_PATH
    for indicator in (factories.indicator(plan=plan, department=other), factories.indicator(plan=plan)):
        with pytest.raises(Forbidden, match="您没有对“养老机构护理型床位占比”2023年数据保存的权限。"):
            save(indicator, clerk)
        with pytest.raises(Forbidden):
            step(figure(indicator=indicator), Move.SUBMIT, clerk)


def test_the_departments_of_a_membership_elsewhere_give_no_right_here() -> None:
    indicator = open_indicator()
    clerk = factories.person(Role.CLERK, factories.region("330127", "淳安县"))
    clerk.memberships.get().departments.add(factories.department(region=indicator.plan.region))
    with pytest.raises(Forbidden):
        save(indicator, clerk)


# ---- Which day it is, in Beijing

DUE = date(2024, 3, 31)


def dated_plan() -> Plan:
    """A plan whose year 2023 is reported in March 2024."""
    plan = factories.plan()
    factories.open_round(plan, 2023, opens_on=date(2024, 3, 1), due_on=DUE)
    return plan


def extend(plan: Plan, until: date, **values: Any) -> None:
    planner = factories.person(Role.PLANNER)
    RoundExtension.objects.create(
        round=plan.rounds.get(), until=until, allowed_by=planner, reason="统计年鉴迟发", **values
    )


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets the clock to a moment of universal time."""

    def set_clock(*moment: int) -> None:
        now = datetime(*moment, tzinfo=UTC)  # type: ignore[misc,arg-type]
        monkeypatch.setattr(timezone, "now", lambda: now)

    return set_clock


def test_a_year_without_a_round_is_not_open() -> None:
    indicator = factories.indicator()
    with pytest.raises(RoundClosed, match="2023年未开放填报，不能保存。"):
        save(indicator, factories.person(Role.CLERK))


def test_a_round_of_another_year_or_plan_opens_nothing() -> None:
    indicator = factories.indicator()
    factories.open_round(indicator.plan, 2022)
    factories.open_round(factories.plan(), 2023)
    with pytest.raises(RoundClosed):
        save(indicator, factories.person(Role.CLERK))


@pytest.mark.parametrize(
    ("moment", "refusal"),
    [
        ((2024, 2, 29, 15, 59, 59), "2023年未到开放时间，不能保存。"),
        ((2024, 2, 29, 16, 0, 0), None),
        ((2024, 3, 31, 15, 59, 59), None),
        ((2024, 3, 31, 16, 0, 0), "2023年已截止，不能保存。"),
    ],
    ids=["second_before_opening", "first_second", "last_second", "second_after_the_end"],
)
def test_a_round_opens_and_closes_at_midnight_in_beijing(
    at: Callable[..., None], moment: tuple[int, ...], refusal: str | None
) -> None:
    indicator = factories.indicator(plan=dated_plan())
    at(*moment)
    if refusal is None:
        assert save(indicator, factories.person(Role.CLERK)).version == 1
        return
    with pytest.raises(RoundClosed) as raised:
        save(indicator, factories.person(Role.CLERK))
    assert str(raised.value) == refusal
    assert not Actual.objects.exists()


@pytest.mark.parametrize("move", [Move.SAVE, Move.SUBMIT])
def test_a_closed_round_refuses_the_clerk(at: Callable[..., None], move: Move) -> None:
    actual = figure(indicator=factories.indicator(plan=dated_plan()))
    clerk = factories.person(Role.CLERK)
    at(2024, 4, 1)
    with pytest.raises(RoundClosed):
        take(move, actual, clerk)


@pytest.mark.parametrize(
    ("state", "move", "result"),
    [
        (State.SUBMITTED, Move.APPROVE, State.APPROVED),
        (State.SUBMITTED, Move.RETURN, State.RETURNED),
        (State.APPROVED, Move.REOPEN, State.DRAFT),
    ],
)
def test_a_closed_round_does_not_stop_the_reviewer(
    at: Callable[..., None], state: State, move: Move, result: State
) -> None:
    actual = figure(state, indicator=factories.indicator(plan=dated_plan()))
    reviewer = factories.person(Role.REVIEWER)
    at(2024, 12, 1)
    assert step(actual, move, reviewer, note="复核").state == result


def test_an_extension_of_the_plan_holds_for_everyone_until_its_last_second(at: Callable[..., None]) -> None:
    plan = dated_plan()
    extend(plan, date(2024, 4, 10))
    clerk = factories.person(Role.CLERK)
    at(2024, 4, 10, 15, 59, 59)
    save(factories.indicator(plan=plan), clerk)
    save(factories.indicator(plan=plan, department=factories.department()), clerk)
    at(2024, 4, 10, 16, 0, 0)
    with pytest.raises(RoundClosed):
        save(factories.indicator(plan=plan), clerk)


def test_an_extension_for_one_department_holds_for_its_rows_only(at: Callable[..., None]) -> None:
    plan = dated_plan()
    late = factories.department()
    extend(plan, date(2024, 4, 10), department=late)
    clerk = factories.person(Role.CLERK)
    at(2024, 4, 5)
    assert save(factories.indicator(plan=plan, department=late), clerk).version == 1
    for indicator in (
        factories.indicator(plan=plan),
        factories.indicator(plan=plan, department=factories.department()),
    ):
        with pytest.raises(RoundClosed):
            save(indicator, clerk)


def test_of_two_extensions_the_later_counts(at: Callable[..., None]) -> None:
    plan = dated_plan()
    late = factories.department()
    extend(plan, date(2024, 4, 20), department=late)
    extend(plan, date(2024, 4, 10))
    clerk = factories.person(Role.CLERK)
    at(2024, 4, 15)
    save(factories.indicator(plan=plan, department=late), clerk)
    with pytest.raises(RoundClosed):
        save(factories.indicator(plan=plan), clerk)


def test_an_extension_that_ends_before_the_due_date_takes_no_day_away(at: Callable[..., None]) -> None:
    plan = dated_plan()
    extend(plan, date(2024, 3, 20))
    at(2024, 3, 30)
    assert save(factories.indicator(plan=plan), factories.person(Role.CLERK)).version == 1


def test_a_year_outside_the_plan_cannot_be_entered() -> None:
    indicator = factories.indicator()
    factories.open_round(indicator.plan, 2026)
    with pytest.raises(Refused, match="“十四五”的数据年度为2021～2025年，没有2026年。"):
        save(indicator, factories.person(Role.CLERK), year=2026)


# ---- Nobody approves what they entered


def clerk_and_reviewer() -> User:
    user = factories.person(Role.CLERK)
    Membership.objects.create(user=user, region=factories.region(), role=Role.REVIEWER)
    return user


def test_nobody_approves_what_they_entered() -> None:
    indicator, both = open_indicator(), clerk_and_reviewer()
    submitted = step(save(indicator, both), Move.SUBMIT, both)
    with pytest.raises(Forbidden, match="不能审核自己填报的数据"):
        step(submitted, Move.APPROVE, both)
    assert reread(submitted).state == State.SUBMITTED
    assert step(submitted, Move.APPROVE, factories.person(Role.REVIEWER)).state == State.APPROVED


def test_nobody_approves_what_they_entered_though_another_saved_in_between() -> None:
    indicator, both, clerk = open_indicator(), clerk_and_reviewer(), factories.person(Role.CLERK)
    first = save(indicator, both, "47")
    second = save(indicator, clerk, "47.5", version=first.version)
    submitted = step(second, Move.SUBMIT, clerk)
    with pytest.raises(Forbidden, match="不能审核自己填报的数据"):
        step(submitted, Move.APPROVE, both)


def test_nobody_approves_what_they_passed_on() -> None:
    indicator, both, clerk = open_indicator(), clerk_and_reviewer(), factories.person(Role.CLERK)
    submitted = step(save(indicator, clerk), Move.SUBMIT, both)
    with pytest.raises(Forbidden):
        step(submitted, Move.APPROVE, both)


def test_a_reviewer_who_returned_a_figure_may_approve_it_later() -> None:
    indicator, clerk, reviewer = open_indicator(), factories.person(Role.CLERK), factories.person(Role.REVIEWER)
    submitted = step(save(indicator, clerk), Move.SUBMIT, clerk)
    returned = step(submitted, Move.RETURN, reviewer, note="与年鉴不符")
    again = step(save(indicator, clerk, "46.8", version=returned.version), Move.SUBMIT, clerk)
    assert step(again, Move.APPROVE, reviewer).approved_by == reviewer


# ---- Versions


def test_a_stale_save_is_refused_with_the_row_as_it_now_stands() -> None:
    indicator = open_indicator()
    first, second = factories.person(Role.CLERK, display_name="王芳"), factories.person(Role.CLERK)
    save(indicator, second, "47")
    save(indicator, first, "47.5", version=1)
    with pytest.raises(StaleVersion) as raised:
        save(indicator, second, "46", version=1)
    assert str(raised.value) == "这个数据已被王芳改过，请核对后再保存。"
    current = raised.value.current
    assert current is not None
    assert (current.value, current.version) == (Decimal("47.5"), 2)
    assert reread(current).value == Decimal("47.5")
    assert ActualEvent.objects.count() == 2


@pytest.mark.parametrize("version", [2, 99, None])
def test_any_other_version_than_the_present_one_is_stale(version: int | None) -> None:
    indicator, clerk = open_indicator(), factories.person(Role.CLERK)
    save(indicator, clerk, "47")
    with pytest.raises(StaleVersion):
        save(indicator, clerk, "46", version=version)


def test_a_first_entry_on_top_of_another_is_refused() -> None:
    indicator = open_indicator()
    save(indicator, factories.person(Role.CLERK), "47")
    with pytest.raises(StaleVersion) as raised:
        save(indicator, factories.person(Role.CLERK), "46")
    assert raised.value.current is not None
    assert raised.value.current.value == Decimal(47)


def test_a_save_on_a_row_that_is_gone_is_stale_without_a_row() -> None:
    with pytest.raises(StaleVersion) as raised:
        save(open_indicator(), factories.person(Role.CLERK), version=3)
    assert raised.value.current is None
    assert not Actual.objects.exists()


@pytest.mark.parametrize(
    ("state", "move"),
    [
        (State.DRAFT, Move.SUBMIT),
        (State.SUBMITTED, Move.APPROVE),
        (State.SUBMITTED, Move.RETURN),
        (State.APPROVED, Move.REOPEN),
    ],
)
def test_a_step_decided_on_an_older_version_is_refused(state: State, move: Move) -> None:
    actual = figure(state)
    person = factories.person(Role.CLERK if move == Move.SUBMIT else Role.REVIEWER)
    Actual.objects.filter(pk=actual.pk).update(version=2, value=Decimal("46.9"))
    with pytest.raises(StaleVersion) as raised:
        step(actual, move, person, version=1, note="复核")
    assert raised.value.current is not None
    assert raised.value.current.value == Decimal("46.9")
    assert reread(actual).state == state


def test_saving_the_same_again_changes_nothing() -> None:
    indicator, clerk = open_indicator(), factories.person(Role.CLERK)
    first = save(indicator, clerk, "47", note="年报")
    again = save(indicator, factories.person(Role.CLERK), "47", version=1, note="年报")
    assert again.version == 1
    assert reread(first).entered_by == clerk
    assert (ActualEvent.objects.count(), AuditEvent.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    "said",
    [{"note": "改过"}, {"figure_kind": FigureKind.PRELIMINARY}, {"comparator": Decimal(1)}],
    ids=["note", "figure_kind", "comparator"],
)
def test_another_note_or_figure_kind_or_comparator_is_a_change(said: dict[str, Any]) -> None:
    indicator, clerk = open_indicator(), factories.person(Role.CLERK)
    save(indicator, clerk, "47")
    assert save(indicator, clerk, "47", version=1, **said).version == 2


def test_a_row_locked_by_its_state_says_so_even_to_a_stale_save() -> None:
    actual = figure(State.SUBMITTED)
    with pytest.raises(WrongState, match="2023年数据为“待审核”，不能保存。"):
        save(actual.indicator, factories.person(Role.CLERK), "46", version=9)


# ---- What each step writes


def test_returned_stays_returned_while_it_is_saved_and_is_then_submitted() -> None:
    indicator, clerk, reviewer = open_indicator(), factories.person(Role.CLERK), factories.person(Role.REVIEWER)
    submitted = step(save(indicator, clerk), Move.SUBMIT, clerk)
    returned = step(submitted, Move.RETURN, reviewer, note="请核对床位数")
    saved = save(indicator, clerk, "46.8", version=returned.version)
    assert saved.state == State.RETURNED
    assert step(saved, Move.SUBMIT, clerk).state == State.SUBMITTED
    assert list(ActualEvent.objects.values_list("move", "state", "version", "value", "note")) == [
        ("save", "draft", 1, Decimal(47), ""),
        ("submit", "submitted", 2, Decimal(47), ""),
        ("return", "returned", 3, Decimal(47), "请核对床位数"),
        ("save", "returned", 4, Decimal("46.8"), ""),
        ("submit", "submitted", 5, Decimal("46.8"), ""),
    ]


def test_approval_says_who_and_when_and_reopening_takes_it_back() -> None:
    actual, reviewer = figure(State.SUBMITTED), factories.person(Role.REVIEWER)
    approved = step(actual, Move.APPROVE, reviewer)
    assert (approved.approved_by, approved.figure_kind) == (reviewer, FigureKind.FINAL)
    assert reread(actual).approved_at is not None
    reopened = step(approved, Move.REOPEN, reviewer, note="统计局修订")
    assert (reopened.state, reopened.figure_kind) == (State.DRAFT, FigureKind.REVISED)
    assert (reread(actual).approved_by, reread(actual).approved_at) == (None, None)


@pytest.mark.parametrize("figure_kind", [FigureKind.FINAL, FigureKind.PRELIMINARY])
def test_a_reopened_figure_stays_a_revised_one_when_it_is_saved(figure_kind: FigureKind) -> None:
    actual = figure(State.APPROVED)
    reopened = step(actual, Move.REOPEN, factories.person(Role.REVIEWER), note="统计局修订")
    clerk = factories.person(Role.CLERK)
    saved = save(actual.indicator, clerk, "46.2", version=reopened.version, figure_kind=figure_kind)
    assert (saved.figure_kind, reread(saved).figure_kind) == (FigureKind.REVISED, FigureKind.REVISED)
    assert step(saved, Move.SUBMIT, clerk).figure_kind == FigureKind.REVISED


def test_a_published_figure_is_reopened_entered_anew_and_approved() -> None:
    indicator = open_indicator()
    published = figure(State.APPROVED, indicator=indicator, source_ref="表1第1行")
    clerk, reviewer = factories.person(Role.CLERK), factories.person(Role.REVIEWER)
    reopened = step(published, Move.REOPEN, reviewer, note="文件有误")
    assert (reopened.source_ref, reopened.entered_by) == ("表1第1行", None)
    saved = save(indicator, clerk, "46.2", version=reopened.version)
    assert (saved.source_ref, saved.entered_by) == ("", clerk)
    approved = step(step(saved, Move.SUBMIT, clerk), Move.APPROVE, reviewer)
    stored = reread(approved)
    assert (stored.state, stored.value, stored.approved_by) == (State.APPROVED, Decimal("46.2"), reviewer)


def test_a_published_figure_reopened_by_mistake_is_passed_on_unchanged() -> None:
    indicator = open_indicator()
    published = figure(State.APPROVED, indicator=indicator, source_ref="表1第1行")
    clerk, reviewer = factories.person(Role.CLERK), factories.person(Role.REVIEWER)
    reopened = step(published, Move.REOPEN, reviewer, note="点错了")
    approved = step(step(reopened, Move.SUBMIT, clerk), Move.APPROVE, reviewer)
    assert (reread(approved).source_ref, reread(approved).entered_by) == ("表1第1行", None)


@pytest.mark.parametrize(
    ("state", "move", "refusal"),
    [(State.SUBMITTED, Move.RETURN, "退回要写明理由。"), (State.APPROVED, Move.REOPEN, "重开要写明理由。")],
)
@pytest.mark.parametrize("note", ["", "  \n　"])
def test_returning_and_reopening_need_a_reason(state: State, move: Move, refusal: str, note: str) -> None:
    actual = figure(state)
    with pytest.raises(Refused) as raised:
        step(actual, move, factories.person(Role.REVIEWER), note=note)
    assert str(raised.value) == refusal
    assert reread(actual).state == state


def test_a_save_without_its_figure_is_no_step() -> None:
    with pytest.raises(Refused, match="保存要带数据。"):
        step(figure(), Move.SAVE, factories.person(Role.CLERK))


def test_the_event_and_the_audit_line_hold_the_figure_and_the_words() -> None:
    indicator = open_indicator(number="4")
    clerk = factories.person(Role.CLERK, username="wang", display_name="王芳")
    saved = save(indicator, clerk, "46.5", note="年报口径", figure_kind=FigureKind.PRELIMINARY)
    event = ActualEvent.objects.get()
    assert (event.actual, event.by, event.move, event.state, event.version) == (saved, clerk, "save", "draft", 1)
    assert (event.value, event.comparator, event.judgement) == (Decimal("46.5"), None, "")
    assert (event.availability, event.figure_kind, event.note) == ("reported", "preliminary", "年报口径")
    line = AuditEvent.objects.get()
    assert (line.username, line.person, line.action, line.kind) == ("wang", "王芳", "保存", "indicators.actual")
    assert (line.object_id, line.region_code) == (str(saved.pk), "420682")
    assert line.summary == "“十四五” 4 养老机构护理型床位占比 2023年 草稿"
    assert line.detail == {"value": "46.5", "version": 1, "note": "年报口径"}
    assert line.at == event.at


def test_a_stated_absence_is_written_without_a_figure() -> None:
    indicator, clerk = open_indicator(), factories.person(Role.CLERK)
    entry = Entry(availability=Availability.MISSING, note="统计局未公布")
    saved = save_actual(indicator=indicator, year=2023, entry=entry, by=clerk, version=None)
    assert (reread(saved).value, reread(saved).availability) == (None, "missing")
    assert AuditEvent.objects.get().detail["value"] is None


def test_a_first_entry_is_a_final_figure_and_a_later_save_keeps_the_kind_unless_said() -> None:
    indicator, clerk = open_indicator(), factories.person(Role.CLERK)
    assert save(indicator, clerk, "47").figure_kind == FigureKind.FINAL
    assert save(indicator, clerk, "47", version=1, figure_kind=FigureKind.PRELIMINARY).version == 2
    assert save(indicator, clerk, "47.1", version=2).figure_kind == FigureKind.PRELIMINARY


def test_zero_is_kept_as_a_figure() -> None:
    saved = save(open_indicator(), factories.person(Role.CLERK), "0")
    assert (reread(saved).value, reread(saved).availability) == (Decimal(0), "reported")
    assert AuditEvent.objects.get().detail["value"] == "0"


def test_a_figure_is_a_demo_figure_when_its_person_is() -> None:
    indicator = open_indicator()
    demo, real = factories.person(Role.CLERK, is_demo=True), factories.person(Role.CLERK)
    assert save(indicator, demo, "47").is_demo is True
    assert save(indicator, real, "47.2", version=1).is_demo is False
    assert save(indicator, demo, "47.4", version=2).is_demo is True
    assert reread(Actual.objects.get()).is_demo is True


def test_the_note_given_at_submit_is_kept_when_the_figure_has_none() -> None:
    clerk = factories.person(Role.CLERK)
    behind = figure(value=Decimal(41))
    with pytest.raises(Unfit, match="请在说明中写明原因后再提交。"):
        step(behind, Move.SUBMIT, clerk)
    assert (reread(behind).state, reread(behind).note) == (State.DRAFT, "")
    assert step(behind, Move.SUBMIT, clerk, note="新机构年底才开放").state == State.SUBMITTED
    assert reread(behind).note == "新机构年底才开放"


def test_a_note_does_not_make_a_figure_outside_its_hard_bounds_fit() -> None:
    indicator = open_indicator(number="4", hard_minimum=Decimal(0), hard_maximum=Decimal(100))
    wrong = figure(indicator=indicator, value=Decimal(480), note="核对过")
    with pytest.raises(Unfit) as raised:
        step(wrong, Move.SUBMIT, factories.person(Role.CLERK), note="真的核对过")
    assert [(p.message, p.is_hard) for p in raised.value.problems if p.is_hard] == [
        ("第4项“养老机构护理型床位占比”：应为0～100，现为480。是否少了小数点？", True)
    ]
    assert reread(wrong).state == State.DRAFT


# ---- Assessments follow in the same transaction


def verdict_of(indicator: Indicator, year: int = 2023) -> str:
    return Assessment.objects.get(indicator=indicator, year=year).verdict


def test_approving_and_reopening_refresh_the_assessment() -> None:
    actual, reviewer = figure(State.SUBMITTED), factories.person(Role.REVIEWER)
    reassess(Indicator.objects.all())
    assert verdict_of(actual.indicator) == "unreported"
    approved = step(actual, Move.APPROVE, reviewer)
    assert verdict_of(actual.indicator) == "on_track"
    step(approved, Move.REOPEN, reviewer, note="修订")
    assert verdict_of(actual.indicator) == "unreported"


def test_returning_leaves_assessments_alone() -> None:
    step(figure(State.SUBMITTED), Move.RETURN, factories.person(Role.REVIEWER), note="核对")
    assert not Assessment.objects.exists()


@pytest.mark.parametrize(
    ("state", "move"), [(State.SUBMITTED, Move.APPROVE), (State.APPROVED, Move.REOPEN)], ids=["approve", "reopen"]
)
def test_when_the_assessment_fails_nothing_of_the_step_remains(state: State, move: Move) -> None:
    actual = figure(state)
    Indicator.objects.update(kind="no such kind")
    with pytest.raises(ValueError, match="no such kind"):
        step(actual, move, factories.person(Role.REVIEWER), note="复核")
    stored = reread(actual)
    assert (stored.state, stored.version, stored.approved_by) == (state, 1, actual.approved_by)
    assert not ActualEvent.objects.exists()
    assert not AuditEvent.objects.exists()


def test_when_the_audit_line_cannot_be_written_the_figure_is_not_saved() -> None:
    indicator, clerk = open_indicator(), factories.person(Role.CLERK, display_name="王芳")
    clerk.username = None  # type: ignore[assignment]
    with pytest.raises(DatabaseError):
        save(indicator, clerk)
    assert not Actual.objects.exists()
    assert not ActualEvent.objects.exists()


# ---- Many at a time


def typed(indicator: Indicator, value: str, version: int | None = None, year: int = 2023) -> Typed:
    return Typed(indicator, year, Entry(value=Decimal(value), text=value), version)


def rows_of(plan: Plan, number: int) -> list[Indicator]:
    return [factories.indicator(plan=plan) for _ in range(number)]


def test_each_cell_of_a_batch_is_answered_in_its_place_and_none_holds_another_back() -> None:
    plan, own = factories.plan(), factories.department()
    factories.open_round(plan, 2023)
    clerk = factories.person(Role.CLERK)
    clerk.memberships.get().departments.add(own)
    fresh, changed, same, stale, gone = (factories.indicator(plan=plan, department=own) for _ in range(5))
    passed_on, group = (factories.indicator(plan=plan, department=own, is_group=is_group) for is_group in (False, True))
    theirs = factories.indicator(plan=plan)
    for indicator in (changed, same, stale, passed_on):
        factories.actual(
            indicator=indicator, value=ON_PATH, state=State.SUBMITTED if indicator == passed_on else State.DRAFT
        )
    answers = save_actuals(
        [
            typed(theirs, "46"),
            typed(fresh, "46"),
            typed(stale, "46", 7),
            typed(changed, "46", 1),
            typed(gone, "46", 3),
            typed(same, "47", 1),
            typed(passed_on, "46", 1),
            typed(fresh, "46", year=2022),
            typed(fresh, "46", year=2026),
            typed(group, "46"),
        ],
        by=clerk,
    )
    assert [type(answer) for answer in answers] == [
        Forbidden, Actual, StaleVersion, Actual, StaleVersion, Actual, WrongState, RoundClosed, Refused, Refused,
    ]  # fmt: skip
    assert dict(Actual.objects.values_list("indicator", "version")) == {
        fresh.pk: 1, changed.pk: 2, same.pk: 1, stale.pk: 1, passed_on.pk: 1,
    }  # fmt: skip
    written = sorted(ActualEvent.objects.values_list("actual__indicator", "version", "value"))
    assert written == sorted([(fresh.pk, 1, Decimal(46)), (changed.pk, 2, Decimal(46))])
    assert AuditEvent.objects.count() == 2


@pytest.mark.parametrize("version", [None, 1], ids=["first_entry", "draft"])
def test_a_cell_that_stands_twice_in_a_batch_is_stale_the_second_time(version: int | None) -> None:
    indicator, clerk = open_indicator(), factories.person(Role.CLERK)
    if version:
        figure(indicator=indicator, value=Decimal(45))
    first, second = save_actuals([typed(indicator, "46", version), typed(indicator, "47", version)], by=clerk)
    assert [type(first), type(second)] == [Actual, StaleVersion]
    stored = Actual.objects.get()
    assert (stored.value, stored.version) == (Decimal(46), (version or 0) + 1)
    assert ActualEvent.objects.count() == 1


def test_a_batch_of_nothing_is_answered_with_nothing() -> None:
    clerk = factories.person(Role.CLERK)
    assert save_actuals([], by=clerk) == []
    assert move_actuals([], move=Move.SUBMIT, by=clerk) == []
    assert not AuditEvent.objects.exists()


def test_more_than_a_thousand_cells_are_saved_and_passed_on_in_one_go() -> None:
    """Past the batch of the inserts and past what some databases take as parameters of one statement."""
    plan = factories.plan()
    for year in (2021, 2022, 2023):
        factories.open_round(plan, year)
    clerk = factories.person(Role.CLERK)
    cells = [(indicator, year) for indicator in rows_of(plan, 350) for year in (2021, 2022, 2023)]
    saved = save_actuals([typed(indicator, "47", year=year) for indicator, year in cells], by=clerk)
    actuals = [answer for answer in saved if isinstance(answer, Actual)]
    assert [(actual.indicator, actual.year) for actual in actuals] == cells
    moved = move_actuals([(actual, 1) for actual in actuals], move=Move.SUBMIT, by=clerk)
    assert [type(answer) for answer in moved] == [Actual] * 1050
    assert set(Actual.objects.values_list("state", "version", "value")) == {("submitted", 2, Decimal(47))}
    assert ActualEvent.objects.count() == AuditEvent.objects.count() == 2100


def test_each_figure_of_a_batch_moves_on_its_own_version_and_none_holds_another_back() -> None:
    plan, reviewer = open_indicator().plan, clerk_and_reviewer()
    draft, fit, stale, own, gone = (
        figure(state, indicator=factories.indicator(plan=plan)) for state in (State.DRAFT, *[State.SUBMITTED] * 4)
    )
    ActualEvent.objects.create(
        actual=own, at=timezone.now(), by=reviewer, move=Move.SUBMIT, state=own.state, version=1,
        availability=own.availability, figure_kind=own.figure_kind,
    )  # fmt: skip
    Actual.objects.filter(pk=gone.pk).delete()
    elsewhere = figure(State.SUBMITTED, indicator=factories.indicator(
        plan=factories.plan(region=factories.region("330127", "淳安县"))
    ))  # fmt: skip
    chosen = [(draft, 1), (fit, 1), (stale, 2), (gone, 1), (own, 1), (elsewhere, 1), (fit, 1)]
    answers = move_actuals(chosen, move=Move.APPROVE, by=reviewer)
    assert [type(answer) for answer in answers] == [
        WrongState, Actual, StaleVersion, StaleVersion, Forbidden, Forbidden, WrongState,
    ]  # fmt: skip
    assert Actual.objects.approved().get() == fit
    assert (ActualEvent.objects.filter(move=Move.APPROVE).count(), AuditEvent.objects.count()) == (1, 1)


def test_a_batch_without_its_reason_is_refused_row_by_row() -> None:
    rows = [figure(State.SUBMITTED), figure(State.SUBMITTED)]
    answers = move_actuals([(row, 1) for row in rows], move=Move.RETURN, by=factories.person(Role.REVIEWER), note=" ")
    assert [str(answer) for answer in answers] == ["退回要写明理由。"] * 2
    assert set(Actual.objects.values_list("state", flat=True)) == {"submitted"}


def test_a_batch_of_approvals_assesses_every_row_and_their_group_with_what_was_approved_together() -> None:
    plan = open_indicator().plan
    group = factories.indicator(plan=plan, target=None, is_group=True)
    rows = [
        figure(State.SUBMITTED, indicator=factories.indicator(plan=plan, parent=group), value=Decimal(value))
        for value in (47, 41)
    ]
    alone = figure(State.SUBMITTED, indicator=factories.indicator(plan=plan))
    move_actuals([(row, 1) for row in (*rows, alone)], move=Move.APPROVE, by=factories.person(Role.REVIEWER))
    assert [verdict_of(row.indicator) for row in (*rows, alone)] == ["on_track", "behind", "on_track"]
    assert verdict_of(group) == "behind"
    moved = Indicator.objects.filter(pk__in=[row.indicator_id for row in (*rows, alone)])
    assert differences(moved)[0] == []


@pytest.mark.parametrize("number", [1, 3])
def test_a_batch_costs_a_fixed_number_of_queries_and_one_write_for_each_row(
    django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    plan = open_indicator().plan
    indicators = rows_of(plan, number)
    clerk, reviewer = factories.person(Role.CLERK), factories.person(Role.REVIEWER)
    for person in (clerk, reviewer):
        person.can(Permission.SEE)
    # Every step: its begin and end, and 2 writes (events, audit lines).
    # First entries: 4 reads (indicators, figures, rounds, extensions), 1 write of all figures.
    with django_assert_num_queries(4 + 5):
        save_actuals([typed(indicator, "46") for indicator in indicators], by=clerk)
    # Changes: also the people who entered, and a write per figure, each on its version.
    with django_assert_num_queries(4 + 5 + number):
        save_actuals([typed(indicator, "47", 1) for indicator in indicators], by=clerk)
    # Submitting: 6 reads (figures, targets and approved figures for the checks, indicators, rounds, extensions).
    chosen = [(actual, 2) for actual in Actual.objects.all()]
    with django_assert_num_queries(4 + 6 + number):
        move_actuals(chosen, move=Move.SUBMIT, by=clerk)
    # Approving: 4 reads (figures, rounds, extensions, who had a hand in it); re-assessed once, which takes 12.
    chosen = [(actual, 3) for actual in Actual.objects.all()]
    with django_assert_num_queries(4 + 4 + number + 12):
        answers = move_actuals(chosen, move=Move.APPROVE, by=reviewer)
    assert [type(answer) for answer in answers] == [Actual] * number
