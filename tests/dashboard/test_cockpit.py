"""驾驶舱: the sentence, the lists behind it, what changed; by region, by period, and for whole provinces."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Region, User
from accounts.permissions import Role
from dashboard.changes import IMPROVED, NEWLY_MET, NEWLY_REPORTED, WORSENED, kind_of_change
from dashboard.cockpit import Block, Cockpit, cockpit, regions_offered
from dashboard.lags import Wanted
from indicators.definitions import Promise, revise_target
from indicators.models import Indicator, Origin, State
from indicators.reassess import reassess
from indicators.verdicts import Light, Verdict
from plans.models import Plan
from projects.models import Stage, WorkState
from tests import factories

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
TODAY = date(2024, 5, 6)


@pytest.fixture(autouse=True)
def spring_2024(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2024, 5, 6, 2, 0, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: now)


@pytest.fixture
def leader() -> User:
    return factories.person(Role.LEADER)


def words(answer: Any) -> str:
    """What a reader reads: the page without its tags."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


def approve(indicator: Indicator, value: str, year: int = 2023, **values: Any) -> None:
    factories.actual(indicator=indicator, year=year, value=Decimal(value), state=State.APPROVED, **values)


def reassessed(**years: str) -> Indicator:
    """An indicator from 40 to 50 with approved figures: reassessed(y2022="41", y2023="47")."""
    indicator = factories.indicator()
    for year, value in years.items():
        approve(indicator, value, int(year[1:]))
    reassess(Indicator.objects.all())
    return indicator


def opened(user: User, code: str = "420682", **chosen: Any) -> Cockpit:
    return cockpit(Region.objects.get(code=code), user=user, on=TODAY, **chosen)


def only_block(user: User, **chosen: Any) -> Block:
    (block,) = opened(user, **chosen).blocks
    return block


# ---- The sentence and the lights


def test_the_cockpit_counts_as_the_plans_page_does(leader: User, sign_in: SignIn) -> None:
    plan = factories.plan(code="laohekou-14")
    group = factories.indicator(plan=plan, target=None, is_group=True)
    approve(factories.indicator(plan=plan, parent=group), "41")
    approve(factories.indicator(plan=plan, attribute="binding"), "41")
    approve(factories.indicator(plan=plan, attribute="expected"), "47")
    factories.indicator(plan=plan, origin=Origin.TEXT)
    reassess(Indicator.objects.all())
    sentence = only_block(leader).head.standing.sentence
    assert sentence == "3项指标：符合预期1项、滞后2项；约束性指标1项，其中滞后1项。"
    client = sign_in(leader)
    assert sentence in words(client.get("/cockpit/"))
    assert sentence in words(client.get("/plans/laohekou-14/"))


def test_the_lights_on_the_page_are_those_of_the_api(leader: User, sign_in: SignIn) -> None:
    plan = factories.plan()
    for value in ("41", "42", "45.5", "47", "51"):
        approve(factories.indicator(plan=plan), value)
    factories.indicator(plan=plan)
    reassess(Indicator.objects.all())
    client = sign_in(leader)
    address = f"/api/v1/assessments/?plan={plan.code}&year=2023&light="
    of_the_api = {light: client.get(address + light).json()["count"] for light in Light}
    page = client.get("/cockpit/").content.decode()
    tiles = dict(re.findall(r'class="tile light-(\w+)".*?</span>(\d+)</strong>', page))
    assert {light: int(count) for light, count in tiles.items()} == of_the_api
    assert of_the_api == {"green": 2, "yellow": 1, "red": 2, "grey": 1}


