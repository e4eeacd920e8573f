"""Suggestions: the dictionary entry, the theme and the department a row is probably about."""

from __future__ import annotations

import pytest

from reports.drafts.matching import Dictionary, Entry, Offer, department_of, theme_of

BEDS = Entry(1, "养老机构护理型床位占比", ("护理型床位占比", "养老机构护理型床位比例"), "%", "up", 20)
STANDARD = Entry(2, "城乡居民最低生活保障标准", ("城乡低保标准",), "元/年", "up", 10)
CITY = Entry(3, "城市低保标准年度增速", (), "%", "up", 10)
VILLAGE = Entry(4, "农村低保标准年度增速", (), "%", "up", 10)
BEDS_PER = Entry(5, "每千名老年人拥有养老床位数", ("每千名老年人口拥有养老床位数",), "张", "up", 20)
DICTIONARY = Dictionary.of([BEDS, STANDARD, CITY, VILLAGE, BEDS_PER])
THEMES = {"assistance": (10, "社会救助"), "elderly": (20, "养老服务"), "children": (30, "儿童福利")}


def offered(name: str, unit: str = "%", direction: str = "up") -> list[tuple[int, int]]:
    return [(offer.entry.pk, offer.score) for offer in DICTIONARY.offers(name=name, unit=unit, direction=direction)]


def test_the_same_name_or_alias_is_offered_with_a_hundred() -> None:
    assert offered("养老机构护理型床位占比")[0] == (1, 100)
    assert offered("养老机构 护理型床位占比（%）*")[0][0] == 1
    assert offered("护理型床位占比")[0] == (1, 100)


def test_another_unit_or_direction_takes_points_off_and_is_said() -> None:
    (offer, *_) = DICTIONARY.offers(name="养老机构护理型床位占比", unit="张", direction="down")
    assert (offer.score, offer.differs) == (75, "单位为%，方向不同")
    assert offer.shown == "养老机构护理型床位占比（相似75分，单位为%，方向不同）"


def test_a_measure_word_of_the_same_count_is_no_other_unit() -> None:
    house = Dictionary.of([Entry(9, "建设养老服务综合体数", (), "处", "up", 20)])
    assert house.offers(name="建设养老服务综合体数", unit="个", direction="up")[0].score == 100


def test_names_that_differ_in_whom_they_speak_of_are_not_offered_for_each_other() -> None:
    assert offered("城市低保标准年度增速") == [(3, 100)]
    assert offered("农村低保标准年度增速") == [(4, 100)]


@pytest.mark.parametrize("name", ["", "社会组织数", "=cmd|' /C calc'!A0", "〔〕"])
def test_what_is_like_nothing_is_offered_nothing(name: str) -> None:
    assert offered(name) == []


def test_at_most_three_are_offered_the_likeliest_first() -> None:
    many = Dictionary.of([Entry(pk, f"养老床位数{pk}", (), "张", "up", 20) for pk in range(1, 8)])
    scores = [offer.score for offer in many.offers(name="养老床位数1", unit="张", direction="up")]
    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    ("name", "category", "key"),
    [
        ("孤儿集中养育率", "", 30),
        ("特困人员集中供养率", "", 10),
        ("每千名老年人拥有床位", "", 20),
        ("覆盖率", "养老服务", 20),
        ("覆盖率", "一、社会救助体系", 10),
        ("覆盖率", "儿童保障", 30),
        ("覆盖率", "基本民生", None),
        ("覆盖率", "", None),
        ("", "", None),
    ],
)
def test_a_theme_is_read_off_the_category_and_the_words(name: str, category: str, key: int | None) -> None:
    assert theme_of(name=name, category=category, offers=[], themes=THEMES) == key


def test_a_sure_entry_of_the_dictionary_knows_the_theme_better_than_words_do() -> None:
    sure, unsure = Offer(STANDARD, 95), Offer(STANDARD, 85)
    assert theme_of(name="养老", category="", offers=[sure], themes=THEMES) == 10
    assert theme_of(name="养老", category="", offers=[unsure], themes=THEMES) == 20


def test_a_department_is_suggested_where_exactly_one_is_named() -> None:
    departments = {1: "养老服务科", 2: "社会救助科"}
    assert department_of("养老服务科", departments) == 1
    assert department_of("养老服务科、社会救助科", departments) is None
    assert department_of("财务科", departments) is None
    assert department_of("", departments) is None
