"""The entry sheet: what stands beside each cell, which cells are locked and why, and passing the sheet on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.permissions import Permission, Role
from indicators.checks import Problem
from indicators.entry import Line, entry_lines, entry_sheet_of, submit_all
from indicators.models import Actual, ActualEvent, Availability, Indicator, State
from indicators.moves import Move
from indicators.queries import Promised
from indicators.review import Forbidden, StaleVersion, WrongState
from indicators.workflow import PassedOn, Unfit, move_actual, passed_on
from plans.models import Plan
from plans.rounds import RoundState
from tests import factories

pytestmark = pytest.mark.django_db

TODAY = date(2024, 5, 6)


def open_plan() -> Plan:
    plan = factories.plan()
    factories.open_round(plan, 2023)
    return plan


def test_last_year_and_what_is_due_stand_beside_the_cell() -> None:
    plan = open_plan()
    indicator = factories.indicator(plan=plan)
    before = factories.actual(indicator=indicator, year=2022, value=Decimal(44), state=State.APPROVED)
    draft = factories.actual(indicator=indicator, value=Decimal("46.5"), text="４６．５")
    sheet = entry_sheet_of(plan, year=2023, user=factories.person(Role.CLERK), on=TODAY)
    (line,) = sheet.lines
    assert (line.previous, line.actual, line.fields["value"], line.understood) == (before, draft, "４６．５", "46.5")
    assert line.promised == Promised("46", is_stated=False)
    assert (line.is_locked, line.is_filled, line.lock_reason) == (False, True, "")
    assert (sheet.state, sheet.due_on, sheet.unfilled, sheet.ready) == (RoundState.OPEN, date(2100, 1, 1), [], [line])


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (State.DRAFT, ""),
        (State.RETURNED, ""),
        (State.SUBMITTED, "待审核"),
        (State.APPROVED, "已审核"),
    ],
)
def test_a_figure_that_is_passed_on_is_locked(state: State, reason: str) -> None:
    plan = open_plan()
    factories.actual(indicator=factories.indicator(plan=plan), state=state)
    (line,) = entry_sheet_of(plan, year=2023, user=factories.person(Role.CLERK), on=TODAY).lines
    assert line.lock_reason == reason


def test_group_rows_and_rows_of_another_department_are_locked() -> None:
    plan, own = open_plan(), factories.department()
    factories.indicator(plan=plan, order=1, target=None, is_group=True)
    factories.indicator(plan=plan, order=2, department=own)
    factories.indicator(plan=plan, order=3, department=factories.department())
    clerk = factories.person(Role.CLERK)
    clerk.memberships.get().departments.add(own)
    sheet = entry_sheet_of(plan, year=2023, user=clerk, on=TODAY)
    assert [line.lock_reason for line in sheet.lines] == ["数据填在下级行", "", "无权限（不在您负责的科室）"]
    assert len(sheet.fillable) == 2


@pytest.mark.parametrize(
    ("dates", "reason"),
    [
        (None, "未开放填报"),
        ((date(2024, 5, 7), date(2024, 6, 1)), "未到开放时间"),
        ((date(2024, 5, 6), date(2024, 5, 6)), ""),
        ((date(2024, 4, 1), date(2024, 5, 5)), "已截止"),
    ],
)
def test_outside_its_round_every_cell_is_locked(dates: tuple[date, date] | None, reason: str) -> None:
    indicator = factories.indicator()
    if dates:
        factories.open_round(indicator.plan, 2023, opens_on=dates[0], due_on=dates[1])
    (line,) = entry_sheet_of(indicator.plan, year=2023, user=factories.person(Role.CLERK), on=TODAY).lines
    assert line.lock_reason == reason


def test_an_extension_unlocks_the_rows_of_its_department_only() -> None:
    plan, late = factories.plan(), factories.department()
    round_ = factories.open_round(plan, 2023, due_on=date(2024, 5, 1))
    round_.extensions.create(
        department=late, until=date(2024, 5, 6), allowed_by=factories.person(Role.PLANNER), reason="年鉴迟发"
    )
    factories.indicator(plan=plan, order=1, department=late)
    factories.indicator(plan=plan, order=2)
    sheet = entry_sheet_of(plan, year=2023, user=factories.person(Role.CLERK), on=TODAY)
    assert [line.lock_reason for line in sheet.lines] == ["", "已截止"]
    assert (sheet.state, sheet.due_on) == (RoundState.CLOSED, date(2024, 5, 6))


def line_of(indicator: Indicator, user: User) -> Line:
    return entry_lines([indicator.pk], plan=indicator.plan, year=2023, user=user, on=TODAY)[indicator.pk]


def test_the_reason_of_the_last_return_stands_in_the_row() -> None:
    plan = open_plan()
    indicator = factories.indicator(plan=plan)
    clerk, reviewer = factories.person(Role.CLERK), factories.person(Role.REVIEWER)
    actual = factories.actual(indicator=indicator, value=Decimal(47), state=State.SUBMITTED)
    for reason in ("床位数与年鉴不符", "仍与年鉴不符"):
        actual = move_actual(actual=actual, move=Move.RETURN, by=reviewer, version=actual.version, note=reason)
        assert line_of(indicator, clerk).return_reason == reason
        actual = move_actual(actual=actual, move=Move.SUBMIT, by=clerk, version=actual.version)
    assert line_of(indicator, clerk).return_reason == ""


def test_zero_is_filled_and_blank_is_not() -> None:
    plan = open_plan()
    zero, blank = factories.indicator(plan=plan, order=1), factories.indicator(plan=plan, order=2)
    factories.indicator(plan=plan, order=3)
    factories.actual(indicator=zero, value=Decimal(0), text="0")
    factories.actual(indicator=blank, value=None, availability=Availability.UNREPORTED)
    sheet = entry_sheet_of(plan, year=2023, user=factories.person(Role.CLERK), on=TODAY)
    assert [(line.fields["value"], line.is_filled) for line in sheet.lines] == [("0", True), ("", False), ("", False)]
    assert (sheet.unfilled, sheet.ready) == (sheet.lines[1:], sheet.lines[:1])


def test_a_row_promised_in_words_is_judged_and_a_row_with_figures_measured() -> None:
    plan = open_plan()
    words = factories.indicator(plan=plan, order=1, target=None)
    words.targets.create(year=2025, operator="text", text="应保尽保")
    factories.indicator(plan=plan, order=2)
    factories.indicator(plan=plan, order=3, kind="qualitative")
    factories.indicator(plan=plan, order=4, kind="relative", target=None)
    sheet = entry_sheet_of(plan, year=2023, user=factories.person(Role.CLERK), on=TODAY)
    assert [line.is_judged for line in sheet.lines] == [True, False, True, False]


@pytest.mark.parametrize("number", [1, 3])
def test_the_sheet_takes_nine_queries(django_assert_num_queries: DjangoAssertNumQueries, number: int) -> None:
    plan = open_plan()
    for _ in range(number):
        factories.actual(
            indicator=factories.indicator(plan=plan, department=factories.department()), state=State.RETURNED
        )
    clerk = factories.person(Role.CLERK)
    clerk.can(Permission.ENTER)
    plan = Plan.objects.get(pk=plan.pk)
    with django_assert_num_queries(9):
        entry_sheet_of(plan, year=2023, user=clerk, on=TODAY)


# ---- Passing the sheet on


def test_what_is_fit_goes_and_the_rest_stays_with_its_sentence() -> None:
    plan = open_plan()
    numbers = ("1", "2", "3", "4", "5", "6")
    fit, behind, wrong, blank, returned, done = (
        factories.indicator(plan=plan, order=int(n), number=n, hard_maximum=Decimal(100)) for n in numbers
    )
    factories.actual(indicator=fit, value=Decimal(47))
    factories.actual(indicator=behind, value=Decimal(41))
    factories.actual(indicator=wrong, value=Decimal(480), note="核对过")
    factories.actual(indicator=blank, value=None, availability=Availability.UNREPORTED)
    factories.actual(indicator=returned, value=Decimal(47), state=State.RETURNED)
    factories.actual(indicator=done, value=Decimal(47), state=State.APPROVED)
    passed = submit_all(plan, year=2023, by=factories.person(Role.CLERK))
    submitted, problems = passed.submitted, passed.problems
    assert submitted == 2
    assert [problem.is_hard for problem in problems] == [False, True, False]
    assert problems[0].message.startswith("第2项“养老机构护理型床位占比”：按此数据指标评价为“滞后”。")
    assert problems[1].message == "第3项“养老机构护理型床位占比”：应为不高于100%，现为480。是否少了小数点？"
    assert dict(Actual.objects.values_list("indicator__number", "state")) == {
        "1": "submitted",
        "2": "draft",
        "3": "draft",
        "4": "draft",
        "5": "submitted",
        "6": "approved",
    }


def test_only_rows_of_the_plan_the_year_and_the_department_go() -> None:
    plan, own = open_plan(), factories.department()
    factories.open_round(plan, 2022)
    mine = factories.actual(indicator=factories.indicator(plan=plan, department=own), value=Decimal(47))
    factories.actual(indicator=factories.indicator(plan=plan), value=Decimal(47))
    factories.actual(indicator=mine.indicator, year=2022, value=Decimal(47))
    factories.actual(indicator=factories.indicator(plan=open_plan(), department=own), value=Decimal(47))
    clerk = factories.person(Role.CLERK)
    clerk.memberships.get().departments.add(own)
    assert submit_all(plan, year=2023, by=clerk) == PassedOn(1, [], 0)
    assert list(Actual.objects.filter(state=State.SUBMITTED)) == [mine]


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.LEADER, Role.ANALYST, Role.PLANNER, Role.SYSTEM])
def test_who_enters_nothing_passes_nothing_on(role: Role) -> None:
    plan = open_plan()
    factories.actual(indicator=factories.indicator(plan=plan), value=Decimal(47))
    assert submit_all(plan, year=2023, by=factories.person(role)) == PassedOn(0, [], 0)
    assert not ActualEvent.objects.exists()


def test_rows_that_somebody_else_passed_on_first_are_counted_in_one_sentence() -> None:
    fit = factories.actual()
    overtaken = [StaleVersion(), WrongState("为“待审核”，不能提交。"), StaleVersion(fit)]
    passed = passed_on([fit, *overtaken, Forbidden("无权限。"), Unfit([Problem("低于上年。", is_hard=False)])])
    problems = [Problem("无权限。", is_hard=True), Problem("低于上年。", is_hard=False)]
    assert passed == PassedOn(1, problems, 3)
    assert passed.overtaken_said == "有3项在同一时刻已被提交或修改，没有重复提交；现在的情况见下表。"
    assert PassedOn(0, [], 0).overtaken_said == ""


def test_a_closed_round_holds_every_row_back_with_a_sentence() -> None:
    plan = factories.plan()
    factories.actual(indicator=factories.indicator(plan=plan), value=Decimal(47))
    passed = submit_all(plan, year=2023, by=factories.person(Role.CLERK))
    submitted, problems = passed.submitted, passed.problems
    assert (submitted, [problem.message for problem in problems]) == (0, ["2023年未开放填报，不能提交。"])
