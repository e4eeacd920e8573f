"""规划主要指标表 and 指标完成情况表 of one plan or several; the figures are those of the plan's page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.models import User
from indicators.queries import PlanTable, Row
from plans.models import Plan, PlanKind
from reports.downloads import file_name_of
from reports.tables.charts import MOST_BARS, Chart, Series
from reports.tables.columns import (
    completion_columns,
    completion_list_columns,
    main_indicator_columns,
    main_indicator_list_columns,
    remark_shown,
    shows_demo,
)
from reports.tables.notes import (
    DEMO_WARNING,
    OTHERS_HEADING,
    about_demo,
    about_the_assessment,
    about_the_cells,
    about_the_count,
    about_the_export,
    about_the_plan,
    about_the_plans,
    counting_sentence,
    source_said,
    state_of_the_figures,
)
from reports.tables.products import Notes, Product, sheet_name, written
from reports.tables.workbooks import Column, Table, number_of, text

SHEETS_MOST = 30  # plans with a sheet each; more go into one list, which can be filtered
MAIN = "规划主要指标表"
COMPLETION = "指标完成情况表"


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A file that a plan's page offers: its Chinese name, whether it speaks of one year, and how it is made."""

    title: str
    is_yearly: bool
    product: Callable[[Sequence[PlanTable], User, datetime, str], Product]

    def build(self, table: PlanTable, by: User, at: datetime) -> bytes:
        return written(self.product([table], by, at, table.plan.short_title))

    def file_name(self, table: PlanTable) -> str:
        parts = [table.plan.short_title, self.title, *([year_said(table.plan, table.year)] if self.is_yearly else [])]
        return file_name_of("_".join(parts))


def phase_of(plan: Plan, year: int) -> str:
    """中期 in the third year of a five-year plan, 期末 in its last; the other years have no name of their own."""
    if plan.kind != PlanKind.FIVE_YEAR:
        return ""
    return {plan.start_year + 2: "中期", plan.end_year: "期末"}.get(year, "")


def year_said(plan: Plan, year: int) -> str:
    """2023年中期, 2024年."""
    return f"{year}年{phase_of(plan, year)}"


def main_product(tables: Sequence[PlanTable], by: User, at: datetime, name: str) -> Product:
    """规划主要指标表: the plans' indicators with baseline and targets, as printed and in printed order."""
    notes = [
        *_about(tables),
        ("数据范围", "规划所载的基期和目标值（现行版本），不含各年实际值。"),
        *about_the_export(by, at),
        ("目标值", "空缺年度规划没有单独的目标。目标经批准调整的，本表列现行值，调整依据见“备注”。"),
        *about_the_cells(),
        ("存疑与缺损", "规划原文没有写明、前后不一或文字缺损之处，以及处理办法，见各行“备注”。"),
    ]
    sheets = _sheets(tables, each=main_sheet, together=_main_list, title=MAIN)
    return Product(MAIN, f"{name}_{MAIN}", sheets, notes)


def main_sheet(table: PlanTable) -> Table[Row]:
    plan = table.plan
    return Table(
        name=MAIN,
        heading=f"{plan.title}主要指标",
        lines=[f"编制单位：{plan.region.bureau_name}　　来源：{source_said(plan.source)}"],
        warning="",
        columns=main_indicator_columns(table),
        blocks=_blocks(table),
    )


def _main_list(tables: Sequence[PlanTable]) -> Table[Row]:
    years = sorted({year for table in tables for year in table.target_years})
    lines = [f"共{len(tables)}个规划，{sum(len(table.rows) for table in tables)}行（含“其中”行）。"]
    return Table(MAIN, "规划主要指标汇总表", lines, "", main_indicator_list_columns(years), [("", _all_rows(tables))])


def completion_product(tables: Sequence[PlanTable], by: User, at: datetime, name: str) -> Product:
    """指标完成情况表: the figures up to the data year, what was due, and how each indicator stands."""
    warning = DEMO_WARNING if any(shows_demo(row) for table in tables for row in table.rows) else ""
    years = sorted({table.year for table in tables})
    when = year_said(tables[0].plan, years[0]) if len(tables) == 1 else "、".join(f"{year}年" for year in years[:3])
    notes = [
        *_about(tables),
        ("数据年度", "、".join(f"{year}年" for year in years) + ("" if len(years) == 1 else "，各规划见其表头或各行")),
        ("数据状态", state_of_the_figures(*tables)),
        *about_demo(warning, "有演示数据的行在“数据状态”列注明。"),
        *about_the_export(by, at),
        *(about_the_count(tables[0]) if len(tables) == 1 else []),
        *_about_the_policies(tables),
        *about_the_cells(),
        *_remarks(tables),
    ]

    def each(table: PlanTable) -> Table[Row]:
        return completion_sheet(table, at)

    sheets = _sheets(tables, each=each, together=lambda several: _completion_list(several, at), title=COMPLETION)
    chart = progress_chart(tables[0]) if len(tables) == 1 else None
    return Product(COMPLETION, f"{name}_{COMPLETION}_{when}", sheets, notes, warning, [chart] if chart else [])


def completion_sheet(table: PlanTable, at: datetime) -> Table[Row]:
    plan, year = table.plan, table.year
    phase = phase_of(plan, year)
    return Table(
        name=COMPLETION,
        heading=f"{plan.title}{phase}{COMPLETION}（{year}年）",
        lines=[
            f"填报单位：{plan.region.bureau_name}　　数据年度：{year}年　　"
            f"数据截至：{_day(at)}　　{state_of_the_figures(table)}",
            counting_sentence(table),
        ],
        warning=DEMO_WARNING if any(map(shows_demo, table.rows)) else "",
        columns=completion_columns(table, phase=phase),
        blocks=_blocks(table),
    )


