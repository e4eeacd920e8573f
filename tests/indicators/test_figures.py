"""The specification of the figures parser: one line per case, then properties nobody has to list."""

from dataclasses import asdict
from decimal import Context, Decimal, localcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.figures import (
    Absence,
    Figure,
    FigureError,
    Marker,
    Operator,
    decimals_of,
    format_figure,
    format_target,
    parse_actual,
    parse_target,
    round_half_up,
)

D = Decimal
CUMULATIVE = {"marker": Marker.CUMULATIVE}
RATIO = {"marker": Marker.RATIO}

# text, unit, value as printed
NUMBERS = [
    ("12", "", "12"),
    ("0", "", "0"),
    ("0", "%", "0"),
    ("0.00", "", "0.00"),
    ("-0", "", "0"),
    ("-0.0", "", "0.0"),
    ("+5", "", "5"),
    ("-5", "", "-5"),
    ("−5", "", "-5"),
    ("－5", "", "-5"),
    ("＋5", "", "5"),
    ("007", "", "7"),
    ("40.00", "%", "40.00"),
    ("１２３．５", "", "123.5"),
    (" 12 ", "", "12"),
    ("\u3000１２\u3000", "", "12"),
    ("\xa012\xa0", "", "12"),
    ("\ufeff12\u200b", "", "12"),
    ("\n12\t\r\n", "", "12"),
    ("1,234", "", "1234"),
    ("１，２３４", "", "1234"),
    ("1，234", "", "1234"),
    ("1,234,567.89", "", "1234567.89"),
    ("-1,234", "", "-1234"),
    ("99999999999.9999", "", "99999999999.9999"),
    ("-99999999999.9999", "", "-99999999999.9999"),
    ("0.0001", "", "0.0001"),
    ("85.6%", "%", "85.6"),
    ("85.6％", "%", "85.6"),
    ("85.6 %", "%", "85.6"),
    ("８５．６％", "％", "85.6"),
    ("0.856%", "%", "0.856"),
    ("8.5‰", "‰", "8.5"),
    ("3个百分点", "百分点", "3"),
    ("3315张", "张", "3315"),
    ("3315 张", "张", "3315"),
    ("25人", "人", "25"),
    ("25名", "人", "25"),
    ("14000元", "元/年", "14000"),
    ("14000元/年", "元/年", "14000"),
    ("5床位", "床位/千人", "5"),
    ("120m²", "㎡", "120"),
    ("120平方米", "㎡", "120"),
    ("12.5标准化单位", "标准化单位", "12.5"),
    ("0.1233", "万人", "0.1233"),
    ("1.2万", "万人", "1.2"),
    ("1.2万", "万元", "1.2"),
    ("1.2万人", "万人", "1.2"),
    ("1.2万元", "万元", "1.2"),
    ("1.2亿", "亿元", "1.2"),
]

# text, value, unit of the figure: where the indicator names none, the typed unit is kept with its scale
UNITS_READ_OFF = [
    ("85.6%", "85.6", "%"),
    ("12张", "12", "张"),
    ("1.2万", "1.2", "万"),
    ("1.2万人", "1.2", "万人"),
    ("14000元/年", "14000", "元/年"),
]

# text, unit, value: the unit says so
CONVERTED = [
    ("1.2万", "人", "12000"),
    ("1.2万", "个", "12000"),
    ("1.2万", "张", "12000"),
    ("1.2万", "元", "12000"),
    ("1.2万人", "人", "12000"),
    ("1.2万名", "人", "12000"),
    ("1.2万元", "元/年", "12000"),
    ("1.50万", "人", "15000"),
    ("-1.2万", "元", "-12000"),
    ("1.23456万", "元", "12345.6"),
    ("3千人", "人", "3000"),
    ("1.2亿", "元", "120000000"),
    ("1.2亿元", "万元", "12000"),
]

