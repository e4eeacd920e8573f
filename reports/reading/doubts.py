"""The questions of the reader, in plain Chinese, each with its choices and with what is taken meanwhile."""

from __future__ import annotations

from collections.abc import Sequence

from indicators.verdicts import Direction, Kind
from reports.reading.found import Attribute, Doubt, ReadIndicator, ReadTable

KINDS = (
    (Kind.LEVEL.value, "水平"),
    (Kind.CUMULATIVE.value, "累计"),
    (Kind.CUMULATIVE_REDUCTION.value, "累计下降"),
    (Kind.ANNUAL_RATE.value, "年均增长"),
    (Kind.HOLD.value, "保持"),
    (Kind.RANGE.value, "区间"),
    (Kind.RELATIVE.value, "相对比较"),
    (Kind.QUALITATIVE.value, "定性"),
)
DIRECTIONS = ((Direction.UP.value, "越高越好"), (Direction.DOWN.value, "越低越好"))
ATTRIBUTES = (
    (Attribute.BINDING.value, "约束性"),
    (Attribute.EXPECTED.value, "预期性"),
    (Attribute.UNSTATED.value, "未载明"),
)
_WORDS = dict((*KINDS, *DIRECTIONS, *ATTRIBUTES))


def word_of(code: str) -> str:
    """What a code is called, for people."""
    return _WORDS.get(code, code)


def about(
    row: ReadIndicator,
    field: str,
    question: str,
    *,
    year: int | None = None,
    choices: Sequence[tuple[str, str]] = (),
    assumed: str = "",
    where: str = "",
) -> Doubt:
    """A doubt about one row; its name stands in front of the question."""
    return Doubt(row.number, field, year, f"“{row.name}”：{question}", tuple(choices), assumed, where or row.where)


def kind(row: ReadIndicator, question: str) -> Doubt:
    return about(row, "kind", question, choices=KINDS, assumed=row.kind.value)


def direction(row: ReadIndicator, question: str) -> Doubt:
    return about(row, "direction", question, choices=DIRECTIONS, assumed=row.direction.value)


def attribute(row: ReadIndicator, printed: str) -> Doubt:
    question = f"属性印作“{printed}”，认不出是约束性还是预期性。" if printed else "属性一栏是空白。"
    return about(row, "attribute", question, choices=ATTRIBUTES, assumed=row.attribute.value)


def unit(row: ReadIndicator, question: str, *choices: str) -> Doubt:
    return about(
        row, "unit", question, choices=[(choice, choice or "没有单位") for choice in choices], assumed=row.unit
    )


def table(field: str, question: str, *, year: int | None = None, assumed: str = "", where: str = "") -> Doubt:
    """A doubt about the whole table."""
    return Doubt("", field, year, question, (), assumed, where)


def several_tables(tables: list[ReadTable], best: ReadTable) -> Doubt:
    titles = [(str(number), table.title or f"第{number}张") for number, table in enumerate(tables, 1)]
    number = next(number for number, table in enumerate(tables, 1) if table is best)
    question = f"文件里有{len(tables)}张指标表，读取的是第{number}张“{best.title}”，是否正确？"
    return Doubt("", "name", None, question, tuple(titles), str(number), "")
