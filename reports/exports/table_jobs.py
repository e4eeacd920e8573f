"""The official tables and 明细数据 as a kind of export: what is chosen is a `FileChoice`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, BinaryIO

from django.db.models import Count
from django.utils import timezone

from accounts.models import Region, User
from accounts.permissions import Permission
from plans.models import Plan
from reports.exports.jobs import Job, Progress
from reports.tables.choices import DETAIL, FileChoice, scope_of, write_file
from reports.tables.detail_table import detail_count
from reports.tables.scopes import Scope


def title_of(what: Any) -> str:
    """What the file is called until it is there and has its own name."""
    return FileChoice.from_json(what).title


def regions_of(what: Any, user: User) -> Iterable[Region]:
    """The regions of the chosen plans; raises as `scope_of` does where the choice is not theirs or makes no table."""
    return {plan.region for plan in _scope(what, user).plans}


def rows_of(what: Any, user: User) -> int:
    """One row for each indicator and year in 明细数据; else one for each row of what the table speaks of."""
    choice, scope = FileChoice.from_json(what), _scope(what, user)
    if choice.table == DETAIL:
        return detail_count(scope.plans, user, year=scope.year)
    plans = Plan.objects.visible_to(user, Permission.EXPORT).filter(pk__in=[plan.pk for plan in scope.plans])
    counted: int = plans.aggregate(rows=Count(choice.kind.holds))["rows"]
    return counted


def write_table(what: Any, user: User, stream: BinaryIO, on_progress: Progress) -> str:
    at = timezone.now()
    return write_file(FileChoice.from_json(what), stream, user, timezone.localdate(at), at, on_progress=on_progress)


def _scope(what: Any, user: User) -> Scope:
    at = timezone.now()
    return scope_of(FileChoice.from_json(what), user, timezone.localdate(at), at)


TABLES = Job(title=title_of, regions=regions_of, rows=rows_of, write=write_table)