ABSENT = [
    ("", Absence.BLANK),
    ("   ", Absence.BLANK),
    ("\u3000\xa0\u200b", Absence.BLANK),
    ("/", Absence.SLASH),
    ("／", Absence.SLASH),
    (" / ", Absence.SLASH),
    ("—", Absence.DASH),
    ("——", Absence.DASH),
    ("－", Absence.DASH),
    ("-", Absence.DASH),
    ("--", Absence.DASH),
    ("–", Absence.DASH),
    ("−", Absence.DASH),
    ("*", Absence.STAR),
    ("＊", Absence.STAR),
    ("…", Absence.ELLIPSIS),
    ("……", Absence.ELLIPSIS),
    ("...", Absence.ELLIPSIS),
    ("不适用", Absence.NOT_APPLICABLE),
    ("N/A", Absence.NOT_APPLICABLE),
    ("n/a", Absence.NOT_APPLICABLE),
    ("NA", Absence.NOT_APPLICABLE),
]

# text, value, printed decimals that carry it
RATIOS = [
    ("1:1", "1", 0),
    ("1：1", "1", 0),
    ("2.21∶1", "2.21", 2),
    ("2.21：1", "2.21", 2),
    ("2.21 ： 1", "2.21", 2),
    ("10:1", "10", 0),
    ("0:5", "0", 0),
    ("1:4", "0.25", 2),
    ("1:3", "0.3333", 4),
    ("2:3", "0.6667", 4),
    ("1.50:1", "1.50", 2),
]

# text, unit, operator, value, upper
BOUNDS = [
    ("≥55", "", Operator.GE, "55", None),
    ("≥ 55", "", Operator.GE, "55", None),
    (">=55", "", Operator.GE, "55", None),
    ("≧55", "", Operator.GE, "55", None),
    ("≥55%", "%", Operator.GE, "55", None),
    ("≥-5", "", Operator.GE, "-5", None),
    ("不低于55", "", Operator.GE, "55", None),
    ("不低于55％", "%", Operator.GE, "55", None),
    ("不少于2个", "个", Operator.GE, "2", None),
    ("不小于2", "", Operator.GE, "2", None),
    ("大于等于2", "", Operator.GE, "2", None),
    ("至少3", "", Operator.GE, "3", None),
    ("55以上", "", Operator.GE, "55", None),
    ("55%以上", "%", Operator.GE, "55", None),
    ("55％及以上", "%", Operator.GE, "55", None),
    ("达到2000人以上", "人", Operator.GE, "2000", None),
    ("力争达到30%以上", "%", Operator.GE, "30", None),
    ("不低于55%以上", "%", Operator.GE, "55", None),
    ("14000元以上", "元/年", Operator.GE, "14000", None),
    ("3万以上", "人", Operator.GE, "30000", None),
    (">95", "", Operator.GT, "95", None),
    ("＞95", "", Operator.GT, "95", None),
    ("超过95", "", Operator.GT, "95", None),
    ("高于95", "", Operator.GT, "95", None),
    ("大于95", "", Operator.GT, "95", None),
    ("≤1.3", "", Operator.LE, "1.3", None),
    ("<=1.3", "", Operator.LE, "1.3", None),
    ("不高于1.3", "", Operator.LE, "1.3", None),
    ("不超过1.3", "", Operator.LE, "1.3", None),
    ("不大于1.3", "", Operator.LE, "1.3", None),
    ("小于等于1.3", "", Operator.LE, "1.3", None),
    ("1.3以内", "", Operator.LE, "1.3", None),
    ("1.3以下", "", Operator.LE, "1.3", None),
    ("控制在1.3%以内", "%", Operator.LE, "1.3", None),
    ("<1.3", "", Operator.LT, "1.3", None),
    ("＜1.3", "", Operator.LT, "1.3", None),
    ("低于1.3", "", Operator.LT, "1.3", None),
    ("少于1.3", "", Operator.LT, "1.3", None),
    ("小于1.3", "", Operator.LT, "1.3", None),
    ("达到55%", "%", Operator.EQ, "55", None),
    ("達到200人", "人", Operator.EQ, "200", None),
    ("提高到55", "", Operator.EQ, "55", None),
    ("提升至55", "", Operator.EQ, "55", None),
    ("增至3万张", "张", Operator.EQ, "30000", None),
    ("下降至2%以下", "%", Operator.LE, "2", None),
    ("缩小到1.2", "", Operator.EQ, "1.2", None),
    ("维持在95%以上", "%", Operator.GE, "95", None),
    ("保持在55", "", Operator.EQ, "55", None),
    ("约3万", "万人", Operator.APPROX, "3", None),
    ("约3万", "人", Operator.APPROX, "30000", None),
    ("约3万", "", Operator.APPROX, "3", None),
    ("大约3", "", Operator.APPROX, "3", None),
    ("近3", "", Operator.APPROX, "3", None),
    ("≈3", "", Operator.APPROX, "3", None),
    ("3%左右", "%", Operator.APPROX, "3", None),
    ("约3%左右", "%", Operator.APPROX, "3", None),
    ("35～40", "", Operator.RANGE, "35", "40"),
    ("35-40", "", Operator.RANGE, "35", "40"),
    ("35－40", "", Operator.RANGE, "35", "40"),
    ("35—40", "", Operator.RANGE, "35", "40"),
    ("35——40", "", Operator.RANGE, "35", "40"),
    ("35–40", "", Operator.RANGE, "35", "40"),
    ("35~40", "", Operator.RANGE, "35", "40"),
    ("35〜40", "", Operator.RANGE, "35", "40"),
    ("35 ～ 40", "", Operator.RANGE, "35", "40"),
    ("35至40", "", Operator.RANGE, "35", "40"),
    ("35%到40%", "%", Operator.RANGE, "35", "40"),
    ("63％～68％", "%", Operator.RANGE, "63", "68"),
    ("63～68%", "%", Operator.RANGE, "63", "68"),
    ("达到63～68%", "%", Operator.RANGE, "63", "68"),
    ("-5～-3", "", Operator.RANGE, "-5", "-3"),
    ("1～2万", "人", Operator.RANGE, "10000", "20000"),
    ("8000人～1.2万人", "人", Operator.RANGE, "8000", "12000"),
    ("约25-27万套", "万套", Operator.RANGE, "25", "27"),
]

