"""Every write to a figure: saving what was typed and moving it through the review. Nothing else changes an Actual.

One or many at a time: the rows are locked, read again, and checked for role, state, round and version; values, events
and audit lines are written in one transaction. The moves are in `moves.MOVES`, the parts of a step in `review`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from accounts.models import AuditEvent, User, audit_event
from indicators.checks import Problem, candidate, problems_of
from indicators.models import (
    AbsenceReason,
    Actual,
    ActualEvent,
    Availability,
    FigureKind,
    Indicator,
    IndicatorQuerySet,
    Reviewed,
    State,
    Target,
)
from indicators.moves import MOVES, Move
from indicators.reassess import reassess
from indicators.review import (
    Forbidden,
    Refused,
    StaleVersion,
    WrongState,
    demand,
    entered_by,
    locked,
    step_values,
    write,
)
from plans.models import Plan, Round
from plans.rounds import OPEN_STATES, RoundState

# What an event keeps of a figure as it then stood.
PARTS = ("numerator", "denominator")
FIGURE = ("value", "comparator", *PARTS, "judgement", "availability", "absence_reason", "figure_kind")


class Unfit(Refused):
    """The checks at submit found something; `problems` lists all of it."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        needs_note = "" if any(problem.is_hard for problem in problems) else "请在说明中写明原因后再提交。"
        super().__init__("".join(problem.message for problem in problems) + needs_note)


@dataclass(frozen=True, slots=True)
class Entry:
    """What was typed for one indicator and year, already understood (forms.EntryForm makes it)."""

    value: Decimal | None = None
    text: str = ""
    comparator: Decimal | None = None
    judgement: str = ""
    availability: Availability = Availability.REPORTED
    absence_reason: AbsenceReason | None = None
    figure_kind: FigureKind | None = None  # None: as it is, 年报 for a first entry
    note: str = ""
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    says_parts: bool = False  # what says nothing of the parts leaves them to the value they belong to


@dataclass(frozen=True, slots=True)
class Typed:
    """An entry for one cell, with the version it was based on (None: there was no figure yet)."""

    indicator: Indicator
    year: int
    entry: Entry
    version: int | None

    @property
    def cell(self) -> tuple[int, int]:
        return self.indicator.pk, self.year


class RoundStates:
    """The rounds of these plans and years as they stand on a day; two queries, whatever is asked afterwards."""

    def __init__(self, plans: Iterable[Plan | int], years: Iterable[int], *, on: date) -> None:
        rounds = Round.objects.filter(plan__in=set(plans), year__in=set(years)).prefetch_related("extensions")
        self.rounds = {(round_.plan_id, round_.year): round_ for round_ in rounds}
        self.on = on

    def state(self, plan: int, year: int, department: int | None = None) -> RoundState:
        """Whether a department's figures may be entered; None asks for the plan as a whole."""
        round_ = self.rounds.get((plan, year))
        return round_.state(on=self.on, department=department) if round_ else RoundState.NONE

    def closed(self, indicator: Indicator, year: int) -> str:
        """Why this indicator's figure of the year cannot be entered today; empty where it can."""
        state = self.state(indicator.plan_id, year, indicator.department_id)
        return "" if state in OPEN_STATES else f"{year}年{state.label}"


def may_enter(user: User, indicator: Indicator) -> bool:
    """Whether this person enters figures of this indicator: a clerk of the region, and of its department where set."""
    return Indicator.objects.enterable_by(user).filter(pk=indicator.pk).exists()


def _enterable(user: User, indicators: Iterable[int]) -> IndicatorQuerySet:
    return Indicator.objects.enterable_by(user).filter(pk__in=set(indicators))


def _name(indicator: Indicator, year: int) -> str:
    return f"“{indicator.name}”{year}年数据"


# ---- Saving


def save_actual(*, indicator: Indicator, year: int, entry: Entry, by: User, version: int | None) -> Actual:
    """Keep what was typed, as a draft (or still returned) figure. Saving the same again changes nothing.

    `version` is the one the typing was based on, None for a first entry. Raises Forbidden, WrongState,
    RoundClosed, StaleVersion, or Refused when the year is not one of the plan's.
    """
    (saved,) = save_actuals([Typed(indicator, year, entry, version)], by=by)
    if isinstance(saved, Refused):
        raise saved
    return saved


