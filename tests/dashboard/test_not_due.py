"""A year that is not over has no red light anywhere: pages, API, files and filters show one verdict."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import User
from accounts.permissions import Role
from indicators.models import Assessment, Indicator, State
from indicators.reassess import reassess
from plans.models import Plan
from tests import factories

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
# From 40 in 2020 to 50 in 2025 the path stands at 48 in 2024; the day is in May 2024.
REACHED = {"red": "42", "yellow": "47.3", "green": "48", "grey": None}
SHOWN = {"red": "未到期", "yellow": "未到期", "green": "符合预期", "grey": "未到期"}
STORED = {"red": "behind", "yellow": "slightly_behind", "green": "on_track", "grey": "unreported"}


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Plan:
    """A plan with a row of each light in the year under way, and red in the year before."""
    monkeypatch.setattr(timezone, "now", lambda: datetime(2024, 5, 6, 2, 0, tzinfo=UTC))
    plan = factories.plan(code="running")
    for name, value in REACHED.items():
        indicator = factories.indicator(plan=plan, name=name)
        for year, reached in ((2023, "41"), (2024, value)):
            if reached:
                factories.actual(indicator=indicator, year=year, value=Decimal(reached), state=State.APPROVED)
    reassess(Indicator.objects.all())
    return plan


def of_the_api(client: Client, resource: str, **filters: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = client.get(f"/api/v1/{resource}/", {"plan": "running", **filters}).json()["results"]
    return rows


def test_page_api_and_workbook_show_one_verdict_and_the_api_the_engines_own_too(sign_in: SignIn, running: Plan) -> None:
    names = dict(Indicator.objects.values_list("pk", "name"))
    assert {names[row.indicator_id]: row.verdict for row in Assessment.objects.filter(year=2024)} == STORED
    client = sign_in(factories.person(Role.ANALYST))
    rows = of_the_api(client, "assessments", year=2024)
    assert {names[row["indicator"]]: row["verdict_word"] for row in rows} == SHOWN
    assert {names[row["indicator"]]: row["engine_verdict"] for row in rows} == STORED
    assert {row["light"] for row in rows} == {"grey", "green"}
    page = client.get("/plans/running/?year=2024").content.decode()
    table = page.split("<tbody>")[1]
    words = re.findall(r'id="indicator-(\d+)".*?class="verdict".*?light-shape"[^>]*></span>([^<]+)<', table, re.DOTALL)
    assert {names[int(pk)]: word for pk, word in words} == SHOWN
    book = load_workbook(
        io.BytesIO(client.get(reverse("plan_export", args=["running", "completion"]) + "?year=2024").content)
    )
    cells = [[str(cell.value) for cell in row] for row in book["指标完成情况表"].iter_rows()]
    for name, word in SHOWN.items():
        (line,) = [line for line in cells if name in line]
        assert line[-4].endswith(word), line
        assert not re.search("滞后", "".join(line)), line
    (sentence,) = [cell for line in cells for cell in line if "项指标：" in cell]
    assert "符合预期1项、未到期3项" in sentence


@pytest.mark.parametrize(
    ("light", "names"),
    [("red", set()), ("yellow", set()), ("green", {"green"}), ("grey", {"red", "yellow", "grey"})],
)
def test_filters_by_light_follow_what_is_shown(sign_in: SignIn, running: Plan, light: str, names: set[str]) -> None:
    known = dict(Indicator.objects.values_list("pk", "name"))
    client = sign_in(factories.person(Role.ANALYST))
    assessments = of_the_api(client, "assessments", year=2024, light=light)
    assert {known[row["indicator"]] for row in assessments} == names
    figures = of_the_api(client, "actuals", year=2024, light=light)
    assert {known[row["indicator"]] for row in figures} == names - {"grey"}  # which has none
    page = client.get(f"/plans/running/?year=2024&light={light}").content.decode()
    assert {known[int(pk)] for pk in re.findall(r'id="indicator-(\d+)"', page)} == names
    assert len(of_the_api(client, "assessments", year=2023, light="red")) == 4


def test_the_file_opens_with_the_year_that_the_page_opens_with(sign_in: SignIn, running: Plan) -> None:
    client = sign_in(factories.person(Role.ANALYST))
    assert "“十四五”2023年：" in client.get("/plans/running/").content.decode()
    book = load_workbook(io.BytesIO(client.get(reverse("plan_export", args=["running", "completion"])).content))
    assert "（2023年）" in str(book["指标完成情况表"]["A1"].value)