# text, unit, fields
CUMULATIVES = [
    ("〔17.7〕", "", {"value": D("17.7")}),
    ("[17.7]", "", {"value": D("17.7")}),
    ("［17.7］", "", {"value": D("17.7")}),
    ("〔17.7〕%", "%", {"value": D("17.7")}),
    ("〔≥17.7〕", "", {"value": D("17.7"), "operator": Operator.GE}),
    ("≥〔17.7〕", "", {"value": D("17.7"), "operator": Operator.GE}),
    ("[25—27 万套]", "万套", {"operator": Operator.RANGE, "value": D(25), "upper": D(27)}),
    ("[25—27]万套", "万套", {"operator": Operator.RANGE, "value": D(25), "upper": D(27)}),
    ("[25—27 万套]", "套", {"operator": Operator.RANGE, "value": D(250000), "upper": D(270000)}),
]

WORDINGS = [
    ("不低于居民上年度人均消费支出增速", "%"),
    ("不低于杭州市平均水平", "元/年"),
    ("应保尽保", ""),
    ("应保尽保，应救尽救", ""),
    ("全覆盖", ""),
    ("全覆盖", "张"),
    ("所有", ""),
    ("建成", "个"),
    ("一刻钟养老服务圈", ""),
    ("千方百计扩大覆盖", ""),
    ("2025年底前全面建成", ""),
]

