"""The assessment engine: what is promised, what is reached, and which word is fair for it.

Pure: dataclasses in, dataclasses out; no query, no clock. The rules are DESIGN §4; where it leaves a
choice, the docstring of the function that makes the choice says so. Every kind of indicator has one rule,
found in `_RULES`. The rest of the portal imports from here: the words come from `verdicts`, the formulas
from `paths`.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal

from indicators.figures import Operator, round_half_up
from indicators.paths import (
    HUNDRED,
    ZERO,
    compound_mean_rate,
    expected_value,
    reduction_share,
    share_reached,
    time_share,
    total_reduction,
    trend_forecast,
)
from indicators.tracks import LOGARITHMIC, PLAIN, Case, Scale, Track, decimals_of, printed_value, rounded
from indicators.verdicts import (
    DEFAULT_POLICY,
    VERDICT_LIGHTS,
    VERDICT_WORDS,
    ActualPoint,
    Counted,
    Direction,
    Finding,
    IndicatorFacts,
    Judgement,
    Kind,
    Light,
    Policy,
    Tally,
    TargetPoint,
    Verdict,
    tally,
    tally_sentence,
)

__all__ = [
    "DEFAULT_POLICY",
    "VERDICT_LIGHTS",
    "VERDICT_WORDS",
    "ActualPoint",
    "Counted",
    "Direction",
    "Finding",
    "IndicatorFacts",
    "Judgement",
    "Kind",
    "Light",
    "Policy",
    "Tally",
    "TargetPoint",
    "Verdict",
    "assess",
    "compound_mean_rate",
    "expected_value",
    "reduction_share",
    "share_reached",
    "tally",
    "tally_sentence",
    "time_share",
    "total_reduction",
    "trend_forecast",
]


def assess(facts: IndicatorFacts, *, year: int, policy: Policy = DEFAULT_POLICY, is_due: bool = True) -> Finding:
    """Which verdict the indicator deserves for `year`, with the figures behind it. Never raises on any facts.

    `is_due` says whether the year's figure is already owed (未填报) or not yet (未到期). The final year is
    the year of the last target, even where the plan runs on: afterwards the indicator is judged as staying
    there. Source: DESIGN §4.
    """
    actual = next((point for point in facts.actuals if point.year == year), None)
    case = Case(facts, year, policy, actual or ActualPoint(year, None))
    if year < facts.start_year:
        return case.finding(Verdict.UNJUDGED, f"{year}年早于规划期，不评价。")
    if year <= case.origin:
        return case.finding(Verdict.UNJUDGED, f"{year}年不晚于基期年（{case.origin}年），不评价。")
    if case.actual.is_not_applicable:
        return case.finding(Verdict.UNJUDGED, f"{year}年不适用。")
    if case.actual.is_missing:
        return case.finding(Verdict.UNJUDGED, f"{year}年数据暂缺，原因见说明。")
    if case.actual.value is None and case.actual.judgement is None:
        return case.unreported(is_due=is_due)
    if facts.kind is not Kind.QUALITATIVE and not case.is_judged_by_person and case.actual.value is None:
        return case.unreported(is_due=is_due)
    return _RULES[facts.kind](case)


def _judge_value(case: Case) -> Finding:
    """level, hold, range: the year's own figure against the path, the bound or the nearer end of the range.

    Without a baseline nothing can be said to lag: DESIGN §4 wants it never red, so what falls short is
    暂不评价 (缺基期), in the final year too, with `is_met` False and A/T beside it. Met needs no baseline: a
    reached final target is 提前完成 or 完成. A target of a year before the plan's last is judged in that year.
    """
    targets = tuple(case.targets)
    if case.is_judged_by_person:
        # A printed figure for this very year still decides, even if the final target is in words.
        targets = tuple(point for point in targets if point.year <= case.year)
        if case.actual.value is None or not targets or targets[-1].year != case.year:
            return _judge_by_person(case)
    if not targets or case.actual.value is None:
        return case.finding(Verdict.UNJUDGED, "未设目标值，无从评价。")
    baseline = case.facts.baseline
    start = () if baseline is None else ((case.origin, baseline),)
    known = [(point.year, point.value) for point in case.facts.actuals if case.origin < point.year <= case.year]
    history = (*start, *sorted((at, value) for at, value in dict(known).items() if value is not None))
    return _judge_track(Track(case, case.actual.value, baseline, history, targets))


def _judge_sum(case: Case) -> Finding:
    """cumulative: ΣA of the plan's years against a path that starts at zero. Source: DESIGN §4."""
    parts, gaps = case.parts()
    running = [sum(parts[: count + 1], ZERO) for count in range(len(parts))]
    return _judge_running(case, running, gaps, PLAIN)


