"""How each figure of an assessment came about: numbers in, a sentence with the figures filled in out.

Pure. The arithmetic is the engine's (`assessment`, `tracks`, `paths`); here it is only written down, so that a reader
can redo it with a pocket calculator. The table of cases in `tests/indicators/test_derivations.py` is the specification.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from indicators.figures import format_figure, round_half_up
from indicators.paths import HUNDRED, ZERO, compound_mean_rate, total_reduction
from indicators.tracks import Case, decimals_of, is_numeric, printed_value
from indicators.verdicts import VERDICT_WORDS, ActualPoint, Finding, IndicatorFacts, Kind, Policy, TargetPoint

_LEVELS = (Kind.LEVEL, Kind.RANGE, Kind.HOLD)


@dataclass(frozen=True, slots=True)
class Derivation:
    """One figure: what it is called, what it comes to, and how (empty where nothing is to be computed)."""

    name: str
    value: str
    how: str


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the formulas of one indicator and year are filled with; shares and rates as the engine has them."""

    facts: IndicatorFacts
    finding: Finding
    unit: str
    decimals: int

    @property
    def year(self) -> int:
        return self.finding.year

    @property
    def case(self) -> Case:
        actual = next((point for point in self.facts.actuals if point.year == self.year), None)
        return Case(self.facts, self.year, Policy(), actual or ActualPoint(self.year, None))

    @property
    def targets(self) -> list[TargetPoint]:
        return self.case.targets

    @property
    def parts(self) -> list[Decimal]:
        return self.case.parts()[0]

    @property
    def is_complete(self) -> bool:
        """Whether a running total has every year it needs."""
        return not self.case.parts()[1]

    @property
    def baseline(self) -> Decimal | None:
        return self.facts.baseline if self.facts.kind in _LEVELS else ZERO

    @property
    def reached(self) -> Decimal | None:
        """The figure that is held against the target: the year's own, a sum, a total reduction or a mean rate."""
        kind, parts = self.facts.kind, self.parts
        if kind in (Kind.CUMULATIVE, Kind.CUMULATIVE_REDUCTION, Kind.ANNUAL_RATE) and not parts:
            return None
        if kind is Kind.CUMULATIVE:
            return sum(parts, ZERO)
        if kind is Kind.CUMULATIVE_REDUCTION:
            return total_reduction(parts)
        if kind is Kind.ANNUAL_RATE:
            return compound_mean_rate(parts)
        return self.case.actual.value

    def near(self, target: TargetPoint) -> Decimal:
        return target.upper if self.case.sign < 0 and target.upper is not None else printed_value(target)

    @property
    def goal(self) -> Decimal | None:
        return self.near(self.targets[-1]) if self.targets else None

    @property
    def left(self) -> int:
        """The years from the data year to the final target's."""
        return self.case.final_year - self.year

    # -- how figures are written

    def at(self, value: Decimal) -> str:
        """A figure of the indicator in a formula: with the printed decimals; a negative one in brackets."""
        return _bracketed(format_figure(value, decimals=max(self.decimals, decimals_of(value))))

    def about(self, value: Decimal) -> str:
        """A computed figure: two decimals at most beyond those printed, no trailing zeros beyond them."""
        places = max(self.decimals, 2)
        rounded = round_half_up(value, places)
        return format_figure(rounded, decimals=max(self.decimals, decimals_of(rounded))).replace("-", "−")

    @property
    def change_unit(self) -> str:
        return "个百分点" if self.unit == "%" else self.unit


def derivations(inputs: Inputs) -> list[Derivation]:
    """The figures of the assessment in the order in which they build on one another; only those that exist."""
    found = [make(inputs) for make in _MAKERS]
    return [replace(row, how=_tidy(row.how)) for row in found if row is not None]


