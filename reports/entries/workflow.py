"""Every step of an import: a file becomes a preview, a preview is written whole or not at all, and taken back once.

Figures are written by `indicators.workflow.save_actuals` and by nothing else. Nothing is kept in a process: what was
shown stands in the rows of the import, and is written only if the figures still stand as they did then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.archives import UnreadableFile, check_workbook
from accounts.models import Region, User, record_audit
from accounts.permissions import Permission
from indicators.models import Actual, Availability, Indicator, State
from indicators.moves import MOVES, Move
from indicators.review import Refused
from indicators.workflow import Entry, Typed, save_actuals
from reports.entries.comparison import compare, entry_kept
from reports.entries.file import MAX_FILE_BYTES, PART, EntryFile, FileRow, read_entry_file
from reports.models import EntryImport, EntryImportLine, ImportState, Outcome

COMPARED = ("outcome", "errors", "changes", "notices", "entry", "before", "version")


class Outdated(Refused):
    """What was shown no longer holds; nothing was written, and the preview is made anew."""

    status = 409


class _Moved(Exception):
    """Some figure changed between preview and confirmation; takes the transaction back."""


# ---- Upload


def upload_entries(*, content: bytes, name: str, by: User, year: int | None = None) -> EntryImport:
    """Keep a filled-in template with what each of its rows would do; raises UnreadableFile for what is none.

    `year` is the one asked for; None takes the template's own. A file for another region is refused as a whole, with
    nothing of what it says.
    """
    check_workbook(content, name, max_bytes=MAX_FILE_BYTES)
    file = read_entry_file(content)
    region = _region_of(file, by)
    stated = int(file.year) if file.year.isascii() and file.year.isdigit() and len(file.year) == 4 else None
    if stated is None:
        raise UnreadableFile("模板里的年度认不出，隐藏内容可能被改过。请重新下载填报模板。")
    imported = EntryImport(
        region=region,
        year=year or stated,
        by=by,
        uploaded_at=timezone.now(),
        name=name[-200:],
        content=content,
        is_demo=by.is_demo,
    )
    twice, counts = _twice(file, region, by), Counter[str]()
    with transaction.atomic():
        imported.save()
        for rows in file.parts():
            lines = _lines_of(imported, rows, by)
            counts += compare(imported, lines, twice=twice, user=by, on=timezone.localdate())
            imported.lines.bulk_create(lines)
        _audit(imported, "上传导入文件", by=by, at=imported.uploaded_at, counts=counts)
    return imported


def _region_of(file: EntryFile, by: User) -> Region:
    named = {file.region, *file.regions}
    region = Region.objects.visible_to(by, Permission.ENTER).filter(code__in=named).first()
    if len(named) > 1 or region is None:
        raise UnreadableFile("这个文件不是您所在地区的填报模板，没有读入。请从您自己的填报页下载模板。")
    return region


def _plans_of(asked: Collection[int], region: Region, by: User) -> dict[int, str]:
    """The plan's code of each of these indicators that this person enters figures for."""
    visible = Indicator.objects.visible_to(by, Permission.ENTER).filter(plan__region=region, pk__in=asked)
    return dict(visible.values_list("pk", "plan__code"))


def _twice(file: EntryFile, region: Region, by: User) -> set[int]:
    """The indicators that the file fills in more than once; a row under a wrong plan is none of theirs."""
    repeated = {pair for pair, times in file.times.items() if times > 1}
    plans = _plans_of({indicator for indicator, _ in repeated if indicator is not None}, region, by)
    return {indicator for indicator, plan in plans.items() if (indicator, plan) in repeated}


def _lines_of(imported: EntryImport, rows: Sequence[FileRow], by: User) -> list[EntryImportLine]:
    asked = {key for row in rows if (key := row.number("indicator")) is not None}
    plans = _plans_of(asked, imported.region, by)
    return [_line(imported, row, plans) for row in rows]


