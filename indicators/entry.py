"""The entry workbench: one sheet per plan and year, what stands beside each cell, and passing the sheet on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from accounts.models import User
from indicators.checks import Problem, candidate, problems_of
from indicators.figures import decimals_of, format_figure
from indicators.models import Actual, ActualEvent, Availability, FigureKind, Indicator, State
from indicators.moves import MOVES, Move
from indicators.queries import PlanTable, Promised, Row, actual_shown, places_of, plan_table, promised, table_rows
from indicators.verdicts import VERDICT_WORDS, Finding, Kind
from indicators.workflow import PassedOn, RoundStates, move_actuals, passed_on
from plans.models import Plan, Round, Theme
from plans.rounds import OPEN_STATES, RoundState

# What a person types or chooses in one row, in the order of the columns; the names are EntryForm's.
FIELDS = ("value", "judgement", "comparator", "availability", "figure_kind", "note")
NOT_THEIRS = "无权限（不在您负责的科室）"
Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the sheet: what stands beside the cell, and why it is locked, if it is.

    `finding` is what the engine would say of the figure as it stands, approved or not; None where there is none.
    """

    row: Row
    previous: Actual | None
    promised: Promised | None
    finding: Finding | None
    problems: list[Problem]
    lock_reason: str
    return_reason: str
    fields: Fields

    @property
    def indicator(self) -> Indicator:
        return self.row.indicator

    @property
    def year(self) -> int:
        return self.row.year

    @property
    def actual(self) -> Actual | None:
        return self.row.actual

    @property
    def is_locked(self) -> bool:
        return bool(self.lock_reason)

    @property
    def is_theirs(self) -> bool:
        """Whether this person fills the row, be it open or not."""
        return not self.indicator.is_group and self.lock_reason != NOT_THEIRS

    @property
    def is_filled(self) -> bool:
        return self.actual is not None and self.actual.availability != Availability.UNREPORTED

    @property
    def is_unfilled(self) -> bool:
        return not self.indicator.is_group and not self.is_filled

    @property
    def is_returned(self) -> bool:
        return self.actual is not None and self.actual.state == State.RETURNED

    @property
    def hooks(self) -> str:
        """What the sheet's script asks of the row, as attributes."""
        asked = {
            "locked": self.is_locked,
            "filled": self.is_filled,
            "fillable": not self.indicator.is_group,
            "faulty": self.is_faulty,
            "returned": self.is_returned,
            "mine": self.is_theirs,
        }
        return " ".join(f"data-{hook}" for hook, holds in asked.items() if holds)

    @property
    def is_ready(self) -> bool:
        """Whether the row would go along if the sheet were passed on now, problems left aside."""
        return self.is_filled and not self.is_locked

    @property
    def is_faulty(self) -> bool:
        return any(problem.is_hard for problem in self.problems)

    @property
    def has_comparator(self) -> bool:
        return self.indicator.kind == Kind.RELATIVE

    @property
    def is_judged(self) -> bool:
        """Whether a person's finding is asked for instead of a figure: no target in figures to hold one against."""
        actual = self.actual
        if self.indicator.kind == Kind.QUALITATIVE or (actual and actual.judgement and actual.value is None):
            return True
        has_figure = any(target.value is not None for target in self.row.targets.values())
        return not has_figure and not self.has_comparator

    @property
    def understood(self) -> str:
        """The figure as the portal reads it, where that is not what was typed: １，２００ is 1200."""
        actual = self.actual
        if actual is None or actual.value is None or not actual.text:
            return ""
        shown = format_figure(actual.value, decimals=places_of(actual.value))
        typed = format_figure(actual.value, decimals=decimals_of(actual.text))
        return "" if actual.text in (shown, typed) else shown

    @property
    def word(self) -> str:
        return VERDICT_WORDS[self.finding.verdict] if self.finding else ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A plan's sheet for one year, as one clerk sees it."""

    plan: Plan
    year: int
    lines: list[Line]
    table: PlanTable
    state: RoundState
    due_on: date | None
    has_comparators: bool

    @property
    def sections(self) -> list[tuple[Theme, list[Line]]]:
        """The rows under their 业务领域, those in printed order; a row below another stays below it."""
        themes = {line.indicator.pk: line.indicator.theme for line in self.lines}

        def theme_of(line: Line) -> Theme:
            return themes.get(line.indicator.parent_id or line.indicator.pk, line.indicator.theme)

        ordered = sorted(self.lines, key=lambda line: theme_of(line).order)
        return [(theme, list(lines)) for theme, lines in groupby(ordered, key=theme_of)]

    @property
    def fillable(self) -> list[Line]:
        return [line for line in self.lines if not line.indicator.is_group]

    @property
    def unfilled(self) -> list[Line]:
        return [line for line in self.fillable if line.is_unfilled]

    @property
    def ready(self) -> list[Line]:
        """The filled rows that this person could pass on now, those with problems among them."""
        return [line for line in self.fillable if line.is_ready]

    @property
    def fit(self) -> list[Line]:
        """The rows that would go through if they were passed on now."""
        return [line for line in self.ready if not line.problems]

    @property
    def unfit(self) -> list[Line]:
        return [line for line in self.ready if line.problems]


