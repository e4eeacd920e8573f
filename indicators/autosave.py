"""What the sheet sends while a person types: many rows at once, each answered on its own, so that nothing is lost."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.models import User
from indicators.entry import FIELDS, Line, entry_lines
from indicators.forms import EntryForm
from indicators.models import Actual, Availability, Indicator
from indicators.review import Refused, StaleVersion
from indicators.workflow import Typed, save_actuals
from plans.models import Plan

MOST_ROWS = 500


class NotUnderstood(ValueError):
    """What was sent is not what a sheet sends; the message says so in Chinese."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one row: saved, refused (why, by field in `errors`) or conflict (`line` is the other's)."""

    outcome: str
    line: Line
    message: str = ""
    errors: dict[str, str] | None = None


def sent_rows(body: bytes) -> dict[int, dict[str, str]]:
    """The rows of a request by indicator, as plain text per field; raises NotUnderstood.

    A row is {"indicator": id, "version": number or null, and the fields of entry.FIELDS as text}.
    """
    try:
        rows = json.loads(body)["rows"]
        found = {_key(row["indicator"]): {name: _text(row.get(name)) for name in (*FIELDS, "version")} for row in rows}
        if len(found) < len(rows):
            raise ValueError("an indicator stands twice")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise NotUnderstood("没有读懂发来的内容，请刷新页面后重试。") from error
    if len(found) > MOST_ROWS:
        raise NotUnderstood(f"一次最多保存{MOST_ROWS}行，请分几次粘贴。")
    return found


def _key(value: Any) -> int:
    text = _text(value)
    if not re.fullmatch("[0-9]{1,18}", text):  # no longer than the database's own keys
        raise ValueError
    return int(text)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise TypeError
    text = str(value)
    text.encode()  # half a surrogate pair can be neither stored nor sent back
    return text


def save_rows(rows: dict[int, dict[str, str]], *, plan: Plan, year: int, by: User, on: date) -> dict[int, Answer]:
    """Save what can be saved of these rows, and say of each what became of it; rows of other plans are left out.

    Every row goes through EntryForm and the workflow, as one typed alone would. As many reads for many as for one.
    """
    there = Indicator.objects.visible_to(by).filter(plan=plan, pk__in=rows)
    indicators = {row.pk: row for row in there.select_related("plan__region", "plan__policy")}
    forms = {pk: EntryForm(_meant(rows[pk]), indicator=indicator) for pk, indicator in indicators.items()}
    sound = [pk for pk, form in forms.items() if form.is_valid()]
    typed = [Typed(indicators[pk], year, forms[pk].entry, forms[pk].cleaned_data["version"]) for pk in sound]
    results: dict[int, Actual | Refused] = dict(zip(sound, save_actuals(typed, by=by), strict=True))
    lines = entry_lines(list(indicators), plan=plan, year=year, user=by, on=on)
    return {pk: _answer(forms[pk], results.get(pk), line) for pk, line in lines.items()}


def _meant(row: dict[str, str]) -> dict[str, str]:
    """有数据 and 未报 in the sheet's select only repeat what the cell shows; the cell decides."""
    says_nothing = row["availability"] in (Availability.REPORTED, Availability.UNREPORTED)
    return row | {"availability": ""} if says_nothing else row


def _answer(form: EntryForm, result: Actual | Refused | None, line: Line) -> Answer:
    if isinstance(result, Actual) and (line.actual is None or line.actual.version != result.version):
        result = StaleVersion(line.actual)  # written over before it was answered; nobody here has seen by what
    if isinstance(result, StaleVersion):
        return Answer("conflict", line, str(result))
    if isinstance(result, Refused):
        return Answer("refused", line, str(result))
    if result is None:
        errors = {name: "；".join(map(str, said)) for name, said in form.errors.items()}
        return Answer("refused", line, "；".join(errors.values()), errors)
    return Answer("saved", line)
