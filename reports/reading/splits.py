"""One printed row that holds several: lines of names and figures, 2.0(城市) 2.0(农村), or columns 城市 and 农村."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from reports.reading.heads import VALUES, Head
from reports.reading.values import is_complete, is_figure
from reports.reading.wording import bare, closed, half, lines_of, visible

if TYPE_CHECKING:
    from reports.reading.rows import Item

_LABELLED = re.compile(r"([+\-]?[0-9][0-9.,]*\s*[%‰]?)\s*[(（]\s*([\u4e00-\u9fff]{1,6})\s*[)）]")
_LABEL_FIRST = re.compile(r"([\u4e00-\u9fff]{1,6})\s*[:：]?\s*([+\-]?[0-9][0-9.,]*\s*[%‰]?)")
_NOT_LABELS = re.compile(
    r"预计|估计|以上|以下|左右|初步|累计|年|约|不|超|达|增|降|到|至|由|从|近|每|其中|力争|保持|控制|平均"
)


def split_lines(item: Item, head: Head) -> list[Item]:
    """The rows that one printed row holds; the row itself where it holds one."""
    return _by_columns(item, head) or _by_lines(item, head) or _by_labels(item, head) or [item]


def _by_columns(item: Item, head: Head) -> list[Item]:
    """A group row and one row per label, where the columns of a year are divided by 城市 and 农村."""
    of_place = {column.place: column.label for column in head.columns if column.label}
    labels = list(dict.fromkeys(of_place[place] for place in item.cells if place in of_place))
    if len(labels) < 2:
        return []
    common = {place: text for place, text in item.cells.items() if place not in of_place}
    found = [replace(item, is_group=True, label="、".join(labels), cells=common)]
    for label in labels:
        cells = {place: text for place, text in item.cells.items() if of_place.get(place, label) == label}
        name = _labelled_name(item.name, label)
        found.append(replace(item, name=name, number="", hint="label", cells=cells, label=label))
    return found


def _by_lines(item: Item, head: Head) -> list[Item]:
    """As many rows as the name has lines, where some value cell has as many figures and none contradicts it."""
    names = [line for line in visible(item.name).split("\n") if line.strip()]
    values = {place: lines_of(item.cells[place]) for place in head.places(*VALUES) if place in item.cells}
    most = max((len(lines) for lines in values.values() if _all_figures(lines)), default=1)
    if most < 2 or not _is_said_by(values, most):
        return []
    has_group = len(names) == most + 1
    if len(names) != most and not has_group:
        return []
    if any(_is_broken(name) for name in names):
        return []
    others = {place: lines_of(text) for place, text in item.cells.items()}
    numbers = lines_of(item.number)
    found = []
    for line, name in enumerate(names):
        value_line = line - 1 if has_group else line
        cells = {}
        for place, lines in others.items():
            is_value = place in values
            if has_group and line == 0:
                if not (is_value and len(lines) == most):
                    cells[place] = item.cells[place] if len(lines) != len(names) else lines[0]
            elif len(lines) == len(names):
                cells[place] = lines[line]
            else:
                cells[place] = lines[value_line] if len(lines) == most else item.cells[place]
        part = replace(item, name=name, cells=cells, shared=set(item.shared), shown_as={})
        if len(numbers) == len(names):
            part.number = numbers[line]
        elif has_group and line:
            part.number, part.hint = "", "lines"
        elif not has_group:
            part.hint = "" if re.match(r"\s*其中", name) or line == 0 else "lines"
            part.number = item.number if line == 0 else ""
        part.is_group = has_group and line == 0
        found.append(part)
    if not has_group and len(numbers) != len(names) and not re.match(r"\s*其\s*中", names[1]):
        for part in found:
            part.number, part.number_is_shared, part.hint = item.number, True, "shared number"
    return found


def _all_figures(lines: list[str]) -> bool:
    return len(lines) > 1 and all(is_figure(line) for line in lines)


def _is_said_by(values: dict[int, list[str]], most: int) -> bool:
    """No value cell speaks against it: each has one line, or as many complete ones, or a wrapped text."""
    return all(
        len(lines) != most or all(is_complete(line) for line in lines) or not any(is_figure(line) for line in lines)
        for lines in values.values()
    )


def _is_broken(name: str) -> bool:
    """Whether a line is only a piece of a name: brackets that close elsewhere, a unit alone."""
    even = half(name)
    return even.count(")") > even.count("(") or even.lstrip().startswith(("(%", "(张", "("))


def _by_labels(item: Item, head: Head) -> list[Item]:
    """A group row and one row per label, where cells print several figures with a label each."""
    labelled: dict[int, dict[str, str]] = {}
    for place in head.places(*VALUES):
        parts = _labels_of(item.cells.get(place, ""))
        if parts:
            labelled[place] = parts
    labels = list(next(iter(labelled.values()), {}))
    if len(labels) < 2 or any(list(parts) != labels for parts in labelled.values()):
        return []
    group = replace(item, is_group=True, label="、".join(labels))
    found = [group]
    for label in labels:
        cells = {place: labelled[place][label] if place in labelled else text for place, text in item.cells.items()}
        found.append(
            replace(item, name=_labelled_name(item.name, label), number="", hint="label", cells=cells, label=label)
        )
    return found


def _labels_of(text: str) -> dict[str, str]:
    """城市: 2.0, 农村: 2.0 of 2.0(城市) 2.0(农村) or 城市2.0，农村2.0; empty where the cell is anything else."""
    even = half(visible(text))
    for pattern, figure, label in ((_LABELLED, 1, 2), (_LABEL_FIRST, 2, 1)):
        found = list(pattern.finditer(even))
        rest = re.sub(r"[\s,，、;；/]", "", pattern.sub("", even))
        names = [bare(match[label]) for match in found]
        if len(found) > 1 and not rest and len(set(names)) == len(names) and not any(map(_NOT_LABELS.search, names)):
            return {bare(match[label]): match[figure].strip() for match in found}
    return {}


def _labelled_name(name: str, label: str) -> str:
    """城市低保标准 of 城乡低保标准 and 城市."""
    plain = closed(name)
    for word in ("城乡居民", "城乡"):
        if word in plain and label in {"城市", "农村", "城镇", "乡村", "城区"}:
            return plain.replace(word, label, 1)
    return f"{label}{plain}"
