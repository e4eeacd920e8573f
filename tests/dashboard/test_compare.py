"""对比: which metrics are listed, what is comparable, who comes first and when nobody does."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Region, User
from accounts.permissions import ROLE_PERMISSIONS, Permission, Role
from dashboard.compare import drawing
from dashboard.forms import CompareForm
from indicators.models import Indicator, Metric, State, Target
from indicators.neighbourhood import Choice, Comparison, compared_metrics, comparison, metric_rows, metric_seen_by
from indicators.reassess import reassess
from plans.models import Plan
from tests import factories

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
TODAY = date(2026, 5, 6)
NAME = "养老机构护理型床位占比"


@pytest.fixture(autouse=True)
def spring_2026(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 5, 6, 2, 0, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: now)


def metric(**values: Any) -> Metric:
    given = {"code": "nursing-bed-share", "name": NAME, "unit": "%", "direction": "up", "definition": "护理型床位之比"}
    return Metric.objects.create(theme=factories.theme(), **given | values)


def county(number: int) -> Region:
    return factories.region(str(330101 + number), f"{'甲乙丙丁'[number]}县")


def promise(measured: Metric | None, place: Region | None = None, /, **values: Any) -> Indicator:
    """An indicator of the metric in a plan of its own, with approved figures by year: `y2023="47"`."""
    figures = {int(key[1:]): values.pop(key) for key in list(values) if re.fullmatch(r"y\d{4}", key)}
    plan = values.pop("plan", None) or factories.plan(region=place or county(0), short_title=str(place or county(0)))
    row = factories.indicator(plan=plan, metric=measured, **values)
    for year, value in figures.items():
        factories.actual(indicator=row, year=year, value=Decimal(value), state=State.APPROVED)
    reassess(Indicator.objects.filter(pk=row.pk))
    return row


def national(role: Role = Role.LEADER) -> User:
    return factories.person(role, factories.region("100000"))


def compared(measured: Metric, *, user: User | None = None, **choice: Any) -> Comparison:
    rows = metric_rows(measured, user=user or national())
    return comparison(measured, rows, choice=Choice(**choice), on=TODAY)


def places(page: Comparison) -> list[tuple[str, int | None]]:
    return [(line.row.region.name, line.rank) for line in page.lines]


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


# ---- The list


def test_the_list_counts_plans_and_regions_by_theme() -> None:
    beds = metric()
    alone = metric(code="alone", name="只有一个规划")
    first = metric(code="first", name="社会救助指标")
    Metric.objects.filter(pk=first.pk).update(theme=factories.theme("assistance", "社会救助"))
    metric(code="unused", name="没有规划")
    promise(alone)
    promise(first)
    promise(beds, y2021="41", y2022="42")
    promise(beds, county(0), y2023="43")
    promise(beds, county(1))
    lines = compared_metrics(national())
    assert [(line.metric.code, line.plans, line.regions, line.reported, line.last_year) for line in lines] == [
        ("nursing-bed-share", 3, 2, 2, 2023),
        ("alone", 1, 1, 0, None),
        ("first", 1, 1, 0, None),
    ]


def test_the_list_holds_what_one_may_see_and_counts_approved_figures_only() -> None:
    beds = metric()
    mine, theirs = promise(beds, county(0)), promise(beds, county(1), y2023="43")
    factories.actual(indicator=mine, year=2024, state=State.SUBMITTED)
    (line,) = compared_metrics(factories.person(Role.CLERK, county(0)))
    assert (line.plans, line.regions, line.reported, line.last_year) == (1, 1, 0, None)
    assert compared_metrics(factories.person(Role.LEADER, county(2))) == []
    assert metric_seen_by(factories.person(Role.LEADER, county(2)), beds.code) is None
    assert metric_seen_by(factories.person(Role.LEADER, theirs.plan.region), beds.code) == beds


@pytest.mark.parametrize(
    ("text", "found"),
    [("", 2), ("床位", 1), ("app", 1), ("ＡＰＰ", 1), ("户均", 1), ("SERVICE-APP", 1), ("没有这个", 0), ("%", 0)],
)
def test_the_search_knows_names_aliases_and_codes_and_no_case(sign_in: SignIn, text: str, found: int) -> None:
    promise(metric())
    app = metric(code="service-app", name="App服务覆盖率")
    app.aliases.create(name="户均服务")
    promise(app)
    page = sign_in(national()).get("/compare/", {"q": text})
    assert page.content.decode().count('<th scope="row"') == found


def test_a_theme_narrows_the_list_and_an_unknown_one_does_not(sign_in: SignIn) -> None:
    promise(metric())
    other = metric(code="other", name="社会救助指标")
    Metric.objects.filter(pk=other.pk).update(theme=factories.theme("assistance", "社会救助"))
    promise(other)
    client = sign_in(national())
    assert client.get("/compare/?theme=assistance").context["found"] == 1
    assert client.get("/compare/?theme=nothing").context["found"] == 2


def test_nobody_with_a_plan_gets_a_list_that_says_why_it_is_empty(sign_in: SignIn) -> None:
    assert "暂无可对比的内容" in words(sign_in(factories.person()).get("/compare/"))


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_takes_four_queries(django_assert_num_queries: DjangoAssertNumQueries, number: int) -> None:
    for n in range(number):
        promise(metric(code=f"m-{n}", name=f"指标{n}"), county(n), y2023="47")
    leader = national()
    leader.can(Permission.SEE)
    with django_assert_num_queries(4):
        compared_metrics(leader)


# ---- Which metric


def test_a_metric_is_found_by_its_code_or_its_number_the_code_first() -> None:
    beds = metric()
    digits = metric(code=str(beds.pk), name="代码是数字")
    promise(beds)
    leader = national()
    assert metric_seen_by(leader, str(beds.pk)) == beds
    promise(digits)
    assert metric_seen_by(leader, str(beds.pk)) == digits
    assert metric_seen_by(leader, "9" * 30) is None


@pytest.mark.parametrize("role", list(Role))
def test_a_metric_stands_beside_those_one_may_see_and_no_others(role: Role) -> None:
    beds = metric()
    promise(beds, county(0))
    promise(beds, county(1))
    promise(None, county(1), metric_note=f"与“{NAME}”口径不同")
    page = compared(beds, user=factories.person(role, county(0)))
    is_reader = Permission.SEE in ROLE_PERMISSIONS[role]
    assert [line.row.region.name for line in page.lines] == (["甲县"] if is_reader else [])
    assert page.others == []


# ---- Ranking


def test_without_the_setting_nobody_is_ranked_and_rows_stand_by_region_code() -> None:
    beds = metric()
    promise(beds, county(1), y2023="60")
    promise(beds, county(0), y2023="40")
    page = compared(beds)
    assert places(page) == [("甲县", None), ("乙县", None)]
    assert page.ranking_note == "不排名：指标库未将这一指标设为参加排名。各行按区划代码排列。"


def test_the_highest_comes_first_equals_share_a_place_and_the_missing_have_none() -> None:
    beds = metric(is_ranked=True)
    promise(beds, county(0), y2022="99")
    promise(beds, county(1), y2023="60.0000")
    promise(beds, county(2), y2023="70")
    promise(beds, county(3), y2023="60")
    fifth = factories.region("330199", "戊县")
    promise(beds, fifth, y2023="0")
    page = compared(beds, year=2023)
    assert places(page) == [("丙县", 1), ("乙县", 2), ("丁县", 2), ("戊县", 4), ("甲县", None)]
    assert [line.is_tied for line in page.lines] == [False, True, True, False, False]
    assert page.ranking_note.startswith("按2023年已审核数据排名，数值高者在前；")


def test_where_less_is_better_the_lowest_comes_first() -> None:
    cases = metric(is_ranked=True, direction="down")
    for n, value in enumerate(("3", "0", "5")):
        promise(cases, county(n), direction="down", target="1", y2023=value)
    page = compared(cases)
    assert places(page) == [("乙县", 1), ("甲县", 2), ("丙县", 3)]
    assert "越低越好" in page.ranking_note


def test_a_region_with_two_plans_takes_up_one_place() -> None:
    beds = metric(is_ranked=True)
    promise(beds, county(0), y2023="70")
    yearly = factories.plan(region=county(0), kind="yearly", start_year=2023, end_year=2023)
    promise(beds, plan=yearly, target_year=2023, y2023="69")
    promise(beds, county(1), y2023="60")
    assert places(compared(beds)) == [("甲县", 1), ("甲县", 2), ("乙县", 2)]


def test_one_region_alone_is_not_ranked() -> None:
    beds = metric(is_ranked=True)
    promise(beds, county(0), y2023="70")
    promise(beds, county(1))
    page = compared(beds)
    assert (page.is_ranked, places(page)) == (False, [("甲县", None), ("乙县", None)])
    assert page.ranking_note == "不排名：2023年有已审核数据且口径一致的地区不足两个。各行按区划代码排列。"


def test_what_a_planner_took_out_of_the_assessment_keeps_its_figure_and_has_no_place() -> None:
    beds = metric(is_ranked=True)
    for n, value in enumerate(("90", "60", "50")):
        promise(beds, county(n), y2023=value)
    out = Indicator.objects.get(plan__region=county(0))
    factories.exclusion(indicator=out)
    reassess(Indicator.objects.all())
    page = compared(beds, year=2023)
    assert places(page) == [("乙县", 1), ("丙县", 2), ("甲县", None)]
    assert page.lines[-1].cells[2].actual is not None
    assert page.lines[-1].word == "职能划转"
    assert page.lines[-1].ruled_on == "系统评价：提前完成"


def test_a_revised_target_is_shown_from_the_year_in_which_it_counts() -> None:
    beds = metric()
    row = promise(beds, y2022="43", y2024="47")
    row.targets.update(is_current=False)
    Target.objects.create(
        indicator=row,
        year=2025,
        version=2,
        value=Decimal(60),
        text="60",
        counts_from=2024,
        reason="国务院批复",
        approved_by_body="民政部",
        approval_number="民发〔2024〕1号",
        revised_by=national(Role.PLANNER),
        revised_at=timezone.now(),
    )
    assert [compared(beds, year=year).lines[0].target_shown for year in (2022, 2024)] == ["50", "60"]


def test_unless_chosen_the_ranking_is_of_the_latest_year_that_two_regions_have() -> None:
    beds = metric(is_ranked=True)
    promise(beds, county(0), y2023="50", y2024="90")
    promise(beds, county(1), y2023="60")
    page = compared(beds)
    assert (page.year, places(page)) == (2023, [("乙县", 1), ("甲县", 2)])


# ---- Definitions


@pytest.mark.parametrize(
    ("own", "difference"),
    [
        ({"unit": "张"}, "单位为“张”，指标库为“%”"),
        ({"unit": ""}, "单位为“无”，指标库为“%”"),
        ({"kind": "cumulative"}, "类型为“累计”，可比的规划为“水平”"),
        ({"direction": "down"}, "方向为“越低越好”，指标库为“越高越好”"),
        ({"definition": "只计公办机构"}, "本规划另有口径：只计公办机构"),
        ({"metric_note": "含在建床位"}, "规划注明：含在建床位"),
    ],
)
def test_what_is_defined_differently_stands_apart_and_is_never_ranked(own: dict[str, str], difference: str) -> None:
    beds = metric(is_ranked=True)
    promise(beds, county(0), y2023="40")
    promise(beds, county(1), y2023="50")
    promise(beds, county(2), y2023="99", **own)
    page = compared(beds)
    assert places(page) == [("乙县", 1), ("甲县", 2)]
    (other,) = page.others
    assert (other.row.region.name, other.rank, other.row.differences) == ("丙县", None, [difference])
    assert "另有1个口径不同，列在后面，不参与比较。" in page.sentence


@pytest.mark.parametrize(
    ("of_metric", "own"),
    [
        ({}, {"unit": "％"}),
        ({"unit": "个"}, {"unit": "处"}),
        ({}, {"kind": "hold"}),
        ({}, {"definition": " 护理型床位之比 "}),
        ({"definition": ""}, {"definition": "只有一家写了口径"}),
    ],
)
def test_another_wording_of_the_same_definition_is_compared(of_metric: dict[str, str], own: dict[str, str]) -> None:
    beds = metric(**of_metric)
    promise(beds, county(0), unit=beds.unit)
    promise(beds, county(1), **{"unit": beds.unit, **own})
    assert compared(beds).others == []


def test_scaled_units_are_not_the_same() -> None:
    people = metric(unit="人")
    promise(people, unit="万人")
    assert [line.row.differences for line in compared(people).others] == [["单位为“万人”，指标库为“人”"]]


def test_a_near_miss_whose_reason_names_the_metric_is_shown_with_its_reason() -> None:
    beds = metric()
    beds.aliases.create(name="护理型床位比例")
    promise(beds, county(0), y2023="40")
    promise(None, county(1), y2023="99", metric_note="含在建，与“护理型床位比例”口径不同。")
    promise(None, county(2), metric_note="与每千名老年人床位数口径不同。")
    (other,) = compared(beds).others
    assert other.row.differences == ["未与指标库关联：含在建，与“护理型床位比例”口径不同。"]


# ---- What the page says


def test_the_sentence_counts_regions_plans_figures_and_targets_met() -> None:
    beds = metric()
    promise(beds, county(0), y2023="55")
    promise(beds, county(1), y2024="41")
    promise(beds, county(2))
    assert compared(beds).sentence == (
        f"3个地区的3个规划提出“{NAME}”，2个有已审核的数据，其中1个达到目标；各取最新数据年度，最近为2024年。"
    )
    assert compared(beds, year=2023).sentence == (
        f"3个地区的3个规划提出“{NAME}”，2023年1个有已审核的数据，已达到目标。"
    )


def test_the_sentence_of_a_metric_that_only_one_plan_has() -> None:
    beds = metric()
    row = promise(beds)
    assert compared(beds).sentence == f"甲县的1个规划提出“{NAME}”，尚无已审核的数据。暂无其他规划可比。"
    factories.actual(indicator=row, year=2023, value=Decimal(0), state=State.APPROVED)
    reassess(Indicator.objects.all())
    assert compared(beds).sentence == (
        f"甲县的1个规划提出“{NAME}”，有已审核的数据，尚未达到目标；各取最新数据年度，最近为2023年。暂无其他规划可比。"
    )


def test_unapproved_figures_are_for_nobody_not_even_for_who_entered_them(sign_in: SignIn) -> None:
    beds = metric()
    row = promise(beds, county(0), y2022="43.21")
    clerk = factories.person(Role.CLERK, county(0))
    factories.actual(indicator=row, year=2023, value=Decimal("77.77"), state=State.SUBMITTED, entered_by=clerk)
    page = sign_in(clerk).get("/compare/nursing-bed-share/").content.decode()
    assert "43.21" in page
    assert "77.77" not in page


def test_zero_is_zero_a_missing_year_is_a_dash_and_a_year_outside_the_plan_is_empty(sign_in: SignIn) -> None:
    beds = metric()
    earlier = factories.plan(region=county(0), start_year=2016, end_year=2020)
    promise(beds, plan=earlier, target_year=2020, baseline_value=None, baseline_year=None, y2020="0")
    promise(beds, county(0), y2021="41")
    page = sign_in(national()).get("/compare/nursing-bed-share/")
    (first, second) = re.findall(r'<tr id="indicator-.*?</tr>', page.content.decode(), flags=re.DOTALL)

    def years(row: str) -> list[str]:
        cells = re.findall(r'<td class="(?:num|outside)"(?: data-head="\d{4}年")?>(.*?)</td>', row, flags=re.DOTALL)
        return [re.sub(r"<[^>]+>", "", cell).strip() for cell in cells]

    assert years(first) == ["—", "—", "—", "—", "0", "", "", "", "", ""]
    assert years(second) == ["", "", "", "", "", "41", "—", "—", "—", "—"]


def test_the_latest_figure_of_each_plan_is_judged_unless_a_year_is_chosen() -> None:
    beds = metric()
    promise(beds, county(0), y2022="43", y2023="51")
    promise(beds, county(1))
    early, none = compared(beds).lines
    assert (early.year, early.word, early.light) == (2023, "提前完成", "green")
    assert (none.year, none.word, none.light) == (None, "未填报", "grey")
    assert [line.word for line in compared(beds, year=2022).lines] == ["滞后", "未填报"]


def test_demo_figures_are_marked(sign_in: SignIn) -> None:
    row = promise(metric())
    factories.actual(indicator=row, year=2023, value=Decimal(45), state=State.APPROVED, is_demo=True)
    page = sign_in(national()).get("/compare/nursing-bed-share/").content.decode()
    assert page.count("含演示数据") == 3  # under the sentence, beside the chart's title, in its picture
    assert page.count('mark-demo">演示数据') == 1


# ---- Choices


def test_period_level_and_regions_narrow_what_is_compared() -> None:
    beds = metric()
    earlier = factories.plan(region=county(0), start_year=2016, end_year=2020)
    promise(beds, plan=earlier, target_year=2020)
    now, other = promise(beds, county(0)), promise(beds, county(1))
    yearly = factories.plan(region=county(1), kind="yearly", start_year=2021, end_year=2021)
    work = promise(beds, plan=yearly, target_year=2021)

    def kept(**choice: Any) -> list[Plan]:
        return [line.indicator.plan for line in compared(beds, **choice).lines]

    assert kept() == [earlier, now.plan, work.plan, other.plan]
    assert kept(period=(2021, 2025)) == [now.plan, work.plan, other.plan]
    assert kept(period=(2016, 2020)) == [earlier]
    assert kept(regions=frozenset({county(1).code})) == [work.plan, other.plan]
    assert kept(level="province") == []
    assert [cell.year for cell in compared(beds, period=(2021, 2025)).lines[0].cells] == [2021, 2022, 2023, 2024, 2025]


@pytest.mark.parametrize(
    ("query", "choice", "is_valid"),
    [
        ("", Choice(), True),
        ("period=2021-2025&year=2023", Choice(period=(2021, 2025), year=2023), True),
        ("period=2016-2020&year=2023", Choice(period=(2016, 2020)), False),
        ("period=x&year=1e5&level=?&region=000000", Choice(), False),
        ("level=county&region=330101", Choice(level="county", regions=frozenset({"330101"})), True),
    ],
)
def test_a_choice_that_is_not_offered_asks_for_nothing(query: str, choice: Choice, is_valid: bool) -> None:
    beds = metric()
    promise(beds, plan=factories.plan(region=county(0), start_year=2016, end_year=2020), target_year=2020)
    promise(beds, county(0))
    form = CompareForm(QueryDict(query), rows=metric_rows(beds, user=national()))
    assert (form.choice, form.is_valid()) == (choice, is_valid)


def test_the_page_says_that_it_ignored_a_choice(sign_in: SignIn) -> None:
    promise(metric())
    client = sign_in(national())
    page = client.get("/compare/nursing-bed-share/?year=1999&region=999999")
    assert "地址中的选择有的不在可选范围内，已忽略。" in words(page)
    assert 'role="alert"' not in client.get("/compare/nursing-bed-share/?year=2024").content.decode()


# ---- The chart


def test_the_chart_draws_gaps_as_gaps_and_figures_as_text(sign_in: SignIn) -> None:
    beds = metric()
    promise(beds, county(0), decimals=1, y2021="0", y2023="47.5")
    page = sign_in(national()).get("/compare/nursing-bed-share/").content.decode()
    (data,) = re.findall(r'id="compare-chart"[^>]*>(.*?)</script>', page, flags=re.DOTALL)
    chart = json.loads(data)
    (line,) = chart["lines"]
    assert chart["years"] == [2020, 2021, 2022, 2023, 2024, 2025]
    assert line["texts"] == ["40.0", "0.0", None, "47.5", None, None]
    assert (line["baseline"], line["demo"]) == (2020, [])


def test_at_most_twelve_lines_are_drawn_and_the_page_says_so() -> None:
    beds = metric()
    for n in range(14):
        promise(beds, factories.region(str(420101 + n), f"第{n}县"), y2023="47")
    page = compared(beds)
    drawn = drawing(page)
    assert drawn.chart is not None
    assert (len(drawn.chart["lines"]), drawn.left_out, len(page.lines)) == (12, 2, 14)  # type: ignore[arg-type]


def test_what_people_judge_has_no_chart(sign_in: SignIn) -> None:
    circle = metric(unit="")
    row = promise(circle, unit="", kind="qualitative", target=None)
    factories.actual(indicator=row, year=2023, value=None, judgement="met", state=State.APPROVED)
    page = sign_in(national()).get("/compare/nursing-bed-share/")
    assert "已达到" in words(page)
    assert "compare-chart" not in page.content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_a_metric_takes_four_queries_however_many_plans(
    django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    beds = metric(is_ranked=True)
    for n in range(number):
        promise(beds, county(n), y2022="45", y2023="47")
    leader = national()
    leader.can(Permission.SEE)
    found = metric_seen_by(leader, beds.code)
    assert found
    with django_assert_num_queries(4):
        comparison(found, metric_rows(found, user=leader), choice=Choice(), on=TODAY)


# Two are the session and the person, two the memberships, two the metric with its aliases, one the demo strip.
@pytest.mark.parametrize("number", [1, 3])
def test_its_page_asks_nothing_more_per_plan(
    sign_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    beds = metric(is_ranked=True)
    for n in range(number):
        promise(beds, county(n), y2022="45", y2023="47")
    client = sign_in(national())
    with django_assert_num_queries(11):
        client.get("/compare/nursing-bed-share/")


def test_one_figure_that_all_plans_share_is_no_span() -> None:
    measured = metric(unit="个")
    for number in range(2):
        promise(measured, county(number), unit="个", y2023="1")
    assert drawing(compared(measured, year=2023)).title == "2023年2个规划有数据，均为1个"
