"""规划主要指标表 and 指标完成情况表 as workbooks, each with a 说明 sheet; the figures are those of the plan's page."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from accounts.models import User
from indicators.figures import format_figure, round_half_up
from indicators.models import LIGHT_WORDS, State
from indicators.queries import PlanTable, Row
from indicators.reassess import policy_of
from indicators.verdicts import VERDICT_LIGHTS, VERDICT_WORDS, Light, tally_sentence
from plans.models import Source
from reports.tables.columns import (
    DEMO_WORD,
    UNAPPROVED_MARK,
    completion_columns,
    main_indicator_columns,
    remark_shown,
    shows_demo,
)
from reports.tables.workbooks import LIGHT_MARKS, Table, add_notes, add_table, new_book, saved

OTHERS_HEADING = "专栏和正文中的量化目标"
DEMO_WARNING = f"含{DEMO_WORD}，不是真实统计"
Notes = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A file that a plan's page offers: its Chinese name, whether it speaks of one year, and how it is made."""

    title: str
    is_yearly: bool
    build: Callable[[PlanTable, User, datetime], bytes]

    def file_name(self, table: PlanTable) -> str:
        """老河口“十四五”_指标完成情况表_2024年.xlsx, without what Windows refuses in a name."""
        parts = [table.plan.short_title, self.title, *([f"{table.year}年"] if self.is_yearly else [])]
        return re.sub(r'[\\/:*?"<>|\x00-\x1f]', "", "_".join(parts)) + ".xlsx"


def main_indicators(table: PlanTable, by: User, at: datetime) -> bytes:
    """规划主要指标表: the plan's indicators with baseline and targets, as printed and in printed order."""
    plan = table.plan
    book = new_book(f"{plan.title} 规划主要指标表")
    add_table(
        book,
        Table(
            name="规划主要指标表",
            heading=f"{plan.title}主要指标",
            lines=[f"编制单位：{plan.region.bureau_name}　　来源：{_source(plan.source)}"],
            warning="",
            columns=main_indicator_columns(table),
            blocks=_blocks(table),
        ),
    )
    notes = [
        *_about_the_plan(table),
        ("数据范围", "规划所载的基期和目标值（现行版本），不含各年实际值。"),
        *_about_the_export(by, at),
        ("目标值", "空缺年度规划没有单独的目标。目标经批准调整的，本表列现行值，调整依据见“备注”。"),
        *_about_the_cells(),
        ("存疑与缺损", "规划原文没有写明、前后不一或文字缺损之处，以及处理办法，见各行“备注”。"),
    ]
    add_notes(book, "说明", notes)
    return saved(book)


def completion(table: PlanTable, by: User, at: datetime) -> bytes:
    """指标完成情况表: the figures up to the data year, what was due, and how each indicator stands."""
    plan, year = table.plan, table.year
    warning = DEMO_WARNING if any(map(shows_demo, table.rows)) else ""
    exported = timezone.localtime(at)
    book = new_book(f"{plan.title} 指标完成情况表 {year}年")
    add_table(
        book,
        Table(
            name="指标完成情况表",
            heading=f"{plan.title}指标完成情况表（{year}年）",
            lines=[
                f"填报单位：{plan.region.bureau_name}　　数据年度：{year}年　　"
                f"数据截至：{exported.year}年{exported.month}月{exported.day}日　　{_state_of_the_figures(table)}",
                _counted(table),
            ],
            warning=warning,
            columns=completion_columns(table),
            blocks=_blocks(table),
        ),
    )
    notes = [
        *_about_the_plan(table),
        ("数据年度", f"{year}年"),
        ("数据状态", _state_of_the_figures(table)),
        *([(DEMO_WORD, f"{DEMO_WARNING}，仅供试用，不得引用；有演示数据的行在“数据状态”列注明。")] if warning else []),
        *_about_the_export(by, at),
        *_about_the_count(table),
        *_about_the_assessment(table),
        *_about_the_cells(),
        *((f"备注 {row.indicator.number}", f"{row.indicator.name}：{remark}") for row, remark in _remarks(table)),
    ]
    add_notes(book, "说明", notes, warning=warning)
    return saved(book)


PLAN_FILES = {
    "main-indicators": PlanFile("规划主要指标表", False, main_indicators),
    "completion": PlanFile("指标完成情况表", True, completion),
}


def _blocks(table: PlanTable) -> list[tuple[str, list[Row]]]:
    return [block for block in (("", table.main), (OTHERS_HEADING, table.others)) if block[1]]


def _remarks(table: PlanTable) -> list[tuple[Row, str]]:
    return [(row, remark) for row in table.rows if (remark := remark_shown(row))]


def _counted(table: PlanTable) -> str:
    where = "指标表" if table.main else "专栏和正文"
    return f"{where}共{table.sentence}"


def _state_of_the_figures(table: PlanTable) -> str:
    figures = [actual for row in table.rows for actual in row.actuals.values() if actual.year <= table.year]
    if not figures:
        return "尚无实际值。"
    open_ones = sum(1 for actual in figures if actual.state != State.APPROVED)
    if not open_ones:
        return "所列实际值均已审核。"
    return f"含未审核的实际值{open_ones}个，数值后带{UNAPPROVED_MARK}；评价只依据已审核的实际值。"


