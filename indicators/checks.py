"""What is asked of a figure before it is passed on: 强制性 refuses it, 核实性 asks for a written 说明."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from indicators.assessment import assess
from indicators.figures import FigureError, format_figure, parse_actual
from indicators.models import AbsenceReason, Actual, Availability, Indicator, Target, targets_in_force
from indicators.parts import Parts
from indicators.reassess import facts_of, policy_of
from indicators.tracks import decimals_of
from indicators.verdicts import VERDICT_WORDS, Direction, Finding, Kind, Light, Verdict

FAR_BEYOND = Decimal("1.2")  # a level this many times its target is asked about


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding of the checks, for the person who entered the figure; `about` names the row it is about."""

    said: str
    is_hard: bool
    about: str = ""

    @property
    def message(self) -> str:
        """The sentence where it stands apart from its row."""
        return f"{self.about}：{self.said}" if self.about else self.said


@dataclass(frozen=True, slots=True)
class Candidate:
    """A figure about to be passed on, with what it is compared to."""

    indicator: Indicator
    actual: Actual
    previous: Actual | None
    finding: Finding
    is_judged_by_person: bool

    @property
    def name(self) -> str:
        number = self.indicator.number
        return f"第{number}项“{self.indicator.name}”" if number[0].isdigit() else f"{number}“{self.indicator.name}”"

    def text(self, value: Decimal) -> str:
        return format_figure(value.normalize()) + self.indicator.unit


def _is_there(case: Candidate) -> str:
    if case.actual.availability == Availability.UNREPORTED:
        return "尚未填写。没有数据请选“暂缺”或“不适用”并说明原因。"
    needs_words = case.actual.absence_reason in ("", AbsenceReason.OTHER)
    if case.actual.availability != Availability.REPORTED and needs_words and not case.actual.note:
        return f"{case.actual.absence_shown}，请在说明中写明原因。"
    return ""


def _has_what_its_kind_needs(case: Candidate) -> str:
    if case.actual.availability != Availability.REPORTED:
        return ""
    if case.indicator.kind == Kind.RELATIVE and case.actual.comparator is None:
        return "要与对照值比较，请填写本年度的对照值。"
    if case.indicator.kind == Kind.QUALITATIVE and not case.actual.judgement:
        return "为定性指标，请选择定性结论。"
    if case.is_judged_by_person and not case.actual.judgement and case.actual.value is None:
        return "目标为文字表述，请填写数值或选择定性结论。"
    if not case.is_judged_by_person and case.actual.value is None:
        return "有数值目标，请填写数值。"
    return ""


def _is_within_hard_bounds(case: Candidate) -> str:
    value, low, high = case.actual.value, case.indicator.hard_minimum, case.indicator.hard_maximum
    if value is None or ((low is None or value >= low) and (high is None or value <= high)):
        return ""
    if low is not None and high is not None:
        bounds = f"{format_figure(low.normalize())}～{format_figure(high.normalize())}"
    else:
        bounds = (
            f"不低于{case.text(low)}" if low is not None else f"不高于{case.text(high)}" if high is not None else ""
        )
    hint = "是否少了小数点？" if high is not None and value > high else ""
    return f"应为{bounds}，现为{format_figure(value.normalize())}。{hint}"


def _reads_as_meant(case: Candidate) -> str:
    try:
        return parse_actual(case.actual.text, unit=case.indicator.unit).question
    except FigureError:
        return ""


def _changes_within_limit(case: Candidate) -> str:
    limit, value = case.indicator.change_limit, case.actual.value
    before = case.previous.value if case.previous else None
    if limit is None or value is None or not before:
        return ""
    change = abs(value - before) / abs(before) * 100
    if change <= limit:
        return ""
    return (
        f"比上年（{case.text(before)}）变动{format_figure(change, decimals=1)}%，"
        f"超过{format_figure(limit.normalize())}%。"
    )


def parts_of(actual: Actual) -> Parts | None:
    """A figure's own parts, as they were entered; None where there are none or the dictionary names none any more."""
    if actual.numerator is None or actual.denominator is None or actual.value is None:
        return None
    indicator = actual.indicator
    factor = indicator.metric.parts_factor if indicator.metric else None
    if factor is None:
        return None
    decimals = max(indicator.decimals, decimals_of(actual.value))
    return Parts(actual.numerator, actual.denominator, factor, actual.value, decimals)


def _agrees_with_its_parts(case: Candidate) -> str:
    parts = parts_of(case.actual)
    return parts.doubt if parts else ""


def _keeps_to_the_path(case: Candidate) -> str:
    if case.finding.light == Light.RED or (
        case.finding.light == Light.YELLOW
        and (case.indicator.is_binding or case.finding.verdict == Verdict.SLIGHTLY_BEHIND)
    ):
        who = "约束性指标" if case.indicator.is_binding else "指标"
        return f"按此数据{who}评价为“{VERDICT_WORDS[case.finding.verdict]}”。{case.finding.reason}"
    return ""


def _is_not_far_beyond(case: Candidate) -> str:
    rate = case.finding.completion_rate
    if case.indicator.kind == Kind.LEVEL and case.indicator.direction == Direction.UP and rate and rate > FAR_BEYOND:
        return f"达到目标值的{format_figure(rate * 100, decimals=1)}%，明显超出目标。"
    return ""


HARD: Sequence[Callable[[Candidate], str]] = (_is_there, _has_what_its_kind_needs, _is_within_hard_bounds)
QUERIES: Sequence[Callable[[Candidate], str]] = (
    _reads_as_meant,
    _agrees_with_its_parts,
    _changes_within_limit,
    _keeps_to_the_path,
    _is_not_far_beyond,
)


def candidate(actual: Actual, *, targets: Iterable[Target], others: Iterable[Actual]) -> Candidate:
    """The figure with what approving it would mean; `others` are the indicator's approved figures.

    `targets` may hold every version: those in force for the figure's year are taken.
    """
    indicator = actual.indicator
    approved = [row for row in others if row.year != actual.year]
    facts = facts_of(
        indicator, targets=targets_in_force(targets, year=actual.year).values(), actuals=[*approved, actual]
    )
    return Candidate(
        indicator=indicator,
        actual=actual,
        previous=next((row for row in approved if row.year == actual.year - 1), None),
        finding=assess(facts, year=actual.year, policy=policy_of(indicator.plan)),
        is_judged_by_person=indicator.kind == Kind.QUALITATIVE
        or (indicator.kind != Kind.RELATIVE and all(target.value is None for target in facts.targets)),
    )


def problems_of(case: Candidate) -> list[Problem]:
    """Everything that stands between this figure and its being passed on, 强制性 first."""
    hard = [Problem(said, is_hard=True, about=case.name) for check in HARD if (said := check(case))]
    queries = [Problem(said, is_hard=False, about=case.name) for check in QUERIES if (said := check(case))]
    return hard + queries
