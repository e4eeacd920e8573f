"""What the pure leaves' terms are called: plain words in the database, in migrations and on every page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from indicators.figures import Operator
from indicators.verdicts import Direction, Judgement, Kind, Light


def words_of(words: Mapping[Any, str]) -> list[tuple[str, str]]:
    """The choices of a field: the stored code and what it is called, never a class."""
    return [(key.value, word) for key, word in words.items()]


KIND_WORDS = {
    Kind.LEVEL: "水平",
    Kind.CUMULATIVE: "累计",
    Kind.CUMULATIVE_REDUCTION: "累计下降",
    Kind.ANNUAL_RATE: "年均增长",
    Kind.HOLD: "保持",
    Kind.RANGE: "区间",
    Kind.RELATIVE: "相对比较",
    Kind.QUALITATIVE: "定性",
}
DIRECTION_WORDS = {Direction.UP: "越高越好", Direction.DOWN: "越低越好"}
OPERATOR_WORDS = {
    Operator.EQ: "达到",
    Operator.GE: "不低于",
    Operator.GT: "高于",
    Operator.LE: "不高于",
    Operator.LT: "低于",
    Operator.RANGE: "区间",
    Operator.APPROX: "约",
    Operator.TEXT: "文字",
}
JUDGEMENT_WORDS = {
    Judgement.MET: "已达到",
    Judgement.IN_PROGRESS: "推进中",
    Judgement.NOT_MET: "未达到",
}
LIGHT_WORDS = {Light.GREEN: "绿", Light.YELLOW: "黄", Light.RED: "红", Light.GREY: "灰"}
