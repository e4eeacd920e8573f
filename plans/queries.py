"""What the pages of rounds read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from accounts.models import User
from accounts.permissions import Permission
from plans.models import Round
from plans.rounds import OPEN_STATES, RoundState, time_left


@dataclass(frozen=True, slots=True)
class RoundStanding:
    """A round as it stands on a day of Beijing time, for the plan as a whole."""

    round: Round
    on: date

    @property
    def state(self) -> RoundState:
        return self.round.state(on=self.on)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def deadline(self) -> date:
        return self.round.deadline()

    @property
    def time_left(self) -> str:
        return time_left(self.deadline, on=self.on) if self.is_open else ""


def rounds_shown(rounds: QuerySet[Round]) -> QuerySet[Round]:
    """The rounds with all that their pages print: three queries, however many."""
    return rounds.select_related("plan__region").prefetch_related("extensions__department", "extensions__allowed_by")


def rounds_planned_by(user: User, *, on: date) -> list[RoundStanding]:
    """The rounds of the regions this person plans for: plan by plan, the latest year first."""
    rounds = rounds_shown(Round.objects.visible_to(user, Permission.PLAN))
    ordered = rounds.order_by("plan__region__code", "-plan__end_year", "plan", "-year")
    return [RoundStanding(round_, on) for round_ in ordered]
