"""The official tables as files: what stands in each, text as text, names of sheets, and LibreOffice opens them all."""

from __future__ import annotations

import io
import subprocess
from datetime import date
from decimal import Decimal
from pathlib import Path
from shutil import which
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from accounts.permissions import Role
from indicators.models import Indicator, State
from indicators.reassess import reassess
from plans.models import Section
from projects.models import Stage, WorkState
from reports.tables.products import sheet_name
from tests import factories
from tests.reports.tables.books import ALL_TABLES, analyst, book_of, file_of, metric, rich_plan, rows_of, words_of

pytestmark = pytest.mark.django_db

HOSTILE = [
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    '=HYPERLINK("http://example.org")',
    "a\x0b\x01b\ufffe_x0041_",
]


# ---- 指标完成情况表 of several plans


def test_several_plans_get_a_sheet_each_and_a_list_of_them() -> None:
    for code, place in (("330127", "淳安县"), ("420682", "老河口市")):
        rich_plan(factories.region(code, place), short_title=f"{place}“十四五”")
    book = book_of(analyst(), "completion", year=2023)
    assert book.sheetnames == ["目录", "淳安县“十四五”", "老河口市“十四五”", "说明"]
    listed = [(row["地区"], row["工作表"], row["行数"]) for row in rows_of(book["目录"])]
    assert listed == [("淳安县", "淳安县“十四五”", 1), ("老河口市", "老河口市“十四五”", 1)]
    assert book["老河口市“十四五”"]["A1"].value == "“十四五”规划中期指标完成情况表（2023年）"


def test_more_plans_than_sheets_stand_in_one_list_with_their_regions() -> None:
    rows = [
        factories.indicator(plan=factories.plan(region=factories.region(str(420101 + n), f"第{n}县")))
        for n in range(31)
    ]
    factories.actual(indicator=rows[0], value=Decimal("45.5"), state=State.APPROVED)
    reassess(Indicator.objects.all())
    user = analyst()
    book = book_of(user, "completion", year=2023)
    assert book.sheetnames == ["指标完成情况表", "说明"]
    found = rows_of(book["指标完成情况表"])
    assert len(found) == 31
    first = {head: found[0][head] for head in ("区划代码", "地区", "数据年度", "实际值", "评价", "完成情况/完成进度")}
    assert first == {
        **{"区划代码": "420101", "地区": "第0县", "数据年度": 2023, "实际值": 45.5},
        **{"评价": "▲ 轻度滞后", "完成情况/完成进度": 0.55},
    }
    targets = rows_of(book_of(user, "main-indicators")["规划主要指标表"])
    assert [(row["基期/年份"], row["基期/数值"], row["目标值/2025年"]) for row in targets] == [(2020, 40, 50)] * 31


@pytest.mark.parametrize(
    ("year", "heading", "file_name"),
    [
        (2022, "规划指标完成情况表（2022年）", "甲_指标完成情况表_2022年.xlsx"),
        (2023, "规划中期指标完成情况表（2023年）", "甲_指标完成情况表_2023年中期.xlsx"),
        (2025, "规划期末指标完成情况表（2025年）", "甲_指标完成情况表_2025年期末.xlsx"),
    ],
)
def test_the_third_and_the_last_year_are_called_mid_term_and_final(year: int, heading: str, file_name: str) -> None:
    factories.indicator(plan=factories.plan(title="规划", short_title="甲"))
    name, content = file_of(analyst(), "completion", year=year)
    sheet = load_workbook(io.BytesIO(content))["指标完成情况表"]
    assert (name, sheet["A1"].value) == (file_name, heading)
    phase = {2022: "", 2023: "中期", 2025: "期末"}[year]
    assert f"{phase}评价" in rows_of(sheet)[0]


def test_the_chart_draws_progress_against_time_from_the_cells_beside_it() -> None:
    rich_plan()
    book = book_of(analyst(), "completion", year=2023)
    assert book.sheetnames == ["指标完成情况表", "图", "说明"]
    ((progress, time),) = [(row["完成进度"], row["时间进度"]) for row in rows_of(book["图"])]
    assert (progress, time) == (0.55, 0.6)
    xml = chart_of(file_of(analyst(), "completion", year=2023)[1])
    assert "<c:barChart>" in xml
    assert "完成进度与时间进度（2023年）" in xml
    assert '<c:dispBlanksAs val="gap"' in xml


