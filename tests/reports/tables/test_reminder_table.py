"""催报清单 as a file: the page's counts and names, text as text, and no figure."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import Workbook, load_workbook
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.permissions import Role
from indicators.models import State
from plans.models import Plan
from tests import factories

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half an hour into the 20th of March in Beijing."""
    monkeypatch.setattr(timezone, "now", lambda: datetime(2024, 3, 19, 16, 30, tzinfo=UTC))


def book_of(answer: Any) -> Workbook:
    assert answer.status_code == 200
    return load_workbook(io.BytesIO(answer.content))


def rows_of(book: Workbook) -> list[list[Any]]:
    """The rows under the head, without the headings of the rounds."""
    rows = [[cell.value for cell in row] for row in book["催报清单"].iter_rows()]
    return [row for row in rows if row[1] and row[0] not in ("地区", None)]


def owing_plan(*, name: str = "养老服务科") -> Plan:
    """One department that owes one row of two, 2023, due on the last of March."""
    plan = factories.plan(short_title="老河口“十四五”")
    department = factories.department(name=name)
    clerk = factories.person(Role.CLERK, display_name="张三", email="zhang@example.gov.cn")
    clerk.memberships.get().departments.add(department)
    round_ = factories.open_round(plan, 2023, due_on=date(2024, 3, 31))
    first, _ = (
        factories.indicator(plan=plan, department=department, number=number, name=name)
        for number, name in (("1", "已报的"), ("1.10", "=未报的"))
    )
    factories.actual(indicator=first, value="41.77", state=State.SUBMITTED, entered_by=clerk)
    factories.reminder(round=round_, recipient=clerk, tried_at=datetime(2024, 3, 18, 16, 30, tzinfo=UTC))
    return plan


def test_the_file_holds_what_the_page_shows(sign_in: SignIn) -> None:
    owing_plan()
    answer = sign_in(factories.person(Role.REVIEWER)).get("/reminders/list.xlsx")
    (row,) = rows_of(book_of(answer))
    place = ["老河口市", "养老服务科", "老河口“十四五”", 2023, "– 还有11天", "2024-03-31"]
    assert row == [*place, 2, 1, 0, 0, 1, 0, "张三", "2024-03-19", "1.10 =未报的（未报）"]
    assert unquote(answer.headers["Content-Disposition"]).endswith("催报清单_20240320.xlsx")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_text_is_text_and_a_count_is_a_number(sign_in: SignIn) -> None:
    owing_plan(name="=HYPERLINK(1)")
    sheet = book_of(sign_in(factories.person(Role.PLANNER)).get("/reminders/list.xlsx"))["催报清单"]
    kinds = {cell.value: cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert (kinds["=HYPERLINK(1)"], kinds[2023], kinds["2024-03-31"]) == ("s", "n", "s")
    assert set(kinds.values()) == {"s", "n"}


def test_no_figure_is_in_the_file(sign_in: SignIn) -> None:
    owing_plan()
    book = book_of(sign_in(factories.person(Role.PLANNER)).get("/reminders/list.xlsx?state=all"))
    assert not [cell.value for sheet in book for row in sheet.iter_rows() for cell in row if "41.77" in str(cell.value)]


def test_the_filters_of_the_page_hold_for_the_file_and_are_named_in_it(sign_in: SignIn) -> None:
    owing_plan()
    client = sign_in(factories.person(Role.PLANNER))
    assert rows_of(book_of(client.get("/reminders/list.xlsx?state=done"))) == []
    book = book_of(client.get("/reminders/list.xlsx?year=2023&department=no-such"))
    said = "规划：全部；数据年度：2023年；责任科室：全部；报送情况：未报齐"
    assert len(rows_of(book)) == 1
    assert book["催报清单"]["A2"].value == f"统计时间：2024-03-20 00:30（北京时间）　　{said}"
    notes = {row[0].value: row[1].value for row in book["说明"].iter_rows(max_col=2)}
    assert (notes["筛选条件"], notes["统计时间"]) == (said, "2024-03-20 00:30（北京时间）")
    assert "演示数据" not in notes


def test_demo_rounds_are_called_demo_in_the_file(sign_in: SignIn) -> None:
    factories.open_round(owing_plan(), 2022, is_demo=True)
    book = book_of(sign_in(factories.person(Role.PLANNER)).get("/reminders/list.xlsx"))
    assert (book["催报清单"]["A2"].value, book["说明"]["A2"].value) == ("含演示数据", "含演示数据")
    assert "演示数据" in [row[0].value for row in book["说明"].iter_rows(max_col=1)]


@pytest.mark.parametrize("number", [1, 3])
def test_the_file_takes_as_many_queries_for_three_plans_as_for_one(
    sign_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    for place in range(number):
        owing_plan(name=f"科室{place}")
    client = sign_in(factories.person(Role.PLANNER))
    with django_assert_num_queries(13):
        assert client.get("/reminders/list.xlsx").status_code == 200