def _line(imported: EntryImport, row: FileRow, plans: dict[int, str]) -> EntryImportLine:
    indicator = row.number("indicator")
    is_known = indicator is not None and plans.get(indicator) == row.keys["plan"]
    return EntryImportLine(
        of=imported,
        sheet=row.sheet,
        row=row.row,
        indicator_id=indicator if is_known else None,
        year=row.number("year") if (row.number("year") or 0) < 10_000 else None,
        file_version=row.number("version"),
        typed=row.typed,
        cleared=row.cleared,
        places=row.places,
        faults=[list(fault) for fault in row.faults],
        notices=row.notices,
    )


# ---- Confirm


def confirm_import(
    *,
    imported: EntryImport,
    by: User,
    preview: int,
    from_file: Collection[int] = (),
    all_from_file: bool = False,
    only_right: bool = False,
) -> EntryImport:
    """Write what the preview showed: all of it in one transaction, or nothing.

    `preview` is the one that was on the screen, `from_file` the keys of the conflicting lines whose file value wins,
    `all_from_file` that it wins in all of them.
    Raises Refused (lines are refused and `only_right` is not set; nothing to write; done already) or Outdated.
    """
    try:
        with transaction.atomic():
            wins = Q(outcome=Outcome.CONFLICT) if all_from_file else Q(outcome=Outcome.CONFLICT, pk__in=from_file)
            return _apply(_locked(imported, by, ImportState.PREVIEWED), by, preview, wins, only_right)
    except _Moved:
        with transaction.atomic():
            _preview_anew(_locked(imported, by, ImportState.PREVIEWED), by)
        raise Outdated("预览之后有数据被改动，没有写入任何一项。已重新比对，请看清后再确认。") from None


def _locked(imported: EntryImport, by: User, state: ImportState) -> EntryImport:
    """The import, locked until the transaction ends; raises Refused unless it stands where the step begins."""
    found = EntryImport.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=imported.pk).first()
    if found is None or found.state != state:
        raise Refused(f"这次导入{f'为“{found.get_state_display()}”' if found else '已不在'}，不能再办理。")
    return found


def _apply(imported: EntryImport, by: User, preview: int, wins: Q, only_right: bool) -> EntryImport:
    if imported.preview != preview:
        raise Outdated("预览已更新，没有写入任何一项。请看清后再确认。")
    refused = imported.lines.filter(outcome=Outcome.REFUSED).count()
    if refused and not only_right:
        raise Refused(f"有{refused}行被拒绝。请改正后重新上传，或者勾选“只导入正确的行”。")
    chosen = imported.lines.filter(Q(outcome__in=(Outcome.NEW, Outcome.CHANGED)) | wins)
    # In the order of the figures, so that two imports of the same rows never wait for each other in a ring.
    keys = list(chosen.order_by("indicator", "pk").values_list("pk", flat=True))
    if not keys:
        raise Refused("没有要写入的数据。")
    counts = Counter(dict(chosen.order_by().values_list("outcome").annotate(Count("pk"))))
    for part in _parts(keys):
        _write(imported, part, by=by)
    imported.state, imported.applied_at = ImportState.APPLIED, timezone.now()
    imported.save(update_fields=["state", "applied_at"])
    _audit(imported, "导入", by=by, at=imported.applied_at, counts=counts)
    return imported


