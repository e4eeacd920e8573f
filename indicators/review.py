"""What every row under review goes through, whatever it says: a figure, a month of a project, a month of a task.

The refusals and the parts of one step: lock the row, demand what `moves.MOVES` demands, write with the version counted
up. The workflow of each kind of row puts them together in one transaction. Source of the rules: DESIGN §5.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import QuerySet

from accounts.models import User
from indicators.models import Reviewed, State
from indicators.moves import ENTERING, MOVES, Move

R = TypeVar("R", bound=Reviewed)


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

    def __init__(self, current: Any = None) -> None:
        self.current = current
        who = str(current.entered_by) if current and current.entered_by else "其他人"
        super().__init__(f"这个数据已被{who}改过，请核对后再保存。")


def locked(rows: QuerySet[R]) -> dict[int, R]:
    """These rows by key, locked until the transaction ends, in the order of the key so that none wait in a ring."""
    return {row.pk: row for row in rows.select_for_update(of=("self",)).order_by("pk")}


def demand(move: Move, *, name: str, state: State, is_allowed: bool, closed: str = "", note: str = "") -> None:
    """Role, state, dates and reason, in this order; raises the refusal.

    `name` is what the row is called in the message, `closed` why nothing can be entered today ("": it can).
    """
    rule = MOVES[move]
    if not is_allowed:
        raise Forbidden(f"您没有对{name}{move.label}的权限。")
    if state not in rule.origins:
        raise WrongState(f"{name}为“{state.label}”，不能{move.label}。")
    if rule.needs_open_round and closed:
        raise RoundClosed(f"{closed}，不能{move.label}。")
    if rule.needs_note and not note:
        raise Refused(f"{move.label}要写明理由。")


def step_values(move: Move, *, by: User, at: datetime) -> dict[str, object]:
    """What the move itself sets in any row under review."""
    values: dict[str, object] = {}
    target = MOVES[move].target
    if target is not None:
        values["state"] = target
        approved = target == State.APPROVED
        values |= {"approved_by": by if approved else None, "approved_at": at if approved else None}
    else:
        values |= {"entered_by": by, "entered_at": at, "source_ref": "", "is_demo": by.is_demo}
    return values


def entered_by(user: User, rows: Iterable[Reviewed], *, events: QuerySet[Any], of: str) -> set[int]:
    """The keys of the rows this person had a hand in entering, and so may not approve: one query.

    `events` are those of the row's kind, `of` the name of their key to the row.
    """
    there = list(rows)
    own = {row.pk for row in there if row.entered_by_id == user.pk}
    steps = events.filter(by=user, move__in=ENTERING, **{f"{of}__in": there})
    return own | set(steps.values_list(of, flat=True))


def write(row: R, values: dict[str, object]) -> R:
    """Write if the version is still the one read (SQLite has no row lock), and count it up; raises StaleVersion."""
    values = {**values, "version": row.version + 1}
    rows = type(row)._default_manager
    if not rows.filter(pk=row.pk, version=row.version).update(**values):
        raise StaleVersion(rows.select_related("entered_by").filter(pk=row.pk).first())
    for name, value in values.items():
        setattr(row, name, value)
    return row