def _judge_reduction(case: Case) -> Finding:
    """cumulative_reduction: r = 1 − Π(1 − rᵢ), logarithmic ruler; a yearly figure is positive if reduced."""
    parts, gaps = case.parts()
    bounds = [bound for point in case.targets for bound in (point.value, point.upper) if bound is not None]
    if any(percent >= HUNDRED for percent in (*parts, *bounds)):
        return case.finding(Verdict.UNJUDGED, "降幅达到或超过100%，不能按累计降幅公式评价。")
    running = [total_reduction(parts[: count + 1]) for count in range(len(parts))]
    return _judge_running(case, running, gaps, LOGARITHMIC)


def _judge_running(case: Case, running: list[Decimal], gaps: list[int], scale: Scale) -> Finding:
    """A running total. With a year missing it is incomplete, and absence is never zero.

    Then only a sum that is good enough already keeps its verdict (what is missing could only add to it);
    everything else is 暂不评价. The reason names the missing years.
    """
    if case.is_judged_by_person or not case.targets:
        return _judge_by_person(case)
    if not running:
        return case.finding(Verdict.UNJUDGED, f"缺{_years(gaps)}年实际值，累计值无从计算。")
    start: tuple[int, Decimal] = (case.origin, ZERO)
    points = enumerate(running, start=case.facts.start_year)
    history = () if gaps else (start, *points)
    track = Track(case, running[-1], ZERO, history, tuple(case.targets), scale)
    finding = _judge_track(track)
    if not gaps:
        return finding
    note = f"缺{_years(gaps)}年实际值，累计值不完整。"
    is_certain = case.facts.kind is Kind.CUMULATIVE and case.sign > 0 and finding.light is Light.GREEN
    if is_certain:
        return replace(finding, reason=finding.reason + note)
    return case.finding(Verdict.UNJUDGED, note)


def _judge_rate(case: Case) -> Finding:
    """annual_rate: the compound mean of the years so far against the promised yearly rate; no progress.

    Before the final year k is mean ÷ promised (the baseline of a rate is standing still, 0 %), so that a
    mean slightly too low is 轻度滞后; 提前完成 is never said, as the mean has to hold to the end. With a
    year missing it is 暂不评价.
    """
    parts, gaps = case.parts()
    if case.is_judged_by_person or not case.targets:
        return _judge_by_person(case)
    if gaps:
        return case.finding(Verdict.UNJUDGED, f"缺{_years(gaps)}年增速，年均增速不完整。")
    mean = compound_mean_rate(parts)
    if mean is None:
        return case.finding(Verdict.UNJUDGED, "增速为−100%或更低，年均增速无从计算。")
    return _judge_track(Track(case, mean, ZERO, (), tuple(case.targets), is_flat=True))


def _judge_relative(case: Case) -> Finding:
    """relative: the year's figure against the comparator entered for that year; every year is its own test.

    > and < are strict; without one of the four signs "不低于" is meant, for a downward indicator "不高于".
    """
    value, comparator = case.actual.value, case.actual.comparator
    if value is None:
        return _judge_by_person(case)
    if comparator is None:
        return case.finding(Verdict.UNJUDGED, f"缺对照值（{case.year}年），无从比较。")
    operators = [point.operator for point in sorted(case.facts.targets, key=lambda point: point.year)]
    operator = operators[-1] if operators else Operator.GE
    is_down = operator in (Operator.LE, Operator.LT) or (
        operator not in (Operator.GE, Operator.GT) and case.facts.direction is Direction.DOWN
    )
    margin = comparator - value if is_down else value - comparator
    is_met = margin > 0 or (margin == 0 and operator not in (Operator.GT, Operator.LT))
    words = (Verdict.MET, Verdict.NOT_MET) if case.is_closing else (Verdict.ON_TRACK, Verdict.BEHIND)
    decimals = max(decimals_of(value), decimals_of(comparator), case.actual.decimals)
    told = f"{case.year}年实际值{_text(value, decimals)}，对照值{_text(comparator, decimals)}，"
    finding = case.finding(words[not is_met], told + ("达到要求。" if is_met else "未达到要求。"), is_met=is_met)
    return replace(finding, gap=rounded(margin), expected=rounded(comparator), is_expected_stated=True)


