"""What columns are, by the grammar of their heads: one line per head row."""

from __future__ import annotations

import pytest

from reports.reading.reader import NoTable
from tests.reports.reading.books import read, xlsx

# title, head rows (| between cells), roles with years
HEADS = [
    ("“十四五”", ["指标|2020年|2025年"], "name baseline:2020 target:2025"),
    (
        "“十四五”",
        ["编号|指标名称|计量单位|2020年基数|2025年规划数|备注"],
        "number name unit baseline:2020 target:2025 remark",
    ),
    ("", ["指标|2019年|2020年|2025年目标"], "name actual:2019 baseline:2020 target:2025"),
    ("", ["指标|2020年值|2025年值|增幅|2035年远景目标"], "name baseline:2020 target:2025 rate:2025 target:2035"),
    ("“十五五”", ["项目|现状|规划期末值|承办处室"], "name baseline:2025 target:2030 department"),
    ("", ["指标|“十三五”期末值|“十四五”期末值|五年累计"], "name baseline:2020 target:2025 rate:2025"),
    ("", ["领域|主要指标（单位）|２０２０ 年实际值|2O25年目标"], "category name baseline:2020 target:2025"),
    ("", ["指标|二〇二〇年完成|二〇二五年计划"], "name baseline:2020 target:2025"),
    ("", ["一级指标|二级指标|2024年|2030年|年均或累计"], "category name baseline:2024 target:2030 rate:2030"),
    (
        "",
        ["序号|指标|“十四五”规划目标|<|<|属性", "^|^|2020年（基期）|2023年|2025年|^"],
        "number name baseline:2020 target:2023 target:2025 attribute",
    ),
    ("", ["指标|2030年|<|2025年实际", "^|目标|年均|^"], "name target:2030 rate:2030 baseline:2025"),
    ("“十四五”", ["指标|目标值|||", "|2021|2023|2025|牵头单位"], "name target:2021 target:2023 target:2025 department"),
    ("", ["指标|“十三五”末→“十四五”末|属性"], "name target:2025 attribute"),
    ("", ["指标|2020年/2025年"], "name target:2025"),
    ("", ["指标|2021—2025年目标"], "name target:2025"),
    ("“十四五”", ["指标|2020年目标|2020年实际|2025年目标"], "name past_target:2020 baseline:2020 target:2025"),
    ("“十五五”", ["指标|2025年预计值|2030年预期值"], "name baseline:2025 target:2030"),
    ("", ["指标|2024年|2025年|2030年"], "name actual:2024 baseline:2025 target:2030"),
    ("", ["指标|2025年比2020年增长|2020年|2025年"], "name rate:2025 baseline:2020 target:2025"),
    (
        "",
        ["指标|2023年目标|2023年实际|2025年目标|2020年基期"],
        "name target:2023 actual:2023 target:2025 baseline:2020",
    ),
]


@pytest.mark.parametrize(("title", "lines", "expected"), HEADS, ids=[" / ".join(lines) for _, lines, _ in HEADS])
def test_a_head_says_what_its_columns_are(title: str, lines: list[str], expected: str) -> None:
    head = [line.split("|") for line in lines]
    row = ["护理型床位", *("1" for _ in head[0][1:])]
    for place, text in enumerate(head[0]):
        if text in {"指标", "项目", "主要指标（单位）", "二级指标"} or "指标名称" in text:
            row[place] = "护理型床位"
    table = read(xlsx([*head, row], before=[title] if title else ()), "表.xlsx")
    roles = [f"{column.role}:{column.year}" if column.year else column.role for column in table.columns]
    assert " ".join(roles) == expected


def test_a_target_said_from_the_baseline_offers_the_sum_as_a_choice() -> None:
    rows = [
        ["指标", "单位", "2025年", "2030年目标"],
        ["持证比例", "%", "40", "提高10个百分点"],
        ["慈善信托", "万元", "500", "翻一番"],
        ["试点", "个", "", "再增加3个"],
    ]
    table = read(xlsx(rows), "表.xlsx")
    said = {doubt.number: doubt.choices for doubt in table.doubts if doubt.field == "target"}
    assert said == {"1": (("50", "50"),), "2": (("1000", "1000"),), "3": ()}
    assert [row.targets[0].value for row in table.indicators] == [None, None, None]


def test_years_as_rows_are_answered_with_the_advice_to_turn_the_table() -> None:
    rows = [["年份", "床位（张）", "社工（人）"], ["2025年", "100", "20"], ["2030年", "200", "40"]]
    with pytest.raises(NoTable, match="行列互换"):
        read(xlsx(rows), "表.xlsx")
