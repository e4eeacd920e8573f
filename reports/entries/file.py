"""A filled-in entry template, read without trusting anything it says about itself; and the same file, marked.

Values come from calamine. Where a value alone misleads (a percent format, a formula, an error, a merged area), one pass
over the sheet's own XML says so; the same pass finds out how far the cells really reach before a table is laid out.
"""

from __future__ import annotations

import io
import json
import pickle
import posixpath
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from typing import Any
from xml.parsers import expat

from openpyxl import load_workbook
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils import coordinate_to_tuple, get_column_letter
from openpyxl.utils.cell import range_boundaries
from python_calamine import CalamineError, CalamineWorkbook

from accounts.archives import UnreadableFile
from reports.entries.columns import FACTS_SHEET, FIGURES, FORMAT, INPUTS, KEYS, portal_mark
from reports.tables.workbooks import FORBIDDEN, saved

MAX_FILE_BYTES = 10 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 200
PART = 500  # rows that are unfolded, compared and stored at a time
_MOST_ROWS_MERGED = 100_000
_HEAD_WITHIN = 40  # rows in which the row of keys is looked for
# Excel keeps fifteen digits of a number; a formula's 0.30000000000000004 is 0.3 there.
_EXCEL_DIGITS = 15
_PERCENT_FORMATS = {9, 10}
_LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_BAD_FILL = PatternFill("solid", fgColor="F6C7C3")
_NOT_OURS = "这不是本平台的填报模板，或者模板里的隐藏内容被删去了。请重新下载填报模板，填好后上传。"
_BROKEN = "文件已损坏，打不开。请用 Excel 或 WPS 重新保存后再上传。"

Place = tuple[int, int]  # row and column, from 1


