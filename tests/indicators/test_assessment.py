"""The specification of the assessment engine: tables of cases that a reader can redo by hand.

Each table row names its arithmetic. B is the baseline, T the target, A the actual, E the expected value of
the year, k = (A − B) / (E − B). Unless said otherwise the plan runs 2021—2025 and its data year is 2020, so
that each year is a fifth of the way.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from indicators.assessment import (
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
    TargetPoint,
    Verdict,
    assess,
    compound_mean_rate,
    expected_value,
    reduction_share,
    share_reached,
    tally,
    tally_sentence,
    time_share,
    total_reduction,
    trend_forecast,
)
from indicators.figures import Operator

UP, DOWN = Direction.UP, Direction.DOWN
V = Verdict


def number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def places(text: str | None) -> int:
    return len(text.partition(".")[2]) if text else 0


def target(
    year: int, text: str, operator: Operator = Operator.GE, upper: str | None = None, **more: Any
) -> TargetPoint:
    return TargetPoint(year, operator, Decimal(text), number(upper), max(places(text), places(upper)), **more)


def actual(year: int, text: str | None, **more: Any) -> ActualPoint:
    return ActualPoint(year, number(text), places(text), **more)


def indicator(
    baseline: str | None,
    targets: Sequence[TargetPoint],
    actuals: Sequence[ActualPoint],
    *,
    kind: Kind = Kind.LEVEL,
    direction: Direction = UP,
    is_binding: bool = False,
    start_year: int = 2021,
    end_year: int = 2025,
    baseline_year: int | None = None,
) -> IndicatorFacts:
    return IndicatorFacts(
        kind, direction, is_binding, start_year, end_year, baseline_year, number(baseline),
        tuple(targets), tuple(actuals),
    )  # fmt: skip


def judge(
    baseline: str | None, goal: str, reached: str, year: int, operator: Operator = Operator.EQ, **more: Any
) -> Finding:
    """One target in 2025 and one actual in `year`."""
    return assess(indicator(baseline, [target(2025, goal, operator)], [actual(year, reached)], **more), year=year)


def yearly(kind: Kind, goal: str, values: Sequence[str | None], **more: Any) -> Finding:
    """One target in 2025 and actuals from 2021 on; the last of them is judged."""
    operator = more.pop("operator", Operator.EQ)
    points = [actual(2021 + at, value) for at, value in enumerate(values) if value is not None]
    facts = indicator(None, [target(2025, goal, operator)], points, kind=kind, **more)
    return assess(facts, year=2020 + len(values))


class TestLevel:
    @pytest.mark.parametrize(
        ("reached", "year", "verdict", "progress", "k"),
        [
            # 30 → 40 makes E 32, 34, 36, 38 in 2021—2024.
            ("40", 2023, V.EARLY, "1", "1.666667"),  # A = T; k = 10/6
            ("43", 2023, V.EARLY, "1.3", "2.166667"),  # beyond T; k = 13/6
            ("38", 2023, V.AHEAD, "0.8", "1.333333"),  # E(2024) = 38 already
            ("37", 2023, V.ON_TRACK, "0.7", "1.166667"),  # between E(2023) and E(2024)
            ("36", 2023, V.ON_TRACK, "0.6", "1"),  # exactly on the path
            ("35.1", 2023, V.SLIGHTLY_BEHIND, "0.51", "0.85"),  # k = 5.1/6 is the limit itself
            ("35.0", 2023, V.BEHIND, "0.5", "0.833333"),  # k = 5/6, 1 short of the path
            ("30", 2023, V.BEHIND, "0", "0"),  # has not moved
            ("28", 2023, V.BEHIND, "-0.2", "-0.333333"),  # moved the wrong way: −2/10, −2/6
            ("42", 2025, V.EXCEEDED, "1.2", "1.2"),  # 2 beyond T, a step is 1
            ("41", 2025, V.MET, "1.1", "1.1"),  # beyond by exactly one step is not more than one
            ("40", 2025, V.MET, "1", "1"),
            ("39.8", 2025, V.NEARLY_MET, "0.98", "0.98"),  # 0.2 short of 40 is 0.5 %
            ("39.7", 2025, V.NOT_MET, "0.97", "0.97"),  # 0.3 short is 0.75 %
        ],
    )
    def test_going_up_from_30_to_40(self, reached: str, year: int, verdict: Verdict, progress: str, k: str) -> None:
        finding = judge("30", "40", reached, year)
        assert (finding.verdict, finding.progress, finding.comparison) == (
            verdict,
            Decimal(progress),
            Decimal(k),
        )
        assert finding.light is VERDICT_LIGHTS[verdict]

    @pytest.mark.parametrize(
        ("reached", "year", "verdict", "progress"),
        [
            # 10 → 5 makes E 9, 8, 7, 6.
            ("5.0", 2022, V.EARLY, "1"),
            ("7.0", 2022, V.AHEAD, "0.6"),  # E(2023) = 7 already
            ("8.0", 2022, V.ON_TRACK, "0.4"),
            ("8.2", 2022, V.SLIGHTLY_BEHIND, "0.36"),  # k = −1.8/−2 = 0.9
            ("8.4", 2022, V.BEHIND, "0.32"),  # k = −1.6/−2 = 0.8
            ("11.0", 2022, V.BEHIND, "-0.2"),  # k = 1/−2
            ("4.8", 2025, V.EXCEEDED, "1.04"),  # 0.2 below, a step is 0.1
            ("5.0", 2025, V.MET, "1"),
            ("5.1", 2025, V.NOT_MET, "0.98"),  # 0.1 of 5 is 2 %
        ],
    )
    def test_going_down_from_10_to_5(self, reached: str, year: int, verdict: Verdict, progress: str) -> None:
        finding = judge("10", "5", reached, year, direction=DOWN)
        assert (finding.verdict, finding.progress) == (verdict, Decimal(progress))

    @pytest.mark.parametrize(
        ("reached", "year", "verdict", "progress"),
        [
            ("12", 2022, V.ON_TRACK, "0.4"),  # E = 20 − 20 × 2/5 = 12
            ("0", 2022, V.EARLY, "1"),
            ("0", 2025, V.MET, "1"),
            ("1", 2025, V.NOT_MET, "0.95"),  # nothing is near zero in percent of zero
        ],
    )
    def test_going_down_to_zero(self, reached: str, year: int, verdict: Verdict, progress: str) -> None:
        finding = judge("20", "0", reached, year, direction=DOWN)
        assert (finding.verdict, finding.progress) == (verdict, Decimal(progress))
        assert finding.completion_rate is None  # A/0

    @pytest.mark.parametrize(
        ("reached", "year", "verdict", "progress"),
        [
            ("0", 2021, V.BEHIND, "0"),  # E = 50/5 = 10, zero is a figure
            ("10", 2021, V.ON_TRACK, "0.2"),
            ("9", 2021, V.SLIGHTLY_BEHIND, "0.18"),  # k = 9/10, short by exactly one step
            ("50", 2025, V.MET, "1"),
        ],
    )
    def test_starting_from_zero(self, reached: str, year: int, verdict: Verdict, progress: str) -> None:
        finding = judge("0", "50", reached, year)
        assert (finding.verdict, finding.progress) == (verdict, Decimal(progress))

    def test_near_100_percent_progress_is_far_from_actual_over_target(self) -> None:
        # 98.0 → 100: A = 98.5 is 25 % of the way (0.5/2) and 98.5 % of the target. E(2023) = 99.2, k = 0.42.
        finding = judge("98.0", "100", "98.5", 2023)
        assert (finding.verdict, finding.progress) == (V.BEHIND, Decimal("0.25"))
        assert (finding.completion_rate, finding.expected) == (Decimal("0.985"), Decimal("99.2"))

    @pytest.mark.parametrize(
        ("reached", "verdict"),
        [
            # 30 → 35 makes E(2022) = 32 exactly; 31 → 35 makes E(2022) = 32.6.
            ("31.9", V.SLIGHTLY_BEHIND),  # one printed step (0.1) short is a lag: k = 1.9/2
            ("32.0", V.ON_TRACK),
        ],
    )
    def test_one_whole_printed_step_short_is_a_lag(self, reached: str, verdict: Verdict) -> None:
        assert judge("30", "35", reached, 2022).verdict is verdict

    def test_less_than_one_printed_step_short_is_no_lag(self) -> None:
        # 31 → 35: E(2022) = 32.6, whole numbers are printed, 32 is 0.6 short; k = 1/1.6 alone would be red.
        finding = judge("31", "35", "32", 2022)
        assert (finding.verdict, finding.comparison) == (V.ON_TRACK, Decimal("0.625"))
        assert "不算滞后" in finding.reason

    def test_the_finer_of_the_two_decimals_is_the_step(self) -> None:
        # The same, but T is printed 35.0: 0.6 is six steps.
        assert judge("31", "35.0", "32", 2022).verdict is V.BEHIND

    def test_a_figure_finer_than_its_declared_decimals_hides_no_shortfall(self) -> None:
        facts = indicator("30", [TargetPoint(2025, Operator.EQ, Decimal(35))], [ActualPoint(2025, Decimal("34.6000"))])
        assert assess(facts, year=2025).verdict is V.NOT_MET

    @pytest.mark.parametrize(
        ("operator", "reached", "year", "verdict"),
        [
            (Operator.GT, "95", 2025, V.NOT_MET),  # > 95 is not met by 95; binding, so not even nearly
            (Operator.GT, "96", 2025, V.MET),
            (Operator.GE, "95", 2025, V.MET),
            (Operator.GT, "95", 2023, V.AHEAD),  # T is not passed, but E(2024) = 94 is
            (Operator.GE, "95", 2023, V.EARLY),
        ],
    )
    def test_more_than_is_strict(self, operator: Operator, reached: str, year: int, verdict: Verdict) -> None:
        assert judge("90", "95", reached, year, operator, is_binding=True).verdict is verdict

    @pytest.mark.parametrize(
        ("operator", "reached", "verdict"),
        [(Operator.LT, "5", V.NOT_MET), (Operator.LT, "4", V.MET), (Operator.LE, "5", V.MET)],
    )
    def test_less_than_is_strict(self, operator: Operator, reached: str, verdict: Verdict) -> None:
        assert judge("10", "5", reached, 2025, operator, is_binding=True).verdict is verdict

    def test_the_sign_of_the_target_wins_over_a_wrong_direction(self) -> None:
        assert judge("10", "5", "5", 2025, Operator.LE, direction=UP).verdict is V.MET

    @pytest.mark.parametrize(("is_binding", "verdict"), [(False, V.NEARLY_MET), (True, V.NOT_MET)])
    def test_a_binding_indicator_has_no_tolerance(self, is_binding: bool, verdict: Verdict) -> None:
        # 0.1 short of 35.0 is 0.29 %, and one printed step.
        finding = judge("30", "35.0", "34.9", 2025, is_binding=is_binding)
        assert (finding.verdict, finding.is_met) == (verdict, False)

    def test_binding_changes_nothing_on_the_way(self) -> None:
        bound, free = (judge("30", "40", "35.5", 2023, is_binding=it) for it in (True, False))
        assert bound == free

    def test_a_figure_that_moved_the_wrong_way_says_so(self) -> None:
        assert "退步" in judge("30", "40", "28", 2023).reason

    def test_the_data_year_is_the_baseline_year_where_one_is_stated(self) -> None:
        # 325 persons in 2016 → 1000 in 2020: τ(2018) = 2/4, E = 325 + 675/2 = 662.5.
        facts = indicator(
            "325",
            [target(2020, "1000")],
            [actual(2018, "663")],
            start_year=2016,
            end_year=2020,
            baseline_year=2016,
        )
        finding = assess(facts, year=2018)
        assert (finding.time_progress, finding.expected, finding.verdict) == (
            Decimal("0.5"), Decimal("662.5"), V.ON_TRACK,
        )  # fmt: skip

    @pytest.mark.parametrize("year", [2015, 2016])
    def test_the_baseline_year_and_those_before_are_not_judged(self, year: int) -> None:
        facts = indicator(
            "325",
            [target(2020, "1000")],
            [actual(year, "325")],
            start_year=2016,
            end_year=2020,
            baseline_year=2016,
        )
        assert assess(facts, year=year).verdict is V.UNJUDGED

    def test_years_before_the_plan_are_not_judged_even_after_an_older_baseline(self) -> None:
        facts = indicator("30", [target(2025, "40")], [actual(2020, "31")], baseline_year=2018)
        assert assess(facts, year=2020).verdict is V.UNJUDGED

    def test_a_baseline_less_than_a_step_below_the_target_still_has_a_way_to_go(self) -> None:
        # 34.6 → 35: the whole way is 0.4.
        assert judge("34.6", "35", "35", 2022).progress == 1

    def test_a_ratio_is_judged_as_the_number_it_is(self) -> None:
        # 2.21:1 → 1.96:1, down: E(2023) = 2.21 − 0.25 × 3/5 = 2.06; A = 2.06.
        finding = judge("2.21", "1.96", "2.06", 2023, direction=DOWN)
        assert (finding.verdict, finding.progress, finding.expected) == (
            V.ON_TRACK,
            Decimal("0.6"),
            Decimal("2.06"),
        )

    def test_thresholds_come_from_the_plan(self) -> None:
        # E(2023) = 36, A = 35.0: k = 0.83; in 2025 A = 39.7 is 0.75 % short.
        mild = Policy(mild_lag_from=Decimal("0.8"), nearly_met_within=Decimal("0.01"))
        goal = [target(2025, "40")]
        assert (
            assess(indicator("30", goal, [actual(2023, "35.0")]), year=2023, policy=mild).verdict is V.SLIGHTLY_BEHIND
        )
        assert assess(indicator("30", goal, [actual(2025, "39.7")]), year=2025, policy=mild).verdict is V.NEARLY_MET

    def test_an_annual_plan_knows_only_final_words(self) -> None:
        facts = indicator("10", [target(2021, "12")], [actual(2021, "12")], end_year=2021)
        assert assess(facts, year=2021).verdict is V.MET


class TestInterimTargets:
    # 10 → 30 (2023) → 40 (2025): E is 16.67, 23.33, 30, 35, 40.
    GOALS = (target(2023, "30"), target(2025, "40"))

    @pytest.mark.parametrize(
        ("reached", "year", "verdict", "expected", "is_stated"),
        [
            ("20", 2021, V.ON_TRACK, "16.666667", False),
            ("24", 2021, V.AHEAD, "16.666667", False),  # E(2022) = 23.33
            ("15", 2021, V.BEHIND, "16.666667", False),  # 1.67 short, k = 5/6.67 = 0.75
            ("30", 2023, V.MET, "30", True),  # the interim target's own year: final words
            ("32", 2023, V.EXCEEDED, "30", True),
            ("29", 2023, V.NOT_MET, "30", True),  # on one line to 40 it would be far ahead (E = 28)
            ("29.9", 2023, V.NEARLY_MET, "30", True),  # 0.33 %
            ("35", 2024, V.ON_TRACK, "35", False),
            ("34", 2024, V.SLIGHTLY_BEHIND, "35", False),  # k = 24/25
            ("40", 2024, V.EARLY, "35", False),
        ],
    )
    def test_the_path_bends_at_the_interim_target(
        self, reached: str, year: int, verdict: Verdict, expected: str, is_stated: bool
    ) -> None:
        finding = assess(indicator("10", self.GOALS, [actual(year, reached)]), year=year)
        assert finding.verdict is verdict
        assert (finding.expected, finding.is_expected_stated) == (Decimal(expected), is_stated)

    def test_reaching_the_final_target_in_an_interim_year_is_said_beside_the_final_word(self) -> None:
        finding = assess(indicator("10", self.GOALS, [actual(2023, "40")]), year=2023)
        assert finding.verdict is V.EXCEEDED
        assert "提前达到2025年目标" in finding.reason

    def test_a_path_that_may_dip_first_has_no_k_on_the_way_down(self) -> None:
        # 50 → 45 (2022) → 60 (2025), up: E(2021) = 47.5, so 48.0 is good and 46.0 (k "1.6") bad.
        goals = (target(2022, "45"), target(2025, "60"))
        good, bad = (assess(indicator("50", goals, [actual(2021, it)]), year=2021) for it in ("48.0", "46.0"))
        assert (good.verdict, good.comparison) == (V.ON_TRACK, None)
        assert (bad.verdict, bad.comparison) == (V.BEHIND, None)

    def test_targets_not_after_the_data_year_do_not_bend_the_path(self) -> None:
        # Data year 2022: 20 → 26 (2025), E(2023) = 22; the old target for 2021 is past.
        goals = (target(2021, "90"), target(2025, "26"))
        facts = indicator("20", goals, [actual(2023, "22")], baseline_year=2022)
        assert assess(facts, year=2023).expected == 22

    def test_below_an_interim_target_that_only_kept_the_baseline_is_falling_back(self) -> None:
        facts = indicator("50", (target(2022, "50"), target(2025, "59")), [actual(2022, "48")])
        assert assess(facts, year=2022).verdict is V.FALLEN_BACK

    @pytest.mark.parametrize(
        ("reached", "verdict"),
        [("49", V.FALLEN_BACK), ("50", V.ON_TRACK), ("55", V.ON_TRACK), ("60", V.EARLY)],
    )
    def test_a_year_in_which_the_path_rests_on_the_baseline_is_judged_as_hold(
        self, reached: str, verdict: Verdict
    ) -> None:
        # 50 → 50 (2022) → 59 (2025): E is 50, 50, 53, …; 2021 asks only to stay at 50, and as 2022 asks no
        # more, 55 is not ahead of anything.
        goals = (target(2022, "50"), target(2025, "59"))
        finding = assess(indicator("50", goals, [actual(2021, reached)]), year=2021)
        assert (finding.verdict, finding.comparison) == (verdict, None)

    def test_an_only_target_before_the_end_of_the_plan_makes_its_year_the_final_one(self) -> None:
        facts = indicator("40", [target(2022, "60")], [actual(2021, "50"), actual(2022, "60"), actual(2023, "58")])
        assert assess(facts, year=2021).verdict is V.ON_TRACK  # E = 50
        assert assess(facts, year=2022).verdict is V.MET
        assert assess(facts, year=2023).verdict is V.FALLEN_BACK

    def test_after_the_last_target_year_late_is_met_and_never_reached_is_not_met(self) -> None:
        facts = indicator("40", [target(2022, "60")], [actual(2022, "55"), actual(2023, "58"), actual(2024, "60")])
        assert assess(facts, year=2023).verdict is V.NOT_MET
        assert assess(facts, year=2024).verdict is V.MET


class TestMissingBaseline:
    def test_an_unfinished_year_is_not_judged_but_shows_what_it_can(self) -> None:
        finding = judge(None, "80", "20", 2022)
        assert (finding.verdict, finding.light, finding.is_met) == (V.UNJUDGED, Light.GREY, False)
        assert (finding.progress, finding.expected, finding.completion_rate) == (None, None, Decimal("0.25"))
        assert "缺基期" in finding.reason

    @pytest.mark.parametrize(
        ("target_value", "reached", "year", "said"),
        [
            ("80", "20", 2022, "缺基期，无法判断进度；2022年实际值20，尚未达到2025年目标80（为目标的25%）。"),
            ("80", "70", 2025, "缺基期，暂不评价；2025年实际值70，未达到2025年目标80（为目标的87.5%），相差10。"),
            ("0", "-3", 2025, "缺基期，暂不评价；2025年实际值-3，未达到2025年目标0，相差3。"),
        ],
    )
    def test_what_falls_short_is_said_once(self, target_value: str, reached: str, year: int, said: str) -> None:
        assert judge(None, target_value, reached, year).reason == said

    def test_a_reached_final_target_needs_no_baseline(self) -> None:
        assert judge(None, "80", "80", 2022).verdict is V.EARLY

    @pytest.mark.parametrize(
        ("reached", "verdict"), [("81", V.MET), ("82", V.EXCEEDED), ("79.6", V.NEARLY_MET), ("70", V.UNJUDGED)]
    )
    def test_the_final_year_says_met_but_never_red(self, reached: str, verdict: Verdict) -> None:
        finding = judge(None, "80", reached, 2025)
        assert (finding.verdict, finding.progress) == (verdict, None)

    @pytest.mark.parametrize(("reached", "verdict"), [("50", V.MET), ("45", V.NOT_MET)])
    def test_an_interim_target_is_judged_in_its_own_year(self, reached: str, verdict: Verdict) -> None:
        facts = indicator(None, [target(2023, "50"), target(2025, "80")], [actual(2023, reached)])
        finding = assess(facts, year=2023)
        assert (finding.verdict, finding.expected, finding.is_expected_stated) == (verdict, Decimal(50), True)

    def test_a_lone_target_of_an_earlier_year_is_judged_in_its_own_words(self) -> None:
        facts = indicator(None, [target(2022, "1")], [actual(2022, "0")])
        assert assess(facts, year=2022).verdict is V.NOT_MET

    def test_between_interim_targets_nothing_is_said(self) -> None:
        facts = indicator(None, [target(2023, "50"), target(2025, "80")], [actual(2024, "55")])
        assert assess(facts, year=2024).verdict is V.UNJUDGED


class TestHold:
    @pytest.mark.parametrize(
        ("reached", "year", "verdict", "gap"),
        [
            ("100", 2022, V.ON_TRACK, "0"),
            ("97", 2022, V.FALLEN_BACK, "-3"),
            ("100", 2025, V.MET, "0"),
            ("97", 2025, V.FALLEN_BACK, "-3"),
            ("99.6", 2025, V.FALLEN_BACK, "-0.4"),  # falling below is 回落, however little
        ],
    )
    @pytest.mark.parametrize("kind", [Kind.HOLD, Kind.LEVEL])
    def test_staying_at_100(self, kind: Kind, reached: str, year: int, verdict: Verdict, gap: str) -> None:
        finding = judge("100", "100", reached, year, kind=kind)
        assert (finding.verdict, finding.gap) == (verdict, Decimal(gap))
        assert (finding.progress, finding.comparison) == (None, None)

    @pytest.mark.parametrize(
        ("reached", "verdict", "gap"),
        [("1.0", V.ON_TRACK, "0.3"), ("1.3", V.ON_TRACK, "0"), ("1.4", V.FALLEN_BACK, "-0.1")],
    )
    def test_a_ceiling_shows_its_margin(self, reached: str, verdict: Verdict, gap: str) -> None:
        finding = judge("1.2", "1.3", reached, 2022, Operator.LE, kind=Kind.HOLD)
        assert (finding.verdict, finding.gap) == (verdict, Decimal(gap))

    def test_a_floor_needs_no_baseline(self) -> None:
        assert judge(None, "95", "96", 2022, Operator.GE, kind=Kind.HOLD).verdict is V.ON_TRACK
        assert judge(None, "95", "90", 2022, Operator.GE, kind=Kind.HOLD).verdict is V.FALLEN_BACK

    def test_what_never_was_inside_has_not_fallen_back(self) -> None:
        assert judge("80", "95", "90", 2022, Operator.GE, kind=Kind.HOLD).verdict is V.BEHIND
        assert judge("80", "95", "90", 2025, Operator.GE, kind=Kind.HOLD).verdict is V.NOT_MET

    def test_being_far_inside_a_bound_is_not_called_exceeding_it(self) -> None:
        assert judge("1.2", "1.3", "0.5", 2025, Operator.LE, kind=Kind.HOLD).verdict is V.MET

    def test_a_recovered_slip_is_remembered(self) -> None:
        points = [actual(2023, "97"), actual(2025, "100")]
        finding = assess(indicator("100", [target(2025, "100")], points, kind=Kind.HOLD), year=2025)
        assert finding.verdict is V.MET
        assert "2023年曾越出" in finding.reason

    @pytest.mark.parametrize(
        ("reached", "year", "verdict"),
        [
            ("60", 2022, V.ON_TRACK),
            ("56", 2022, V.ON_TRACK),  # below the baseline, but still at the target
            ("54", 2022, V.FALLEN_BACK),
            ("60", 2025, V.EXCEEDED),
        ],
    )
    def test_a_target_already_met_at_the_baseline_has_no_progress(
        self, reached: str, year: int, verdict: Verdict
    ) -> None:
        finding = judge("60", "55", reached, year, Operator.GE)  # 60 is above 55 already
        assert (finding.verdict, finding.progress) == (verdict, None)


class TestRange:
    @pytest.mark.parametrize(
        ("reached", "year", "is_band", "verdict", "progress"),
        [
            # 25 → 35～40: E(2022) = 29, the progress runs to 35.
            ("29", 2022, False, V.ON_TRACK, "0.4"),
            ("35", 2022, False, V.EARLY, "1"),
            ("45", 2022, False, V.EARLY, "2"),
            ("45", 2022, True, V.BEHIND, "2"),  # a declared band has an upper end
            ("38", 2025, False, V.MET, "1.3"),  # inside the printed range is not beyond it
            ("41", 2025, False, V.MET, "1.6"),  # beyond 40 by one step
            ("42", 2025, False, V.EXCEEDED, "1.7"),
            ("40", 2025, True, V.MET, "1.5"),
            ("42", 2025, True, V.NOT_MET, "1.7"),
            ("34", 2025, False, V.NOT_MET, "0.9"),
        ],
    )
    def test_from_25_to_35_40(self, reached: str, year: int, is_band: bool, verdict: Verdict, progress: str) -> None:
        goal = target(2025, "35", Operator.RANGE, "40", is_band=is_band)
        finding = assess(indicator("25", [goal], [actual(year, reached)], kind=Kind.RANGE), year=year)
        assert (finding.verdict, finding.progress) == (verdict, Decimal(progress))

    def test_on_the_way_down_the_upper_end_comes_first(self) -> None:
        # 50 → 35～40 down: progress to 40, A = 45 is 5/10; E(2022) = 46.
        goal = target(2025, "35", Operator.RANGE, "40")
        finding = assess(indicator("50", [goal], [actual(2022, "45")], kind=Kind.RANGE, direction=DOWN), year=2022)
        assert (finding.verdict, finding.progress, finding.expected) == (
            V.ON_TRACK,
            Decimal("0.5"),
            Decimal(46),
        )

    def test_the_way_back_into_a_band_leads_to_its_nearer_end(self) -> None:
        goal = target(2025, "35", Operator.RANGE, "40", is_band=True)
        facts = indicator("25", [goal], [actual(2022, "46")], kind=Kind.RANGE)
        assert assess(facts, year=2022).needed_per_year == -2  # (40 − 46)/3

    @pytest.mark.parametrize("reached", ["34", "41"])
    def test_leaving_a_band_on_either_side_is_falling_back(self, reached: str) -> None:
        goal = target(2025, "35", Operator.RANGE, "40", is_band=True)
        finding = assess(indicator("38", [goal], [actual(2022, reached)], kind=Kind.RANGE), year=2022)
        assert (finding.verdict, finding.gap) == (V.FALLEN_BACK, Decimal(-1))


class TestCumulative:
    @pytest.mark.parametrize(
        ("values", "verdict", "progress", "expected"),
        [
            # 〔100〕 over five years: E = 20, 40, 60, 80.
            (["20"], V.ON_TRACK, "0.2", "20"),
            (["25", "15"], V.ON_TRACK, "0.4", "40"),
            (["10", "26"], V.SLIGHTLY_BEHIND, "0.36", "40"),  # k = 36/40
            (["10", "20"], V.BEHIND, "0.3", "40"),  # k = 30/40
            (["30", "30"], V.AHEAD, "0.6", "40"),  # E(2023) = 60
            (["60", "40"], V.EARLY, "1", "40"),
            (["0"], V.BEHIND, "0", "20"),
            (["20", "20", "20", "20", "20"], V.MET, "1", "100"),
            (["20", "20", "20", "20", "22"], V.EXCEEDED, "1.02", "100"),
            (["20", "20", "20", "20", "19"], V.NOT_MET, "0.99", "100"),
        ],
    )
    def test_the_sum_of_the_years_runs_to_100(
        self, values: list[str], verdict: Verdict, progress: str, expected: str
    ) -> None:
        finding = yearly(Kind.CUMULATIVE, "100", values)
        assert (finding.verdict, finding.progress, finding.expected) == (
            verdict, Decimal(progress), Decimal(expected),
        )  # fmt: skip

    def test_a_missing_year_is_not_zero(self) -> None:
        finding = yearly(Kind.CUMULATIVE, "100", ["20", None, "20"])  # 40 of 60 would be red
        assert finding.verdict is V.UNJUDGED
        assert "缺2022年" in finding.reason

    def test_a_sum_that_is_enough_without_the_missing_year_stands(self) -> None:
        finding = yearly(Kind.CUMULATIVE, "100", ["70", None, "30"])
        assert finding.verdict is V.EARLY
        assert "缺2022年" in finding.reason

    def test_neither_the_baseline_nor_earlier_years_count(self) -> None:
        facts = indicator(
            "500", [target(2025, "100")], [actual(2020, "90"), actual(2021, "20")],
            kind=Kind.CUMULATIVE, baseline_year=2019,
        )  # fmt: skip
        finding = assess(facts, year=2021)
        assert (finding.progress, finding.time_progress) == (Decimal("0.2"), Decimal("0.2"))

    def test_an_interim_sum_bends_the_path(self) -> None:
        goals = [target(2022, "30"), target(2025, "90")]  # E(2023) = 30 + 60/3 = 50
        facts = indicator(
            None, goals, [actual(2021, "15"), actual(2022, "15"), actual(2023, "20")], kind=Kind.CUMULATIVE
        )
        assert assess(facts, year=2022).verdict is V.MET
        assert assess(facts, year=2023).expected == 50

    def test_what_is_added_after_the_plan_does_not_count(self) -> None:
        points = [actual(year, "20") for year in range(2021, 2027)]
        facts = indicator(None, [target(2025, "100")], points, kind=Kind.CUMULATIVE)
        assert assess(facts, year=2026).verdict is V.MET  # 100, not 120

    def test_a_sum_grows_towards_its_target_whatever_the_direction_says(self) -> None:
        assert yearly(Kind.CUMULATIVE, "100", ["10"], direction=DOWN).verdict is V.BEHIND

    def test_a_ceiling_with_a_missing_year_is_not_known_to_be_kept(self) -> None:
        values = ["20", None, "20"]
        assert yearly(Kind.CUMULATIVE, "100", values, operator=Operator.LE).verdict is V.UNJUDGED

    def test_a_cumulative_ceiling_is_kept_until_it_is_broken(self) -> None:
        assert yearly(Kind.CUMULATIVE, "100", ["60", "30"], operator=Operator.LE).verdict is V.ON_TRACK
        assert yearly(Kind.CUMULATIVE, "100", ["60", "50"], operator=Operator.LE).verdict is V.FALLEN_BACK


class TestCumulativeReduction:
    def test_4_87_of_17_percent_is_26_8_percent_of_the_way(self) -> None:
        # ln(0.9513) = −0.04993, ln(0.83) = −0.18633; the quotient is 0.268. A fifth of the time has passed.
        finding = yearly(Kind.CUMULATIVE_REDUCTION, "17", ["4.87"])
        assert finding.progress is not None
        assert round(finding.progress, 3) == Decimal("0.268")
        # Equal logarithmic steps: E = 1 − 0.83^(1/5) = 3.66 %; after two years 1 − 0.83^(2/5) = 7.18 %.
        assert finding.expected is not None
        assert round(finding.expected, 2) == Decimal("3.66")
        assert finding.verdict is V.ON_TRACK

    @pytest.mark.parametrize(
        ("values", "verdict"),
        [
            (["10.00", "10.00"], V.EARLY),  # r = 1 − 0.9 × 0.9 = 19 %
            (["7.50"], V.AHEAD),  # past the 7.18 % of 2022
            (["3.20"], V.SLIGHTLY_BEHIND),  # k = 0.03252/0.03727 = 0.87
            (["3.00"], V.BEHIND),  # k = 0.03046/0.03727 = 0.82
            (["4", "4", "4", "3", "3.50"], V.EXCEEDED),  # 1 − 0.96³ × 0.97 × 0.965 = 17.18 %, a step is 0.01
            (["10", "7", "1", "0", "0"], V.MET),  # 1 − 0.9 × 0.93 × 0.99 = 17.14 %, a step is 1
            (["3", "3", "3", "3", "3"], V.NOT_MET),  # 1 − 0.97⁵ = 14.13 %
        ],
    )
    def test_the_years_are_multiplied(self, values: list[str], verdict: Verdict) -> None:
        assert yearly(Kind.CUMULATIVE_REDUCTION, "17", values).verdict is verdict

    def test_more_reduction_is_better_whatever_the_direction_says(self) -> None:
        assert yearly(Kind.CUMULATIVE_REDUCTION, "17", ["1"], direction=DOWN).verdict is V.BEHIND

    def test_an_increase_is_negative_progress(self) -> None:
        # −ln(1.02) / −ln(0.83) = −0.0198/0.18633 = −0.106
        finding = yearly(Kind.CUMULATIVE_REDUCTION, "17", ["-2"])
        assert finding.progress is not None
        assert round(finding.progress, 3) == Decimal("-0.106")
        assert finding.verdict is V.BEHIND

    def test_what_is_still_needed_is_a_yearly_percent(self) -> None:
        # 19 % promised, 10 % done in 2021: 0.81/0.9 = 0.9 is left, in four years 1 − 0.9^(1/4) = 2.600 %.
        finding = yearly(Kind.CUMULATIVE_REDUCTION, "19", ["10"])
        assert finding.needed_per_year is not None
        assert round(finding.needed_per_year, 3) == Decimal("2.600")

    def test_a_missing_year_leaves_it_unjudged(self) -> None:
        assert yearly(Kind.CUMULATIVE_REDUCTION, "17", ["4", None, "20"]).verdict is V.UNJUDGED

    def test_a_reduction_by_everything_has_no_logarithm(self) -> None:
        assert yearly(Kind.CUMULATIVE_REDUCTION, "17", ["100"]).verdict is V.UNJUDGED


class TestAnnualRate:
    @pytest.mark.parametrize(
        ("values", "verdict", "rate"),
        [
            (["7", "7"], V.ON_TRACK, "1"),
            (["8", "6"], V.ON_TRACK, "0.999332"),  # √1.1448 = 1.0699533: 6.99533 is less than a step below 7
            (["6", "6.6"], V.SLIGHTLY_BEHIND, "0.89994"),  # √1.12996 = 1.0629958, k = 6.29958/7
            (["5", "5"], V.BEHIND, "0.714286"),
            (["-1"], V.BEHIND, "-0.142857"),
            (["9", "9"], V.ON_TRACK, "1.285714"),  # the mean must hold to the end: never early
            (["7", "7", "7", "7", "7"], V.MET, "1"),
            (["9", "9", "9", "9", "9"], V.EXCEEDED, "1.285714"),
            (["5", "5", "5", "5", "5"], V.NOT_MET, "0.714286"),
        ],
    )
    def test_the_compound_mean_against_7_percent(self, values: list[str], verdict: Verdict, rate: str) -> None:
        finding = yearly(Kind.ANNUAL_RATE, "7", values)
        assert (finding.verdict, finding.completion_rate) == (verdict, Decimal(rate))
        assert finding.progress is None

    def test_a_missing_year_leaves_the_mean_unjudged(self) -> None:
        assert yearly(Kind.ANNUAL_RATE, "7", ["7", None, "7"]).verdict is V.UNJUDGED

    def test_a_loss_of_everything_has_no_mean(self) -> None:
        assert yearly(Kind.ANNUAL_RATE, "7", ["-100"]).verdict is V.UNJUDGED


class TestRelative:
    @pytest.mark.parametrize(
        ("operator", "reached", "comparator", "year", "verdict"),
        [
            (Operator.TEXT, "5.0", "5.0", 2022, V.ON_TRACK),  # 不低于: equal is enough
            (Operator.GE, "4.9", "5.0", 2022, V.BEHIND),
            (Operator.GT, "5.0", "5.0", 2022, V.BEHIND),
            (Operator.LE, "5.0", "5.0", 2022, V.ON_TRACK),
            (Operator.LE, "5.1", "5.0", 2022, V.BEHIND),
            (Operator.GE, "5.0", "4.8", 2025, V.MET),
            (Operator.GE, "4.0", "4.8", 2025, V.NOT_MET),
            (Operator.GE, "5.0", None, 2022, V.UNJUDGED),
        ],
    )
    def test_each_year_against_its_own_comparator(
        self, operator: Operator, reached: str, comparator: str | None, year: int, verdict: Verdict
    ) -> None:
        point = actual(year, reached, comparator=number(comparator))
        facts = indicator("2.0", [TargetPoint(2025, operator, None)], [point], kind=Kind.RELATIVE)
        assert assess(facts, year=year).verdict is verdict

    def test_a_missing_comparator_is_named(self) -> None:
        facts = indicator("2.0", [TargetPoint(2025, Operator.GE, None)], [actual(2022, "5")], kind=Kind.RELATIVE)
        assert "缺对照值" in assess(facts, year=2022).reason


class TestByPerson:
    @pytest.mark.parametrize(
        ("judgement", "year", "verdict"),
        [
            (Judgement.MET, 2023, V.EARLY),
            (Judgement.MET, 2025, V.MET),
            (Judgement.NOT_MET, 2023, V.BEHIND),
            (Judgement.NOT_MET, 2025, V.NOT_MET),
            (Judgement.IN_PROGRESS, 2023, V.UNJUDGED),
            (Judgement.IN_PROGRESS, 2025, V.UNJUDGED),
        ],
    )
    @pytest.mark.parametrize("kind", [Kind.QUALITATIVE, Kind.LEVEL])
    def test_a_target_in_words_follows_the_person(
        self, kind: Kind, judgement: Judgement, year: int, verdict: Verdict
    ) -> None:
        point = actual(year, None, judgement=judgement)
        facts = indicator(None, [TargetPoint(2025, Operator.TEXT, None)], [point], kind=kind)
        assert assess(facts, year=year).verdict is verdict

    def test_without_a_finding_a_target_in_words_is_unjudged(self) -> None:
        facts = indicator("3", [TargetPoint(2025, Operator.TEXT, None)], [actual(2022, "4")])
        finding = assess(facts, year=2022)
        assert (finding.verdict, finding.reason) == (V.UNJUDGED, "目标为文字表述，由人工评价。")

    def test_a_printed_figure_of_the_year_decides_before_a_final_target_in_words(self) -> None:
        goals = [target(2022, "50"), TargetPoint(2025, Operator.TEXT, None)]
        facts = indicator("30", goals, [actual(2022, "50")])
        assert assess(facts, year=2022).verdict is V.MET


class TestNothingToJudge:
    @pytest.mark.parametrize(("is_due", "verdict"), [(True, V.UNREPORTED), (False, V.NOT_DUE)])
    @pytest.mark.parametrize("points", [[], [actual(2022, None)], [actual(2021, "31")]])
    @pytest.mark.parametrize("kind", list(Kind))
    def test_no_figure(self, kind: Kind, points: list[ActualPoint], is_due: bool, verdict: Verdict) -> None:
        facts = indicator("30", [target(2025, "40")], points, kind=kind)
        assert assess(facts, year=2022, is_due=is_due).verdict is verdict

    def test_not_applicable_is_said(self) -> None:
        facts = indicator("30", [target(2025, "40")], [actual(2022, None, is_not_applicable=True)])
        finding = assess(facts, year=2022)
        assert (finding.verdict, finding.reason) == (V.UNJUDGED, "2022年不适用。")

    def test_no_target(self) -> None:
        finding = assess(indicator("30", [], [actual(2022, "31")]), year=2022)
        assert (finding.verdict, finding.reason) == (V.UNJUDGED, "未设目标值，无从评价。")

    def test_actuals_after_the_judged_year_change_nothing(self) -> None:
        goal, now = [target(2025, "40")], [actual(2021, "31"), actual(2022, "34")]
        before = assess(indicator("30", goal, now), year=2022)
        assert assess(indicator("30", goal, [*now, actual(2024, "12")]), year=2022) == before


class TestSecondFigures:
    def test_what_is_needed_what_changed_and_where_it_leads(self) -> None:
        # 30 → 40, A: 31 (2021), 33 (2022). Needed (40 − 33)/3; change 2; trend 33 + 3/2 × 3 = 37.5.
        facts = indicator("30", [target(2025, "40")], [actual(2021, "31"), actual(2022, "33")])
        finding = assess(facts, year=2022)
        assert finding.needed_per_year == Decimal("2.333333")
        assert (finding.change, finding.gap) == (Decimal(2), Decimal(-7))
        assert (finding.forecast, finding.forecast_verdict) == (Decimal("37.5"), V.NOT_MET)
        assert finding.completion_rate == Decimal("0.825")

    def test_the_first_change_is_on_the_baseline(self) -> None:
        assert judge("30", "40", "31", 2021).change == 1

    def test_a_trend_that_reaches_the_target(self) -> None:
        finding = judge("30", "40", "34", 2022)  # 34 + 2 × 3 = 40
        assert (finding.forecast, finding.forecast_verdict) == (Decimal(40), V.MET)

    def test_a_trend_needs_two_points(self) -> None:
        assert judge(None, "40", "34", 2022).forecast is None

    def test_without_a_baseline_two_actuals_make_a_trend(self) -> None:
        facts = indicator(None, [target(2025, "40")], [actual(2021, "30"), actual(2023, "34")])
        assert assess(facts, year=2023).forecast == 38  # 34 + 2 × 2

    def test_a_sum_goes_on_at_its_mean(self) -> None:
        assert yearly(Kind.CUMULATIVE, "100", ["10", "20"]).forecast == 75  # 30 / 2 × 5

    def test_the_final_year_has_neither_a_forecast_nor_a_remainder(self) -> None:
        finding = judge("30", "40", "35", 2025)
        assert (finding.forecast, finding.forecast_verdict, finding.needed_per_year) == (None, None, None)


# 老河口 十三五, table 1: what the bureau printed as 完成. (2015, target 2020, actual 2020)
LAOHEKOU = [
    ("每千名老年人口拥有养老床位数量", "30", "35", "35", V.MET),
    ("其中：养老机构护理型床位比例", "10", "30", "40", V.EXCEEDED),
    ("生活不能自理特困人员集中供养率", "10", "50", "90", V.EXCEEDED),
    ("农村社区综合服务设施覆盖率", "19.8", "50", "100", V.EXCEEDED),
    ("每万人社会组织数", "5.25", "6.5", "8.0", V.EXCEEDED),
    ("社会工作专业人才占总人口比例", None, "1", "1", V.MET),
    ("志愿服务参与率", None, "6", "12.8", V.EXCEEDED),
]


@pytest.mark.parametrize(("name", "baseline", "goal", "reached", "verdict"), LAOHEKOU)
@pytest.mark.parametrize("is_binding", [True, False])
def test_what_laohekou_printed_as_completed_comes_out_completed(
    name: str, baseline: str | None, goal: str, reached: str, verdict: Verdict, is_binding: bool
) -> None:
    facts = indicator(
        baseline, [target(2020, goal, Operator.EQ)], [actual(2020, reached)],
        is_binding=is_binding, start_year=2016, end_year=2020, baseline_year=2015,
    )  # fmt: skip
    finding = assess(facts, year=2020)
    assert (finding.verdict, finding.is_met, finding.light) == (verdict, True, Light.GREEN)


class TestFormulas:
    def test_share_reached(self) -> None:
        assert share_reached(baseline=Decimal(10), target=Decimal(5), actual=Decimal(8)) == Decimal("0.4")
        assert share_reached(baseline=Decimal(5), target=Decimal(5), actual=Decimal(8)) is None

    @pytest.mark.parametrize(("year", "share"), [(2019, "0"), (2020, "0"), (2022, "0.4"), (2025, "1"), (2026, "1")])
    def test_time_share(self, year: int, share: str) -> None:
        assert time_share(origin=2020, final=2025, year=year) == Decimal(share)

    @pytest.mark.parametrize(
        ("year", "value"), [(2019, 10), (2020, 10), (2021, 15), (2022, 20), (2024, 22), (2030, 23)]
    )
    def test_expected_value(self, year: int, value: int) -> None:
        points = [(2020, Decimal(10)), (2022, Decimal(20)), (2025, Decimal(23))]
        assert expected_value(points, year=year) == value

    def test_reduction_share(self) -> None:
        # 10 % and then 10 % are equal steps: 10 is half of 19.
        half = reduction_share(reduced=Decimal(10), promised=Decimal(19))
        assert half is not None
        assert round(half, 12) == Decimal("0.5")
        assert reduction_share(reduced=Decimal(10), promised=Decimal(0)) is None
        assert reduction_share(reduced=Decimal(100), promised=Decimal(19)) is None

    def test_total_reduction(self) -> None:
        assert total_reduction([Decimal(10), Decimal(10)]) == 19
        assert total_reduction([Decimal(10), Decimal(-10)]) == 1

    def test_compound_mean_rate(self) -> None:
        assert compound_mean_rate([Decimal(10), Decimal(10)]) == 10
        assert compound_mean_rate([Decimal(44), Decimal(0)]) == 20  # √1.44 = 1.2
        assert compound_mean_rate([]) is None

    def test_trend_forecast(self) -> None:
        assert trend_forecast([(2020, Decimal(1)), (2021, Decimal(9)), (2022, Decimal(5))], year=2025) == 11
        assert trend_forecast([(2020, Decimal(1))], year=2025) is None


class TestWords:
    def test_every_verdict_has_its_word_and_light(self) -> None:
        assert set(VERDICT_WORDS) == set(VERDICT_LIGHTS) == set(Verdict)
        assert len(set(VERDICT_WORDS.values())) == len(Verdict)

    @pytest.mark.parametrize(
        ("light", "words"),
        [
            (Light.GREEN, {"提前完成", "快于预期", "符合预期", "超额完成", "完成"}),
            (Light.YELLOW, {"轻度滞后", "基本完成"}),
            (Light.RED, {"滞后", "回落", "未完成"}),
            (Light.GREY, {"暂不评价", "未填报", "未到期", "职能划转", "口径调整"}),
        ],
    )
    def test_the_lights(self, light: Light, words: set[str]) -> None:
        assert {VERDICT_WORDS[verdict] for verdict, lit in VERDICT_LIGHTS.items() if lit is light} == words

    def test_a_reason_is_a_sentence_with_its_figures(self) -> None:
        reason = judge("30", "40", "35", 2023).reason
        assert reason == "2023年实际值35，应达36，只达到应有变化的83.33%（低于85%），滞后。"


class TestTally:
    ROWS = (
        [Counted(V.EARLY, False, True)] * 2
        + [Counted(V.ON_TRACK, True, False)] * 5
        + [Counted(V.ON_TRACK, False, False)] * 3
        + [Counted(V.BEHIND, True, False), Counted(V.BEHIND, False, False)]
        + [Counted(V.UNJUDGED, False, False)] * 3
    )

    def test_counts_shares_and_binding_apart(self) -> None:
        counted = tally(self.ROWS)
        assert (counted.total, counted.assessable, counted.met, counted.binding_total) == (15, 12, 2, 6)
        assert counted.met_rate == Decimal("0.166667")  # 2/12
        assert counted.binding_verdicts == {V.ON_TRACK: 5, V.BEHIND: 1}
        assert counted.lights == {Light.GREEN: 10, Light.YELLOW: 0, Light.RED: 2, Light.GREY: 3}

    def test_the_sentence(self) -> None:
        assert tally_sentence(tally(self.ROWS)) == (
            "15项指标：提前完成2项、符合预期8项、滞后2项、暂不评价3项；约束性指标6项，其中滞后1项。"
        )

    def test_binding_ones_that_are_all_green(self) -> None:
        assert tally_sentence(tally([Counted(V.MET, True, True)])) == "1项指标：完成1项；约束性指标1项，均达到要求。"

    def test_nothing_to_count(self) -> None:
        assert tally([]).met_rate is None
        assert tally_sentence(tally([])) == "没有指标。"

    def test_what_is_grey_is_not_in_the_denominator(self) -> None:
        assert tally([(V.MET, False, True), (V.UNREPORTED, False, None)]).met_rate == 1


figures = st.decimals("-99999999999", "99999999999", places=4)
maybe_figures = st.none() | figures
years = st.integers(2018, 2028)
any_target = st.builds(
    TargetPoint,
    years,
    st.sampled_from(Operator),
    maybe_figures,
    maybe_figures,
    st.integers(0, 4),
    st.booleans(),
)
any_actual = st.builds(
    ActualPoint,
    years,
    maybe_figures,
    st.integers(0, 4),
    maybe_figures,
    st.none() | st.sampled_from(Judgement),
    st.booleans(),
)
any_facts = st.builds(
    IndicatorFacts,
    st.sampled_from(Kind),
    st.sampled_from(Direction),
    st.booleans(),
    st.just(2021),
    st.just(2025),
    st.none() | years,
    maybe_figures,
    st.lists(any_target, max_size=4).map(tuple),
    st.lists(any_actual, max_size=8).map(tuple),
)


@given(any_facts, years, st.booleans())
def test_no_facts_make_the_engine_fail(facts: IndicatorFacts, year: int, is_due: bool) -> None:
    finding = assess(facts, year=year, is_due=is_due)
    assert finding.light is VERDICT_LIGHTS[finding.verdict]
    assert finding.reason.endswith("。")
    assert 0 <= finding.time_progress <= 1


@given(figures, figures, st.integers(2021, 2025))
def test_progress_is_one_at_the_target(baseline: Decimal, goal: Decimal, year: int) -> None:
    assume(baseline != goal)
    facts = simple(baseline, goal, goal, year, UP if goal > baseline else DOWN)
    finding = assess(facts, year=year)
    assert finding.progress == 1
    assert finding.verdict is (V.MET if year == 2025 else V.EARLY)


@given(figures, figures, figures, st.integers(2021, 2025), st.booleans())
def test_down_is_the_mirror_of_up(baseline: Decimal, goal: Decimal, reached: Decimal, year: int, binds: bool) -> None:
    up = assess(simple(baseline, goal, reached, year, UP, binds), year=year)
    down = assess(simple(-baseline, -goal, -reached, year, DOWN, binds), year=year)
    same = ("verdict", "progress", "comparison", "completion_rate", "gap", "forecast_verdict")
    assert [getattr(up, name) for name in same] == [getattr(down, name) for name in same]


small = st.decimals("-99999", "99999", places=2)


@given(small, small, small, small, st.integers(2021, 2025))
def test_where_zero_lies_does_not_matter_to_progress(
    baseline: Decimal, goal: Decimal, reached: Decimal, shift: Decimal, year: int
) -> None:
    here = assess(simple(baseline, goal, reached, year, UP, True), year=year)
    there = assess(simple(baseline + shift, goal + shift, reached + shift, year, UP, True), year=year)
    assert (here.verdict, here.progress, here.comparison) == (there.verdict, there.progress, there.comparison)


@given(small, small, small, small, st.integers(2021, 2024))
def test_more_is_never_judged_worse(baseline: Decimal, goal: Decimal, one: Decimal, other: Decimal, year: int) -> None:
    order = [V.FALLEN_BACK, V.BEHIND, V.SLIGHTLY_BEHIND, V.ON_TRACK, V.AHEAD, V.EARLY]
    low, high = (assess(simple(baseline, goal, it, year, UP), year=year).verdict for it in sorted((one, other)))
    assert order.index(low) <= order.index(high)


def simple(
    baseline: Decimal,
    goal: Decimal,
    reached: Decimal,
    year: int,
    direction: Direction,
    is_binding: bool = False,
) -> IndicatorFacts:
    # Four decimals for all, so that the printed step is the same wherever the figures lie.
    goals, points = (TargetPoint(2025, Operator.EQ, goal, decimals=4),), (ActualPoint(year, reached, 4),)
    return IndicatorFacts(Kind.LEVEL, direction, is_binding, 2021, 2025, None, baseline, goals, points)


def test_a_stated_absence_is_not_the_same_as_no_report() -> None:
    facts = indicator("40", [target(2025, "50")], [ActualPoint(2023, None, is_missing=True)])
    finding = assess(facts, year=2023)
    assert (finding.verdict, finding.light) == (V.UNJUDGED, Light.GREY)
    assert "暂缺" in finding.reason


@pytest.mark.parametrize(
    ("baseline", "goal", "reached", "ahead"),
    [
        ("60", "90", "84", Decimal(100)),  # 60 + (84 − 60) / 2 × 5 = 120, but a share ends at 100
        ("50", "0", "10", Decimal(0)),  # 50 − 40 / 2 × 5 = −50, but nothing is less than none
    ],
)
def test_a_trend_does_not_run_past_what_is_possible(baseline: str, goal: str, reached: str, ahead: Decimal) -> None:
    direction = Direction.DOWN if goal == "0" else Direction.UP
    operator = Operator.LE if goal == "0" else Operator.GE
    facts = indicator(baseline, [target(2025, goal, operator)], [actual(2022, reached)], direction=direction)
    facts = replace(facts, minimum=Decimal(0), maximum=Decimal(100))
    assert assess(facts, year=2022).forecast == ahead
