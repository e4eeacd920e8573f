"""The words of the assessment: kinds, verdicts, what the engine is told and what it answers, and the count
of it.

Pure. One table says for every verdict its Chinese word and its light; nothing else in the portal decides a
colour.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from indicators.figures import Operator, round_half_up


class Kind(StrEnum):
    LEVEL = "level"
    CUMULATIVE = "cumulative"
    CUMULATIVE_REDUCTION = "cumulative_reduction"
    ANNUAL_RATE = "annual_rate"
    HOLD = "hold"
    RANGE = "range"
    RELATIVE = "relative"
    QUALITATIVE = "qualitative"


class Direction(StrEnum):
    UP = "up"
    DOWN = "down"


class Light(StrEnum):
    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    GREY = "grey"


class Verdict(StrEnum):
    EARLY = "early"
    AHEAD = "ahead"
    ON_TRACK = "on_track"
    SLIGHTLY_BEHIND = "slightly_behind"
    BEHIND = "behind"
    FALLEN_BACK = "fallen_back"
    EXCEEDED = "exceeded"
    MET = "met"
    NEARLY_MET = "nearly_met"
    NOT_MET = "not_met"
    UNJUDGED = "unjudged"
    UNREPORTED = "unreported"
    NOT_DUE = "not_due"
    # Never found by the engine: a planner took the indicator out of the assessment (models.Exclusion).
    TRANSFERRED = "transferred"
    REDEFINED = "redefined"


# In the order in which a sentence about a plan lists them. 基本完成 is yellow: green is "met or on path", which it is
# not, and red is kept for what is missed.
_VERDICTS: dict[Verdict, tuple[str, Light]] = {
    Verdict.EXCEEDED: ("超额完成", Light.GREEN),
    Verdict.MET: ("完成", Light.GREEN),
    Verdict.EARLY: ("提前完成", Light.GREEN),
    Verdict.AHEAD: ("快于预期", Light.GREEN),
    Verdict.ON_TRACK: ("符合预期", Light.GREEN),
    Verdict.NEARLY_MET: ("基本完成", Light.YELLOW),
    Verdict.SLIGHTLY_BEHIND: ("轻度滞后", Light.YELLOW),
    Verdict.BEHIND: ("滞后", Light.RED),
    Verdict.FALLEN_BACK: ("回落", Light.RED),
    Verdict.NOT_MET: ("未完成", Light.RED),
    Verdict.UNJUDGED: ("暂不评价", Light.GREY),
    Verdict.UNREPORTED: ("未填报", Light.GREY),
    Verdict.NOT_DUE: ("未到期", Light.GREY),
    Verdict.TRANSFERRED: ("职能划转", Light.GREY),
    Verdict.REDEFINED: ("口径调整", Light.GREY),
}
VERDICT_WORDS: dict[Verdict, str] = {verdict: word for verdict, (word, _) in _VERDICTS.items()}
VERDICT_LIGHTS: dict[Verdict, Light] = {verdict: light for verdict, (_, light) in _VERDICTS.items()}
LIGHT_SHAPES = {Light.GREEN: "●", Light.YELLOW: "▲", Light.RED: "■", Light.GREY: "–"}  # told apart without colour
SHORT_LIGHTS = (Light.RED, Light.YELLOW)  # short of the path or the target; never shown of a year that is not over


def engine_says(found: Verdict) -> str:
    """What the engine finds, in a few words to stand under the verdict that a planner put in its place."""
    return f"系统评价：{VERDICT_WORDS[found]}"


class Judged:
    """Whatever stands under a verdict on a page, with the light and the word of it."""

    __slots__ = ()
    verdict: Verdict

    @property
    def light(self) -> Light:
        return VERDICT_LIGHTS[self.verdict]

    @property
    def word(self) -> str:
        return VERDICT_WORDS[self.verdict]


# Why an indicator takes no part in the assessment; such a row is in no denominator. Source: DESIGN §4.
EXCLUDED = (Verdict.TRANSFERRED, Verdict.REDEFINED)
# What a person may say instead of the engine: in the year of a target the final words, before it those of the way.
FINAL_WORDS = (
    Verdict.EXCEEDED,
    Verdict.MET,
    Verdict.NEARLY_MET,
    Verdict.NOT_MET,
    Verdict.FALLEN_BACK,
    Verdict.UNJUDGED,
)
WAY_WORDS = (
    Verdict.EARLY,
    Verdict.AHEAD,
    Verdict.ON_TRACK,
    Verdict.SLIGHTLY_BEHIND,
    Verdict.BEHIND,
    Verdict.FALLEN_BACK,
    Verdict.UNJUDGED,
)
SAID_BY_PEOPLE = (*WAY_WORDS, *(verdict for verdict in FINAL_WORDS if verdict not in WAY_WORDS))
_MEANS_MET = {
    Verdict.EXCEEDED: True,
    Verdict.MET: True,
    Verdict.EARLY: True,
    Verdict.NEARLY_MET: False,
    Verdict.SLIGHTLY_BEHIND: False,
    Verdict.BEHIND: False,
    Verdict.FALLEN_BACK: False,
    Verdict.NOT_MET: False,
    Verdict.UNJUDGED: None,
}


def words_for(*, is_closing: bool, is_binding: bool) -> tuple[Verdict, ...]:
    """The verdicts a person may give: of the year's kind, and 基本完成 never of a binding indicator (DESIGN §4)."""
    words = FINAL_WORDS if is_closing else WAY_WORDS
    return tuple(verdict for verdict in words if not (is_binding and verdict is Verdict.NEARLY_MET))