@dataclass(slots=True)
class FileRow:
    """One row of a sheet: the keys, what was typed (only what differs from what the template held), and its faults."""

    sheet: str
    row: int
    keys: dict[str, str]
    typed: dict[str, str] = field(default_factory=dict)
    cleared: list[str] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)
    faults: list[tuple[str, str]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def number(self, key: str) -> int | None:
        """A key that is a whole number; None where somebody has changed it to something else."""
        found = self.keys.get(key, "")
        return int(found) if found.isascii() and found.isdigit() and len(found) < 10 else None


@dataclass(slots=True)
class EntryFile:
    """What a filled-in template holds; whether its rows exist and may be written is for the portal to say.

    The rows are kept folded up, a part to a piece: ten thousand of them lying open would take 25 MB.
    """

    region: str
    year: str
    regions: set[str] = field(default_factory=set)
    times: Counter[tuple[int | None, str]] = field(default_factory=Counter)  # typed rows, by indicator and plan
    folded: list[bytes] = field(default_factory=list)

    def add(self, rows: list[FileRow]) -> None:
        """Keep some rows, and what must be known of all of them before the first is judged."""
        self.regions |= {row.keys["region"] for row in rows if any(row.keys.values())}
        self.times.update((row.number("indicator"), row.keys["plan"]) for row in rows if row.typed)
        self.folded.append(zlib.compress(pickle.dumps(rows), 1))

    def parts(self) -> Iterator[list[FileRow]]:
        """The rows in the order of the file, PART at a time."""
        for piece in self.folded:
            yield pickle.loads(zlib.decompress(piece))  # noqa: S301 - folded up by `add`, never left this process


def read_entry_file(content: bytes) -> EntryFile:
    """All rows of all sheets of a template that passed accounts.archives; raises UnreadableFile."""
    try:
        looks = _looks_of(content)
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        facts = _facts(book)
        file = EntryFile(facts["region"], facts["year"])
        rows = (
            row
            for name in book.sheet_names
            if name != FACTS_SHEET and name in looks
            for row in _rows_of(_shown_name(name), book.get_sheet_by_name(name).iter_rows(), looks[name])
        )
        while part := list(islice(rows, PART)):
            file.add(part)
    except (CalamineError, expat.ExpatError, KeyError, ValueError, OverflowError) as error:
        if isinstance(error, UnreadableFile):
            raise
        raise UnreadableFile(_BROKEN) from None
    if not file.folded:
        raise UnreadableFile(_NOT_OURS)
    return file


def _facts(book: CalamineWorkbook) -> dict[str, str]:
    if FACTS_SHEET not in book.sheet_names:
        raise UnreadableFile(_NOT_OURS)
    rows = book.get_sheet_by_name(FACTS_SHEET).to_python(False)
    facts = {_word(row[0]): _word(row[1]) for row in rows if len(row) > 1}
    if not {"format", "portal", "region", "year"} <= set(facts):
        raise UnreadableFile(_NOT_OURS)
    if facts["portal"] != portal_mark():
        raise UnreadableFile("这是另一个平台的填报模板，不能导入。请从本平台下载模板。")
    if facts["format"] != FORMAT:
        raise UnreadableFile("这个模板是旧版的，平台已更新。请重新下载填报模板，把数据填到新模板里再上传。")
    return facts


# ---- Rows


def _rows_of(sheet: str, table: Iterable[Sequence[Any]], looks: Looks) -> Iterator[FileRow]:
    """The rows under the row of keys; a sheet without one is none of ours."""
    rows = enumerate(table, start=1)
    heads = ([_word(cell) for cell in cells] for _, cells in islice(rows, _HEAD_WITHIN))
    keys = next((keys for keys in heads if set(KEYS) <= set(keys)), None)
    if keys is None:
        return
    known = [(key, position) for position, key in enumerate(keys, start=1) if key in KEYS or key in INPUTS]
    at = dict(known)
    if len(at) < len(known):
        raise UnreadableFile(f"工作表“{sheet}”里有重复的填报列，分不清以哪一列为准。请删去复制出来的列再上传。")
    for row, cells in rows:
        found = FileRow(sheet, row, {key: _word(_at(cells, at[key])) for key in KEYS})
        _read_inputs(found, cells, {key: at[key] for key in INPUTS if key in at}, looks)
        if any(found.keys.values()):
            yield found
        elif found.typed:  # a heading is merged over these cells and holds nothing in them
            first = found.places[next(iter(found.typed))]
            found.faults = [(first, "这一行没有编号，不是模板里的行。请填在模板原有的行里。")]
            yield found


def _at(cells: Sequence[Any], position: int) -> Any:
    return cells[position - 1] if position <= len(cells) else None


def _read_inputs(row: FileRow, cells: Sequence[Any], at: Mapping[str, int], looks: Looks) -> None:
    base = _base(row.keys["base"])
    for name, position in at.items():
        place = (row.row, position)
        coordinate = f"{get_column_letter(position)}{row.row}"
        row.places[name] = coordinate
        if fault := looks.fault(place):
            row.faults.append((coordinate, fault))
            continue
        word = _word(_at(cells, position), is_percent=place in looks.percents).strip()
        was = base.get(name, "")
        if FORBIDDEN.search(word):
            row.faults.append((coordinate, "单元格里有看不见的控制字符。请删去后重新输入。"))
        elif not word and was:
            row.cleared.append(name)
        elif word and not _is_same(word, was, is_figure=name in FIGURES):
            row.typed[name] = word
            if place in looks.formulas:
                row.notices.append(f"{coordinate} 是公式，按其结果读入")


def _is_same(word: str, was: str, *, is_figure: bool) -> bool:
    """Whether a cell still holds what the template put there; 46.50 is still 46.5."""
    if word == was or not (is_figure and was):
        return word == was
    return re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", word) is not None and Decimal(word) == Decimal(was)


def _base(packed: str) -> dict[str, str]:
    """What the template held; without it, every filled cell counts as typed."""
    try:
        found = json.loads(packed)
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    texts = {name: word for name, word in found.items() if isinstance(word, str)}
    figures = (name for name in FIGURES if name in texts)
    return {} if any(re.fullmatch(r"-?[0-9.]{1,20}", texts[name]) is None for name in figures) else texts


def _word(cell: Any, *, is_percent: bool = False) -> str:
    """A cell as a person would have typed it; a yes/no or a date stays recognisable, to be refused as a figure."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | float):
        number = Decimal(f"{cell:.{_EXCEL_DIGITS}g}")
        if not number.is_finite():
            return str(cell)
        word = f"{number * 100 if is_percent else number:f}"
        word = word.rstrip("0").rstrip(".") if "." in word else word
        return f"{word}%" if is_percent else word
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return str(cell)


def _shown_name(name: str) -> str:
    return FORBIDDEN.sub("", name)[:31]


# ---- What a sheet's XML says beside the values


@dataclass(slots=True)
class Looks:
    """Which cells are percentages, formulas, formulas without a result, errors, or merged."""

    percents: set[Place] = field(default_factory=set)
    formulas: set[Place] = field(default_factory=set)
    without_result: set[Place] = field(default_factory=set)
    errors: set[Place] = field(default_factory=set)
    merged: dict[int, list[tuple[int, int, str]]] = field(default_factory=dict)  # by row: from, to, the whole area
    rows_merged: int = 0

    def merge(self, area: str) -> None:
        left, top, right, bottom = range_boundaries(area)
        self.rows_merged += (bottom or MAX_ROWS) - (top or 1) + 1
        if self.rows_merged > _MOST_ROWS_MERGED:
            raise UnreadableFile("文件里合并的单元格太多，不是填报模板，没有读入。")
        for row in range(top or 1, (bottom or MAX_ROWS) + 1):
            self.merged.setdefault(row, []).append((left or 1, right or MAX_COLUMNS, area[:20]))

    def fault(self, place: Place) -> str:
        """Why the value of this cell cannot be trusted; empty where it can."""
        if place in self.without_result:
            return "是公式，而文件里没有算出的结果。请在 Excel 或 WPS 里打开并保存，或改填数字。"
        if place in self.errors:
            return "是表格的出错标记。请填写数字，例如 12.5；没有数据请填“/”。"
        row, column = place
        for left, right, area in self.merged.get(row, ()):
            if left <= column <= right:
                return f"在合并的单元格（{area}）里，看不出属于哪一格。请取消合并，分别填写。"
        return ""


def _looks_of(content: bytes) -> dict[str, Looks]:
    """The looks of each worksheet by name; raises UnreadableFile for cells that lie beyond any real form."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        targets = {
            attributes["Id"]: posixpath.normpath(posixpath.join("xl", attributes["Target"]))
            for _, attributes in _tags(archive, "xl/_rels/workbook.xml.rels", {"Relationship"})
        }
        parts = set(archive.namelist())
        percents = _percent_styles(archive) if "xl/styles.xml" in parts else set()
        looks = {}
        for _, attributes in _tags(archive, "xl/workbook.xml", {"sheet"}):
            target = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            part = targets.get(target, "").removeprefix("/")
            if part in parts:
                looks[attributes["name"]] = _scan(archive, part, percents, sheet=_shown_name(attributes["name"]))
        return looks