def _judge_by_person(case: Case) -> Finding:
    """qualitative, and targets in words: a person decides, with evidence; the engine only finds the word.

    进行中 claims neither that the work is on its path nor that it lags, so it stays 暂不评价, in the final
    year too.
    """
    judgement = case.actual.judgement
    if judgement is Judgement.MET:
        verdict = Verdict.MET if case.is_closing else Verdict.EARLY
        return case.finding(verdict, f"人工评价：{case.year}年已达到目标。", is_met=True)
    if judgement is Judgement.NOT_MET:
        verdict = Verdict.NOT_MET if case.is_closing else Verdict.BEHIND
        return case.finding(verdict, f"人工评价：{case.year}年未达到目标要求。", is_met=False)
    if judgement is Judgement.IN_PROGRESS:
        return case.finding(Verdict.UNJUDGED, "推进中，由人工评价。", is_met=False)
    if case.facts.kind is not Kind.QUALITATIVE and not case.facts.targets:
        return case.finding(Verdict.UNJUDGED, "未设目标值，无从评价。")
    return case.finding(Verdict.UNJUDGED, "目标为文字表述，由人工评价。")


_RULES: dict[Kind, Callable[[Case], Finding]] = {
    Kind.LEVEL: _judge_value,
    Kind.CUMULATIVE: _judge_sum,
    Kind.CUMULATIVE_REDUCTION: _judge_reduction,
    Kind.ANNUAL_RATE: _judge_rate,
    Kind.HOLD: _judge_value,
    Kind.RANGE: _judge_value,
    Kind.RELATIVE: _judge_relative,
    Kind.QUALITATIVE: _judge_by_person,
}


def _judge_track(track: Track) -> Finding:
    if track.is_stated or track.case.year >= track.final.year:
        verdict, reason = _closing(track)
    elif track.is_hold:
        verdict, reason = _holding(track)
    else:
        verdict, reason = _under_way(track)
    case, target = track.case, track.judged_target
    goal = track.near(track.final)
    has_way = not (track.is_hold or track.is_flat)
    forecast = track.forecast
    return replace(
        case.finding(verdict, reason, is_met=track.meets(target, track.reached)),
        progress=rounded(track.share(goal, track.reached)) if has_way else None,
        expected=rounded(track.expected(case.year)),
        is_expected_stated=track.is_stated,
        comparison=rounded(track.comparison),
        completion_rate=rounded(track.reached / goal) if goal else None,
        needed_per_year=rounded(track.needed_per_year),
        forecast=forecast,
        forecast_verdict=None if forecast is None else track.closing_verdict(track.final, forecast),
        gap=rounded(-track.shortfall(target, track.reached)),
    )


def _closing(track: Track) -> tuple[Verdict, str]:
    """The final words; 回落 instead of 未完成 where the target had been reached and only had to be kept."""
    target = track.target
    verdict = track.closing_verdict(target, track.reached)
    told = f"{_told(track)}，{target.year}年目标{_target_text(track, target)}，"
    if track.meets(target, track.reached):
        early = target is not track.final and not track.is_flat and track.meets(track.final, track.reached)
        also = f"，并已提前达到{track.final.year}年目标" if early and not track.is_hold else ""
        return verdict, told + VERDICT_WORDS[verdict] + also + _slips(track) + "。"
    missing = f"相差{_text(track.shortfall(target, track.reached), track.decimals)}"
    is_kept = track.is_hold or track.case.year > track.final.year or track.near(target) == track.baseline
    slipped = verdict is Verdict.NOT_MET or track.is_hold
    if slipped and is_kept and not track.is_flat and track.was_inside():
        return Verdict.FALLEN_BACK, f"{told}曾经达到，现已回落，{missing}。"
    within = _percent(track.case.policy.nearly_met_within)
    if verdict is Verdict.NEARLY_MET:
        return verdict, f"{told}{missing}，不超过目标的{within}，基本完成。"
    ends_the_plan = target is track.final and target.year >= track.case.facts.end_year
    if track.baseline is None and ends_the_plan and not track.is_hold:
        return Verdict.UNJUDGED, f"缺基期，暂不评价；{_told(track)}，未达到{_held_against(track)}，{missing}。"
    strict = "（约束性指标不设容差）" if track.case.facts.is_binding else ""
    return verdict, f"{told}{missing}，未完成{strict}。"


def _holding(track: Track) -> tuple[Verdict, str]:
    """Before the final year of something to be kept: inside, fallen back, or never yet inside."""
    target = track.target
    told = f"{_told(track)}，应保持{_target_text(track, target)}，"
    short = track.shortfall(target, track.reached)
    if track.meets(target, track.reached):
        return Verdict.ON_TRACK, f"{told}余量{_text(max(-short, ZERO), track.decimals)}{_slips(track)}。"
    missing = _text(short, track.decimals)
    if track.was_inside():
        return Verdict.FALLEN_BACK, f"{told}已回落，相差{missing}。"
    return Verdict.BEHIND, f"{told}尚未达到，相差{missing}。"


