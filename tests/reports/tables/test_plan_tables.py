"""The official tables as workbooks, opened again as a reader opens them."""

from __future__ import annotations

import io
import re
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from accounts.models import User
from accounts.permissions import Role
from indicators.figures import Operator
from indicators.models import Attribute, Availability, Indicator, Origin, State, Target
from indicators.queries import plan_table
from indicators.reassess import reassess
from plans.models import AssessmentPolicy, Plan
from reports.tables.plan_tables import PLAN_FILES
from tests import factories

pytestmark = pytest.mark.django_db

# 20:30 in Greenwich is 4:30 of the next day in Beijing.
EXPORTED_AT = datetime(2025, 3, 1, 20, 30, tzinfo=timezone(timedelta(0)))


def file_of(plan: Plan, name: str, *, year: int = 2023, by: User | None = None) -> bytes:
    reassess(Indicator.objects.filter(plan=plan))
    by = by or factories.person(Role.ANALYST, plan.region)
    table = plan_table(plan, year=year, user=by, on=date(2025, 3, 2))
    return PLAN_FILES[name].build(table, by, EXPORTED_AT)


def book_of(plan: Plan, name: str, *, year: int = 2023, by: User | None = None) -> Workbook:
    return load_workbook(io.BytesIO(file_of(plan, name, year=year, by=by)))


def heads(sheet: Worksheet) -> list[str]:
    """The head of each column: its own, or its group's and its own."""
    first = int(str(sheet.freeze_panes)[1:])
    found = []
    group = ""
    for upper, lower in zip(sheet[first - 2], sheet[first - 1], strict=True):
        group = str(upper.value or group)
        found.append(f"{group}/{lower.value}" if lower.value else group)
    return [head.replace("\n", "") for head in found]


def body(sheet: Worksheet) -> list[dict[str, Cell | MergedCell]]:
    """The rows below the head, by head."""
    first = int(str(sheet.freeze_panes)[1:])
    return [dict(zip(heads(sheet), cells, strict=True)) for cells in sheet.iter_rows(min_row=first)]


def notes_of(book: Workbook) -> dict[str, str]:
    return {str(row[0].value): str(row[1].value) for row in book["说明"].iter_rows() if row[1].value}


