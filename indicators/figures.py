"""The one parser of the portal: from the text a plan prints or a person types to what it means, and back.

The grid, the API, every import and the tests of the fixtures read figures here and nowhere else. It answers a
`Figure`, or a `FigureError` whose message is a plain Chinese sentence. The table of cases in
`tests/indicators/test_figures.py` is its specification. No float, and no Unicode normalisation (NFKC turns
10² into 102): only the characters named in `_HALF_WIDTH` are read as others.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum

MAX_TEXT = 100
# What fits DecimalField(max_digits=15, decimal_places=4); SQLite damages longer numbers.
MAX_DECIMALS = 4
MAX_INTEGER_DIGITS = 11

_ZERO = Decimal(0)
# Own precision: the caller's decimal context must never change a figure.
_EXACT = Context(prec=200, rounding=ROUND_HALF_UP)


class Operator(StrEnum):
    EQ = "eq"
    GE = "ge"
    GT = "gt"
    LE = "le"
    LT = "lt"
    RANGE = "range"
    APPROX = "approx"
    TEXT = "text"


class Marker(StrEnum):
    NONE = "none"
    CUMULATIVE = "cumulative"
    RATIO = "ratio"


class Absence(StrEnum):
    NONE = "none"
    BLANK = "blank"
    SLASH = "slash"
    DASH = "dash"
    STAR = "star"
    ELLIPSIS = "ellipsis"
    NOT_APPLICABLE = "not_applicable"


class FigureError(ValueError):
    """The text is no figure; the message names it and says, in Chinese, how to write it."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What a printed text means; `question` and `suggestion` are for a person, the value is never changed."""

    operator: Operator = Operator.EQ
    value: Decimal | None = None
    upper: Decimal | None = None
    unit: str = ""
    marker: Marker = Marker.NONE
    absence: Absence = Absence.NONE
    decimals: int = 0
    text: str = ""
    note: str = ""
    question: str = ""
    suggestion: Decimal | None = None

    @property
    def is_absent(self) -> bool:
        return self.absence is not Absence.NONE


_HALF_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | str.maketrans(
    {"\u3000": " ", "\xa0": " ", "−": "-", "‐": "-", "‑": "-", "–": "—", "―": "—", "─": "—"}
    | {"∶": ":", "〜": "~", "∼": "~", "﹪": "%", "≧": "≥", "⩾": "≥", "≦": "≤", "⩽": "≤"}
)
_EDGES = "".join(map(chr, [*range(0x09, 0x0E), *range(0x1C, 0x21), 0x85, *range(0x2000, 0x2010)]))
_EDGES += "\xa0\u1680\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"

_ABSENCES = (
    (r"", Absence.BLANK),
    (r"/{1,2}", Absence.SLASH),
    (r"[-—]{1,4}", Absence.DASH),
    (r"\*{1,3}|※", Absence.STAR),
    (r"…{1,2}|\.{3,6}", Absence.ELLIPSIS),
    (r"不适用|[Nn]/?[Aa]", Absence.NOT_APPLICABLE),
)
_FULL_COVERAGE = {"全覆盖", "全面覆盖", "全部覆盖", "实现全覆盖", "所有", "全部"}


def _by_word(words: dict[Operator, str]) -> dict[str, Operator]:
    return {word: operator for operator, row in words.items() for word in row.split()}