@transaction.atomic
def save_actuals(typed: Sequence[Typed], *, by: User) -> list[Actual | Refused]:
    """Save many cells in one transaction; each is answered with its row or with what refused it.

    A fixed number of reads, then one write per changed row. The indicators come with their plan and its region.
    A cell that stands twice in `typed` is refused the second time, as stale.
    """
    indicators = {row.indicator.pk: row.indicator for row in typed}
    years = {row.year for row in typed if row.year in row.indicator.plan.years}
    # the indicators are locked before their figures: two first entries would each find no row to wait for
    theirs = _enterable(by, indicators).select_for_update(of=("self",), no_key=True).order_by("pk")
    enterable = set(theirs.values_list("pk", flat=True))
    there = {
        (actual.indicator_id, actual.year): actual
        for actual in locked(Actual.objects.filter(indicator__in=indicators, year__in=years)).values()
    }
    people = User.objects.in_bulk({actual.entered_by_id for actual in there.values() if actual.entered_by_id})
    for actual in there.values():
        actual.indicator = indicators[actual.indicator_id]
        actual.entered_by = people.get(actual.entered_by_id or 0)
    rounds = RoundStates((indicator.plan_id for indicator in indicators.values()), years, on=timezone.localdate())
    now = timezone.now()
    fresh: list[Actual] = []
    changed: list[Actual] = []
    answers: list[Actual | Refused] = []
    for row in typed:
        try:
            actual, is_changed = _kept(row, there.get(row.cell), enterable=enterable, rounds=rounds, by=by, at=now)
        except Refused as refused:
            answers.append(refused)
            continue
        if row.cell not in there:
            fresh.append(actual)
            there[row.cell] = actual
        if is_changed:
            changed.append(actual)
        answers.append(actual)
    Actual.objects.bulk_create(fresh, batch_size=500)
    _record(((actual, Move.SAVE, actual.note) for actual in changed), by=by, at=now)
    return answers


def _kept(
    row: Typed, stored: Actual | None, *, enterable: set[int], rounds: RoundStates, by: User, at: datetime
) -> tuple[Actual, bool]:
    """The row as it now stands (written, unless it is a new one), and whether the typing changed anything."""
    indicator, year, entry = row.indicator, row.year, row.entry
    if year not in indicator.plan.years:
        plan = indicator.plan
        raise Refused(f"{plan}的数据年度为{plan.start_year}～{plan.end_year}年，没有{year}年。")
    if indicator.is_group:
        raise Refused(f"“{indicator.name}”本行不填数，请填在其下各行。")
    demand(
        Move.SAVE,
        name=_name(indicator, year),
        state=State(stored.state) if stored else State.DRAFT,
        is_allowed=indicator.pk in enterable,
        closed=rounds.closed(indicator, year),
    )
    values = asdict(entry) | {"absence_reason": entry.absence_reason or ""}
    if not values.pop("says_parts") and entry.numerator is None and stored and stored.value == entry.value:
        values |= {name: getattr(stored, name) for name in PARTS}
    if stored is None:
        return _first(row, values | step_values(Move.SAVE, by=by, at=at)), True
    if entry.figure_kind is None or stored.figure_kind == FigureKind.REVISED:
        values["figure_kind"] = stored.figure_kind
    elif entry.figure_kind == FigureKind.REVISED:
        raise Refused("“修订”只用于重开后的数据，请选快报或年报。")
    if all(getattr(stored, name) == value for name, value in values.items()):
        return stored, False
    if stored.pk is None or stored.version != row.version:
        raise StaleVersion(stored)
    return write(stored, values | step_values(Move.SAVE, by=by, at=at)), True


def _first(row: Typed, values: dict[str, object]) -> Actual:
    if row.version is not None:
        raise StaleVersion
    if values["figure_kind"] == FigureKind.REVISED:
        raise Refused("首次填报的数据只能是快报或年报；“修订”用于重开后的数据。")
    values["figure_kind"] = values["figure_kind"] or FigureKind.FINAL
    return Actual(indicator=row.indicator, year=row.year, **values)


# ---- Moving


def move_actual(*, actual: Actual, move: Move, by: User, version: int, note: str = "") -> Actual:
    """Take one step of the review: submit, approve, return or reopen. Returns the row as it then stands.

    Raises Forbidden, WrongState, RoundClosed, StaleVersion, Unfit (checks at submit) or Refused (no reason given).
    """
    (moved,) = move_actuals([(actual, version)], move=move, by=by, note=note)
    if isinstance(moved, Refused):
        raise moved
    return moved


