"""大屏: pages for a wall, and the account that shows them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from rest_framework.authtoken.models import Token

from accounts.models import Membership, Region, User
from accounts.permissions import Permission, Role
from dashboard.cockpit import cockpit
from dashboard.screens import Page, screen_pages
from indicators.models import Indicator, State
from indicators.reassess import reassess
from tests import factories

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
PASSWORD = "a-long-sentence-nobody-guesses"


@pytest.fixture(autouse=True)
def spring_2024(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2024, 5, 6, 2, 0, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: now)


def approve(indicator: Indicator, value: str, **values: Any) -> None:
    factories.actual(indicator=indicator, value=Decimal(value), state=State.APPROVED, **values)


def pages_of(code: str = "420682") -> list[Page]:
    user = factories.person(Role.DISPLAY, factories.region(code, "湖北省"))
    region = Region.objects.get(code=code)
    return screen_pages(cockpit(region, user=user, on=date(2024, 5, 6), permission=Permission.SHOW_SCREEN))


def titles(pages: list[Page]) -> list[tuple[str, int, int]]:
    return [(page.title, page.part, page.hidden) for page in pages]


def test_a_plan_has_a_page_for_its_sentence_what_lags_its_projects_and_its_work() -> None:
    plan = factories.plan()
    approve(factories.indicator(plan=plan), "41")
    factories.project(plan=plan)
    factories.work_item(plan=plan)
    reassess(Indicator.objects.all())
    assert titles(pages_of()) == [
        ("“十四五”", 1, 0),
        ("“十四五” 滞后指标", 1, 0),
        ("“十四五” 重点项目", 1, 0),
        ("“十四五” 工作要点", 1, 0),
    ]


def test_a_long_list_goes_over_three_pages_and_counts_the_rest() -> None:
    plan = factories.plan()
    for _ in range(17):
        approve(factories.indicator(plan=plan), "41")
    reassess(Indicator.objects.all())
    lists = [page for page in pages_of() if page.lags]
    assert [(len(page.lags), page.part, page.parts, page.hidden) for page in lists] == [
        (5, 1, 3, 2),
        (5, 2, 3, 2),
        (5, 3, 3, 2),
    ]


def test_the_screen_of_a_province_shows_its_regions_with_what_lags_most_first(sign_in: SignIn) -> None:
    for number, values in ((81, ["47"]), (82, ["41", "41"])):
        plan = factories.plan(
            region=factories.region(f"4206{number}", f"第{number}市"), short_title=f"第{number}市规划"
        )
        for value in values:
            approve(factories.indicator(plan=plan), value)
    reassess(Indicator.objects.all())
    shown = sign_in(factories.person(Role.DISPLAY, factories.region("420000", "湖北省"))).get("/screen/")
    page = shown.content.decode()
    assert "3项指标：符合预期1项、滞后2项。" in page
    assert page.index(">第82市规划<") < page.index(">第81市规划<")


def test_the_screen_shows_approved_figures_with_their_date_and_marks_demo_figures(sign_in: SignIn) -> None:
    indicator = factories.indicator(decimals=2)
    approve(indicator, "41.21", is_demo=True)
    factories.actual(indicator=indicator, year=2022, value=Decimal("81.77"), state=State.SUBMITTED)
    reassess(Indicator.objects.all())
    page = sign_in(factories.person(Role.DISPLAY)).get("/screen/").content.decode()
    assert "41.21" in page
    assert "81.77" not in page
    assert "数据时间 5月6日 10:00" in page
    assert page.count('<span class="mark mark-demo">演示数据</span>') == 2
    assert page.count('<span class="mark mark-approved">已审核</span>') == 2


def test_a_region_without_plans_has_one_page_that_says_so(sign_in: SignIn) -> None:
    page = sign_in(factories.person(Role.DISPLAY)).get("/screen/").content.decode()
    assert len(re.findall("data-screen-page[ >]", page)) == 1
    assert "还没有规划。" in page


def test_signing_in_as_a_screen_leads_to_the_screen_and_lasts_for_weeks(client: Client) -> None:
    factories.person(Role.DISPLAY, username="wall", password=PASSWORD)
    answer = client.post("/login/", {"username": "wall", "password": PASSWORD}, follow=True)
    assert answer.redirect_chain == [("/", 302), ("/screen/", 302)]
    assert client.session.get_expiry_age() == timedelta(days=30).total_seconds()


def test_a_token_opens_the_api_to_a_screen_no_more_than_its_session_does(client: Client) -> None:
    person = factories.person(Role.DISPLAY)
    headers = {"Authorization": f"Token {Token.objects.create(user=person).key}"}
    assert client.get("/api/v1/plans/", headers=headers).status_code == 403
    Membership.objects.create(user=person, region=factories.region(), role=Role.ANALYST)
    assert client.get("/api/v1/plans/", headers=headers).status_code == 200


def test_others_are_signed_in_for_a_working_day(client: Client) -> None:
    factories.person(Role.LEADER, username="wang", password=PASSWORD)
    client.post("/login/", {"username": "wang", "password": PASSWORD})
    assert client.session.get_expiry_age() == settings.SESSION_COOKIE_AGE == timedelta(hours=12).total_seconds()


def test_who_holds_another_role_too_is_no_screen(sign_in: SignIn) -> None:
    person = factories.person(Role.DISPLAY)
    assert person.is_screen
    Membership.objects.create(user=person, region=factories.region(), role=Role.LEADER)
    again = User.objects.get(pk=person.pk)
    assert not again.is_screen
    assert sign_in(again).get("/plans/").status_code == 200
