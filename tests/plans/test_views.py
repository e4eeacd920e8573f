"""The planner's pages: what they say, what they refuse and keep, and what they cost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Membership, User
from accounts.permissions import Role
from plans.models import Plan, Round, RoundExtension
from tests import factories

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
DATES = {"opens_on": "2024-01-01", "due_on": "2024-03-31"}


@pytest.fixture
def planner(sign_in: SignIn) -> Client:
    return sign_in(factories.person(Role.PLANNER, display_name="周敏"))


def round_of(plan: Plan, **values: Any) -> Round:
    given = {"opens_on": date(2024, 1, 1), "due_on": date(2024, 3, 31)} | values
    return factories.open_round(plan, 2023, **given)


def said_after(client: Client, address: str, values: dict[str, Any]) -> list[str]:
    """The sentences on the page to which a successful post leads."""
    answer = client.post(address, values, follow=True)
    assert [status for _, status in answer.redirect_chain] == [302]
    return [str(message) for message in answer.context["messages"]]


# ---- Opening


def test_a_year_is_opened_for_all_plans_of_a_region_and_who_had_one_is_named(planner: Client) -> None:
    there = factories.plan(short_title="甲规划")
    round_of(there)
    fresh = factories.plan(short_title="乙规划")
    factories.plan(short_title="丙规划", start_year=2026, end_year=2030)
    factories.plan(short_title="外地规划", region=factories.region("330127", "淳安县"))
    said = said_after(planner, "/rounds/open/", {"scope": "region:420682", "year": "2023", **DATES})
    assert said == [
        "已开放2023年填报：乙规划，2024-03-31截止。",
        "已有2023年填报期、未作改动：甲规划。",
    ]
    assert list(Round.objects.order_by("pk").values_list("plan", flat=True)) == [there.pk, fresh.pk]


def test_a_year_is_opened_for_one_plan(planner: Client) -> None:
    plan = factories.plan()
    factories.plan()
    # as an input method set to full width types it
    said_after(planner, "/rounds/open/", {"scope": f"plan:{plan.code}", "year": "２０２３", **DATES})
    assert [(row.plan, row.year) for row in Round.objects.all()] == [(plan, 2023)]


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"scope": ""}, "scope", "该字段是必填项。"),
        ({"scope": "plan:elsewhere"}, "scope", "选择一个有效的选项。 plan:elsewhere 不在可用的选项中。"),
        ({"scope": "region:330127"}, "scope", "选择一个有效的选项。 region:330127 不在可用的选项中。"),
        ({"year": "2026"}, "year", "没有覆盖2026年的规划：“十四五”为2021～2025年。"),
        ({"year": "=cmd"}, "year", "输入整数。"),
        ({"year": "99999999999999999999"}, "year", "确保该值小于或等于2100。"),
        ({"opens_on": ""}, "opens_on", "该字段是必填项。"),
        ({"due_on": "2024-02-30"}, "due_on", "输入一个有效的日期。"),
        ({"due_on": "2204-03-31"}, "due_on", "日期应在2000年至2100年之间。"),
        ({"due_on": "2023-12-31"}, "due_on", "开放日期不能晚于截止日期。"),
    ],
)
def test_what_is_mistyped_is_said_beside_it_and_nothing_typed_is_lost(
    planner: Client, values: dict[str, str], field: str, said: str
) -> None:
    factories.plan(code="here")
    factories.plan(code="elsewhere", region=factories.region("330127", "淳安县"))
    given = {"scope": "plan:here", "year": "2023", **DATES} | values
    answer = planner.post("/rounds/open/", given)
    assert answer.status_code == 422
    assert answer.context["form"].errors == {field: [said]}
    kept = {name: answer.context["form"][name].value() for name in given}
    assert kept == given
    assert not Round.objects.exists()


def test_a_planner_of_a_region_without_plans_is_told_so(sign_in: SignIn) -> None:
    page = sign_in(factories.person(Role.PLANNER)).get("/rounds/").content.decode()
    assert "您管理的地区还没有规划。" in page
    assert "还没有填报期。" in page


# ---- Changing and extending


def test_new_dates_are_saved_and_the_state_they_bring_is_said(planner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: datetime(2024, 3, 20, tzinfo=UTC))
    round_ = round_of(factories.plan())
    seen = {f"seen_{name}": day for name, day in DATES.items()}
    said = said_after(planner, f"/rounds/{round_.pk}/change/", {**DATES, **seen, "due_on": "2024-03-19"})
    assert said == ["填报期为2024-01-01至2024-03-19，现为“已截止”。"]


def test_dates_decided_on_old_ones_are_refused_once_and_then_taken(planner: Client) -> None:
    round_ = round_of(factories.plan(), due_on=date(2024, 4, 30))
    values = {**DATES, "seen_opens_on": "2024-01-01", "seen_due_on": "2024-03-01"}
    answer = planner.post(f"/rounds/{round_.pk}/change/", values)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "日期已被其他人改为2024-01-01至2024-04-30，请核对后再改。" in page
    assert 'name="due_on" value="2024-03-31"' in page
    assert 'name="seen_due_on" value="2024-04-30"' in page
    values["seen_due_on"] = "2024-04-30"
    assert planner.post(f"/rounds/{round_.pk}/change/", values).status_code == 302


def test_an_extension_stands_on_the_page_with_who_allowed_it_when_and_why(
    planner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = datetime(2024, 3, 20, 16, 30, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    round_, department = round_of(factories.plan()), factories.department(name="养老服务科")
    values = {"department": department.pk, "until": "2024-04-10", "reason": "=机构调整"}
    said = said_after(planner, f"/rounds/{round_.pk}/extend/", values)
    assert said == ["养老服务科的填报已延至2024-04-10（北京时间当日24时）。"]
    page = planner.get(f"/rounds/{round_.pk}/").content.decode()
    for shown in ("养老服务科", "2024-04-10", "=机构调整", "周敏", "2024-03-21 00:30"):
        assert shown in page


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"until": ""}, "until", "该字段是必填项。"),
        ({"until": "2100-01-01"}, "until", "延期应晚于现在的截止日期2100-01-01。"),
        ({"reason": "  "}, "reason", "该字段是必填项。"),
        ({"reason": "长" * 201}, "reason", "确保该变量包含不超过 200 字符 (目前字符数 201)。"),
        ({"department": "elsewhere"}, "department", "选择一个有效的选项： 该选择不在可用的选项中。"),
    ],
)
def test_an_extension_that_is_mistyped_is_refused_beside_its_field(
    planner: Client, values: dict[str, str], field: str, said: str
) -> None:
    round_ = factories.open_round(factories.plan(), 2023)
    elsewhere = factories.department(region=factories.region("330127", "淳安县"))
    given = {"until": "2100-06-30", "reason": "汛期"} | values
    if "department" in values:
        given["department"] = str(elsewhere.pk)
    answer = planner.post(f"/rounds/{round_.pk}/extend/", given)
    assert answer.status_code == 422
    assert answer.context["extend"].errors == {field: [said]}
    assert not RoundExtension.objects.exists()


# ---- The list


def test_the_list_holds_the_rounds_of_the_regions_planned_for(sign_in: SignIn) -> None:
    planner = factories.person(Role.PLANNER)
    elsewhere = factories.region("330127", "淳安县")
    Membership.objects.create(user=planner, region=elsewhere, role=Role.ANALYST)
    here = round_of(factories.plan(), is_demo=True)
    round_of(factories.plan(region=elsewhere))
    page = sign_in(planner).get("/rounds/")
    assert [standing.round for standing in page.context["standings"]] == [here]
    assert "演示数据" in page.content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_takes_as_many_queries_for_three_rounds_as_for_one(
    planner: Client, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    by = factories.person(Role.PLANNER)
    for _ in range(number):
        round_ = round_of(factories.plan())
        department = factories.department()
        for until in (date(2024, 4, 1), date(2024, 4, 2)):
            RoundExtension.objects.create(
                round=round_, department=department, until=until, reason="汛期", allowed_by=by
            )
    with django_assert_num_queries(10):
        assert planner.get("/rounds/").status_code == 200
