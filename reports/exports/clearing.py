"""What `manage.py clear_exports` takes away: files past their time, old rows, and files that no row names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import Q
from django_tasks_db.models import DBTaskResult

from reports.models import Export, ExportState
from reports.models.exports import FOLDER, NO_FILE

_WRITTEN_WITHIN = timedelta(hours=1)  # a file without a row may be one that is being put in its place
_LONGEST_TASK = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Cleared:
    """How many files and rows went."""

    files: int
    rows: int
    tasks: int


def clear_exports(*, at: datetime) -> Cleared:
    """Once more changes nothing; killed in the middle, the next time finishes it.

    A row says for as many days again that its file has expired, or why there was none; then it goes too.
    """
    kept = timedelta(days=settings.EXPORT_DAYS)
    due = Export.objects.filter(state=ExportState.DONE, expires_at__lte=at)
    due.update(state=ExportState.EXPIRED, **NO_FILE)
    is_old = Q(state=ExportState.EXPIRED, expires_at__lte=at - kept)
    is_old |= Q(state=ExportState.FAILED, finished_at__lte=at - 2 * kept)
    rows, _ = Export.objects.filter(is_old).delete()
    # of finished tasks, and of those whose worker was killed, nobody asks any more
    ended = Q(finished_at__lte=at - kept) | Q(finished_at=None, started_at__lte=at - _LONGEST_TASK)
    tasks, _ = DBTaskResult.objects.filter(ended, task_path__startswith="reports.exports.").delete()
    return Cleared(files=_clear_files(at), rows=rows, tasks=tasks)


def _clear_files(at: datetime) -> int:
    """Delete the files that no row names: those just expired, and what a killed worker left."""
    if not default_storage.exists(FOLDER):
        return 0
    named = set(Export.objects.exclude(file="").values_list("file", flat=True))
    there = {f"{FOLDER}/{name}" for name in default_storage.listdir(FOLDER)[1]}
    expired = {name for name in there - named if default_storage.get_modified_time(name) <= at - _WRITTEN_WITHIN}
    for name in expired:
        default_storage.delete(name)
    return len(expired)
