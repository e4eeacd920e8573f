"""What a cell of a value column means: the figure by `indicators.figures`, and what the words around it add.

`text` is always the cell as printed; only layout (line breaks, spaces beside Chinese characters) is taken out of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

from indicators.figures import Absence, Figure, FigureError, Marker, Operator, parse_target
from indicators.verdicts import Kind
from reports.reading.units import unit_of
from reports.reading.wording import closed, half, without_marks

_NUMBER = r"[+-]?[0-9][0-9.,]*"
_FROM_TO = re.compile(
    rf"^(?:由|从)?\s*(?:20[0-9]{{2}}年的?)?\s*({_NUMBER}\s*[^0-9→>]{{0,6}}?)\s*"
    r"(→|➔|➝|⟶|⇒|-+>|=+>|—+>|(?:增加|增长|提高|提升|上升|扩大|增|升|达|达到|发展)(?:到|至)|(?:下降|降低|减少|压缩|压减|降|减)(?:到|至)|达到)\s*"
    rf"((?:约|≥|>|≤|<)?\s*{_NUMBER}.*)$"
)
_BETWEEN = re.compile(r"\s*(?:→|➔|➝|⟶|⇒|[-=—]+>|—+|-+|[~～/;；]|至|到)\s*")
_DOUBLED = {
    "翻一番": 2,
    "翻番": 2,
    "增加一倍": 2,
    "增长一倍": 2,
    "扩大一倍": 2,
    "增加1倍": 2,
    "增长1倍": 2,
    "扩大1倍": 2,
    "翻两番": 4,
}
_STEP = re.compile(
    rf"^(?:(?:比|较)[^0-9]*(?:20[0-9]{{2}}年)?[^0-9]*)?(?:(?:提高|提升|上升|增加|增长)({_NUMBER})个?百分点"
    rf"|再(?:增加?|新增|建设?|提高)({_NUMBER})[^0-9%‰]{{0,4}})(以上|左右)?$"
)
_ANNUAL = re.compile(r"^(?:年均|年平均|平均每年|每年平均)(?:增长率?|增速|递增|提高|增加|上升)?(?:为|达到|在|率)?")
_REDUCED = re.compile(
    r"^(?:五年|5年|规划期内?|期内|期间|“?十[一二三四五六七八九]五”?期间)?(?:比|较)?(?:20[0-9]{2}年|基期年?|期初)?(?:累计|合计|共)?"
    r"(?:下降|降低|减少|压减|压缩|削减|降)(?!到|至|为)"
)
_ADDED = re.compile(
    r"^(?:五年|5年|规划期内?|期内|期间|“?十[一二三四五六七八九]五”?期间)?"
    r"(?:(?:累计|合计|共计?|总计)(?:新增|新建|完成|培训|增加|增长|建成|建设|达到|达|为)?|(?:净|新)增加?(?!率|长)|新(?:\([扩改]+\)|[扩改]+)?建)"
)
_HELD = re.compile(r"^(?:继续|持续|长期|总体|基本)?(?:保持|维持|稳定|巩固|持平)(?:在|于|为)?")
_LESS = re.compile(
    r"(?:下降|降低|减少|压缩|缩小|降|控制)(?:到|至|在|为)|不高于|不超过|不大于|不多于|以内|≤|<|(?<!不)低于|至多|以下"
)
_LEADING_WORDS = re.compile(
    r"^(?:基本|全面|全部|努力|逐步|稳步|平均|总数|总量|全市|全县|全区|全省)?(?:实现|达到|达|力争|争取|提升|确保|完成|建成|建设|建立)(?=[约≥>≤<0-9不超至])"
)
_ODD_SOME = re.compile(r"(?<=[0-9千万亿])[余多](?=[^0-9]|$)")
_EACH = re.compile(
    r"^(每.{1,8}?|各.{1,6}?)?((?:至少|不少于|不低于|≥)(建有|建成|建设|配备|拥有|设立|有|配有|打造)?\s*[0-9].*)$"
)
_BEHIND = re.compile(r"^(.*[0-9%‰〕\]].*?)\s*\(([^()]*)\)$")
_RELATIVE = re.compile(
    r"(?:不低于|不高于|不少于|高于|低于|快于|略?超过|同步|持平|相当|匹配|不慢于|[≥>≤<]|与.{1,12}一致|达到|优于).*"
    r"(?:增速|增长|增幅|平均|水平|收入|GDP|生产总值|经济|上年|上一年|上年度|全省|全国|全市|支出|标准)"
    r"|(?:增速|增长|平均|水平|收入|GDP|生产总值|经济|全省|全国|全市).*(?:同步|持平|一致|相当|以上水平|匹配)"
)
_FIRST_CLAUSE = re.compile(r"^([^、，,；;]*[0-9][^、，,；;]*)[、，,；;]\s*([^0-9]{3,60})$")
_SQUARE = str.maketrans({"【": "〔", "】": "〕", "{": "〔", "}": "〕"})


@dataclass(slots=True)
class Reading:
    """One cell as understood. `problem` is why a person should look, in Chinese; "" where nothing is open."""

    text: str
    operator: Operator = Operator.TEXT
    value: Decimal | None = None
    upper: Decimal | None = None
    is_absent: bool = False
    is_cumulative: bool = False
    kind: Kind | None = None
    is_less: bool = False  # the words say that less is better, or at most
    decimals: int = 0
    marks: list[str] = field(default_factory=list)
    before: Reading | None = None  # 63% of 63%→67.5%
    problem: str = ""
    suggestion: str = ""
    unit: str = ""  # of the figure: the row's, or the one typed where the row has none
    typed_unit: str = ""  # another unit than the row's
    step: Decimal | None = None  # 10 of 提高10个百分点: the target is the baseline and this
    factor: int | None = None  # 2 of 翻一番
    is_unread: bool = False  # neither a figure nor wording: 6 0 0


def read_value(text: str, *, unit: str = "", round_is_cumulative: bool = False) -> Reading:
    """The cell in the unit of its row; a text that is no figure is Operator.TEXT, with `problem` where it holds one."""
    printed = closed(text)
    core, marks = without_marks(printed)
    reading = Reading(printed, marks=marks)
    even = re.sub(r"[。;；,，]+$", "", half(core).translate(_SQUARE)).strip()
    if absence := _absent(even):
        reading.is_absent = absence
        return reading
    if found := _FROM_TO.match(even):
        before = read_value(found[1], unit=unit)
        after = read_value(found[3], unit=unit)
        if before.value is not None and after.value is not None:
            after.text, after.before, after.marks = printed, before, marks
            after.is_less = after.is_less or bool(re.match(r"下降|降低|减少|压|降|减", found[2]))
            return after
    if _from_baseline(even, reading):
        return reading
    reading.is_less = bool(_LESS.search(even))
    even = _with_declared_brackets(even, reading, round_is_cumulative=round_is_cumulative)
    even = _without_kind_words(even, reading)
    even = _LEADING_WORDS.sub("", even)
    if _ODD_SOME.search(even):
        even = _ODD_SOME.sub("", even)
        reading.problem = f"“{printed}”是约数，按整数部分读取，是否正确？"
    if found := _EACH.match(even):
        even = found[2].replace(found[3], "", 1) if found[3] else found[2]
        if found[1]:
            reading.problem = f"目标按“{found[1]}”计，是否正确？"
    _take_figure(even, unit, reading)
    return reading


def read_pair(text: str, *, unit: str = "", round_is_cumulative: bool = False) -> Reading:
    """The target of a cell under a head that names baseline and target; the baseline is its `before`.

    A cell with one figure alone is a target, and asked about.
    """
    printed = closed(text)
    whole = read_value(text, unit=unit, round_is_cumulative=round_is_cumulative)
    if whole.before is not None or whole.is_absent:
        return whole
    for found in _BETWEEN.finditer(half(printed)):
        parts = printed[: found.start()], printed[found.end() :]
        before, after = (read_value(part, unit=unit, round_is_cumulative=round_is_cumulative) for part in parts)
        if all(part.strip() for part in parts) and not before.is_unread and not after.is_unread:
            after.before, after.text = before, printed
            return after
    whole.problem = whole.problem or f"“{printed}”没有分出基期和目标，只作为目标读取，是否正确？"
    return whole


def _absent(even: str) -> bool:
    try:
        return parse_target(even).absence is not Absence.NONE
    except FigureError:
        return even in {"无数据", "暂无", "缺", "-/-", "无"}


def _from_baseline(even: str, reading: Reading) -> bool:
    """Whether the cell says only how far from the baseline the target lies; the sum is left to a person."""
    words = re.sub(r"^(?:实现|力争|努力)+|(?:以上|左右)$", "", even)
    reading.factor = _DOUBLED.get(words)
    step = _STEP.match(even)
    if step and (figure := _parsed(step[1] or step[2], "")[0]):
        reading.step = figure.value
    if reading.factor is None and reading.step is None:
        return False
    reading.is_unread = True
    reading.problem = f"“{reading.text}”要以基期值推算，没有当作数值读入。请填写目标值。"
    return True


def _with_declared_brackets(even: str, reading: Reading, *, round_is_cumulative: bool) -> str:
    found = re.fullmatch(r"\(([^()]*[0-9][^()]*)\)(.{0,4})", even)
    if found:
        if not round_is_cumulative:
            reading.problem = "数值写在圆括号里，按规划期累计数读取，是否正确？"
        return f"〔{found[1]}〕{found[2]}"
    return even


def _without_kind_words(even: str, reading: Reading) -> str:
    """The text without the words that say of which kind the figure is; they are kept in the reading."""
    for pattern, kind in (
        (_ANNUAL, Kind.ANNUAL_RATE),
        (_REDUCED, Kind.CUMULATIVE_REDUCTION),
        (_ADDED, Kind.CUMULATIVE),
        (_HELD, Kind.HOLD),
    ):
        inner = even.strip("〔〕[]") if pattern is not _HELD else even
        found = pattern.match(inner)
        if found and re.search(r"[0-9]", inner[found.end() :]) and len(inner[found.end() :]) <= 16:
            reading.kind = kind
            reading.is_cumulative = inner != even and kind is not Kind.ANNUAL_RATE
            reading.is_less = reading.is_less or kind is Kind.CUMULATIVE_REDUCTION
            return inner[found.end() :].strip()
        if found and pattern is _HELD:
            reading.kind = kind
    return even


def _take_figure(even: str, unit: str, reading: Reading) -> None:
    figure, problem = _parsed(even, unit)
    if (figure is None or figure.operator is Operator.TEXT) and (found := _BEHIND.match(even)):
        inner = unit_of(found[2])
        behind = _parsed(found[1] + (inner or ""), unit)[0] or _parsed(found[1], unit)[0]
        if behind is not None and behind.operator is not Operator.TEXT:
            figure = behind
            if not inner:
                reading.problem = f"数值后面的括号里还有“{found[2]}”，只按前面的数读取，是否正确？"
    if (figure is None or figure.operator is Operator.TEXT) and unit:
        figure = _in_another_unit(even, unit, reading) or figure
    if figure is None and (found := re.fullmatch(r"(.*?[0-9%‰])\s*(?:的?(?:覆盖率?|标准|水平|比例))", even)):
        figure = _parsed(found[1], unit)[0]
    if (figure is None or figure.operator is Operator.TEXT) and (found := _FIRST_CLAUSE.match(even)):
        first = _parsed(found[1], unit)[0]
        if first is not None and first.operator is not Operator.TEXT:
            figure = first
            reading.problem = f"数值后面还有文字“{found[2]}”，只按前面的数读取，是否正确？"
    if figure is None:
        reading.problem, reading.is_unread = problem or reading.problem, True
        return
    if figure.operator is Operator.TEXT:
        reading.problem = figure.question or reading.problem
        if reading.kind is None:
            reading.kind = Kind.RELATIVE if _RELATIVE.search(even) else Kind.QUALITATIVE
        return
    reading.operator, reading.value, reading.upper = figure.operator, figure.value, figure.upper
    reading.decimals, reading.unit = figure.decimals, figure.unit
    reading.is_cumulative = reading.is_cumulative or figure.marker is Marker.CUMULATIVE
    reading.is_less = reading.is_less or figure.operator in {Operator.LE, Operator.LT}
    reading.problem = figure.question or reading.problem
    reading.suggestion = "" if figure.suggestion is None else str(figure.suggestion)


def _parsed(even: str, unit: str) -> tuple[Figure | None, str]:
    try:
        return parse_target(even, unit=unit), ""
    except FigureError as problem:
        return None, str(problem)


def _in_another_unit(even: str, unit: str, reading: Reading) -> Figure | None:
    """The figure as printed where the cell has a unit of its own that is not the row's; asked about by the caller."""
    figure = _parsed(even, "")[0]
    if figure is None or figure.operator is Operator.TEXT or figure.unit in {"", unit}:
        return None
    reading.typed_unit = figure.unit
    return figure


def is_figure(text: str) -> bool:
    """Whether a line of a cell is a figure or a stated absence by itself."""
    reading = read_value(text)
    return reading.is_absent or reading.value is not None


def is_complete(text: str) -> bool:
    """Whether a line can be the whole content of a value cell: a figure, absence, or a short set phrase."""
    return is_figure(text) or bool(re.fullmatch(r"应.尽.|(?:全面?|全部|实现全)覆盖|建成|完成|保持|完善", closed(text)))
