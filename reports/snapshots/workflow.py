"""Freezing a round as it was reported upward: the only write there is, since nothing changes or deletes a snapshot."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User, record_audit
from accounts.permissions import Permission
from indicators.review import Refused
from plans.models import Plan, Round
from reports.models import Snapshot
from reports.snapshots.content import approved_table, content_of, projects_of
from reports.tables.plan_tables import PLAN_FILES


def take_snapshot(*, plan: Plan, year: int, name: str, by: User, at: datetime, note: str = "") -> Snapshot:
    """Freeze a year of a plan: its table, its projects, and 指标完成情况表 as a file, approved figures only.

    Raises PermissionDenied, or Refused where the year has no round or is not over, or the name is taken.
    """
    on = timezone.localdate(at)
    if not by.can(Permission.PLAN, plan.region):
        raise PermissionDenied
    if not Round.objects.visible_to(by, Permission.PLAN).filter(plan=plan, year=year).exists():
        raise Refused(f"{year}年没有填报期，不能存档。")
    if year >= on.year:
        raise Refused(f"{year}年尚未结束，还没有可以上报的评价，不能存档。")
    table, missing = approved_table(plan, year=year, user=by, on=on)
    projects = projects_of(plan, user=by, on=on)
    file = PLAN_FILES["completion"]
    workbook = file.build(table, by, at)
    snapshot = Snapshot(
        plan=plan,
        year=year,
        name=name,
        note=note,
        taken_by=by,
        taken_at=at,
        content={**content_of(table, missing), "projects": projects},
        file_name=f"{file.file_name(table).removesuffix('.xlsx')}_存档{on:%Y-%m-%d}.xlsx",
        workbook=workbook,
        sha256=sha256(workbook).hexdigest(),
        is_demo=by.is_demo or table.has_demo or bool(projects and projects["is_demo"]),
    )
    try:
        with transaction.atomic():
            snapshot.save(force_insert=True)
            record_audit(
                by=by,
                action="存档",
                subject=snapshot,
                region=plan.region,
                at=at,
                summary=str(snapshot),
                sha256=snapshot.sha256,
                missing=missing,
            )
    except IntegrityError as error:
        raise Refused(f"{year}年已有名为“{name}”的存档。存档不能更改，请换一个名称。") from error
    return snapshot
