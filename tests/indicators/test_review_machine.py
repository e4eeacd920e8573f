"""The review through all its doors, in orders nobody thought of, held against the table of moves.

A door is one way to ask for a step: the sheet's endpoint, the form of a browser without scripts, a filled-in template,
the API, the workflow itself. All say the same of the same step, each in its own words, and what is refused changes
nothing.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum, auto

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from accounts.models import AuditEvent, Membership, User
from accounts.permissions import Permission, Role
from indicators.forms import EntryForm
from indicators.models import Actual, ActualEvent, Indicator, State
from indicators.moves import ENTERING, MOVES, Move
from indicators.review import Forbidden, Refused, RoundClosed, StaleVersion, WrongState
from indicators.workflow import Unfit, move_actual, save_actual
from plans.models import Round
from reports.models import EntryImport, ImportState
from tests import factories
from tests.reports.entries.entry_books import opened, place_of, saved, sheet_of, template_of

pytestmark = pytest.mark.django_db

YEAR = 2023
OPEN, OVER = date(2100, 1, 1), date(2000, 1, 2)
NOTE = "与年鉴不符"
GOOD, TOO_MUCH, BLANK, NO_FIGURE = ("46", "47.5", "４８"), "480", "", "一二三"


class Outcome(StrEnum):
    """What the table of moves says of a step; the order is that in which the workflow asks."""

    UNSEEN = auto()  # the person does not see that there is such a row
    NOT_THEIRS = auto()  # the person has no such office in the region
    OTHERS = auto()  # a clerk of another department
    NOT_UNDERSTOOD = auto()
    WRONG_STATE = auto()
    CLOSED = auto()
    NO_REASON = auto()
    STALE = auto()
    OWN = auto()  # nobody approves what they entered
    UNFIT = auto()
    SAME = auto()  # saved as it stands already
    FIRST = auto()  # done, and there was no figure before
    DONE = auto()


# ---- The doors


@dataclass(frozen=True)
class Step:
    """One step as somebody asks for it; `version` is the one it was decided on."""

    move: Move
    indicator: Indicator
    actual: Actual | None
    version: int | None
    value: str = ""
    note: str = ""


@dataclass(frozen=True)
class Door:
    """One way to ask for some of the moves, and what it answers to each outcome."""

    moves: tuple[Move, ...]
    ask: Callable[[User, Client, Step], object]
    answers: dict[Outcome, object]


def answers(done: object, refused: object, **others: object) -> dict[Outcome, object]:
    """What a door says to each outcome: one word for what went, one for what did not, and its exceptions."""
    said: dict[Outcome, object] = dict.fromkeys(Outcome, refused)
    said |= dict.fromkeys((Outcome.SAME, Outcome.FIRST, Outcome.DONE), done)
    return said | {Outcome[name.upper()]: answer for name, answer in others.items()}


def by_sheet(person: User, client: Client, step: Step) -> object:
    row = {"indicator": str(step.indicator.pk), "version": step.version, "value": step.value}
    answer = client.post(
        reverse("entry_save", args=[step.indicator.plan.code, YEAR]),
        json.dumps({"rows": [row]}),
        content_type="application/json",
        headers={"X-Sheet-Person": str(person.pk)},
    )
    return answer.json()["rows"][str(step.indicator.pk)]["outcome"] if answer.status_code == 200 else answer.status_code


def by_form(person: User, client: Client, step: Step) -> object:
    fields = {"value": step.value, "version": step.version or ""}
    return client.post(reverse("actual_save", args=[step.indicator.pk, YEAR]), fields).status_code


def by_page(person: User, client: Client, step: Step) -> object:
    fields = {"move": step.move, "version": step.version, "note": step.note}
    return client.post(reverse("actual_move", args=[step.actual.pk if step.actual else 0]), fields).status_code


def by_file(person: User, client: Client, step: Step) -> object:
    """A template filled in, uploaded and confirmed as it stands; `version` is the one the template was made on."""
    if not person.can(Permission.ENTER, step.indicator.plan.region):
        return client.post(reverse("entry_import_upload")).status_code
    book = opened(template_of(step.indicator.plan, user=person, year=YEAR))
    sheet = sheet_of(book, step.indicator)
    for name, typed in (("version", str(step.version or "")), ("value", step.value)):
        cell = sheet[place_of(sheet, step.indicator, name)]
        cell.value, cell.data_type = typed, "s"
    client.post(reverse("entry_import_upload"), {"file": SimpleUploadedFile("表.xlsx", saved(book))})
    imported = EntryImport.objects.latest("pk")
    client.post(reverse("entry_import_confirm", args=[imported.pk]), {"preview": imported.preview})
    imported.refresh_from_db()
    if imported.state == ImportState.APPLIED:
        return imported.state
    return imported.lines.get(indicator=step.indicator).outcome


def by_api(person: User, client: Client, step: Step) -> object:
    if step.move == Move.SAVE:
        sent = {"indicator": step.indicator.pk, "year": YEAR, "value": step.value, "version": step.version}
        answer = client.post("/api/v1/actuals/", sent, content_type="application/json")
        return "created" if answer.status_code == 201 else answer.status_code
    sent = {"move": step.move, "version": step.version, "note": step.note}
    address = f"/api/v1/actuals/{step.actual.pk if step.actual else 0}/move/"
    return client.post(address, sent, content_type="application/json").status_code


def by_workflow(person: User, client: Client, step: Step) -> object:
    form = EntryForm({"value": step.value}, indicator=step.indicator)
    if not form.is_valid():
        return None
    try:
        if step.move == Move.SAVE:
            save_actual(indicator=step.indicator, year=YEAR, entry=form.entry, by=person, version=step.version)
        elif step.actual:
            move_actual(actual=step.actual, move=step.move, by=person, version=step.version or 0, note=step.note)
    except Refused as refused:
        return type(refused)
    return Actual


STEPS = tuple(move for move in Move if move != Move.SAVE)
DOORS = {
    "sheet": Door((Move.SAVE,), by_sheet, answers("saved", "refused", stale="conflict", not_theirs=403)),
    "file": Door((Move.SAVE,), by_file, answers("applied", "refused", stale="conflict", not_theirs=403)),
    "form": Door((Move.SAVE,), by_form, answers(302, 422, not_theirs=403)),
    # what is refused by the state of things is said in a sentence on the page that follows, or on top of the review
    "page": Door((Move.SUBMIT, Move.REOPEN), by_page, answers(302, 302, unseen=404, not_theirs=403, others=403)),
    "review": Door(
        (Move.APPROVE, Move.RETURN),
        by_page,
        answers(302, 409, unseen=404, not_theirs=403, own=403, no_reason=400),
    ),
    "api": Door(
        tuple(Move),
        by_api,
        answers(
            200, 409, first="created", unseen=404, not_theirs=403, others=403, own=403,
            not_understood=400, no_reason=400, unfit=400,
        ),
    ),
    "workflow": Door(
        tuple(Move),
        by_workflow,
        answers(
            Actual, Forbidden, not_understood=None, wrong_state=WrongState, closed=RoundClosed, stale=StaleVersion,
            no_reason=Refused, unfit=Unfit,
        ),
    ),
}  # fmt: skip


# ---- The world, and what the table of moves says of it


@dataclass
class Row:
    """A figure as the model has it; version 0: there is none."""

    indicator: Indicator
    state: State = State.DRAFT
    version: int = 0
    text: str = BLANK
    figure_kind: str = "final"
    approved_by: int | None = None
    hands: set[str] = field(default_factory=set)

    @property
    def stands(self) -> tuple[object, ...]:
        return (self.state, self.version, self.text, self.figure_kind, self.approved_by)


class World:
    """A plan with one row for each of two departments, and people of every kind around it."""

    def __init__(self) -> None:
        plan = factories.plan()
        self.round = factories.open_round(plan, YEAR)
        ours, theirs = factories.department(), factories.department()
        self.indicators = [
            factories.indicator(plan=plan, department=department, hard_maximum=100) for department in (ours, theirs)
        ]
        self.people = {role.value: factories.person(role) for role in (Role.CLERK, Role.REVIEWER, Role.LEADER)}
        self.people |= {"colleague": factories.person(Role.CLERK), "both": factories.person(Role.CLERK)}
        Membership.objects.create(user=self.people["both"], region=plan.region, role=Role.REVIEWER)
        for name, department in (("clerk", ours), ("colleague", theirs), ("both", ours)):
            self.people[name].memberships.get(role=Role.CLERK).departments.add(department)
        self.enters = {"clerk": self.indicators[0], "colleague": self.indicators[1], "both": self.indicators[0]}
        self.clients = {name: Client() for name in self.people}
        for name, client in self.clients.items():
            client.force_login(self.people[name])
        self.met: Counter[tuple[str, Outcome]] = Counter()


class Review(RuleBasedStateMachine):
    """Anybody asks for anything through any door; each example ends where it began."""

    world: World  # set by the test: the people stay, what they do is taken back

    def __init__(self) -> None:
        super().__init__()
        self.taken_back = transaction.atomic()
        self.taken_back.__enter__()
        self.rows = [Row(indicator) for indicator in self.world.indicators]
        self.is_open = True
        self.writes = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.taken_back.__exit__(None, None, None)

    # -- the model

    def outcome(self, name: str, row: Row, step: Step) -> Outcome:
        person, asked = self.world.people[name], MOVES[step.move]
        is_saving = step.move == Move.SAVE
        if not is_saving and row.state != State.APPROVED and name == "leader":
            return Outcome.UNSEEN
        if not person.can(asked.permission, row.indicator.plan.region):
            return Outcome.NOT_THEIRS
        if step.value == NO_FIGURE:
            return Outcome.NOT_UNDERSTOOD
        if asked.permission == Permission.ENTER and self.world.enters[name] != row.indicator:
            return Outcome.OTHERS
        if row.state not in asked.origins:
            return Outcome.WRONG_STATE
        if asked.needs_open_round and not self.is_open:
            return Outcome.CLOSED
        if asked.needs_note and not step.note:
            return Outcome.NO_REASON
        if is_saving and row.version and step.value == row.text:
            return Outcome.SAME
        if (step.version or 0) != row.version:
            return Outcome.STALE
        if step.move == Move.APPROVE and name in row.hands:
            return Outcome.OWN
        if step.move == Move.SUBMIT and row.text in (BLANK, TOO_MUCH):
            return Outcome.UNFIT
        return Outcome.DONE if row.version else Outcome.FIRST

    def take(self, name: str, row: Row, step: Step) -> None:
        """The step is taken: what the table says, one version, one event and one line more."""
        row.state = MOVES[step.move].target or row.state
        row.version += 1
        self.writes += 1
        if step.move == Move.SAVE:
            row.text = step.value
        elif step.move == Move.REOPEN:
            row.figure_kind = "revised"
        if step.move in ENTERING:
            row.hands.add(name)
        row.approved_by = self.world.people[name].pk if row.state == State.APPROVED else None

    # -- the doors

    def ask(self, name: str, place: int, door: str, move: Move, *, is_stale: bool, **said: str) -> None:
        row = self.rows[place]
        actual = Actual.objects.filter(indicator=row.indicator, year=YEAR).first()
        if move not in DOORS[door].moves or (actual is None and move != Move.SAVE):
            return
        if door == "file" and said["value"] in (BLANK, row.text):
            return  # in a file a blank, and what the template held already, is no step at all
        version = row.version + 1 if is_stale else row.version or None
        step = Step(move, row.indicator, actual, version, **said)
        outcome = self.outcome(name, row, step)
        answered = DOORS[door].ask(self.world.people[name], self.world.clients[name], step)
        assert answered == DOORS[door].answers[outcome], (name, door, step, outcome)
        self.world.met[door, outcome] += 1
        if outcome in (Outcome.DONE, Outcome.FIRST):
            self.take(name, row, step)

    people = st.sampled_from(["clerk", "colleague", "both", "reviewer", "leader"])
    places = st.sampled_from([0, 0, 0, 1])
    rarely, mostly = st.sampled_from([False, False, False, True]), st.sampled_from([True, True, True, False])

    @rule(
        name=people,
        place=places,
        door=st.sampled_from([name for name, door in DOORS.items() if Move.SAVE in door.moves]),
        is_stale=rarely,
        value=st.sampled_from([*GOOD, *GOOD, TOO_MUCH, BLANK, NO_FIGURE]),
    )
    def save(self, name: str, place: int, door: str, is_stale: bool, value: str) -> None:
        if name not in self.world.enters:
            value = GOOD[0]  # whether form or permission is asked first is each door's own matter
        self.ask(name, place, door, Move.SAVE, is_stale=is_stale, value=value)

    @rule(
        door=st.sampled_from([name for name, door in DOORS.items() if Move.SAVE in door.moves]), is_same=st.booleans()
    )
    def type_as_the_clerk(self, door: str, is_same: bool) -> None:
        """What the clerk of the row types most: the same once more, or another figure."""
        now = self.rows[0].text
        value = now if is_same else next(good for good in GOOD if good != now)
        self.ask("clerk", 0, door, Move.SAVE, is_stale=False, value=value)

    @rule(
        name=people,
        place=places,
        door=st.sampled_from([name for name, door in DOORS.items() if door.moves != (Move.SAVE,)]),
        move=st.sampled_from(STEPS),
        is_stale=rarely,
        has_reason=mostly,
    )
    def move(self, name: str, place: int, door: str, move: Move, is_stale: bool, has_reason: bool) -> None:
        note = NOTE if has_reason and MOVES[move].needs_note else ""
        self.ask(name, place, door, move, is_stale=is_stale, note=note)

    @rule(
        place=places,
        door=st.sampled_from([name for name, door in DOORS.items() if door.moves != (Move.SAVE,)]),
        choice=st.integers(0, 1),
        is_by_both=st.booleans(),
        has_reason=mostly,
    )
    def go_on(self, place: int, door: str, choice: int, is_by_both: bool, has_reason: bool) -> None:
        """A step that is open from where the row stands, by somebody whose office it is: most would go through."""
        row = self.rows[place]
        moves = [move for move in STEPS if row.state in MOVES[move].origins]
        move = moves[choice % len(moves)]
        office = ("clerk", "colleague")[place] if move in ENTERING else "reviewer"
        note = NOTE if has_reason and MOVES[move].needs_note else ""
        self.ask("both" if is_by_both else office, place, door, move, is_stale=False, note=note)

    @rule(
        place=places,
        door=st.sampled_from([name for name, door in DOORS.items() if door.moves != (Move.SAVE,)]),
        is_stale=st.booleans(),
    )
    def slip(self, place: int, door: str, is_stale: bool) -> None:
        """The same but for one slip: without the reason it needs, or decided on what has changed since."""
        row = self.rows[place]
        moves = [move for move in STEPS if row.state in MOVES[move].origins and move in DOORS[door].moves]
        for move in sorted(moves, key=lambda move: MOVES[move].needs_note)[-1:]:
            office = ("clerk", "colleague")[place] if move in ENTERING else "reviewer"
            note = NOTE if is_stale and MOVES[move].needs_note else ""
            self.ask(office, place, door, move, is_stale=is_stale, note=note)

    @rule(door=st.sampled_from([name for name, door in DOORS.items() if Move.APPROVE in door.moves]))
    def approve_what_one_entered(self, door: str) -> None:
        """The way from figure to approval in one pair of hands, as far as it goes."""
        value = next(good for good in GOOD if good != self.rows[0].text)
        self.ask("both", 0, "workflow", Move.SAVE, is_stale=False, value=value)
        self.ask("both", 0, "workflow", Move.SUBMIT, is_stale=False)
        self.ask("both", 0, door, Move.APPROVE, is_stale=False)

    @rule(name=people)
    def pass_the_sheet_on(self, name: str) -> None:
        """The button under the sheet: every filled row of this person's that is fit, as it stands."""
        address = reverse("entry_submit", args=[self.world.indicators[0].plan.code, YEAR])
        answer = self.world.clients[name].post(address)
        assert answer.status_code == (302 if name in self.world.enters else 403)
        for row in self.rows:
            step = Step(Move.SUBMIT, row.indicator, None, row.version)
            if row.version and self.outcome(name, row, step) == Outcome.DONE:
                self.take(name, row, step)

    @rule(is_open=st.booleans())
    def open_or_close_the_round(self, is_open: bool) -> None:
        self.is_open = is_open
        Round.objects.filter(pk=self.world.round.pk).update(due_on=OPEN if self.is_open else OVER)

    @initialize(state=st.sampled_from(State), name=st.sampled_from(["clerk", "both"]), is_fit=mostly)
    def begin_in(self, state: State, name: str, is_fit: bool) -> None:
        """Any state is where an example may begin, reached by its own steps; with an unfit figure it stays a draft."""
        path = {
            State.DRAFT: [],
            State.SUBMITTED: [Move.SUBMIT],
            State.RETURNED: [Move.SUBMIT, Move.RETURN],
            State.APPROVED: [Move.SUBMIT, Move.APPROVE],
        }[state]
        self.ask(name, 0, "workflow", Move.SAVE, is_stale=False, value=GOOD[0] if is_fit else TOO_MUCH)
        for move in path:
            by = name if move in ENTERING else "reviewer"
            self.ask(by, 0, "workflow", move, is_stale=False, note=NOTE if MOVES[move].needs_note else "")

    # -- what holds after every step, taken or refused

    @invariant()
    def everything_is_as_the_table_says(self) -> None:
        found = {
            actual.indicator_id: (
                actual.state, actual.version, actual.text, actual.figure_kind, actual.approved_by_id,
            )
            for actual in Actual.objects.all()
        }  # fmt: skip
        assert found == {row.indicator.pk: row.stands for row in self.rows if row.version}
        lines = AuditEvent.objects.filter(kind=Actual._meta.label_lower)
        assert ActualEvent.objects.count() == lines.count() == self.writes