class TestMainIndicators:
    def test_the_sheet_is_titled_and_headed_like_the_official_table(self) -> None:
        plan = factories.plan(title="老河口市民政事业发展“十四五”规划")
        factories.indicator(plan=plan)

        book = book_of(plan, "main-indicators")

        assert book.sheetnames == ["规划主要指标表", "说明"]
        sheet = book["规划主要指标表"]
        assert sheet["A1"].value == "老河口市民政事业发展“十四五”规划主要指标"
        assert heads(sheet) == [
            "序号",
            "指标",
            "单位",
            "基期（2020年）",
            "目标值/2025年",
            "属性",
            "业务领域",
            "责任科室",
            "原文位置",
            "备注",
        ]

    def test_each_target_year_has_a_column(self) -> None:
        row = factories.indicator(target="50")
        Target.objects.create(indicator=row, year=2022, operator=Operator.EQ, value=Decimal(44), text="44")

        cells = body(book_of(row.plan, "main-indicators")["规划主要指标表"])[0]

        assert (cells["目标值/2022年"].value, cells["目标值/2025年"].value) == (44, 50)

    def test_rows_of_the_table_come_first_and_the_others_under_their_own_heading(self) -> None:
        plan = factories.plan()
        factories.indicator(plan=plan, number="文1", origin=Origin.TEXT, order=1, name="正文目标")
        factories.indicator(plan=plan, number="1", order=2, name="指标表目标")

        rows = body(book_of(plan, "main-indicators")["规划主要指标表"])

        assert [row["序号"].value for row in rows] == [1, "专栏和正文中的量化目标", "文1"]
        assert [row["指标"].value for row in rows] == ["指标表目标", None, "正文目标"]

    def test_a_row_below_another_is_indented_and_says_so(self) -> None:
        parent = factories.indicator(number="1", name="城乡低保标准年度增速")
        factories.indicator(plan=parent.plan, parent=parent, number="1.10", name="城市低保标准年度增速")

        upper, lower = body(book_of(parent.plan, "main-indicators")["规划主要指标表"])

        assert (upper["指标"].value, upper["指标"].alignment.indent) == ("城乡低保标准年度增速", 0)
        assert (lower["指标"].value, lower["指标"].alignment.indent) == ("其中：城市低保标准年度增速", 1)
        assert lower["序号"].value == "1.10"

    @pytest.mark.parametrize(
        ("operator", "number_format"),
        [
            (Operator.GE, '"≥"0.00'),
            (Operator.GT, '">"0.00'),
            (Operator.LE, '"≤"0.00'),
            (Operator.LT, '"<"0.00'),
            (Operator.APPROX, '"约"0.00'),
            (Operator.EQ, "0.00"),
        ],
    )
    def test_a_target_with_a_sign_stays_a_number(self, operator: Operator, number_format: str) -> None:
        row = factories.indicator(target=None, decimals=2)
        Target.objects.create(indicator=row, year=2025, operator=operator, value=Decimal(55))

        cell = body(book_of(row.plan, "main-indicators")["规划主要指标表"])[0]["目标值/2025年"]

        assert (cell.value, cell.data_type, cell.number_format) == (55, "n", number_format)

    def test_a_range_and_a_promise_in_words_are_text(self) -> None:
        ranged = factories.indicator(target=None)
        Target.objects.create(
            indicator=ranged, year=2025, operator=Operator.RANGE, value=Decimal(35), upper=Decimal(40), text="35-40"
        )
        worded = factories.indicator(plan=ranged.plan, target=None, baseline_value=None, baseline_year=None)
        Target.objects.create(indicator=worded, year=2025, operator=Operator.TEXT, text="应保尽保")

        rows = body(book_of(ranged.plan, "main-indicators")["规划主要指标表"])

        assert [(row["目标值/2025年"].value, row["目标值/2025年"].data_type) for row in rows] == [
            ("35～40", "s"),
            ("应保尽保", "s"),
        ]

    def test_a_missing_baseline_shows_the_printed_sign_and_zero_stays_zero(self) -> None:
        plan = factories.plan()
        factories.indicator(plan=plan, baseline_value=None, baseline_text="/")
        factories.indicator(plan=plan, baseline_value=None)
        factories.indicator(plan=plan, baseline_value=Decimal(0))

        cells = [row["基期（2020年）"] for row in body(book_of(plan, "main-indicators")["规划主要指标表"])]

        assert [(cell.value, cell.data_type) for cell in cells] == [("/", "s"), ("—", "s"), (0, "n")]

    def test_a_baseline_of_another_year_names_it_and_stays_a_number(self) -> None:
        row = factories.indicator(baseline_year=2019, baseline_value=Decimal(325))

        cell = body(book_of(row.plan, "main-indicators")["规划主要指标表"])[0]["基期（2020年）"]

        assert (cell.value, cell.number_format) == (325, '0"（2019年）"')

    def test_the_remark_tells_the_printed_words_and_our_doubt(self) -> None:
        row = factories.indicator(target=None, remark="原文未载明年份。")
        Target.objects.create(indicator=row, year=2025, value=Decimal(100), text="全覆盖")

        cells = body(book_of(row.plan, "main-indicators")["规划主要指标表"])[0]

        assert cells["备注"].value == "2025年目标原文作“全覆盖”。原文未载明年份。"

    def test_a_revised_target_names_its_approval(self) -> None:
        row = factories.indicator(target=None)
        planner = factories.person(Role.PLANNER)
        Target.objects.create(
            indicator=row,
            year=2025,
            version=2,
            value=Decimal(48),
            text="48",
            reason="中期评估下调",
            approved_by_body="市人民政府",
            approval_number="河政发〔2023〕5号",
            revised_by=planner,
            revised_at=EXPORTED_AT,
        )

        cells = body(book_of(row.plan, "main-indicators")["规划主要指标表"])[0]

        assert cells["备注"].value == "2025年目标已调整（市人民政府，河政发〔2023〕5号）：中期评估下调。"

    def test_demo_figures_do_not_mark_a_table_that_shows_none(self) -> None:
        row = factories.indicator()
        factories.actual(indicator=row, state=State.APPROVED, is_demo=True)

        sheet = book_of(row.plan, "main-indicators")["规划主要指标表"]

        assert [cell.value for cells in sheet.iter_rows() for cell in cells if "演示" in str(cell.value)] == []

    def test_a_demo_department_says_so(self) -> None:
        row = factories.indicator(department=factories.department(name="养老服务科", is_demo=True))

        cells = body(book_of(row.plan, "main-indicators")["规划主要指标表"])[0]

        assert cells["责任科室"].value == "养老服务科\n（演示）"


