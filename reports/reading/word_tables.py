"""The tables of a .docx as grids, in the order of the document, with the paragraphs between them.

Read from the parts themselves: no entity is resolved, nothing is fetched, deleted and hidden text is not read.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from accounts.archives import UnreadableFile
from reports.reading.grids import MAX_COLUMNS, MAX_GRIDS, MAX_ROWS, Grid, Placed, rectangle, trimmed
from reports.reading.wording import RAISED, raised, visible

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_TEXT_BOX = _W + "txbxContent"
_NOT_READ = {_W + name for name in ("del", "moveFrom", "instrText", "pPr", "rPr")} | {_FALLBACK, _TEXT_BOX}
_MAX_LINE = 300
_INDENT_UNIT = 200  # twentieths of a point, about one Chinese character


def grids_of_document(content: bytes) -> list[Grid]:
    """Every table of the body; a table inside a cell only where the outer one is a mere frame of one column."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            root = _parsed(archive.read("word/document.xml"))
            notes = _footnotes(archive)
    except (KeyError, etree.XMLSyntaxError) as problem:
        raise UnreadableFile("文件已损坏，打不开。请用 Word 或 WPS 重新保存后再试。") from problem
    grids: list[Grid] = []
    lines: list[str] = []
    body = root.find(_W + "body")
    for block in _blocks(body if body is not None else root):
        if block.tag == _W + "p":
            text = _text(block, notes).strip()
            if text:
                lines.append(text[:_MAX_LINE])
                if grids:
                    grids[-1].after.append(text[:_MAX_LINE])
        elif len(grids) < MAX_GRIDS:
            for table in _tables(block):
                grid = _grid(table, f"表{len(grids) + 1}", notes)
                if grid.rows:
                    grid.before = lines[-12:]
                    grid.after = [f"{mark}{said}" for mark, said in notes.values() if said]
                    grids.append(grid)
            lines = []
    return grids


def _parsed(part: bytes) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.fromstring(part.replace(_STRICT[1:-1].encode(), _W[1:-1].encode()), parser)
    if root.getroottree().docinfo.doctype:
        raise UnreadableFile("文件里有不该有的实体声明，不是正常的文档，没有打开。")
    return root


def _footnotes(archive: zipfile.ZipFile) -> dict[str, tuple[str, str]]:
    """By id, the mark and the words of each footnote; Word prints them as numbers in their order."""
    found: dict[str, tuple[str, str]] = {}
    if "word/footnotes.xml" not in archive.namelist():
        return found
    for note in _parsed(archive.read("word/footnotes.xml")).iter(_W + "footnote"):
        if note.get(_W + "type") is None:
            text = "".join(_text(paragraph, {}) for paragraph in note.iter(_W + "p")).strip()
            found[str(note.get(_W + "id"))] = (RAISED.get(str(len(found) + 1), "※"), text)
    return found


def _blocks(parent: Any) -> Iterator[Any]:
    """Paragraphs and tables in order, through content controls and insertions."""
    for child in parent:
        if child.tag in {_W + "p", _W + "tbl"}:
            yield child
            for box in child.iter(_TEXT_BOX) if child.tag == _W + "p" else ():
                if not any(above.tag == _FALLBACK for above in box.iterancestors()):
                    yield from _blocks(box)
        elif child.tag in {_W + "sdt", _W + "sdtContent", _W + "ins", _W + "customXml", _W + "smartTag"}:
            yield from _blocks(child)


def _tables(table: Any) -> Iterator[Any]:
    """The table, or, where it is only a frame of one column around others, those inside it."""
    inner = [found for found in table.iter(_W + "tbl") if found is not table]
    if inner and all(len(row.findall(_W + "tc")) <= 1 for row in table.findall(_W + "tr")):
        for found in inner:
            if next(found.iterancestors(_W + "tbl")) is table:
                yield from _tables(found)
    else:
        yield table


def _rows(table: Any) -> Iterator[Any]:
    for child in table:
        if child.tag == _W + "tr":
            deleted = child.find(f"{_W}trPr/{_W}del")
            if deleted is None:
                yield child
        elif child.tag in {_W + "sdt", _W + "sdtContent", _W + "ins", _W + "customXml"}:
            yield from _rows(child)


def _cells(row: Any) -> Iterator[Any]:
    for child in row:
        if child.tag == _W + "tc":
            yield child
        elif child.tag in {_W + "sdt", _W + "sdtContent", _W + "customXml"}:
            yield from _cells(child)


