"""What stays true when two people act in the same instant: nothing unseen is approved, nothing saved is lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import cast

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from accounts.permissions import Role
from indicators.entry import submit_all
from indicators.evidence import attach_evidence
from indicators.models import Actual, ActualEvent, Evidence, Indicator, State
from indicators.moves import MOVES, Move
from indicators.reassess import differences, reassess
from indicators.review import Refused, StaleVersion, WrongState
from indicators.workflow import Entry, PassedOn, Typed, move_actual, move_actuals, save_actuals
from plans.models import Plan
from tests import factories
from tests.races import assert_all_is_well, at_once, done, in_rounds, refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shared_database")]

YEAR = 2023
ROUNDS = 200


def open_plan() -> Plan:
    plan = factories.plan()
    factories.open_round(plan, YEAR)
    return plan


def rows_of(plan: Plan, number: int) -> list[Indicator]:
    """Indicators of the plan, as the workflow wants them."""
    return [factories.indicator(plan=plan) for _ in range(number)]


def typed(indicator: Indicator, value: str, version: int | None) -> Typed:
    return Typed(indicator, YEAR, Entry(value=Decimal(value), text=value), version)


def save(indicator: Indicator, value: str, by: User, version: int | None) -> Actual:
    (answer,) = save_actuals([typed(indicator, value, version)], by=by)
    if isinstance(answer, Refused):
        raise answer
    return answer


def step(actual: Actual, move: Move, by: User, version: int) -> Actual:
    return move_actual(actual=actual, move=move, by=by, version=version, note="再核")


def entered(indicators: Sequence[Indicator], by: User, value: str = "47") -> list[Actual]:
    """A draft in each row, version 1, with the assessments as they then stand."""
    answers = save_actuals([typed(indicator, value, None) for indicator in indicators], by=by)
    reassess(Indicator.objects.all())
    return done(answers)


def moved(actuals: Sequence[Actual], move: Move, by: User) -> list[Actual]:
    return done(move_actuals([(actual, actual.version) for actual in actuals], move=move, by=by, note="再核"))


# ---- One figure, two people


def test_no_figure_is_approved_that_the_reviewer_has_not_seen() -> None:
    """One approves 47 while another returns it and the clerk types 48 over it and passes that on."""
    plan = open_plan()
    clerk, one, other = (factories.person(role) for role in (Role.CLERK, Role.REVIEWER, Role.REVIEWER))
    seen = moved(entered(rows_of(plan, ROUNDS), clerk), Move.SUBMIT, clerk)

    def change(actual: Actual) -> Actual:
        saved = save(actual.indicator, "48", clerk, 3)
        return step(saved, Move.SUBMIT, clerk, saved.version)

    rounds = in_rounds(
        [
            [
                partial(step, actual, Move.APPROVE, one, 2),
                partial(step, actual, Move.RETURN, other, 2),
                partial(change, actual),
            ]
            for actual in seen
        ]
    )
    for before, answers in zip(seen, rounds, strict=True):
        stored = Actual.objects.get(pk=before.pk)
        outcome = (stored.state, stored.value, stored.version)
        if isinstance(answers[0], Actual):
            assert (outcome, refused(answers)) == (("approved", 47, 3), [WrongState, WrongState])
        elif isinstance(answers[2], Actual):
            # approving came last: it was submitted again, and only its version tells that it is another figure
            assert outcome == ("submitted", 48, 5)
            assert refused(answers) in ([WrongState], [StaleVersion])
        else:
            assert (outcome, refused(answers)) == (("returned", 47, 3), [WrongState, WrongState])
    assert_all_is_well(answer for answers in rounds for answer in answers)


@pytest.mark.parametrize(("state", "version"), [(State.SUBMITTED, 2), (State.RETURNED, 3)])
def test_approving_and_editing_at_once_leave_one_of_them_refused(state: State, version: int) -> None:
    plan = open_plan()
    clerk, reviewer = factories.person(Role.CLERK), factories.person(Role.REVIEWER)
    actuals = moved(entered(rows_of(plan, 40), clerk), Move.SUBMIT, clerk)
    if state == State.RETURNED:
        actuals = moved(actuals, Move.RETURN, reviewer)
    rounds = in_rounds(
        [
            [
                partial(step, actual, Move.APPROVE, reviewer, version),
                partial(save, actual.indicator, "48", clerk, version),
            ]
            for actual in actuals
        ]
    )
    assert {tuple(refused(answers)) for answers in rounds} == {(WrongState,)}
    expected = (State.APPROVED, Decimal(47)) if state == State.SUBMITTED else (State.RETURNED, Decimal(48))
    assert set(Actual.objects.values_list("state", "value")) == {expected}
    assert_all_is_well(answer for answers in rounds for answer in answers)


def test_a_figure_saved_while_it_is_submitted_is_never_passed_on_unseen() -> None:
    plan = open_plan()
    clerk, other = factories.person(Role.CLERK), factories.person(Role.CLERK)
    drafts = entered(rows_of(plan, 40), clerk)
    rounds = in_rounds(
        [
            [partial(step, draft, Move.SUBMIT, clerk, 1), partial(save, draft.indicator, "48", other, 1)]
            for draft in drafts
        ]
    )
    for draft, answers in zip(drafts, rounds, strict=True):
        stored = Actual.objects.get(pk=draft.pk)
        assert (stored.state, stored.value) in (("submitted", 47), ("draft", 48))
        assert refused(answers) == [WrongState if stored.state == State.SUBMITTED else StaleVersion]
    assert_all_is_well(answer for answers in rounds for answer in answers)


def test_a_file_put_beside_a_figure_while_it_is_submitted_is_there_before_or_not_at_all() -> None:
    """A reviewer never finds a file that was not there when the figure was passed on."""
    clerk = factories.person(Role.CLERK)
    actuals = entered(rows_of(open_plan(), 40), clerk)

    def attach(actual: Actual) -> Evidence:
        upload = SimpleUploadedFile("台账.pdf", b"%PDF-1.4 ", "application/pdf")
        return attach_evidence(indicator=actual.indicator, year=YEAR, upload=upload, by=clerk)

    rounds = in_rounds([[partial(attach, actual), partial(step, actual, Move.SUBMIT, clerk, 1)] for actual in actuals])
    for actual, answers in zip(actuals, rounds, strict=True):
        files = list(Evidence.objects.filter(actual=actual))
        stored = Actual.objects.get(pk=actual.pk)
        assert (stored.state, stored.version) == (State.SUBMITTED, 2)
        if isinstance(answers[0], Evidence):  # no times are compared: both are read before the lock is waited for
            assert files == [answers[0]]
        else:
            assert (files, refused(answers)) == ([], [WrongState])
    assert_all_is_well(answer for answers in rounds for answer in answers)


def test_of_two_saves_at_once_one_is_stale_and_is_told_of_the_other() -> None:
    plan = open_plan()
    clerks = [factories.person(Role.CLERK), factories.person(Role.CLERK)]
    drafts = entered(rows_of(plan, 40), clerks[0])
    rounds = in_rounds(
        [
            [partial(save, draft.indicator, value, clerk, 1) for clerk, value in zip(clerks, ("46", "48"), strict=True)]
            for draft in drafts
        ]
    )
    for answers in rounds:
        assert refused(answers) == [StaleVersion]
        (kept,) = done(answers)
        (stale,) = (answer for answer in answers if isinstance(answer, StaleVersion))
        assert stale.current is not None
        assert (stale.current.value, stale.current.entered_by) == (kept.value, kept.entered_by)
    assert_all_is_well(answer for answers in rounds for answer in answers)


def test_of_two_first_entries_at_once_one_is_told_of_the_other() -> None:
    plan = open_plan()
    clerks = [factories.person(Role.CLERK), factories.person(Role.CLERK)]
    rounds = in_rounds(
        [
            [partial(save, row, value, clerk, None) for clerk, value in zip(clerks, ("46", "48"), strict=True)]
            for row in rows_of(plan, 40)
        ]
    )
    reassess(Indicator.objects.all())
    for answers in rounds:
        assert refused(answers) == [StaleVersion]
        (kept,) = done(answers)
        (stale,) = (answer for answer in answers if isinstance(answer, StaleVersion))
        assert stale.current is not None
        assert (stale.current.pk, stale.current.value) == (kept.pk, kept.value)
    assert_all_is_well(answer for answers in rounds for answer in answers)


@pytest.mark.parametrize("moves", [(Move.APPROVE, Move.APPROVE), (Move.APPROVE, Move.RETURN)], ids="-".join)
def test_of_two_reviewers_at_once_one_decides(moves: tuple[Move, Move]) -> None:
    plan = open_plan()
    clerk = factories.person(Role.CLERK)
    reviewers = [factories.person(Role.REVIEWER), factories.person(Role.REVIEWER)]
    submitted = moved(entered(rows_of(plan, 40), clerk), Move.SUBMIT, clerk)
    rounds = in_rounds(
        [
            [partial(step, actual, move, by, 2) for move, by in zip(moves, reviewers, strict=True)]
            for actual in submitted
        ]
    )
    for actual, answers in zip(submitted, rounds, strict=True):
        assert refused(answers) == [WrongState]
        decided = [isinstance(answer, Actual) for answer in answers].index(True)
        stored = Actual.objects.get(pk=actual.pk)
        assert (stored.state, stored.version) == (MOVES[moves[decided]].target, 3)
        assert stored.approved_by == (reviewers[decided] if moves[decided] == Move.APPROVE else None)
    assert_all_is_well(answer for answers in rounds for answer in answers)


# ---- Whole sheets


def test_a_sheet_passed_on_twice_at_once_is_passed_on_once() -> None:
    plan = open_plan()
    clerk = factories.person(Role.CLERK)
    entered(rows_of(plan, 30), clerk)
    answers = at_once(*[partial(submit_all, plan, year=YEAR, by=clerk)] * 2)
    # the second either saw them all passed on, or was overtaken by the first; never a complaint for each row
    won, lost = sorted(cast("list[PassedOn]", answers), key=lambda passed: -passed.submitted)
    assert won == PassedOn(30, [], 0)
    assert lost in (PassedOn(0, [], 0), PassedOn(0, [], 30))
    assert set(Actual.objects.values_list("state", "version")) == {("submitted", 2)}
    assert_all_is_well([])


def retyped(indicators: Sequence[Indicator], value: str, by: User) -> list[object]:
    """Types one value into cell after cell; told of another's, looks at it and types again until it stands."""
    answers: list[object] = []
    for indicator in indicators:
        version: int | None = None
        while True:
            (answer,) = save_actuals([typed(indicator, value, version)], by=by)
            answers.append(answer)
            if not isinstance(answer, StaleVersion):
                break
            version = answer.current.version if answer.current else None
    return answers


