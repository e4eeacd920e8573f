"""One indicator in official prose: the table of cases is the specification."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from indicators.figures import Operator
from indicators.verdicts import Judgement, Kind, Verdict
from reports.word.prose import Goal, Told, paragraph, percent_said

D = Decimal
EQUAL, AT_LEAST, ABOVE, AT_MOST = Operator.EQ, Operator.GE, Operator.GT, Operator.LE
BEDS = Told(
    name="床位占比",
    year=2023,
    verdict=Verdict.AHEAD,
    value=D(48),
    baseline=D(40),
    baseline_year=2020,
    goal=Goal(2025, EQUAL, D(50)),
    progress=D("0.8"),
    time_progress=D("0.6"),
    gap=D(-2),
    is_met=False,
)


def said(told: Told = BEDS, **changes: Any) -> str:
    return paragraph(replace(told, **changes))


def test_a_share_that_is_ahead_is_told_as_officials_tell_it() -> None:
    assert said(name="养老机构护理型床位占比") == (
        "2023年，养老机构护理型床位占比达到48%，比2020年提高8个百分点，完成规划目标的80%，快于时间进度20个百分点。"
        "评价为“快于预期”。"
    )


COUNT = replace(BEDS, name="养老床位数", unit="张", value=D(1250), baseline=D(1000), goal=Goal(2025, AT_LEAST, D(1500)))
COUNT = replace(COUNT, progress=D("0.5"), verdict=Verdict.SLIGHTLY_BEHIND, gap=D(-250))
LESS = replace(BEDS, name="事故数", unit="件", is_down=True, value=D(6), baseline=D(10), goal=Goal(2025, AT_MOST, D(5)))
SUM = replace(
    BEDS,
    name="适老化改造户数",
    unit="户",
    kind=Kind.CUMULATIVE,
    value=D(90),
    total=D(330),
    baseline=None,
    goal=Goal(2025, AT_LEAST, D(400)),
    progress=D("0.825"),
)
CUT = replace(SUM, name="能耗", unit="%", kind=Kind.CUMULATIVE_REDUCTION, value=D("3.2"), total=D("9.1049"), decimals=1)
CUT = replace(CUT, goal=Goal(2025, EQUAL, D(15)), progress=D("0.5873"), verdict=Verdict.SLIGHTLY_BEHIND)
RATE = replace(
    BEDS,
    name="社会捐赠额",
    kind=Kind.ANNUAL_RATE,
    value=D("8.3"),
    total=D("7.9"),
    baseline=None,
    progress=None,
    goal=Goal(2025, AT_LEAST, D(7)),
    gap=D("0.9"),
    is_met=True,
    verdict=Verdict.ON_TRACK,
)
KEPT = replace(BEDS, name="补贴覆盖率", kind=Kind.HOLD, value=D(100), baseline=D(100), progress=None)
KEPT = replace(KEPT, goal=Goal(2025, EQUAL, D(100)), gap=D(0), is_met=True, verdict=Verdict.ON_TRACK)
OTHERS = replace(
    BEDS,
    name="低保标准增速",
    kind=Kind.RELATIVE,
    decimals=1,
    value=D("5.4"),
    comparator=D("5.0"),
    baseline=None,
    progress=None,
    gap=D("0.4"),
    is_met=True,
    goal=Goal(2025, Operator.TEXT, None, text="不低于居民消费支出增速"),
    verdict=Verdict.ON_TRACK,
)
WORDS = replace(OTHERS, name="一刻钟养老服务圈", kind=Kind.QUALITATIVE, unit="", value=None, comparator=None)
WORDS = replace(WORDS, goal=Goal(2025, Operator.TEXT, None, text="基本建成"))
NO_BASE = replace(BEDS, baseline=None, baseline_year=None, progress=None, completion_rate=D("0.96"))
NO_BASE = replace(NO_BASE, verdict=Verdict.UNJUDGED)
LAST = replace(BEDS, year=2025, time_progress=D(1))


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        # levels
        (COUNT, "养老床位数达到1250张，比2020年增加250张，完成规划目标的50%，慢于时间进度10个百分点"),
        (LESS, "事故数降至6件，比2020年减少4件，完成规划目标的80%，快于时间进度20个百分点"),
        (
            replace(LESS, value=D(11), progress=D("-0.2")),
            "事故数为11件，比2020年增加1件，与规划方向相反，完成进度为−20%，慢于时间进度80个百分点",
        ),
        (
            replace(BEDS, value=D(38), progress=D("-0.2")),
            "床位占比为38%，比2020年下降2个百分点，与规划方向相反，完成进度为−20%，慢于时间进度80个百分点",
        ),
        (
            replace(BEDS, value=D(40), progress=D(0)),
            "床位占比为40%，与2020年持平，完成规划目标的0%，慢于时间进度60个百分点",
        ),
        (
            replace(BEDS, value=D(0), baseline=D(0), progress=D(0)),
            "床位占比为0%，与2020年持平，完成规划目标的0%，慢于时间进度60个百分点",
        ),
        (
            replace(BEDS, value=D("45.44"), decimals=2, baseline=D(40), progress=D("0.544")),
            "床位占比达到45.44%，比2020年提高5.44个百分点，完成规划目标的54.4%，慢于时间进度5.6个百分点",
        ),
        (replace(BEDS, progress=D("0.6")), "床位占比达到48%，比2020年提高8个百分点，完成规划目标的60%，与时间进度持平"),
        (
            replace(BEDS, name="出生缺陷率", unit="‰", is_down=True, value=D(39)),
            "出生缺陷率降至39‰，比2020年下降1个千分点，完成规划目标的80%，快于时间进度20个百分点",
        ),
        # the two shares are subtracted as they are printed
        (
            replace(BEDS, progress=D("0.6667"), time_progress=D("0.3333")),
            "床位占比达到48%，比2020年提高8个百分点，完成规划目标的66.7%，快于时间进度33.4个百分点",
        ),
        # targets reached and missed
        (
            replace(BEDS, value=D(52), progress=D("1.2"), verdict=Verdict.EARLY),
            (
                "床位占比达到52%，比2020年提高12个百分点，完成规划目标的120%，"
                "快于时间进度60个百分点，提前达到2025年目标（50%）"
            ),
        ),
        (LAST, "床位占比达到48%，比2020年提高8个百分点，完成规划目标的80%，距2025年目标（50%）还差2个百分点"),
        (
            replace(LAST, value=D(50), progress=D(1), gap=D(0), is_met=True, verdict=Verdict.MET),
            "床位占比达到50%，比2020年提高10个百分点，完成规划目标的100%，达到2025年目标（50%）",
        ),
        (
            replace(LAST, value=D(60), progress=D(2), gap=D(10), is_met=True, verdict=Verdict.EXCEEDED),
            "床位占比达到60%，比2020年提高20个百分点，完成规划目标的200%，超过2025年目标（50%）",
        ),
        (
            replace(BEDS, stated=Goal(2023, AT_LEAST, D(47)), gap=D(1), is_met=True, verdict=Verdict.MET),
            (
                "床位占比达到48%，比2020年提高8个百分点，完成规划目标的80%，"
                "快于时间进度20个百分点，达到2023年目标（不低于47%）"
            ),
        ),
        # a strict bound that is only touched is not met
        (
            replace(NO_BASE, goal=Goal(2025, ABOVE, D(48)), gap=D(0), completion_rate=D(1)),
            "床位占比为48%，规划未载明基期值，不计算完成进度，为2025年目标（高于48%）的100%",
        ),
        # without a baseline
        (NO_BASE, "床位占比为48%，规划未载明基期值，不计算完成进度，为2025年目标（50%）的96%"),
        (
            replace(NO_BASE, is_met=True, gap=D(0)),
            "床位占比为48%，规划未载明基期值，不计算完成进度，已达到2025年目标（50%）",
        ),
        (replace(NO_BASE, is_down=True), "床位占比为48%，规划未载明基期值，不计算完成进度，尚未达到2025年目标（50%）"),
        # without a target, with one in words, with a range
        (replace(BEDS, goal=None, progress=None), "床位占比达到48%，比2020年提高8个百分点，规划未设目标值"),
        (
            replace(BEDS, goal=Goal(2025, Operator.TEXT, None, text="全覆盖"), progress=None),
            "床位占比达到48%，比2020年提高8个百分点，规划目标为“全覆盖”，由人评价",
        ),
        (
            replace(LAST, goal=Goal(2025, Operator.RANGE, D(50), D(55))),
            ("床位占比达到48%，比2020年提高8个百分点，完成规划目标的80%，距2025年目标（50%～55%）还差2个百分点"),
        ),
        # what adds up
        (
            SUM,
            (
                "适老化改造户数完成90户，2021年以来累计完成330户，"
                "完成规划目标（不低于400户）的82.5%，快于时间进度22.5个百分点"
            ),
        ),
        (
            replace(SUM, value=D(0), total=D(240), progress=D("0.6")),
            ("适老化改造户数完成0户，2021年以来累计完成240户，完成规划目标（不低于400户）的60%，与时间进度持平"),
        ),
        (replace(SUM, gaps=(2021, 2022), total=None), "适老化改造户数完成90户，缺2021、2022年数据，累计值不完整"),
        (CUT, ("能耗下降3.2%，2021年以来累计下降9.1%，完成规划目标（累计下降15.0%）的58.7%，慢于时间进度1.3个百分点")),
        (
            replace(CUT, value=D("-1.2"), total=D("-0.5"), progress=D("-0.03")),
            "能耗上升1.2%，2021年以来累计上升0.5%，与规划方向相反，完成进度为−3%，慢于时间进度63个百分点",
        ),
        (
            replace(CUT, value=D(0)),
            ("能耗与上年持平，2021年以来累计下降9.1%，完成规划目标（累计下降15.0%）的58.7%，慢于时间进度1.3个百分点"),
        ),
        # yearly growth
        (RATE, "社会捐赠额增长8.3%，2021年以来年均增长7.9%，符合规划要求（不低于7%）"),
        (
            replace(RATE, value=D("-2.1"), total=D("5.5"), gap=D("-1.5"), is_met=False),
            "社会捐赠额下降2.1%，2021年以来年均增长5.5%，未达到规划要求（不低于7%），相差1.5个百分点",
        ),
        (replace(RATE, name="低保标准增速"), "低保标准增速为8.3%，2021年以来年均为7.9%，符合规划要求（不低于7%）"),
        (replace(RATE, gaps=(2022,), total=None), "社会捐赠额增长8.3%，缺2022年数据，累计值不完整"),
        # to be kept
        (KEPT, "补贴覆盖率为100%，与2020年持平，符合规划要求（100%）"),
        (
            replace(KEPT, value=D(98), gap=D(-2), is_met=False, verdict=Verdict.FALLEN_BACK),
            "补贴覆盖率为98%，比2020年下降2个百分点，未达到规划要求（100%），相差2个百分点",
        ),
        # against a comparator
        (OTHERS, "低保标准增速为5.4%，对照值为5.0%，高0.4个百分点，达到规划要求（“不低于居民消费支出增速”）"),
        (
            replace(OTHERS, value=D("4.4"), is_met=False),
            "低保标准增速为4.4%，对照值为5.0%，低0.6个百分点，未达到规划要求（“不低于居民消费支出增速”）",
        ),
        (
            replace(OTHERS, value=D(5)),
            "低保标准增速为5.0%，对照值为5.0%，两者持平，达到规划要求（“不低于居民消费支出增速”）",
        ),
        (replace(OTHERS, comparator=None), "低保标准增速为5.4%，缺2023年对照值，无从比较"),
        # in words
        (replace(WORDS, judgement=Judgement.MET), "一刻钟养老服务圈达到规划目标（“基本建成”）"),
        (replace(WORDS, judgement=Judgement.IN_PROGRESS), "一刻钟养老服务圈正在推进，尚未达到规划目标（“基本建成”）"),
        (replace(WORDS, judgement=Judgement.NOT_MET), "一刻钟养老服务圈未达到规划目标（“基本建成”）"),
        # a year that is not over
        (replace(BEDS, is_running=True), "床位占比预计达到48%，比2020年提高8个百分点，完成规划目标的80%"),
        # no figure
        (replace(BEDS, value=None), "床位占比未报送数据（以已审核的为准）"),
        (replace(BEDS, value=None, absence="暂缺", absence_note="系统迁移。"), "床位占比数据暂缺：系统迁移"),
        (replace(BEDS, value=None, absence="不适用（职能划转）"), "床位占比数据不适用（职能划转）"),
        # taken out of the assessment: no progress is told
        (replace(BEDS, verdict=Verdict.TRANSFERRED), "床位占比达到48%，比2020年提高8个百分点"),
    ],
)
def test_the_figures_are_told(told: Told, expected: str) -> None:
    assert paragraph(told).split("。")[0] == f"{told.year}年，{expected}"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"verdict": Verdict.BEHIND}, "评价为“滞后”。"),
        ({"verdict": Verdict.UNJUDGED}, "暂不评价。"),
        ({"verdict": Verdict.NOT_DUE, "is_running": True}, "年度尚未结束，不作评价。"),
        (
            {"ruling": "经人工评价为“符合预期”（理由：通报认定），系统评价为“滞后”。"},
            "经人工评价为“符合预期”（理由：通报认定），系统评价为“滞后”。",
        ),
        (
            {"revisions": ("2025年目标已调整为55%（老民〔2024〕1号，省下达新任务）。",)},
            "评价为“快于预期”。2025年目标已调整为55%（老民〔2024〕1号，省下达新任务）。",
        ),
        ({"is_demo": True}, "评价为“快于预期”。（演示数据）"),
    ],
)
def test_the_verdict_and_what_a_reader_has_to_know_follow(changes: dict[str, Any], expected: str) -> None:
    assert said(**changes).split("。", 1)[1] == expected


def test_a_row_reported_in_the_rows_below_says_so() -> None:
    assert said(is_group=True) == "床位占比的数据见其下各行。评价为“快于预期”。"


def test_a_year_under_way_without_a_figure_is_not_called_late() -> None:
    told = replace(BEDS, value=None, is_running=True, verdict=Verdict.NOT_DUE)
    assert paragraph(told) == "2023年尚未结束，床位占比未报送数据。年度尚未结束，不作评价。"


def test_the_name_can_stand_before_the_paragraph() -> None:
    assert paragraph(BEDS, is_named=False).startswith("2023年达到48%，比2020年")


@pytest.mark.parametrize(
    ("share", "expected"), [("0.8", "80%"), ("0.66666", "66.7%"), ("0.0005", "0.1%"), ("-0.2", "−20%"), ("1", "100%")]
)
def test_a_share_is_said_with_one_decimal_at_most(share: str, expected: str) -> None:
    assert percent_said(D(share)) == expected
