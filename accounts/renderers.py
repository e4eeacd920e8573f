"""A list or a row of the API as CSV, the way Excel in China opens it."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from rest_framework.renderers import BaseRenderer
from rest_framework.serializers import ListSerializer, Serializer

# A cell that begins so may be run as a formula; the wide forms too, where Excel takes them for the narrow ones.
STARTS_A_FORMULA = tuple("=+-@\t\r＝＋－＠")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")

Path = tuple[str, ...]


def inert(text: str) -> str:
    """The text so that a spreadsheet shows it and runs nothing; a negative number stays a number."""
    return f"'{text}" if text.startswith(STARTS_A_FORMULA) and not _NUMBER.fullmatch(text) else text


def columns_of(serializer: Serializer[Any], before: Path = ()) -> Iterator[Path]:
    """The columns of a row as paths into it: a part such as `region` becomes one column per field of its own."""
    for name, field in serializer.fields.items():
        if isinstance(field, Serializer) and not isinstance(field, ListSerializer):
            yield from columns_of(field, (*before, name))
        else:
            yield (*before, name)


def cell(row: Mapping[str, Any], path: Path) -> str:
    """What stands in a column. Nothing for null, names joined by ；, and rows of their own as JSON."""
    value: Any = row
    for name in path:
        value = None if value is None else value[name]
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and not any(isinstance(item, dict) for item in value):
        return inert("；".join(map(str, value)))
    if isinstance(value, list | dict):
        return inert(json.dumps(value, ensure_ascii=False)) if value else ""
    return inert(str(value))


class CsvRenderer(BaseRenderer):
    """UTF-8 with a mark at the front, one head row in the words of the API, figures as they are."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"
    render_style = "text"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        """`data` is a list of rows, a page of them, or one row; the columns are the view's, rows or not."""
        columns = list(columns_of((renderer_context or {})["view"].get_serializer()))
        rows = data if isinstance(data, list) else data.get("results", [data])
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(["_".join(path) for path in columns])
        writer.writerows([cell(row, path) for path in columns] for row in rows)
        return text.getvalue().encode("utf-8-sig")
