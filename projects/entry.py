"""The month sheet: all projects or work items of a plan for one month, and passing the whole month on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from typing import Any, Generic

from django.db.models import F, Prefetch, QuerySet

from accounts.models import User
from indicators.checks import Problem
from indicators.models import State
from indicators.moves import MOVES, Move
from indicators.workflow import PassedOn, passed_on
from plans.models import Plan
from projects.attachments import MonthFiles, files_of
from projects.cells import Cells, stored_cells, typed_cells
from projects.forms import MonthForm
from projects.kinds import PROJECTS, Kind, Owner, earlier
from projects.models import M, Project, ReportFile, WorkItem
from projects.months import Month
from projects.workflow import closed_month, move_reports


@dataclass(frozen=True, slots=True)
class MonthLine(Generic[M]):
    """One row of the sheet. `cells` hold what was typed and refused, else what is stored; None where it is locked."""

    owner: Owner
    report: M | None
    previous: M | None
    lock_reason: str
    return_reason: str
    problems: list[Problem]
    cells: Cells | None
    typed: MonthForm | None = None  # what was typed and refused
    theirs: M | None = None  # what somebody else stored in between,
    mine: M | None = None  # and what was typed meanwhile
    files: MonthFiles | None = None  # beside a month of a project that is stored

    @property
    def is_ready(self) -> bool:
        return self.report is not None and not self.lock_reason


@dataclass(frozen=True, slots=True)
class MonthSheet(Generic[M]):
    """A plan's month as one clerk sees it, in groups with their titles."""

    plan: Plan
    month: Month
    years: range
    groups: list[tuple[str, list[MonthLine[M]]]]

    @property
    def lines(self) -> list[MonthLine[M]]:
        return [line for _, lines in self.groups for line in lines]

    @property
    def n_filled(self) -> int:
        return sum(1 for line in self.lines if line.report is not None)

    @property
    def n_ready(self) -> int:
        """How many rows could be passed on now."""
        return sum(1 for line in self.lines if line.is_ready)


def sheet_years(plan: Plan, *, this_year: int) -> range:
    """The years that have month sheets: those of the plan, and what has passed since."""
    return range(plan.start_year, max(plan.end_year, this_year) + 1)


def month_sheet(
    kind: Kind[M], plan: Plan, month: Month, *, user: User, years: range, refused: MonthLine[M] | None = None
) -> MonthSheet[M]:
    """The sheet with the month before beside the inputs; a fixed number of queries.

    `refused` is a row whose typing could not be saved and stays as it was typed.
    """
    groups = [(title, list(owners)) for title, owners in _groups(kind, plan, user)]
    owners = [owner for _, rows in groups for owner in rows]
    for owner in owners:
        owner.plan = plan
    lines = {line.owner.pk: line for line in _lines(kind, owners, month, user=user)}
    if refused is not None:
        lines[refused.owner.pk] = refused
    return MonthSheet(plan, month, years, [(title, [lines[owner.pk] for owner in rows]) for title, rows in groups])


def _groups(kind: Kind[Any], plan: Plan, user: User) -> Iterable[tuple[str, Iterable[Owner]]]:
    """By category in printed order; by section in the order of the document, what has none at the end."""
    if kind is PROJECTS:
        return groupby(Project.objects.visible_to(user).filter(plan=plan), key=lambda project: project.category)
    items = WorkItem.objects.visible_to(user).filter(plan=plan).select_related("section")
    items = items.order_by(F("section__order").asc(nulls_last=True), "order", "pk")
    return groupby(items, key=lambda item: str(item.section or ""))


def month_line(
    kind: Kind[M],
    owner: Owner,
    month: Month,
    *,
    user: User,
    typed: MonthForm | None = None,
    conflict: M | None = None,
) -> MonthLine[M]:
    """One row of the sheet, read again after a save; with the form that was refused, if it was."""
    (line,) = _lines(kind, [owner], month, user=user)
    if typed is None:
        return line
    mine = kind.report(**asdict(typed.entry)) if conflict else None
    cells = typed_cells(typed, owner, month)
    return replace(line, cells=cells, typed=typed, problems=[], theirs=conflict, mine=mine)


def _lines(kind: Kind[M], owners: Sequence[Owner], month: Month, *, user: User) -> list[MonthLine[M]]:
    field, keys = kind.owner_field, {owner.pk: owner for owner in owners}
    reports: QuerySet[Any] = kind.months_beside(keys, month).order_by("year", "month")
    if kind is PROJECTS:
        standing = ReportFile.objects.standing().select_related("uploaded_by")
        reports = reports.prefetch_related(Prefetch("files", standing, to_attr="standing_files"))
    months: dict[int, list[M]] = {pk: [] for pk in keys}
    for report in reports:
        setattr(report, field, keys[getattr(report, f"{field}_id")])
        months[report.owner.pk].append(report)
    theirs = set(kind.owner.objects.enterable_by(user).filter(pk__in=keys).values_list("pk", flat=True))
    returned = [
        report.pk
        for rows in months.values()
        for report in rows
        if report.when == month and report.state == State.RETURNED
    ]
    events = kind.event._default_manager.filter(move=Move.RETURN, report__in=returned)
    reasons = {event.report_id: event.note for event in events}

    def line(owner: Owner) -> MonthLine[M]:
        report = next((row for row in months[owner.pk] if row.when == month), None)
        previous = earlier(report or kind.report(year=month.year, month=month.number), months[owner.pk])
        locked = _lock_reason(owner, month, report, is_theirs=owner.pk in theirs)
        return MonthLine(
            owner=owner,
            report=report,
            previous=previous,
            lock_reason=locked,
            return_reason=reasons.get(report.pk, "") if report else "",
            problems=[] if report is None or locked else _said_in_time(kind, report, months[owner.pk]),
            cells=None if locked else stored_cells(kind, owner, month, stored=report, previous=previous),
            files=_files(report, is_theirs=owner.pk in theirs),
        )

    return [line(owner) for owner in owners]


def _files(report: Any, *, is_theirs: bool) -> MonthFiles | None:
    files = getattr(report, "standing_files", None)
    return None if files is None else files_of(report, files, is_theirs=is_theirs)


def _lock_reason(owner: Owner, month: Month, report: Any, *, is_theirs: bool) -> str:
    if not is_theirs:
        return "无权限：不在您负责的科室"
    if report is not None and State(report.state) not in MOVES[Move.SAVE].origins:
        return State(report.state).label
    return closed_month(owner, month)


def _said_in_time(kind: Kind[M], report: M, months: Sequence[M]) -> list[Problem]:
    """What submitting the row as it stands would run into; said while there is time to mend it."""
    return [problem for problem in kind.problems(report, months) if problem.is_hard or not report.note]


def submit_month(kind: Kind[M], plan: Plan, month: Month, *, by: User) -> PassedOn:
    """Pass on each saved row of the month this person may pass on."""
    field = kind.owner_field
    rows = kind.report._default_manager.filter(
        **{f"{field}__in": kind.owner.objects.enterable_by(by).filter(plan=plan)},
        year=month.year,
        month=month.number,
        state__in=MOVES[Move.SUBMIT].origins,
    ).order_by(f"{field}__order")
    chosen = [(row, row.version) for row in rows]
    return passed_on(move_reports(kind=kind, chosen=chosen, move=Move.SUBMIT, by=by))