@transaction.atomic
def move_actuals(
    chosen: Sequence[tuple[Actual, int]], *, move: Move, by: User, note: str = ""
) -> list[Actual | Refused]:
    """Take one step for many figures, each on the version it was decided on; answered with its row or its refusal.

    What is refused stays as it is and holds nobody back. Re-assesses once, as each single step would.
    """
    if move == Move.SAVE:
        raise Refused("保存要带数据。")
    note, now, rule = note.strip(), timezone.now(), MOVES[move]
    asked = Actual.objects.filter(pk__in=[actual.pk for actual, _ in chosen]).select_related(
        "indicator__plan__region", "indicator__plan__policy", "indicator__metric", "entered_by"
    )
    rows = locked(_with_what_checks_need(asked) if move == Move.SUBMIT else asked)
    enterable: set[int] = set()
    if rule.needs_open_round:
        enterable = set(_enterable(by, (row.indicator_id for row in rows.values())).values_list("pk", flat=True))
    rounds = RoundStates(
        (row.indicator.plan_id for row in rows.values()), (row.year for row in rows.values()), on=timezone.localdate()
    )
    own: set[int] = set()
    if move == Move.APPROVE:
        own = entered_by(by, rows.values(), events=ActualEvent.objects.all(), of="actual")
    answers: list[Actual | Refused] = []
    moved: list[Actual] = []
    for actual, version in chosen:
        row = rows.get(actual.pk)
        try:
            if row is None:
                raise StaleVersion
            indicator = row.indicator
            is_allowed = (
                indicator.pk in enterable if rule.needs_open_round else by.can(rule.permission, indicator.plan.region)
            )
            demand(
                move,
                name=_name(indicator, row.year),
                state=State(row.state),
                is_allowed=is_allowed,
                closed=rounds.closed(indicator, row.year),
                note=note,
            )
            if row.version != version:
                raise StaleVersion(row)
            if row.pk in own:
                raise Forbidden("不能审核自己填报的数据，请由其他审核员审核。")
            moved.append(write(row, step_values(move, by=by, at=now) | _values_of(move, row, note)))
            answers.append(row)
        except Refused as refused:
            answers.append(refused)
    _record(((row, move, note) for row in moved), by=by, at=now)
    if moved and State.APPROVED in (rule.target, *rule.origins):
        reassess(Indicator.objects.filter(pk__in={row.indicator_id for row in moved}))
    return answers


@dataclass(frozen=True, slots=True)
class PassedOn:
    """What passing on a whole sheet came to: how many rows went, what held others back, and how many were overtaken,
    that is, passed on or changed by somebody else in the same moment."""

    submitted: int
    problems: list[Problem]
    overtaken: int

    @property
    def overtaken_said(self) -> str:
        """One sentence about what was overtaken, however many rows; empty where nothing was."""
        said = f"有{self.overtaken}项在同一时刻已被提交或修改，没有重复提交；现在的情况见下表。"
        return said if self.overtaken else ""


def passed_on(answers: Sequence[Reviewed | Refused]) -> PassedOn:
    """The outcome of a submit of many rows, of any kind."""
    problems: list[Problem] = []
    overtaken = 0
    for answer in answers:
        if isinstance(answer, Unfit):
            problems += answer.problems
        elif isinstance(answer, StaleVersion | WrongState):
            overtaken += 1
        elif isinstance(answer, Refused):
            problems.append(Problem(str(answer), is_hard=True))
    submitted = sum(1 for answer in answers if not isinstance(answer, Refused))
    return PassedOn(submitted, problems, overtaken)


def _with_what_checks_need(rows: QuerySet[Actual]) -> QuerySet[Actual]:
    return rows.prefetch_related(
        Prefetch("indicator__targets", Target.objects.all(), to_attr="target_versions"),
        Prefetch("indicator__actuals", Actual.objects.approved(), to_attr="approved_actuals"),
    )


def _values_of(move: Move, row: Actual, note: str) -> dict[str, object]:
    """What a move sets in a figure besides state and people; raises Unfit where the checks refuse a submit."""
    if move == Move.SUBMIT:
        row.note = row.note or note
        _refuse_unfit(row)
        return {"note": row.note}
    return {"figure_kind": FigureKind.REVISED} if move == Move.REOPEN else {}


def _refuse_unfit(actual: Actual) -> None:
    indicator = actual.indicator
    case = candidate(actual, targets=indicator.target_versions, others=indicator.approved_actuals)  # type: ignore[attr-defined]
    problems = problems_of(case)
    if any(problem.is_hard for problem in problems) or (problems and not actual.note):
        raise Unfit(problems)


def _record(steps: Iterable[tuple[Actual, Move, str]], *, by: User, at: datetime) -> None:
    """The event and the audit line of each step, in the transaction of the write they tell of."""
    events: list[ActualEvent] = []
    lines: list[AuditEvent] = []
    for actual, move, note in steps:
        indicator = actual.indicator
        figure = {name: getattr(actual, name) for name in FIGURE}
        events.append(
            ActualEvent(
                actual=actual, at=at, by=by, move=move, state=actual.state, version=actual.version, note=note, **figure
            )
        )
        lines.append(
            audit_event(
                by=by,
                action=move.label,
                subject=actual,
                region=indicator.plan.region,
                at=at,
                summary=f"{indicator.plan} {indicator} {actual.year}年 {actual.get_state_display()}",
                value=None if actual.value is None else str(actual.value),
                version=actual.version,
                note=note,
            )
        )
    ActualEvent.objects.bulk_create(events, batch_size=500)
    AuditEvent.objects.bulk_create(lines, batch_size=500)