# text, unit, word of the reason; refused as an actual and as a target
BROKEN = [
    ("1,23", "", "千分位"),
    ("12,34,567", "", "千分位"),
    ("1234,567", "", "千分位"),
    ("0,123", "", "千分位"),
    ("1,234,", "", "千分位"),
    ("1.234,5", "", "千分位"),
    ("1 234", "", "空格"),
    ("1\u3000234", "", "空格"),
    ("1 234", "", "1234"),
    ("1_000", "", "下划线"),
    ("1_000", "", "1000"),
    ("1e5", "", "科学计数法"),
    ("１Ｅ５", "", "科学计数法"),
    ("1.5E-3", "", "科学计数法"),
    ("NaN", "", "不是数字"),
    ("nan", "", "不是数字"),
    ("Infinity", "", "不是数字"),
    ("-inf", "", "公式"),
    ("٣", "", "阿拉伯数字"),
    ("१२", "", "阿拉伯数字"),
    ("1٣", "", "阿拉伯数字"),
    ("①", "", "带圈"),
    ("⑩", "", "带圈"),
    ("10²", "", "上标"),
    ("½", "", "分数"),
    ("Ⅳ", "", "分数"),
    ("三", "", "汉字数字"),
    ("五十张", "张", "汉字数字"),
    ("百分之五十", "%", "汉字数字"),
    ("三分之二", "", "汉字数字"),
    ("九成", "%", "汉字数字"),
    ("12。5", "", "12.5"),
    ("12。5", "", "句号"),
    ("12。5%", "%", "12.5"),
    ("1,23万平方米", "万平方米", "千分位"),
    ("0x10", "", "十进制"),
    ("0X1F", "", "十进制"),
    ("0b11", "", "十进制"),
    ("1/2", "", "小数"),
    ("2025-12-31", "", "不是数字|看不出"),
    ("2025/12/31", "", "日期"),
    ("(5)", "", "负数"),
    ("（5）", "", "负数"),
    (".5", "", "小数点"),
    ("5.", "", "小数点"),
    ("1.2.3", "", "小数点"),
    ("+-5", "", "正负号|公式"),
    ("--5", "", "正负号|公式"),
    ("- 5", "", "正负号|公式"),
    ("5-", "", "不是数字|看不出"),
    ("–5", "", "正负号"),
    ("1\n2", "", "看不见"),
    ("1\t2", "", "看不见"),
    ("1\u200b2", "", "看不见"),
    ("1\u202e2", "", "看不见"),
    ("1\x002", "", "看不见"),
    ("\x0012", "", "看不见"),
    ("1\ud8002", "", "看不见"),
    ("=cmd|' /C calc'!A0", "", "公式"),
    ("=1+1", "", "公式"),
    ("＝5", "", "公式"),
    ("@SUM(1)", "", "公式"),
    ("-cmd", "", "公式"),
    ("#N/A", "", "出错标记"),
    ("#DIV/0!", "", "出错标记"),
    ("#REF!", "", "出错标记"),
    ("无", "", "是零还是没有数据"),
    ("None", "", "是零还是没有数据"),
    ("[17.7", "", "方括号"),
    ("17.7〕", "", "方括号"),
    ("1[2]3", "", "方括号"),
    ("[1][2]", "", "方括号"),
    ("[]", "", "方括号"),
    ("1:0", "", "后项是 0"),
    ("1:0.00", "", "后项是 0"),
    ("1:", "", "比例"),
    (":1", "", "比例"),
    ("1:2:3", "", "比例"),
    ("1:1", "%", "单位"),
    ("1:1", "张", "单位"),
    ("85%", "张", "单位"),
    ("85张", "%", "单位"),
    ("85‰", "%", "单位"),
    ("1.2万", "%", "单位"),
    ("12000人", "万人", "单位"),
    ("1.2万元", "万人", "单位"),
    ("5个", "家", "单位"),
    ("5abc", "", "“abc”"),
    ("5级", "个", "“级”"),
    ("12。", "", "“。”"),
    ("1.23456", "", "最多4位小数"),
    ("1.00000", "", "最多4位小数"),
    ("0.00001", "", "最多4位小数"),
    ("0.00000", "", "最多4位小数"),
    ("123456789012", "", "最多11位"),
    ("-100,000,000,000", "", "最多11位"),
    ("99999999万", "元", "最多11位"),
    ("1.123456789万", "元", "最多4位小数"),
    ("9" * 101, "", "太长"),
    ("abc", "", "不是数字|看不出"),
    ("?", "", "不是数字|看不出"),
    ("张", "张", "不是数字|看不出"),
]

REFUSED_AS_ACTUAL = [
    ("≥55", "", "只能填一个数"),
    ("不低于55", "", "不低于"),
    ("55以上", "", "以上"),
    ("达到55", "", "达到"),
    ("约3万", "人", "约"),
    ("3%左右", "%", "左右"),
    ("35～40", "", "区间"),
    ("35-40", "", "区间"),
    ("[25—27 万套]", "万套", "区间"),
    ("〔≥17.7〕", "", "只能填一个数"),
    ("应保尽保", "", "不是数字"),
    ("全覆盖", "张", "不是数字"),
    ("15分钟居家养老服务圈", "", "“分钟居家养老服务圈”"),
]