def is_met_as_said(verdict: Verdict, *, found: bool | None) -> bool | None:
    """Whether the target is met when a person gave this verdict; 快于预期 and 符合预期 leave it as the engine found."""
    return _MEANS_MET.get(verdict, found)


class Judgement(StrEnum):
    """What a person found about a target that no figure can decide."""

    MET = "met"
    NOT_MET = "not_met"
    IN_PROGRESS = "in_progress"


@dataclass(frozen=True, slots=True)
class TargetPoint:
    """The target of one year; `value` is None for a target in words, `decimals` counts those printed."""

    year: int
    operator: Operator
    value: Decimal | None
    upper: Decimal | None = None
    decimals: int = 0
    is_band: bool = False


@dataclass(frozen=True, slots=True)
class ActualPoint:
    """The approved figure of one year; for cumulative kinds the year's own part, never the running sum."""

    year: int
    value: Decimal | None
    decimals: int = 0
    comparator: Decimal | None = None
    judgement: Judgement | None = None
    is_not_applicable: bool = False
    is_missing: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """Thresholds of a plan: from which k a lag is mild, how near (as a share of T) is 基本完成."""

    mild_lag_from: Decimal = Decimal("0.85")
    nearly_met_within: Decimal = Decimal("0.005")


DEFAULT_POLICY = Policy()


