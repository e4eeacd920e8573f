"""The entry workbench: one sheet per plan and year, and passing a whole sheet on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from accounts.models import User
from indicators.checks import Problem, candidate, problems_of
from indicators.figures import format_figure
from indicators.models import Actual, ActualEvent, Availability, Indicator, State
from indicators.moves import MOVES, Move
from indicators.queries import PlanTable, Promised, Row, actual_shown, plan_table, promised, table_rows
from indicators.review import Refused
from indicators.verdicts import Kind
from indicators.workflow import RoundStates, Unfit, move_actual
from plans.models import Plan
from plans.rounds import OPEN_STATES, RoundState


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the sheet: what stands beside the cell, and why it is locked, if it is."""

    indicator: Indicator
    year: int
    depth: int
    actual: Actual | None
    previous: Actual | None
    promised: Promised | None
    lock_reason: str
    return_reason: str
    problems: list[Problem]
    row: Row

    @property
    def is_locked(self) -> bool:
        return bool(self.lock_reason)

    @property
    def is_filled(self) -> bool:
        return self.actual is not None and self.actual.availability != Availability.UNREPORTED

    @property
    def form_id(self) -> str:
        return f"entry-{self.indicator.pk}"

    @property
    def is_judged(self) -> bool:
        """Whether a person's finding is asked for instead of a figure: no target in figures to hold one against."""
        if self.indicator.kind == Kind.QUALITATIVE or (self.actual and self.actual.judgement and not self.typed):
            return True
        has_figure = any(target.value is not None for target in self.row.targets.values())
        return not has_figure and self.indicator.kind != Kind.RELATIVE

    @property
    def typed_comparator(self) -> str:
        comparator = self.actual.comparator if self.actual else None
        return format_figure(comparator.normalize()) if comparator is not None else ""

    @property
    def typed(self) -> str:
        """What stands in the cell: the text as it was typed, else the stored figure."""
        actual = self.actual
        if actual is None or actual.value is None:
            return ""
        return actual.text or actual_shown(actual, decimals=self.indicator.decimals)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A plan's sheet for one year, as one clerk sees it."""

    plan: Plan
    year: int
    lines: list[Line]
    table: PlanTable
    state: RoundState
    due_on: date | None

    @property
    def fillable(self) -> list[Line]:
        return [line for line in self.lines if not line.indicator.is_group]

    @property
    def n_unfilled(self) -> int:
        return sum(1 for line in self.fillable if not line.is_filled)

    @property
    def n_ready(self) -> int:
        """How many filled rows could be passed on now."""
        return sum(
            1
            for line in self.fillable
            if line.is_filled and not line.is_locked and line.actual and line.actual.state in MOVES[Move.SUBMIT].origins
        )


def _lock_reason(indicator: Indicator, actual: Actual | None, state: RoundState, *, is_theirs: bool) -> str:
    if indicator.is_group:
        return "数据填在下级行"
    if not is_theirs:
        return "不在您负责的科室"
    if actual is not None and State(actual.state) not in MOVES[Move.SAVE].origins:
        return State(actual.state).label
    if state not in OPEN_STATES:
        return state.label
    return ""


def entry_sheet_of(plan: Plan, *, year: int, user: User, on: date) -> Sheet:
    """The sheet with last year, target and lock reason beside each cell; a fixed number of queries."""
    table = plan_table(plan, year=year, user=user, on=on)
    rounds = RoundStates([plan], [year], on=on)
    round_ = rounds.rounds.get((plan.pk, year))
    lines = _lines(table.rows, user=user, rounds=rounds)
    return Sheet(plan, year, lines, table, rounds.state(plan.pk, year), round_.due_on if round_ else None)


def entry_line(indicator: Indicator, *, year: int, user: User, on: date) -> Line:
    """One row of the sheet, read again after a save."""
    rows = table_rows(Indicator.objects.filter(pk=indicator.pk), year=year, user=user, on=on)
    return _lines(rows, user=user, rounds=RoundStates([indicator.plan], [year], on=on))[0]


def _problems(row: Row) -> list[Problem]:
    """What submitting the row as it stands would run into; said while there is time to mend it."""
    actual = row.actual
    if actual is None or State(actual.state) not in MOVES[Move.SUBMIT].origins:
        return []
    if actual.availability == Availability.UNREPORTED:
        return []
    others = [other for other in row.actuals.values() if other.state == State.APPROVED]
    found = problems_of(candidate(actual, targets=row.targets.values(), others=others))
    return [problem for problem in found if problem.is_hard or not actual.note]


def _lines(rows: list[Row], *, user: User, rounds: RoundStates) -> list[Line]:
    theirs = set(
        Indicator.objects.enterable_by(user)
        .filter(pk__in=[row.indicator.pk for row in rows])
        .values_list("pk", flat=True)
    )
    returned = ActualEvent.objects.filter(
        move=Move.RETURN, actual__in=[row.actual for row in rows if row.actual and row.actual.state == State.RETURNED]
    )
    reasons = {event.actual_id: event.note for event in returned.order_by("at", "pk")}
    return [
        Line(
            indicator=row.indicator,
            year=row.year,
            depth=row.depth,
            actual=row.actual,
            previous=row.actuals.get(row.year - 1),
            promised=promised(row.indicator, row.targets, year=row.year),
            lock_reason=_lock_reason(
                row.indicator,
                row.actual,
                rounds.state(row.indicator.plan_id, row.year, row.indicator.department_id),
                is_theirs=row.indicator.pk in theirs,
            ),
            return_reason=reasons.get(row.actual.pk, "") if row.actual else "",
            problems=_problems(row),
            row=row,
        )
        for row in rows
    ]


def submit_all(plan: Plan, *, year: int, by: User) -> tuple[int, list[Problem]]:
    """Pass on each filled row this person may pass on; how many went, and what held the others back."""
    rows = (
        Actual.objects.filter(
            indicator__in=Indicator.objects.enterable_by(by).filter(plan=plan),
            year=year,
            state__in=MOVES[Move.SUBMIT].origins,
        )
        .exclude(availability=Availability.UNREPORTED)
        .order_by("indicator__order")
    )
    submitted = 0
    problems: list[Problem] = []
    for actual in rows:
        try:
            move_actual(actual=actual, move=Move.SUBMIT, by=by, version=actual.version)
            submitted += 1
        except Unfit as unfit:
            problems += unfit.problems
        except Refused as refused:
            problems.append(Problem(str(refused), is_hard=True))
    return submitted, problems
