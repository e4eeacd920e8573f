"""What people type into a cell, and what becomes of it."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from typing import Any

import pytest

from indicators.forms import EntryForm, MoveForm, ReviewFilterForm, YearForm
from indicators.models import Availability, Indicator
from indicators.workflow import Entry


def form(unit: str = "%", **typed: Any) -> EntryForm:
    return EntryForm(typed, indicator=Indicator(name="养老机构护理型床位占比", unit=unit))


def entry(unit: str = "%", **typed: Any) -> Entry:
    filled = form(unit, **typed)
    assert filled.is_valid(), filled.errors
    return filled.entry


def errors(unit: str = "%", **typed: Any) -> list[str]:
    filled = form(unit, **typed)
    return [str(error) for said in filled.errors.values() for error in said]


@pytest.mark.parametrize(
    ("typed", "unit", "value", "text"),
    [
        ("12.5", "%", "12.5", "12.5"),
        ("１２３．５", "张", "123.5", "１２３．５"),
        ("1,234", "张", "1234", "1,234"),
        ("１，２３４", "张", "1234", "１，２３４"),
        ("85.6%", "%", "85.6", "85.6%"),
        ("85.6％", "%", "85.6", "85.6％"),
        ("0.856", "%", "0.856", "0.856"),
        ("  12 ", "张", "12", "12"),
        ("\u300012\t", "张", "12", "12"),
        ("−5", "‰", "-5", "−5"),
        ("0", "张", "0", "0"),
        ("０", "张", "0", "０"),
        ("0.0000", "%", "0", "0.0000"),
        ("1.2万", "人", "12000", "1.2万"),
        ("12.3457", "%", "12.3457", "12.3457"),
        ("99999999999", "元", "99999999999", "99999999999"),
    ],
)
def test_a_figure_is_read_as_meant_and_kept_as_typed(typed: str, unit: str, value: str, text: str) -> None:
    found = entry(unit, value=typed)
    assert (found.value, found.text, found.availability) == (Decimal(value), text, Availability.REPORTED)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("=cmd|' /C calc'!A0", "“=cmd|' /C calc'!A0”像是公式，不能作为数值。请直接填写数字，例如 12.5。"),
        ("@SUM(A1)", "“@SUM(A1)”像是公式，不能作为数值。请直接填写数字，例如 12.5。"),
        ("1e5", "“1e5”是科学计数法。请写全，例如 100000。"),
        ("1.23456", "“1.23456”的小数太多，最多4位小数。请四舍五入后填写，例如 12.3457。"),
        ("三", "“三”是汉字数字。请写成阿拉伯数字，例如 12.5。"),
        ("12。5", "“12。5”里的句号不是小数点。请写成 12.5。"),
        ("35-40", "“35-40”是区间或范围。实际值只能填一个数，例如 12.5。"),
        ("无", "“无”分不清是零还是没有数据。零请填 0，没有数据请填“/”。"),
        ("5\x075", "“5□5”里有换行、制表符或看不见的字符。请删除后重新填写，例如 12.5。"),
        ("5\n5", "“5□5”里有换行、制表符或看不见的字符。请删除后重新填写，例如 12.5。"),
        ("9" * 101, f"“{'9' * 20}……”太长了，最多 100 个字。请只填数值，文字请写进说明。"),
        ("123456789012", "“123456789012”太大，整数部分最多11位。请核对，或换用万、亿为单位的指标。"),
    ],
)
def test_what_is_no_figure_is_refused_with_the_reason(typed: str, message: str) -> None:
    assert errors(value=typed) == [message]


def test_more_than_two_hundred_characters_are_refused() -> None:
    assert len(errors(value="9" * 201)) == 1
    assert len(errors(note="长" * 2001)) == 1
    assert errors(value="5", note="长" * 2000) == []


@pytest.mark.parametrize("typed", ["12\u200b", "\u200b" * 150 + "12", "\ufeff12", "12\x1c"])
def test_invisible_characters_around_a_figure_are_not_kept(typed: str) -> None:
    """They would not fit the column of 100 characters, and a control character breaks an export."""
    kept = entry("张", value=typed)
    assert (kept.value, kept.text) == (Decimal(12), "12")
    assert not [char for char in kept.text if unicodedata.category(char).startswith("C")]


@pytest.mark.parametrize("typed", ["5\x00", "\x00"])
def test_a_null_character_is_refused_everywhere(typed: str) -> None:
    assert errors(value=typed)
    assert errors(value="5", note=typed)
    assert errors(value="5", comparator=typed)


@pytest.mark.parametrize(
    ("typed", "availability"),
    [
        ("", "unreported"),
        ("   ", "unreported"),
        ("/", "missing"),
        ("／", "missing"),
        ("—", "missing"),
        ("-", "missing"),
        ("*", "missing"),
        ("…", "missing"),
        ("不适用", "not_applicable"),
        ("N/A", "not_applicable"),
    ],
)
def test_a_sign_of_absence_is_never_a_zero(typed: str, availability: str) -> None:
    found = entry(value=typed)
    assert (found.value, found.text, found.availability) == (None, "", availability)


def test_nothing_sent_at_all_is_an_unreported_row() -> None:
    assert entry() == Entry(availability=Availability.UNREPORTED)


@pytest.mark.parametrize("chosen", ["missing", "not_applicable"])
@pytest.mark.parametrize("typed", ["", "/"])
def test_a_chosen_absence_wins_over_a_blank_or_a_stroke(chosen: str, typed: str) -> None:
    assert entry(value=typed, availability=chosen).availability == chosen


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"value": "0", "availability": "missing"}, "已填写数据，与数据情况“暂缺”不符，请改其中一项。"),
        ({"value": "5", "availability": "not_applicable"}, "已填写数据，与数据情况“不适用”不符，请改其中一项。"),
        ({"value": "5", "availability": "unreported"}, "已填写数据，与数据情况“未报”不符，请改其中一项。"),
        ({"judgement": "met", "availability": "missing"}, "已填写数据，与数据情况“暂缺”不符，请改其中一项。"),
        ({"value": "", "availability": "reported"}, "没有填写数据，与数据情况“有数据”不符，请改其中一项。"),
        ({"value": "/", "availability": "reported"}, "没有填写数据，与数据情况“有数据”不符，请改其中一项。"),
    ],
)
def test_a_figure_and_a_stated_absence_contradict_each_other(typed: dict[str, str], message: str) -> None:
    assert errors(**typed) == [message]


def test_a_judgement_alone_is_content() -> None:
    found = entry(judgement="in_progress")
    assert (found.value, found.judgement, found.availability) == (None, "in_progress", "reported")


def test_a_comparator_is_read_like_a_figure() -> None:
    assert entry("%", value="5.1", comparator="４．８％").comparator == Decimal("4.8")
    assert errors(value="5.1", comparator="1e5") == ["“1e5”是科学计数法。请写全，例如 100000。"]
    assert entry("%", value="5.1", comparator="").comparator is None


@pytest.mark.parametrize(
    "typed",
    [
        {"judgement": "perfect"},
        {"availability": "lost"},
        {"figure_kind": "guess"},
        {"version": "one"},
        {"version": "-1"},
    ],
)
def test_a_choice_that_is_not_offered_is_refused(typed: dict[str, str]) -> None:
    assert len(errors(value="5", **typed)) == 1


def test_a_figure_kind_that_is_not_said_is_left_open() -> None:
    assert entry(value="5").figure_kind is None
    assert entry(value="5", figure_kind="preliminary").figure_kind == "preliminary"


@pytest.mark.parametrize(("typed", "version"), [("", None), ("0", None), ("3", 3)])
def test_no_version_and_zero_both_mean_a_first_entry(typed: str, version: int | None) -> None:
    filled = form(value="5", version=typed)
    assert filled.is_valid()
    assert filled.cleaned_data["version"] == version


def test_a_save_is_not_a_step_of_the_review() -> None:
    assert not MoveForm({"move": "save", "version": "1"}).is_valid()
    assert MoveForm({"move": "submit", "version": "1"}).is_valid()
    assert not MoveForm({"move": "approve"}).is_valid()


@pytest.mark.parametrize(
    ("typed", "year"), [("2023", 2023), ("", None), ("1999", "bad"), ("year", "bad"), ("9" * 30, "bad")]
)
def test_a_year_outside_the_plan_is_not_offered(typed: str, year: int | str | None) -> None:
    filled = YearForm({"year": typed}, years=range(2021, 2026))
    assert (filled.cleaned_data["year"] if filled.is_valid() else "bad") == year


@pytest.mark.parametrize("typed", [{"plan": "a b"}, {"year": "x"}, {"year": "9" * 30}])
def test_a_broken_filter_of_the_review_is_no_filter(typed: dict[str, str]) -> None:
    assert not ReviewFilterForm(typed).is_valid()