def _percent_styles(archive: zipfile.ZipFile) -> set[int]:
    """The numbers of the cell styles that show a share as a percentage."""
    formats: set[int] = set(_PERCENT_FORMATS)
    styles: list[int] = []
    is_cell_style = False
    for tag, attributes in _tags(archive, "xl/styles.xml", {"numFmt", "cellXfs", "cellStyleXfs", "dxfs", "xf"}):
        if tag == "numFmt":
            if "%" in _LITERAL.sub("", attributes.get("formatCode", "")):
                formats.add(int(attributes["numFmtId"]))
        elif tag != "xf":
            is_cell_style = tag == "cellXfs"
        elif is_cell_style:
            styles.append(int(attributes.get("numFmtId", "0")))
    return {number for number, format_ in enumerate(styles) if format_ in formats}


def _tags(archive: zipfile.ZipFile, part: str, wanted: set[str]) -> list[tuple[str, dict[str, str]]]:
    """The opening tags of these names in a part, in order, with their attributes."""
    found: list[tuple[str, dict[str, str]]] = []

    def opened(tag: str, attributes: dict[str, str]) -> None:
        if (name := tag.rpartition(":")[2]) in wanted:
            found.append((name, attributes))

    _parse(archive, part, opened)
    return found


def _parse(
    archive: zipfile.ZipFile,
    part: str,
    opened: Callable[[str, dict[str, str]], None],
    closed: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    def refuse(*_: object) -> None:
        raise UnreadableFile(_BROKEN)

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = opened, closed, text
    with archive.open(part) as stream:
        parser.ParseFile(stream)


def _scan(archive: zipfile.ZipFile, part: str, percent_styles: set[int], *, sheet: str) -> Looks:
    looks = Looks()
    row = column = style = 0
    kind = reference = ""
    has_formula = has_result = is_in_result = False

    def opened(tag: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, style, kind, reference, has_formula, has_result, is_in_result
        name = tag.rpartition(":")[2]
        if name == "c":
            column += 1
            reference, style, kind = attributes.get("r", ""), int(attributes.get("s", "0")), attributes.get("t", "n")
            has_formula = has_result = is_in_result = False
        elif name == "f":
            has_formula = True
        elif name in ("v", "is"):
            is_in_result = True
        elif name == "row":
            row, column = int(attributes.get("r", row + 1)), 0
        elif name == "mergeCell":
            looks.merge(attributes["ref"])

    def text(words: str) -> None:
        nonlocal has_result
        has_result = has_result or is_in_result

    def closed(tag: str) -> None:
        nonlocal row, column, is_in_result
        name = tag.rpartition(":")[2]
        if name in ("v", "is"):
            is_in_result = False
        elif name == "c" and (has_formula or has_result):
            row, column = coordinate_to_tuple(reference) if reference else (row, column)
            if row > MAX_ROWS or column > MAX_COLUMNS:
                said = f"第{row}行" if row > MAX_ROWS else f"第{column}列"
                raise UnreadableFile(
                    f"工作表“{sheet}”的内容到了{said}，超过{MAX_ROWS}行或{MAX_COLUMNS}列，不是填报模板，没有读入。"
                )
            _note(looks, (row, column), kind, has_formula=has_formula, has_result=has_result)
            if style in percent_styles:
                looks.percents.add((row, column))

    _parse(archive, part, opened, closed, text)
    return looks


def _note(looks: Looks, place: Place, kind: str, *, has_formula: bool, has_result: bool) -> None:
    if kind == "e":
        looks.errors.add(place)
    if has_formula:
        (looks.formulas if has_result else looks.without_result).add(place)


# ---- The file handed back


def marked(content: bytes, faults: Mapping[tuple[str, str], str]) -> bytes:
    """The same workbook with these cells, by sheet and coordinate, filled and commented; everything else as it was."""
    book = load_workbook(io.BytesIO(content))
    shown = {_shown_name(sheet.title): sheet for sheet in book.worksheets}
    for (name, coordinate), reason in faults.items():
        sheet = shown.get(name)
        cell = sheet[coordinate] if sheet is not None else None
        if isinstance(cell, Cell):  # a cell inside a merged area cannot carry a comment
            cell.fill = _BAD_FILL
            cell.comment = Comment(reason, "民政规划监测平台", height=110, width=300)
    return saved(book)
