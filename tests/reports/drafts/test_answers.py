"""An answer goes into the row it is about, or is refused and changes nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from reports.drafts.answers import AS_READ, WITHOUT, NotAnswered, settle
from reports.drafts.content import Content, DraftProject, DraftRow, DraftTarget

D = Decimal


def asked(name: str, **said: Any) -> Content:
    """One row in % with 3 promised for 2030, and a doubt about it."""
    row = DraftRow(key="r1", number="1", name="占比", unit="%", targets=[DraftTarget(2030, "3%左右", "approx", D(3))])
    content = Content(rows=[row])
    content.ask("r1", name, "何意？", **said)
    return content


def answered(name: str, answer: str, **said: Any) -> DraftRow:
    content = asked(name, **said)
    settle(content, content.doubts[0], answer)
    assert content.doubts[0].answer == answer
    return content.rows[0]


def test_kind_direction_and_attribute_take_one_of_their_codes() -> None:
    assert answered("kind", "cumulative").kind == "cumulative"
    assert answered("direction", "down").direction == "down"
    assert answered("attribute", "binding").attribute == "binding"


def test_an_operator_that_was_offered_is_put_before_the_figure() -> None:
    row = answered("target", "le", year=2030, choices=[("ge", "不低于"), ("le", "不高于")])
    assert row.targets == [DraftTarget(2030, "3%左右", "le", D(3))]


def test_a_typed_target_is_read_by_the_parser_of_the_portal() -> None:
    assert answered("target", "３～５%", year=2030).targets == [DraftTarget(2030, "３～５%", "range", D(3), D(5))]
    assert answered("target", "应保尽保", year=2028).targets[0] == DraftTarget(2028, "应保尽保", "text")
    assert answered("target", "0", year=2030).targets == [DraftTarget(2030, "0", "eq", D(0))]


@pytest.mark.parametrize("text", ["/", "—", "不适用"])
def test_a_stated_absence_takes_the_target_away(text: str) -> None:
    assert answered("target", text, year=2030).targets == []


def test_without_is_an_answer_too() -> None:
    assert answered("target", WITHOUT, year=2030, choices=[(WITHOUT, "不设目标值")]).targets == []
    row = answered("baseline", WITHOUT, year=2025, choices=[(WITHOUT, "基期暂缺")])
    assert (row.baseline_value, row.baseline_year, row.baseline_text) == (None, None, "")


def test_a_baseline_gets_the_year_of_the_question() -> None:
    row = answered("baseline", "45.2%", year=2025)
    assert (row.baseline_value, row.baseline_year, row.baseline_text) == (D("45.2"), 2025, "45.2%")


def test_a_demo_figure_is_taken_only_with_a_word_about_it() -> None:
    offered = [("demo_baseline:2024:45.2", "仍用演示数据45.2")]
    row = answered("baseline", "demo_baseline:2024:45.2", year=2025, choices=offered)
    assert (row.baseline_value, row.baseline_year, row.remark) == (D("45.2"), 2024, "基期值为演示数据（2024年）")


def test_a_code_that_was_not_offered_is_only_text() -> None:
    with pytest.raises(NotAnswered):
        answered("baseline", "demo_baseline:2024:45.2", year=2025)


def test_a_proposal_that_is_confirmed_is_the_target_and_says_where_it_rests_on_demo_figures() -> None:
    row = answered("target", "proposed:52.5", year=2030, choices=[("proposed:52.5", "确认")])
    assert row.targets == [DraftTarget(2030, "52.5", "eq", D("52.5"))]
    row = answered("target", "proposed_by_demo:52.5", year=2030, choices=[("proposed_by_demo:52.5", "确认")])
    assert (row.targets[0].value, row.remark) == (D("52.5"), "目标值按演示数据推算")


def test_another_year_of_a_column_moves_its_targets_and_baselines() -> None:
    content = asked("year", year=2030, assumed="2030")
    content.doubts[0].row = ""
    content.rows.append(DraftRow(key="r2", baseline_year=2030, baseline_value=D(1)))
    settle(content, content.doubts[0], "2035年")
    assert [target.year for target in content.rows[0].targets] == [2035]
    assert content.rows[1].baseline_year == 2035


def test_a_baseline_without_a_year_gets_the_one_that_is_answered() -> None:
    content = asked("year")
    content.doubts[0].row = ""
    content.rows[0].baseline_value = D(3)
    settle(content, content.doubts[0], "2025")
    assert (content.rows[0].baseline_year, content.rows[0].targets[0].year) == (2025, 2030)


def test_a_row_is_put_below_the_one_whose_number_is_answered() -> None:
    content = asked("parent")
    content.rows.append(DraftRow(key="r2", number="2"))
    settle(content, content.doubts[0], "2")
    assert content.rows[0].parent == "r2"
    settle(content, content.ask("r1", "parent", "？"), "无")
    assert content.rows[0].parent == ""
    with pytest.raises(NotAnswered, match="没有序号为“7”的行"):
        settle(content, content.ask("r1", "parent", "？"), "7")


def test_no_unit_is_an_answer() -> None:
    assert answered("unit", WITHOUT, choices=[(WITHOUT, "没有单位"), ("%", "%")]).unit == ""


def test_a_target_without_a_year_in_the_question_is_that_of_the_last_year() -> None:
    assert answered("target", "60").targets == [DraftTarget(2030, "60", "eq", D(60))]


def test_which_table_was_read_is_confirmed_and_not_changed_by_an_answer() -> None:
    content = asked("name", choices=[("1", "表1"), ("2", "表2")], assumed="1")
    content.doubts[0].row = ""
    with pytest.raises(NotAnswered, match="重新读入"):
        settle(content, content.doubts[0], "2")
    settle(content, content.doubts[0], "1")
    assert not content.doubts[0].is_open
    assert content.rows[0].name == "占比"


def test_as_read_changes_nothing_but_the_doubt() -> None:
    assert answered("direction", AS_READ, choices=[(AS_READ, "照此")]) == asked("x").rows[0]


def test_what_no_column_holds_stays_readable_in_the_remark() -> None:
    row = answered("footnote", "a", choices=[("a", "含集体户")])
    assert row.remark == "何意？含集体户"


@pytest.mark.parametrize(
    ("name", "answer", "words"),
    [
        ("kind", "whatever", "请从所列的选项中选择"),
        ("target", "1,23", "1,23"),
        ("target", "=cmd|' /C calc'!A0", "像是公式"),
        ("target", "9" * 101, "太长了"),
        ("baseline", "NaN", "不是数字"),
        ("unit", "百" * 21, "最多20个字"),
        ("decimals", "5", "应为0～4"),
        ("name", "", "请选择或填写"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_and_changes_nothing(name: str, answer: str, words: str) -> None:
    content = asked(name, year=2030)
    with pytest.raises(NotAnswered, match=words):
        settle(content, content.doubts[0], answer)
    assert content.doubts[0].is_open
    assert content.rows == asked(name).rows


def test_a_project_takes_its_figures_too() -> None:
    content = Content(projects=[DraftProject(key="p1", number="1", name="福利院")])
    for name, answer in (("total_investment", "2.5万"), ("start_year", "2027"), ("other", "是")):
        settle(content, content.ask("p1", name, "？"), answer)
    project = content.projects[0]
    assert (project.total_investment, project.start_year, project.remark) == (D("2.5"), 2027, "？是")
    with pytest.raises(NotAnswered, match="四位年份"):
        settle(content, content.ask("p1", "end_year", "？"), "明年")