def test_groups_say_how_each_attribute_and_theme_stands(leader: User) -> None:
    plan = factories.plan()
    children = factories.theme("children", "儿童福利")
    approve(factories.indicator(plan=plan, attribute="binding"), "41")
    approve(factories.indicator(plan=plan, attribute="expected", theme=children), "47")
    reassess(Indicator.objects.all())
    standing = only_block(leader).head.standing
    by_attribute = {group.word: group.standing.lights[Light.RED] for group in standing.attributes}
    assert by_attribute == {"约束性": 1, "预期性": 0}
    assert {group.word: group.standing.total for group in standing.by_theme} == {"养老服务": 1, "儿童福利": 1}
    assert standing.binding_red == 1
    assert standing.message == "滞后指标最多的领域：养老服务（1项）"
    assert [(segment.count, segment.start) for segment in standing.segments] == [(1, 0), (0, 1), (1, 1), (0, 2)]


def test_every_number_opens_its_list(leader: User, sign_in: SignIn) -> None:
    plan = factories.plan()
    lagging = factories.indicator(plan=plan, attribute="binding")
    approve(lagging, "41")
    approve(factories.indicator(plan=plan, attribute="expected"), "47")
    reassess(Indicator.objects.all())
    client = sign_in(leader)
    page = client.get("/cockpit/").content.decode()
    links = {html.unescape(link) for link in re.findall(rf'href="(/plans/{plan.code}/\?[^"#]*)', page)}
    for query in (
        "light=red",
        "attribute=binding",
        "attribute=binding&light=red",
        "theme=elderly&light=red",
        "verdict=behind",
    ):
        address = f"/plans/{plan.code}/?year=2023&rows=number&{query}"
        assert address in links
        numbers = re.findall(r'id="indicator-(\d+)"', client.get(address).content.decode())
        assert numbers == [str(lagging.pk)]
    assert f'href="/indicators/{lagging.pk}/"' in page


def test_a_year_that_is_not_over_never_colours_the_picture(leader: User, sign_in: SignIn) -> None:
    plan = factories.plan()
    indicator = factories.indicator(plan=plan)
    factories.indicator(plan=plan)
    approve(indicator, "47", 2023)
    approve(indicator, "47.5", 2024)
    reassess(Indicator.objects.all())
    head = only_block(leader).head
    assert head.year == 2023
    assert [(line.year, line.approved, line.due) for line in head.reporting] == [(2024, 1, 2)]
    page = words(sign_in(leader).get("/cockpit/"))
    assert "2024年已审核 1 项 ， 应报2项" in page


def test_a_plan_without_approved_figures_says_so(leader: User, sign_in: SignIn) -> None:
    factories.actual(state=State.SUBMITTED, value=Decimal("81.77"))
    reassess(Indicator.objects.all())
    page = words(sign_in(leader).get("/cockpit/"))
    assert "“十四五” ：尚无已审核的实际值。" in page or "“十四五”：尚无已审核的实际值。" in page
    assert "81.77" not in page


def test_figures_before_approval_are_not_counted(leader: User) -> None:
    indicator = reassessed(y2022="44.5")
    factories.actual(indicator=indicator, year=2023, value=Decimal(41), state=State.SUBMITTED)
    assert only_block(leader).head.year == 2022


@pytest.mark.parametrize("is_demo", [True, False])
def test_demo_figures_are_marked_and_others_are_not(leader: User, sign_in: SignIn, is_demo: bool) -> None:
    indicator = factories.indicator()
    approve(indicator, "47", is_demo=is_demo)
    reassess(Indicator.objects.all())
    assert only_block(leader).head.is_demo is is_demo
    page = sign_in(leader).get("/cockpit/").content.decode()
    assert ('<span class="mark mark-demo">演示数据</span>' in page) is is_demo
    assert '<span class="mark mark-approved">已审核</span>' in page


# ---- What lags


def test_what_lags_is_listed_with_its_gap_its_owner_and_its_reason(leader: User, sign_in: SignIn) -> None:
    plan = factories.plan()
    owner = factories.department(name="养老服务科")
    mild = factories.indicator(plan=plan, name="轻度")
    red = factories.indicator(plan=plan, name="红灯", department=owner)
    binding = factories.indicator(plan=plan, name="约束", attribute="binding")
    approve(factories.indicator(plan=plan, name="绿灯"), "47")
    approve(mild, "45.5")
    approve(red, "41", note="项目用地没有批复")
    approve(binding, "45.5")
    reassess(Indicator.objects.all())
    lagging = only_block(leader).lagging
    assert [lag.indicator for lag in lagging] == [binding, red, mild]
    assert lagging[1].assessment.gap == Decimal("-9.0000")
    assert lagging[1].assessment.needed_per_year == Decimal("4.5000")
    page = words(sign_in(leader).get("/cockpit/"))
    row = page[page.index("红灯（%）") :]
    for said in ("滞后", "41", "−9个百分点", "+4.5个百分点", "养老服务科", "项目用地没有批复"):
        assert said in row


