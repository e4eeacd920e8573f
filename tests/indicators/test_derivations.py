"""How a figure came about, written with its figures: a table of cases per kind, without a database."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from indicators.assessment import assess
from indicators.derivations import Inputs, derivations, forecast_said
from indicators.figures import Operator
from indicators.verdicts import ActualPoint, Direction, IndicatorFacts, Judgement, Kind, TargetPoint


def inputs(
    kind: Kind,
    actuals: dict[int, str],
    targets: dict[int, str],
    *,
    year: int = 2023,
    baseline: str | None = None,
    unit: str = "%",
    decimals: int = 0,
    **more: Any,
) -> Inputs:
    facts = IndicatorFacts(
        kind=kind,
        direction=more.pop("direction", Direction.UP),
        is_binding=False,
        start_year=2021,
        end_year=2025,
        baseline_year=2020 if baseline else None,
        baseline=Decimal(baseline) if baseline else None,
        targets=tuple(TargetPoint(at, Operator.EQ, Decimal(value)) for at, value in targets.items()),
        actuals=tuple(
            ActualPoint(at, Decimal(value), comparator=more.get("comparator")) for at, value in actuals.items()
        ),
        maximum=more.get("maximum"),
    )
    return Inputs(facts, assess(facts, year=year), unit, decimals)


def said(given: Inputs) -> dict[str, tuple[str, str]]:
    return {row.name: (row.value, row.how) for row in derivations(given)}


def test_a_level_on_its_way_up() -> None:
    given = inputs(Kind.LEVEL, {2023: "47"}, {2025: "50"}, baseline="40")
    assert said(given) == {
        "完成进度": ("70.0%", "（实际 − 基期）÷（目标 − 基期）=（47 − 40）÷（50 − 40）= 70.0%"),
        "时间进度": (
            "60.0%",
            "（数据年度 − 起点年度）÷（目标年度 − 起点年度）=（2023 − 2020）÷（2025 − 2020）= 60.0%",
        ),
        "应达到": ("46%", "40 +（50 − 40）×（2023 − 2020）÷（2025 − 2020）= 46"),
        "比较系数": ("1.17", "（实际 − 基期）÷（应达到 − 基期）=（47 − 40）÷（46 − 40）= 1.17"),
        "完成率": ("94.0%", "实际 ÷ 期末目标 = 47 ÷ 50 = 94.0%"),
        "今后每年需完成": ("+1.5个百分点", "（期末目标 − 实际）÷ 剩余年数 =（50 − 47）÷（2025 − 2023）= +1.5"),
        "期末预测": ("51.67%", "47 +（47 − 40）÷（2023 − 2020）×（2025 − 2023）= 51.67"),
    }
    assert forecast_said(given) == (
        "照2020年至2023年的平均变化（每年增加2.33个百分点）继续，到2025年为51.67%，届时评价为“超额完成”。"
    )


@pytest.mark.parametrize(
    ("given", "name", "value", "how"),
    [
        (
            inputs(Kind.LEVEL, {2023: "8"}, {2025: "5"}, baseline="10", direction=Direction.DOWN, unit="件"),
            "今后每年需完成",
            "−1.5件",
            "（期末目标 − 实际）÷ 剩余年数 =（5 − 8）÷（2025 − 2023）= −1.5",
        ),
        (
            inputs(Kind.LEVEL, {2023: "47"}, {2022: "42", 2025: "50"}, baseline="40"),
            "应达到",
            "44.67%",
            "42 +（50 − 42）×（2023 − 2022）÷（2025 − 2022）= 44.67",
        ),
        (
            inputs(Kind.LEVEL, {2023: "47"}, {2023: "46", 2025: "50"}, baseline="40"),
            "应达到",
            "46%",
            "规划所载2023年目标。",
        ),
        (inputs(Kind.LEVEL, {2023: "47"}, {2025: "50"}), "完成进度", "—", "缺基期值，不能计算完成进度。"),
        (
            inputs(Kind.LEVEL, {2023: "95"}, {2025: "100"}, baseline="60", maximum=Decimal(100)),
            "期末预测",
            "100%",
            "95 +（95 − 60）÷（2023 − 2020）×（2025 − 2023）= 118.33，超出可能的范围，按100计",
        ),
        (
            inputs(Kind.LEVEL, {2025: "50"}, {2025: "50"}, baseline="40", year=2025),
            "时间进度",
            "100.0%",
            "已到目标年度（2025年）。",
        ),
        (
            inputs(Kind.LEVEL, {2023: "-2"}, {2025: "5"}, baseline="-5", unit=""),
            "完成进度",
            "30.0%",
            "（实际 − 基期）÷（目标 − 基期）=（（−2）−（−5））÷（5 −（−5））= 30.0%",
        ),
        (
            inputs(Kind.CUMULATIVE, {2021: "12", 2022: "13", 2023: "14.5"}, {2025: "80"}, unit="张"),
            "累计实际",
            "39.5张",
            "12 + 13 + 14.5 = 39.5",
        ),
        (
            inputs(Kind.CUMULATIVE, {2021: "12", 2022: "13", 2023: "14.5"}, {2025: "80"}, unit="张"),
            "完成进度",
            "49.4%",
            "累计实际 ÷ 累计目标 = 39.5 ÷ 80 = 49.4%",
        ),
        (
            inputs(Kind.CUMULATIVE, {2021: "12", 2022: "13", 2023: "14.5"}, {2025: "80"}, unit="张"),
            "比较系数",
            "0.82",
            "实际 ÷ 应达到 = 39.5 ÷ 48 = 0.82",
        ),
        (
            inputs(Kind.CUMULATIVE_REDUCTION, {2021: "2", 2022: "3"}, {2025: "17"}, year=2022),
            "累计降幅",
            "4.94%",
            "1 −（1 − 2%）×（1 − 3%）= 4.94%",
        ),
        (
            inputs(Kind.CUMULATIVE_REDUCTION, {2021: "2", 2022: "3"}, {2025: "17"}, year=2022),
            "完成进度",
            "27.2%",
            "ln（1 − 累计降幅）÷ ln（1 − 目标降幅）= ln（1 − 4.94%）÷ ln（1 − 17%）= 27.2%",
        ),
        (
            inputs(Kind.CUMULATIVE_REDUCTION, {2021: "2", 2022: "3"}, {2025: "17"}, year=2022),
            "应达到",
            "7.18%",
            "1 −（1 − 17%）的（2022 − 2020）÷（2025 − 2020）次方 = 7.18",
        ),
        (
            inputs(Kind.CUMULATIVE_REDUCTION, {2021: "2", 2022: "3"}, {2025: "17"}, year=2022),
            "今后每年需完成",
            "4.42%",
            "1 −〔（1 − 17%）÷（1 − 4.94%）〕的3次方根",
        ),
        (
            inputs(Kind.CUMULATIVE_REDUCTION, {2021: "2", 2022: "3"}, {2025: "17"}, year=2022),
            "期末预测",
            "11.9%",
            "1 −（1 − 4.94%）的（2025 − 2020）÷（2022 − 2020）次方 = 11.9",
        ),
        (
            inputs(Kind.ANNUAL_RATE, {2021: "7", 2022: "6"}, {2025: "6.5"}, year=2022, decimals=1),
            "年均增速",
            "6.5%",
            "〔（1 + 7.0%）×（1 + 6.0%）〕的2次方根 − 1 = 6.5%",
        ),
        (
            inputs(Kind.ANNUAL_RATE, {2021: "7", 2022: "6"}, {2025: "6.5"}, year=2022),
            "完成进度",
            "—",
            "年均增长的指标每年都要达到，不计算完成进度。",
        ),
        (
            inputs(Kind.HOLD, {2023: "99"}, {2025: "100"}, baseline="100"),
            "余量",
            "−1个百分点",
            "实际 − 应保持值 = 99 − 100 = −1",
        ),
        (inputs(Kind.HOLD, {2023: "100"}, {2025: "100"}, baseline="100"), "应达到", "100%", "应保持的目标值。"),
        (
            inputs(Kind.RELATIVE, {2023: "8.2"}, {2025: "0"}, comparator=Decimal("7.9")),
            "余量",
            "0.3个百分点",
            "实际 − 对照值 = 8.2 − 7.9 = 0.3",
        ),
        (
            inputs(Kind.RELATIVE, {2023: "8.2"}, {2025: "0"}, comparator=Decimal("7.9")),
            "应达到",
            "7.9%",
            "2023年的对照值。",
        ),
        (
            inputs(Kind.RANGE, {2023: "33"}, {2025: "35"}, baseline="30"),
            "完成进度",
            "60.0%",
            "（实际 − 基期）÷（目标 − 基期）=（33 − 30）÷（35 − 30）= 60.0%",
        ),
    ],
)
def test_each_figure_says_how_it_came_about(given: Inputs, name: str, value: str, how: str) -> None:
    assert said(given)[name] == (value, how)


def test_what_a_person_judges_has_no_formula() -> None:
    facts = IndicatorFacts(
        kind=Kind.QUALITATIVE,
        direction=Direction.UP,
        is_binding=False,
        start_year=2021,
        end_year=2025,
        baseline_year=None,
        baseline=None,
        targets=(TargetPoint(2025, Operator.TEXT, None),),
        actuals=(ActualPoint(2023, None, judgement=Judgement.MET),),
    )
    given = Inputs(facts, assess(facts, year=2023), "", 0)
    assert (derivations(given), forecast_said(given)) == ([], "")


def test_a_sum_with_a_gap_explains_nothing_it_cannot() -> None:
    given = inputs(Kind.CUMULATIVE, {2021: "12", 2023: "14"}, {2025: "80"}, unit="张")
    assert list(said(given)) == ["时间进度"]
