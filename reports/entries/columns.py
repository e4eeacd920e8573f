"""The entry template's columns: what is typed into, what stands beside it, and the keys by which a row is known again.

Template and import share this list, so what goes out can come back.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from django.conf import settings
from django.utils.crypto import salted_hmac

from indicators.entry import Line, Sheet
from indicators.figures import format_figure
from indicators.models import JUDGEMENT_WORDS, AbsenceReason, Actual, Availability, FigureKind, Indicator
from indicators.paths import expected_value
from indicators.queries import path_points, places_of, promised
from indicators.verdicts import Kind
from reports.tables.columns import actual_content, baseline_content, name_content, number_content, target_content
from reports.tables.workbooks import ABSENT, Column, Content, number, text

FORMAT = "1"  # counted up when a template made before can no longer be read
FACTS_SHEET = "civplan"
KEYS = {
    "plan": "规划代码",
    "indicator": "指标编号",
    "year": "数据年度",
    "region": "区划代码",
    "version": "数据版本",
    "base": "模板原有内容",
}
# The fields of indicators.forms.EntryForm that a person types into, by their column.
INPUTS = {
    "value": "本年实际",
    "comparator": "对照值",
    "availability": "数据情况",
    "absence_reason": "不适用原因",
    "figure_kind": "数据性质",
    "judgement": "定性结论",
    "note": "说明",
}
FIGURES = ("value", "comparator")
# What a dropdown's word stands for in the form.
CODES: dict[str, dict[str, str]] = {
    "availability": {str(choice.label): choice.value for choice in Availability},
    "absence_reason": {str(choice.label): choice.value for choice in AbsenceReason},
    "figure_kind": {str(choice.label): choice.value for choice in FigureKind},
    "judgement": {word: judgement.value for judgement, word in JUDGEMENT_WORDS.items()},
}
OFFERED = {
    "availability": tuple(
        str(choice.label) for choice in (Availability.UNREPORTED, Availability.MISSING, Availability.NOT_APPLICABLE)
    ),
    "absence_reason": tuple(CODES["absence_reason"]),
    "figure_kind": (str(FigureKind.PRELIMINARY.label), str(FigureKind.FINAL.label)),
    "judgement": tuple(CODES["judgement"]),
}


def portal_mark() -> str:
    """By which a template is known to be of this portal; says nothing about it."""
    return salted_hmac("reports.entries.columns", "portal", secret=settings.SECRET_KEY).hexdigest()[:20]


def prefilled(actual: Actual | None) -> dict[str, str]:
    """What stands in the input cells of a row, by field; fields without anything are left out."""
    if actual is None:
        return {}
    return {field: word for field, filled in _FILLED.items() if (word := filled(actual))}


# What the cell of each field holds of a stored figure.
_FILLED: dict[str, Callable[[Actual], str]] = {
    "value": lambda actual: "" if actual.value is None else format_figure(actual.value.normalize()),
    "comparator": lambda actual: "" if actual.comparator is None else format_figure(actual.comparator.normalize()),
    "availability": lambda actual: _word("availability", actual.availability),
    "absence_reason": lambda actual: _word("absence_reason", actual.absence_reason),
    "figure_kind": lambda actual: _word("figure_kind", actual.figure_kind),
    "judgement": lambda actual: _word("judgement", actual.judgement),
    "note": lambda actual: text(actual.note).shown.strip(),
}


def _word(field: str, code: str) -> str:
    """What the dropdown says for a stored code; nothing for a figure that is simply there."""
    return (
        "" if code == Availability.REPORTED else next((word for word, own in CODES[field].items() if own == code), "")
    )


def entry_columns(sheet: Sheet) -> list[Column[Line]]:
    """The columns of one plan's sheet; 对照值 and 定性结论 only where a row asks for them."""
    year, usual = sheet.year, sheet.plan.start_year - 1
    asked = {
        "comparator": any(line.indicator.kind == Kind.RELATIVE for line in sheet.lines),
        "judgement": any(line.is_judged for line in sheet.lines),
    }
    widths = {"value": 13, "comparator": 11, "note": 32}
    heads = {"value": f"本年实际\n（{year}年）"}
    return [
        Column("序号", 7, lambda line: number_content(line.indicator), key="number"),
        Column("指标", 30, lambda line: name_content(line.row), is_prose=True, key="name"),
        Column("单位", 8, lambda line: text(line.indicator.unit or ABSENT), key="unit"),
        Column("属性", 8, lambda line: text(line.indicator.get_attribute_display()), key="attribute"),
        Column(f"基期\n（{usual}年）", 11, lambda line: baseline_content(line.row, usual_year=usual), key="baseline"),
        Column(f"上年实际\n（{year - 1}年）", 11, _previous, key="previous"),
        Column("本年目标", 14, _promised, key="target"),
        *(
            Column(
                heads.get(field, head),
                widths.get(field, 12),
                _input(field),
                key=field,
                is_prose=field == "note",
            )
            for field, head in INPUTS.items()
            if asked.get(field, True)
        ),
        Column("锁定或退回原因", 18, _held_back, is_prose=True, key="locked"),
        *(Column(head, 12, _key(key), key=key, is_hidden=True) for key, head in KEYS.items()),
    ]