def _any_of(words: dict[str, Operator]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


# 民法典 第1259条: 以上, 以下, 以内 include the number; 超过 and 不满 do not. EQ: the word adds nothing.
_BEFORE = _by_word(
    {
        Operator.GE: "≥ >= 不低于 不少于 不小于 不得低于 不得少于 大于等于 大于或等于 至少 最少 最低",
        Operator.GT: "> 超过 高于 大于 多于 超",
        Operator.LE: "≤ <= 不高于 不超过 不多于 不大于 不得高于 不得超过 小于等于 小于或等于 至多 最多 最高",
        Operator.LT: "< 低于 少于 小于 不足 不满",
        Operator.APPROX: "≈ 约 大约 约为 近 将近 接近",
        Operator.EQ: "达到 達到 达 为 力争 争取 提高到 提高至 增加到 下降到 降至 保持 保持在 稳定在 控制在"
        " 提升到 提升至 提升为 上升到 上升至 升至 增至 增长到 增长至 增加至 扩大到 扩大至 缩小到 缩小至"
        " 减少到 减少至 降低到 降低至 下降至 降到 压减到 压减至 控制到 维持 维持在 稳定于",
    }
)
_AFTER = _by_word(
    {
        Operator.GE: "以上 及以上 或以上",
        Operator.LE: "以下 及以下 或以下 以内 之内",
        Operator.APPROX: "左右 上下",
    }
)
_SIGNS = {Operator.GE: "≥", Operator.GT: ">", Operator.LE: "≤", Operator.LT: "<", Operator.APPROX: "约"}

_SCALES = {"": 0, "千": 3, "万": 4, "百万": 6, "千万": 7, "亿": 8}
_SHARES = {"%", "‰", "个百分点"}
_SAME_UNIT = {"㎡": "平方米", "m²": "平方米", "km²": "平方公里", "名": "人", "百分点": "个百分点", "％": "%"}
# Units that may be read off a text; any other must be the indicator's own.
_LONG_UNITS = "人次 户次 平方米 平方公里 公里 公顷 小时 社区 元/年 元/月 元/人"
_SHORT_UNITS = "张人个元家处户套所座件例岁年月天次场项支间倍亩床位对批条起村吨辆台部份"
_UNITS = _SHARES | set(_SHORT_UNITS) | set(_LONG_UNITS.split())
_NO_RATIO = _UNITS - {"倍"}

_FIRST_WORD = re.compile(rf"({_any_of(_BEFORE)})\s*")
_LAST_WORD = re.compile(rf"\s*({_any_of(_AFTER)})$")
_PLAIN = r"(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?"
_UNIT = r"([^0-9\s+\-.,:~—]*?)"
_ONE = re.compile(rf"([+-]?{_PLAIN})\s*{_UNIT}")
_TWO = re.compile(rf"([+-]?{_PLAIN})\s*{_UNIT}\s*(?:——|[-—~]|至|到)\s*([+-]?{_PLAIN})\s*{_UNIT}")
_RATIO = re.compile(rf"({_PLAIN})\s*:\s*({_PLAIN})")
_BRACKETS = re.compile(r"〔([^〔〕\[\]]*)〕|\[([^〔〕\[\]]*)\]")
_SCALED_UNIT = re.compile(r"(百万|千万|千|万|亿)?(.*)", re.DOTALL)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}年")
_HAN = re.compile(r"[㐀-䶿一-鿿]")
_HAN_NUMBER = re.compile(r"(?:[零〇一二三四五六七八九十百千万亿两几点]|分之)+(.*)")

# Why a text is no figure: the first found is said. {fixed} is the text with the evident slip put right.
_REASONS = tuple(
    (re.compile(pattern, re.IGNORECASE), reason)
    for pattern, reason in (
        (r"^[=@]|^[+-](?![0-9.])", "像是公式，不能作为数值。请直接填写数字，例如 12.5。"),
        (r"^#[a-z/0!?]+", "是表格的出错标记。请填写数字，例如 12.5；没有数据请填“/”。"),
        (r"^(无|暂无|没有|无数据|null|none|nil)$", "分不清是零还是没有数据。零请填 0，没有数据请填“/”。"),
        (r"^[+-]?(nan|inf(inity)?)$", "不是数字。请填写数字，例如 12.5；没有数据请填“/”。"),
        (r"[^\D0-9]", "里有其他文字的数字。请用阿拉伯数字 0–9 填写，例如 12.5。"),
        (
            r"[²³¹¼-¾\u2070-\u209f\u2150-\u218b\u2460-\u24ff\u2776-\u2793\u3220-\u3229\u3251-\u325f\u3280-\u3289]",
            "里有上标、带圈数字或分数符号。请写成普通数字，例如 12.5。",
        ),
        (r"[0-9]。[0-9]", "里的句号不是小数点。请写成 {fixed}。"),
        (r"[0-9]_|_[0-9]", "里有下划线。请写成 {fixed}。"),
        (r"[0-9.,]\s+[0-9.,]", "的数字中间有空格。如果是一个数，请写成 {fixed}。"),
        (r"^[+-]?0[xbo]", "不是十进制数。请写成普通数字，例如 16。"),
        (r"[0-9.]e[+-]?[0-9]", "是科学计数法。请写全，例如 100000。"),
        (r"^\(.*\)$", "带括号。负数请写成 -5，累计数请写成〔5〕。"),
        (r"[〔〕\[\]]", "的方括号不成对，或者不止一对。累计数请写成〔17.7〕。"),
        (r"[0-9],|,[0-9]", "的逗号位置不对：千分位每三位一个，小数点用“.”。请写成 1,234 或 1.5 这样的数。"),
        (r"[0-9.]:|:[0-9.]", "不是规范的比例。请写成 1:1 或 2.21:1。"),
        (r"[0-9]/[0-9]", "是分数或日期。请写成小数，例如 0.5；比例请写成 1:2。"),
        (r"\.[0-9]*\.|(?<![0-9])\.[0-9]|[0-9]\.(?![0-9])", "的小数点位置不对。请写成 12.5 或 0.5 这样的数。"),
        (r"[+-]\s*[+-]|[0-9][+]|[+-]\s+[0-9]|—[0-9]", "的正负号位置不对。负数请写成 -5。"),
    )
)
_FIXED = str.maketrans({"。": ".", "_": None, " ": None})


