"""What planners rule in the instant in which others rule or approve: one word stands, and the assessments are true."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

import pytest

from accounts.models import User
from accounts.permissions import Role
from indicators.definitions import Promise, StaleTarget, revise_target
from indicators.models import Actual, Assessment, Indicator, Override, Target
from indicators.moves import Move
from indicators.reassess import differences, reassess
from indicators.rulings import StaleRuling, exclude_indicator, override_verdict
from indicators.verdicts import Verdict
from indicators.workflow import Entry, Typed, move_actual, save_actuals
from tests import factories
from tests.races import assert_all_is_well, in_rounds, refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shared_database")]

YEAR = 2023
ROUNDS = 12


@pytest.fixture
def submitted() -> list[Actual]:
    """A figure that waits for review in each of some indicators of one plan; nothing is judged yet."""
    plan, clerk = factories.plan(), factories.person(Role.CLERK)
    factories.open_round(plan, YEAR)
    rows = [factories.indicator(plan=plan) for _ in range(ROUNDS)]
    reassess(Indicator.objects.all())
    typed = [Typed(row, YEAR, Entry(value=Decimal(45), text="45", note="按年鉴"), None) for row in rows]
    saved = [row for row in save_actuals(typed, by=clerk) if isinstance(row, Actual)]
    return [move_actual(actual=row, move=Move.SUBMIT, by=clerk, version=row.version) for row in saved]


def approve(actual: Actual, by: User) -> Actual:
    return move_actual(actual=actual, move=Move.APPROVE, by=by, version=actual.version)


def override(indicator: Indicator, verdict: Verdict, by: User) -> Override:
    return override_verdict(indicator=indicator, year=YEAR, verdict=verdict, reason="督查认定", seen=None, by=by)


def test_of_two_planners_at_once_one_is_told_of_the_other(submitted: list[Actual]) -> None:
    one, other, reviewer = (factories.person(role) for role in (Role.PLANNER, Role.PLANNER, Role.REVIEWER))
    for actual in submitted:
        approve(actual, reviewer)
    rounds = in_rounds(
        [
            [
                partial(override, actual.indicator, Verdict.ON_TRACK, one),
                partial(override, actual.indicator, Verdict.UNJUDGED, other),
            ]
            for actual in submitted
        ]
    )
    assert [refused(answers) for answers in rounds] == [[StaleRuling]] * ROUNDS
    assert Override.objects.count() == ROUNDS
    assert differences(Indicator.objects.all())[0] == []


def test_a_ruling_and_an_approval_at_once_leave_a_true_assessment(submitted: list[Actual]) -> None:
    planner, reviewer = factories.person(Role.PLANNER), factories.person(Role.REVIEWER)
    take_out = partial(
        exclude_indicator, since_year=YEAR, cause=Verdict.TRANSFERRED, reason="划转", seen=None, by=planner
    )
    rounds = in_rounds(
        [[partial(take_out, indicator=actual.indicator), partial(approve, actual, reviewer)] for actual in submitted]
    )
    assert [refused(answers) for answers in rounds] == [[]] * ROUNDS
    assert_all_is_well([answers[1] for answers in rounds])
    stored = Assessment.objects.filter(year=YEAR)
    assert {row.verdict for row in stored} == {Verdict.TRANSFERRED}
    assert Verdict.UNREPORTED not in {row.found for row in stored}


def test_a_target_revised_twice_while_a_figure_is_approved_is_revised_once(submitted: list[Actual]) -> None:
    one, other, reviewer = (factories.person(role) for role in (Role.PLANNER, Role.PLANNER, Role.REVIEWER))

    def revise(indicator: Indicator, value: str, by: User) -> Target:
        return revise_target(
            indicator=indicator,
            year=2025,
            promise=Promise.read(value, unit="%"),
            counts_from=YEAR,
            reason="中期调整",
            approved_by_body="湖北省民政厅",
            approval_number="鄂民发〔2023〕1号",
            version=1,
            by=by,
        )

    rounds = in_rounds(
        [
            [
                partial(revise, actual.indicator, "56", one),
                partial(revise, actual.indicator, "46", other),
                partial(approve, actual, reviewer),
            ]
            for actual in submitted
        ]
    )
    assert [refused(answers) for answers in rounds] == [[StaleTarget]] * ROUNDS
    assert Target.objects.filter(version=2).count() == ROUNDS
    assert_all_is_well([answers[2] for answers in rounds])
