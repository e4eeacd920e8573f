"""What the worker process does: makes the file of one export after the other, and begins again what was killed.

`manage.py db_worker` runs it. A worker that is killed leaves its export RUNNING, so each has somebody who looks after
it: a task put off for two minutes, which comes back until the export has ended. It acts for no user; the rows of the
file are reached by its job, as the person who asked for it.
"""

from __future__ import annotations

import logging
import tempfile
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.db import DatabaseError, connections, transaction
from django.db.models import F, QuerySet
from django.http import Http404
from django.utils import timezone
from django_tasks import task

from accounts.models import record_audit
from indicators.review import Refused
from reports.exports.jobs import may_export, region_of, rights_over, still_holds
from reports.exports.kinds import JOBS
from reports.models import Export, ExportState
from reports.models.exports import MOST_RUNS
from reports.tables.scopes import ImpossibleChoice

logger = logging.getLogger(__name__)

STALE = timedelta(minutes=2)  # without a heartbeat for so long, the run is dead
_SAY_EVERY = 1.0  # seconds between two heartbeats, which say how far it is

LOST = "您已没有导出其中全部数据的权限，文件没有生成。"
BROKEN = "生成文件时出错，没有生成文件。请稍后重新导出；仍不成功的，请把编号告诉系统管理员。"
KILLED = "生成过程两次中断，没有生成文件。请稍后重新导出，或缩小范围后再试。"


class Stopped(Exception):
    """The export was taken back, or another run has taken it over: nobody wants what this run makes."""


@task()
def run_export(pk: int) -> None:
    """Make the file of an export that waits. One that does not, any more or already, is left alone."""
    export = _begun(pk)
    if export is not None and (error := _made(export)):
        # only now: while an error is handled, its traceback holds the job's open query, behind which SQLite lets
        # nobody write who shares the connection
        _fail(export, error)


def _made(export: Export) -> str:
    """Why there is no file; nothing where there is one, or where nobody wants it any more."""
    try:
        _make(export)
    except Stopped:
        return ""
    except (PermissionDenied, Http404):
        return LOST
    except (Refused, ImpossibleChoice) as error:
        return str(error)[:200]
    except Exception:
        # as text: a handler that kept the traceback itself would keep the job's open query with it
        logger.error("Export %s failed\n%s", export.pk, traceback.format_exc())
        return BROKEN
    return ""


@transaction.atomic
def _begun(pk: int) -> Export | None:
    """The export, now RUNNING; None where it is not waiting (any more): cancelled, or begun by another task."""
    waiting = Export.objects.filter(pk=pk, state=ExportState.WAITING, runs__lt=MOST_RUNS)
    if not waiting.update(state=ExportState.RUNNING, runs=F("runs") + 1, heartbeat=timezone.now(), done=0):
        return None
    return Export.objects.select_related("by").get(pk=pk)


def _make(export: Export) -> None:
    """Write the file and keep it; raises PermissionDenied where the right to it was lost while it waited."""
    job, by = JOBS[export.kind], export.by
    # what was asked for is made whole or not at all; what has come since (a plan, an office) counts as well
    is_theirs = still_holds(by, export.rights)
    export.rights = rights_over(by, job.regions(export.what, by))
    if not is_theirs or not may_export(export.rights):
        raise PermissionDenied
    # a file without a name: nothing is left of it when the process is killed
    with tempfile.TemporaryFile() as stream:
        with _told(export) as said:
            name = job.write(export.what, by, stream, said)
        _keep(export, File(stream), name, total=said.total, at=timezone.now())


def _keep(export: Export, content: File[bytes], name: str, *, total: int, at: datetime) -> None:
    """The finished file goes to its place, then the row says so, or it is taken away again."""
    export.file.save(name, content, save=False)
    try:
        with transaction.atomic():
            expires_at = at + timedelta(days=settings.EXPORT_DAYS)
            written = {"name": name[:200], "file": export.file.name, "size": content.size, "rights": export.rights}
            ended = {"state": ExportState.DONE, "finished_at": at, "expires_at": expires_at}
            if not _this_run(export).update(done=total, total=total, **written, **ended):
                raise Stopped
            record_audit(
                by=export.by,
                action="导出",
                subject=export,
                region=region_of(export.rights),
                at=at,
                summary=name,
                rows=total,
                size=content.size,
            )
    except BaseException:
        export.file.delete(save=False)
        raise


def _fail(export: Export, error: str) -> None:
    at = timezone.now()
    _this_run(export).update(state=ExportState.FAILED, error=error, finished_at=at)


def _this_run(export: Export) -> QuerySet[Export]:
    """The row, as long as it is this run's: not cancelled, and not begun again because this one was thought dead."""
    return Export.objects.filter(pk=export.pk, state=ExportState.RUNNING, runs=export.runs)


@dataclass(slots=True)
class _Said:
    """How far a run is, as its job says; called with rows written and rows in all."""

    done: int
    total: int
    is_unwanted: bool = False

    def __call__(self, done: int, total: int) -> None:
        if self.is_unwanted:
            raise Stopped
        self.done, self.total = done, max(done, total)


@contextmanager
def _told(export: Export) -> Iterator[_Said]:
    """What the job says is written to the row every second, and is its heartbeat: a job may be silent for long.

    It is written by a thread of its own, over a connection of its own: the job's may be in the middle of a query, and
    then SQLite refuses the write as soon as anybody else has written ("database is locked").
    """
    said, is_over = _Said(0, export.total), threading.Event()

    def tell() -> None:
        while not is_over.wait(_SAY_EVERY):
            try:
                now = {"done": said.done, "total": max(said.done, said.total), "heartbeat": timezone.now()}
                said.is_unwanted = not _this_run(export).update(**now)
            except DatabaseError:  # busy or away for a moment: the next one may get through
                logger.warning("No heartbeat of export %s", export.pk, exc_info=True)
        connections.close_all()

    thread = threading.Thread(target=tell, daemon=True)
    thread.start()
    try:
        yield said
    finally:
        is_over.set()
        thread.join()


# ---- Looking after what was killed


def look_after(pk: int) -> None:
    """Have somebody look at this export in two minutes, and again until it has ended."""
    look.using(run_after=timezone.now() + STALE).enqueue(pk)


@task()
def look(pk: int) -> None:
    """Begin again an export whose run was killed; the second time it has failed. One that waits is queued once more.

    A second task for the same export does no harm, since only one finds it waiting.
    """
    with transaction.atomic():
        export = Export.objects.select_for_update().under_way().filter(pk=pk).first()
        if export is None:
            return
        is_dead = export.heartbeat is not None and export.heartbeat <= timezone.now() - STALE
        if export.state == ExportState.RUNNING and is_dead:
            if export.runs >= MOST_RUNS:
                _fail(export, KILLED)
                return
            _this_run(export).update(state=ExportState.WAITING, heartbeat=None, done=0)
            export.state = ExportState.WAITING
        if export.state == ExportState.WAITING:
            run_export.enqueue(pk)
        look_after(pk)
