"""The entry template: one protected sheet per plan, laid out like the paper form, that comes back through an import."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from django.utils import timezone

from accounts.models import User
from indicators.entry import Line, Sheet, entry_sheet_of
from indicators.models import Origin
from plans.models import Plan
from reports.downloads import file_name_of
from reports.entries.columns import FACTS_SHEET, FORMAT, INPUTS, OFFERED, entry_columns, portal_mark
from reports.tables.columns import shows_demo
from reports.tables.notes import DEMO_WARNING, OTHERS_HEADING
from reports.tables.workbooks import Table, add_hidden_facts, add_notes, add_table, new_book, saved

NOTES_SHEET = "填写说明"
_NOT_IN_A_SHEET_NAME = re.compile(r"[\\/*?:\[\]\x00-\x1f]")
_LONGEST_SHEET_NAME = 31


def entry_template(plans: Sequence[Plan], *, year: int, user: User, on: date, at: datetime) -> bytes:
    """The year's entry sheets of these plans (all of one region) as this clerk may fill them, as one workbook."""
    region = plans[0].region
    book = new_book(f"{region.bureau_name} {year}年填报模板")
    taken = {NOTES_SHEET, FACTS_SHEET}
    warning = ""
    for plan in plans:  # each read when its turn comes and let go after it
        sheet = entry_sheet_of(plan, year=year, user=user, on=on)
        has_demo = any(shows_demo(line.row) for line in sheet.lines)
        warning = DEMO_WARNING if has_demo else warning
        add_table(book, _table(sheet, name=_sheet_name(sheet.plan, taken), warning=DEMO_WARNING if has_demo else ""))
    add_notes(book, f"{year}年填报模板填写说明", _notes(year, user, at), warning=warning, name=NOTES_SHEET)
    facts = {"format": FORMAT, "portal": portal_mark(), "region": region.code, "year": str(year)}
    add_hidden_facts(book, FACTS_SHEET, facts)
    return saved(book)


def template_name(plans: Sequence[Plan], year: int) -> str:
    """老河口“十四五”_填报模板_2025年.xlsx, without what Windows refuses in a name."""
    who = plans[0].short_title if len(plans) == 1 else f"{plans[0].region.short_name}{len(plans)}个规划"
    return file_name_of(f"{who}_填报模板_{year}年")


def _sheet_name(plan: Plan, taken: set[str]) -> str:
    """The plan's short title as Excel allows it, once per book."""
    plain = _NOT_IN_A_SHEET_NAME.sub("", plan.short_title).strip("' ") or plan.code
    name = plain[:_LONGEST_SHEET_NAME]
    copies = 1
    while name.lower() in {other.lower() for other in taken}:
        copies += 1
        name = f"{plain[: _LONGEST_SHEET_NAME - 5]}（{copies}）"
    taken.add(name)
    return name


def _table(sheet: Sheet, *, name: str, warning: str) -> Table[Line]:
    plan, year = sheet.plan, sheet.year
    due = f"，{sheet.due_on.year}年{sheet.due_on.month}月{sheet.due_on.day}日截止（北京时间）" if sheet.due_on else ""
    main = [line for line in sheet.lines if line.indicator.origin == Origin.TABLE]
    others = [line for line in sheet.lines if line.indicator.origin != Origin.TABLE]
    return Table(
        name=name,
        heading=f"{plan.title}{year}年填报表",
        lines=[
            f"填报单位：{plan.region.bureau_name}　　数据年度：{year}年　　{sheet.state.label}{due}",
            f"只填浅黄色单元格；空白表示不改。填好后在平台“导入”页上传，核对后才写入。填法见“{NOTES_SHEET}”。",
        ],
        warning=warning,
        columns=entry_columns(sheet),
        blocks=[block for block in (("", main), (OTHERS_HEADING, others)) if block[1]],
    )


def _notes(year: int, user: User, at: datetime) -> list[tuple[str, str]]:
    return [
        ("怎样填", "只填浅黄色单元格，其他单元格已锁定。可以插入列、排序、隐藏行，平台按隐藏的编号认行，不看位置。"),
        (
            "怎样交",
            "保存为 .xlsx，在平台“导入”页上传，看清新增、更改和拒绝的行，再确认写入。导入后仍为草稿，须另行提交审核。",
        ),
        ("空白", "空白表示不改，不是零，也不会删去已填的数据。零请填 0。"),
        (INPUTS["value"], f"{year}年的数，按“单位”列填一个数；可以写 85.6%、全角数字或 1,234。累计类指标填本年数。"),
        (INPUTS["comparator"], "只有“不低于…增速”一类的指标要填：同口径的比较数。"),
        (
            INPUTS["availability"],
            f"没有数据时选{'、'.join(OFFERED['availability'])}之一，清空{INPUTS['value']}，并写说明；有数据的不用选。",
        ),
        (INPUTS["absence_reason"], f"数据情况为“不适用”时选：{'、'.join(OFFERED['absence_reason'])}。"),
        (INPUTS["figure_kind"], "快报或年报；首次填报不选的，按年报。"),
        (INPUTS["judgement"], f"没有数值目标的指标，选{'、'.join(OFFERED['judgement'])}之一。"),
        ("公式", "可以用公式，平台只取其结果，预览中会注明；没有算出结果的公式会被拒绝。"),
        ("本年目标", "后面有“（推算）”的，规划没有单独的当年目标，为按基期到期末的直线推算。"),
        (
            "过期的模板",
            "下载以后别人改过的行，预览中列为“冲突”，两个数都给出，由您选择。过了截止日期或已提交的行不能写入。",
        ),
        ("生成", f"{timezone.localtime(at):%Y-%m-%d %H:%M}（北京时间），{user}"),
    ]
