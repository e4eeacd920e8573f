"""Every write to a month of a project or work item: saving what was typed and moving it through the review.

The rows are locked, read again, and checked for role, state, month and version; values, events and audit lines are
written in one transaction. The moves are in `indicators.moves.MOVES`, the parts of a step in `indicators.review`.
Monthly reports do not depend on the yearly round; `months.closed_because` says when a month may be reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import AuditEvent, User, audit_event
from indicators.models import State
from indicators.moves import MOVES, Move
from indicators.review import (
    Forbidden,
    Refused,
    StaleVersion,
    demand,
    entered_by,
    locked,
    step_values,
    write,
)
from indicators.workflow import Unfit
from projects.kinds import Kind, Owner
from projects.models import M, MonthlyReport, Stage, WorkItem, WorkReport, WorkState
from projects.months import Month, closed_because


@dataclass(frozen=True, slots=True)
class ProjectEntry:
    """What was typed for one month of a project, already understood (forms.ProjectReportForm makes it)."""

    stage: Stage
    investment_done: Decimal | None = None
    physical_progress: Decimal | None = None
    problems: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class WorkEntry:
    """What was typed for one month of a work item, already understood (forms.WorkReportForm makes it)."""

    work_state: WorkState
    value: Decimal | None = None
    note: str = ""


Entry: TypeAlias = ProjectEntry | WorkEntry


def closed_month(owner: Owner, month: Month) -> str:
    """Why this month of a project or work item cannot be reported today (Beijing time); empty where it can."""
    return closed_because(month, first_year=owner.plan.start_year, on=timezone.localdate())


def _name(owner: Owner, month: Month) -> str:
    return f"“{owner.name}”{month}进展"


# ---- Saving


def save_report(*, kind: Kind[M], owner: Owner, month: Month, entry: Entry, by: User, version: int | None) -> M:
    """Keep what was typed, as a draft (or still returned) month. Saving the same again changes nothing.

    `version` is the one the typing was based on, None for a first entry. Raises Forbidden, WrongState,
    RoundClosed (the month is still to come, or lies before the plan) or StaleVersion. `owner` comes with its
    plan and region.
    """
    try:
        with transaction.atomic():
            return _save(kind, owner, month, entry, by=by, version=version)
    except IntegrityError:
        # somebody created the row in between; read again, it is there, and what was typed is stale
        with transaction.atomic():
            return _save(kind, owner, month, entry, by=by, version=version)


def _save(kind: Kind[M], owner: Owner, month: Month, entry: Entry, *, by: User, version: int | None) -> M:
    place = {kind.owner_field: owner, "year": month.year, "month": month.number}
    rows = kind.report._default_manager.filter(**place).select_related("entered_by")
    stored = next(iter(locked(rows).values()), None)
    demand(
        Move.SAVE,
        name=_name(owner, month),
        state=State(stored.state) if stored else State.DRAFT,
        is_allowed=kind.owner.objects.enterable_by(by).filter(pk=owner.pk).exists(),
        closed=closed_month(owner, month),
    )
    values, now = asdict(entry), timezone.now()
    if stored is not None:
        setattr(stored, kind.owner_field, owner)
        if all(getattr(stored, name) == value for name, value in values.items()):
            return stored
        if stored.version != version:
            raise StaleVersion(stored)
        report = write(stored, values | step_values(Move.SAVE, by=by, at=now))
    elif version is not None:
        raise StaleVersion
    else:
        report = kind.report(**place, **values, **step_values(Move.SAVE, by=by, at=now))
        report.save(force_insert=True)
    _record(kind, [(report, report.note)], move=Move.SAVE, by=by, at=now)
    return report


# ---- Moving


@transaction.atomic
def move_reports(
    *, kind: Kind[M], chosen: Sequence[tuple[M, int]], move: Move, by: User, note: str = ""
) -> list[M | Refused]:
    """Take one step for many months, each on the version it was decided on; answered with its row or its refusal.

    What is refused stays as it is and holds nobody back. Work items then stand where their newest approved month says.
    """
    if move == Move.SAVE:
        raise Refused("保存要带数据。")
    note, now, rule = note.strip(), timezone.now(), MOVES[move]
    asked = kind.report._default_manager.filter(pk__in=[report.pk for report, _ in chosen])
    asked = asked.select_related(f"{kind.owner_field}__plan__region", "entered_by")
    rows = locked(kind.with_all_months(asked) if move == Move.SUBMIT else asked)
    enterable: set[int] = set()
    if rule.needs_open_round:
        owners = kind.owner.objects.enterable_by(by).filter(pk__in=[row.owner.pk for row in rows.values()])
        enterable = set(owners.values_list("pk", flat=True))
    own: set[int] = set()
    if move == Move.APPROVE:
        own = entered_by(by, rows.values(), events=kind.event._default_manager.all(), of="report")
    answers: list[M | Refused] = []
    moved: list[M] = []
    for report, version in chosen:
        row = rows.get(report.pk)
        try:
            if row is None:
                raise StaleVersion
            owner = row.owner
            demand(
                move,
                name=_name(owner, row.when),
                state=State(row.state),
                is_allowed=owner.pk in enterable
                if rule.needs_open_round
                else by.can(rule.permission, owner.plan.region),
                closed=closed_month(owner, row.when),
                note=note,
            )
            if row.version != version:
                raise StaleVersion(row)
            if row.pk in own:
                raise Forbidden("不能审核自己填报的数据，请由其他审核员审核。")
            moved.append(write(row, step_values(move, by=by, at=now) | _values_of(kind, move, row, note)))
            answers.append(row)
        except Refused as refused:
            answers.append(refused)
    _record(kind, [(row, note) for row in moved], move=move, by=by, at=now)
    if kind.report is WorkReport and State.APPROVED in (rule.target, *rule.origins):
        follow_reports(row.owner.pk for row in moved)
    return answers


def _values_of(kind: Kind[M], move: Move, row: M, note: str) -> dict[str, object]:
    """What a move sets in a month besides state and people; raises Unfit where the checks refuse a submit."""
    if move != Move.SUBMIT:
        return {}
    row.note = row.note or note
    problems = kind.problems(row, row.owner.all_months)  # type: ignore[union-attr]
    if any(problem.is_hard for problem in problems) or (problems and not row.note):
        raise Unfit(problems)
    return {"note": row.note}


def follow_reports(items: Iterable[int]) -> None:
    """Let each of these work items stand where its newest approved month says; 未开始 where there is none."""
    rows = WorkItem.objects.filter(pk__in=set(items))
    # two months of one item approved at once: the second waits here, and then reads the first
    list(rows.select_for_update().order_by("pk").values_list("pk"))
    newest = WorkReport.objects.approved().filter(item=OuterRef("pk")).order_by("-year", "-month")
    rows.update(state=Coalesce(Subquery(newest.values("work_state")[:1]), Value(WorkState.NOT_STARTED)))


def _record(kind: Kind[M], steps: Sequence[tuple[M, str]], *, move: Move, by: User, at: datetime) -> None:
    """The event and the audit line of each step, in the transaction of the write they tell of."""
    kind.event._default_manager.bulk_create(
        [
            kind.event(
                report=report,
                at=at,
                by=by,
                move=move,
                state=report.state,
                version=report.version,
                note=note,
                **kind.said(report),
            )
            for report, note in steps
        ],
        batch_size=500,
    )
    AuditEvent.objects.bulk_create(
        [_audit_line(kind, report, note, move=move, by=by, at=at) for report, note in steps], batch_size=500
    )


def _audit_line(kind: Kind[M], report: MonthlyReport, note: str, *, move: Move, by: User, at: datetime) -> AuditEvent:
    plan = report.owner.plan
    return audit_event(
        by=by,
        action=move.label,
        subject=report,
        region=plan.region,
        at=at,
        summary=f"{plan} {report} {report.get_state_display()}",
        version=report.version,
        note=note,
        **{name: None if value is None else str(value) for name, value in kind.said(report).items()},
    )
