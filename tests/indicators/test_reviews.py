"""The review: what a reviewer is shown per plan and year, and what becomes of what they decide on."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import Membership, User
from accounts.permissions import Permission, Role
from indicators.detail import indicator_page
from indicators.forms import CHOSEN_LIMIT
from indicators.models import Actual, ActualEvent, Assessment, Indicator, State
from indicators.moves import Move
from indicators.queries import Promised
from indicators.reassess import differences, reassess
from indicators.reviews import ReviewRow, Wanted, review_page
from indicators.workflow import Entry, move_actual, save_actual
from plans.models import Plan
from tests import factories

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]


def person(role: Role = Role.CLERK, **values: Any) -> User:
    """Somebody whose memberships are already read, as in the middle of a request."""
    user = factories.person(role, **values)
    user.can(Permission.SEE)
    return user


def both_roles() -> User:
    """A clerk who is a reviewer too."""
    user = factories.person(Role.CLERK)
    Membership.objects.create(user=user, region=factories.region(), role=Role.REVIEWER)
    return user


def approved(indicator: Indicator, value: str, year: int = 2023, **values: Any) -> Actual:
    return factories.actual(indicator=indicator, year=year, value=Decimal(value), state=State.APPROVED, **values)


def submitted(plan: Plan | None = None, value: str = "47", **values: Any) -> Actual:
    """A figure on the path, waiting for review."""
    if "indicator" not in values:
        values["indicator"] = factories.indicator(plan=plan or factories.plan())
    return factories.actual(value=Decimal(value), state=State.SUBMITTED, **values)


def rows_of(user: User, **wanted: Any) -> list[ReviewRow]:
    return review_page(user, Wanted(**wanted)).rows


def words(answer: Any) -> str:
    page = re.sub(r"<script.*?</script>", "", answer.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def notices(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def choice(actual: Actual) -> str:
    return f"{actual.pk}:{actual.version}"


def the_way_of_a_figure(clerk: User, reviewer: User, *values: str) -> Actual:
    """Entered and passed on; for each further value returned, mended and passed on again."""
    indicator = factories.indicator()
    factories.open_round(indicator.plan, 2023)
    actual = None
    for value in values:
        if actual:
            actual = move_actual(actual=actual, move=Move.RETURN, by=reviewer, version=actual.version, note="请核对")
        actual = save_actual(
            indicator=indicator,
            year=2023,
            entry=Entry(value=Decimal(value), text=value, note="已核对"),
            by=clerk,
            version=actual.version if actual else None,
        )
        actual = move_actual(actual=actual, move=Move.SUBMIT, by=clerk, version=actual.version)
    assert actual
    return actual


# ---- What is shown


def test_the_reviewer_sees_what_approving_would_mean() -> None:
    indicator = factories.indicator(number="4", attribute="binding")
    approved(indicator, "44", 2022)
    submitted = factories.actual(indicator=indicator, value=Decimal(45), state=State.SUBMITTED, note="床位建设推迟")
    factories.actual(indicator=indicator, year=2021, state=State.DRAFT)
    (row,) = rows_of(person(Role.REVIEWER))
    assert (row.actual, row.word, row.light, row.is_own) == (submitted, "滞后", "red", False)
    assert row.previous is not None
    assert (row.previous.value, row.promised) == (Decimal(44), Promised("46", is_stated=False))
    assert [problem.is_hard for problem in row.problems] == [False]
    assert row.problems[0].message.startswith("第4项“养老机构护理型床位占比”：按此数据约束性指标评价为“滞后”。")


def test_only_submitted_figures_of_the_reviewers_region_are_listed() -> None:
    elsewhere = factories.plan(region=factories.region("330127", "淳安县"))
    factories.actual(indicator=factories.indicator(plan=elsewhere), state=State.SUBMITTED)
    for state in (State.DRAFT, State.RETURNED, State.APPROVED):
        factories.actual(state=state)
    here = factories.actual(state=State.SUBMITTED)
    assert [row.actual for row in rows_of(person(Role.REVIEWER))] == [here]
    assert rows_of(person(Role.REVIEWER, in_region=factories.region("100000"))) == []
    assert rows_of(person(Role.LEADER)) == []


def test_the_list_is_narrowed_to_a_plan_and_a_year() -> None:
    one, other = factories.indicator(), factories.indicator()
    first = factories.actual(indicator=one, year=2022, state=State.SUBMITTED)
    second = factories.actual(indicator=one, year=2023, state=State.SUBMITTED)
    third = factories.actual(indicator=other, year=2023, state=State.SUBMITTED)
    reviewer = person(Role.REVIEWER)
    assert [row.actual for row in rows_of(reviewer, plan=one.plan.code)] == [first, second]
    assert {row.actual for row in rows_of(reviewer, year=2023)} == {second, third}
    assert [row.actual for row in rows_of(reviewer, plan=one.plan.code, year=2023)] == [second]
    assert rows_of(reviewer, plan="no-such-plan") == []
    assert rows_of(reviewer, year=2100) == []


def test_what_the_reviewer_passed_on_earlier_is_marked_as_their_own() -> None:
    both = factories.person(Role.CLERK)
    Membership.objects.create(user=both, region=factories.region(), role=Role.REVIEWER)
    indicator = factories.indicator()
    factories.open_round(indicator.plan, 2023)
    move_actual(actual=factories.actual(indicator=indicator, value=Decimal(47)), move=Move.SUBMIT, by=both, version=1)
    assert [row.is_own for row in rows_of(both)] == [True]
    assert [row.is_own for row in rows_of(person(Role.REVIEWER))] == [False]


def test_a_figure_that_came_back_stands_beside_what_was_passed_on_before() -> None:
    actual = the_way_of_a_figure(person(), person(Role.REVIEWER), "46.5", "48.5")
    (row,) = rows_of(person(Role.REVIEWER))
    assert row.earlier is not None
    assert (row.actual, row.earlier.word, row.earlier.is_same) == (actual, "上次报送", False)
    assert row.earlier.figure.value == Decimal("46.5")


def test_a_figure_passed_on_again_as_it_was_is_said_to_be_the_same() -> None:
    the_way_of_a_figure(person(), person(Role.REVIEWER), "46.5", "46.5")
    (row,) = rows_of(person(Role.REVIEWER))
    assert row.earlier is not None
    assert row.earlier.is_same


def test_a_figure_passed_on_for_the_first_time_has_nothing_before_it() -> None:
    the_way_of_a_figure(person(), person(Role.REVIEWER), "46.5")
    (row,) = rows_of(person(Role.REVIEWER))
    assert row.earlier is None


def test_what_is_reopened_comes_back_as_a_revision_beside_what_was_approved(sign_in: SignIn) -> None:
    clerk, reviewer = person(), person(Role.REVIEWER)
    actual = the_way_of_a_figure(clerk, reviewer, "46.5")
    actual = move_actual(actual=actual, move=Move.APPROVE, by=reviewer, version=actual.version)
    actual = move_actual(actual=actual, move=Move.REOPEN, by=reviewer, version=actual.version, note="口径有误")
    entry = Entry(value=Decimal("48.5"), text="48.5", note="更正")
    actual = save_actual(indicator=actual.indicator, year=2023, entry=entry, by=clerk, version=actual.version)
    move_actual(actual=actual, move=Move.SUBMIT, by=clerk, version=actual.version)
    page = review_page(reviewer, Wanted(revised=True))
    (row,) = page.rows
    assert row.earlier is not None
    assert (row.is_revised, row.earlier.word, row.earlier.figure.value) == (True, "上次审核", Decimal("46.5"))
    assert page.n_revised == 1
    history = indicator_page(actual.indicator, user=clerk, on=date(2024, 5, 6)).steps
    assert [(step.event.move, step.was, step.figure) for step in history] == [
        ("submit", "", "48.5"),
        ("save", "46.5", "48.5"),
        ("reopen", "", "46.5"),
        ("approve", "", "46.5"),
        ("submit", "", "46.5"),
        ("save", "", "46.5"),
    ]
    shown = words(sign_in(clerk).get(actual.indicator.get_absolute_url()))
    assert "保存2023年 46.5 → 48.5% 修订" in shown
    events = sign_in(clerk).get(f"/api/v1/actuals/{actual.pk}/").json()["events"]
    assert [(event["move"], event["value"], event["figure_kind"]) for event in events][-3:] == [
        ("reopen", "46.5", "revised"),
        ("save", "48.5", "revised"),
        ("submit", "48.5", "revised"),
    ]


def test_a_group_counts_the_year_and_names_what_is_missing() -> None:
    plan, office = factories.plan(), factories.department(name="养老服务科")
    names = ("空白", "未填", "草稿", "退回", "待审", "已审")
    rows = {
        name: factories.indicator(plan=plan, name=name, number=str(order), order=order, department=office)
        for order, name in enumerate(names)
    }
    factories.indicator(plan=plan, is_group=True)
    factories.actual(indicator=rows["未填"], value=None, availability="unreported")
    factories.actual(indicator=rows["草稿"])
    factories.actual(indicator=rows["退回"], state=State.RETURNED)
    factories.actual(indicator=rows["空白"], year=2022)
    waiting = submitted(indicator=rows["待审"])
    approved(rows["已审"], "47")
    (group,) = review_page(person(Role.REVIEWER), Wanted()).groups
    assert (group.plan, group.year, [row.actual for row in group.rows]) == (plan, 2023, [waiting])
    assert (group.due, group.reported, group.submitted, group.approved) == (6, 2, 1, 1)
    assert [(row.indicator.name, row.word) for row in group.missing] == [
        ("空白", "未填"),
        ("未填", "未填"),
        ("草稿", "草稿"),
        ("退回", "退回"),
    ]


def test_a_year_asked_for_is_shown_with_what_is_missing_though_nothing_waits(sign_in: SignIn) -> None:
    indicator = factories.indicator(name="床位数")
    page = review_page(person(Role.REVIEWER), Wanted(plan=indicator.plan.code, year=2023))
    ((due, missing),) = [(group.due, [row.indicator for row in group.missing]) for group in page.groups]
    assert (due, missing) == (1, [indicator])
    assert review_page(person(Role.REVIEWER), Wanted(plan=indicator.plan.code, year=2031)).groups == []
    elsewhere = person(Role.REVIEWER, in_region=factories.region("330127", "淳安县"))
    assert review_page(elsewhere, Wanted(plan=indicator.plan.code, year=2023)).groups == []
    assert "床位数" in words(sign_in(person(Role.REVIEWER)).get(f"/review/?plan={indicator.plan.code}&year=2023"))


def test_doubtful_figures_are_counted_and_can_be_asked_for() -> None:
    plan = factories.plan()
    fine = submitted(plan)
    behind = submitted(plan, "41", note="停业整顿")
    page = review_page(person(Role.REVIEWER), Wanted())
    assert [row.actual for row in page.rows] == [fine, behind]
    assert (page.n_waiting, page.n_doubtful, page.n_revised) == (2, 1, 0)
    only = review_page(person(Role.REVIEWER), Wanted(doubtful=True))
    assert ([row.actual for row in only.rows], only.n_waiting) == ([behind], 2)


def test_the_list_is_narrowed_to_a_department() -> None:
    plan, one, other = factories.plan(), factories.department(), factories.department()
    here = submitted(indicator=factories.indicator(plan=plan, department=one))
    submitted(indicator=factories.indicator(plan=plan, department=other))
    page = review_page(person(Role.REVIEWER), Wanted(department=one.pk))
    assert [row.actual for row in page.rows] == [here]
    assert page.groups[0].due == 1
    assert {pk for pk, _ in page.departments} == {one.pk, other.pk}


@pytest.mark.parametrize("number", [1, 3])
def test_the_review_takes_eight_queries(django_assert_num_queries: DjangoAssertNumQueries, number: int) -> None:
    for _ in range(number):
        indicator = factories.indicator()
        approved(indicator, "44", 2022)
        factories.evidence(actual=submitted(indicator=indicator))
    reviewer = person(Role.REVIEWER)
    with django_assert_num_queries(8):
        review_page(reviewer, Wanted())


def test_the_page_holds_no_field_for_a_figure_and_no_box_for_ones_own(sign_in: SignIn) -> None:
    reviewer = both_roles()
    factories.evidence(actual=submitted(), name="台账.pdf")
    submitted(entered_by=reviewer)
    page = sign_in(reviewer).get("/review/").content.decode()
    fields = set(re.findall(r'<(?:input|textarea|select)[^>]*\bname="([^"]+)"', page))
    filters = {"plan", "year", "department", "doubtful", "revised"}
    assert fields == {"csrfmiddlewaretoken", "move", "version", "note", "chosen"} | filters
    assert page.count('name="chosen"') == 1
    assert page.count('value="approve"') == 1
    assert "台账.pdf（" in page


def test_without_a_script_a_link_chooses_what_is_beyond_doubt(sign_in: SignIn) -> None:
    fine, behind = submitted(), submitted(value="41", note="停业整顿")
    page = sign_in(person(Role.REVIEWER)).get("/review/?choose=1").content.decode()
    boxes = {value: "checked" in rest for value, rest in re.findall(r'name="chosen" value="([^"]+)"([^>]*)>', page)}
    assert boxes == {choice(fine): True, choice(behind): False}


# ---- Deciding on one


def test_a_decision_comes_back_to_the_list_as_it_was_asked_for(sign_in: SignIn) -> None:
    actual = submitted()
    client = sign_in(person(Role.REVIEWER))
    code = actual.indicator.plan.code
    url = f"{reverse('actual_move', args=[actual.pk])}?plan={code}&year=2023&doubtful=&x=//evil"
    answer = client.post(url, {"move": "approve", "version": "1"})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/review/?plan={code}&year=2023")


def test_a_refused_return_keeps_the_reason_in_its_row(sign_in: SignIn) -> None:
    clerk = person(display_name="王芳")
    actual = the_way_of_a_figure(clerk, person(Role.REVIEWER), "46.5", "48.5")
    stale = {"move": "return", "version": "2", "note": "口径与上年不一致，请核对"}
    answer = sign_in(person(Role.REVIEWER)).post(reverse("actual_move", args=[actual.pk]), stale)
    shown = words(answer)
    assert answer.status_code == 409
    assert "您查看之后，王芳又改过这个数据，请按现在的数据重新核对。" in shown
    assert "您看到的是 46.5 ，现在是 48.5 （待审核，王芳 填报）" in shown
    assert "您写的理由：口径与上年不一致，请核对" in shown
    assert re.search(r"<details data-return open>.*?口径与上年不一致，请核对</textarea>", answer.content.decode(), re.S)
    assert Actual.objects.get().state == State.SUBMITTED


def test_a_reason_for_what_somebody_else_decided_is_not_lost(sign_in: SignIn) -> None:
    actual = submitted()
    move_actual(actual=actual, move=Move.APPROVE, by=person(Role.REVIEWER), version=1)
    late = {"move": "return", "version": "1", "note": "请核对"}
    answer = sign_in(person(Role.REVIEWER)).post(reverse("actual_move", args=[actual.pk]), late)
    assert answer.status_code == 409
    assert "2023年数据为“已审核”，不能退回。" in words(answer)
    assert "您写的理由：请核对" in words(answer)


def test_a_reason_that_is_too_long_is_not_lost(sign_in: SignIn) -> None:
    actual = submitted()
    sent = {"move": "return", "version": "1", "note": "长" * 2001}
    answer = sign_in(person(Role.REVIEWER)).post(reverse("actual_move", args=[actual.pk]), sent)
    assert answer.status_code == 400
    assert "长" * 2001 in answer.content.decode()


# ---- Deciding on many


def approve(client: Client, *chosen: str) -> Any:
    return client.post(reverse("review_approve"), {"chosen": chosen})


def test_what_was_chosen_is_approved_and_assessed_as_one_by_one(sign_in: SignIn) -> None:
    plan = factories.plan()
    chosen = [submitted(plan), submitted(plan, "50")]
    left = submitted(plan)
    reassess(Indicator.objects.all())
    answer = sign_in(person(Role.REVIEWER)).post(
        reverse("review_approve"), {"chosen": [choice(actual) for actual in chosen]}, follow=True
    )
    assert answer.redirect_chain == [("/review/", 302)]
    assert notices(answer) == ["已通过2项，评价已重新计算。"]
    assert set(Actual.objects.approved()) == set(chosen)
    assert Actual.objects.get(pk=left.pk).state == State.SUBMITTED
    assert Assessment.objects.filter(year=2023, verdict="early").count() == 1
    assert differences(Indicator.objects.all()) == ([], [])
    assert ActualEvent.objects.filter(move="approve").count() == 2


def test_what_could_not_be_approved_is_listed_with_its_reason(sign_in: SignIn) -> None:
    reviewer = both_roles()
    clerk = person(display_name="王芳")
    changed = the_way_of_a_figure(clerk, person(Role.REVIEWER), "46.5", "48.5")
    own = submitted(entered_by=reviewer)
    decided = submitted()
    move_actual(actual=decided, move=Move.RETURN, by=person(Role.REVIEWER), version=1, note="请核对")
    fine = submitted()
    elsewhere = factories.plan(region=factories.region("330127", "淳安县"))
    foreign = submitted(elsewhere, "43.21")
    answer = approve(
        sign_in(reviewer), f"{changed.pk}:2", choice(own), choice(decided), choice(fine), choice(foreign), "999999:1"
    )
    shown = words(answer)
    assert answer.status_code == 409
    assert "有3项没有办成：" in shown
    assert "您看到的是 46.5 ，现在是 48.5 （待审核，王芳 填报）" in shown
    assert "不能审核自己填报的数据，请由其他审核员审核。" in shown
    assert "2023年数据为“退回”，不能通过。" in shown
    assert notices(answer) == ["已通过1项，评价已重新计算。", "有2项已不存在，或不在您的审核范围内。"]
    assert "43.21" not in shown
    assert list(Actual.objects.approved()) == [fine]


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ([], "请先勾选要通过的数据。"),
        (["1"], "所选内容有误，请刷新页面后重新选择。"),
        (["1:x"], "所选内容有误，请刷新页面后重新选择。"),
        (["１:１"], "所选内容有误，请刷新页面后重新选择。"),
        (["9" * 30 + ":1"], "所选内容有误，请刷新页面后重新选择。"),
        (
            [f"{pk}:1" for pk in range(CHOSEN_LIMIT + 1)],
            "一次最多通过500项，这次选了501项，请分几次办理。",
        ),
    ],
    ids=["none", "no_version", "no_number", "full_width", "huge", "too_many"],
)
def test_a_choice_that_is_none_changes_nothing(sign_in: SignIn, chosen: list[str], message: str) -> None:
    submitted()
    client = sign_in(person(Role.REVIEWER))
    answer = client.post(reverse("review_approve"), {"chosen": chosen}, follow=True)
    assert notices(answer) == [message]
    assert not Actual.objects.approved().exists()


def test_the_same_figure_chosen_twice_is_approved_once(sign_in: SignIn) -> None:
    actual = submitted()
    approve(sign_in(person(Role.REVIEWER)), choice(actual), choice(actual))
    assert ActualEvent.objects.count() == 1


@pytest.mark.parametrize("number", [1, 3])
def test_approving_many_costs_a_fixed_number_of_reads(
    sign_in: SignIn, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    plan = factories.plan()
    chosen = [submitted(plan) for _ in range(number)]
    client = sign_in(person(Role.REVIEWER))
    # one update per figure; everything else once
    with django_assert_num_queries(24 + number):
        approve(client, *(choice(actual) for actual in chosen))