def chart_of(content: bytes) -> str:
    with ZipFile(io.BytesIO(content)) as parts:
        xml = parts.read("xl/charts/chart1.xml").decode()
    return xml if "<c:chartSpace" in xml else xml.replace("<", "<c:").replace("<c:/", "</c:")


# ---- 重点项目进展情况表


def test_projects_show_the_numbers_of_their_page_and_are_summed_by_category() -> None:
    plan = factories.plan()
    kept = {"plan": plan, "start_year": 2021, "end_year": 2024}
    built = factories.project(number="1", name="福利院", category="养老", **kept)
    factories.project(number="2", name="未定投资", category="养老", total_investment=None, **kept)
    factories.project(number="3", name="陵园", category="殡葬", total_investment=Decimal("99.5"), **kept)
    factories.project_report(project=built, state=State.APPROVED, problems="缺用地指标")
    found = rows_of(book_of(analyst(), "projects")["重点项目进展情况表"])
    first = next(row for row in found if row["项目名称"] == "福利院")
    assert {
        head: first[head] for head in ("总投资（万元）", "累计完成/投资（万元）", "形象进度（%）", "阶段", "存在问题")
    } == {
        **{"总投资（万元）": 2500, "累计完成/投资（万元）": 1000, "形象进度（%）": 40},
        **{"阶段": Stage.UNDER_WAY.label, "存在问题": "缺用地指标"},
    }
    # June 2023 is the thirtieth of forty-eight months; 1000 of 2500 are spent
    assert (first["累计完成/完成率"], first["时间进度"]) == (0.4, 0.625)
    assert first["进度评价"] == "– 到期未报进展\n落后22.5个百分点"
    assert first["数据状态"] == "截至2023年6月，已审核"
    sums = found[[row["序号"] for row in found].index("合计") + 1 :]
    assert [(row["项目名称"], row["总投资（万元）"], row["累计完成/投资（万元）"]) for row in sums] == [
        ("养老（2个，其中1个未载明投资）", 2500, 1000),
        ("殡葬（1个）", 99.5, "—"),
        ("合计（3个，其中1个未载明投资）", 2599.5, 1000),
    ]


def test_projects_of_a_month_stand_as_they_stood_then() -> None:
    project = factories.project(start_year=2021, end_year=2024)
    for month, done in ((3, 400), (6, 1000)):
        factories.project_report(project=project, month=month, investment_done=Decimal(done), state=State.APPROVED)
    name, content = file_of(analyst(), "projects", year=2023, month=5)
    found = rows_of(load_workbook(io.BytesIO(content))["重点项目进展情况表"])
    assert name == "“十四五”_重点项目进展情况表_2023年5月.xlsx"
    assert (found[0]["累计完成/投资（万元）"], found[0]["数据状态"]) == (400, "截至2023年3月，已审核")


def test_a_month_under_review_is_named_and_not_counted() -> None:
    project = factories.project()
    factories.project_report(project=project, state=State.APPROVED)
    factories.project_report(project=project, month=7, investment_done=Decimal(2000), state=State.SUBMITTED)
    planner = factories.person(Role.PLANNER, project.plan.region)
    found = rows_of(book_of(planner, "projects")["重点项目进展情况表"])[0]
    assert found["累计完成/投资（万元）"] == 1000
    assert found["数据状态"] == "截至2023年6月，已审核\n2023年7月待审核，未计入"


# ---- 工作要点落实表