WHOLE_WAY = (
    Move.SAVE, Move.SAVE, Move.SUBMIT, Move.RETURN, Move.SAVE, Move.SUBMIT, Move.APPROVE, Move.REOPEN, Move.SAVE,
)  # fmt: skip


def go_the_whole_way(door: str) -> None:
    """All moves in one life of a figure, by this door where it knows the move; each step first in the wrong ways."""
    review = Review()
    for move in WHOLE_WAY:
        by, other = ("clerk", "colleague") if move in ENTERING else ("reviewer", "clerk")
        through = door if move in DOORS[door].moves else "workflow"
        note = NOTE if MOVES[move].needs_note else ""
        value = next(good for good in GOOD if good != review.rows[0].text)
        right = {"value": value} if move == Move.SAVE else {"note": note}
        wrong = (
            [{"value": NO_FIGURE}, {"value": review.rows[0].text or NO_FIGURE}] if move == Move.SAVE else [{"note": ""}]
        )
        for name, is_stale, said in (
            ("leader", False, right),
            (other, False, right),
            (by, True, right),
            *((by, False, said) for said in wrong if move == Move.SAVE or note),
            (by, False, right),
        ):
            review.ask(name, 0, through, move, is_stale=is_stale, **said)
            review.everything_is_as_the_table_says()
    assert review.rows[0].version == len(WHOLE_WAY)
    review.teardown()


def test_every_door_says_and_does_what_the_table_of_moves_says() -> None:
    Review.world = World()
    for door in DOORS:
        go_the_whole_way(door)
    run_state_machine_as_test(
        Review,
        settings=settings(
            derandomize=True,
            database=None,
            deadline=None,
            max_examples=40,
            stateful_step_count=15,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
    assert {door for door, outcome in Review.world.met if outcome == Outcome.DONE} == set(DOORS)
    assert {outcome for _, outcome in Review.world.met} == set(Outcome)
