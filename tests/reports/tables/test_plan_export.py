"""Who gets a plan's files, and how they arrive."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal
from urllib.parse import unquote

import pytest
from django.test import Client
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.permissions import Role
from indicators.models import Indicator, State
from indicators.reassess import reassess
from tests import factories

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
FILES = ["main-indicators", "completion"]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.ANALYST, 200),
        (Role.PLANNER, 200),
        (Role.CLERK, 403),
        (Role.REVIEWER, 403),
        (Role.LEADER, 403),
        (Role.SYSTEM, 404),
    ],
)
def test_a_file_goes_to_who_may_export(sign_in: SignIn, name: str, role: Role, status: int) -> None:
    factories.indicator(plan=factories.plan(code="laohekou-14"))

    response = sign_in(factories.person(role)).get(f"/plans/laohekou-14/files/{name}.xlsx")

    assert response.status_code == status


def test_the_analyst_of_another_region_is_told_of_no_plan(sign_in: SignIn) -> None:
    factories.plan(code="laohekou-14")
    stranger = factories.person(Role.ANALYST, factories.region("330127", "淳安县"))

    assert sign_in(stranger).get("/plans/laohekou-14/files/completion.xlsx").status_code == 404


def test_the_analyst_of_the_country_gets_the_file_of_a_county(sign_in: SignIn) -> None:
    factories.indicator(plan=factories.plan(code="laohekou-14"))
    national = factories.person(Role.ANALYST, factories.region("100000"))

    assert sign_in(national).get("/plans/laohekou-14/files/completion.xlsx").status_code == 200


def test_nobody_is_sent_to_the_login(client: Client) -> None:
    factories.plan(code="laohekou-14")

    response = client.get("/plans/laohekou-14/files/completion.xlsx")

    assert (response.status_code, response.headers["Location"]) == (
        302,
        "/login/?next=/plans/laohekou-14/files/completion.xlsx",
    )


def test_a_file_is_only_read(sign_in: SignIn) -> None:
    factories.plan(code="laohekou-14")

    assert sign_in(factories.person(Role.ANALYST)).post("/plans/laohekou-14/files/completion.xlsx").status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "laohekou-14/files/unknown.xlsx",
        "nowhere/files/completion.xlsx",
        "laohekou-14/files/completion.xlsx?year=2020",
        "laohekou-14/files/completion.xlsx?year=2026",
        "laohekou-14/files/completion.xlsx?year=去年",
    ],
)
def test_what_does_not_exist_is_not_found(sign_in: SignIn, path: str) -> None:
    factories.plan(code="laohekou-14")

    assert sign_in(factories.person(Role.ANALYST)).get(f"/plans/{path}").status_code == 404


@pytest.mark.parametrize(
    ("path", "file_name"),
    [
        ("completion.xlsx?year=2024", "老河口“十四五”_指标完成情况表_2024年.xlsx"),
        ("main-indicators.xlsx?year=2024", "老河口“十四五”_规划主要指标表.xlsx"),
    ],
)
def test_it_arrives_as_a_workbook_with_a_chinese_name(sign_in: SignIn, path: str, file_name: str) -> None:
    factories.indicator(plan=factories.plan(code="laohekou-14", short_title="老河口“十四五”"))

    response = sign_in(factories.person(Role.ANALYST)).get(f"/plans/laohekou-14/files/{path}")

    headers = response.headers
    assert headers["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert headers["X-Content-Type-Options"] == "nosniff"
    kind, _, encoded = headers["Content-Disposition"].partition("; filename*=utf-8''")
    assert (kind, unquote(encoded)) == ("attachment", file_name)


def test_without_a_year_it_speaks_of_the_last_one_with_an_approved_figure(sign_in: SignIn) -> None:
    plan = factories.plan(code="laohekou-14", title="规划")
    factories.actual(indicator=factories.indicator(plan=plan), year=2022, state=State.APPROVED)

    response = sign_in(factories.person(Role.ANALYST)).get("/plans/laohekou-14/files/completion.xlsx")

    assert load_workbook(io.BytesIO(response.content)).worksheets[0]["A1"].value == "规划指标完成情况表（2022年）"


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("name", FILES)
def test_more_rows_take_no_more_queries(
    sign_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries, name: str, rows: int
) -> None:
    plan = factories.plan(code="laohekou-14")
    for _ in range(rows):
        row = factories.indicator(plan=plan, department=factories.department())
        factories.actual(indicator=row, value=Decimal(45), state=State.APPROVED)
    reassess(Indicator.objects.all())
    client = sign_in(factories.person(Role.ANALYST))

    with django_assert_num_queries(9):
        response = client.get(f"/plans/laohekou-14/files/{name}.xlsx?year=2023")

    assert response.status_code == 200
