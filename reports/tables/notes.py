"""What the 说明 of a table says: its plans, when and by whom it was made, how every figure of it is computed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from accounts.models import User
from indicators.figures import format_figure, round_half_up
from indicators.models import LIGHT_WORDS, State
from indicators.queries import PlanTable
from indicators.verdicts import VERDICT_LIGHTS, VERDICT_WORDS, Light, Policy, tally_sentence
from plans.models import Plan, Source
from reports.tables.columns import DEMO_WORD, UNAPPROVED_MARK
from reports.tables.products import Notes
from reports.tables.workbooks import LIGHT_MARKS

OTHERS_HEADING = "专栏和正文中的量化目标"
DEMO_WARNING = f"含{DEMO_WORD}，不是真实统计"


def counting_sentence(table: PlanTable) -> str:
    where = "指标表" if table.main else "专栏和正文"
    return f"{where}共{table.sentence}"


def state_of_the_figures(*tables: PlanTable) -> str:
    figures = [
        actual for table in tables for row in table.rows for actual in row.actuals.values() if actual.year <= table.year
    ]
    if not figures:
        return "尚无实际值。"
    open_ones = sum(1 for actual in figures if actual.state != State.APPROVED)
    if not open_ones:
        return "所列实际值均已审核。"
    return f"含未审核的实际值{open_ones}个，数值后带{UNAPPROVED_MARK}；评价只依据已审核的实际值。"


def about_the_plan(table: PlanTable) -> Notes:
    plan = table.plan
    return [
        ("规划", f"{plan.title}（{plan.start_year}—{plan.end_year}年），{plan.region.name}"),
        ("来源文件", source_said(plan.source)),
        *([("来源说明", plan.source.remark)] if plan.source.remark else []),
        *([("规划备注", plan.remark)] if plan.remark else []),
        ("指标范围", f"指标表{len(table.main)}行，{OTHERS_HEADING}{len(table.others)}行（含“其中”行）。"),
    ]


def about_the_plans(plans: Sequence[Plan]) -> Notes:
    """Each plan with its document, in a line."""
    return [
        (
            f"规划{number}",
            f"{plan.title}（{plan.start_year}—{plan.end_year}年），{plan.region.name}；{source_said(plan.source)}",
        )
        for number, plan in enumerate(plans, start=1)
    ]


def about_demo(warning: str, where: str) -> Notes:
    return [(DEMO_WORD, f"{DEMO_WARNING}，仅供试用，不得引用；{where}")] if warning else []


def source_said(source: Source) -> str:
    on = source.published_on
    parts = [
        f"《{source.title.replace('《', '〈').replace('》', '〉')}》",
        source.publisher,
        source.document_number,
        f"{on.year}年{on.month}月{on.day}日公开" if on else "公开日期未载明",
        "手头只有节选或解读，指标不一定完整" if source.is_excerpt else "全文",
    ]
    return "，".join(part for part in parts if part)


def about_the_export(by: User, at: datetime) -> Notes:
    return [("导出时间", f"{timezone.localtime(at):%Y-%m-%d %H:%M}（北京时间）"), ("导出人", str(by))]


def about_the_count(table: PlanTable) -> Notes:
    counted, rate = table.by_number, table.by_number.met_rate
    met = "没有可评价的指标，不计达标率。"
    if rate is not None:
        met = f"达标率{_percent(rate)}（达到目标的{counted.met}项÷可评价的{counted.assessable}项）。"
    return [
        ("按序号计", counting_sentence(table) + met),
        ("按行计", f"{tally_sentence(table.by_row)}“其中”行单独计数，数据在下级各行的行不计。"),
    ]


def about_the_assessment(policy: Policy) -> Notes:
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


def about_the_cells() -> Notes:
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
