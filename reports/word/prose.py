"""One paragraph of official prose about one indicator in one year: figures in, Chinese sentences out.

Pure. Every figure is one that the plan's page shows, or the difference of two of them; nothing is judged here, the
verdict comes in as its word. Percentages differ by 个百分点; 增长, 下降, 提高 and 减少 carry no minus sign; a missing
figure is said to be missing. The table of cases in `tests/reports/word/test_prose.py` is the specification.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from indicators.figures import Operator, format_figure, round_half_up
from indicators.tracks import decimals_of
from indicators.verdicts import EXCLUDED, VERDICT_WORDS, Judgement, Kind, Verdict

HUNDRED = Decimal(100)
NO_FIGURE = "未报送数据（以已审核的为准）"
_BOUNDS = {
    Operator.GE: "不低于",
    Operator.GT: "高于",
    Operator.LE: "不高于",
    Operator.LT: "低于",
    Operator.APPROX: "约",
}
_POINTS = {"%": "个百分点", "‰": "个千分点"}
# A name that is itself a rate does not grow, it stands at a figure.
_IS_A_RATE = re.compile(r"增速|增长|增幅|降幅|率$|比例$|占比$|比重$")


@dataclass(frozen=True, slots=True)
class Goal:
    """What is promised for a year."""

    year: int
    operator: Operator
    value: Decimal | None
    upper: Decimal | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of an indicator in a year. Shares are shares (0.8); `value` is the year's own approved figure.

    `total` is what is held against the target: the sum, the whole reduction or the mean rate since the plan began.
    `stated` is the target of this very year where it is not the last one. `gap` is the distance to the target of the
    year (the last one where it has none of its own), and `is_met` whether that is reached, as the engine found.
    """

    name: str
    year: int
    verdict: Verdict
    kind: Kind = Kind.LEVEL
    unit: str = "%"
    decimals: int = 0
    is_down: bool = False
    start_year: int = 2021
    is_running: bool = False
    is_group: bool = False
    value: Decimal | None = None
    total: Decimal | None = None
    gaps: tuple[int, ...] = ()
    baseline: Decimal | None = None
    baseline_year: int | None = None
    goal: Goal | None = None
    stated: Goal | None = None
    progress: Decimal | None = None
    time_progress: Decimal | None = None
    completion_rate: Decimal | None = None
    gap: Decimal | None = None
    is_met: bool | None = None
    comparator: Decimal | None = None
    judgement: Judgement | None = None
    absence: str = ""
    absence_note: str = ""
    ruling: str = ""
    revisions: tuple[str, ...] = ()
    is_demo: bool = False

    # -- how figures are written

    def figure(self, value: Decimal) -> str:
        """As the page writes it: at least the printed decimals, never fewer than it has."""
        return format_figure(value, decimals=max(self.decimals, decimals_of(value))) + self.unit

    def computed(self, value: Decimal) -> str:
        """A sum or a mean: two decimals at most beyond those printed."""
        rounded = round_half_up(value, max(self.decimals, 2))
        return format_figure(rounded, decimals=max(self.decimals, decimals_of(rounded))) + self.unit

    def difference(self, value: Decimal) -> str:
        """A difference without its sign, in 个百分点 where the unit is %."""
        rounded = round_half_up(abs(value), max(self.decimals, min(decimals_of(value), 4)))
        return format_figure(rounded, decimals=max(self.decimals, decimals_of(rounded))) + _POINTS.get(
            self.unit, self.unit
        )

    def promise(self, goal: Goal) -> str:
        """不低于55%, 35%～40%, “应保尽保”."""
        if goal.value is None:
            return f"“{goal.text}”"
        if goal.upper is not None:
            return f"{self.figure(goal.value)}～{self.figure(goal.upper)}"
        return _BOUNDS.get(goal.operator, "") + self.figure(goal.value)

    def aim(self, goal: Goal) -> str:
        """2025年目标（不低于55%）."""
        return f"{goal.year}年目标（{self.promise(goal)}）"

    @property
    def may_be(self) -> str:
        """A figure of a year that is not over is only 预计."""
        return "预计" if self.is_running else ""


def paragraph(told: Told, *, is_named: bool = True) -> str:
    """The whole paragraph: what was reached, how far that is, the verdict, and what else a reader has to know.

    Without the indicator's name where that stands before it.
    """
    sentences = [_figures(told, told.name if is_named else ""), _verdict(told), *told.revisions]
    return "".join(sentences) + ("（演示数据）" if told.is_demo else "")


