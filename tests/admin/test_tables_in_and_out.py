"""Tables that come in and go out as files: previewed, in one's own region, all or nothing."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from accounts.models import User
from accounts.permissions import Role
from indicators.models import State
from plans.models import Plan
from projects.models import Project
from tests import factories

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def planner(sign_in: SignIn) -> Client:
    return sign_in(factories.person(Role.PLANNER))


def book(*rows: Any) -> bytes:
    workbook = Workbook()
    for row in rows:
        workbook.worksheets[0].append(row)
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def upload(client: Client, table: str, content: bytes, name: str = "table.xlsx") -> Any:
    """The preview page."""
    files = {"import_file": SimpleUploadedFile(name, content), "resource": "0"}
    return client.post(reverse(f"admin:{table}_import"), files)


def confirm(client: Client, table: str, preview: Any) -> Any:
    form = preview.context["confirm_form"]
    return client.post(reverse(f"admin:{table}_process_import"), form.initial, follow=True)


def export(client: Client, table: str, file_format: int = 0) -> bytes:
    answer = client.post(reverse(f"admin:{table}_export"), {"format": file_format, "resource": "0"})
    return bytes(answer.content)


PROJECTS = "projects_project"
HEAD = ["规划代码", "序号", "顺序", "项目名称", "总投资（万元）", "项目类别"]


def test_a_file_is_previewed_and_written_only_once_confirmed(planner: Client) -> None:
    project = factories.project(total_investment=Decimal(2500), category="养老")
    row = [project.plan.code, project.number, project.order, project.name, 2600.1, ""]
    preview = upload(planner, PROJECTS, book(HEAD, row))
    page = preview.content.decode()
    assert "<del>2500</del> <ins>2600.1</ins>" in page
    assert "style=" not in page
    project.refresh_from_db()
    assert project.total_investment == Decimal(2500)
    done = confirm(planner, PROJECTS, preview)
    assert "新增0行，修改1行，0行没有变化" in done.content.decode()
    project.refresh_from_db()
    assert project.total_investment == Decimal("2600.1")


def test_a_blank_cell_leaves_what_is_there_and_a_dash_empties_a_number(planner: Client) -> None:
    plan = factories.plan()
    kept = factories.project(plan=plan, category="养老", total_investment=Decimal(7))
    emptied = factories.project(plan=plan, total_investment=Decimal(7))
    rows = [[plan.code, kept.number, 9, "改名", None, ""], [plan.code, emptied.number, 9, "改名", "—", ""]]
    confirm(planner, PROJECTS, upload(planner, PROJECTS, book(HEAD, *rows)))
    kept.refresh_from_db()
    emptied.refresh_from_db()
    assert (kept.name, kept.category, kept.total_investment) == ("改名", "养老", Decimal(7))
    assert emptied.total_investment is None


def test_what_goes_out_comes_back_unchanged(planner: Client) -> None:
    factories.project(total_investment=Decimal("0.1"), content="=SUM(A1)", remark="-5")
    for file_format, name in ((0, "table.xlsx"), (1, "table.csv")):
        content = export(planner, PROJECTS, file_format)
        page = upload(planner, PROJECTS, content, name).content.decode()
        assert "文件与现有数据完全一致（1 行）" in page


def test_a_formula_goes_out_as_text(planner: Client) -> None:
    factories.project(content="=cmd|' /C calc'!A0")
    sheet = load_workbook(io.BytesIO(export(planner, PROJECTS))).worksheets[0]
    cells = {sheet.cell(1, column).value: sheet.cell(2, column) for column in range(1, sheet.max_column + 1)}
    assert (cells["建设内容及功能"].data_type, cells["建设内容及功能"].value) == ("s", "=cmd|' /C calc'!A0")
    assert (cells["总投资（万元）"].data_type, cells["总投资（万元）"].value) == ("n", 2500)
    lines = list(csv.DictReader(io.StringIO(export(planner, PROJECTS, 1).decode("utf-8-sig"))))
    assert lines[0]["建设内容及功能"] == "'=cmd|' /C calc'!A0"


def test_an_export_holds_the_rows_of_ones_own_region(planner: Client) -> None:
    factories.project(name="本地项目")
    factories.project(name="别处项目", plan=factories.plan(region=factories.region("330127", "淳安县")))
    text = export(planner, PROJECTS, 1).decode("utf-8-sig")
    assert "本地项目" in text
    assert "别处项目" not in text


def test_rows_of_another_region_are_refused_without_an_echo(planner: Client) -> None:
    elsewhere = factories.project(plan=factories.plan(region=factories.region("330127", "淳安县")))
    mine = factories.project()
    rows = [
        [mine.plan.code, mine.number, 9, "改名", 1, ""],
        [elsewhere.plan.code, elsewhere.number, 9, "夺取", 1, ""],
    ]
    preview = upload(planner, PROJECTS, book(HEAD, *rows))
    page = preview.content.decode()
    assert "第3行：没有这一项，或不在您的权限范围内。" in page
    assert "夺取" not in page
    assert elsewhere.plan.code not in page
    assert "confirm_form" not in preview.context
    mine.refresh_from_db()
    assert mine.name != "改名"


def test_a_plan_of_another_region_cannot_be_taken_by_its_code(planner: Client) -> None:
    plan = factories.plan(region=factories.region("330127", "淳安县"), title="别处")
    heads = ["规划代码", "名称", "简称", "类别", "区划代码", "起始年", "结束年", "来源代码"]
    heads[0] = "代码"
    row = [plan.code, "夺取", "夺取", "五年规划", 420682, 2021, 2025, plan.source.code]
    factories.region()
    page = upload(planner, "plans_plan", book(heads, row)).content.decode()
    assert "请更正后重新上传" in page
    plan.refresh_from_db()
    assert plan.title == "别处"


@pytest.mark.parametrize(
    ("cell", "stored"), [("2,500.5", "2500.5"), (0.1, "0.1"), (1234567890.1234, "1234567890.1234"), ("１２", "12")]
)
def test_a_figure_is_kept_as_it_was_typed(planner: Client, cell: object, stored: str) -> None:
    plan = factories.plan()
    confirm(planner, PROJECTS, upload(planner, PROJECTS, book(HEAD, [plan.code, "1", 1, "项目", cell, ""])))
    assert Project.objects.get().total_investment == Decimal(stored)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (["1", 1, "项目", "1,23", ""], "总投资（万元）："),
        (["1", 3.7, "项目", 1, ""], "顺序：应为整数。"),
        (["1", 1, "项目", "=1+1", ""], "是公式，请先粘贴为数值"),
        (["", 1, "项目", 1, ""], "规划代码、序号不能为空。"),
        (["1", 1, "项目", -1, ""], "总投资不能为负数。"),
    ],
)
def test_a_wrong_cell_is_named_in_words_and_nothing_is_written(planner: Client, row: list[Any], said: str) -> None:
    plan = factories.plan()
    preview = upload(planner, PROJECTS, book(HEAD, [plan.code, "0", 1, "好的一行", 1, ""], [plan.code, *row]))
    assert said in preview.content.decode()
    assert "confirm_form" not in preview.context
    assert not Project.objects.exists()


def test_a_column_nobody_knows_and_a_missing_key_are_named(planner: Client) -> None:
    assert "认不出的列：投资。" in upload(planner, PROJECTS, book([*HEAD, "投资"], ["a"] * 7)).content.decode()
    assert "缺少列：规划代码。" in upload(planner, PROJECTS, book(HEAD[1:], ["a"] * 5)).content.decode()


def test_an_import_assesses_anew(planner: Client) -> None:
    indicator = factories.indicator()
    factories.actual(indicator=indicator, state=State.APPROVED, value=Decimal(45))
    rows = [["规划代码", "序号", "基期值"], [indicator.plan.code, indicator.number, 30]]
    confirm(planner, "indicators_indicator", upload(planner, "indicators_indicator", book(*rows)))
    assert indicator.assessments.get(year=2023).progress == Decimal("0.75")


def test_people_come_without_a_password(sign_in: SignIn) -> None:
    client = sign_in(factories.person(Role.SYSTEM))
    rows = [["用户名", "姓名"], ["wangwu", "王五"]]
    confirm(client, "accounts_user", upload(client, "accounts_user", book(*rows)))
    assert not User.objects.get(username="wangwu").has_usable_password()
    out = load_workbook(io.BytesIO(export(client, "accounts_user"))).worksheets[0]
    assert [cell.value for cell in out[1]] == ["用户名", "姓名", "电子邮件地址", "有效"]


def test_departments_come_in_by_region_and_name(planner: Client) -> None:
    factories.region()
    rows = [["区划代码", "科室"], [420682, "养老服务科"]]
    confirm(planner, "accounts_department", upload(planner, "accounts_department", book(*rows)))
    assert factories.region().departments.get().name == "养老服务科"


def test_an_archive_that_would_unpack_to_too_much_is_not_opened(planner: Client) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (51 * 1024 * 1024))
    page = upload(planner, PROJECTS, content.getvalue()).content.decode()
    assert "文件解压后过大" in page


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"x" * (2 * 1024 * 1024 + 1), "table.csv", "文件超过2 MB"),
        (b"MZ", "table.exe", "只能导入 .xlsx 或 .csv 文件"),
        (b"not a workbook", "table.xlsx", "扩展名是 .xlsx，内容却不是"),
        ("序号\n".encode() + b"1\n" * 5001, "table.csv", "超过5000行"),
        (b"", "table.csv", "空"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_in_words(planner: Client, content: bytes, name: str, said: str) -> None:
    answer = upload(planner, PROJECTS, content, name)
    assert answer.status_code == 200
    assert said in answer.content.decode()


def test_a_preview_is_confirmed_only_by_who_made_it(planner: Client, sign_in: SignIn) -> None:
    plan = factories.plan()
    preview = upload(planner, PROJECTS, book(HEAD, [plan.code, "1", 1, "项目", 1, ""]))
    page = confirm(sign_in(factories.person(Role.PLANNER)), PROJECTS, preview)
    assert "预览已失效" in page.content.decode()
    assert not Project.objects.exists()


def test_a_csv_in_gb18030_is_read(planner: Client) -> None:
    plan = factories.plan()
    content = f"代码,名称\r\n{plan.code},新名称\r\n".encode("gb18030")
    confirm(planner, "plans_plan", upload(planner, "plans_plan", content, "plan.csv"))
    assert Plan.objects.get().title == "新名称"
