"""明细数据: one row per indicator and year, codes as text, numbers with exactly their digits, in portions."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from accounts.permissions import Role
from indicators.models import Indicator, State, Target
from indicators.reassess import reassess
from reports.tables.choices import scope_of
from reports.tables.detail_table import COLUMNS, PORTION, detail_count, detail_rows, write_detail
from tests import factories
from tests.reports.tables.books import AT, ON, analyst, book_of, choice, file_of

pytestmark = pytest.mark.django_db


def records(user: Any, **values: Any) -> list[dict[str, Any]]:
    plans = scope_of(choice("detail"), user, ON, AT).plans
    heads = [column.head for column in COLUMNS]
    return [dict(zip(heads, row, strict=False)) for row in detail_rows(plans, user, ON, **values)]


def test_a_row_says_what_was_promised_and_reached_in_a_year() -> None:
    """From 40 in 2020 to 50 in 2025: 45 in 2023 is half of the way after three fifths of the time."""
    plan = factories.plan(code="laohekou-14", short_title="老河口“十四五”")
    row = factories.indicator(plan=plan, number="1.10", decimals=1, attribute="binding", source_ref="专栏1")
    factories.actual(indicator=row, year=2023, value=Decimal(45), state=State.APPROVED, note="一处机构延期")
    reassess(Indicator.objects.all())
    found = records(analyst())
    assert [one["数据年度"] for one in found] == [2021, 2022, 2023, 2024, 2025]
    third = {head: value for head, value in found[2].items() if value not in (None, "")}
    assert third == {
        **{
            "区划代码": "420682",
            "地区": "老河口市",
            "级别": "县级",
            "规划代码": "laohekou-14",
            "规划": "老河口“十四五”",
        },
        **{"起始年": 2021, "结束年": 2025, "序号": "1.10", "指标": row.name, "单位": "%", "出处": "指标表"},
        **{"属性": "约束性", "类型": "水平", "方向": "越高越好", "业务领域": "养老服务"},
        **{"基期年": 2020, "基期值": 40, "数据年度": 2023, "期末目标年": 2025, "期末目标关系": "达到"},
        **{"期末目标值": 50, "期末目标原文": "50", "实际值": 45, "数据情况": "有数据", "数据性质": "年报"},
        **{"数据状态": "已审核", "填报说明": "一处机构延期", "评价": "滞后", "灯色": "红", "完成进度": Decimal("0.5")},
        **{"时间进度": Decimal("0.6"), "应达到值": 46, "完成率": Decimal("0.9"), "原文位置": "专栏1"},
        "期末预测": found[2]["期末预测"],
    }


def test_zero_is_a_number_and_what_is_missing_is_empty() -> None:
    row = factories.indicator()
    factories.actual(indicator=row, year=2021, value=Decimal(0), state=State.APPROVED)
    found = records(analyst())
    assert [(one["实际值"], one["数据情况"]) for one in found[:2]] == [(0, "有数据"), (None, "未报")]
    assert [one["评价"] for one in found[1:]] == ["未填报"] * 3 + ["未到期"]


def test_a_revised_target_counts_from_its_year_on() -> None:
    row = factories.indicator(target="50")
    Target.objects.filter(indicator=row).update(is_current=False)
    Target.objects.create(
        **{"indicator": row, "year": 2025, "version": 2, "value": Decimal(48), "text": "48", "counts_from": 2024},
        **{
            "reason": "下调",
            "approved_by_body": "市政府",
            "approval_number": "1号",
            "revised_by": analyst(role=Role.PLANNER),
            "revised_at": AT,
        },
    )
    assert [one["期末目标值"] for one in records(analyst())] == [50, 50, 50, 48, 48]
    assert [one["当年目标值"] for one in records(analyst())] == [None, None, None, None, 48]


def test_the_file_holds_one_header_row_codes_as_text_and_exact_digits() -> None:
    row = factories.indicator(number="01", decimals=2)
    for year, value in ((2021, "999.94"), (2022, "12345678901.2345"), (2023, "-0.0001")):
        factories.actual(indicator=row, year=year, value=Decimal(value), state=State.APPROVED)
    _, content = file_of(analyst(), "detail")
    sheet = load_workbook(io.BytesIO(content))["明细数据"]
    assert [cell.value for cell in sheet[1]] == [column.head for column in COLUMNS]
    cells = {str(head.value): cell for head, cell in zip(sheet[1], sheet[2], strict=True)}
    shown = {head: (cells[head].value, cells[head].data_type) for head in ("区划代码", "序号", "数据年度")}
    assert shown == {"区划代码": ("420682", "s"), "序号": ("01", "s"), "数据年度": (2021, "n")}
    assert (cells["实际值"].number_format, cells["完成率"].number_format) == ("0.00", "General")
    xml = ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()
    written = {Decimal(found) for found in re.findall(r"<v>([^<]*)</v>", xml)}
    assert {Decimal("999.94"), Decimal("12345678901.2345"), Decimal("-0.0001")} <= written


def test_more_than_one_portion_is_written_whole_and_told_on_the_way() -> None:
    plan = factories.plan(kind="yearly", start_year=2024, end_year=2024)
    first = factories.indicator(plan=plan, target=None, number="0", order=0)
    values = {"plan": plan, "theme": first.theme, "name": "指标", "unit": "个"}
    Indicator.objects.bulk_create(Indicator(number=str(n), order=n, **values) for n in range(1, 2 * PORTION + 2))
    user, told = analyst(), list[tuple[int, int]]()
    scope = scope_of(choice("detail"), user, ON, AT)
    stream = io.BytesIO()
    written = write_detail(stream, scope, on_progress=lambda done, of: told.append((done, of)))
    total = 2 * PORTION + 2
    assert (written, detail_count(scope.plans, user)) == (total, total)
    assert told == [(0, total), (1000, total), (total, total)]
    column = load_workbook(stream, read_only=True)["明细数据"].iter_rows(
        min_row=2, min_col=8, max_col=8, values_only=True
    )
    assert [number for (number,) in column] == [str(n) for n in range(total)]


def test_the_notes_say_whether_unapproved_figures_are_among_it() -> None:
    plan = factories.indicator().plan
    planner = factories.person(Role.PLANNER, plan.region)
    for user, approved_only, said in (
        (analyst(), False, "只含已审核的实际值。"),
        (planner, True, "只含已审核的实际值。"),
        (planner, False, "含您经办地区未审核的实际值，见“数据状态”列；评价只依据已审核的实际值。"),
    ):
        notes = book_of(user, "detail", approved_only=approved_only)["说明"]
        assert {row[0].value: row[1].value for row in notes.iter_rows()}["数据状态"] == said
