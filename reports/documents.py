"""Brings the transcribed documents of `fixtures/` into the database, again and again without doubling."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.serializers.python import Deserializer
from django.db import models, transaction

from indicators.models import Actual, Indicator
from indicators.reassess import reassess

FIXTURES = Path(settings.BASE_DIR) / "fixtures"
REFERENCE = ("regions.yaml", "themes.yaml", "metrics.yaml")  # in this order: a metric has a theme

# The C loader reads the five documents in a fifth of the time.
Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class Loaded:
    """How many rows of each model were added, overwritten with the document's words, or left as they are."""

    added: Counter[str] = field(default_factory=Counter)
    refreshed: Counter[str] = field(default_factory=Counter)
    kept: int = 0


def document_files() -> list[Path]:
    """The files to load, in the order in which they lean on each other: reference rows, then one file per plan."""
    return [FIXTURES / name for name in REFERENCE] + sorted((FIXTURES / "plans").glob("*.yaml"))


def document_rows(file: Path) -> list[dict[str, Any]]:
    """The rows of one file as Django's serializers write them: model and fields, no keys."""
    rows: list[dict[str, Any]] = yaml.load(file.read_text(encoding="utf-8"), Loader=Loader)  # noqa: S506 (safe loader)
    return rows


@transaction.atomic
def load_documents(*, refresh: bool = False) -> Loaded:
    """Add the rows that are missing and re-assess every indicator, all in one transaction.

    A row whose natural key is there already is left alone, since people may have corrected it. With `refresh` the
    fields that the file names get the document's words again; other fields (department, bounds set by hand, …) stay.
    """
    loaded = Loaded()
    for file in document_files():
        for names, row in _rows_read(file):
            label = str(row._meta.verbose_name)
            if row.pk is None:
                row.save_base(raw=True, force_insert=True)
                loaded.added[label] += 1
            elif refresh and _overwrite(row, names):
                loaded.refreshed[label] += 1
            else:
                loaded.kept += 1
    reassess(Indicator.objects.all())
    return loaded


def _rows_read(file: Path) -> Iterator[tuple[list[str], models.Model]]:
    """Each row of a file with the names of the fields it states; a row already stored carries its key.

    Lazy, because a row is found by rows that stand before it in the same file.
    """
    rows = document_rows(file)
    for row, read in zip(rows, Deserializer(rows), strict=True):
        yield list(row["fields"]), read.object


def _overwrite(row: models.Model, names: list[str]) -> bool:
    """Whether the stored row differed from the document, and now no longer does."""
    stored = type(row)._default_manager.get(pk=row.pk)
    if isinstance(stored, Actual) and not stored.source_ref:
        return False  # a person has entered this figure anew: it is theirs, no longer the document's
    fields = {name: row._meta.get_field(name) for name in names}
    changed = [
        name
        for name, column in fields.items()
        if isinstance(column, models.Field) and getattr(stored, column.attname) != getattr(row, column.attname)
    ]
    if changed:
        row.save(update_fields=changed)
    return bool(changed)