class TestCompletion:
    def test_the_sheet_has_a_column_for_each_year_up_to_the_data_year(self) -> None:
        plan = factories.plan(title="老河口市民政事业发展“十四五”规划")
        factories.indicator(plan=plan)

        book = book_of(plan, "completion", year=2023)

        assert book.sheetnames == ["指标完成情况表", "说明"]
        sheet = book["指标完成情况表"]
        assert sheet["A1"].value == "老河口市民政事业发展“十四五”规划中期指标完成情况表（2023年）"
        assert heads(sheet) == [
            "序号",
            "指标",
            "单位",
            "属性",
            "基期（2020年）",
            "各年实际值/2021年",
            "各年实际值/2022年",
            "各年实际值/2023年",
            "2023年应达到/应达到值",
            "2023年应达到/来源",
            "期末目标值",
            "完成情况/完成进度",
            "完成情况/时间进度",
            "完成情况/完成率",
            "中期评价",
            "依据与说明",
            "数据状态",
            "责任科室",
        ]

    def test_the_figures_are_those_of_the_database(self) -> None:
        """From 40 in 2020 to 50 in 2025 the line is at 46 in 2023; 45 is half of the way after three fifths of it."""
        row = factories.indicator(decimals=2, attribute=Attribute.BINDING, target="50")
        factories.actual(indicator=row, year=2023, value=Decimal(45), state=State.APPROVED, note="一处机构延期。")

        cells = body(book_of(row.plan, "completion")["指标完成情况表"])[0]

        shown = {head: (cell.value, cell.number_format) for head, cell in cells.items() if cell.data_type == "n"}
        assert shown == {
            "序号": (int(row.number), "0"),
            "基期（2020年）": (40, "0.00"),
            "各年实际值/2023年": (45, "0.00"),
            "2023年应达到/应达到值": (46, "0.00"),
            "期末目标值": (50, "0.00"),
            "完成情况/完成进度": (0.5, "0.0%"),
            "完成情况/时间进度": (0.6, "0.0%"),
            "完成情况/完成率": (0.9, "0.0%"),
        }
        assert cells["属性"].value == "约束性"
        assert cells["2023年应达到/来源"].value == "按时间进度推算"
        assert cells["数据状态"].value == "已审核（年报）"
        assert str(cells["依据与说明"].value).endswith("填报说明：一处机构延期。")

    @pytest.mark.parametrize("value", ["999.94", "9.95", "0.1233", "12345678901.2345", "-0.0001"])
    def test_a_number_is_written_with_exactly_its_digits(self, value: str) -> None:
        row = factories.indicator(decimals=4)
        factories.actual(indicator=row, value=Decimal(value), state=State.APPROVED)

        with ZipFile(io.BytesIO(file_of(row.plan, "completion"))) as parts:
            xml = parts.read("xl/worksheets/sheet1.xml").decode()

        written = {Decimal(found) for found in re.findall(r"<v>([^<]*)</v>", xml)}
        assert Decimal(value) in written

    def test_a_figure_finer_than_printed_keeps_its_decimals(self) -> None:
        row = factories.indicator(decimals=0)
        factories.actual(indicator=row, value=Decimal("45.25"), state=State.APPROVED)

        cell = body(book_of(row.plan, "completion")["指标完成情况表"])[0]["各年实际值/2023年"]

        assert (cell.value, cell.number_format) == (45.25, "0.00")

    def test_zero_is_a_number_and_absence_is_a_word_or_sign(self) -> None:
        row = factories.indicator()
        factories.actual(indicator=row, year=2021, value=Decimal(0), state=State.APPROVED)
        factories.actual(
            indicator=row,
            year=2022,
            value=None,
            availability=Availability.MISSING,
            note="口径未定",
            state=State.APPROVED,
        )

        cells = body(book_of(row.plan, "completion")["指标完成情况表"])[0]

        years = [cells[f"各年实际值/{year}年"] for year in (2021, 2022, 2023)]
        assert [(cell.value, cell.data_type) for cell in years] == [(0, "n"), ("暂缺", "s"), ("—", "s")]

    @pytest.mark.parametrize(
        ("value", "shown", "fill"),
        [
            ("46", "● 符合预期", "001F8A8C"),
            ("45.5", "▲ 轻度滞后", "00C77700"),
            ("41", "■ 滞后", "008E1B1B"),
            (None, "– 未填报", "00E3E6E8"),
        ],
    )
    def test_the_verdict_has_shape_word_and_colour(self, value: str | None, shown: str, fill: str) -> None:
        row = factories.indicator(decimals=1)
        if value is not None:
            factories.actual(indicator=row, value=Decimal(value), state=State.APPROVED)

        cell = body(book_of(row.plan, "completion")["指标完成情况表"])[0]["中期评价"]

        assert (cell.value, cell.fill.fgColor.rgb) == (shown, fill)

    def test_an_unapproved_figure_is_marked_and_stays_a_number(self) -> None:
        row = factories.indicator()
        factories.actual(indicator=row, value=Decimal(45), state=State.SUBMITTED)

        book = book_of(row.plan, "completion", by=factories.person(Role.PLANNER))

        cells = body(book["指标完成情况表"])[0]
        assert (cells["各年实际值/2023年"].value, cells["各年实际值/2023年"].number_format) == (45, '0"＊"')
        assert cells["数据状态"].value == "待审核（年报）"
        assert notes_of(book)["数据状态"] == "含未审核的实际值1个，数值后带＊；评价只依据已审核的实际值。"

    def test_who_may_not_see_unapproved_figures_does_not_get_them(self) -> None:
        row = factories.indicator()
        factories.actual(indicator=row, value=Decimal(45), state=State.SUBMITTED)

        book = book_of(row.plan, "completion", by=factories.person(Role.ANALYST))

        cells = body(book["指标完成情况表"])[0]
        assert (cells["各年实际值/2023年"].value, cells["数据状态"].value) == ("—", "未填报")
        assert notes_of(book)["数据状态"] == "尚无实际值。"

    def test_demo_figures_are_announced_on_each_sheet_and_in_their_row(self) -> None:
        real = factories.indicator()
        factories.actual(indicator=real, state=State.APPROVED)
        demo = factories.indicator(plan=real.plan)
        factories.actual(indicator=demo, state=State.APPROVED, is_demo=True)

        book = book_of(real.plan, "completion")

        for sheet in book.worksheets:
            assert sheet["A2"].value == "含演示数据，不是真实统计"
            assert sheet["A2"].font.color.rgb == "00C00000"
        states = [row["数据状态"].value for row in body(book["指标完成情况表"])]
        assert states == ["已审核（年报）", "已审核（年报）\n演示数据"]

    def test_demo_figures_after_the_data_year_do_not_mark_the_table(self) -> None:
        row = factories.indicator()
        factories.actual(indicator=row, year=2024, state=State.APPROVED, is_demo=True)

        book = book_of(row.plan, "completion", year=2023)

        assert "含演示数据" not in str(book["指标完成情况表"]["A2"].value)

    def test_the_count_stands_above_the_table(self) -> None:
        row = factories.indicator(attribute=Attribute.BINDING)
        factories.actual(indicator=row, value=Decimal(46), state=State.APPROVED)

        sheet = book_of(row.plan, "completion")["指标完成情况表"]

        assert sheet["A2"].value == (
            "填报单位：老河口市民政局　　数据年度：2023年　　数据截至：2025年3月2日　　所列实际值均已审核。"
        )
        assert sheet["A3"].value == "指标表共1项指标：符合预期1项；约束性指标1项，均达到要求。"

    @pytest.mark.parametrize("year", [2021, 2025])
    def test_a_target_of_an_earlier_year_names_it(self, year: int) -> None:
        row = factories.indicator(target="60", target_year=2022)

        cell = body(book_of(row.plan, "completion", year=year)["指标完成情况表"])[0]["期末目标值"]

        assert (cell.value, cell.number_format) == (60, '0"（2022年）"')


