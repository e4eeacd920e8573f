"""`manage.py read_plan_table`: JSON as agreed, a table for people, and an exit code for what cannot be read."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.reports.reading.books import xlsx

ROWS = [
    ["序号", "指标", "2020年实际值", "2025年目标值", "属性"],
    ["1", "城乡低保标准（元/月）", "", "", ""],
    ["", "其中：城市", "690", "≥900", "预期性"],
    ["", "　　　农村", "/", "35～40", "预期性"],
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "表.xlsx"
    path.write_bytes(xlsx(ROWS, before=["“十四五”主要指标"]))
    return path


def test_json_has_the_agreed_names_and_decimals_as_text(file: Path) -> None:
    out = io.StringIO()
    call_command("read_plan_table", str(file), "--json", stdout=out)
    said = json.loads(out.getvalue())
    assert list(said) == ["title", "columns", "indicators", "doubts", "notes"]
    assert [(one["head"], one["role"], one["year"]) for one in said["columns"]] == [
        ("序号", "number", None),
        ("指标", "name", None),
        ("2020年实际值", "baseline", 2020),
        ("2025年目标值", "target", 2025),
        ("属性", "attribute", None),
    ]
    group, city, village = said["indicators"]
    assert (group["number"], group["parent"], group["is_group"], group["targets"]) == ("1", None, True, [])
    assert group["baseline"] == {"year": 2020, "value": None, "text": ""}
    assert {
        name: city[name] for name in ("number", "parent", "name", "unit", "attribute", "kind", "baseline", "targets")
    } == {
        "number": "1.1",
        "parent": "1",
        "name": "城市",
        "unit": "元/月",
        "attribute": "expected",
        "kind": "level",
        "baseline": {"year": 2020, "value": "690", "text": "690"},
        "targets": [{"year": 2025, "operator": "ge", "value": "900", "upper": None, "text": "≥900"}],
    }
    assert village["targets"] == [{"year": 2025, "operator": "range", "value": "35", "upper": "40", "text": "35～40"}]


def test_without_json_the_rows_and_the_doubts_are_shown_in_chinese(file: Path) -> None:
    out = io.StringIO()
    call_command("read_plan_table", str(file), stdout=out)
    shown = out.getvalue()
    assert shown.startswith("指标表：“十四五”主要指标，3行。")
    assert "  其中：城市  元/月  预期性  水平  越高越好  690         ≥900" in shown
    assert shown.rstrip().endswith("没有疑问。")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("表.xlsx", b"abc", "内容却不是"),
        ("表.docx", b"", "文件是空的"),
        ("表.xlsx", xlsx([["甲", "乙"]]), "没有找到指标表"),
        ("没有.xlsx", None, "没有找到文件“没有.xlsx”"),
    ],
)
def test_what_cannot_be_read_is_said_on_stderr_with_exit_code_1(
    tmp_path: Path, name: str, content: bytes | None, reason: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    out, problem = io.StringIO(), io.StringIO()
    with pytest.raises(SystemExit) as left:
        call_command("read_plan_table", str(tmp_path / name), stdout=out, stderr=problem)
    assert (left.value.code, out.getvalue()) == (1, "")
    assert reason in problem.getvalue()
