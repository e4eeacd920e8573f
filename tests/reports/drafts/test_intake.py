"""From what the reader found to a draft, and back out of its JSON unchanged."""

from __future__ import annotations

import json
from decimal import Decimal

from django.core.serializers.json import DjangoJSONEncoder

from indicators.figures import Operator
from indicators.verdicts import Kind
from reports.drafts.answers import AS_READ, WITHOUT
from reports.drafts.content import Content, DraftTarget
from reports.drafts.intake import take_projects, take_table
from reports.drafts.matching import Dictionary, Entry
from reports.reading.found import (
    Attribute,
    Doubt,
    ReadBaseline,
    ReadFunding,
    ReadIndicator,
    ReadProject,
    ReadProjects,
    ReadTable,
    ReadTarget,
)

D = Decimal
DICTIONARY = Dictionary.of([Entry(7, "护理型床位占比", (), "%", "up", 20)])
THEMES = {"assistance": (10, "社会救助"), "elderly": (20, "养老服务")}


def table() -> ReadTable:
    """A group of two rows, one row with a doubt, one without a target."""
    return ReadTable(
        title="表1",
        indicators=[
            ReadIndicator(number="1", name="低保标准增速", is_group=True, category="养老服务", where="表1!A3"),
            ReadIndicator(
                number="1.1",
                parent="1",
                name="其中城市",
                unit="%",
                attribute=Attribute.BINDING,
                baseline=ReadBaseline(2025, D("3.10"), "3.10"),
                targets=[
                    ReadTarget(2030, Operator.APPROX, D(5), text="5左右"),
                    ReadTarget(2027, Operator.RANGE, D(3), D(4), text="3-4"),
                ],
                decimals=2,
                printed={"target 2030": "5左右"},
            ),
            ReadIndicator(number="2", name="护理型床位占比", unit="%", department="养老科", kind=Kind.HOLD),
        ],
        doubts=[
            Doubt("1.1", "direction", 2030, "左右是？", (("up", "越高越好"), ("down", "越低越好")), "up", "表1!E4"),
            Doubt("", "year", None, "基期年是哪一年？", (), "2025"),
        ],
        notes=["注：〔〕内为累计数"],
    )


def taken(read: ReadTable | None = None) -> Content:
    content = Content()
    take_table(content, read or table(), dictionary=DICTIONARY, themes=THEMES, departments={3: "养老科"})
    return content


def test_rows_keep_their_figures_their_order_and_their_place_below_each_other() -> None:
    group, city, beds = taken().rows
    assert (group.is_group, city.parent, beds.parent) == (True, group.key, "")
    assert (city.baseline_year, city.baseline_value, city.attribute) == (2025, D("3.10"), "binding")
    assert city.targets == [
        DraftTarget(2027, "3-4", "range", D(3), D(4)),
        DraftTarget(2030, "5左右", "approx", D(5)),
    ]
    assert [target.shown(city.kind) for target in city.targets] == ["3～4", "约5"]


def test_theme_and_department_are_suggested_and_the_dictionary_is_not_linked() -> None:
    group, city, beds = taken().rows
    assert [row.theme for row in (group, city, beds)] == [20, 20, 20]  # by category, by the row above, by words
    assert [row.theme_confirmed for row in (group, city, beds)] == [False] * 3
    assert (beds.metric, beds.metric_decided, beds.department) == (None, False, 3)


def test_each_doubt_can_be_answered_and_what_has_no_target_is_a_doubt() -> None:
    content = taken()
    direction, year, target = content.doubts
    assert (direction.row, direction.choices) == (content.rows[1].key, [("up", "越高越好"), ("down", "越低越好")])
    assert (year.row, year.choices) == ("", [(AS_READ, "照此：2025")])
    assert (target.row, target.name, target.choices) == (content.rows[2].key, "target", [(WITHOUT, "不设目标值")])


def test_a_draft_comes_out_of_its_json_as_it_went_in() -> None:
    content = taken()
    take_projects(
        content,
        ReadProjects(
            projects=[
                ReadProject(
                    "1",
                    "福利院",
                    total_investment=D("2500.5"),
                    start_year=2026,
                    units=["民政局", "民政局", ""],
                    funding_sources=[ReadFunding("省级", D(3)), ReadFunding("省级")],
                )
            ],
            doubts=[Doubt("1", "end_year", None, "何时完工？")],
        ),
    )
    again = Content.from_json(json.loads(json.dumps(content.as_json(), cls=DjangoJSONEncoder)))
    assert again == content
    assert again.projects[0].total_investment == D("2500.5")
    assert (again.projects[0].units, again.projects[0].funding_sources) == (["民政局"], ["省级"])
    assert again.open_doubts[-1].row == again.projects[0].key


def test_what_is_left_out_raises_no_question() -> None:
    content = taken()
    content.rows[1].is_left_out = True
    assert [doubt.name for doubt in content.open_doubts] == ["year", "target"]


def test_a_key_is_never_given_twice() -> None:
    content = taken()
    keys = [line.key for line in content.lines] + [doubt.key for doubt in content.doubts]
    content.rows.pop()
    assert content.new_key("r") not in keys
    assert len(set(keys)) == len(keys)