def test_what_lags_is_held_against_the_target_of_its_year_not_a_later_one(leader: User) -> None:
    indicator = factories.indicator(plan=factories.plan())
    approve(indicator, "41")
    revise_target(
        indicator=indicator,
        year=2025,
        promise=Promise.read("56", unit="%"),
        counts_from=2024,
        reason="中期调整",
        approved_by_body="湖北省民政厅",
        approval_number="鄂民发〔2024〕1号",
        version=1,
        by=factories.person(Role.PLANNER),
    )
    (lag,) = only_block(leader).lagging
    assert (lag.assessment.year, lag.final_target and lag.final_target.value) == (2023, 50)
    assert lag.assessment.gap == Decimal("-9.0000")  # 41 − 50


def test_the_forecast_says_which_verdict_it_would_give(leader: User) -> None:
    reassessed(y2021="40.5", y2022="41", y2023="41.5")
    (lag,) = only_block(leader).lagging
    assert lag.assessment.forecast == Decimal("42.5000")
    assert (lag.forecast_word, lag.forecast_light) == ("未完成", Light.RED)


# ---- What changed


@pytest.mark.parametrize(
    ("was", "was_met", "now", "is_met", "kind"),
    [
        (Verdict.BEHIND, False, Verdict.ON_TRACK, False, IMPROVED),
        (Verdict.BEHIND, False, Verdict.SLIGHTLY_BEHIND, False, IMPROVED),
        (Verdict.ON_TRACK, False, Verdict.SLIGHTLY_BEHIND, False, WORSENED),
        (Verdict.EARLY, True, Verdict.FALLEN_BACK, False, WORSENED),
        (Verdict.ON_TRACK, False, Verdict.EARLY, True, NEWLY_MET),
        (Verdict.BEHIND, False, Verdict.MET, True, NEWLY_MET),
        (Verdict.UNREPORTED, None, Verdict.BEHIND, False, NEWLY_REPORTED),
        (Verdict.NOT_DUE, None, Verdict.MET, True, NEWLY_REPORTED),
        (Verdict.ON_TRACK, False, Verdict.AHEAD, False, ""),
        (Verdict.MET, True, Verdict.MET, True, ""),
        (Verdict.ON_TRACK, False, Verdict.UNREPORTED, None, ""),
        (Verdict.UNJUDGED, None, Verdict.ON_TRACK, False, ""),
        (Verdict.ON_TRACK, False, Verdict.UNJUDGED, None, ""),
    ],
)
def test_a_change_has_one_name(
    was: Verdict, was_met: bool | None, now: Verdict, is_met: bool | None, kind: str
) -> None:
    assert kind_of_change(was, was_met, now, is_met) == kind


def test_changes_are_those_from_the_year_before_to_the_data_year(leader: User) -> None:
    plan = factories.plan()
    for name, before, after in (
        ("好转", "41", "47"),
        ("转差", "44", "41"),
        ("达到", "44", "50"),
        ("新报", None, "47"),
        ("不变", "44", "46"),
    ):
        indicator = factories.indicator(plan=plan, name=name)
        if before:
            approve(indicator, before, 2022)
        approve(indicator, after, 2023)
    reassess(Indicator.objects.all())
    kinds = only_block(leader).changes.kinds
    named = {kind: [change.label.split()[1] for change in found] for kind, found in kinds}
    assert named == {WORSENED: ["转差"], IMPROVED: ["好转"], NEWLY_MET: ["达到"], NEWLY_REPORTED: ["新报"]}


