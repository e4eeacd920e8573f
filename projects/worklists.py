"""Lists of work: which months wait for a person, and what lies before a reviewer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic

from django.db.models import Prefetch, QuerySet

from accounts.models import User
from accounts.permissions import Permission
from indicators.checks import Problem
from indicators.models import ReviewEvent, State
from indicators.moves import ENTERING, MOVES, Move
from projects.kinds import KINDS, PROJECTS, Kind, earlier
from projects.models import M, ReportFile
from projects.months import Month


@dataclass(frozen=True, slots=True)
class WaitingMonth:
    """How many reports of one kind, plan and month wait for a person."""

    kind: Kind[Any]
    plan_code: str
    plan_title: str
    month: Month
    drafts: int
    returned: int
    to_review: int

    @property
    def total(self) -> int:
        return self.drafts + self.returned + self.to_review


def months_waiting_for(user: User) -> list[WaitingMonth]:
    """The months this person began or got back, and those to review, newest first; four queries, however many."""
    found: list[WaitingMonth] = []
    for kind in KINDS:
        owner = kind.owner_field
        theirs = kind.report._default_manager.filter(**{f"{owner}__in": kind.owner.objects.enterable_by(user)})
        began = _by_month(theirs.filter(state__in=MOVES[Move.SUBMIT].origins), owner)
        own = kind.event._default_manager.filter(by=user, move__in=ENTERING).values("report")
        submitted = _by_month(_to_review(kind, user).exclude(entered_by=user).exclude(pk__in=own), owner)
        for code, title, month in sorted({key[:3] for key in began | submitted}, key=lambda key: (key[2], key[0])):
            states = {state: (began + submitted)[code, title, month, state] for state in State}
            found.append(
                WaitingMonth(
                    *(kind, code, title, month),
                    drafts=states[State.DRAFT],
                    returned=states[State.RETURNED],
                    to_review=states[State.SUBMITTED],
                )
            )
    return sorted(found, key=lambda waiting: waiting.month, reverse=True)


def _by_month(reports: QuerySet[Any], owner: str) -> Counter[tuple[str, str, Month, str]]:
    names = (f"{owner}__plan__code", f"{owner}__plan__short_title", "year", "month", "state")
    return Counter(
        (code, title, Month(year, month), state) for code, title, year, month, state in reports.values_list(*names)
    )


def _to_review(kind: Kind[M], user: User) -> QuerySet[M]:
    reports: QuerySet[M] = kind.report._default_manager.visible_to(user, Permission.REVIEW)  # type: ignore[attr-defined]
    return reports.filter(state=State.SUBMITTED)


@dataclass(frozen=True, slots=True)
class MonthToReview(Generic[M]):
    """A submitted month, with what stood before it, what the checks found and what became of it so far."""

    report: M
    previous: M | None
    problems: list[Problem]
    events: Sequence[ReviewEvent]
    is_own: bool


def months_to_review(kind: Kind[M], user: User, *, plan: str = "") -> list[MonthToReview[M]]:
    """The submitted months this person may review, in plan order: four queries, however many, and one for files."""
    owner = kind.owner_field
    waiting = _to_review(kind, user)
    if plan:
        waiting = waiting.filter(**{f"{owner}__plan__code": plan})
    reports = kind.with_all_months(waiting).select_related(
        "entered_by", f"{owner}__plan__region", f"{owner}__department"
    )
    reports = reports.prefetch_related("events__by")
    if kind is PROJECTS:
        reports = reports.prefetch_related(Prefetch("files", ReportFile.objects.standing(), to_attr="standing_files"))
    rows = []
    for report in reports.order_by(f"{owner}__plan__code", "year", "month", f"{owner}__order", "pk"):
        months: list[M] = report.owner.all_months  # type: ignore[union-attr]
        events: list[ReviewEvent] = list(report.events.all())  # type: ignore[attr-defined]
        is_own = any(event.by_id == user.pk and event.move in ENTERING for event in events)
        rows.append(
            MonthToReview(
                report=report,
                previous=earlier(report, months),
                problems=kind.problems(report, months),
                events=events,
                is_own=is_own or report.entered_by_id == user.pk,
            )
        )
    return rows