def forecast_said(inputs: Inputs) -> str:
    """The forecast as a leader reads it; empty where none is made."""
    finding, points = inputs.finding, _history(inputs)
    if finding.forecast is None or finding.forecast_verdict is None or len(points) < 2:
        return ""
    (first, start), (last, end) = points[0], points[-1]
    ahead = f"到{inputs.case.final_year}年为{inputs.about(finding.forecast)}{inputs.unit}"
    verdict = f"届时评价为“{VERDICT_WORDS[finding.forecast_verdict]}”"
    if inputs.facts.kind is Kind.CUMULATIVE_REDUCTION:
        return f"照{first}年至{last}年的降幅继续，{ahead}，{verdict}。"
    pace = (end - start) / (last - first)
    sign = "增加" if pace > 0 else "减少"
    change = f"每年{sign}{inputs.about(abs(pace))}{inputs.change_unit}" if pace else "没有变化"
    return f"照{first}年至{last}年的平均变化（{change}）继续，{ahead}，{verdict}。"


# ---- One figure each


def _total(inputs: Inputs) -> Derivation | None:
    """The running total or the mean that is held against the target."""
    reached, parts = inputs.reached, inputs.parts
    if reached is None or not inputs.is_complete:
        return None
    if inputs.facts.kind is Kind.CUMULATIVE:
        summed = " + ".join(inputs.at(part) for part in parts)
        how = f"{summed} = {inputs.about(reached)}" if len(parts) > 1 else f"第一年的{summed}"
        return Derivation("累计实际", f"{inputs.about(reached)}{inputs.unit}", how)
    if inputs.facts.kind is Kind.CUMULATIVE_REDUCTION:
        left = " × ".join(f"（1 − {inputs.at(part)}%）" for part in parts)
        return Derivation("累计降幅", f"{inputs.about(reached)}%", f"1 − {left} = {inputs.about(reached)}%")
    if inputs.facts.kind is Kind.ANNUAL_RATE:
        grown = " × ".join(f"（1 + {inputs.at(part)}%）" for part in parts)
        how = f"〔{grown}〕的{len(parts)}次方根 − 1 = {inputs.about(reached)}%"
        return Derivation("年均增速", f"{inputs.about(reached)}%", how)
    return None


def _progress(inputs: Inputs) -> Derivation | None:
    reached, baseline, goal, share = inputs.reached, inputs.baseline, inputs.goal, inputs.finding.progress
    kind = inputs.facts.kind
    if kind is Kind.ANNUAL_RATE:
        return Derivation("完成进度", "—", "年均增长的指标每年都要达到，不计算完成进度。")
    if share is None or reached is None or baseline is None or goal is None:
        why = "缺基期值，不能计算完成进度。" if kind in (Kind.LEVEL, Kind.RANGE) and baseline is None else ""
        if kind is Kind.HOLD or (why == "" and baseline is not None and goal is not None and kind in _LEVELS):
            why = "目标是保持已有水平，没有要走的路，不计算完成进度，只看余量。"
        return Derivation("完成进度", "—", why) if why else None
    if kind is Kind.CUMULATIVE:
        how = f"累计实际 ÷ 累计目标 = {inputs.at(reached)} ÷ {inputs.at(goal)}"
    elif kind is Kind.CUMULATIVE_REDUCTION:
        how = (
            f"ln（1 − 累计降幅）÷ ln（1 − 目标降幅）= ln（1 − {inputs.about(reached)}%）÷ ln（1 − {inputs.at(goal)}%）"
        )
    else:
        how = f"（实际 − 基期）÷（目标 − 基期）= {_share(inputs, reached, goal, baseline)}"
    return Derivation("完成进度", _percent(share), f"{how} = {_percent(share)}")


def _margin(inputs: Inputs) -> Derivation | None:
    """What a figure to be kept, or one held against a comparator, is beyond or short of it."""
    gap, reached = inputs.finding.gap, inputs.reached
    kind = inputs.facts.kind
    bound = inputs.case.actual.comparator if kind is Kind.RELATIVE else inputs.goal
    if kind not in (Kind.HOLD, Kind.RELATIVE) or gap is None or reached is None or bound is None:
        return None
    word = "对照值" if kind is Kind.RELATIVE else "应保持值"
    value = f"{inputs.about(gap)}{inputs.change_unit}"
    if gap == reached - bound:
        return Derivation(
            "余量", value, f"实际 − {word} = {inputs.at(reached)} − {inputs.at(bound)} = {inputs.about(gap)}"
        )
    return Derivation("余量", value, f"{word} − 实际 = {inputs.at(bound)} − {inputs.at(reached)} = {inputs.about(gap)}")