def _number(element: Any, path: str, default: int) -> int:
    found = element.find(path)
    text = "" if found is None else str(found.get(_W + "val") or "")
    return max(0, int(text)) if text.isascii() and text.isdigit() and len(text) < 6 else default


def _merge(cell: Any, name: str) -> str:
    """ "restart", "continue" or "" of a vertical or horizontal merge."""
    found = cell.find(f"{_W}tcPr/{_W}{name}")
    return "" if found is None else str(found.get(_W + "val") or "continue")


def _grid(table: Any, name: str, notes: dict[str, tuple[str, str]]) -> Grid:
    placed: list[Placed] = []
    open_at: dict[int, Placed] = {}  # by column, the block that a vMerge below would continue
    rows = list(_rows(table))[:MAX_ROWS]
    wide = 0
    for place, row in enumerate(rows):
        column = min(_number(row, f"{_W}trPr/{_W}gridBefore", 0), MAX_COLUMNS)
        is_head = row.find(f"{_W}trPr/{_W}tblHeader") is not None
        now_open: dict[int, Placed] = {}
        last: Placed | None = None
        for cell in _cells(row):
            if column >= MAX_COLUMNS:
                break
            width = max(1, min(_number(cell, f"{_W}tcPr/{_W}gridSpan", 1), MAX_COLUMNS - column))
            merge = _merge(cell, "vMerge")
            above = open_at.get(column)
            if last is not None and _merge(cell, "hMerge") == "continue":
                last.width += width
            elif merge == "continue" and above is not None:
                above.height = place - above.row + 1
                now_open[column] = above
            else:
                text, indent = _cell_text(cell, notes)
                last = Placed(place, column, text, 1, width, indent, is_head)
                placed.append(last)
                if merge:
                    now_open[column] = last
            column += width
        open_at = now_open
        wide = max(wide, column)
    return Grid(name, trimmed(rectangle(placed, height=len(rows), width=wide)))


def _cell_text(cell: Any, notes: dict[str, tuple[str, str]]) -> tuple[str, int]:
    paragraphs = list(_paragraphs(cell))
    text = "\n".join(_text(paragraph, notes) for paragraph in paragraphs)
    indent = 0
    if paragraphs:
        found = paragraphs[0].find(f"{_W}pPr/{_W}ind")
        for name in ("left", "start", "firstLine") if found is not None else ():
            value = str(found.get(_W + name) or "")
            indent += int(value) if value.isascii() and value.isdigit() and len(value) < 6 else 0
    return text, indent // _INDENT_UNIT


def _paragraphs(cell: Any) -> Iterator[Any]:
    for block in _blocks(cell):
        if block.tag == _W + "p":
            yield block


def _text(paragraph: Any, notes: dict[str, tuple[str, str]]) -> str:
    return visible("".join(_pieces(paragraph, notes)))


def _pieces(paragraph: Any, notes: dict[str, tuple[str, str]]) -> list[str]:
    """The visible text of the runs; a raised number is a footnote's mark."""
    said: list[str] = []
    waiting = [paragraph]
    while waiting:
        element = waiting.pop()
        if element.tag == _W + "r" and _is_hidden(element):
            continue
        if element.tag in {_W + "t", _MATH_TEXT}:
            text = element.text or ""
            said.append(raised(text, "".join(said[-1:])) if _is_raised(element.getparent()) else text)
        elif element.tag in {_W + "br", _W + "cr"}:
            said.append("\n")
        elif element.tag == _W + "tab":
            said.append(" ")
        elif element.tag == _W + "noBreakHyphen":
            said.append("-")
        elif element.tag == _W + "footnoteReference":
            said.append(notes.get(str(element.get(_W + "id")), ("", ""))[0])
        elif element is paragraph or (isinstance(element.tag, str) and element.tag not in _NOT_READ):
            waiting.extend(reversed(element))
    return said


def _is_hidden(run: Any) -> bool:
    found = run.find(f"{_W}rPr/{_W}vanish")
    return found is not None and found.get(_W + "val") not in {"0", "false"}


def _is_raised(run: Any) -> bool:
    found = run.find(f"{_W}rPr/{_W}vertAlign") if run is not None else None
    return found is not None and found.get(_W + "val") == "superscript"