def percent_said(share: Decimal) -> str:
    """0.8 → 80%, 0.6667 → 66.7%, −0.2 → −20%: one decimal, and none where it is zero."""
    return f"{format_figure(_tenth(share).normalize())}%".replace("-", "−")


def _tenth(share: Decimal) -> Decimal:
    return round_half_up(share * HUNDRED, 1)


# ---- The figures


def _figures(told: Told, name: str) -> str:
    lead = f"{told.year}年，{name}" if name else f"{told.year}年"
    if told.is_group:
        return f"{name}的数据见其下各行。" if name else "数据见其下各行。"
    if told.absence:
        because = f"：{told.absence_note.rstrip('。')}" if told.absence_note else ""
        return f"{lead}数据{told.absence}{because}。"
    if told.value is None and told.judgement is None:
        if told.is_running:
            return f"{told.year}年尚未结束，{name}未报送数据。"
        return f"{lead}{NO_FIGURE}。"
    clauses = [clause for clause in _CLAUSES[told.kind](told) if clause]
    return f"{lead}{'，'.join(clauses)}。"


def _level(told: Told) -> list[str]:
    """Where it stands, from where it came, how far that is."""
    if told.value is None:
        return _by_person(told)
    return [_reached(told, told.value), _since_baseline(told, told.value), *_way(told)]


def _reached(told: Told, value: Decimal) -> str:
    moved = None if told.baseline is None else value - told.baseline
    verb = "为"
    if moved is not None and moved and (moved < 0) == told.is_down:
        verb = "降至" if told.is_down else "达到"
    return f"{told.may_be}{verb}{told.figure(value)}"


def _since_baseline(told: Told, value: Decimal) -> str:
    if told.baseline is None or told.baseline_year is None:
        return ""
    moved = value - told.baseline
    if not moved:
        return f"与{told.baseline_year}年持平"
    more, less = ("提高", "下降") if told.unit in _POINTS else ("增加", "减少")
    return f"比{told.baseline_year}年{more if moved > 0 else less}{told.difference(moved)}"


def _sum(told: Told) -> list[str]:
    if told.value is None:
        return _by_person(told)
    own = f"{told.may_be}完成{told.figure(told.value)}"
    if told.gaps or told.total is None:
        return [own, _gaps(told)]
    return [own, f"{told.start_year}年以来累计完成{told.computed(told.total)}", *_way(told)]


def _reduction(told: Told) -> list[str]:
    if told.value is None:
        return _by_person(told)
    own = told.may_be + _moved(told, -told.value, zero="与上年持平")
    if told.gaps or told.total is None:
        return [own, _gaps(told)]
    total = _moved(told, -told.total, zero="与规划期初持平", prefix="累计", is_computed=True)
    return [own, f"{told.start_year}年以来{total}", *_way(told)]


def _rate(told: Told) -> list[str]:
    if told.value is None:
        return _by_person(told)
    own = told.may_be + _grown(told, told.value)
    if told.gaps or told.total is None:
        return [own, _gaps(told)]
    mean = _grown(told, told.total, prefix="年均", is_computed=True)
    return [own, f"{told.start_year}年以来{mean}", _margin(told, to="规划要求")]


def _relative(told: Told) -> list[str]:
    if told.value is None:
        return _by_person(told)
    own = f"{told.may_be}为{told.figure(told.value)}"
    if told.comparator is None:
        return [own, f"缺{told.year}年对照值，无从比较"]
    apart = told.value - told.comparator
    compared = f"{'高' if apart > 0 else '低'}{told.difference(apart)}" if apart else "两者持平"
    wanted = f"{'达到' if told.is_met else '未达到'}规划要求" + (f"（{told.promise(told.goal)}）" if told.goal else "")
    return [own, f"对照值为{told.figure(told.comparator)}", compared, wanted]


def _by_person(told: Told) -> list[str]:
    """A target in words: what a person found, or that nobody has."""
    wanted = f"规划目标（{told.promise(told.goal)}）" if told.goal else "规划目标"
    said = {
        Judgement.MET: f"{told.may_be}达到{wanted}",
        Judgement.NOT_MET: f"未达到{wanted}",
        Judgement.IN_PROGRESS: f"正在推进，尚未达到{wanted}",
    }
    if told.judgement is None:
        shown = "" if told.value is None else f"{told.may_be}为{told.figure(told.value)}"
        return [shown, f"{wanted}由人评价，尚无结论"]
    return [said[told.judgement]]


_CLAUSES: dict[Kind, Callable[[Told], list[str]]] = {
    Kind.LEVEL: _level,
    Kind.RANGE: _level,
    Kind.HOLD: _level,
    Kind.CUMULATIVE: _sum,
    Kind.CUMULATIVE_REDUCTION: _reduction,
    Kind.ANNUAL_RATE: _rate,
    Kind.RELATIVE: _relative,
    Kind.QUALITATIVE: _by_person,
}


