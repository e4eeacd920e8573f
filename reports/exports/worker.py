"""What the worker process does: makes the file of one export after the other, and begins again what was killed.

`manage.py db_worker` runs it. A worker that is killed leaves its export RUNNING, so each has somebody who looks after
it: a task put off for two minutes, which comes back until the export has ended. It acts for no user; the rows of the
file are reached by its job, as the person who asked for it.
"""

from __future__ import annotations

import logging
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
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
_BEAT = 20  # seconds between two heartbeats, whether or not rows are written
_SAY_EVERY = 1.0  # seconds between two reports of how far it is

LOST = "您已没有导出其中全部数据的权限，文件没有生成。"
BROKEN = "生成文件时出错，没有生成文件。请稍后重新导出；仍不成功的，请把编号告诉系统管理员。"
KILLED = "生成过程两次中断，没有生成文件。请稍后重新导出，或缩小范围后再试。"


class Stopped(Exception):
    """The export was taken back, or another run has taken it over: nobody wants what this run makes."""


@task()
def run_export(pk: int) -> None:
    """Make the file of an export that waits. One that does not, any more or already, is left alone."""
    export = _begun(pk)
    if export is None:
        return
    try:
        with _beating(export):
            _make(export)
    except Stopped:
        return
    except (PermissionDenied, Http404):
        _fail(export, LOST)
    except (Refused, ImpossibleChoice) as error:
        _fail(export, str(error)[:200])
    except Exception:
        logger.exception("Export %s failed", pk)
        _fail(export, BROKEN)


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
        said = _Said(export)
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


class _Said:
    """How far a run is; written to the row once a second at most."""

    def __init__(self, export: Export) -> None:
        self._rows, self.total, self._again_at = _this_run(export), export.total, 0.0

    def __call__(self, done: int, total: int) -> None:
        self.total = max(done, total)
        if time.monotonic() < self._again_at:
            return
        if not self._rows.update(done=done, total=self.total, heartbeat=timezone.now()):
            raise Stopped
        self._again_at = time.monotonic() + _SAY_EVERY


@contextmanager
def _beating(export: Export) -> Iterator[None]:
    """A heartbeat from a thread of its own: a job may be silent for long and alive all the same."""
    is_over = threading.Event()

    def beat() -> None:
        while not is_over.wait(_BEAT):
            try:
                _this_run(export).update(heartbeat=timezone.now())
            except DatabaseError:  # busy or away for a moment: the next one may get through
                logger.warning("No heartbeat of export %s", export.pk, exc_info=True)
        connections.close_all()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
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