class TestText:
    @pytest.mark.parametrize("name", ['=HYPERLINK("http://example.org","点击")', "+cmd|' /C calc'!A0", "@SUM(1)", "-1"])
    def test_what_looks_like_a_formula_stays_text(self, name: str) -> None:
        row = factories.indicator(name=name, remark=name)
        factories.actual(indicator=row, state=State.APPROVED, note=name)

        for file in PLAN_FILES:
            book = book_of(row.plan, file)
            kinds = {cell.data_type for sheet in book.worksheets for cells in sheet.iter_rows() for cell in cells}
            assert kinds == {"s", "n"}
            assert body(book.worksheets[0])[0]["指标"].value == name

    def test_characters_that_a_workbook_cannot_carry_are_left_out(self) -> None:
        row = factories.indicator(name="护理\x0b型\x01床位\ufffe占比", remark="一\x1f二")

        cells = body(book_of(row.plan, "main-indicators")["规划主要指标表"])[0]

        assert (cells["指标"].value, cells["备注"].value) == ("护理型床位占比", "一二")

    def test_a_file_name_has_nothing_that_windows_refuses(self) -> None:
        plan = factories.plan(short_title='老河口/“十四五”:"*?<>|\\')
        user = factories.person(Role.ANALYST)
        table = plan_table(plan, year=2024, user=user, on=date(2025, 3, 2))

        assert PLAN_FILES["completion"].file_name(table) == "老河口“十四五”_指标完成情况表_2024年.xlsx"