def round_half_up(value: Decimal, decimals: int) -> Decimal:
    """A finite value with this many decimals, halves away from zero (四舍五入); zero has no minus sign."""
    rounded = value.quantize(Decimal(1).scaleb(-decimals, _EXACT), ROUND_HALF_UP, _EXACT)
    return rounded.copy_abs() if rounded.is_zero() else rounded


def format_figure(value: Decimal | None, *, decimals: int | None = None) -> str:
    """Plain digits, no exponent, no separators; "" for None; without `decimals` exactly as the Decimal is."""
    if value is None:
        return ""
    if decimals is not None:
        value = round_half_up(value, decimals)
    return format(value.copy_abs() if value.is_zero() else value, "f")


def format_target(
    *,
    operator: Operator | str,
    value: Decimal | None,
    upper: Decimal | None = None,
    text: str = "",
    decimals: int | None = None,
    marker: Marker | str = Marker.NONE,
) -> str:
    """A target as the portal writes it: 55, ≥55, 35～40, 约3, 〔17.7〕; ratios, text and absence as printed.

    `parse_target` reads it back to the same operator, value and upper bound, unless `decimals` rounds them.
    """
    if value is None or operator == Operator.TEXT or marker == Marker.RATIO:
        return text
    written = _SIGNS.get(Operator(operator), "") + format_figure(value, decimals=decimals)
    if operator == Operator.RANGE:
        written += "～" + format_figure(upper, decimals=decimals)
    return f"〔{written}〕" if marker == Marker.CUMULATIVE else written


def decimals_of(text: str) -> int:
    """How many decimals a text prints, the most where it prints several figures; 0 when it prints none."""
    return max(map(len, re.findall(r"[0-9]\.([0-9]+)", text.translate(_HALF_WIDTH))), default=0)


# Measure words of one count: 2处, 2间 and 2个 facilities are the same two.
_MEASURE_WORDS = frozenset("个处间所家座")


def same_unit(unit: str, other: str) -> bool:
    """Whether figures in the two units can stand side by side: ㎡ and 平方米, 处 and 个, but not 人 and 万人."""
    return _split(unit) == _split(other) or {unit, other} <= _MEASURE_WORDS


def parse_actual(text: str, *, unit: str = "") -> Figure:
    """One number (or ratio), or stated absence, in the indicator's unit; FigureError for anything else."""
    printed, body = _prepared(text)
    if figure := _single_word(printed, body, unit):
        return figure
    _, words = _without_words(body)
    if words:
        raise _error(printed, f"带有“{words[0]}”。实际值只能填一个数，例如 12.5。")
    figure = _figure(printed, body, unit)
    if figure is None:
        raise _refusal(printed, body, "不是数字。实际值只能填一个数，例如 12.5；没有数据请填“/”。")
    if figure.operator is not Operator.EQ:
        raise _error(printed, "是区间或范围。实际值只能填一个数，例如 12.5。")
    if figure.marker is Marker.CUMULATIVE and not figure.question:
        return replace(figure, question=f"括号表示规划期累计数，是否为累计 {format_figure(figure.value)}？")
    return figure


def parse_target(text: str, *, unit: str = "") -> Figure:
    """Number, bound, range, 约, ratio, cumulative figure, wording or stated absence, as plans print them.

    Wording without a figure (应保尽保) is Operator.TEXT; where it carries a number (15分钟服务圈) it raises
    a question. A broken figure (1,23) stays a FigureError.
    """
    printed, body = _prepared(text)
    if figure := _single_word(printed, body, unit) or _figure(printed, body, unit):
        return figure
    if _is_wording(body):
        numbers = "、".join(re.findall(_PLAIN, _YEAR.sub("", body)))
        question = f"文字中有数字 {numbers}，是否应填写为数值目标？" if numbers else ""
        return Figure(operator=Operator.TEXT, text=printed, unit=unit, question=question)
    raise _refusal(printed, body, "看不出是哪个数。请写成 100、≥55、35～40；文字目标请不要夹带数字。")


