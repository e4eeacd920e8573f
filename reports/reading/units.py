"""Units as tables print them: in brackets behind the name (closed or not), in a column, in a note, in the cell."""

from __future__ import annotations

import re

from reports.reading.wording import bare, half, without_marks

_SCALE = r"(?:万亿|十万|百万|千万|十|百|千|万|亿)"
# What may be counted or measured. Longer words first: 人次 is not 人.
_MEASURES = (
    "人次 户次 件次 台次 车次 人天 课时 人年 平方米 平方公里 平方千米 立方米 公里 千米 公顷 小时 分钟 工作日"
    " 吨标准煤 周岁 标准煤 标台 床位 个百分点 百分点 毫克 微克 千克 公斤 千瓦时 千瓦 比例 比值 比率 名次 位次"
    " 指数 社区 街道 乡镇 点位 班次 学时 套次 人份 标准化床位 机构 老年人口 老年人 老人 儿童 残疾人 居民 常住人口"
    " 户籍人口 人口 美元"
)
_CHARS = (
    "张人个元家处户套所座件例岁年月天日次场项支间倍亩床位对批条起村吨辆台部份名只头棵株本册篇首幅期届期级"
    "类种分秒米克升度盏艘架门栋幢层平档比里路站点具穴墓班队团组顶枚方"
)
_LATIN = r"(?:km|cm|mm|m|hm|k?g|mg|μg|ug|t|tce|kWh|kW|h|L|M?bps|Mb/s|GB|TB)[²³23]?"
_BASE = rf"(?:{'|'.join(sorted(_MEASURES.split(), key=len, reverse=True))}|[{_CHARS}]|[㎡㎥㎞]|[%‰‱℃]|{_LATIN})"
_PART = rf"(?:每?{_SCALE}?{_BASE})"
_UNIT = re.compile(rf"/?{_PART}(?:(?:[/·.•*、或]|每){_PART})*")
_SAME = {"百分比": "%", "百分率": "%", "百分数": "%", "百分之": "%", "千分比": "‰", "千分率": "‰", "﹪": "%", "％": "%"}
_OPEN, _CLOSE = "([〔【", ")]〕】"
_LAST_BRACKET = re.compile(rf"[{re.escape(_OPEN)}]([^{re.escape(_OPEN + _CLOSE)}]*)[{re.escape(_CLOSE)}]?$")
_AFTER_COMMA = re.compile(r"[,，、]\s*([^,，、]{1,8})$")
_SIGN_AT_END = re.compile(r"(?<=[\u4e00-\u9fff])\s*([%‰])\)?$")


def unit_of(text: str) -> str | None:
    """The unit a text is, in its usual writing; "" for none stated, None where it is no unit."""
    even = re.sub(r"^(?:计量)?单位[:：]?|[:：。]$", "", bare(text)).strip("()[]")
    even = _SAME.get(even, even)
    if even in {"", "/", "-", "—", "——", "无", "*"}:
        return ""
    return even if even in _BARE_SCALES or _UNIT.fullmatch(even) else None


def split_unit(name: str, *, says_unit: bool = False) -> tuple[str, str, str]:
    """Name, unit and what else its last bracket says: 床位数（张，累计）. `says_unit`: the head promises a unit there.

    A bracket that is no unit stays in the name: 安葬（放）, 村（居）.
    """
    text, _ = without_marks(name)
    even = half(text).rstrip(" :;,。；，、")
    text = text[: len(even)]
    if found := _LAST_BRACKET.search(even):
        first, _, rest = re.sub(r"^单位:?", "", found[1].strip()).replace("，", ",").replace("；", ",").partition(",")
        unit = unit_of(first)
        if unit is None and rest and unit_of(rest):
            first, rest, unit = rest, first, unit_of(rest)
        if unit is None and says_unit and 0 < len(bare(first)) <= 6 and found.start() > 0:
            unit = bare(first)
        if unit and found.start() > 0:
            return text[: found.start()].strip(), unit, bare(rest)
        if not bare(found[1]):
            return split_unit(text[: found.start()], says_unit=says_unit) if found.start() else (text, "", "")
    if found := _SIGN_AT_END.search(even):
        return text[: found.start()], found[1], ""
    if (found := _AFTER_COMMA.search(even)) and (unit := unit_of(found[1])):
        return text[: found.start()], unit, ""
    return text, "", ""


def unit_in_note(lines: list[str]) -> str:
    """The one unit that a line above the table states for all of it (单位：万人); "" where it states several."""
    for line in reversed(lines):
        found = re.search(r"单位:([^\s)）]+)", half(line))
        if found and (unit := unit_of(re.split(r"[、,，;；]", found[1])[0])) and not re.search(r"[、,，;；]", found[1]):
            return unit
    return ""


_FIGURES = re.compile(r"[0-9][0-9.,]*|[~—+<>=≥≤≈〔〕\[\]\-]|由|从|→")
_WORDS = re.compile(
    r"不低于|不高于|不少于|不超过|不大于|不小于|大于|小于|高于|低于|超过|达到|至少|力争|保持在?|稳定在|控制在|提高到|提升到|提高至|增加到"
    r"|下降到|下降至|累计|新增|年均|增长|以上|以下|以内|之内|左右|上下|及|约|近|达|至|到|为|每年|降至|增至"
)


def unit_in_cell(text: str) -> str:
    """The unit that a figure carries itself: 万张 of 3.5万张以上, % of ≥55%; "" where the rest is more than a unit."""
    even = bare(without_marks(text)[0])
    if not re.search(r"[0-9]", even):
        return ""
    left = [part for part in _FIGURES.sub(" ", _WORDS.sub(" ", even)).split() if part not in "()"]
    units = {unit_of(part) or None for part in left}
    return left[-1].replace("％", "%") if left and None not in units and len({*left}) == 1 else ""


_BARE_SCALES = {"万", "亿", "千", "百万", "千万"}


def scale_of(unit: str) -> int:
    """The power of ten that a unit begins with: 4 of 万人."""
    found = re.match(_SCALE, unit)
    return (
        {"十": 1, "百": 2, "千": 3, "万": 4, "十万": 5, "百万": 6, "千万": 7, "亿": 8, "万亿": 12}[found[0]]
        if found
        else 0
    )