def _parts(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    """Some keys at a time: an import takes as much memory with ten thousand rows as with five hundred."""
    return (keys[first : first + PART] for first in range(0, len(keys), PART))


def _write(imported: EntryImport, keys: Sequence[int], *, by: User) -> None:
    """Write some of the chosen lines; raises _Moved where a figure no longer stands as the preview showed it."""
    lines = list(imported.lines.filter(pk__in=keys))
    written = _save([(line, entry_kept(line.entry or {}), line.version) for line in lines], by=by)
    for line, answer in zip(lines, written, strict=True):
        if isinstance(answer, Refused) or answer.version != (line.version or 0) + 1:
            raise _Moved
    imported.lines.filter(pk__in=keys).update(written_version=Coalesce(F("version"), 0) + 1)


def _save(rows: Iterable[tuple[EntryImportLine, Entry, int | None]], *, by: User) -> list[Actual | Refused]:
    cells = list(rows)
    keys = {line.indicator_id for line, _, _ in cells}
    indicators = Indicator.objects.visible_to(by).select_related("plan__region").in_bulk(keys)
    typed = [
        Typed(indicators[line.indicator_id], line.year, entry, version)
        for line, entry, version in cells
        if line.indicator_id in indicators and line.year is not None
    ]
    if len(typed) < len(cells):
        raise _Moved
    return save_actuals(typed, by=by)


def _preview_anew(imported: EntryImport, by: User) -> None:
    typed = imported.lines.exclude(typed={}).order_by().values_list("indicator", flat=True)
    twice = set(typed.annotate(times=Count("pk")).filter(indicator__isnull=False, times__gt=1))
    for part in _parts(list(imported.lines.values_list("pk", flat=True))):
        lines = list(imported.lines.filter(pk__in=part))
        compare(imported, lines, twice=twice, user=by, on=timezone.localdate())
        imported.lines.bulk_update(lines, COMPARED)
    imported.preview += 1
    imported.save(update_fields=["preview"])


# ---- Undo


@transaction.atomic
def undo_import(*, imported: EntryImport, by: User) -> EntryImport:
    """Put back the old figures of the rows nobody changed since; a row that was new becomes 未报. Once only.

    Rows that were changed or passed on since, or that can no longer be entered, stay, and say why.
    """
    imported = _locked(imported, by, ImportState.APPLIED)
    counts = Counter[str]()
    # in the order of the figures, as they were written
    written = imported.lines.exclude(written_version=None).order_by("indicator", "pk")
    for part in _parts(list(written.values_list("pk", flat=True))):
        counts += _take_back(imported, part, by=by)
    imported.state, imported.undone_at = ImportState.UNDONE, timezone.now()
    imported.save(update_fields=["state", "undone_at"])
    _audit(imported, "撤销导入", by=by, at=imported.undone_at, counts=counts)
    return imported


def _take_back(imported: EntryImport, keys: Sequence[int], *, by: User) -> Counter[str]:
    """Put back the old figures of some lines; how many were restored and how many kept."""
    lines = list(imported.lines.filter(pk__in=keys))
    left = _why_kept(lines, by)
    back = [line for line in lines if line.pk not in left]
    answers = _save([(line, _before(line), line.written_version) for line in back], by=by)
    left |= {line.pk: str(answer) for line, answer in zip(back, answers, strict=True) if isinstance(answer, Refused)}
    kept = [line for line in lines if line.pk in left]
    for line in kept:
        line.kept_because = left[line.pk][:200]
    imported.lines.bulk_update(kept, ["kept_because"])
    return Counter({"restored": len(lines) - len(left), "kept": len(left)})


def _why_kept(lines: Sequence[EntryImportLine], by: User) -> dict[int, str]:
    """The lines whose figure is no longer as the import left it, by key, with the reason."""
    seen = Actual.objects.visible_to(by).filter(indicator__in={line.indicator_id for line in lines})
    stand = {(actual.indicator_id, actual.year): actual for actual in seen}
    left = {}
    for line in lines:
        actual = stand.get((line.indicator_id or 0, line.year or 0))
        if actual is None:
            left[line.pk] = "数据已不在"
        elif State(actual.state) not in MOVES[Move.SAVE].origins:
            left[line.pk] = f"已为“{actual.get_state_display()}”"
        elif actual.version != line.written_version:
            left[line.pk] = "导入之后又改过"
    return left


def _before(line: EntryImportLine) -> Entry:
    return entry_kept(line.before) if line.before else Entry(availability=Availability.UNREPORTED)


def _audit(imported: EntryImport, action: str, *, by: User, at: datetime, counts: Counter[str]) -> None:
    said = "，".join(f"{_WORDS[kind]}{counts[kind]}行" for kind in _WORDS if counts[kind])
    record_audit(
        by=by,
        action=action,
        subject=imported,
        region=imported.region,
        summary=f"{imported.name} {imported.year}年：{said or '没有变动'}",
        at=at,
        **{str(kind): count for kind, count in counts.items()},
    )


_WORDS = {**{str(outcome.value): str(outcome.label) for outcome in Outcome}, "restored": "恢复", "kept": "保留"}