def _prepared(text: str) -> tuple[str, str]:
    """The text as printed without the space around it, and the same in half width."""
    printed = text.strip(_EDGES)
    if len(printed) > MAX_TEXT:
        raise _error(printed, f"太长了，最多 {MAX_TEXT} 个字。请只填数值，文字请写进说明。")
    # Control, format, surrogate, private and unassigned characters; they break exports and hide digits.
    if any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for char in printed):
        raise _error(printed, "里有换行、制表符或看不见的字符。请删除后重新填写，例如 12.5。")
    return printed, printed.translate(_HALF_WIDTH)


def _single_word(printed: str, body: str, unit: str) -> Figure | None:
    """Stated absence, or full coverage where the unit is %."""
    for pattern, absence in _ABSENCES:
        if re.fullmatch(pattern, body):
            return Figure(absence=absence, text=printed, unit=unit)
    if body in _FULL_COVERAGE and _split(unit) == (0, "%"):
        return Figure(value=Decimal(100), text=printed, unit=unit, note=f"“{body}”按 100% 计")
    return None


def _figure(printed: str, body: str, unit: str) -> Figure | None:
    """The figure of the text; None where its shape is not that of a figure."""
    inside, brackets = _BRACKETS.subn(r" \1\2 ", body)  # the spaces keep 1[2]3 from becoming 123
    marker = Marker.CUMULATIVE if brackets == 1 else Marker.NONE
    core, words = _without_words(inside.strip())
    meant = {(_BEFORE | _AFTER)[word] for word in words} - {Operator.EQ}
    operator = next(iter(meant), Operator.EQ)
    if brackets > 1 or not (found := _RATIO.fullmatch(core) or _ONE.fullmatch(core) or _TWO.fullmatch(core)):
        return None
    if len(meant) > 1:
        raise _error(printed, f"里的“{'”“'.join(words)}”互相矛盾。请只用一个，例如 ≥55。")
    if found.re is _RATIO:
        return _ratio(printed, found, operator, unit)
    if not all(_is_known(typed, unit) for typed in found.groups()[1::2]):
        return None
    if found.re is _ONE:
        value, note = _measured(printed, found[1], found[2], unit)
        upper, typed = None, found[2]
    else:
        if operator not in {Operator.EQ, Operator.APPROX}:
            raise _error(printed, f"是区间，不能再带“{words[0]}”。请写成 35～40 或 ≥35。")
        typed = found[4]
        if found[2] and (not typed or (not unit and found[2] != typed)):
            raise _error(printed, "的两个数单位不一致。请写成 35～40 这样的区间。")
        value, note = _measured(printed, found[1], found[2] or typed, unit)
        upper, upper_note = _measured(printed, found[3], typed, unit)
        about = "原文为约数" if operator is Operator.APPROX else ""
        note = "；".join(part for part in (note, upper_note, about) if part)
        operator = Operator.RANGE
        if value >= upper:
            raise _error(printed, "是区间，但前一个数不小于后一个数。请写成 35～40 这样的区间。")
    question, suggestion = ("", None) if typed else _asks_for_percent(value, upper, unit)
    return Figure(
        operator=operator,
        value=value,
        upper=upper,
        unit=unit or typed,
        marker=marker,
        decimals=max(_decimals(value), _decimals(upper or _ZERO)),
        text=printed,
        note=note,
        question=question,
        suggestion=suggestion,
    )


def _ratio(printed: str, found: re.Match[str], operator: Operator, unit: str) -> Figure:
    """a:b as a/b. Its decimals are those that carry it (1:3 has four), so that a printed step stays small."""
    if _split(unit)[1] in _NO_RATIO:
        raise _error(printed, f"是比例，而指标的单位是“{unit}”。请按这个单位填写一个数。")
    first, second = (_checked(printed, Decimal(part.replace(",", ""))) for part in found.groups())
    if second.is_zero():
        raise _error(printed, "的后项是 0，不能作为比例。请写成 1:1 或 2.21:1。")
    exact = round_half_up(_EXACT.divide(first, second), MAX_DECIMALS)
    decimals = max(_decimals(first), _decimals(second), _decimals(exact.normalize(_EXACT)))
    value = _checked(printed, round_half_up(exact, decimals))
    return Figure(operator=operator, value=value, unit=unit, marker=Marker.RATIO, decimals=decimals, text=printed)


def _measured(printed: str, number: str, typed: str, unit: str) -> tuple[Decimal, str]:
    """The number in the indicator's unit, and a note where it was converted."""
    value = Decimal(number.replace(",", ""))
    power = _power(printed, typed, unit)
    value = _checked(printed, _shifted(value, power))
    return value, f"“{number}{typed}”换算为 {format_figure(value)}{unit}" if power else ""


