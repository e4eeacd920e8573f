"""What it takes to let several people act in the same moment: threads, a barrier, and a database they share."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import pytest
from django.db import connection, connections

from accounts.models import AuditEvent
from indicators.models import Actual, ActualEvent, Indicator, State
from indicators.moves import MOVES, Move
from indicators.reassess import differences
from indicators.review import Refused
from indicators.workflow import FIGURE

Call = Callable[[], object]
PATIENCE = 60  # seconds until a race counts as stuck


@pytest.fixture
def shared_database(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """A database that several connections share: on SQLite a copy of the test database in a file.

    The test database of SQLite is in memory, where connections share a cache and lock tables without waiting.
    """
    if connection.vendor != "sqlite":
        yield
        return
    in_memory, name = connection.connection, connection.settings_dict["NAME"]
    file = tmp_path / "civplan.sqlite3"
    connection.cursor().execute("VACUUM INTO %s", [str(file)])
    in_memory = connection.connection
    connection.connection = None
    connection.settings_dict["NAME"] = str(file)
    try:
        yield
    finally:
        connection.close()
        connection.connection = in_memory
        connection.settings_dict["NAME"] = name


def in_rounds(rounds: Sequence[Sequence[Call]]) -> list[list[object]]:
    """Round after round, starts all calls of the round in the same moment; what each answered or was refused with.

    The calls of one place in the rounds share a thread and a connection. Whatever a call raises that is not a refusal
    (a locked database, a deadlock, a row that exists already) fails the test.
    """
    places = range(len(rounds[0]))
    barrier = threading.Barrier(len(places))
    answers: list[list[object]] = [[None] * len(places) for _ in rounds]

    def run(place: int) -> None:
        for calls, answered in zip(rounds, answers, strict=True):
            try:
                barrier.wait(timeout=PATIENCE)
                answered[place] = calls[place]()
            except Exception as error:
                answered[place] = error
        connections.close_all()

    threads = [threading.Thread(target=run, args=(place,)) for place in places]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    said = [answer for answered in answers for answer in answered]
    if broken := [error for error in said if isinstance(error, Exception) and not isinstance(error, Refused)]:
        raise ExceptionGroup("what a race may not end in", broken)
    return answers


def at_once(*calls: Call) -> list[object]:
    """Starts all calls in the same moment, each in its own thread and connection; what each answered."""
    (answers,) = in_rounds([calls])
    return answers


def refused(answers: Sequence[object]) -> list[type[object]]:
    """With what the refused ones were refused."""
    return [type(answer) for answer in answers if isinstance(answer, Refused)]


# ---- What a race leaves


def done(answers: Iterable[object]) -> list[Actual]:
    return [answer for answer in answers if isinstance(answer, Actual)]


def assert_all_is_well(answers: Iterable[object]) -> None:
    """Nothing was lost and nothing lies, whatever the race came to.

    - Every figure's events count its versions up from 1 without a hole, each a step of the table of moves from the
      state before, the last one saying what is stored; and there is one audit line for each.
    - Only a save changes a figure: what is approved is what was submitted is what was last saved.
    - Each write that was answered as done stands among the events as it was answered.
    - The stored assessments are those of the approved figures.
    """
    known: dict[tuple[int, int], ActualEvent] = {}
    lines = list(AuditEvent.objects.filter(kind="indicators.actual").values_list("object_id", "detail__version"))
    assert len(lines) == len(set(lines)) == ActualEvent.objects.count()
    for actual in Actual.objects.prefetch_related("events"):
        state, figure = State.DRAFT, None
        events = sorted(actual.events.all(), key=lambda event: event.version)
        assert [event.version for event in events] == list(range(1, actual.version + 1))
        for event in events:
            rule = MOVES[Move(event.move)]
            assert state in rule.origins
            state = rule.target or state
            assert event.state == state
            says = tuple(getattr(event, name) for name in FIGURE)
            assert says == figure or event.move == Move.SAVE
            figure = says
            assert (str(actual.pk), event.version) in lines
            known[actual.pk, event.version] = event
        assert (actual.state, tuple(getattr(actual, name) for name in FIGURE)) == (state, figure)
    for answer in done(answers):
        event = known[answer.pk, answer.version]
        assert (event.value, event.state) == (answer.value, answer.state)
    assert differences(Indicator.objects.all())[0] == []