REFUSED_AS_TARGET = [
    ("≥", "", "看不出"),
    ("以上", "", "看不出"),
    ("约", "", "看不出"),
    ("≥张", "张", "看不出|单位"),
    ("40～35", "", "前一个数"),
    ("35～35", "", "前一个数"),
    ("35--40", "", "前一个数"),
    ("8000～1.2万", "人", "前一个数"),
    ("3万～5", "人", "单位不一致"),
    ("3万～5人", "", "单位不一致"),
    ("≥35～40", "", "区间"),
    ("35～40以上", "", "区间"),
    ("超过50%以上", "%", "矛盾"),
    ("约50%以上", "%", "矛盾"),
    ("不低于1,23", "", "千分位"),
    ("≥12。5", "", "12.5"),
    ("100%参训", "%", "“%参训”"),
    ("下降10%", "%", "看不出"),
    ("35～", "", "看不出"),
    ("1～2～3", "", "看不出"),
    ("2025年", "张", "单位"),
    ("不少于一家", "家", "汉字数字"),
]


def figure(text: str, unit: str = "", **fields: Any) -> Figure:
    """What is expected: what is not named is as in an empty figure, the decimals are those of the value."""
    numbers = [fields[name] for name in ("value", "upper") if fields.get(name) is not None]
    printed = max((len(format_figure(number).partition(".")[2]) for number in numbers), default=0)
    given_fields: dict[str, Any] = {"text": text, "unit": unit, "decimals": printed} | fields
    return Figure(**given_fields)


def meaning(found: Figure) -> dict[str, Any]:
    """The figure without its remarks, the value written out so that 12.0 and 12 differ."""
    fields = asdict(found)
    del fields["note"], fields["question"], fields["suggestion"]
    return fields | {"value": str(found.value), "upper": str(found.upper)}


BLANKS = " \t\r\n\u3000\xa0\ufeff\u200b"


@pytest.mark.parametrize("parse", [parse_actual, parse_target])
@pytest.mark.parametrize(("text", "unit", "value"), NUMBERS)
def test_a_number_means_itself_in_the_unit_of_the_indicator(parse: Any, text: str, unit: str, value: str) -> None:
    assert parse(text, unit=unit) == figure(text.strip(BLANKS), unit, value=D(value))
    assert str(parse(text, unit=unit).value) == value


@pytest.mark.parametrize("parse", [parse_actual, parse_target])
@pytest.mark.parametrize(("text", "value", "unit"), UNITS_READ_OFF)
def test_a_unit_is_read_off_where_the_indicator_names_none(parse: Any, text: str, value: str, unit: str) -> None:
    assert parse(text) == figure(text, unit, value=D(value))


@pytest.mark.parametrize("parse", [parse_actual, parse_target])
@pytest.mark.parametrize(("text", "unit", "value"), CONVERTED)
def test_a_scale_is_converted_only_where_the_unit_says_so_and_a_note_says_it_was(
    parse: Any, text: str, unit: str, value: str
) -> None:
    found = parse(text, unit=unit)

    assert meaning(found) == meaning(figure(text, unit, value=D(value)))
    assert found.note == f"“{text}”换算为 {value}{unit}"


@pytest.mark.parametrize("parse", [parse_actual, parse_target])
@pytest.mark.parametrize(("text", "absence"), ABSENT)
def test_absence_is_kept_by_its_kind_and_is_never_zero(parse: Any, text: str, absence: Absence) -> None:
    found = parse(text, unit="%")

    assert found == figure(text.strip(BLANKS), "%", absence=absence)
    assert found.is_absent


@pytest.mark.parametrize("parse", [parse_actual, parse_target])
def test_zero_is_not_absent(parse: Any) -> None:
    assert not parse("0").is_absent


@pytest.mark.parametrize("parse", [parse_actual, parse_target])
@pytest.mark.parametrize("unit", ["", "比例"])
@pytest.mark.parametrize(("text", "value", "decimals"), RATIOS)
def test_a_ratio_is_the_first_divided_by_the_second(
    parse: Any, unit: str, text: str, value: str, decimals: int
) -> None:
    assert parse(text, unit=unit) == figure(text, unit, value=D(value), decimals=decimals, **RATIO)


@pytest.mark.parametrize(("text", "unit", "operator", "value", "upper"), BOUNDS)
def test_words_and_signs_of_a_target_are_its_operator(
    text: str, unit: str, operator: Operator, value: str, upper: str | None
) -> None:
    bounds = {"operator": operator, "value": D(value), "upper": D(upper) if upper else None}
    read_off = {"约3万": "万"}.get(text, "")

    assert meaning(parse_target(text, unit=unit)) == meaning(figure(text, unit or read_off, **bounds))


