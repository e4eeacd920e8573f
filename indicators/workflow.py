"""Every write to a figure: saving what was typed and moving it through the review. Nothing else changes an Actual.

Each function locks the row, reads it again, checks role, state, round and version, and writes the value, the event
and the audit line in one transaction. Source of the rules: DESIGN §5; the moves are in `moves.MOVES`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User, record_audit
from indicators.checks import Problem, candidate, problems_of
from indicators.models import Actual, ActualEvent, Availability, FigureKind, Indicator, State
from indicators.moves import ENTERING, MOVES, Move
from indicators.reassess import reassess
from plans.models import Plan, Round
from plans.rounds import OPEN_STATES, RoundState


class Refused(Exception):
    """The write did not happen; the message says why, in Chinese. `status` is the HTTP status that fits."""

    status = 400


class Forbidden(Refused):
    status = 403


class WrongState(Refused):
    status = 409


class RoundClosed(Refused):
    status = 409


class StaleVersion(Refused):
    """Somebody else wrote in between; `current` is the row as it now stands (None: it is gone)."""

    status = 409

    def __init__(self, current: Actual | None) -> None:
        self.current = current
        who = str(current.entered_by) if current and current.entered_by else "其他人"
        super().__init__(f"这个数据已被{who}改过，请核对后再保存。")


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
    figure_kind: FigureKind | None = None  # None: as it is, 年报 for a first entry
    note: str = ""


def round_states(plan: Plan, year: int, *, on: date) -> tuple[Round | None, Callable[[int | None], RoundState]]:
    """The round of a plan's year, and whether a department's figures may be entered on the day; two queries.

    An extension for the whole plan holds for every department; None asks for the plan as a whole.
    """
    round_ = Round.objects.filter(plan=plan, year=year).prefetch_related("extensions").first()
    if round_ is None:
        return None, lambda department: RoundState.NONE

    return round_, lambda department: round_.state(on=on, department=department)


def may_enter(user: User, indicator: Indicator) -> bool:
    """Whether this person enters figures of this indicator: a clerk of the region, and of its department where set."""
    return Indicator.objects.enterable_by(user).filter(pk=indicator.pk).exists()


def _demand(move: Move, *, indicator: Indicator, year: int, state: State, by: User, note: str) -> None:
    """Role, state, round and note, in this order; raises the refusal."""
    rule = MOVES[move]
    allowed = may_enter(by, indicator) if rule.needs_open_round else by.can(rule.permission, indicator.plan.region)
    if not allowed:
        raise Forbidden(f"您没有对“{indicator.name}”{move.label}的权限。")
    if state not in rule.origins:
        raise WrongState(f"“{indicator.name}”{year}年数据为“{state.label}”，不能{move.label}。")
    if rule.needs_open_round:
        _, states = round_states(indicator.plan, year, on=timezone.localdate())
        open_state = states(indicator.department_id)
        if open_state not in OPEN_STATES:
            raise RoundClosed(f"{year}年{open_state.label}，不能{move.label}。")
    if rule.needs_note and not note:
        raise Refused(f"{move.label}要写明理由。")


def _record(actual: Actual, move: Move, *, by: User, note: str) -> None:
    now = timezone.now()
    ActualEvent.objects.create(
        actual=actual,
        at=now,
        by=by,
        move=move,
        state=actual.state,
        version=actual.version,
        value=actual.value,
        comparator=actual.comparator,
        judgement=actual.judgement,
        availability=actual.availability,
        figure_kind=actual.figure_kind,
        note=note,
    )
    record_audit(
        by=by,
        action=move.label,
        subject=actual,
        region=actual.indicator.plan.region,
        at=now,
        summary=f"{actual.indicator.plan} {actual.indicator} {actual.year}年 {actual.get_state_display()}",
        value=None if actual.value is None else str(actual.value),
        version=actual.version,
        note=note,
    )


def _locked(pk: int) -> Actual:
    rows = Actual.objects.select_for_update(of=("self",)).select_related(
        "indicator__plan__region", "indicator__plan__policy", "entered_by"
    )
    return rows.get(pk=pk)


def _write(actual: Actual, values: dict[str, object]) -> Actual:
    """Write if the version is still the one read (SQLite has no row lock), and count it up."""
    values = {**values, "version": actual.version + 1}
    if not Actual.objects.filter(pk=actual.pk, version=actual.version).update(**values):
        raise StaleVersion(_locked(actual.pk))
    for name, value in values.items():
        setattr(actual, name, value)
    return actual


@transaction.atomic
def save_actual(*, indicator: Indicator, year: int, entry: Entry, by: User, version: int | None) -> Actual:
    """Keep what was typed, as a draft (or still returned) figure. Saving the same again changes nothing.

    `version` is the one the typing was based on, None for a first entry. Raises Forbidden, WrongState,
    RoundClosed, StaleVersion, or Refused when the year is not one of the plan's.
    """
    if year not in indicator.plan.years:
        plan = indicator.plan
        raise Refused(f"{plan}的数据年度为{plan.start_year}～{plan.end_year}年，没有{year}年。")
    if indicator.is_group:
        raise Refused(f"“{indicator.name}”本行不填数，请填在其下各行。")
    found = Actual.objects.filter(indicator=indicator, year=year).values_list("pk", flat=True).first()
    if found is None:
        return _create(indicator, year, entry, by, version)
    actual = _locked(found)
    _demand(Move.SAVE, indicator=indicator, year=year, state=State(actual.state), by=by, note="")
    values = asdict(entry)
    if entry.figure_kind is None or actual.figure_kind == FigureKind.REVISED:
        values["figure_kind"] = actual.figure_kind
    if all(getattr(actual, name) == value for name, value in values.items()):
        return actual
    if actual.version != version:
        raise StaleVersion(actual)
    values |= {"entered_by": by, "entered_at": timezone.now(), "source_ref": "", "is_demo": by.is_demo}
    _write(actual, values)
    _record(actual, Move.SAVE, by=by, note=entry.note)
    return actual


def _create(indicator: Indicator, year: int, entry: Entry, by: User, version: int | None) -> Actual:
    _demand(Move.SAVE, indicator=indicator, year=year, state=State.DRAFT, by=by, note="")
    if version is not None:
        raise StaleVersion(None)
    if entry.figure_kind == FigureKind.REVISED:
        raise Refused("首次填报的数据只能是快报或年报；“修订”用于重开后的数据。")
    values = asdict(entry) | {"figure_kind": entry.figure_kind or FigureKind.FINAL}
    actual = Actual(
        indicator=indicator,
        year=year,
        entered_by=by,
        entered_at=timezone.now(),
        is_demo=by.is_demo,
        **values,
    )
    try:
        with transaction.atomic():
            actual.save(force_insert=True)
    except IntegrityError:
        other = Actual.objects.select_related("entered_by").filter(indicator=indicator, year=year).first()
        if other is None:
            raise
        raise StaleVersion(other) from None
    _record(actual, Move.SAVE, by=by, note=entry.note)
    return actual


@transaction.atomic
def move_actual(*, actual: Actual, move: Move, by: User, version: int, note: str = "") -> Actual:
    """Take one step of the review: submit, approve, return or reopen. Returns the row as it then stands.

    Raises Forbidden, WrongState, RoundClosed, StaleVersion, Unfit (checks at submit) or Refused (no reason given).
    """
    if move == Move.SAVE:
        raise Refused("保存要带数据。")
    row = _locked(actual.pk)
    indicator, note, rule = row.indicator, note.strip(), MOVES[move]
    _demand(move, indicator=indicator, year=row.year, state=State(row.state), by=by, note=note)
    if row.version != version:
        raise StaleVersion(row)
    values: dict[str, object] = {"state": rule.target}
    if move == Move.SUBMIT:
        values["note"] = row.note = row.note or note
        _refuse_unfit(row)
    elif move == Move.APPROVE:
        if row.entered_by_id == by.pk or row.events.filter(by=by, move__in=ENTERING).exists():
            raise Forbidden("不能审核自己填报的数据，请由其他审核员审核。")
        values |= {"approved_by": by, "approved_at": timezone.now()}
    elif move == Move.REOPEN:
        values |= {"approved_by": None, "approved_at": None, "figure_kind": FigureKind.REVISED}
    _write(row, values)
    _record(row, move, by=by, note=note)
    if State.APPROVED in (rule.target, *rule.origins):
        reassess(Indicator.objects.filter(pk=row.indicator_id))
    return row


def _refuse_unfit(actual: Actual) -> None:
    indicator = actual.indicator
    case = candidate(
        actual,
        targets=indicator.targets.filter(is_current=True),
        others=Actual.objects.approved().filter(indicator=indicator),
    )
    problems = problems_of(case)
    if any(problem.is_hard for problem in problems) or (problems and not actual.note):
        raise Unfit(problems)