def test_the_first_year_of_a_plan_has_nothing_to_be_compared_with(leader: User, sign_in: SignIn) -> None:
    reassessed(y2021="42")
    changes = only_block(leader).changes
    assert changes.is_first_year
    assert [found for _, found in changes.kinds] == [[], [], [], []]
    assert "2021年是规划的第一个数据年度，没有上年可比。" in words(sign_in(leader).get("/cockpit/"))


def test_approvals_count_from_the_day_after_the_last_round_closed(leader: User) -> None:
    plan = factories.plan()
    closed = factories.open_round(plan, 2022, due_on=date(2024, 3, 31))
    factories.open_round(plan, 2023, due_on=date(2024, 6, 30))
    moments = {
        "当日": datetime(2024, 3, 31, 15, 59, tzinfo=UTC),  # 23:59 in Beijing
        "次日": datetime(2024, 3, 31, 16, 0, tzinfo=UTC),
    }
    for name, at in moments.items():
        approve(factories.indicator(plan=plan, name=name), "47", approved_at=at)
    reassess(Indicator.objects.all())
    changes = only_block(leader).changes
    assert changes.last_round == closed
    assert [approval.label.split()[1] for approval in changes.approvals] == ["次日"]


# ---- Reports that are late, projects, work items


def test_reports_are_late_when_their_departments_deadline_is_over(leader: User, sign_in: SignIn) -> None:
    plan = factories.plan()
    late, given_time = factories.department(), factories.department()
    for department in (late, late, given_time):
        factories.indicator(plan=plan, department=department)
    submitted = factories.indicator(plan=plan, department=late)
    factories.actual(indicator=submitted, state=State.SUBMITTED)
    round_ = factories.open_round(plan, 2023, due_on=date(2024, 4, 30))
    planner = factories.person(Role.PLANNER)
    round_.extensions.create(department=given_time, until=date(2024, 6, 30), allowed_by=planner, reason="汛期")
    reassess(Indicator.objects.all())
    assert only_block(leader).head.overdue == 2
    assert "逾期未报 2 项" in words(sign_in(leader).get("/cockpit/"))


def test_projects_stand_where_their_newest_approved_month_says(leader: User, sign_in: SignIn) -> None:
    plan = factories.plan()
    one = factories.project(plan=plan, name="福利院", stage=Stage.IDEA)
    factories.project_report(
        project=one, state=State.APPROVED, stage=Stage.UNDER_WAY, investment_done=Decimal(900), problems="用地未批"
    )
    factories.project_report(project=one, month=7, state=State.SUBMITTED, stage=Stage.COMPLETED)
    factories.project(plan=plan, stage=Stage.IDEA, total_investment=None)
    projects = only_block(leader).projects
    assert [(money.key, money.count, money.planned) for money in projects.stages] == [
        (Stage.IDEA, 1, None),
        (Stage.UNDER_WAY, 1, 2500),
    ]
    money = projects.all
    assert (money.count, money.planned, money.done, len(money.reported), money.unpriced) == (2, 2500, 900, 1, 1)
    assert str(projects.newest_month) == "2023年6月"
    assert [row.project for row in projects.troubled] == [one]
    page = words(sign_in(leader).get("/cockpit/"))
    assert "总投资2500万元（另有1个未载明投资）； 1个已报投资进展 ，累计完成投资900万元。" in page


def test_work_items_are_overdue_the_day_after_their_day(leader: User) -> None:
    plan = factories.plan()
    for title, due_on, state in (
        ("昨日", date(2024, 5, 5), WorkState.UNDER_WAY),
        ("昨日完成", date(2024, 5, 5), WorkState.DONE),
        ("今日", date(2024, 5, 6), WorkState.NOT_STARTED),
        ("七月五日", date(2024, 7, 5), WorkState.NOT_STARTED),
        ("七月六日", date(2024, 7, 6), WorkState.NOT_STARTED),
        ("无期限", None, WorkState.NOT_STARTED),
    ):
        factories.work_item(plan=plan, title=title, due_on=due_on, state=state)
    work = only_block(leader).work
    assert [item.title for item in work.overdue] == ["昨日"]
    assert [item.title for item in work.soon] == ["今日", "七月五日"]
    assert dict(work.states) == {WorkState.NOT_STARTED: 4, WorkState.UNDER_WAY: 1, WorkState.DONE: 1}


