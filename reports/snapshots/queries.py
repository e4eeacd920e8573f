"""What the page of a snapshot prints: the frozen table, and what has changed since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from accounts.models import User
from reports.models import Snapshot
from reports.snapshots.content import approved_table, content_of

ABSENT = "—"


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a column of a year; a promise in words wraps, a figure does not."""

    year: int
    said: str

    @property
    def is_words(self) -> bool:
        return len(self.said) > 10

    @property
    def is_absent(self) -> bool:
        return self.said == ABSENT


@dataclass(frozen=True, slots=True)
class FrozenRow:
    """One row of the frozen table, with the cells of its columns by year."""

    row: dict[str, Any]
    targets: list[Cell]
    figures: list[Cell]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing of a row that is not as it was: what, how it stood in the snapshot, and how it stands now."""

    number: str
    name: str
    what: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class SnapshotPage:
    """A snapshot with all that its page prints."""

    snapshot: Snapshot
    groups: list[tuple[str, list[FrozenRow]]]
    changes: list[Change]
    has_demo_now: bool  # whether what stands there today may be a demo figure
    is_whole: bool  # whether the file still has the checksum it was kept with

    @property
    def content(self) -> dict[str, Any]:
        content: dict[str, Any] = self.snapshot.content
        return content


def snapshot_page(snapshot: Snapshot, *, user: User, on: date) -> SnapshotPage:
    """The frozen table as it was, and against the plan's table of the same year today: five queries."""
    content = snapshot.content
    rows = [
        FrozenRow(
            row,
            [Cell(year, row["targets"].get(str(year), ABSENT)) for year in content["target_years"]],
            [Cell(year, row["figures"].get(str(year), ABSENT)) for year in content["figure_years"]],
        )
        for row in content["rows"]
    ]
    main = [row for row in rows if row.row["is_main"]]
    others = [row for row in rows if not row.row["is_main"]]
    now = content_of(*approved_table(snapshot.plan, year=snapshot.year, user=user, on=on))
    return SnapshotPage(
        snapshot=snapshot,
        groups=[group for group in (("主要指标", main), ("专栏和正文中的量化目标", others)) if group[1]],
        changes=list(changes_between(content, now)),
        has_demo_now=now["has_demo"],
        is_whole=sha256(bytes(snapshot.workbook)).hexdigest() == snapshot.sha256,
    )


def changes_between(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    """What differs between two contents of the same plan and year, row by row in the order of today's table."""
    before = {row["indicator"]: row for row in old["rows"]}
    for row in new["rows"]:
        was = before.pop(row["indicator"], None)
        if was is None:
            yield Change(row["number"], row["name"], "指标", ABSENT, "新增")
        else:
            yield from _changes_of(was, row)
    for was in before.values():
        yield Change(was["number"], was["name"], "指标", "原有", "已删除")


def _changes_of(was: dict[str, Any], row: dict[str, Any]) -> Iterator[Change]:
    plain = (("name", "名称"), ("unit", "单位"), ("attribute", "属性"), ("baseline", "基期"))
    pairs = [(word, was[key], row[key]) for key, word in plain]
    for key, word in (("targets", "目标"), ("figures", "实际")):
        years = sorted(was[key].keys() | row[key].keys())
        pairs += [(f"{year}年{word}", was[key].get(year, ABSENT), row[key].get(year, ABSENT)) for year in years]
    pairs.append(("评价", was["word"], row["word"]))
    for word, old, new in pairs:
        if old != new:
            yield Change(row["number"], row["name"], word, old or ABSENT, new or ABSENT)
