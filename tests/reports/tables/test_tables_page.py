"""The page 报表: what may be chosen, what is shown of it, and where the file is taken."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.permissions import Role
from indicators.models import State
from reports.tables.kinds import PREVIEWED
from tests import factories
from tests.reports.tables.books import ALL_TABLES, analyst, metric, rich_plan

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


@pytest.mark.parametrize("table", ALL_TABLES)
def test_each_table_is_previewed_and_leads_to_its_file(sign_in: SignIn, table: str) -> None:
    rich_plan(measured=metric(), short_title="老河口“十四五”")
    client = sign_in(analyst())
    query = f"?table={table}&metric=nursing-bed-share"
    page = client.get(f"/reports/{query}")
    preview = page.context["preview"]
    assert page.context["wrong"] == ""
    assert preview.table.heading in words(page)
    assert f'action="/reports/exports/order/{html.escape(query)}"' in page.content.decode()
    file = client.post(f"/reports/exports/order/{query}")
    assert file.status_code == 200
    assert unquote(file.headers["Content-Disposition"]).endswith(preview.file_name)


def test_the_preview_shows_the_first_rows_as_the_file_has_them(sign_in: SignIn) -> None:
    plan = factories.plan()
    for n in range(PREVIEWED + 2):
        row = factories.indicator(plan=plan, name=f"指标{n:02}", decimals=1)
        factories.actual(indicator=row, value=Decimal("45.67"), state=State.APPROVED)
    page = sign_in(analyst()).get("/reports/?table=completion&year=2023")
    preview = page.context["preview"]
    ((heading, rows),) = preview.blocks
    assert (heading, len(rows), preview.left_out) == ("", PREVIEWED, 2)
    assert "另有2行在文件中" in words(page)
    assert [head.words for head in preview.heads[1]][:3] == ["2021年", "2022年", "2023年"]
    cells = {column.head: cell for column, cell in zip(preview.table.columns, rows[0], strict=True)}
    assert (cells["2023年"].content.shown, cells["2023年"].is_number) == ("45.67", True)


def test_the_selection_stays_in_the_address_and_in_the_form(sign_in: SignIn) -> None:
    for code in ("plan-a", "plan-b"):
        rich_plan(code=code)
    page = sign_in(analyst()).get("/reports/?table=projects&plan=plan-b&year=2024&month=6")
    form = page.context["form"]
    assert form["plan"].value() == ["plan-b"]
    content = page.content.decode()
    assert '<option value="6" selected>6月</option>' in content
    assert '<option value="2024" selected>2024年</option>' in content
    assert "2024年6月" in page.context["preview"].file_name


def test_only_what_a_table_asks_for_is_offered(sign_in: SignIn) -> None:
    plan = rich_plan(measured=metric())
    offered = {}
    for user in (analyst(), factories.person(Role.PLANNER, plan.region)):
        client = sign_in(user)
        offered[user.pk] = {
            table: [field.name for field in client.get(f"/reports/?table={table}").context["fields"]]
            for table in ("completion", "main-indicators", "projects", "comparison")
        }
    national, planner = offered.values()
    assert national == {
        "completion": ["region", "year"],
        "main-indicators": ["region"],
        "projects": ["region", "year", "month"],
        "comparison": ["metric", "region", "year"],
    }
    # one region leaves nothing to choose; who works there sees what is under review, or not
    assert planner == {
        "completion": ["year", "state"],
        "main-indicators": [],
        "projects": ["year", "month", "state"],
        "comparison": ["metric", "year"],
    }


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?table=nonsense", "报表填写有误，请重新选择。"),
        ("?year=去年", "数据年度填写有误，请重新选择。"),
        ("?year=99999&month=13", "数据年度、月份填写有误，请重新选择。"),
        ("?table=comparison", "跨地区对比表要选择一个指标。"),
        ("?plan=a%27b", "规划填写有误，请重新选择。"),
        ("?table=work-items", "所选规划没有登记工作要点，没有可导出的内容。"),
    ],
)
def test_what_cannot_be_is_told_on_the_page_and_has_no_file(sign_in: SignIn, query: str, said: str) -> None:
    factories.indicator()
    client = sign_in(analyst())
    page = client.get(f"/reports/{query}")
    assert (page.status_code, page.context["wrong"], page.context["preview"]) == (200, said, None)
    assert client.post(f"/reports/exports/order/{query}").headers["Location"].startswith("/reports/?")


def test_a_full_width_year_is_understood(sign_in: SignIn) -> None:
    factories.indicator()
    page = sign_in(analyst()).get("/reports/?year=２０２３")
    assert "（2023年）" in page.context["preview"].table.heading


@pytest.mark.parametrize(("method", "path"), [("get", "/reports/"), ("post", "/reports/exports/order/")])
def test_plans_of_others_are_not_found_and_those_only_seen_are_refused(sign_in: SignIn, method: str, path: str) -> None:
    def answer(user: User, query: str) -> int:
        status: int = getattr(sign_in(user), method)(f"{path}?{query}").status_code
        return status

    plan = rich_plan(code="theirs")
    stranger = analyst(factories.region("330127", "淳安县"))
    stranger.memberships.create(region=plan.region, role=Role.LEADER)
    assert answer(analyst(factories.region("330127", "淳安县")), "plan=theirs") == 404
    assert answer(analyst(factories.region("330127", "淳安县")), "region=420682") == 404
    assert answer(stranger, "plan=theirs") == 403
    for role in (Role.LEADER, Role.CLERK, Role.REVIEWER, Role.SYSTEM):
        assert answer(factories.person(role), "plan=theirs") == 403


# Two are the session and the person, two the memberships, one the demo strip, two what is offered; the metrics four.
@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(("table", "queries"), [("completion", 13), ("comparison", 18), ("detail", 13)])
def test_the_page_asks_nothing_more_per_plan(
    sign_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries, table: str, queries: int, number: int
) -> None:
    measured = metric()
    for n in range(number):
        rich_plan(factories.region(str(420101 + n), f"第{n}县"), measured=measured)
    client = sign_in(analyst())
    with django_assert_num_queries(queries):
        client.get(f"/reports/?table={table}&metric=nursing-bed-share")