# ---- Periods and regions


def test_yearly_plans_stand_beside_the_five_year_plan_of_their_period(leader: User, sign_in: SignIn) -> None:
    five = factories.plan(code="five")
    yearly = factories.plan(code="yearly", kind="yearly", start_year=2023, end_year=2023)
    before = factories.plan(code="before", start_year=2016, end_year=2020, short_title="“十三五”")
    for plan in (five, yearly):
        approve(factories.indicator(plan=plan), "47")
    reassess(Indicator.objects.all())
    found = opened(leader)
    assert {block.head.plan for block in found.blocks} == {five, yearly}
    assert [(str(one.period), one.n_plans) for one in found.periods] == [("十三五", 1), ("十四五", 2), ("十五五", 0)]
    assert [block.head.plan for block in opened(leader, period=13).blocks] == [before]
    client = sign_in(leader)
    assert "老河口市“十五五”还没有规划。" in words(client.get("/cockpit/?period=15"))
    assert client.get("/cockpit/?period=x&sort=x&light=x&theme=%00&all=x").status_code == 200


def test_the_period_that_opens_first_is_the_last_with_figures_of_a_year_that_is_over(leader: User) -> None:
    before = factories.plan(start_year=2016, end_year=2020)
    assert opened(leader).period.number == 13
    approve(factories.indicator(plan=before, baseline_year=2015, target_year=2020), "47", 2019)
    factories.plan()
    assert opened(leader).period.number == 13


def test_a_leader_opens_their_own_region_and_chooses_among_those_they_see(sign_in: SignIn) -> None:
    factories.plan(code="here")
    factories.plan(code="there", region=factories.region("330127", "淳安县"))
    factories.region("330000", "浙江省")
    factories.region("440000", "广东省")
    country = factories.person(Role.LEADER, factories.region("100000"))
    assert [region.code for region in regions_offered(country)] == ["100000", "330000", "330127", "420682"]
    client = sign_in(country)
    assert "全国 驾驶舱" in words(client.get("/cockpit/"))
    answer = client.get("/cockpit/?region=330127&period=14")
    assert answer.headers["Location"] == "/cockpit/330127/?period=14"
    assert "淳安县 驾驶舱" in words(client.get("/cockpit/330127/?period=14"))
    here = sign_in(factories.person(Role.LEADER))
    assert "老河口市 驾驶舱" in words(here.get("/cockpit/"))
    assert here.get("/cockpit/330127/").status_code == 404
    assert here.get("/cockpit/100000/").status_code == 404
    assert "您的权限范围内还没有规划" in words(sign_in(factories.person()).get("/cockpit/"))


# ---- A region above


def county(number: int, *values: str, attribute: str = "expected", **plan: Any) -> Plan:
    """A county of 湖北 with an indicator per figure of 2023."""
    code = f"4206{number:02d}"
    made = factories.plan(code=f"plan-of-{code}", region=factories.region(code, f"第{number}市"), **plan)
    for value in values:
        approve(factories.indicator(plan=made, attribute=attribute), value)
    return made


@pytest.fixture
def province() -> User:
    return factories.person(Role.LEADER, factories.region("420000", "湖北省"))


