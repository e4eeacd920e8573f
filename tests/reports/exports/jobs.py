"""A kind of file that the tests export: numbered lines of a region, each reported as it is written."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, BinaryIO

from accounts.models import Region, User
from accounts.permissions import Permission
from reports.exports.jobs import Job, Progress

LINES = "lines"
NAME = "明细数据.txt"


def lines_job(*, each: Callable[[int], object] = int) -> Job:
    """`each` is called with every row's number before it is written."""

    def write(what: Any, user: User, stream: BinaryIO, on_progress: Progress) -> str:
        for row in range(what["rows"]):
            each(row)
            stream.write(f"{row}\n".encode())
            on_progress(row + 1, what["rows"])
        return NAME

    return Job(
        title=lambda what: "明细数据",
        regions=lambda what, user: Region.objects.visible_to(user, Permission.EXPORT).filter(
            code__in=what["region"].split()
        ),
        rows=lambda what, user: int(what["rows"]),
        write=write,
        content_type="text/plain",
    )


def lines_of(rows: int) -> bytes:
    return b"".join(f"{row}\n".encode() for row in range(rows))


def slow(row: int) -> None:
    time.sleep(0.01)
