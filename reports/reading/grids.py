"""A table as a rectangle of cells, whatever file it stood in: merged cells lie in every place they cover."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

MAX_ROWS = 2000
MAX_COLUMNS = 80
MAX_GRIDS = 200


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """One printed cell: its text as shown, the block it covers, and how far its text is moved in."""

    text: str = ""
    top: int = 0
    left: int = 0
    height: int = 1
    width: int = 1
    indent: int = 0
    is_head: bool = False  # the file itself says that this row is a head (th, repeated head row)
    shown_as: str = ""  # what the format shows where the cell holds more: 86% for 85.6%

    @property
    def is_blank(self) -> bool:
        return not self.text.strip()


@dataclass(slots=True)
class Grid:
    """A table; `before` and `after` are the lines around it, nearest last and nearest first."""

    name: str
    rows: list[list[Cell]]
    is_sheet: bool = False
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    row_numbers: Sequence[int] = ()  # of a sheet, where hidden rows are left out
    letters: Sequence[str] = ()

    @property
    def width(self) -> int:
        return len(self.rows[0]) if self.rows else 0

    def where(self, row: int, column: int | None = None) -> str:
        """专栏1!B7 in a sheet, 表1 第7行 elsewhere."""
        number = self.row_numbers[row] if row < len(self.row_numbers) else row + 1
        if not self.is_sheet:
            return f"{self.name} 第{number}行"
        letter = self.letter(column) if column is not None else ""
        return f"{self.name}!{letter}{number}"

    def letter(self, column: int) -> str:
        return self.letters[column] if column < len(self.letters) else f"第{column + 1}列"


@dataclass(slots=True)
class Placed:
    """A cell on its way into a grid: where it begins and how far it reaches."""

    row: int
    column: int
    text: str
    height: int = 1
    width: int = 1
    indent: int = 0
    is_head: bool = False
    shown_as: str = ""


def rectangle(cells: Sequence[Placed], *, height: int, width: int) -> list[list[Cell]]:
    """The cells in a full rectangle; a place that two cover stays with the first, one that none covers is blank."""
    height, width = min(height, MAX_ROWS), min(width, MAX_COLUMNS)
    places: list[list[Cell | None]] = [[None] * width for _ in range(height)]
    for placed in cells:
        if placed.row >= height or placed.column >= width or places[placed.row][placed.column] is not None:
            continue
        tall = min(placed.height, height - placed.row)
        wide = min(placed.width, width - placed.column)
        cell = Cell(
            placed.text,
            placed.row,
            placed.column,
            max(1, tall),
            max(1, wide),
            placed.indent,
            placed.is_head,
            placed.shown_as,
        )
        for row in range(placed.row, placed.row + max(1, tall)):
            for column in range(placed.column, placed.column + max(1, wide)):
                if places[row][column] is None:
                    places[row][column] = cell
    return [[cell or Cell(top=row, left=column) for column, cell in enumerate(line)] for row, line in enumerate(places)]


def trimmed(rows: list[list[Cell]]) -> list[list[Cell]]:
    """Without the blank columns at the right and the blank rows at the end."""
    while rows and all(cell.is_blank for cell in rows[-1]):
        rows = rows[:-1]
    wide = max((column + 1 for row in rows for column, cell in enumerate(row) if not cell.is_blank), default=0)
    return [row[:wide] for row in rows]


def halves(grid: Grid) -> list[Grid]:
    """Left and right where the same head stands twice side by side (to save paper); else the grid alone."""
    middle = grid.width // 2
    for line in grid.rows[:8]:
        texts = ["".join(cell.text.split()) for cell in line]
        if grid.width % 2 or middle < 3 or texts[:middle] != texts[middle:] or len(set(texts)) < 3:
            continue
        return [_cut(grid, 0, middle), _cut(grid, middle, grid.width)]
    return [grid]


def _cut(grid: Grid, first: int, end: int) -> Grid:
    """These columns alone; a cell that lies across the cut keeps the part inside."""
    letters = [grid.letter(place) for place in range(first, end)]
    made: dict[Cell, Cell] = {}
    rows = []
    for line in grid.rows:
        for cell in line[first:end]:
            left = max(cell.left, first)
            made.setdefault(cell, replace(cell, left=left - first, width=min(cell.left + cell.width, end) - left))
        rows.append([made[cell] for cell in line[first:end]])
    return replace(grid, rows=rows, letters=letters)
