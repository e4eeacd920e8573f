"""What the rows of a filled-in template would do to the figures as they stand: one outcome per row, nothing written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

from accounts.models import User
from indicators.figures import parse_actual
from indicators.forms import EntryForm
from indicators.models import AbsenceReason, Actual, Availability, FigureKind, Indicator, State
from indicators.moves import Move
from indicators.queries import figure_shown
from indicators.review import Refused, demand
from indicators.workflow import PARTS, Entry, RoundStates
from reports.entries.columns import CODES, FIGURES, INPUTS, OFFERED, prefilled
from reports.models import EntryImport, EntryImportLine, Outcome

Cell = tuple[int, int]  # indicator and year


@dataclass(frozen=True, slots=True)
class Portal:
    """The figures that a file speaks of as they stand now, and what this person may write: seven queries."""

    indicators: dict[int, Indicator]
    actuals: dict[Cell, Actual]
    enterable: set[int]
    rounds: RoundStates
    form: EntryForm

    @classmethod
    def of(cls, imported: EntryImport, lines: Sequence[EntryImportLine], *, user: User, on: date) -> Portal:
        asked = {line.indicator_id for line in lines if line.indicator_id}
        visible = Indicator.objects.visible_to(user).filter(plan__region=imported.region_id)
        # prefetched, not joined: thousands of rows of a few plans then share those plans
        indicators = visible.prefetch_related("plan__region").in_bulk(asked)
        actuals = Actual.objects.visible_to(user).filter(indicator__in=indicators, year=imported.year)
        return cls(
            indicators=indicators,
            actuals={(actual.indicator_id, actual.year): actual for actual in actuals},
            enterable=set(Indicator.objects.enterable_by(user).filter(pk__in=indicators).values_list("pk", flat=True)),
            rounds=RoundStates({found.plan_id for found in indicators.values()}, [imported.year], on=on),
            form=EntryForm({}, indicator=Indicator()),
        )

    def read(self, indicator: Indicator, data: dict[str, str]) -> EntryForm:
        """The page's own form, filled with a row. One form for all rows: making one takes longer than reading one."""
        self.form.indicator, self.form.data = indicator, data
        self.form.full_clean()
        return self.form


def compare(
    imported: EntryImport, lines: Sequence[EntryImportLine], *, twice: Collection[int], user: User, on: date
) -> Counter[str]:
    """Set on each line what it would do, and why not; the counts by outcome. Writes nothing.

    `lines` may be a part of the file; `twice` are the indicators that the whole file fills in more than once.

    A cell counts as typed where it differs from what the template held; blank is unchanged. A row that was changed in
    the portal since then is a conflict, unless the file says the same.
    """
    portal = Portal.of(imported, lines, user=user, on=on)
    for line in lines:
        line.errors, line.changes = list(line.faults), []
        line.entry = line.before = line.version = None
        line.outcome = Outcome.SAME
        if line.typed:
            _compare_one(imported, line, portal, is_twice=line.indicator_id in twice)
        if line.errors:
            line.outcome, line.changes, line.entry = Outcome.REFUSED, [], None
    return Counter(line.outcome for line in lines)


def _compare_one(imported: EntryImport, line: EntryImportLine, portal: Portal, *, is_twice: bool) -> None:
    first = line.places[next(iter(line.typed))]
    indicator = portal.indicators.get(line.indicator_id or 0)
    if line.faults and indicator is None:
        return
    actual = portal.actuals.get((line.indicator_id or 0, imported.year))
    if reason := _why_not(imported, line, indicator, actual, portal, is_twice=is_twice):
        line.errors.append([first, reason])
        return
    assert indicator is not None  # noqa: S101 - _why_not refuses a row without one
    form, errors = _form_of(line, indicator, actual, portal)
    line.errors += errors
    if line.errors or form is None:
        return
    entry = _untouched_kept(form.entry, line, actual)
    line.version = actual.version if actual else None
    line.before = _kept(entry_as_stored(actual)) if actual else None
    line.changes = _changes(indicator, actual, entry)
    if not line.changes and (actual or entry.availability == Availability.UNREPORTED):
        return
    line.entry = _kept(entry)
    line.notices = [notice for notice in line.notices if not notice.startswith("是否")] + _questions(line, indicator)
    if (line.file_version or 0) != (line.version or 0):
        line.outcome = Outcome.CONFLICT
    elif actual is None or actual.availability == Availability.UNREPORTED:
        line.outcome = Outcome.NEW
    else:
        line.outcome = Outcome.CHANGED


def _why_not(
    imported: EntryImport,
    line: EntryImportLine,
    indicator: Indicator | None,
    actual: Actual | None,
    portal: Portal,
    *,
    is_twice: bool,
) -> str:
    """Why nothing of this row may be written, whatever it says; empty where it may."""
    if line.year != imported.year:
        shown = f"{line.year}年" if line.year else "年度认不出"
        return (
            f"这一行是{shown}的数据，本次只导入{imported.year}年。"
            if line.year
            else f"这一行的{shown}，请勿改动隐藏列。"
        )
    if indicator is None:
        return "平台上没有这一行的指标，可能已被删去，或者隐藏的编号被改过。请重新下载模板。"
    if is_twice:
        return "同一指标在文件中出现了不止一次，分不清以哪一行为准。请只保留一行。"
    if indicator.is_group:
        return f"“{indicator.name}”本行不填数，请填在其下各行。"
    if imported.year not in indicator.plan.years:
        return f"{indicator.plan}没有{imported.year}年。"
    try:
        demand(
            Move.SAVE,
            name=f"“{indicator.name}”{imported.year}年数据",
            state=State(actual.state) if actual else State.DRAFT,
            is_allowed=indicator.pk in portal.enterable,
            closed=portal.rounds.closed(indicator, imported.year),
        )
    except Refused as refused:
        return str(refused)
    return ""