def _lock_reason(indicator: Indicator, actual: Actual | None, state: RoundState, *, is_theirs: bool) -> str:
    if indicator.is_group:
        return "数据填在下级行"
    if not is_theirs:
        return NOT_THEIRS
    if actual is not None and State(actual.state) not in MOVES[Move.SAVE].origins:
        return State(actual.state).label
    if state not in OPEN_STATES:
        return state.label
    return ""


def typed_fields(actual: Actual | None, *, decimals: int) -> dict[str, str]:
    """What stands in the cells of a row: the text as it was typed, else the stored figure."""
    if actual is None:
        return dict.fromkeys(FIELDS, "") | {
            "availability": Availability.UNREPORTED.value,
            "figure_kind": FigureKind.FINAL.value,
        }
    value = "" if actual.value is None else actual.text or actual_shown(actual, decimals=decimals)
    reason = f":{actual.absence_reason}" if actual.absence_reason else ""
    return {
        "value": value,
        "judgement": actual.judgement,
        "comparator": format_figure(actual.comparator and actual.comparator.normalize()),
        "availability": f"{actual.availability}{reason}",
        "figure_kind": actual.figure_kind,
        "note": actual.note,
    }


def entry_sheet_of(plan: Plan, *, year: int, user: User, on: date, typed: Mapping[int, Fields] | None = None) -> Sheet:
    """The sheet with last year, target and lock reason beside each cell; a fixed number of queries.

    `typed` holds, by indicator, what a person typed and could not be saved: it stands in the cells instead.
    """
    table = plan_table(plan, year=year, user=user, on=on)
    rounds = RoundStates([plan], [year], on=on)
    round_ = rounds.rounds.get((plan.pk, year))
    lines = _lines(table.rows, user=user, rounds=rounds, typed=typed or {})
    return Sheet(
        plan=plan,
        year=year,
        lines=lines,
        table=table,
        state=rounds.state(plan.pk, year),
        due_on=_due_on(round_, lines),
        has_comparators=any(line.has_comparator for line in lines),
    )


def _due_on(round_: Round | None, lines: list[Line]) -> date | None:
    """The earliest deadline in force among the rows that are open, extensions counted; else that of the plan."""
    if round_ is None:
        return None
    departments = {line.indicator.department_id for line in lines if not line.is_locked}
    return min(map(round_.deadline, departments), default=round_.deadline())


def entry_lines(indicators: list[int], *, plan: Plan, year: int, user: User, on: date) -> dict[int, Line]:
    """Some rows of a plan's sheet by indicator, read again after a save; as many queries as for one."""
    rows = table_rows(Indicator.objects.filter(plan=plan, pk__in=indicators), year=year, user=user, on=on)
    lines = _lines(rows, user=user, rounds=RoundStates([plan], [year], on=on), typed={})
    return {line.indicator.pk: line for line in lines}


def _lines(rows: list[Row], *, user: User, rounds: RoundStates, typed: Mapping[int, Fields]) -> list[Line]:
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
        _line(
            row,
            lock_reason=_lock_reason(
                row.indicator,
                row.actual,
                rounds.state(row.indicator.plan_id, row.year, row.indicator.department_id),
                is_theirs=row.indicator.pk in theirs,
            ),
            return_reason=reasons.get(row.actual.pk, "") if row.actual else "",
            typed=typed.get(row.indicator.pk),
        )
        for row in rows
    ]


def _line(row: Row, *, lock_reason: str, return_reason: str, typed: Fields | None) -> Line:
    indicator, actual = row.indicator, row.actual
    finding: Finding | None = None
    problems: list[Problem] = []
    if actual is not None and actual.availability != Availability.UNREPORTED:
        others = [other for other in row.actuals.values() if other.state == State.APPROVED]
        case = candidate(actual, targets=row.targets.values(), others=others)
        finding = case.finding
        if State(actual.state) in MOVES[Move.SUBMIT].origins:
            problems = [found for found in problems_of(case) if found.is_hard or not actual.note]
    return Line(
        row=row,
        previous=row.actuals.get(row.year - 1),
        promised=promised(indicator, row.targets, year=row.year),
        finding=finding,
        problems=problems,
        lock_reason=lock_reason,
        return_reason=return_reason,
        fields=typed or typed_fields(actual, decimals=indicator.decimals),
    )


def submit_all(plan: Plan, *, year: int, by: User) -> PassedOn:
    """Pass on each filled row this person may pass on."""
    rows = list(
        Actual.objects.filter(
            indicator__in=Indicator.objects.enterable_by(by).filter(plan=plan),
            year=year,
            state__in=MOVES[Move.SUBMIT].origins,
        )
        .exclude(availability=Availability.UNREPORTED)
        .order_by("indicator__order")
    )
    return passed_on(move_actuals([(row, row.version) for row in rows], move=Move.SUBMIT, by=by))
