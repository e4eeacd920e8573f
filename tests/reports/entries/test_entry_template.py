"""The template a clerk downloads: laid out like the paper form, open only where this clerk may write."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from urllib.parse import unquote

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl.worksheet.worksheet import Worksheet
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.permissions import Role
from indicators.figures import Operator
from indicators.models import Availability, Indicator, State, Target
from indicators.verdicts import Kind
from plans.models import Plan
from tests import factories
from tests.reports.entries.entry_books import YEAR, keys_of, opened, place_of, sheet_of, template_of

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
PATH = "/entry/template.xlsx"


@pytest.fixture
def clerk() -> User:
    return factories.person(Role.CLERK)


@pytest.fixture
def plan() -> Plan:
    plan = factories.plan(code="laohekou-14", short_title="老河口“十四五”", title="老河口市民政事业发展“十四五”规划")
    factories.open_round(plan, YEAR)
    return plan


def heads_of(sheet: Worksheet) -> list[str]:
    """The heads as a person sees them, from left to right."""
    row, columns = keys_of(sheet)
    last = columns["locked"]
    return [str(sheet.cell(row - 2, column).value).split("\n")[0] for column in range(1, last + 1)]


def open_fields(sheet: Worksheet, indicator: Indicator) -> list[str]:
    _, columns = keys_of(sheet)
    return [key for key in columns if not sheet[place_of(sheet, indicator, key)].protection.locked]


def shown(sheet: Worksheet, indicator: Indicator, key: str) -> tuple[object, str]:
    cell = sheet[place_of(sheet, indicator, key)]
    return cell.value, cell.number_format


def test_the_columns_stand_as_on_the_paper_form(clerk: User, plan: Plan) -> None:
    plain = factories.indicator(plan=plan)
    sheet = sheet_of(opened(template_of(plan, user=clerk)), plain)
    assert heads_of(sheet) == [
        *("序号", "指标", "单位", "属性", "基期", "上年实际", "本年目标", "本年实际"),
        *("数据情况", "不适用原因", "数据性质", "说明", "锁定或退回原因"),
    ]
    factories.indicator(plan=plan, kind=Kind.RELATIVE.value)
    factories.indicator(plan=plan, kind=Kind.QUALITATIVE.value)
    sheet = sheet_of(opened(template_of(plan, user=clerk)), plain)
    assert heads_of(sheet)[7:13] == ["本年实际", "对照值", "数据情况", "不适用原因", "数据性质", "定性结论"]


def test_last_year_and_the_target_stand_beside_the_cell_as_numbers(clerk: User, plan: Plan) -> None:
    row = factories.indicator(plan=plan, number="1.10", decimals=1, target="50", name="=1+1")
    factories.actual(indicator=row, year=YEAR - 1, value=Decimal("43.25"), state=State.APPROVED)
    factories.actual(indicator=row, year=YEAR, value=Decimal(0), text="0")
    sheet = sheet_of(opened(template_of(plan, user=clerk)), row)
    assert shown(sheet, row, "number")[0] == "1.10"
    assert (shown(sheet, row, "name")[0], sheet[place_of(sheet, row, "name")].data_type) == ("=1+1", "s")
    assert shown(sheet, row, "baseline") == (40, "0.0")
    assert shown(sheet, row, "previous") == (43.25, "0.00")
    assert shown(sheet, row, "target") == (48, '0.0"（推算）"')
    assert shown(sheet, row, "value") == (0, "0.0")
    assert shown(sheet, row, "region") == ("420682", "General")

    Target.objects.create(indicator=row, year=YEAR, operator=Operator.GE, value=Decimal(47), text="≥47")
    sheet = sheet_of(opened(template_of(plan, user=clerk)), row)
    assert shown(sheet, row, "target") == (47, '"≥"0.0')


def test_only_the_cells_this_clerk_may_write_are_open(clerk: User, plan: Plan) -> None:
    mine, other = factories.department(), factories.department()
    clerk.memberships.get().departments.add(mine)
    plain = factories.indicator(plan=plan, department=mine)
    relative = factories.indicator(plan=plan, department=mine, kind=Kind.RELATIVE.value)
    judged = factories.indicator(plan=plan, department=mine, kind=Kind.QUALITATIVE.value)
    group = factories.indicator(plan=plan, department=mine, is_group=True)
    theirs = factories.indicator(plan=plan, department=other)
    passed_on = factories.indicator(plan=plan, department=mine)
    factories.actual(indicator=passed_on, year=YEAR, state=State.SUBMITTED)
    sheet = sheet_of(opened(template_of(plan, user=clerk)), plain)

    rest = ["availability", "absence_reason", "figure_kind"]
    assert open_fields(sheet, plain) == ["value", *rest, "note"]
    assert open_fields(sheet, relative) == ["value", "comparator", *rest, "note"]
    assert open_fields(sheet, judged) == [*rest, "judgement", "note"]
    assert [open_fields(sheet, row) for row in (group, theirs, passed_on)] == [[], [], []]
    assert [shown(sheet, row, "locked")[0] for row in (plain, group, theirs, passed_on)] == [
        None,
        "数据填在下级行",
        "无权限（不在您负责的科室）",
        "待审核",
    ]
    assert sheet.protection.sheet


def test_outside_its_round_nothing_is_open(clerk: User, plan: Plan) -> None:
    row = factories.indicator(plan=plan)
    plan.rounds.all().delete()
    sheet = sheet_of(opened(template_of(plan, user=clerk)), row)
    assert (open_fields(sheet, row), shown(sheet, row, "locked")[0]) == ([], "未开放填报")


def test_words_are_chosen_from_lists_that_cover_the_open_rows(clerk: User, plan: Plan) -> None:
    first = factories.indicator(plan=plan)
    locked = factories.indicator(plan=plan)
    factories.actual(indicator=locked, year=YEAR, state=State.SUBMITTED)
    third, fourth = factories.indicator(plan=plan), factories.indicator(plan=plan)
    sheet = sheet_of(opened(template_of(plan, user=clerk)), first)
    offers = {str(offer.sqref): offer.formula1 for offer in sheet.data_validations.dataValidation}

    def area(key: str) -> str:
        places = [place_of(sheet, row, key) for row in (first, third, fourth)]
        return f"{places[0]} {places[1]}:{places[2]}"

    found = {" ".join(sorted(ranges.split())): words for ranges, words in offers.items()}
    assert found == {
        area("availability"): '"未报,暂缺,不适用"',
        area("absence_reason"): '"职能划转,口径调整,本地无此业务,其他（见说明）"',
        area("figure_kind"): '"快报,年报"',
    }


def test_what_is_stored_is_filled_in(clerk: User, plan: Plan) -> None:
    row = factories.indicator(plan=plan)
    factories.actual(
        indicator=row,
        year=YEAR,
        value=None,
        availability=Availability.NOT_APPLICABLE,
        absence_reason="transferred",
        figure_kind="preliminary",
        note="机构改革",
    )
    sheet = sheet_of(opened(template_of(plan, user=clerk)), row)
    assert [
        shown(sheet, row, key)[0] for key in ("value", "availability", "absence_reason", "figure_kind", "note")
    ] == [
        None,
        "不适用",
        "职能划转",
        "快报",
        "机构改革",
    ]


def test_a_returned_row_is_open_and_says_why_it_came_back(clerk: User, plan: Plan) -> None:
    row = factories.indicator(plan=plan)
    stored = factories.actual(indicator=row, year=YEAR, state=State.RETURNED)
    stored.events.create(
        at=timezone.now(),
        by=factories.person(Role.REVIEWER),
        move="return",
        state=State.RETURNED,
        version=1,
        note="口径有误",
        availability="reported",
        figure_kind="final",
    )
    sheet = sheet_of(opened(template_of(plan, user=clerk)), row)
    assert shown(sheet, row, "locked")[0] == "退回：口径有误"
    assert "value" in open_fields(sheet, row)


def test_the_keys_are_hidden_and_the_facts_cannot_be_unhidden(clerk: User, plan: Plan) -> None:
    row = factories.indicator(plan=plan)
    book = opened(template_of(plan, user=clerk))
    sheet = sheet_of(book, row)
    head, _ = keys_of(sheet)
    assert sheet.row_dimensions[head].hidden
    assert {letter for letter, dimension in sheet.column_dimensions.items() if dimension.hidden} != set()
    assert [(found.title, found.sheet_state) for found in book.worksheets] == [
        ("老河口“十四五”", "visible"),
        ("填写说明", "visible"),
        ("civplan", "veryHidden"),
    ]
    assert book.active is sheet


def test_several_plans_have_a_sheet_each_and_equal_titles_do_not_collide(clerk: User, plan: Plan) -> None:
    titles = ["老河口“十四五”", "[残疾人]/福利:规划", "长" * 40, "长" * 40]
    plans = [factories.plan(short_title=title) for title in titles]
    for other in (plan, *plans):
        factories.indicator(plan=other)
    names = opened(template_of(plan, *plans, user=clerk)).sheetnames
    long = "长" * 26
    expected = [
        "老河口“十四五”",
        "老河口“十四五”（2）",
        "残疾人福利规划",
        "长" * 31,
        f"{long}（2）",
        "填写说明",
        "civplan",
    ]
    assert names == expected


def test_demo_figures_are_marked(clerk: User, plan: Plan) -> None:
    row = factories.indicator(plan=plan)
    assert "演示数据" not in _words(template_of(plan, user=clerk))
    factories.actual(indicator=row, year=YEAR - 1, is_demo=True)
    assert "含演示数据，不是真实统计" in _words(template_of(plan, user=clerk))


def _words(content: bytes) -> set[object]:
    return {cell.value for sheet in opened(content).worksheets for row in sheet.iter_rows() for cell in row}


# ---- Who gets it


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("plan=laohekou-14&year=2024", 200),
        ("plan=laohekou-14&plan=second&year=2024", 200),
        ("plan=laohekou-14&year=2020", 404),
        ("plan=laohekou-14&year=去年", 404),
        ("plan=laohekou-14", 404),
        ("year=2024", 404),
        ("plan=nowhere&year=2024", 404),
        ("plan=laohekou-14&plan=chunan-14&year=2024", 404),
    ],
)
def test_the_template_is_asked_for_by_plan_and_year(
    sign_in: SignIn, clerk: User, plan: Plan, query: str, status: int
) -> None:
    factories.indicator(plan=plan)
    factories.plan(code="second")
    factories.plan(code="chunan-14", region=factories.region("330127", "淳安县"))
    assert sign_in(clerk).get(f"{PATH}?{query}").status_code == status


def test_it_arrives_with_a_chinese_name(sign_in: SignIn, clerk: User, plan: Plan) -> None:
    factories.indicator(plan=plan)
    headers = sign_in(clerk).get(f"{PATH}?plan=laohekou-14&year=2024").headers
    assert unquote(headers["Content-Disposition"]).endswith("老河口“十四五”_填报模板_2024年.xlsx")
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("rows", [1, 3])
def test_more_rows_take_no_more_queries(
    sign_in: SignIn, clerk: User, plan: Plan, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    for _ in range(rows):
        factories.actual(indicator=factories.indicator(plan=plan), year=YEAR, state=State.RETURNED)
    client = sign_in(clerk)
    with django_assert_num_queries(13):
        client.get(f"{PATH}?plan=laohekou-14&year=2024")