@pytest.mark.parametrize("is_first", [True, False], ids=["first_entries", "drafts"])
def test_a_hundred_cells_saved_in_bulk_while_two_people_type_into_them_lose_nothing(is_first: bool) -> None:
    """What an import does beside the sheet: where a person was quicker it is told so, cell by cell."""
    plan = open_plan()
    indicators = rows_of(plan, 100)
    importer, *clerks = (factories.person(Role.CLERK) for _ in range(3))
    version = None if is_first else 1
    if not is_first:
        entered(indicators, importer)
    for value in ("48", "49"):
        in_bulk, one, other = at_once(
            partial(save_actuals, [typed(row, value, version) for row in indicators], by=importer),
            partial(retyped, indicators, f"{value}.1", clerks[0]),
            partial(retyped, indicators[::-1], f"{value}.2", clerks[1]),
        )
        assert isinstance(in_bulk, list)
        assert isinstance(one, list)
        assert isinstance(other, list)
        assert len(in_bulk) == 100
        assert set(refused([*in_bulk, *one, *other])) <= {StaleVersion}
        for by, said in ((clerks[0], f"{value}.1"), (clerks[1], f"{value}.2")):
            saves = ActualEvent.objects.filter(by=by, move=Move.SAVE, value=Decimal(said))
            assert saves.values("actual").distinct().count() == 100
        reassess(Indicator.objects.all())
        assert_all_is_well([])
        assert len(done(in_bulk)) == ActualEvent.objects.filter(by=importer, value=Decimal(value)).count()