def test_tasks_stand_under_their_sections_with_target_value_and_state() -> None:
    plan = factories.plan()
    upper = Section.objects.create(plan=plan, number="一", title="兜底保障", order=1)
    lower = Section.objects.create(plan=plan, number="1", title="低保", order=2, parent=upper)
    late = {"due_on": date(2025, 2, 1), "target_operator": "ge", "target_value": Decimal("0.5"), "unit": "万户"}
    task = factories.work_item(plan=plan, section=lower, number="1.10", title="提标", state=WorkState.UNDER_WAY, **late)
    factories.work_item(plan=plan, section=upper, title="完成", state=WorkState.DONE)
    factories.work_item(plan=plan, section=upper, title="将到期", due_on=date(2025, 3, 20), target_text="应保尽保")
    factories.work_report(item=task, state=State.APPROVED, value=Decimal("0.4"), note="已印发方案")
    book = book_of(analyst(), "work-items")
    found = rows_of(book["工作要点落实表"])
    assert [row["序号"] for row in found if row["工作任务"] is None] == ["一 兜底保障", "一 兜底保障 › 1 低保"]
    tasks = {row["工作任务"]: row for row in found if row["工作任务"]}
    assert {head: value for head, value in tasks["提标"].items() if head != "责任科室"} == {
        **{"序号": "1.10", "工作任务": "提标", "量化目标": 0.5, "单位": "万户", "完成值": 0.4, "完成率": 0.8},
        **{"进展": "已印发方案", "完成时限": "2025-02-01", "落实状态": "■ 推进中\n逾期29天"},
        "数据状态": "截至2023年6月，已审核",
    }
    assert (tasks["完成"]["落实状态"], tasks["将到期"]["落实状态"]) == ("● 已完成", "▲ 未开始\n还有18天")
    assert tasks["将到期"]["量化目标"] == "应保尽保"


# ---- 跨地区对比表


def test_the_comparison_ranks_only_where_the_dictionary_says_and_sets_others_apart() -> None:
    measured = metric(is_ranked=True)
    for n, value in enumerate(("45", "47", "90")):
        plan = factories.plan(region=factories.region(str(330101 + n), f"{'甲乙丙'[n]}县"))
        row = factories.indicator(plan=plan, metric=measured, unit="张" if n == 2 else "%")
        factories.actual(indicator=row, value=Decimal(value), state=State.APPROVED)
    reassess(Indicator.objects.all())
    sheet = book_of(analyst(), "comparison")["跨地区对比表"]
    found = [row for row in rows_of(sheet) if row["地区"]]
    assert [(row["名次"], row["地区"], row["各年实际值/2023年"]) for row in found] == [
        (1, "乙县", 47),
        (2, "甲县", 45),
        ("—", "丙县", 90),
    ]
    assert found[2]["口径差异与说明"] == "单位为“张”，指标库为“%”"
    measured.is_ranked = False
    measured.save()
    assert "名次" not in rows_of(book_of(analyst(), "comparison")["跨地区对比表"])[0]


def test_its_lines_leave_a_gap_where_a_year_has_no_figure() -> None:
    row = factories.indicator(metric=metric())
    for year in (2021, 2023):
        factories.actual(indicator=row, year=year, value=Decimal(45), state=State.APPROVED)
    user = analyst()
    _, content = file_of(user, "comparison")
    sheet = load_workbook(io.BytesIO(content))["图"]
    assert [(line["年度"], line["老河口"]) for line in rows_of(sheet)][:3] == [
        ("2021年", 45),
        ("2022年", None),
        ("2023年", 45),
    ]
    xml = chart_of(content)
    assert "<c:lineChart>" in xml
    assert '<c:dispBlanksAs val="gap"' in xml


def test_only_the_plans_of_the_scope_are_compared() -> None:
    measured = metric()
    for n in range(2):
        plan = factories.plan(region=factories.region(str(330101 + n), f"{'甲乙'[n]}县"), code=f"plan-{'ab'[n]}")
        factories.indicator(plan=plan, metric=measured)
    assert "乙县" not in words_of(book_of(analyst(), "comparison", plans=("plan-a",)))


# ---- 填报情况表