class TestNotes:
    def test_they_say_where_the_plan_comes_from_when_and_by_whom_it_was_exported(self) -> None:
        source = factories.source(
            title="民政事业发展“十四五”规划", publisher="老河口市民政局", published_on=date(2023, 5, 6), is_excerpt=True
        )
        row = factories.indicator(plan=factories.plan(source=source))
        analyst = factories.person(Role.ANALYST, display_name="王分析")

        notes = notes_of(book_of(row.plan, "completion", year=2024, by=analyst))

        assert notes["来源文件"] == (
            "《民政事业发展“十四五”规划》，老河口市民政局，2023年5月6日公开，手头只有节选或解读，指标不一定完整"
        )
        assert notes["数据年度"] == "2024年"
        assert notes["导出时间"] == "2025-03-02 04:30（北京时间）"
        assert notes["导出人"] == "王分析"

    def test_they_give_the_thresholds_of_the_plan(self) -> None:
        row = factories.indicator()
        AssessmentPolicy.objects.create(plan=row.plan, mild_lag_from=Decimal("0.9"), nearly_met_within=Decimal("0.015"))

        rule = notes_of(book_of(row.plan, "completion"))["评价界限"]

        assert "达到90%而不足100%为轻度滞后，不足90%为滞后" in rule
        assert "相差不超过目标的1.5%为基本完成" in rule

    def test_they_define_every_figure_the_table_computes(self) -> None:
        row = factories.indicator(remark="表1与正文不一致。")

        notes = notes_of(book_of(row.plan, "completion"))

        assert {"完成进度", "时间进度", "应达到值", "完成率", "评价界限", "小数与舍入", "符号"} <= notes.keys()
        assert notes[f"备注 {row.number}"] == f"{row.name}：表1与正文不一致。"


class TestPrint:
    @pytest.mark.parametrize("name", PLAN_FILES)
    def test_the_table_prints_on_landscape_a4_one_page_wide_with_its_head_on_every_page(self, name: str) -> None:
        row = factories.indicator()

        sheet = book_of(row.plan, name).worksheets[0]

        assert (sheet.page_setup.orientation, str(sheet.page_setup.paperSize)) == ("landscape", "9")
        assert sheet.sheet_properties.pageSetUpPr == PageSetupProperties(fitToPage=True)
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        first = int(str(sheet.freeze_panes)[1:])
        assert sheet.print_title_rows == f"${first - 2}:${first - 1}"
        assert sheet.print_area == f"'{sheet.title}'!$A$1:${get_column_letter(sheet.max_column)}${first}"
        assert "第 &P 页，共 &N 页" in str(sheet.oddFooter)

    def test_a_number_never_outgrows_its_column(self) -> None:
        row = factories.indicator(decimals=4)
        factories.actual(indicator=row, value=Decimal("12345678901.2345"), state=State.APPROVED)

        sheet = book_of(row.plan, "completion")["指标完成情况表"]

        letter = get_column_letter(heads(sheet).index("各年实际值/2023年") + 1)
        assert sheet.column_dimensions[letter].width > len("12345678901.2345")

    def test_a_long_name_gets_a_higher_row(self) -> None:
        plan = factories.plan()
        factories.indicator(plan=plan, name="床位")
        factories.indicator(plan=plan, name="普惠型高龄津贴和经济困难的高龄、失能老年人补贴制度覆盖率" * 3)

        sheet = book_of(plan, "completion")["指标完成情况表"]

        first = int(str(sheet.freeze_panes)[1:])
        assert sheet.row_dimensions[first + 1].height > 2 * sheet.row_dimensions[first].height