def test_a_batch_is_approved_as_it_was_seen_while_a_clerk_goes_on_typing() -> None:
    plan = open_plan()
    clerk, reviewer = factories.person(Role.CLERK), factories.person(Role.REVIEWER)
    drafts = entered(rows_of(plan, 100), clerk)
    seen = moved(drafts[:60], Move.SUBMIT, clerk)
    rows = [draft.indicator for draft in drafts]

    def approve() -> list[Actual | Refused]:
        return move_actuals([(actual, 2) for actual in seen], move=Move.APPROVE, by=reviewer)

    def type_on() -> list[Actual | Refused]:
        return [answer for row in rows for answer in save_actuals([typed(row, "48", 1)], by=clerk)]

    approved, saved = at_once(approve, type_on)
    assert isinstance(approved, list)
    assert isinstance(saved, list)
    assert [type(answer) for answer in approved] == [Actual] * 60
    assert [type(answer) for answer in saved] == [WrongState] * 60 + [Actual] * 40
    assert set(Actual.objects.approved().values_list("value", "version")) == {(Decimal(47), 3)}
    assert_all_is_well([*approved, *saved])


Batch = Callable[[Sequence[Actual], User], list[Actual | Refused]]


def save_first(actuals: Sequence[Actual], by: User) -> list[Actual | Refused]:
    """First entries for the rows these figures stand in, one year earlier: there is no row to wait for."""
    return save_actuals(
        [Typed(actual.indicator, YEAR - 1, Entry(value=Decimal(45), note=str(by)), None) for actual in actuals], by=by
    )


