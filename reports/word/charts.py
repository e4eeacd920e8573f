"""The charts of a Word report as pictures: 完成进度 against 时间进度, indicator by indicator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.word.content import ChartRow
from reports.word.prose import percent_said

ROWS_PER_CHART = 18


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn chart, what stands under it, and what it says to whoever cannot see it."""

    png: bytes
    caption: str
    description: str


def progress_charts(rows: Sequence[ChartRow], *, year: int) -> list[Picture]:
    """As many charts as the rows need, the first rows first; none without rows."""
    if not rows:
        return []
    count = -(-len(rows) // ROWS_PER_CHART)
    size = -(-len(rows) // count)
    return [_picture(rows[at * size : (at + 1) * size], year=year, number=at + 1, count=count) for at in range(count)]


def _picture(rows: Sequence[ChartRow], *, year: int, number: int, count: int) -> Picture:
    part = f"（{number}）" if count > 1 else ""
    caption = f"图{number}　{year}年各指标完成进度与时间进度{part}"
    said = "；".join(
        f"{row.number} {row.name}：完成进度{percent_said(row.progress)}，时间进度{percent_said(row.time_progress)}"
        for row in rows
    )
    from reports.word.drawing import drawn  # noqa: PLC0415 (matplotlib takes long to load, and most processes never draw)

    return Picture(drawn(rows), caption, f"{caption}。{said}。")