def test_a_province_counts_over_all_plans_below_it(province: User, sign_in: SignIn) -> None:
    county(81, "41", "47", attribute="binding")
    county(82, "45.5")
    county(83)
    factories.indicator(plan=factories.plan(region=factories.region("330127", "淳安县")))
    reassess(Indicator.objects.all())
    found = opened(province, "420000")
    assert found.blocks == []
    assert found.below is not None
    assert found.below.standing.sentence == ("3项指标：符合预期1项、轻度滞后1项、滞后1项；约束性指标2项，其中滞后1项。")
    assert [(head.plan.region.name, head.year) for head in found.below.plans] == [
        ("第81市", 2023),
        ("第82市", 2023),
        ("第83市", None),
    ]
    assert found.below.without_figures == 1
    assert [lag.light for lag in found.below.listed] == [Light.RED, Light.YELLOW]
    page = words(sign_in(province).get("/cockpit/"))
    assert found.below.standing.sentence in page
    assert "尚无已审核的数据" in page


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("code", [81, 82, 83]),
        ("-code", [83, 82, 81]),
        ("-red", [82, 81, 83]),
        ("-yellow", [83, 81, 82]),
        ("green", [82, 83, 81]),
        ("-binding", [82, 81, 83]),
        ("-rate", [81, 82, 83]),
        ("-indicators", [82, 81, 83]),
        ("-year", [81, 82, 83]),
    ],
)
def test_the_table_of_regions_sorts_by_each_column(province: User, sort: str, order: list[int]) -> None:
    county(81, "51")
    county(82, "41", "41", attribute="binding")
    county(83, "45.5")
    reassess(Indicator.objects.all())
    found = opened(province, "420000", wanted=Wanted(sort=sort)).below
    assert found is not None
    assert [int(head.plan.region.code[-2:]) for head in found.plans] == order