@pytest.mark.parametrize(("text", "unit", "fields"), CUMULATIVES)
def test_brackets_mean_cumulative_over_the_plan(text: str, unit: str, fields: dict[str, Any]) -> None:
    assert meaning(parse_target(text, unit=unit)) == meaning(figure(text, unit, **fields, **CUMULATIVE))


def test_brackets_around_a_range_with_a_unit_keep_the_scale_of_the_text() -> None:
    found = parse_target("[25—27 万套]")

    assert found == figure("[25—27 万套]", "万套", operator=Operator.RANGE, value=D(25), upper=D(27), **CUMULATIVE)


def test_brackets_around_an_actual_are_read_and_asked_about() -> None:
    found = parse_actual("〔17.7〕")

    assert meaning(found) == meaning(figure("〔17.7〕", value=D("17.7"), **CUMULATIVE))
    assert found.question == "括号表示规划期累计数，是否为累计 17.7？"


def test_about_before_a_range_is_noted() -> None:
    assert parse_target("约25-27万套", unit="万套").note == "原文为约数"


@pytest.mark.parametrize(("text", "unit"), WORDINGS)
def test_words_without_a_figure_are_a_text_target(text: str, unit: str) -> None:
    assert parse_target(text, unit=unit) == figure(text, unit, operator=Operator.TEXT)


def test_a_text_target_with_a_number_in_it_is_asked_about() -> None:
    assert parse_target("打造15分钟居家养老服务圈") == figure(
        "打造15分钟居家养老服务圈",
        operator=Operator.TEXT,
        question="文字中有数字 15，是否应填写为数值目标？",
    )


@pytest.mark.parametrize("parse", [parse_actual, parse_target])
@pytest.mark.parametrize("text", ["全覆盖", "所有", "全部", " 全覆盖 "])
@pytest.mark.parametrize("unit", ["%", "％"])
def test_full_coverage_is_a_hundred_percent_where_the_unit_is_percent(parse: Any, text: str, unit: str) -> None:
    found = parse(text, unit=unit)

    assert meaning(found) == meaning(figure(text.strip(), unit, value=D(100)))
    assert found.note == f"“{text.strip()}”按 100% 计"


@pytest.mark.parametrize("parse", [parse_actual, parse_target])
@pytest.mark.parametrize(
    ("text", "question", "suggestion"),
    [
        ("0.856", "是否为 85.6%？", "85.6"),
        ("０．８", "是否为 80%？", "80"),
        ("-0.05", "是否为 -5%？", "-5"),
        ("0.9999", "是否为 99.99%？", "99.99"),
    ],
)
def test_a_share_below_one_without_a_percent_sign_is_asked_about_and_kept(
    parse: Any, text: str, question: str, suggestion: str
) -> None:
    found = parse(text, unit="%")

    assert (str(found.value), found.question, str(found.suggestion)) == (
        {"０．８": "0.8"}.get(text, text),
        question,
        suggestion,
    )


def test_bounds_that_are_shares_are_asked_about_too() -> None:
    assert parse_target("≥0.55", unit="%").question == "是否为 55%？"
    assert parse_target("0.63～0.68", unit="%").question == "是否为 63%～68%？"


@pytest.mark.parametrize(("text", "unit"), [("0", "%"), ("1", "%"), ("0.856%", "%"), ("0.856", "万人")])
def test_nothing_is_asked_where_nothing_is_doubtful(text: str, unit: str) -> None:
    assert parse_actual(text, unit=unit).question == ""


@pytest.mark.parametrize("parse", [parse_actual, parse_target])
@pytest.mark.parametrize(("text", "unit", "word"), BROKEN)
def test_a_broken_figure_is_refused_with_its_reason(parse: Any, text: str, unit: str, word: str) -> None:
    with pytest.raises(FigureError, match=word):
        parse(text, unit=unit)


@pytest.mark.parametrize(("text", "unit", "word"), REFUSED_AS_ACTUAL)
def test_an_actual_is_one_number(text: str, unit: str, word: str) -> None:
    with pytest.raises(FigureError, match=word):
        parse_actual(text, unit=unit)