def _under_way(track: Track) -> tuple[Verdict, str]:
    """Before the final year, on a way to go: 提前完成, 快于预期, 符合预期, and the lags."""
    told, year, sign, reached = _told(track), track.case.year, track.case.sign, track.reached
    expected, later = track.expected(year), track.expected(year + 1)
    if not track.is_flat and track.meets(track.final, reached):
        return Verdict.EARLY, f"{told}，已达到{track.final.year}年目标{_target_text(track, track.final)}。"
    if expected is None or later is None:
        return Verdict.UNJUDGED, f"缺基期，无法判断进度；{told}，尚未达到{_held_against(track)}。"
    if track.final.is_band and sign * (reached - track.far(track.final)) > 0:
        return Verdict.BEHIND, f"{told}，已越过目标区间{_target_text(track, track.final)}的另一端。"
    if not track.is_flat and sign * (later - expected) > 0 and sign * (reached - later) >= 0:
        return Verdict.AHEAD, f"{told}，已达到路径上{year + 1}年的水平{_text(later, track.decimals)}。"
    short = sign * (expected - reached)
    told = f"{told}，应达{_text(expected, track.decimals)}"
    if short <= 0:
        return Verdict.ON_TRACK, f"{told}，符合预期。"
    if short < track.step:
        return Verdict.ON_TRACK, f"{told}，差距不足一个最小刻度（{track.step:f}），不算滞后。"
    return _lagging(track, told)


def _lagging(track: Track, told: str) -> tuple[Verdict, str]:
    """回落 where the path rests on the baseline, otherwise 轻度滞后 or 滞后 by k."""
    limit, k = track.case.policy.mild_lag_from, track.comparison
    if track.baseline is not None and track.expected(track.case.year) == track.baseline and not track.is_flat:
        return Verdict.FALLEN_BACK, f"{told}，本年路径与基期持平，现低于基期水平，属回落。"
    if k is None:
        return Verdict.BEHIND, f"{told}，滞后。"
    if k < 0:
        start = "零增长" if track.is_flat else f"起点{_text(track.baseline or ZERO, track.decimals)}"
        return Verdict.BEHIND, f"{told}，比{start}还退步，滞后。"
    done = f"{told}，只达到应有变化的{_percent(k)}"
    if k >= limit:
        return Verdict.SLIGHTLY_BEHIND, f"{done}（不低于{_percent(limit)}），轻度滞后。"
    return Verdict.BEHIND, f"{done}（低于{_percent(limit)}），滞后。"


_FIGURE_NAMES = {
    Kind.CUMULATIVE: "累计值",
    Kind.CUMULATIVE_REDUCTION: "累计降幅",
    Kind.ANNUAL_RATE: "年均增速",
}
_SIGNS = {Operator.GE: "≥", Operator.GT: ">", Operator.LE: "≤", Operator.LT: "<", Operator.APPROX: "约"}


def _told(track: Track) -> str:
    name = _FIGURE_NAMES.get(track.case.facts.kind, "实际值")
    return f"{track.case.year}年{name}{_text(track.reached, track.decimals)}"


def _target_text(track: Track, target: TargetPoint) -> str:
    upper = "" if target.upper is None else f"～{_text(target.upper, track.decimals)}"
    return f"{_SIGNS.get(target.operator, '')}{_text(printed_value(target), track.decimals)}{upper}"


def _held_against(track: Track) -> str:
    """The final target, and which share of it is reached where that can be said."""
    goal = track.near(track.final)
    share = f"（为目标的{_percent(track.reached / goal)}）" if goal else ""
    return f"{track.final.year}年目标{_target_text(track, track.final)}{share}"


def _slips(track: Track) -> str:
    """The earlier years in which something to be kept was outside: recovered, but not forgotten."""
    start = track.case.facts.start_year
    years = [at for at, value in track.history[:-1] if at >= start and not track.meets(track.target, value)]
    return f"（{_years(years)}年曾越出）" if years and track.is_hold else ""


def _years(years: Iterable[int]) -> str:
    return "、".join(str(year) for year in years)


def _text(value: Decimal, decimals: int) -> str:
    """A figure for a sentence, at least two decimals where it has them, without trailing zeros."""
    shown = f"{round_half_up(value, max(decimals, 2)):f}"
    return shown.rstrip("0").rstrip(".")


def _percent(share: Decimal) -> str:
    return _text(share * HUNDRED, 1) + "%"
