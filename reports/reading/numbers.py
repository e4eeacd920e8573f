"""The numbers of the rows: the printed 序号 wins, sub-rows go under their parents, and no two rows share one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reports.reading.rows import Item
from reports.reading.wording import bare

_MAX_NUMBER = 20  # Indicator.number


@dataclass(slots=True)
class Placed:
    """A row with its number in the plan and its parent's; `doubt` is why a person should look."""

    item: Item
    number: str
    parent: str = ""
    is_group: bool = False
    doubt_field: str = ""
    doubt: str = ""
    source: Item | None = None  # the printed row that a made group row was taken from


def even_number(text: str) -> str:
    """1 of “1.”, “1、”, “1.0” and “（1）”; 一 of 一、."""
    even = re.sub(r"^[(\[〔第]+|[)\]〕.、:：,，]+$", "", bare(text).replace("－", "-").replace("—", "-"))
    even = re.sub(r"^([0-9]+)\.0$", r"\1", even)
    return even[:_MAX_NUMBER] if even not in {"-", "/", "*"} else ""


def _is_listed(text: str) -> bool:
    return bool(re.fullmatch(r"[(][0-9]{1,2}[)]|[0-9]{1,2}[)]|[①-⑳]", bare(text)))


def numbered(items: list[Item]) -> list[Placed]:
    """All rows with unique numbers, in order; a group named in a column of its own becomes a row before its rows."""
    return _Numbering(items).run()


class _Numbering:
    def __init__(self, items: list[Item]) -> None:
        self.items = items
        self.main_are_plain = any(
            re.fullmatch(r"[0-9]+", even_number(item.number)) for item in items if not _is_listed(item.number)
        )
        self.printed = [even_number(item.number) for item in items]
        self.reserved = set(filter(None, self.printed))
        self.used: set[str] = set()
        self.children: dict[str, int] = {}
        self.placed: list[Placed] = []
        self.top = ""  # the number of the last row that is nobody's sub-row
        self.group = ""  # the number of the open group of a first name column
        self.shared_by: str = ""
        self.groups_are_categories = self._groups_are_categories()
        self.has_none = not self.reserved
        self.highest = max((int(found) for found in self.reserved if re.fullmatch(r"[0-9]{1,4}", found)), default=0)

    def _groups_are_categories(self) -> bool:
        """A first name column that stands before every row, each with a number of its own, is a category."""
        groups = [item for item in self.items if item.group]
        return bool(groups) and len(groups) == len(self.items) and not any(item.number_is_shared for item in groups)

    def run(self) -> list[Placed]:
        for item, printed in zip(self.items, self.printed, strict=True):
            if item.group and self.groups_are_categories:
                item.category, item.group, item.is_group = re.sub(r"\s", "", item.group), "", False
                item.hint = ""
            if item.group:
                self._place_in_group(item, printed)
            elif item.hint or (_is_listed(item.number) and self.main_are_plain and self.top):
                self._place_below(item, printed)
            else:
                self._place_on_top(item, printed)
        return self.placed

    def _free(self, number: str) -> str:
        """The number, or the next whole one that nobody has or prints."""
        if number and number not in self.used:
            return number
        self.highest += 1
        return str(self.highest)

    def _add(self, item: Item, number: str, parent: str = "", field: str = "", doubt: str = "") -> Placed:
        self.used.add(number)
        placed = Placed(item, number, parent, item.is_group, field, doubt)
        self.placed.append(placed)
        return placed

    def _next_below(self, parent: str) -> str:
        while True:
            self.children[parent] = self.children.get(parent, 0) + 1
            number = f"{parent}.{self.children[parent]}"
            if len(number) > _MAX_NUMBER:
                return self._free("")
            if number not in self.used and number not in self.reserved:
                return number

    def _place_on_top(self, item: Item, printed: str) -> None:
        dotted = re.fullmatch(r"([0-9]+(?:[.\-][0-9]+)*)[.\-][0-9]+", printed)
        if dotted and dotted[1] in self.used and printed not in self.used:
            self._add(item, printed, dotted[1])
            return
        number = self._free(printed)
        field, doubt = "", ""
        if printed and number != printed:
            field, doubt = "number", f"序号“{printed}”印了不止一次，这一行改编为{number}，是否正确？"
        elif not printed and not self.has_none:
            field, doubt = "number", f"没有印序号，编为{number}，是否正确？"
        self._add(item, number, "", field, doubt)
        self.top = number

    def _place_below(self, item: Item, printed: str) -> None:
        if item.hint == "shared number":
            self._place_sharing(item, printed)
            return
        if not self.top:
            item.hint = ""
            self._place_on_top(item, printed if not _is_listed(item.number) else "")
            return
        dotted = re.fullmatch(r"([0-9]+(?:[.\-][0-9]+)*)[.\-][0-9]+", printed)
        if dotted and dotted[1] in self.used and printed not in self.used:
            self._add(item, printed, dotted[1])
            return
        doubt = "没有印序号，也没有“其中”，按上一项的分项读取，是否正确？" if item.hint == "unnumbered" else ""
        number = self._next_below(self.top)
        if printed and not _is_listed(item.number) and printed not in self.used and item.hint == "其中":
            number = printed  # 其中 with a number of its own keeps it
        self._add(item, number, self.top, "parent" if doubt else "", doubt)

    def _place_sharing(self, item: Item, printed: str) -> None:
        """Several names beside one number: 3.1 and 3.2, without a row 3, since the table prints no name for it."""
        doubt = f"序号“{printed}”一格对应几项指标，分别编号，是否正确？"
        previous = self.placed[-1] if self.placed else None
        if previous is not None and previous.number == printed and previous.item.row != item.row:
            self.used.discard(printed)
            previous.number = self._next_below(printed)
            previous.doubt_field, previous.doubt = "number", doubt
            self.used.add(previous.number)
        number = self._next_below(printed or self.top or "1")
        self._add(item, number, "", "number", doubt)
        self.top = self.top if self.top != printed else number

    def _place_in_group(self, item: Item, printed: str) -> None:
        own = bool(printed) and not item.number_is_shared
        if item.is_group:
            number = self._free(printed if not own else "")
            group = Item(item.row, item.group, category=item.category, section=item.section, is_group=True)
            group.printed = item.group
            group.cells = {}
            self._add(group, number).source = item
            self.group = self.top = number
        item.is_group = False
        number = printed if own and printed not in self.used else self._next_below(self.group)
        self._add(item, number, self.group)