def _time(inputs: Inputs) -> Derivation | None:
    case, share = inputs.case, _percent(inputs.finding.time_progress)
    if inputs.facts.kind is Kind.QUALITATIVE or inputs.facts.kind is Kind.RELATIVE:
        return None
    if inputs.year >= case.final_year:
        return Derivation("时间进度", share, f"已到目标年度（{case.final_year}年）。")
    spans = f"（{inputs.year} − {case.origin}）÷（{case.final_year} − {case.origin}）"
    return Derivation("时间进度", share, f"（数据年度 − 起点年度）÷（目标年度 − 起点年度）= {spans} = {share}")


def _expected(inputs: Inputs) -> Derivation | None:
    expected, case = inputs.finding.expected, inputs.case
    if expected is None:
        return None
    value = f"{inputs.about(expected)}{inputs.unit}"
    if inputs.facts.kind is Kind.RELATIVE:
        return Derivation("应达到", value, f"{inputs.year}年的对照值。")
    if any(point.year == inputs.year for point in inputs.targets):
        return Derivation("应达到", value, f"规划所载{inputs.year}年目标。")
    if inputs.year > case.final_year:
        return Derivation("应达到", value, f"沿用{case.final_year}年目标。")
    if inputs.facts.kind is Kind.ANNUAL_RATE:
        return Derivation("应达到", value, "年均增速每年都应不低于目标。")
    if inputs.finding.progress is None:
        return Derivation("应达到", value, "应保持的目标值。")
    return Derivation("应达到", value, f"{_on_the_path(inputs)} = {inputs.about(expected)}")


def _on_the_path(inputs: Inputs) -> str:
    """The straight line (a reduction: the equal yearly rate) between the two stated points around the year."""
    start = (inputs.case.origin, inputs.baseline or ZERO)
    points = [start, *((point.year, inputs.near(point)) for point in inputs.targets if point.year > inputs.case.origin)]
    (left, low), (right, high) = next((a, b) for a, b in pairwise(points) if inputs.year <= b[0])
    passed, whole = f"{inputs.year} − {left}", f"{right} − {left}"
    if inputs.facts.kind is Kind.CUMULATIVE_REDUCTION:
        power = f"的（{passed}）÷（{whole}）次方"
        if not low:
            return f"1 −（1 − {inputs.at(high)}%）{power}"
        return f"1 −（1 − {inputs.at(low)}%）×〔（1 − {inputs.at(high)}%）÷（1 − {inputs.at(low)}%）〕{power}"
    return f"{inputs.at(low)} +（{inputs.at(high)} − {inputs.at(low)}）×（{passed}）÷（{whole}）"


def _comparison(inputs: Inputs) -> Derivation | None:
    k, reached, expected, baseline = inputs.finding.comparison, inputs.reached, inputs.finding.expected, inputs.baseline
    if k is None or reached is None or expected is None or baseline is None:
        return None
    value = format_figure(round_half_up(k, 2), decimals=2)
    shown = inputs.about(expected)
    if inputs.facts.kind is Kind.CUMULATIVE_REDUCTION:
        how = f"ln（1 − 累计降幅）÷ ln（1 − 应达到）= ln（1 − {inputs.about(reached)}%）÷ ln（1 − {shown}%）"
    elif not baseline:
        how = f"实际 ÷ 应达到 = {inputs.about(reached)} ÷ {shown}"
    else:
        start = inputs.at(baseline)
        how = f"（实际 − 基期）÷（应达到 − 基期）=（{inputs.at(reached)} − {start}）÷（{shown} − {start}）"
    return Derivation("比较系数", value, f"{how} = {value}")


def _rate(inputs: Inputs) -> Derivation | None:
    rate, reached, goal = inputs.finding.completion_rate, inputs.reached, inputs.goal
    if rate is None or reached is None or goal is None:
        return None
    word = {Kind.CUMULATIVE: "累计实际", Kind.CUMULATIVE_REDUCTION: "累计降幅", Kind.ANNUAL_RATE: "年均增速"}
    filled = f"{inputs.about(reached)} ÷ {inputs.at(goal)} = {_percent(rate)}"
    return Derivation("完成率", _percent(rate), f"{word.get(inputs.facts.kind, '实际')} ÷ 期末目标 = {filled}")