def _form_of(
    line: EntryImportLine, indicator: Indicator, actual: Actual | None, portal: Portal
) -> tuple[EntryForm | None, list[list[str]]]:
    """The row's whole entry as the page's own form reads it, and what is wrong with it, by cell."""
    typed, data = line.typed, dict(prefilled(actual))
    errors = [
        [line.places[field], f"“{word[:20]}”不在列表中，可填：{'、'.join(OFFERED[field])}。"]
        for field, word in typed.items()
        if field in OFFERED and word not in OFFERED[field]
    ]
    if errors:
        return None, errors
    if "value" in typed or "judgement" in typed:  # the stored word of absence gives way to a figure
        data.pop("availability", None)
        data.pop("absence_reason", None)
    if "availability" in typed:
        for field in line.cleared:
            data.pop(field, None)
    data |= typed
    coded = {field: CODES.get(field, {}).get(word, word) for field, word in data.items()}
    form = portal.read(indicator, coded)
    if form.is_valid():
        return form, []
    first = line.places[next(iter(typed))]
    return form, [
        [line.places.get(field, first), str(error)] for field, found in form.errors.items() for error in found
    ]


def _untouched_kept(entry: Entry, line: EntryImportLine, actual: Actual | None) -> Entry:
    """The figure's text as it was once typed, where the file left the figure alone; 修订 stays 修订."""
    if actual is None:
        return replace(entry, figure_kind=entry.figure_kind or FigureKind.FINAL)
    if entry.value == actual.value:
        entry = replace(entry, text=actual.text)
    is_revised = actual.figure_kind == FigureKind.REVISED
    return replace(entry, figure_kind=FigureKind(actual.figure_kind) if is_revised else entry.figure_kind)


def _changes(indicator: Indicator, actual: Actual | None, entry: Entry) -> list[list[str]]:
    """What would be different, each with its column's name, the old and the new as the portal writes them."""
    old = _shown(indicator, entry_as_stored(actual)) if actual else {}
    new = _shown(indicator, entry)
    if actual is None and len(new) > 1 and entry.figure_kind == FigureKind.FINAL:
        new.pop("figure_kind")  # what every first entry is needs no line of its own
    return [
        [head, old.get(field, "") or "未填", new.get(field, "") or "未填"]
        for field, head in INPUTS.items()
        if old.get(field, "") != new.get(field, "")
    ]


def _shown(indicator: Indicator, entry: Entry) -> dict[str, str]:
    figures = {
        field: "" if (value := getattr(entry, field)) is None else figure_shown(value, indicator.decimals)
        for field in FIGURES
    }
    words = {
        "availability": "" if entry.availability == Availability.REPORTED else str(entry.availability.label),
        "absence_reason": str(entry.absence_reason.label) if entry.absence_reason else "",
        "figure_kind": str(entry.figure_kind.label) if entry.figure_kind else "",
        "judgement": next((word for word, code in CODES["judgement"].items() if code == entry.judgement), ""),
        "note": entry.note,
    }
    return {field: word for field, word in (figures | words).items() if word}


def _questions(line: EntryImportLine, indicator: Indicator) -> list[str]:
    """What the parser would ask about a figure that it takes as it is: 是否为 85.6%？"""
    figures = (parse_actual(line.typed[field], unit=indicator.unit) for field in FIGURES if field in line.typed)
    return [figure.question for figure in figures if figure.question]


def entry_as_stored(actual: Actual) -> Entry:
    """A figure as it stands, in the form in which it could be written again."""
    return Entry(
        value=actual.value,
        text=actual.text,
        comparator=actual.comparator,
        judgement=actual.judgement,
        availability=Availability(actual.availability),
        absence_reason=AbsenceReason(actual.absence_reason) if actual.absence_reason else None,
        figure_kind=FigureKind(actual.figure_kind),
        note=actual.note,
        numerator=actual.numerator,
        denominator=actual.denominator,
    )


def _kept(entry: Entry) -> dict[str, Any]:
    return {field.name: getattr(entry, field.name) for field in fields(entry)}


def entry_kept(stored: dict[str, Any]) -> Entry:
    """An entry as a line keeps it, ready for the workflow."""
    return Entry(
        **{
            **stored,
            **{field: None if stored.get(field) is None else Decimal(stored[field]) for field in (*FIGURES, *PARTS)},
            "availability": Availability(stored["availability"]),
            "absence_reason": AbsenceReason(stored["absence_reason"]) if stored["absence_reason"] else None,
            "figure_kind": FigureKind(stored["figure_kind"]) if stored["figure_kind"] else None,
        }
    )