def test_the_list_is_cut_and_can_be_seen_whole(
    province: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.cockpit.SHORT", 2)
    county(81, "41", "41", "45.5", "47")
    reassess(Indicator.objects.all())
    client = sign_in(province)
    assert "查看全部 3项" in words(client.get("/cockpit/"))
    assert "查看全部" not in words(client.get("/cockpit/?all=1"))
    assert client.get("/cockpit/?all=1").content.decode().count("未写说明") == 3
    chosen = words(client.get("/cockpit/?light=green&theme=elderly"))
    assert "所选指标 1项" in chosen
    assert "所选指标 0项" in words(client.get("/cockpit/?light=green&attribute=binding"))


def test_a_list_of_what_is_not_reported_shows_no_figure_before_its_approval(province: User, sign_in: SignIn) -> None:
    plan = county(81, "41")
    waiting = factories.indicator(plan=plan, name="待审核的指标")
    factories.actual(indicator=waiting, value=Decimal("81.77"), state=State.SUBMITTED)
    reassess(Indicator.objects.all())
    page = words(sign_in(province).get("/cockpit/?light=grey"))
    assert "待审核的指标" in page
    assert "81.77" not in page


# ---- Queries


def fill(number: int) -> None:
    """So many counties with plans of two years each, and the same for the region itself."""
    for at in range(number):
        for plan in (county(10 + at), factories.plan()):
            for year in (2022, 2023):
                approve(factories.indicator(plan=plan, department=factories.department(region=plan.region)), "41", year)
            round_ = factories.open_round(plan, 2022, due_on=date(2023, 3, 31))
            planner = factories.person(Role.PLANNER)
            round_.extensions.create(until=date(2023, 4, 30), allowed_by=planner, reason="汛期")
            factories.project_report(project=factories.project(plan=plan), state=State.APPROVED)
            factories.work_item(plan=plan, due_on=date(2024, 1, 1))
    reassess(Indicator.objects.all())


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(("code", "queries"), [("420682", 17), ("420600", 16)])
def test_a_cockpit_takes_as_many_queries_for_three_plans_as_for_one(
    django_assert_num_queries: DjangoAssertNumQueries, number: int, code: str, queries: int
) -> None:
    fill(number)
    factories.region("420600", "襄阳市")
    person = factories.person(Role.LEADER, factories.region("100000"))
    assert person.held
    with django_assert_num_queries(queries):
        opened(person, code)


@pytest.mark.parametrize("number", [1, 3])
def test_the_whole_page_takes_a_fixed_number_of_queries(
    django_assert_num_queries: DjangoAssertNumQueries, sign_in: SignIn, number: int
) -> None:
    fill(number)
    client = sign_in(factories.person(Role.LEADER, factories.region("100000")))
    with django_assert_num_queries(22):
        assert client.get("/cockpit/").status_code == 200


@pytest.mark.parametrize("number", [1, 30])
def test_thirty_counties_are_answered_in_the_queries_of_one(
    django_assert_num_queries: DjangoAssertNumQueries, province: User, sign_in: SignIn, number: int
) -> None:
    plans = [county(at) for at in range(10, 10 + number)]
    rows = [
        Indicator(plan=plan, number=str(at), order=at, name=f"指标{at}", theme=factories.theme(), attribute="expected")
        for plan in plans
        for at in range(10)
    ]
    Indicator.objects.bulk_create(rows)
    approve(rows[0], "41")
    reassess(Indicator.objects.all())
    client = sign_in(province)
    with django_assert_num_queries(17):
        page = words(client.get("/cockpit/"))
    assert f"湖北省各地区 {number}个规划" in page


def test_a_province_shows_projects_by_stage_with_money_and_what_changed_below(province: User, sign_in: SignIn) -> None:
    first, second = county(81), county(82)
    for plan, before, after in ((first, "44", "41"), (second, "41", "47")):
        indicator = factories.indicator(plan=plan, name=f"指标{after}")
        approve(indicator, before, 2022)
        approve(indicator, after, 2023)
        factories.open_round(plan, 2022, due_on=date(2023, 3, 31))
    begun = factories.project(plan=first, stage=Stage.IDEA, total_investment=Decimal("1000.0001"))
    factories.project_report(project=begun, state=State.APPROVED, stage=Stage.UNDER_WAY, investment_done=Decimal(300))
    factories.project_report(project=begun, month=8, state=State.SUBMITTED, stage=Stage.COMPLETED)
    factories.project(plan=second, stage=Stage.UNDER_WAY, total_investment=Decimal("0.0002"))
    factories.project(plan=second, stage=Stage.IDEA, total_investment=None)
    factories.project(plan=factories.plan(region=factories.region("330127", "淳安县")))
    reassess(Indicator.objects.all())
    below = opened(province, "420000").below
    assert below is not None
    assert below.projects is not None
    stages = [(line.stage, line.count, line.planned, line.unpriced, line.done) for line in below.projects.stages]
    assert stages == [
        (Stage.IDEA, 1, None, 1, None),
        (Stage.UNDER_WAY, 2, Decimal("1000.0003"), 0, Decimal(300)),
    ]
    named = {
        kind: [(change.label.split()[1], change.place) for change in found] for kind, _, found in below.changes.kinds
    }
    assert named[WORSENED] == [("指标41", "第81市“十四五”")]
    assert named[IMPROVED] == [("指标47", "第82市“十四五”")]
    assert below.changes.n_approvals == len(below.changes.approvals) == 4
    page = words(sign_in(province).get("/cockpit/420000/projects/?period=14&stage=under_way"))
    assert "湖北省重点项目：实施中 2个" in page
    assert "没有这样的项目" in words(sign_in(province).get("/cockpit/420000/projects/?plan=x&stage=%00&period=x"))


def test_what_is_overdue_is_listed_with_its_deadline(leader: User, sign_in: SignIn) -> None:
    plan = factories.plan()
    late, given_time = factories.department(), factories.department()
    factories.indicator(plan=plan, department=late, name="逾期的指标")
    factories.indicator(plan=plan, department=given_time, name="延期的指标")
    round_ = factories.open_round(plan, 2023, due_on=date(2024, 4, 30))
    planner = factories.person(Role.PLANNER)
    round_.extensions.create(department=given_time, until=date(2024, 6, 30), allowed_by=planner, reason="汛期")
    page = words(sign_in(leader).get(f"/cockpit/420682/overdue/?plan={plan.code}"))
    assert "逾期未报 1项" in page
    assert "逾期的指标（%）" in page
    assert "2024-04-30 6" in page
    assert "延期的指标" not in page
