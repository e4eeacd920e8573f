"""The pages of an import: upload, preview, confirmation, the marked file, undo."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.permissions import Role
from indicators.models import Actual, Indicator
from indicators.workflow import Entry, save_actual
from plans.models import Plan
from reports.models import EntryImport, EntryImportLine, Outcome
from tests import factories
from tests.reports.entries.entry_books import YEAR, filled, place_of, sheet_of, template_of

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
LIST, UPLOAD = "/entry/imports/", "/entry/imports/upload/"


@pytest.fixture
def clerk() -> User:
    return factories.person(Role.CLERK)


@pytest.fixture
def client(sign_in: SignIn, clerk: User) -> Client:
    return sign_in(clerk)


@pytest.fixture
def plan() -> Plan:
    plan = factories.plan(code="laohekou-14", short_title="老河口“十四五”")
    factories.open_round(plan, YEAR)
    return plan


@pytest.fixture
def rows(plan: Plan) -> list[Indicator]:
    return [factories.indicator(plan=plan, name=f"指标{number}") for number in range(3)]


def upload(client: Client, content: bytes, name: str = "表.xlsx", **more: str) -> str:
    """Where the browser is sent; the page with the reason where nothing is kept."""
    response = client.post(UPLOAD, {"file": SimpleUploadedFile(name, content), **more})
    return response.headers["Location"] if response.status_code == 302 else response.content.decode()


def test_upload_preview_confirm_and_undo(client: Client, clerk: User, plan: Plan, rows: list[Indicator]) -> None:
    first, second, _ = rows
    factories.actual(indicator=first, year=YEAR, value=Decimal(45))
    content = filled(template_of(plan, user=clerk), {(first, "value"): 46.5, (second, "value"): "９０"})

    preview = upload(client, content, name="老河口.xlsx")
    page = client.get(preview)
    assert page.status_code == 200
    shown = page.context["page"]
    assert {word: count for _, word, count in shown.tally} == {"新增": 1, "更改": 1, "相同": 1, "冲突": 0, "拒绝": 0}
    assert [line.changes for line in shown.lines] == [[["本年实际", "45", "46.5"]], [["本年实际", "未填", "90"]]]
    assert not Actual.objects.filter(indicator=second).exists()

    response = client.post(f"{preview}confirm/", {"preview": "1"}, follow=True)
    assert "已导入。数据现为草稿" in response.content.decode()
    assert [actual.value for actual in Actual.objects.order_by("indicator")] == [Decimal("46.5"), 90]

    response = client.post(f"{preview}undo/", follow=True)
    assert "已撤销：没有再改过的行恢复为导入前的数据。" in response.content.decode()
    assert [actual.value for actual in Actual.objects.order_by("indicator")] == [45, None]
    assert "老河口.xlsx" in client.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"", "表.xlsx", "文件是空的"),
        (b"1,2", "表.csv", ".csv 文本"),
        (factories.empty_workbook(), "表.xlsx", "这不是本平台的填报模板"),
        (factories.empty_workbook(), "表.et", "内容却是 .xlsx"),
    ],
)
def test_a_file_that_is_none_is_refused_on_the_page_and_not_kept(
    client: Client, content: bytes, name: str, reason: str
) -> None:
    assert reason in upload(client, content, name=name)
    assert not EntryImport.objects.exists()


def test_without_a_file_the_page_says_so(client: Client) -> None:
    response = client.post(UPLOAD, {})
    assert response.status_code == 422
    assert response.context["form"].errors == {"file": ["该字段是必填项。"]}


@pytest.mark.parametrize("year", ["去年", "1", "99999"])
def test_a_year_that_is_none_is_refused(client: Client, clerk: User, plan: Plan, year: str) -> None:
    factories.indicator(plan=plan)
    upload(client, template_of(plan, user=clerk), year=year)
    assert not EntryImport.objects.exists()


def test_the_year_of_the_sheet_one_comes_from_is_filled_in(client: Client) -> None:
    assert client.get(f"{LIST}?year=2024").context["form"].initial == {"year": 2024}
    assert client.get(f"{LIST}?year=x").context["form"].initial == {"year": None}


def test_all_refusals_stand_on_the_page_and_in_the_marked_file(
    client: Client, clerk: User, plan: Plan, rows: list[Indicator]
) -> None:
    content = filled(template_of(plan, user=clerk), {(rows[0], "value"): "=cmd", (rows[1], "value"): "1e5"})
    preview = upload(client, content)
    page = client.get(preview).content.decode()
    sheet = sheet_of(load_workbook(io.BytesIO(content)), rows[0])
    places = [place_of(sheet, row, "value") for row in rows[:2]]
    for place in places:
        assert f"老河口“十四五”!{place}：" in page

    refused = client.post(f"{preview}confirm/", {"preview": "1"}, follow=True)
    assert "没有要写入的数据" in refused.content.decode() or "有2行被拒绝" in refused.content.decode()
    response = client.get(f"{preview}marked.xlsx")
    marked = load_workbook(io.BytesIO(response.content))[sheet.title]
    comments = [comment.text if (comment := marked[place].comment) else "" for place in places]
    assert ["像是公式" in comments[0], "科学计数法" in comments[1]] == [True, True]
    assert marked[place_of(sheet, rows[2], "value")].comment is None


def test_all_conflicts_are_decided_at_once(client: Client, clerk: User, plan: Plan, rows: list[Indicator]) -> None:
    for row in rows:
        factories.actual(indicator=row, year=YEAR, value=Decimal(45))
    content = filled(template_of(plan, user=clerk), {(row, "value"): 46 for row in rows})
    for row in rows:
        save_actual(indicator=row, year=YEAR, entry=Entry(value=Decimal(47), text="47"), by=clerk, version=1)
    preview = upload(client, content)
    assert "全部3行冲突都用文件中的值" in client.get(preview).content.decode()
    response = client.post(f"{preview}confirm/", {"preview": "1", "all_from_file": "on"}, follow=True)
    assert "已导入" in response.content.decode()
    assert {(actual.value, actual.version) for actual in Actual.objects.all()} == {(46, 3)}


def test_a_conflict_is_decided_on_the_page(client: Client, clerk: User, plan: Plan, rows: list[Indicator]) -> None:
    contested, alone, _ = rows
    stored = factories.actual(indicator=contested, year=YEAR, value=Decimal(45))
    content = filled(template_of(plan, user=clerk), {(contested, "value"): 46, (alone, "value"): 1})
    save_actual(indicator=contested, year=YEAR, entry=Entry(value=Decimal(47), text="47"), by=clerk, version=1)
    preview = upload(client, content)
    line = EntryImportLine.objects.get(outcome=Outcome.CONFLICT)
    assert f'name="from_file" value="{line.pk}"' in client.get(preview).content.decode()

    client.post(f"{preview}confirm/", {"preview": "1", "from_file": [str(line.pk)]})

    stored.refresh_from_db()
    assert stored.value == 46


@pytest.mark.parametrize("sent", [{}, {"preview": "x"}, {"preview": "1", "from_file": "x"}, {"preview": "²"}])
def test_a_garbled_confirmation_writes_nothing(
    client: Client, clerk: User, plan: Plan, rows: list[Indicator], sent: dict[str, str]
) -> None:
    preview = upload(client, filled(template_of(plan, user=clerk), {(rows[0], "value"): 46}))
    assert "没有写入任何一项" in client.post(f"{preview}confirm/", sent, follow=True).content.decode()
    assert not Actual.objects.exists()


def test_somebody_elses_import_is_not_there(sign_in: SignIn, clerk: User) -> None:
    stored = factories.entry_import(by=clerk, name="别人的.xlsx")
    colleague = sign_in(factories.person(Role.CLERK))
    assert colleague.get(f"/entry/imports/{stored.pk}/").status_code == 404
    assert "别人的.xlsx" not in colleague.get(LIST).content.decode()


@pytest.mark.parametrize("query", ["?show=same", "?page=2", "?page=-1", "?page=x", "?show=x", "?show=same&page=99"])
def test_odd_questions_get_a_page(client: Client, clerk: User, query: str) -> None:
    stored = factories.entry_import(by=clerk)
    assert client.get(f"/entry/imports/{stored.pk}/{query}").status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_more_rows_take_no_more_queries(
    client: Client,
    clerk: User,
    plan: Plan,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    rows = [factories.indicator(plan=plan) for _ in range(count)]
    changed = [factories.indicator(plan=plan) for _ in range(count)]
    refused = [factories.indicator(plan=plan) for _ in range(count)]
    for row in changed:
        factories.actual(indicator=row, year=YEAR)
    typed: dict[tuple[Indicator, str], object] = {(row, "value"): 46 for row in [*rows, *changed]}
    content = filled(template_of(plan, user=clerk), typed | {(row, "value"): "x" for row in refused})
    with django_assert_num_queries(18):
        preview = upload(client, content)
    with django_assert_num_queries(19):
        client.get(preview)
