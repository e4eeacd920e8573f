"""Confirms one import again and again in a process of its own, and kills it at another moment each time.

Run by test_killed_imports.py as a module with IMPORT and USER as arguments; prints one JSON line per kill.
"""

import json
import os
import signal
import sys
import time

import django

django.setup()

from django.db import connection, connections  # noqa: E402

from accounts.models import AuditEvent, User  # noqa: E402
from indicators.models import Actual, ActualEvent  # noqa: E402
from reports.entries.workflow import confirm_import  # noqa: E402
from reports.models import EntryImport, ImportState  # noqa: E402

SHARES = (0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 1.0)  # of the time that an undisturbed confirmation takes


def confirm_in_a_child(imported: EntryImport, by: User) -> int:
    connections.close_all()
    child = os.fork()
    if not child:
        confirm_import(imported=imported, by=by, preview=imported.preview)
        connections.close_all()
        os._exit(0)
    return child


def standing(imported: EntryImport) -> list[object]:
    """What of the confirmation is there: its state, figures, events, audit lines, lines that count as written."""
    return [
        EntryImport.objects.get(pk=imported.pk).state,
        Actual.objects.count(),
        ActualEvent.objects.count(),
        AuditEvent.objects.count(),
        imported.lines.exclude(written_version=None).count(),
    ]


def set_back(imported: EntryImport) -> None:
    imported.lines.update(written_version=None)
    Actual.objects.all().delete()
    AuditEvent.objects.all().delete()
    EntryImport.objects.update(state=ImportState.PREVIEWED, applied_at=None)


def main(import_key: str, user_key: str) -> None:
    imported, by = EntryImport.objects.get(pk=import_key), User.objects.get(pk=user_key)
    set_back(imported)
    began = time.monotonic()
    os.waitpid(confirm_in_a_child(imported, by), 0)
    takes = time.monotonic() - began
    print(json.dumps([False, *standing(imported)]), flush=True)  # noqa: T201
    for share in SHARES:
        set_back(imported)
        child = confirm_in_a_child(imported, by)
        time.sleep(takes * share)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if connection.vendor == "postgresql":
            time.sleep(0.3)  # the server may still be working on the last thing it was told
        print(json.dumps([os.WIFSIGNALED(status), *standing(imported)]), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