def _completion_list(tables: Sequence[PlanTable], at: datetime) -> Table[Row]:
    rows = _all_rows(tables)
    lines = [f"共{len(tables)}个规划，{len(rows)}行；数据截至：{_day(at)}　　{state_of_the_figures(*tables)}"]
    warning = DEMO_WARNING if any(map(shows_demo, rows)) else ""
    return Table(COMPLETION, "指标完成情况汇总表", lines, warning, completion_list_columns(), [("", rows)])


def progress_chart(table: PlanTable) -> Chart | None:
    """完成进度 beside 时间进度 of the rows that have both; None where none has."""
    rows = [row for row in table.rows if row.assessment and row.assessment.progress is not None]
    if not rows:
        return None
    drawn = rows[:MOST_BARS]
    left_out = f"另有{len(rows) - len(drawn)}项未画。" if len(rows) > len(drawn) else ""
    found = [row.assessment for row in drawn if row.assessment]
    return Chart(
        title=f"{table.plan.short_title}各指标完成进度与时间进度（{table.year}年）",
        head="指标",
        categories=[f"{row.indicator.number} {row.indicator.name}" for row in drawn],
        series=[
            Series("完成进度", [one.progress for one in found]),
            Series("时间进度", [one.time_progress for one in found]),
        ],
        note=f"只画有完成进度的指标；完成进度短于时间进度的，进展慢于时间。{left_out}",
    )


PLAN_FILES = {
    "main-indicators": PlanFile(MAIN, False, main_product),
    "completion": PlanFile(COMPLETION, True, completion_product),
}


# ---- Several plans


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the 目录: a plan and the sheet that speaks of it."""

    number: int
    plan: Plan
    sheet: str
    rows: int
    said: str


def _sheets(
    tables: Sequence[PlanTable],
    *,
    each: Callable[[PlanTable], Table[Any]],
    together: Callable[[Sequence[PlanTable]], Table[Any]],
    title: str,
) -> list[Table[Any]]:
    counted = [(table.plan, len(table.rows), counting_sentence(table)) for table in tables]
    return sheets_of_plans(tables, counted, each=each, together=together, title=title)


def sheets_of_plans(
    tables: Sequence[Any],
    counted: Sequence[tuple[Plan, int, str]],
    *,
    each: Callable[[Any], Table[Any]],
    together: Callable[[Sequence[Any]], Table[Any]],
    title: str,
) -> list[Table[Any]]:
    """One plan: its sheet. Several: a 目录 and a sheet each, or one list where that would be too many sheets."""
    if len(tables) == 1:
        return [each(tables[0])]
    if len(tables) > SHEETS_MOST:
        return [together(tables)]
    names = _sheet_names([plan for plan, _, _ in counted])
    sheets = [replace(each(table), name=name) for table, name in zip(tables, names, strict=True)]
    entries = [
        Entry(number, plan, name, rows, said)
        for number, ((plan, rows, said), name) in enumerate(zip(counted, names, strict=True), start=1)
    ]
    warning = next((sheet.warning for sheet in sheets if sheet.warning), "")
    return [Table("目录", f"{title}目录", [], warning, _entry_columns(), [("", entries)]), *sheets]


def _entry_columns() -> list[Column[Entry]]:
    return [
        Column("序号", 7, lambda entry: number_of(entry.number)),
        Column("地区", 16, lambda entry: text(entry.plan.region.name)),
        Column("规划", 44, lambda entry: text(entry.plan.title), is_prose=True),
        Column("工作表", 30, lambda entry: text(entry.sheet), is_prose=True),
        Column("行数", 8, lambda entry: number_of(entry.rows)),
        Column("概况", 70, lambda entry: text(entry.said), is_prose=True),
    ]


def _sheet_names(plans: Sequence[Plan]) -> list[str]:
    """The plans' short titles as sheets are called, so that the 目录 names what the tabs say."""
    names: list[str] = []
    for plan in plans:
        names.append(sheet_name(plan.short_title, taken={"目录", "说明", "图", *names}))
    return names


def _all_rows(tables: Sequence[PlanTable]) -> list[Row]:
    return [row for table in tables for row in table.rows]


# ---- One plan


def _blocks(table: PlanTable) -> list[tuple[str, list[Row]]]:
    return [block for block in (("", table.main), (OTHERS_HEADING, table.others)) if block[1]]


def _about(tables: Sequence[PlanTable]) -> Notes:
    return about_the_plan(tables[0]) if len(tables) == 1 else about_the_plans([table.plan for table in tables])


def _about_the_policies(tables: Sequence[PlanTable]) -> Notes:
    """The definitions; where plans have thresholds of their own, which."""
    first = about_the_assessment(tables[0].policy)
    others = [table for table in tables if table.policy != tables[0].policy]
    rules = [
        (f"评价界限（{table.plan.short_title}）", dict(about_the_assessment(table.policy))["评价界限"])
        for table in others
    ]
    return first + rules


def _remarks(tables: Sequence[PlanTable]) -> Notes:
    found = [(table, row, remark) for table in tables for row in table.rows if (remark := remark_shown(row))]
    is_one = len(tables) == 1
    return [
        (
            f"备注 {row.indicator.number}{'' if is_one else f'（{table.plan.short_title}）'}",
            f"{row.indicator.name}：{remark}",
        )
        for table, row, remark in found
    ]


def _day(at: datetime) -> str:
    day = timezone.localtime(at)
    return f"{day.year}年{day.month}月{day.day}日"