def test_the_status_counts_what_each_department_has_reported_and_sums_it_up() -> None:
    plan = factories.plan(short_title="老河口“十四五”")
    department = factories.department(name="养老服务科")
    factories.open_round(plan, 2023, due_on=date(2025, 1, 31))
    states = (State.APPROVED, State.SUBMITTED, State.DRAFT, None)
    for state in states:
        row = factories.indicator(plan=plan, department=department)
        if state:
            factories.actual(indicator=row, state=state, value=Decimal("81.77"))
    book = book_of(analyst(), "status")
    first, _, total = rows_of(book["填报情况表"])
    assert first == {
        **{"区划代码": "420682", "地区": "老河口市", "规划": "老河口“十四五”", "数据年度": 2023},
        **{"责任科室": "养老服务科", "截止日期": "2025-01-31", "项数/应报": 4, "项数/未报": 1, "项数/草稿": 1},
        **{"项数/退回": 0, "项数/待审核": 1, "项数/已审核": 1, "报送率": 0.5, "审核率": 0.25},
        **{"报送情况": "■ 逾期30天", "逾期": "逾期"},
    }
    assert (total["地区"], total["项数/应报"], total["报送率"]) == ("合计", 4, 0.5)
    assert "81.77" not in words_of(book)


# ---- Every file


@pytest.mark.parametrize("table", ALL_TABLES)
def test_what_people_write_stays_text_and_loses_what_no_cell_can_carry(table: str) -> None:
    for n, text in enumerate([*HOSTILE, "=" + "长" * 40_000]):
        rich_plan(factories.region(str(420101 + n), f"第{n}县"), text=text, short_title=text[:50])
    Indicator.objects.update(metric=metric())
    _, content = file_of(analyst(), table)
    book = load_workbook(io.BytesIO(content))
    cells = [
        cell for sheet in book.worksheets for cells in sheet.iter_rows() for cell in cells if cell.value is not None
    ]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert max(len(str(cell.value)) for cell in cells) <= 32_767
    with ZipFile(io.BytesIO(content)) as parts:
        xml = "".join(parts.read(name).decode() for name in parts.namelist() if name.endswith(".xml"))
    assert "<f>" not in xml.replace("<c:f>", "").replace("<f>'图'!", "")
    assert "\x01" not in xml
    assert all(len(name) <= 31 for name in book.sheetnames)


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ("老河口“十四五”", "老河口“十四五”"),
        ("a/b\\c?*[d]:e", "abcde"),
        ("'引号'", "引号"),
        ("", "表"),
        ("长" * 40, "长" * 31),
        ("说明", "说明（2）"),
        ("History", "History（2）"),
        ("TAKEN", "TAKEN（2）"),
    ],
)
def test_a_sheet_is_called_by_a_name_that_excel_allows(wanted: str, given: str) -> None:
    assert sheet_name(wanted, taken={"说明", "taken"}) == given


def test_long_names_that_begin_alike_stay_apart() -> None:
    first = sheet_name("长" * 40, taken=set())
    second = sheet_name("长" * 40, taken={first})
    assert (second, len(second)) == ("长" * 28 + "（2）", 31)


@pytest.mark.skipif(which("soffice") is None, reason="no LibreOffice on this machine")
def test_libreoffice_opens_every_file_without_complaint(tmp_path: Path) -> None:
    measured = metric(is_ranked=True)
    for code, place in (("330127", "淳安县"), ("420682", "老河口市")):
        rich_plan(factories.region(code, place), measured=measured, short_title=f"{place}“十四五”", code=f"plan-{code}")
    user, made = analyst(), tmp_path / "made"
    made.mkdir()
    for number, table in enumerate(ALL_TABLES):
        for plans in ((), ("plan-420682",)):
            (made / f"{number}{len(plans)}.xlsx").write_bytes(file_of(user, table, plans=plans)[1])
    names = sorted(made.glob("*.xlsx"))
    command = [str(which("soffice")), f"-env:UserInstallation=file://{tmp_path}/profile", "--headless"]
    command += ["--convert-to", "pdf", "--outdir", str(tmp_path), *map(str, names)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)  # noqa: S603
    assert "Error" not in done.stdout + done.stderr
    assert {name.stem for name in names} == {name.stem for name in tmp_path.glob("*.pdf")}