def save_again(actuals: Sequence[Actual], by: User) -> list[Actual | Refused]:
    return save_actuals(
        [Typed(actual.indicator, YEAR, Entry(value=Decimal(48), note=str(by)), 1) for actual in actuals], by=by
    )


def submit(actuals: Sequence[Actual], by: User) -> list[Actual | Refused]:
    return move_actuals([(actual, actual.version) for actual in actuals], move=Move.SUBMIT, by=by)


@pytest.mark.parametrize("batch", [save_first, save_again, submit])
def test_two_batches_in_opposite_order_do_not_wait_for_each_other_in_a_ring(batch: Batch) -> None:
    plan = open_plan()
    factories.open_round(plan, YEAR - 1)
    clerks = [factories.person(Role.CLERK), factories.person(Role.CLERK)]
    drafts = entered(rows_of(plan, 60), clerks[0])
    for part in (drafts[:20], drafts[20:40], drafts[40:]):
        answers = at_once(partial(batch, part, clerks[0]), partial(batch, part[::-1], clerks[1]))
        assert [type(answer) for one in answers for answer in one].count(Actual) == 20  # type: ignore[attr-defined]
    reassess(Indicator.objects.all())
    assert_all_is_well([])


def test_two_batches_of_approvals_in_opposite_order_approve_each_row_once() -> None:
    plans = [open_plan(), open_plan()]
    clerk = factories.person(Role.CLERK)
    reviewers = [factories.person(Role.REVIEWER), factories.person(Role.REVIEWER)]
    submitted = moved(entered([row for plan in plans for row in rows_of(plan, 20)], clerk), Move.SUBMIT, clerk)

    def approve(actuals: Sequence[Actual], by: User) -> list[Actual | Refused]:
        return move_actuals([(actual, 2) for actual in actuals], move=Move.APPROVE, by=by)

    answers = at_once(partial(approve, submitted, reviewers[0]), partial(approve, submitted[::-1], reviewers[1]))
    said = [answer for one in answers for answer in one]  # type: ignore[attr-defined]
    assert (len(done(said)), refused(said)) == (40, [WrongState] * 40)
    assert set(Actual.objects.values_list("state", "version")) == {("approved", 3)}
    assert_all_is_well(said)


# ---- Assessments that rest on two rows


def test_two_years_of_one_sum_approved_at_once_leave_a_true_assessment() -> None:
    """Each approval changes what the other year's assessment rests on."""
    plan = factories.plan()
    reviewers = [factories.person(Role.REVIEWER), factories.person(Role.REVIEWER)]
    for _ in range(10):
        indicator = factories.indicator(plan=plan, kind="cumulative", baseline_value=None, unit="张")
        years = [
            factories.actual(indicator=indicator, year=year, value=Decimal(10), state=State.SUBMITTED)
            for year in (2021, 2022)
        ]
        reassess(Indicator.objects.filter(pk=indicator.pk))
        both = [partial(step, years[place], Move.APPROVE, reviewers[place], 1) for place in (0, 1)]
        assert refused(at_once(*both)) == []
        assert differences(Indicator.objects.filter(pk=indicator.pk))[0] == []


def test_two_rows_of_one_group_approved_at_once_leave_the_group_as_its_worst_row() -> None:
    plan = factories.plan()
    reviewers = [factories.person(Role.REVIEWER), factories.person(Role.REVIEWER)]
    for _ in range(10):
        group = factories.indicator(plan=plan, target=None, is_group=True)
        rows = [
            factories.actual(
                indicator=factories.indicator(plan=plan, parent=group), value=Decimal(47), state=State.SUBMITTED
            )
            for _ in range(2)
        ]
        reassess(Indicator.objects.filter(plan=plan))
        both = [partial(step, rows[place], Move.APPROVE, reviewers[place], 1) for place in (0, 1)]
        assert refused(at_once(*both)) == []
        assert group.assessments.get(year=YEAR).verdict == "on_track"
