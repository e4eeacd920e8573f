"""Lists of work: what the rounds still ask of a person."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from accounts.models import User
from accounts.permissions import Permission
from indicators.models import Actual, Availability, Indicator, State
from indicators.moves import ENTERING
from plans.models import Plan, Reminder, Round
from plans.rounds import OPEN_STATES


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many figures of one plan and year wait for a person, until when, and when they were last reminded."""

    plan: Plan
    year: int
    due_on: date
    is_open: bool
    to_fill: int
    drafts: int
    returned: int
    to_review: int
    reminded_at: datetime | None

    @property
    def total(self) -> int:
        return self.to_fill + self.to_submit + self.to_review

    @property
    def to_submit(self) -> int:
        return self.drafts + self.returned


def waiting_for(user: User, *, on: date) -> list[Waiting]:
    """What the rounds still ask of this person, most urgent first; six queries, however many plans and years.

    A closed round asks for no figure any more, though for the review of what was passed on in time. `to_fill`
    counts rows without a figure or stated absence; `to_review` leaves out what this person entered.
    """
    theirs = Round.objects.visible_to(user, Permission.ENTER) | Round.objects.visible_to(user, Permission.REVIEW)
    rounds = theirs.filter(opens_on__lte=on).select_related("plan__region").prefetch_related("extensions")
    rounds = rounds.order_by("due_on", "-year", "plan")
    entered = Indicator.objects.enterable_by(user).filter(is_group=False)
    fillable = Counter(entered.values_list("plan", "department"))
    filled = Counter(
        Actual.objects.filter(indicator__in=entered).values_list(
            "indicator__plan", "year", "indicator__department", "state", "availability"
        )
    )
    submitted = Counter(
        Actual.objects.visible_to(user, Permission.REVIEW)
        .filter(state=State.SUBMITTED)
        .exclude(entered_by=user)
        .exclude(events__by=user, events__move__in=ENTERING)
        .values_list("indicator__plan", "year")
    )

    sent = Reminder.objects.filter(recipient=user, sent_at__isnull=False).order_by("sent_at")
    reminded = dict(sent.values_list("round", "sent_at"))

    def waiting(round_: Round) -> Waiting:
        rows = {department: n for (plan, department), n in fillable.items() if plan == round_.plan_id}
        open_rows = {at: n for at, n in rows.items() if round_.state(on=on, department=at) in OPEN_STATES}
        states: Counter[str] = Counter()
        for (plan, year, department, state, availability), count in filled.items():
            if (plan, year) == (round_.plan_id, round_.year) and department in open_rows:
                states[availability if availability == Availability.UNREPORTED else state] += count
        done = sum(count for state, count in states.items() if state != Availability.UNREPORTED)
        return Waiting(
            plan=round_.plan,
            year=round_.year,
            due_on=min(map(round_.deadline, open_rows), default=round_.deadline()),
            is_open=bool(open_rows),
            to_fill=sum(open_rows.values()) - done,
            drafts=states[State.DRAFT],
            returned=states[State.RETURNED],
            to_review=submitted[(round_.plan_id, round_.year)],
            reminded_at=reminded.get(round_.pk),
        )

    found = [item for item in map(waiting, rounds) if item.total]
    return sorted(found, key=lambda item: item.due_on)
