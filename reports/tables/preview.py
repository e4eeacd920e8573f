"""The first rows of a table as the page shows them, from the columns that the file is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from reports.tables.choices import FileChoice
from reports.tables.kinds import PREVIEWED
from reports.tables.scopes import Scope
from reports.tables.workbooks import LIGHT_MARKS, Column, Content, Table


@dataclass(frozen=True, slots=True)
class Head:
    """A cell of the head: its words and how far it reaches."""

    words: str
    columns: int = 1
    rows: int = 1
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    content: Content
    is_prose: bool

    @property
    def is_number(self) -> bool:
        return self.content.number is not None

    @property
    def word(self) -> str:
        """What a light says, without its shape, which the page draws."""
        light = self.content.light
        return self.content.shown.removeprefix(f"{LIGHT_MARKS[light][0]} ") if light else self.content.shown


@dataclass(frozen=True, slots=True)
class Preview:
    """One sheet's heading, head and first rows, and how many more rows and sheets the file has."""

    table: Table[Any]
    heads: list[list[Head]]
    blocks: list[tuple[str, list[list[Cell]]]]
    left_out: int
    file_name: str
    warning: str
    plans: int
    is_first_of_several: bool

    @property
    def width(self) -> int:
        return len(self.table.columns)


def preview_of(choice: FileChoice, scope: Scope) -> Preview:
    """The first sheet of the file, of the first plan where each plan has its own; raises ImpossibleChoice."""
    kind = choice.kind
    product = kind.product(scope.first() if kind.is_by_plan else scope)
    table = product.tables[0]
    total = sum(len(rows) for _, rows in table.blocks)
    return Preview(
        table=table,
        heads=_heads(table.columns),
        blocks=_blocks(table),
        left_out=max(0, total - PREVIEWED),
        file_name=product.file_name,
        warning=table.warning or product.warning,
        plans=len(scope.plans),
        is_first_of_several=kind.is_by_plan and len(scope.plans) > 1,
    )


def _blocks(table: Table[Any]) -> list[tuple[str, list[list[Cell]]]]:
    found, left = [], PREVIEWED
    for heading, rows in table.blocks:
        shown = rows[:left]
        left -= len(shown)
        if shown:
            cells = [[Cell(column.content(row), column.is_prose) for column in table.columns] for row in shown]
            found.append((heading, cells))
    return found


def _heads(columns: Sequence[Column[Any]]) -> list[list[Head]]:
    """One row of heads, or two where columns stand in groups."""
    if not any(column.group for column in columns):
        return [[Head(column.head) for column in columns]]
    upper, lower = [], []
    for group, members in groupby(columns, key=lambda column: column.group):
        heads = [Head(column.head) for column in members]
        if group:
            upper.append(Head(group, columns=len(heads)))
            lower += heads
        else:
            upper += [replace(head, rows=2) for head in heads]
    return [upper, lower]
