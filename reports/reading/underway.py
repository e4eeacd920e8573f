"""An indicator on its way: the printed row, what has been read of it, and its doubts so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from reports.reading.found import Doubt, ReadIndicator
from reports.reading.heads import Column, Role
from reports.reading.rows import Item
from reports.reading.tables import Part
from reports.reading.values import Reading
from reports.reading.wording import closed


@dataclass(slots=True)
class Row:
    """An indicator on its way: the row it was printed in, what its cells were read as, and its doubts."""

    indicator: ReadIndicator
    item: Item
    part: Part
    readings: list[Reading] = field(default_factory=list)  # of the targets, in the order of their years
    doubts: list[Doubt] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    qualifier: str = ""
    from_rate: str = ""
    is_cumulative_head: bool = False

    def texts(self, *roles: Role) -> list[tuple[Column, str]]:
        """The cells of these columns that print something, as one line each."""
        return [
            (column, closed(self.item.cells[column.place]))
            for column in self.part.head.of(*roles)
            if column.place in self.item.cells
        ]

    def where(self, column: Column | None = None) -> str:
        return self.part.grid.where(self.item.row, None if column is None else column.place)
