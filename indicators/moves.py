"""The review as one table of moves. Grid, API, import and admin all go through it; docs/review.md is made from it."""

from dataclasses import dataclass

from django.db.models import TextChoices

from accounts.permissions import Permission
from indicators.models import State


class Move(TextChoices):
    SAVE = "save", "保存"
    SUBMIT = "submit", "提交"
    APPROVE = "approve", "通过"
    RETURN = "return", "退回"
    REOPEN = "reopen", "重开"


@dataclass(frozen=True, slots=True)
class Rule:
    """One move: from which states, to which (None: stays), who may, and what it demands."""

    origins: frozenset[State]
    target: State | None
    permission: Permission
    needs_note: bool = False
    needs_open_round: bool = False


MOVES: dict[Move, Rule] = {
    Move.SAVE: Rule(frozenset({State.DRAFT, State.RETURNED}), None, Permission.ENTER, needs_open_round=True),
    Move.SUBMIT: Rule(
        frozenset({State.DRAFT, State.RETURNED}), State.SUBMITTED, Permission.ENTER, needs_open_round=True
    ),
    Move.APPROVE: Rule(frozenset({State.SUBMITTED}), State.APPROVED, Permission.REVIEW),
    Move.RETURN: Rule(frozenset({State.SUBMITTED}), State.RETURNED, Permission.REVIEW, needs_note=True),
    Move.REOPEN: Rule(frozenset({State.APPROVED}), State.DRAFT, Permission.REVIEW, needs_note=True),
}

# Who took one of these steps has entered the figure, and may not approve it.
ENTERING = (Move.SAVE, Move.SUBMIT)


def moves_from(state: State, permissions: set[Permission]) -> list[Move]:
    """The moves open from a state to somebody with these permissions, in the order of the table."""
    return [move for move, rule in MOVES.items() if state in rule.origins and rule.permission in permissions]
