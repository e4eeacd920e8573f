"""What the fixtures say of the five documents, read as files: no database, and no loader but YAML's."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from reports.documents import document_files, document_rows

DECIMALS = {
    "baseline_value",
    "hard_minimum",
    "hard_maximum",
    "value",
    "upper",
    "total_investment",
    "target_value",
    "target_upper",
}
Row = dict[str, Any]


@cache
def rows(model: str) -> list[Row]:
    return [row["fields"] for file in document_files() for row in document_rows(file) if row["model"] == model]


def of_plan(model: str, plan: str) -> dict[str, Row]:
    return {row["number"]: row for row in rows(model) if row["plan"] == [plan]}


def targets(plan: str, number: str) -> dict[int, Row]:
    return {row["year"]: row for row in rows("indicators.target") if row["indicator"] == [plan, number]}


def test_every_decimal_is_a_quoted_string() -> None:
    unquoted = [
        (file.name, row["fields"])
        for file in document_files()
        for row in document_rows(file)
        for name, value in row["fields"].items()
        if name in DECIMALS and value is not None and not isinstance(value, str)
    ]
    assert unquoted == []


def test_every_indicator_says_where_it_stands_in_the_document() -> None:
    assert [row for row in rows("indicators.indicator") if not row.get("source_ref")] == []


def test_every_indicator_has_a_target_or_stands_for_the_rows_below_it() -> None:
    promised = {tuple(row["indicator"]) for row in rows("indicators.target")}
    without = [
        row["number"]
        for row in rows("indicators.indicator")
        if (row["plan"][0], row["number"]) not in promised and not row.get("is_group")
    ]
    assert without == []


def test_a_row_that_stands_for_others_has_rows_below_it() -> None:
    parents = {tuple(row["parent"]) for row in rows("indicators.indicator") if row.get("parent")}
    groups = {(row["plan"][0], row["number"]) for row in rows("indicators.indicator") if row.get("is_group")}
    assert groups <= parents
    assert ("laohekou-13", "1") in parents - groups  # table 1 prints figures for row 1 itself


def test_table_1_prints_seven_rows_with_the_verdict_completed() -> None:
    printed = [row for row in rows("indicators.actual") if row["indicator"][0] == "laohekou-13"]
    assert {row["printed_verdict"] for row in printed} == {"完成"}
    assert [row["indicator"][1] for row in printed] == ["1", "1.1", "2", "3", "4", "5", "6"]


def test_table_2_has_fifteen_numbered_rows_each_with_its_attribute() -> None:
    table = {n: row for n, row in of_plan("indicators.indicator", "laohekou-14").items() if row["origin"] == "table"}
    assert [n for n, row in table.items() if not row.get("parent")] == [str(n) for n in range(1, 16)]
    assert {row["attribute"] for row in table.values()} == {"binding", "expected"}
    assert [n for n, row in table.items() if row["attribute"] == "binding"] == ["4", "5", "6", "8", "9"]


def test_box_2_of_chunan_has_ten_rows_with_an_interim_and_a_final_target() -> None:
    table = [n for n, row in of_plan("indicators.indicator", "chunan-14").items() if row["origin"] == "table"]
    assert table == [str(n) for n in range(1, 11)]
    assert {tuple(targets("chunan-14", number)) for number in table} == {(2022, 2025)}


def test_the_attribute_is_unstated_where_the_document_has_no_such_column() -> None:
    stated = [
        (row["plan"][0], row["number"])
        for row in rows("indicators.indicator")
        if row["attribute"] != "unstated" and (row["plan"] != ["laohekou-14"] or row["origin"] != "table")
    ]
    assert stated == []


def test_a_sign_of_absence_is_kept_as_text_and_never_becomes_a_number() -> None:
    signs = [row for row in rows("indicators.indicator") if row.get("baseline_text") in ("/", "*")]
    assert {row.get("baseline_value") for row in signs} == {None}
    slashes = [row["number"] for row in signs if row["plan"] == ["laohekou-14"] and row["baseline_text"] == "/"]
    assert slashes == ["5", "6", "7", "8", "9", "11", "12", "13", "14", "15"]
    assert [row["number"] for row in signs if row["baseline_text"] == "*"] == ["2"]


def test_a_printed_baseline_text_that_is_a_number_is_that_number() -> None:
    for row in rows("indicators.indicator"):
        text = row.get("baseline_text") or ""
        if text.replace(".", "").isdigit():
            assert Decimal(row["baseline_value"]) == Decimal(text), row


@pytest.mark.parametrize(
    ("plan", "number", "words"),
    [
        ("laohekou-13", "1.1", "36.2%"),  # 1,200 of 3,315 beds in the text, 40 % in the table
        ("laohekou-13", "4", "8.0"),
        ("laohekou-14", "3", "3315张"),
        ("laohekou-14", "4", "36.2%"),
        ("laohekou-14", "15", "/万人"),
        ("laohekou-14", "专4", "90%"),  # promises 60 % where table 1 already had 90 %
        ("laohekou-14", "专14", "100%"),
    ],
)
def test_a_contradiction_in_the_document_is_told_in_the_remark(plan: str, number: str, words: str) -> None:
    assert words in of_plan("indicators.indicator", plan)[number]["remark"]


def test_table_3_has_twenty_projects_for_65600_in_all() -> None:
    projects = of_plan("projects.project", "laohekou-14")
    assert list(projects) == [str(n) for n in range(1, 21)]
    assert sum(Decimal(row["total_investment"]) for row in projects.values()) == 65_600


def test_shares_cannot_be_entered_below_0_or_above_100_and_counts_not_below_0() -> None:
    for row in rows("indicators.indicator"):
        if row["kind"] == "qualitative" or row.get("is_group"):
            continue
        if row["unit"] != "%":
            assert row["hard_minimum"] == "0", row
        elif "hard_maximum" in row:
            assert (row["hard_minimum"], row["hard_maximum"]) == ("0", "100"), row
    free = [(row["plan"][0], row["number"]) for row in rows("indicators.indicator") if row["unit"] == "%"]
    free = [key for key in free if "hard_maximum" not in of_plan("indicators.indicator", key[0])[key[1]]]
    # growth rates, and the two ratios of one amount to another
    assert free == [("chunan-14", "9"), *(("laohekou-14", number) for number in ("1", "1.1", "1.2", "2"))]


@pytest.mark.parametrize(
    ("metric", "linked"),
    [
        (
            "nursing-bed-share",
            [("chunan-14", "4"), ("laohekou-13", "1.1"), ("laohekou-14", "4"), ("shanwei-14", "文8")],
        ),
        ("elderly-beds-per-thousand", [("laohekou-13", "1"), ("laohekou-14", "3"), ("panzhihua-13", "文15")]),
        ("dependent-poor-institutional-care-rate", [("laohekou-13", "2"), ("laohekou-14", "专4")]),
        ("low-income-standard", [("chunan-14", "1")]),
    ],
)
def test_the_same_measure_is_linked_across_the_plans(metric: str, linked: list[tuple[str, str]]) -> None:
    found = [(row["plan"][0], row["number"]) for row in rows("indicators.indicator") if row.get("metric") == [metric]]
    assert found == linked


@pytest.mark.parametrize(
    ("metric", "plans"),
    [
        ("disability-living-subsidy", ["laohekou-14", "shanwei-14"]),
        ("disability-nursing-subsidy", ["laohekou-14", "shanwei-14"]),
        ("registered-volunteers", ["laohekou-14", "shanwei-14"]),
        ("home-care-circle", ["haining-2021", "laohekou-14", "shanwei-14"]),
    ],
)
def test_a_measure_that_several_plans_promise_is_found_in_each(metric: str, plans: list[str]) -> None:
    assert [row["plan"][0] for row in rows("indicators.indicator") if row.get("metric") == [metric]] == plans


def test_registered_organizations_and_filed_ones_are_not_the_same_measure() -> None:
    chunan = of_plan("indicators.indicator", "chunan-14")["5"]
    assert "metric" not in chunan
    assert "备案" in chunan["metric_note"]
    assert of_plan("indicators.indicator", "laohekou-13")["4"]["metric"] == ["social-organizations-per-10k"]


def test_no_row_is_linked_and_declared_different_at_once() -> None:
    assert [row for row in rows("indicators.indicator") if row.get("metric") and row.get("metric_note")] == []


def test_every_metric_is_used_and_one_plan_has_it_in_one_row_only() -> None:
    used = [(row["metric"][0], row["plan"][0]) for row in rows("indicators.indicator") if row.get("metric")]
    assert len(used) == len(set(used))
    assert {metric for metric, _ in used} == {row["code"] for row in rows("indicators.metric")}


def test_a_linked_row_has_the_unit_of_its_metric() -> None:
    units = {row["code"]: row["unit"] for row in rows("indicators.metric")}
    different = {
        (row["plan"][0], row["number"], row["unit"])
        for row in rows("indicators.indicator")
        if row.get("metric") and row["unit"] != units[row["metric"][0]]
    }
    # 间, 处 and 个 are measure words of the same count
    assert different == {("laohekou-14", "专3", "处"), ("shanwei-14", "文6", "间")}