@pytest.mark.parametrize(("text", "unit", "word"), REFUSED_AS_TARGET)
def test_a_target_that_says_nothing_or_two_things_is_refused(text: str, unit: str, word: str) -> None:
    with pytest.raises(FigureError, match=word):
        parse_target(text, unit=unit)


def test_an_error_names_what_was_typed_and_shortens_what_is_huge() -> None:
    with pytest.raises(FigureError, match=r"^“1,23”的逗号位置不对"):
        parse_actual("1,23")
    with pytest.raises(FigureError, match=r"^“9{20}……”太长了"):
        parse_actual("9" * 100_000)


def test_the_decimal_context_of_the_caller_changes_nothing() -> None:
    with localcontext(Context(prec=2)):
        assert parse_actual("12345678901.2345") == figure("12345678901.2345", value=D("12345678901.2345"))
        assert parse_actual("1.2345万", unit="人").value == D("12345")
        assert str(round_half_up(D("12345.675"), 2)) == "12345.68"


@pytest.mark.parametrize(
    ("value", "decimals", "rounded"),
    [
        ("0.5", 0, "1"),
        ("1.5", 0, "2"),
        ("2.5", 0, "3"),
        ("-2.5", 0, "-3"),
        ("2.675", 2, "2.68"),
        ("1.005", 2, "1.01"),
        ("1.00499", 2, "1.00"),
        ("-0.4", 0, "0"),
        ("12", 2, "12.00"),
        ("1E+3", 0, "1000"),
    ],
)
def test_halves_round_away_from_zero(value: str, decimals: int, rounded: str) -> None:
    assert str(round_half_up(D(value), decimals)) == rounded


@given(
    st.integers(min_value=-(10**15), max_value=10**15),
    st.integers(min_value=0, max_value=6),
    st.integers(0, 6),
)
def test_rounding_agrees_with_whole_number_arithmetic(digits: int, places: int, decimals: int) -> None:
    up, down = 10 ** max(decimals - places, 0), 10 ** max(places - decimals, 0)
    magnitude = (2 * abs(digits) * up + down) // (2 * down)

    rounded = round_half_up(D(digits).scaleb(-places), decimals)

    assert rounded == D(magnitude if digits > 0 else -magnitude).scaleb(-decimals)
    assert rounded.as_tuple().exponent == -decimals


@pytest.mark.parametrize(
    ("value", "decimals", "written"),
    [
        (None, None, ""),
        (None, 2, ""),
        (D("0"), None, "0"),
        (D("-0.00"), None, "0.00"),
        (D("40.00"), None, "40.00"),
        (D("1E+3"), None, "1000"),
        (D("0.0001"), None, "0.0001"),
        (D("1E-7"), None, "0.0000001"),
        (D("1234567.5"), None, "1234567.5"),
        (D("1234567.5"), 0, "1234568"),
        (D("85.6000"), 1, "85.6"),
        (D("-0.04"), 1, "0.0"),
    ],
)
def test_a_figure_is_written_in_plain_digits(value: Decimal | None, decimals: int | None, written: str) -> None:
    assert format_figure(value, decimals=decimals) == written


@pytest.mark.parametrize(
    ("fields", "written"),
    [
        ({"operator": "eq", "value": D(55)}, "55"),
        ({"operator": Operator.GE, "value": D("55.0000"), "decimals": 0}, "≥55"),
        ({"operator": "gt", "value": D(55)}, ">55"),
        ({"operator": "le", "value": D("1.3")}, "≤1.3"),
        ({"operator": "lt", "value": D("1.3")}, "<1.3"),
        ({"operator": "range", "value": D(35), "upper": D(40), "decimals": 1}, "35.0～40.0"),
        ({"operator": "range", "value": D(35), "upper": D(40)}, "35～40"),
        ({"operator": "approx", "value": D(3)}, "约3"),
        ({"operator": "text", "value": None, "text": "应保尽保"}, "应保尽保"),
        ({"operator": "eq", "value": None, "text": "/"}, "/"),
        ({"operator": "eq", "value": D(1), "text": "1:1", "marker": "ratio"}, "1:1"),
        ({"operator": "ge", "value": D("17.7"), "marker": "cumulative"}, "〔≥17.7〕"),
    ],
)
def test_a_target_is_written_as_the_portal_writes_it(fields: dict[str, Any], written: str) -> None:
    assert format_target(**fields) == written