def _needed(inputs: Inputs) -> Derivation | None:
    needed, reached, goal = inputs.finding.needed_per_year, inputs.reached, inputs.goal
    if needed is None or reached is None or goal is None or inputs.left <= 0:
        return None
    if inputs.facts.kind is Kind.CUMULATIVE_REDUCTION:
        ratio = f"（1 − {inputs.at(goal)}%）÷（1 − {inputs.about(reached)}%）"
        return Derivation("今后每年需完成", f"{inputs.about(needed)}%", f"1 −〔{ratio}〕的{inputs.left}次方根")
    final = inputs.targets[-1]
    is_beyond = inputs.case.sign * (goal - reached) <= 0
    goal = final.upper if is_beyond and final.is_band and final.upper is not None else goal
    years = f"（{inputs.case.final_year} − {inputs.year}）"
    sign = "+" if needed > 0 else "−"
    value = f"{sign}{inputs.about(abs(needed))}"
    filled = f"（{inputs.at(goal)} − {inputs.about(reached)}）÷{years} = {value}"
    return Derivation("今后每年需完成", f"{value}{inputs.change_unit}", f"（期末目标 − 实际）÷ 剩余年数 = {filled}")


def _forecast(inputs: Inputs) -> Derivation | None:
    forecast, points = inputs.finding.forecast, _history(inputs)
    if forecast is None or len(points) < 2:
        return None
    (first, start), (last, end) = points[0], points[-1]
    value = f"{inputs.about(forecast)}{inputs.unit}"
    if inputs.facts.kind is Kind.CUMULATIVE_REDUCTION:
        power = f"（{inputs.case.final_year} − {first}）÷（{last} − {first}）"
        ahead = 1 - (1 - end / HUNDRED) ** (Decimal(inputs.case.final_year - first) / (last - first))
        how, reached = f"1 −（1 − {inputs.about(end)}%）的{power}次方", ahead * HUNDRED
    else:
        change = f"（{inputs.at(end)} − {inputs.at(start)}）÷（{last} − {first}）"
        how = f"{inputs.at(end)} + {change} ×（{inputs.case.final_year} − {last}）"
        reached = end + (end - start) * (inputs.case.final_year - last) / (last - first)
    if inputs.about(reached) != inputs.about(forecast):
        return Derivation(
            "期末预测", value, f"{how} = {inputs.about(reached)}，超出可能的范围，按{inputs.about(forecast)}计"
        )
    return Derivation("期末预测", value, f"{how} = {inputs.about(forecast)}")


def _history(inputs: Inputs) -> list[tuple[int, Decimal]]:
    """The points of the trend: the first known one (the baseline where there is one) and the latest."""
    origin, facts = inputs.case.origin, inputs.facts
    if facts.kind in (Kind.CUMULATIVE, Kind.CUMULATIVE_REDUCTION):
        reached = inputs.reached
        last = min(inputs.year, facts.end_year)
        return [(origin, ZERO), (last, reached)] if reached is not None and inputs.is_complete else []
    if facts.kind not in _LEVELS or not any(is_numeric(point) for point in facts.targets):
        return []
    start = [] if facts.baseline is None else [(origin, facts.baseline)]
    known = sorted(
        (point.year, point.value)
        for point in facts.actuals
        if point.value is not None and origin < point.year <= inputs.year
    )
    return [*start, *known]


_MAKERS: Sequence[Callable[[Inputs], Derivation | None]] = (
    _total,
    _progress,
    _margin,
    _time,
    _expected,
    _comparison,
    _rate,
    _needed,
    _forecast,
)


def _share(inputs: Inputs, value: Decimal, goal: Decimal, baseline: Decimal) -> str:
    start = inputs.at(baseline)
    return f"（{inputs.at(value)} − {start}）÷（{inputs.at(goal)} − {start}）"


def _percent(share: Decimal) -> str:
    return f"{format_figure(share * HUNDRED, decimals=1)}%"


def _bracketed(text: str) -> str:
    return f"（−{text[1:]}）" if text.startswith("-") else text


def _tidy(how: str) -> str:
    """Full-width brackets bring their own space."""
    return how.replace(" （", "（").replace("） ", "）")
