"""The tables of a web page (or of text pasted from one) as grids. Nothing is fetched, no script is read."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree, html  # type: ignore[import-untyped]

from accounts.archives import UnreadableFile
from reports.reading.grids import MAX_COLUMNS, MAX_GRIDS, MAX_ROWS, Grid, Placed, rectangle, trimmed
from reports.reading.wording import raised, visible

_NOT_READ = {"script", "style", "template", "noscript", "head", "select", "textarea", "svg"}
_BLOCKS = {"p", "div", "li", "tr", "section", "article", "h1", "h2", "h3", "h4", "h5", "h6", "caption", "dt", "dd"}
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_INDENTED = re.compile(r"(?:text-indent|padding-left|margin-left)\s*:\s*([0-9.]+)\s*(em|px|pt)", re.IGNORECASE)
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]+)", re.IGNORECASE)
_MAX_LINE = 300


def decoded(content: bytes) -> str:
    """The text of a saved page: by its mark or its meta element, else UTF-8, else GB18030."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    named = _CHARSET.search(content[:4096])
    names = ["utf-8-sig", "gb18030"]
    if named and named[1].lower() in {b"gb2312", b"gbk", b"gb18030", b"big5"}:
        names = ["big5" if named[1].lower() == b"big5" else "gb18030", "utf-8-sig"]
    for name in names:
        try:
            return content.decode(name)
        except UnicodeDecodeError:
            continue
    return content.decode("utf-8", errors="replace")


def grids_of_text(text: str) -> list[Grid]:
    """Of markup its tables, of plain text its lines with tabs between the cells."""
    return _grids_of_page(text) if re.search(r"<\s*(?:table|td|tr)\b", text, re.IGNORECASE) else _pasted(text)


def _pasted(text: str) -> list[Grid]:
    """Cells that a browser or Excel put on the clipboard; a quoted cell may hold line breaks."""
    rows = [[""]]
    is_quoted = False
    for piece in re.findall(r'\t|\r?\n|""|"|[^\t\r\n"]+|\r', text):
        if piece == '"' and (is_quoted or not rows[-1][-1]):
            is_quoted = not is_quoted
        elif piece == "\t" and not is_quoted:
            rows[-1].append("")
        elif piece in {"\n", "\r\n"} and not is_quoted:
            rows.append([""])
        else:
            rows[-1][-1] += '"' if piece == '""' else piece
    rows = rows[:MAX_ROWS]
    first = next((place for place, row in enumerate(rows) if len(row) > 1), None)
    if first is None:
        return []
    last = max(place for place, row in enumerate(rows) if len(row) > 1)
    placed = [
        Placed(row, column, visible(text))
        for row, cells in enumerate(rows[first : last + 1])
        for column, text in enumerate(cells)
    ]
    wide = max(len(row) for row in rows)
    grid = Grid("表1", trimmed(rectangle(placed, height=last + 1 - first, width=wide)))
    grid.before = [row[0].strip() for row in rows[:first] if row[0].strip()]
    grid.after = [row[0].strip() for row in rows[last + 1 :] if row[0].strip()]
    return [grid]