@dataclass(frozen=True, slots=True)
class IndicatorFacts:
    """What the engine needs to know of an indicator; `start_year` is the plan's first year (十四五: 2021).

    The path starts in `baseline_year`, or the year before the plan where none is stated.
    """

    kind: Kind
    direction: Direction
    is_binding: bool
    start_year: int
    end_year: int
    baseline_year: int | None
    baseline: Decimal | None
    targets: tuple[TargetPoint, ...]
    actuals: tuple[ActualPoint, ...]
    minimum: Decimal | None = None
    maximum: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What the engine says of one indicator in one year. Shares are shares (0.8), rounded half up to 6
    decimals.

    `is_met` asks for the target of the year: the stated one in its own year, else the final one. `gap` is
    the distance to that same target (for a hold: to its bound), positive inside it and negative short of
    it, in either direction. `comparison` is k, `completion_rate` A/T uncapped, `needed_per_year` and
    `change` are signed, in the indicator's unit.
    """

    year: int
    verdict: Verdict
    light: Light
    reason: str
    time_progress: Decimal
    is_met: bool | None = None
    progress: Decimal | None = None
    expected: Decimal | None = None
    is_expected_stated: bool = False
    comparison: Decimal | None = None
    completion_rate: Decimal | None = None
    needed_per_year: Decimal | None = None
    forecast: Decimal | None = None
    forecast_verdict: Verdict | None = None
    change: Decimal | None = None
    gap: Decimal | None = None


class Counted(NamedTuple):
    """One indicator in a tally; a plain tuple of the three does as well."""

    verdict: Verdict
    is_binding: bool
    is_met: bool | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How the indicators of a plan stand; whether by number or by row is the caller's choice of rows.

    `excluded` are those that take no part (职能划转, 口径调整); no other count holds them.
    """

    total: int
    verdicts: dict[Verdict, int]
    binding_total: int
    binding_verdicts: dict[Verdict, int]
    assessable: int
    met: int
    excluded: dict[Verdict, int] = field(default_factory=dict)

    @property
    def lights(self) -> dict[Light, int]:
        """How many of each light, all four always present."""
        return {light: sum(n for v, n in self.verdicts.items() if VERDICT_LIGHTS[v] is light) for light in Light}

    @property
    def met_rate(self) -> Decimal | None:
        """达标率 = met ÷ assessable (DESIGN §4), a share; None where nothing can be assessed."""
        return round_half_up(Decimal(self.met) / self.assessable, 6) if self.assessable else None


def tally(findings: Iterable[tuple[Verdict, bool, bool | None]]) -> Tally:
    """Counts (verdict, is_binding, is_met) per verdict, binding ones apart; grey is not assessable.

    What takes no part in the assessment is counted apart from everything else.
    """
    everyone = list(findings)
    excluded = Counter(verdict for verdict, _, _ in everyone if verdict in EXCLUDED)
    rows = [row for row in everyone if row[0] not in EXCLUDED]
    judged = [is_met for verdict, _, is_met in rows if VERDICT_LIGHTS[verdict] is not Light.GREY]
    everything = Counter(verdict for verdict, _, _ in rows)
    binding = Counter(verdict for verdict, is_binding, _ in rows if is_binding)
    return Tally(
        total=len(rows),
        verdicts={verdict: everything[verdict] for verdict in _VERDICTS if everything[verdict]},
        binding_total=binding.total(),
        binding_verdicts={verdict: binding[verdict] for verdict in _VERDICTS if binding[verdict]},
        assessable=len(judged),
        met=sum(1 for is_met in judged if is_met),
        excluded={verdict: excluded[verdict] for verdict in EXCLUDED if excluded[verdict]},
    )


def tally_sentence(tally: Tally) -> str:
    """The one sentence a leader reads: every verdict that occurs, what is not green and binding, what takes no part."""
    left_out = "、".join(VERDICT_WORDS[verdict] for verdict in tally.excluded)
    besides = f"另有{sum(tally.excluded.values())}项因{left_out}不参与评价。" if tally.excluded else ""
    if not tally.total:
        return besides or "没有指标。"
    listed = "、".join(f"{VERDICT_WORDS[verdict]}{count}项" for verdict, count in tally.verdicts.items())
    sentence = f"{tally.total}项指标：{listed}"
    if not tally.binding_total:
        return f"{sentence}。{besides}"
    counts = tally.binding_verdicts.items()
    worries = [f"{VERDICT_WORDS[v]}{n}项" for v, n in counts if VERDICT_LIGHTS[v] is not Light.GREEN]
    ending = "其中" + "、".join(worries) if worries else "均达到要求"
    return f"{sentence}；约束性指标{tally.binding_total}项，{ending}。{besides}"