def _previous(line: Line) -> Content:
    return actual_content(line.previous, decimals=line.indicator.decimals)


def _promised(line: Line) -> Content:
    """The year's target as the plan states it; one read off the path says so."""
    indicator, targets = line.indicator, line.row.targets
    before = "累计" if indicator.kind == Kind.CUMULATIVE else ""
    found = promised(indicator, targets, year=line.year)
    if found is None:
        return text(ABSENT)
    if found.is_stated:
        content = target_content(targets[line.year], decimals=indicator.decimals)
        return text(before + content.shown) if before else content
    value = expected_value(path_points(indicator, targets), year=line.year)
    decimals = indicator.decimals or (0 if value == value.to_integral_value() else 1)
    return number(value, decimals=decimals, before=before, after="（推算）")


def _is_asked(line: Line, field: str) -> bool:
    if field == "comparator":
        return line.indicator.kind == Kind.RELATIVE
    if field in ("value", "judgement"):
        return line.is_judged == (field == "judgement")
    return True


def _input(field: str) -> Callable[[Line], Content]:
    """The cell of one field: open for input where the row and the field are, with what is stored in it."""

    def content(line: Line) -> Content:
        cell = _stored(line.indicator, line.actual, field)
        if line.is_locked or not _is_asked(line, field):
            return cell  # without a dash where it is empty: read back, a dash is a figure's absence
        return replace(cell, is_input=True, choices=OFFERED.get(field, ()))

    return content


def _stored(indicator: Indicator, actual: Actual | None, field: str) -> Content:
    value: Decimal | None = getattr(actual, field) if actual and field in FIGURES else None
    if value is not None:
        return number(value, decimals=max(indicator.decimals, places_of(value)))
    return text(_FILLED[field](actual) if actual else "")


def _held_back(line: Line) -> Content:
    return text(line.lock_reason or (f"退回：{line.return_reason}" if line.return_reason else ""))


def _key(key: str) -> Callable[[Line], Content]:
    return lambda line: text(_KEY_OF[key](line))


# The hidden cells of a row: which cell of the portal it is, and how that stood when the template was made.
_KEY_OF: dict[str, Callable[[Line], str]] = {
    "plan": lambda line: line.indicator.plan.code,
    "indicator": lambda line: str(line.indicator.pk),
    "year": lambda line: str(line.year),
    "region": lambda line: line.indicator.plan.region.code,
    "version": lambda line: str(line.actual.version if line.actual else 0),
    "base": lambda line: json.dumps(prefilled(line.actual), ensure_ascii=False),
}