def _gaps(told: Told) -> str:
    years = "、".join(map(str, told.gaps))
    return f"缺{years}年数据，累计值不完整" if years else "累计值无从计算"


def _moved(told: Told, change: Decimal, *, zero: str, prefix: str = "", is_computed: bool = False) -> str:
    """下降3.2%, 上升1.2%: a change in %, without a minus sign."""
    if not change:
        return zero
    shown = told.computed(abs(change)) if is_computed else told.figure(abs(change))
    return f"{prefix}{'上升' if change > 0 else '下降'}{shown}"


def _grown(told: Told, rate: Decimal, *, prefix: str = "", is_computed: bool = False) -> str:
    """增长8.3%, 下降2.1%; 为8.3% where the indicator is itself a rate."""
    shown = told.computed if is_computed else told.figure
    if _IS_A_RATE.search(told.name):
        return f"{prefix}为{shown(rate)}".replace("-", "−")
    return f"{prefix}{'下降' if rate < 0 else '增长'}{shown(abs(rate))}"


# ---- How far that is


def _way(told: Told) -> list[str]:
    if told.verdict in EXCLUDED:
        return []
    if told.goal is None:
        return ["规划未设目标值"]
    if told.goal.value is None:
        return [f"规划目标为{told.promise(told.goal)}，由人评价"]
    if told.progress is not None:
        return [_share_done(told, told.progress), _against_time(told, told.progress), _at_the_target(told, told.goal)]
    if told.kind in (Kind.LEVEL, Kind.RANGE) and told.baseline is None:
        return _without_baseline(told, told.goal)
    return [_margin(told, to="规划要求")]


def _share_done(told: Told, progress: Decimal) -> str:
    if progress < 0:
        return f"与规划方向相反，完成进度为{percent_said(progress)}"
    aim = ""
    if told.kind in (Kind.CUMULATIVE, Kind.CUMULATIVE_REDUCTION) and told.goal:
        word = "累计下降" if told.kind is Kind.CUMULATIVE_REDUCTION else ""
        aim = f"（{word}{told.promise(told.goal)}）"
    return f"完成规划目标{aim}的{percent_said(progress)}"


def _against_time(told: Told, progress: Decimal) -> str:
    """The difference of the two shares as they are printed, so that a reader who subtracts comes to the same."""
    if told.time_progress is None or told.time_progress >= 1 or told.is_running:
        return ""
    ahead = _tenth(progress) - _tenth(told.time_progress)
    if not ahead:
        return "与时间进度持平"
    points = format_figure(abs(ahead).normalize())
    return f"{'快于' if ahead > 0 else '慢于'}时间进度{points}个百分点"


def _at_the_target(told: Told, final: Goal) -> str:
    """The target that falls due in the year, or the last one where it is reached before its time."""
    if told.verdict is Verdict.EARLY:
        return f"提前达到{told.aim(final)}"
    due = final if told.year >= final.year else told.stated
    if due is None or told.gap is None:
        return ""
    if told.verdict is Verdict.EXCEEDED:
        return f"超过{told.aim(due)}"
    if told.is_met:
        return f"达到{told.aim(due)}"
    return f"距{told.aim(due)}还差{told.difference(told.gap)}"


def _without_baseline(told: Told, goal: Goal) -> list[str]:
    said = ["规划未载明基期值，不计算完成进度"]
    if told.is_met:
        return [*said, f"已达到{told.aim(told.stated or goal)}"]
    if told.completion_rate is not None and not told.is_down and told.stated is None:
        return [*said, f"为{told.aim(goal)}的{percent_said(told.completion_rate)}"]
    return [*said, f"尚未达到{told.aim(told.stated or goal)}"]


def _margin(told: Told, *, to: str) -> str:
    """What is to be kept, or reached anew every year: inside or outside, and by how much."""
    if told.goal is None or told.goal.value is None or told.gap is None:
        return ""
    wanted = f"{to}（{told.promise(told.goal)}）"
    if told.is_met:
        return f"符合{wanted}"
    return f"未达到{wanted}，相差{told.difference(told.gap)}"


# ---- The verdict


def _verdict(told: Told) -> str:
    if told.ruling:
        return told.ruling
    if told.verdict is Verdict.NOT_DUE:
        return "年度尚未结束，不作评价。"
    if told.verdict is Verdict.UNJUDGED:
        return "暂不评价。"
    return f"评价为“{VERDICT_WORDS[told.verdict]}”。"
