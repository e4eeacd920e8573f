"""The official tables and 明细数据 as kinds of export: which regions a choice is of, and how many rows it will have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, BinaryIO

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Region, User
from accounts.permissions import Permission
from accounts.regions import code_prefix
from indicators.models import Actual, Indicator
from plans.models import Plan
from projects.models import Project, WorkItem
from reports.exports.jobs import Job, Progress
from reports.tables.choices import FileChoice, build_file

DETAIL = "detail"


def table_title(what: Any) -> str:
    """What the file is called until it is there and has its own name."""
    return "明细数据" if FileChoice.from_json(what).table == DETAIL else "报表"


def regions_of(what: Any, user: User) -> Iterable[Region]:
    """The regions of the chosen plans, as far as this person may export them."""
    return Region.objects.visible_to(user, Permission.EXPORT).filter(plans__in=_plans(what, user)).distinct()


def rows_of(what: Any, user: User) -> int:
    """One row for each figure in 明细数据; for each indicator, project and work item in the other tables."""
    plans = _plans(what, user)
    if FileChoice.from_json(what).table == DETAIL:
        return Actual.objects.visible_to(user).filter(indicator__plan__in=plans).count()
    return sum(
        model.objects.visible_to(user).filter(plan__in=plans).count() for model in (Indicator, Project, WorkItem)
    )


def write_table(what: Any, user: User, stream: BinaryIO, on_progress: Progress) -> str:
    """The whole table in one piece: at most a few thousand rows, so there is no progress to speak of."""
    at = timezone.now()
    name, content = build_file(FileChoice.from_json(what), user, timezone.localdate(at), at)
    stream.write(content)
    return name


def _plans(what: Any, user: User) -> QuerySet[Plan]:
    choice, plans = FileChoice.from_json(what), Plan.objects.visible_to(user, Permission.EXPORT)
    if choice.plans:
        return plans.filter(code__in=choice.plans)
    return plans.filter(region__code__startswith=code_prefix(choice.region)) if choice.region else plans


TABLES = Job(title=table_title, regions=regions_of, rows=rows_of, write=write_table)