def _power(printed: str, typed: str, unit: str) -> int:
    """By which power of ten a number in the typed unit is larger in the indicator's; refuses other units."""
    scale, base = _split(typed)
    own_scale, own_base = _split(unit)
    if not typed or not unit or (scale, base) == (own_scale, own_base):
        return 0
    if base in {"", *_names(own_base)} and own_base not in _SHARES and scale >= own_scale:
        return scale - own_scale
    raise _error(printed, f"的单位是“{typed}”，而指标的单位是“{unit}”。请换算后只填数字。")


def _is_known(typed: str, unit: str) -> bool:
    return _split(typed)[1] in {"", *_UNITS, *_names(_split(unit)[1])}


def _names(base: str) -> set[str]:
    """元/年 may be written 元."""
    return {base, base.partition("/")[0]}


def _split(unit: str) -> tuple[int, str]:
    """万人 is (4, 人)."""
    found = _SCALED_UNIT.fullmatch(unit)
    scale, base = found.groups() if found else ("", unit)
    return _SCALES[scale or ""], _SAME_UNIT.get(base, base)


def _asks_for_percent(value: Decimal, upper: Decimal | None, unit: str) -> tuple[str, Decimal | None]:
    """0.856 where percent is meant is more often 85.6 % than 0.856 %: asked, never changed."""
    largest = max(value.copy_abs(), (upper or value).copy_abs())
    if _split(unit) != (0, "%") or value.is_zero() or largest >= 1:
        return "", None
    shares = [_shifted(part, 2) for part in (value, upper) if part is not None]
    return f"是否为 {'～'.join(f'{share}%' for share in shares)}？", shares[0]


def _shifted(value: Decimal, power: int) -> Decimal:
    """The value times a power of ten, written out: 12000 and not 1.2E+4."""
    return Decimal(format(value.scaleb(power, _EXACT), "f"))


def _checked(printed: str, value: Decimal) -> Decimal:
    if _decimals(value) > MAX_DECIMALS:
        raise _error(printed, f"的小数太多，最多{MAX_DECIMALS}位小数。请四舍五入后填写，例如 12.3457。")
    if not value.is_zero() and value.adjusted() >= MAX_INTEGER_DIGITS:
        raise _error(printed, f"太大，整数部分最多{MAX_INTEGER_DIGITS}位。请核对，或换用万、亿为单位的指标。")
    return value.copy_abs() if value.is_zero() else value


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _without_words(body: str) -> tuple[str, list[str]]:
    """The text without the words before and after it that make a bound, and these words."""
    words = []
    while found := _FIRST_WORD.match(body):
        words.append(found[1])
        body = body[found.end() :]
    while found := _LAST_WORD.search(body):
        words.append(found[1])
        body = body[: found.start()]
    return body, words


def _is_wording(body: str) -> bool:
    """Whether the text promises something in words; with digits other than a year it must be longer."""
    core, _ = _without_words(body)
    rest = _YEAR.sub("", core)
    beside = re.sub(r"[0-9.,%]", "", rest)
    needed = 4 if re.search(r"[0-9]", rest) else 2 if rest != core else 1
    return (
        len(_HAN.findall(rest)) >= needed
        and not any(unicodedata.category(char).startswith("N") for char in beside)
        and not _is_han_number(core)
        and _split(beside)[1] not in _UNITS
        and not any(pattern.search(body) for pattern, _ in _REASONS)
    )


def _is_han_number(core: str) -> bool:
    """三, 五十张, 三分之二, 九成: but not 一刻钟服务圈."""
    found = _HAN_NUMBER.fullmatch(core)
    return found is not None and found[1] in _UNITS | {"", "成"}


def _refusal(printed: str, body: str, otherwise: str) -> FigureError:
    for pattern, reason in _REASONS:
        if pattern.search(body):
            return _error(printed, reason.replace("{fixed}", _shown(body.translate(_FIXED))))
    core, _ = _without_words(body)
    if _is_han_number(core):
        return _error(printed, "是汉字数字。请写成阿拉伯数字，例如 12.5。")
    if found := _ONE.fullmatch(core):
        return _error(printed, f"里的“{_shown(found[2])}”不是认识的单位。请只填数字，例如 12.5。")
    return _error(printed, otherwise)


def _error(printed: str, reason: str) -> FigureError:
    return FigureError(f"“{_shown(printed)}”{reason}")


def _shown(text: str) -> str:
    seen = "".join(char if char.isprintable() else "□" for char in text[:21])
    return seen if len(text) <= 20 else seen[:20] + "……"
