"""Asking for an export, taking it back, and opening the finished file; each leaves its line in the audit log.

`worker` does the work in between.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import User, record_audit
from indicators.review import Refused
from reports.exports.jobs import may_export, region_of, rights_over, still_holds
from reports.exports.kinds import JOBS
from reports.exports.worker import look_after, run_export
from reports.models import Export, ExportState

ROWS_AT_ONCE = 2_000  # about a second of writing: longer than that, nobody waits before a blank page
MOST_UNDER_WAY = 3  # exports of one person that wait or run


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A file small enough to be answered at once."""

    name: str
    content: bytes
    content_type: str


def order_export(*, kind: str, what: Any, by: User, at: datetime) -> Export | MadeFile:
    """The file itself where few rows are expected, else an export that waits for the worker.

    Raises PermissionDenied without the right to export all of it, Refused with too many exports under way.
    """
    job = JOBS[kind]
    rights = rights_over(by, job.regions(what, by))
    if not may_export(rights):
        raise PermissionDenied
    total = job.rows(what, by)
    if total > ROWS_AT_ONCE:
        return _wait(Export(by=by, kind=kind, what=what, rights=rights, total=total, created_at=at))
    stream = io.BytesIO()
    made = MadeFile(job.write(what, by, stream, _unheard), stream.getvalue(), job.content_type)
    record_audit(
        by=by,
        action="导出",
        subject=by,
        region=region_of(rights),
        at=at,
        summary=made.name,
        kind=kind,
        what=what,
        size=len(made.content),
    )
    return made


def _unheard(done: int, total: int) -> None:
    """The progress of what is answered at once."""


@transaction.atomic
def _wait(export: Export) -> Export:
    # the person's offices are locked, or two tabs could each take the last place
    list(export.by.memberships.select_for_update())
    if Export.objects.visible_to(export.by).under_way().count() >= MOST_UNDER_WAY:
        raise Refused(f"您已有{MOST_UNDER_WAY}个导出在等待或生成中，请等其中一个完成，或先取消一个。")
    export.name = JOBS[export.kind].title(export.what)[:200]
    export.content_type = JOBS[export.kind].content_type
    export.save(force_insert=True)
    run_export.enqueue(export.pk)
    look_after(export.pk)
    _record(export, "申请导出", at=export.created_at)
    return export


@transaction.atomic
def drop_export(*, export: Export, by: User, at: datetime) -> Export:
    """Cancel an export that is not finished, or delete one that is, with its file.

    A worker in the middle of it notices at the next row it reports, and leaves nothing behind.
    """
    # read again: it may have been finished in this moment, and then there is a file
    export = Export.objects.visible_to(by).select_for_update(of=("self",)).get(pk=export.pk)
    _record(export, "取消导出" if export.is_under_way else "删除导出", at=at)
    if name := export.file.name:
        transaction.on_commit(partial(export.file.storage.delete, name))
    Export.objects.visible_to(by).filter(pk=export.pk).delete()
    return export


def open_export(*, export: Export, by: User, at: datetime) -> Export:
    """The export whose file may be opened now; the opening is on record.

    Raises Refused where there is no file (any more), PermissionDenied where the person holds less than when it was
    made.
    """
    if export.state != ExportState.DONE or export.expires_at is None or export.expires_at <= at:
        raise Refused("这个文件还没有生成，或已过有效期。请重新导出。")
    if not still_holds(by, export.rights):
        raise PermissionDenied
    _record(export, "下载导出", at=at)
    return export


def _record(export: Export, action: str, *, at: datetime) -> None:
    record_audit(
        by=export.by,
        action=action,
        subject=export,
        region=region_of(export.rights),
        at=at,
        summary=export.name,
        kind=export.kind,
        what=export.what,
    )