def _grids_of_page(text: str) -> list[Grid]:
    parser = html.HTMLParser(no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", visible(text))
    try:
        root = html.document_fromstring(text, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as problem:
        raise UnreadableFile("网页内容读不出来。请只复制表格再试。") from problem
    grids: list[Grid] = []
    lines: list[str] = []
    for element in _order(root):
        if element.tag == "table":
            grid = _grid(element, f"表{len(grids) + 1}") if len(grids) < MAX_GRIDS else None
            if grid is not None and grid.rows:
                grid.before = [*lines[-12:], *grid.before]
                grids.append(grid)
                lines = []
        else:
            found = [line.strip()[:_MAX_LINE] for line in _text(element).split("\n") if line.strip()]
            lines += found
            if grids:
                grids[-1].after += found
    return grids


def _order(root: Any) -> list[Any]:
    """Tables that hold no other table, and the smallest blocks of text outside them, in the order of the page."""
    found = []
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if not isinstance(element.tag, str) or element.tag in _NOT_READ or _is_hidden(element):
            continue
        if (element.tag == "table" and not _is_frame(element)) or (
            element.tag in _BLOCKS
            and not any(inner.tag in _BLOCKS or inner.tag == "table" for inner in element.iterdescendants())
        ):
            found.append(element)
        else:
            waiting.extend(reversed(element))
    return found


def _is_frame(table: Any) -> bool:
    """A table of the page's layout: it holds other tables and its own rows have one or two cells."""
    return table.find(".//table") is not None and all(len(_cells(row)) <= 2 for row in _rows(table))


def _is_hidden(element: Any) -> bool:
    return element.get("hidden") is not None or bool(_HIDDEN.search(element.get("style") or ""))


def _rows(table: Any) -> list[Any]:
    return [row for row in table.iter("tr") if next(row.iterancestors("table"), None) is table]


def _cells(row: Any) -> list[Any]:
    return [
        cell for cell in row.iter("td", "th") if next(cell.iterancestors("tr"), None) is row and not _is_hidden(cell)
    ]


def _span(cell: Any, name: str, most: int) -> int:
    value = (cell.get(name) or "1").strip()
    return min(int(value), most) if value.isascii() and value.isdigit() and 0 < len(value) < 6 and int(value) else 1


def _grid(table: Any, name: str) -> Grid:
    rows = [row for row in _rows(table) if not _is_hidden(row)][:MAX_ROWS]
    placed: list[Placed] = []
    taken: set[tuple[int, int]] = set()
    wide = 0
    for place, row in enumerate(rows):
        column = 0
        for cell in _cells(row):
            while (place, column) in taken:
                column += 1
            if column >= MAX_COLUMNS:
                break
            height = _span(cell, "rowspan", len(rows) - place)
            width = _span(cell, "colspan", MAX_COLUMNS - column)
            taken |= {(place + down, column + right) for down in range(height) for right in range(width)}
            placed.append(Placed(place, column, _text(cell), height, width, _indent(cell), cell.tag == "th"))
            column += width
            wide = max(wide, column)
    grid = Grid(name, trimmed(rectangle(placed, height=len(rows), width=wide)))
    grid.before = [_text(caption).strip() for caption in table.findall("caption")]
    return grid


def _indent(cell: Any) -> int:
    found = _INDENTED.search(" ".join(str(part.get("style") or "") for part in (cell, *cell[:1])))
    if found is None or "center" in str(cell.get("style") or "") + str(cell.get("align") or ""):
        return 0
    size = float(found[1][:8].rstrip(".") or 0) if re.fullmatch(r"[0-9]+\.?[0-9]*", found[1][:8]) else 0.0
    return int(size if found[2].lower() == "em" else size / 12)


def _text(element: Any) -> str:
    """The text with line breaks where the page has them; the source's own line breaks are spaces."""
    said: list[str] = []
    waiting: list[Any] = [element]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            said.append(part)
            continue
        if not isinstance(part.tag, str) or (part is not element and (part.tag in _NOT_READ or part.tag == "table")):
            continue
        inner: list[Any] = []
        if part.tag == "br" or (part.tag in _BLOCKS and part is not element):
            inner.append("\n")
        own = re.sub(r"[ \t\n\r]+", " ", part.text or "")
        inner.append(raised(own, "".join(said[-1:])) if part.tag == "sup" else own)
        for child in part:
            inner.append(child)
            if child.tail:
                inner.append(re.sub(r"[ \t\n\r]+", " ", child.tail))
        if part.tag in _BLOCKS and part is not element:
            inner.append("\n")
        waiting.extend(reversed(inner))
    return re.sub(r" *\n[ \n]*", "\n", visible("".join(said))).strip("\n ")