def _about_the_plan(table: PlanTable) -> Notes:
    plan = table.plan
    return [
        ("规划", f"{plan.title}（{plan.start_year}—{plan.end_year}年），{plan.region.name}"),
        ("来源文件", _source(plan.source)),
        *([("来源说明", plan.source.remark)] if plan.source.remark else []),
        *([("规划备注", plan.remark)] if plan.remark else []),
        ("指标范围", f"指标表{len(table.main)}行，{OTHERS_HEADING}{len(table.others)}行（含“其中”行）。"),
    ]


def _source(source: Source) -> str:
    on = source.published_on
    parts = [
        f"《{source.title.replace('《', '〈').replace('》', '〉')}》",
        source.publisher,
        source.document_number,
        f"{on.year}年{on.month}月{on.day}日公开" if on else "公开日期未载明",
        "手头只有节选或解读，指标不一定完整" if source.is_excerpt else "全文",
    ]
    return "，".join(part for part in parts if part)


def _about_the_export(by: User, at: datetime) -> Notes:
    return [("导出时间", f"{timezone.localtime(at):%Y-%m-%d %H:%M}（北京时间）"), ("导出人", str(by))]


def _about_the_count(table: PlanTable) -> Notes:
    counted, rate = table.by_number, table.by_number.met_rate
    met = "没有可评价的指标，不计达标率。"
    if rate is not None:
        met = f"达标率{_percent(rate)}（达到目标的{counted.met}项÷可评价的{counted.assessable}项）。"
    return [
        ("按序号计", _counted(table) + met),
        ("按行计", f"{tally_sentence(table.by_row)}“其中”行单独计数，数据在下级各行的行不计。"),
    ]


def _about_the_assessment(table: PlanTable) -> Notes:
    policy = policy_of(table.plan)
    mild, near = _percent(policy.mild_lag_from), _percent(policy.nearly_met_within)
    return [
        (
            "完成进度",
            "（实际值－基期值）÷（期末目标值－基期值），即承诺的变化已经完成的份额。累计类指标为累计值÷目标值；"
            "累计下降类指标为 ln(1－r)÷ln(1－R)，r为累计降幅，R为目标降幅。"
            "保持类、年均增长类、相对比较类和定性指标，以及缺基期的指标，没有完成进度。",
        ),
        (
            "时间进度",
            "（数据年度－起点年）÷（目标年－起点年）。起点年为基期年；累计类等指标为规划期开始的前一年。",
        ),
        (
            "应达到值",
            "规划载有当年目标的取其值（规划所载）；没有的，从基期经各阶段目标到期末目标按直线推算（按时间进度推算）；"
            "只需保持或目标年已过的取目标值（沿用目标值）；相对比较类取当年录入的比较对象（对照值）。",
        ),
        (
            "完成率",
            "实际值（累计类为累计值）÷期末目标值，不封顶。不考虑起点，越低越好的指标完成率越低越好，不能代替完成进度。",
        ),
        ("各年实际值", "累计类、年均增长类指标为当年数；其余为当年年末或当年水平。"),
        *(
            (f"评价：{LIGHT_MARKS[light][0]} {LIGHT_WORDS[light]}", _words_of(light))
            for light in (Light.GREEN, Light.YELLOW, Light.RED, Light.GREY)
        ),
        ("未到期", "数据年度尚未结束的，未填报或暂时落后的都列为未到期，不评为滞后；已经达到的照列。"),
        (
            "评价界限",
            f"期末之前，进展比＝（实际值－基期值）÷（应达到值－基期值）：达到{mild}而不足100%为轻度滞后，不足{mild}为滞后；"
            "差距不足一个最小印制刻度的不算滞后。目标年：超过目标一个刻度以上为超额完成，达到为完成；"
            f"相差不超过目标的{near}为基本完成（约束性指标不适用），否则为未完成；达到过又跌出的为回落。"
            "数据在下级各行的指标，随其下各行中最差的一行。",
        ),
    ]


def _words_of(light: Light) -> str:
    return "、".join(word for verdict, word in VERDICT_WORDS.items() if VERDICT_LIGHTS[verdict] is light)


def _about_the_cells() -> Notes:
    return [
        (
            "小数与舍入",
            "数值单元格存原值（最多四位小数），按规划印制的小数位显示，填报更细的照填报位数；"
            "推算的应达到值至多多显示两位，百分比显示一位。一律四舍五入，只影响显示。",
        ),
        (
            "符号",
            "“—”为没有数据；“/”“*”等为规划原文所印；“0”是零，不是空缺。"
            "“≥”“>”“≤”“<”“约”是目标的一部分，单元格仍是数值；区间和文字目标为文本。"
            f"数值后“（2022年）”为与表头不同的年份；“{UNAPPROVED_MARK}”为未审核。",
        ),
    ]


def _percent(part: Decimal) -> str:
    return f"{format_figure(round_half_up(part * 100, 1).normalize())}%"
