"""The documents' own tables, rebuilt as files, are read back to exactly what the fixtures say."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from indicators.figures import Operator
from indicators.verdicts import Direction, Kind
from reports.reading.found import Attribute, ReadBaseline, ReadIndicator, ReadTarget
from tests.reports.reading.books import FORMATS, read
from tests.reports.reading.document_tables import (
    CHUNAN,
    CHUNAN_TITLE,
    LAOHEKOU_13,
    LAOHEKOU_13_TITLE,
    LAOHEKOU_14,
    LAOHEKOU_14_TITLE,
)
from tests.reports.reading.made_tables import doubts_of

DOCUMENTS = {
    "laohekou-13": (LAOHEKOU_13_TITLE, LAOHEKOU_13),
    "laohekou-14": (LAOHEKOU_14_TITLE, LAOHEKOU_14),
    "chunan-14": (CHUNAN_TITLE, CHUNAN),
}
# What the fixture knows and the table does not print: (plan, number, field) → what the table alone says.
BEYOND_THE_TABLE = {
    ("laohekou-14", "3", "name"): "每千名老人口拥有养老床位数",  # 年 is missing in print, supplied from 表1
    ("laohekou-14", "14", "targets"): [ReadTarget(2025, Operator.EQ, Decimal("100.00"), None, "100.00")],  # 2022: prose
}
# 淳安's fixture keeps no printed names; the table prints each with its unit in half-width brackets.
HAS_PRINTED_NAMES = {"laohekou-13", "laohekou-14"}
DOUBTS = {"laohekou-13": [], "laohekou-14": ["1:parent"], "chunan-14": []}


@cache
def fixture(plan: str) -> list[dict[str, Any]]:
    file = Path(settings.BASE_DIR) / "fixtures" / "plans" / f"{plan}.yaml"
    return list(yaml.safe_load(file.read_text(encoding="utf-8")))


def expected_rows(plan: str) -> dict[str, ReadIndicator]:
    rows = {}
    for entry in fixture(plan):
        fields = entry["fields"]
        if entry["model"] == "indicators.indicator" and fields["origin"] == "table":
            value = fields.get("baseline_value")
            rows[fields["number"]] = ReadIndicator(
                number=fields["number"],
                name=fields["name"],
                parent=fields["parent"][1] if fields.get("parent") else "",
                printed_name=fields.get("printed_name", ""),
                unit=fields["unit"],
                attribute=Attribute(fields["attribute"]),
                kind=Kind(fields["kind"]),
                direction=Direction(fields["direction"]),
                decimals=fields["decimals"],
                is_group=fields.get("is_group", False),
                baseline=ReadBaseline(
                    fields["baseline_year"], None if value is None else Decimal(value), fields["baseline_text"]
                ),
            )
        elif entry["model"] == "indicators.target" and (row := rows.get(fields["indicator"][1])):
            value = fields["value"]
            row.targets.append(
                ReadTarget(
                    fields["year"],
                    Operator(fields["operator"]),
                    None if value is None else Decimal(value),
                    None,
                    fields["text"],
                )
            )
        elif entry["model"] == "indicators.actual" and (row := rows.get(fields["indicator"][1])):
            row.actuals.append(ReadBaseline(fields["year"], Decimal(fields["value"]), fields["text"]))
    for (of, number, name), said in BEYOND_THE_TABLE.items():
        if of == plan:
            setattr(rows[number], name, said)
    return rows


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("plan", DOCUMENTS)
def test_a_document_s_own_table_is_read_back_to_its_fixture(plan: str, kind: str) -> None:
    title, rows = DOCUMENTS[plan]
    table = read(FORMATS[kind](rows, before=[title]), f"表.{kind}")
    expected = expected_rows(plan)
    assert [row.number for row in table.indicators] == list(expected)
    for row in table.indicators:
        row.where, row.printed = "", {}
        if plan not in HAS_PRINTED_NAMES:
            row.printed_name = ""
        assert row == expected[row.number]
    assert doubts_of(table) == DOUBTS[plan]