@pytest.mark.parametrize(
    ("text", "decimals"),
    [
        ("", 0),
        ("12", 0),
        ("40.00", 2),
        ("１２３．５", 1),
        ("1.5～1.25", 2),
        ("≥55.0%", 1),
        ("应保尽保", 0),
        (".", 0),
    ],
)
def test_the_printed_decimals_are_counted(text: str, decimals: int) -> None:
    assert decimals_of(text) == decimals


FITTING = st.decimals(min_value=D("-99999999999"), max_value=D("99999999999"), allow_nan=False, places=4) | (
    st.decimals(min_value=-1000, max_value=1000, places=1) | st.integers(-1000, 1000).map(Decimal)
)
SINGLE = st.sampled_from([Operator.EQ, Operator.GE, Operator.GT, Operator.LE, Operator.LT, Operator.APPROX])


@given(FITTING)
def test_an_actual_that_is_written_is_read_back(value: Decimal) -> None:
    assert parse_actual(format_figure(value)).value == value


@given(SINGLE, FITTING, st.sampled_from([Marker.NONE, Marker.CUMULATIVE]))
def test_a_target_that_is_written_is_read_back(operator: Operator, value: Decimal, marker: Marker) -> None:
    found = parse_target(format_target(operator=operator, value=value, marker=marker))

    assert (found.operator, found.value, found.upper, found.marker) == (operator, value, None, marker)


@given(FITTING, FITTING)
def test_a_range_that_is_written_is_read_back(one: Decimal, other: Decimal) -> None:
    value, upper = sorted([one, other])
    if value < upper:
        found = parse_target(format_target(operator=Operator.RANGE, value=value, upper=upper))

        assert (found.operator, found.value, found.upper) == (Operator.RANGE, value, upper)


CHARACTERS = "0123456789０１９．，％＋－−～〜∶：:,.%+-~*/／—…=_ \u3000\n〔〕[]（）eExX²①½٣三百万亿千分之成。¾〇"
WORDS = "以上 以下 左右 约 不低于 不超过 达到 ≥ < 至 到 全覆盖 应保尽保 无 人 张 元 万人 ㎡ m² 个百分点 nan"
PIECES = st.sampled_from([*CHARACTERS, *WORDS.split(), "2025年", "N/A", "\u200b", "\x00", "\ud800"])
UNITS = st.sampled_from(["", "%", "人", "万人", "元/年", "张", "‰", "比例", "亿元", "㎡", "分", "\n"]) | st.text(
    max_size=4
)


@given(st.text(max_size=120) | st.lists(PIECES, max_size=12).map("".join), UNITS)
def test_whatever_is_typed_answers_a_figure_that_fits_or_a_chinese_error(text: str, unit: str) -> None:
    for parse in (parse_actual, parse_target):
        try:
            found = parse(text, unit=unit)
        except FigureError as error:
            message = str(error)
            assert message.startswith("“")
            assert message.endswith("。")
            continue
        for number in (found.value, found.upper):
            assert number is None or (abs(number) < D(10**11) and number == round_half_up(number, 4))
        assert (found.value is None) == (found.is_absent or found.operator is Operator.TEXT)
        assert (found.upper is None) == (found.operator is not Operator.RANGE)
        assert parse is parse_target or found.operator is Operator.EQ


@given(st.lists(PIECES, max_size=12).map("".join))
def test_whatever_was_read_as_a_target_is_read_back_from_how_the_portal_writes_it(text: str) -> None:
    try:
        found = parse_target(text)
    except FigureError:
        return
    written = format_target(
        operator=found.operator,
        value=found.value,
        upper=found.upper,
        text=found.text,
        decimals=found.decimals,
        marker=found.marker,
    )

    again = parse_target(written)

    assert (again.operator, again.value, again.upper, again.marker, again.absence, again.decimals) == (
        found.operator,
        found.value,
        found.upper,
        found.marker,
        found.absence,
        found.decimals,
    )


@given(st.lists(PIECES, max_size=6).map("".join))
def test_counting_decimals_never_fails(text: str) -> None:
    assert decimals_of(text) >= 0
