"""Home, the list of plans, and a plan's page with its filters."""

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

from accounts.models import User
from accounts.permissions import Permission, Role
from dashboard.queries import plan_summaries
from indicators.models import Indicator, Origin, State
from indicators.reassess import reassess
from plans.models import Plan
from tests import factories

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
TODAY = date(2024, 5, 6)


@pytest.fixture(autouse=True)
def spring_2024(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2024, 5, 6, 2, 0, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: now)


def words(answer: Any) -> str:
    """What a reader reads: the page without its tags."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


def cell(answer: Any, indicator: Indicator, head: str) -> str:
    """What stands in an indicator's row under this head."""
    page = answer.content.decode()
    (row,) = re.findall(rf'<tr[^>]*id="indicator-{indicator.pk}".*?</tr>', page, flags=re.DOTALL)
    (found,) = re.findall(rf'<td[^>]*data-head="{head}"[^>]*>(.*?)</td>', row, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", found))).strip()


def shown(answer: Any) -> list[str]:
    """The numbers of the indicators in the tables."""
    return re.findall(r'id="indicator-[0-9]+">\s*<td[^>]*>([^<]*)<', answer.content.decode())


def approve(indicator: Indicator, value: str, year: int = 2023, **values: Any) -> None:
    factories.actual(indicator=indicator, year=year, value=Decimal(value), state=State.APPROVED, **values)


def page_of(client: Client, plan: Plan, query: str = "") -> Any:
    return client.get(f"/plans/{plan.code}/{query}")


# ---- Summaries


def test_a_summary_counts_the_numbered_rows_of_the_table_in_the_last_approved_year() -> None:
    plan = factories.plan()
    group = factories.indicator(plan=plan, target=None, is_group=True)
    approve(factories.indicator(plan=plan, parent=group), "41")
    binding = factories.indicator(plan=plan, attribute="binding")
    approve(binding, "47")
    factories.indicator(plan=plan, origin=Origin.TEXT)
    factories.project(plan=plan)
    factories.work_item(plan=plan)
    factories.work_item(plan=plan)
    reassess(Indicator.objects.all())
    (summary,) = plan_summaries(factories.person(Role.LEADER), on=TODAY)
    assert (summary.plan, summary.year) == (plan, 2023)
    assert (summary.indicators, summary.projects, summary.work_items) == (4, 1, 2)
    assert summary.sentence == "2项指标：符合预期1项、滞后1项；约束性指标1项，均达到要求。"


def test_a_plan_without_a_table_is_counted_by_what_its_text_promises() -> None:
    indicator = factories.indicator(origin=Origin.TEXT)
    approve(indicator, "47")
    reassess(Indicator.objects.all())
    (summary,) = plan_summaries(factories.person(Role.LEADER), on=TODAY)
    assert summary.sentence == "1项指标：符合预期1项。"


def test_a_plan_without_approved_figures_has_no_year() -> None:
    factories.actual(state=State.SUBMITTED)
    reassess(Indicator.objects.all())
    (summary,) = plan_summaries(factories.person(Role.CLERK), on=TODAY)
    assert (summary.year, summary.sentence) == (None, "没有指标。")


def test_summaries_are_of_the_plans_one_may_see() -> None:
    here = factories.plan()
    there = factories.plan(region=factories.region("330127", "淳安县"))

    def seen_by(user: User) -> set[Plan]:
        return {summary.plan for summary in plan_summaries(user, on=TODAY)}

    assert seen_by(factories.person(Role.CLERK)) == {here}
    assert seen_by(factories.person(Role.LEADER, factories.region("100000"))) == {here, there}
    assert seen_by(factories.person(Role.SYSTEM)) == set()
    assert seen_by(factories.person()) == set()


@pytest.mark.parametrize("number", [1, 3])
def test_summaries_take_three_queries(django_assert_num_queries: DjangoAssertNumQueries, number: int) -> None:
    for _ in range(number):
        approve(factories.indicator(), "47")
    reassess(Indicator.objects.all())
    leader = factories.person(Role.LEADER)
    leader.can(Permission.SEE)
    with django_assert_num_queries(3):
        plan_summaries(leader, on=TODAY)


# ---- Home and the list


def test_home_says_what_waits(sign_in: SignIn) -> None:
    plan = factories.plan()
    factories.open_round(plan, 2023, due_on=date(2024, 6, 30))
    factories.indicator(plan=plan)
    factories.actual(indicator=factories.indicator(plan=plan), state=State.RETURNED)
    page = sign_in(factories.person(Role.CLERK, display_name="王芳")).get("/")
    assert "王芳，您好" in words(page)
    assert "“十四五” 2023年 退回 1 未填 1 2024-06-30 截止 去填报" in words(page)
    assert f'href="/plans/{plan.code}/entry/2023/"' in page.content.decode()


def test_home_sends_the_reviewer_to_the_list(sign_in: SignIn) -> None:
    plan = factories.plan()
    factories.open_round(plan, 2023)
    factories.actual(indicator=factories.indicator(plan=plan), state=State.SUBMITTED)
    page = sign_in(factories.person(Role.REVIEWER)).get("/")
    assert "待审核 1" in words(page)
    assert f'href="/review/?plan={plan.code}&amp;year=2023"' in page.content.decode()
    assert "去填报" not in words(page)


def test_home_of_somebody_without_a_role_says_whom_to_ask(sign_in: SignIn) -> None:
    factories.plan()
    shown_words = words(sign_in(factories.person()).get("/"))
    assert "未分配角色" in shown_words
    assert "您的权限范围内还没有规划。请联系系统管理员分配任职。" in shown_words
    assert "等我办理" not in shown_words


def test_a_leader_sees_no_number_of_what_is_not_approved(sign_in: SignIn) -> None:
    indicator = factories.indicator()
    factories.open_round(indicator.plan, 2023)
    factories.actual(indicator=indicator, value=Decimal("46.7"), state=State.SUBMITTED)
    client = sign_in(factories.person(Role.LEADER))
    for url in ("/", "/plans/", f"/plans/{indicator.plan.code}/?year=2023"):
        assert "46.7" not in client.get(url).content.decode()
        assert "待审核" not in words(client.get(url))


# ---- A plan's page


def test_the_table_prints_zero_as_zero_nothing_as_a_dash_and_the_printed_text(sign_in: SignIn) -> None:
    plan = factories.plan()
    zero = factories.indicator(plan=plan, baseline_value=Decimal(0), baseline_text="零", source_ref="表1第3行")
    nothing = factories.indicator(plan=plan, target=None, baseline_value=None, baseline_text="/", unit="")
    approve(zero, "0")
    reassess(Indicator.objects.all())
    page = page_of(sign_in(factories.person(Role.LEADER)), plan, "?year=2023")
    assert cell(page, zero, "基期") == "0 2020年"
    assert cell(page, zero, "2023年实际") == "0"
    assert cell(page, zero, "2025年目标") == "50"
    assert cell(page, nothing, "2023年实际") == "—"
    assert cell(page, nothing, "2025年目标") == "—"
    assert cell(page, nothing, "单位") == "—"
    assert cell(page, nothing, "基期") == "—"
    assert 'data-tip="原文：50&#10;表1第3行"' in page.content.decode()
    assert 'data-tip="2020年；原文：零"' in page.content.decode()
    assert "基期“/”" in words(page)


@pytest.mark.parametrize(("year", "word"), [(2022, "未填报"), (2023, "未填报"), (2024, "未到期"), (2025, "未到期")])
def test_a_year_that_is_not_over_is_not_due(sign_in: SignIn, year: int, word: str) -> None:
    indicator = factories.indicator()
    reassess(Indicator.objects.all())
    page = page_of(sign_in(factories.person(Role.LEADER)), indicator.plan, f"?year={year}")
    assert cell(page, indicator, "评价") == word


def test_a_plan_that_was_never_assessed_has_its_page(sign_in: SignIn) -> None:
    indicator = factories.indicator()
    page = page_of(sign_in(factories.person(Role.CLERK)), indicator.plan, "?year=2023")
    assert page.status_code == 200
    assert (cell(page, indicator, "比上年"), cell(page, indicator, "评价")) == ("—", "未填报")


def test_figures_under_review_are_marked_and_for_staff_only(sign_in: SignIn) -> None:
    indicator = factories.indicator()
    factories.actual(indicator=indicator, value=Decimal("46.7"), state=State.RETURNED)
    staff = page_of(sign_in(factories.person(Role.PLANNER)), indicator.plan, "?year=2023")
    assert cell(staff, indicator, "2023年实际") == "46.7 退回"
    leader = page_of(sign_in(factories.person(Role.LEADER)), indicator.plan, "?year=2023")
    assert cell(leader, indicator, "2023年实际") == "—"


def test_published_and_demo_figures_say_so(sign_in: SignIn) -> None:
    plan = factories.plan()
    published, demo = factories.indicator(plan=plan), factories.indicator(plan=plan)
    approve(published, "47", source_ref="表1第1行", printed_verdict="完成")
    approve(demo, "48", is_demo=True)
    reassess(Indicator.objects.all())
    page = page_of(sign_in(factories.person(Role.LEADER)), plan, "?year=2023")
    assert cell(page, published, "2023年实际") == "47 文件所载"
    assert 'data-tip="已随规划文件公布：表1第1行；原文“完成”"' in page.content.decode()
    assert cell(page, demo, "2023年实际") == "48 演示数据"
    assert "本站含 演示数据" in words(page)


@pytest.fixture
def filterable() -> Plan:
    """Three rows: 1 binding and green, 2 expected and red, 3 expected, another theme and not reported."""
    plan = factories.plan()
    green = factories.indicator(plan=plan, number="1", order=1, attribute="binding")
    red = factories.indicator(plan=plan, number="2", order=2, attribute="expected", department=factories.department())
    factories.indicator(
        plan=plan, number="3", order=3, attribute="expected", theme=factories.theme("welfare", "儿童福利")
    )
    approve(green, "47")
    approve(red, "41")
    reassess(Indicator.objects.all())
    return plan


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", ["1", "2", "3"]),
        ("?light=red", ["2"]),
        ("?light=green", ["1"]),
        ("?light=grey", ["3"]),
        ("?attribute=binding", ["1"]),
        ("?attribute=expected&light=red", ["2"]),
        ("?theme=welfare", ["3"]),
        ("?theme=welfare&light=red", []),
        ("?light=&theme=", ["1", "2", "3"]),
        ("?light=purple", ["1", "2", "3"]),
        ("?theme=%27%3B--&department=abc&attribute=unstated", ["1", "2", "3"]),
        ("?department=999999999999999999999999999", ["1", "2", "3"]),
        ("?page=7", ["1", "2", "3"]),
    ],
)
def test_filters_keep_the_rows_they_name_and_unknown_values_filter_nothing(
    sign_in: SignIn, filterable: Plan, query: str, numbers: list[str]
) -> None:
    page = page_of(sign_in(factories.person(Role.LEADER)), filterable, query)
    assert page.status_code == 200
    assert shown(page) == numbers
    assert ("没有符合条件的指标。" in words(page)) == (numbers == [])


def test_an_unknown_value_leaves_the_other_filters_in_force(sign_in: SignIn, filterable: Plan) -> None:
    page = page_of(sign_in(factories.person(Role.LEADER)), filterable, "?light=red&theme=nonsense")
    assert shown(page) == ["2"]


def test_the_years_keep_the_filters_in_their_address(sign_in: SignIn, filterable: Plan) -> None:
    page = page_of(sign_in(factories.person(Role.LEADER)), filterable, "?year=2023&light=red")
    assert 'href="?year=2022&amp;light=red"' in page.content.decode()
    assert '<option value="red" selected>' in page.content.decode()
    assert '<input type="hidden" name="year" value="2023">' in page.content.decode()


def test_the_sentence_counts_the_whole_plan_whatever_is_filtered(sign_in: SignIn, filterable: Plan) -> None:
    client = sign_in(factories.person(Role.LEADER))
    sentence = "“十四五”2023年：3项指标：符合预期1项、滞后1项、未填报1项；约束性指标1项，均达到要求。"
    for query in ("", "?light=red"):
        assert sentence in words(page_of(client, filterable, query))


@pytest.mark.parametrize("year", ["1999", "2026", "abc", "20 23", "9" * 40, "-1", "2023.5"])
def test_a_year_outside_the_plan_is_answered_with_the_year_shown_instead(
    sign_in: SignIn, filterable: Plan, year: str
) -> None:
    page = page_of(sign_in(factories.person(Role.LEADER)), filterable, f"?year={year}")
    assert page.status_code == 200
    assert "没有这个数据年度，已显示2023年。" in words(page)


@pytest.mark.parametrize("year", ["", "2021", "2025"])
def test_a_year_of_the_plan_is_no_matter_for_a_message(sign_in: SignIn, filterable: Plan, year: str) -> None:
    page = page_of(sign_in(factories.person(Role.LEADER)), filterable, f"?year={year}")
    assert "没有这个数据年度" not in words(page)


@pytest.mark.parametrize(
    ("role", "may_enter", "may_export"),
    [
        (Role.CLERK, True, False),
        (Role.REVIEWER, False, False),
        (Role.LEADER, False, False),
        (Role.ANALYST, False, True),
        (Role.PLANNER, False, True),
    ],
)
def test_each_person_is_offered_what_they_may_do(
    sign_in: SignIn, filterable: Plan, role: Role, may_enter: bool, may_export: bool
) -> None:
    page = page_of(sign_in(factories.person(role)), filterable)
    assert ("填报2023年" in words(page)) == may_enter
    assert ("下载 规划主要指标表" in words(page)) == may_export


def test_a_plan_of_another_region_or_of_nowhere_is_not_found(sign_in: SignIn) -> None:
    client = sign_in(factories.person(Role.LEADER, factories.region("330127", "淳安县")))
    assert page_of(client, factories.plan()).status_code == 404
    assert client.get("/plans/no-such-plan/").status_code == 404


@pytest.mark.parametrize("role", [Role.SYSTEM, None])
def test_without_a_business_role_no_plan_is_found(sign_in: SignIn, role: Role | None) -> None:
    assert page_of(sign_in(factories.person(role)), factories.plan()).status_code == 404


def test_pages_are_read_only_and_for_people_who_signed_in(sign_in: SignIn, client: Client) -> None:
    urls = ["/", "/plans/", f"/plans/{factories.plan().code}/"]
    inside = sign_in(factories.person(Role.CLERK))
    for url in urls:
        assert inside.post(url).status_code == 405
        assert inside.head(url).status_code == 200
        answer = client.get(url)
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/login/?next={url}")


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(("view", "queries"), [("table", 13), ("bars", 13), ("paths", 13), ("heat", 14)])
def test_each_view_of_a_plan_takes_as_many_queries_for_three_rows_as_for_one(
    sign_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries, view: str, queries: int, number: int
) -> None:
    plan = factories.plan()
    for _ in range(number):
        approve(factories.indicator(plan=plan, department=factories.department()), "47")
    reassess(Indicator.objects.all())
    client = sign_in(factories.person(Role.LEADER))
    with django_assert_num_queries(queries):
        page_of(client, plan, f"?year=2023&view={view}")


# ---- The views


def part(answer: Any, name: str, indicator: Indicator) -> str:
    """The words of an indicator's bar or path, what is read aloud of its picture among them."""
    page = answer.content.decode()
    (found,) = re.findall(rf'<li[^>]*id="{name}-{indicator.pk}">(.*?)</li>', page, flags=re.DOTALL)
    spoken = re.sub(r'<svg[^>]*aria-label="([^"]*)".*?</svg>', r" \1 ", found, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", spoken))).strip()


@pytest.mark.parametrize(
    ("view", "sentence"),
    [
        ("bars", "2023年3项指标中1项达到或超过应有进度，1项落后，1项未评价"),
        ("paths", "画出的3行指标中，2023年可评价的有2行，1行达到或好于规划路径"),
        ("heat", "2023年1项完成或符合预期；没有连续两年滞后或未完成的"),
    ],
)
def test_each_view_says_its_message_in_its_title(sign_in: SignIn, filterable: Plan, view: str, sentence: str) -> None:
    page = page_of(sign_in(factories.person(Role.LEADER)), filterable, f"?view={view}&year=2023")
    (title,) = re.findall(r"<h2[^>]*>(.*?)</h2>", page.content.decode())
    assert title == sentence


@pytest.mark.parametrize(("view", "title"), [("bars", "1项落后"), ("paths", "1行，0行"), ("heat", "0项完成")])
def test_the_views_keep_the_filters(sign_in: SignIn, filterable: Plan, view: str, title: str) -> None:
    page = page_of(sign_in(factories.person(Role.LEADER)), filterable, f"?view={view}&year=2023&light=red")
    assert title in words(page)
    assert f'<input type="hidden" name="view" value="{view}">' in page.content.decode()
    assert f'href="?view={view}&amp;year=2022&amp;light=red"' in page.content.decode()
    assert 'href="?view=table&amp;year=2023&amp;light=red"' in page.content.decode()


@pytest.mark.parametrize("query", ["?view=pie", "?view=", "?view=bars%27"])
def test_an_unknown_view_is_the_official_table(sign_in: SignIn, filterable: Plan, query: str) -> None:
    assert shown(page_of(sign_in(factories.person(Role.LEADER)), filterable, query)) == ["1", "2", "3"]


def test_a_bar_says_where_it_started_where_it_ought_to_be_and_where_it_is(sign_in: SignIn) -> None:
    indicator = factories.indicator(number="3")
    approve(indicator, "44.5", is_demo=True)
    reassess(Indicator.objects.all())
    page = page_of(sign_in(factories.person(Role.LEADER)), indicator.plan, "?view=bars&year=2023")
    assert part(page, "bar", indicator) == (
        "3 养老机构护理型床位占比（%） 演示数据 "
        "养老机构护理型床位占比：起点40，应达到46，2023年实际44.5%，目标50 滞后 44.5 / 50"
    )
    assert cells_of(page, "3　养老机构护理型床位占比")[:7] == ["%", "40", "46", "44.5 演示数据", "50", "45.0%", "60.0%"]


def cells_of(answer: Any, head: str) -> list[str]:
    """The cells of the row of a chart's data table that has this head."""
    page = answer.content.decode()
    (row,) = re.findall(rf"<th[^>]*>{head}</th>(.*?)</tr>", page, flags=re.DOTALL)
    cells = re.findall(r"<td[^>]*>(.*?)</td>", row, flags=re.DOTALL)
    return [re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", found))).strip() for found in cells]


def test_rows_without_a_way_are_listed_with_the_reason_and_not_drawn(sign_in: SignIn) -> None:
    plan = factories.plan()
    factories.indicator(plan=plan, target=None, name="没有目标的")
    factories.indicator(plan=plan, kind="qualitative", name="建成的")
    factories.indicator(plan=plan, baseline_value=None, direction="down", name="越低越好的")
    page = page_of(sign_in(factories.person(Role.LEADER)), plan, "?view=bars")
    read = words(page)
    assert "没有画出的3行和原因" in read
    assert "没有目标的 未设目标值" in read
    assert "建成的 定性目标，由人评价" in read
    assert "越低越好的 缺基期，又是越低越好，画不出比例" in read
    assert 'class="bullet"' not in page.content.decode()


def test_a_bar_without_a_baseline_compares_with_the_target_and_is_not_called_progress(sign_in: SignIn) -> None:
    indicator = factories.indicator(baseline_value=None, number="5")
    approve(indicator, "45")
    reassess(Indicator.objects.all())
    page = page_of(sign_in(factories.person(Role.LEADER)), indicator.plan, "?view=bars&year=2023")
    assert "没有基期或只需保持：从零起，实际与目标相比（不是完成进度）" in words(page)
    assert cells_of(page, "5　养老机构护理型床位占比")[1:6] == ["无基期", "—", "45", "50", "90.0% 实际 ÷ 目标"]
    assert "起点" not in part(page, "bar", indicator)


def test_a_path_has_a_gap_where_a_year_has_no_approved_figure(sign_in: SignIn) -> None:
    indicator = factories.indicator()
    approve(indicator, "41", 2021)
    factories.actual(indicator=indicator, year=2022, value=Decimal("42.5"))
    approve(indicator, "47", 2023)
    page = page_of(sign_in(factories.person(Role.CLERK)), indicator.plan, "?view=paths&year=2023")
    spoken = part(page, "path", indicator)
    assert "实际：2020年40、2021年41、2023年47" in spoken
    assert "规划路径：2020年40、2021年42、2022年44、2023年46、2024年48、2025年50" in spoken
    (picture,) = re.findall(r'<svg class="panel-picture".*?</svg>', page.content.decode(), flags=re.DOTALL)
    assert picture.count('class="path-reached"') == 1  # 2020 to 2021; 2023 stands alone
    assert picture.count('class="path-dot"') == 3
    assert "42.5" not in page.content.decode()


def test_the_years_side_by_side_name_every_verdict(sign_in: SignIn) -> None:
    indicator = factories.indicator(number="7")
    approve(indicator, "42", 2021)
    approve(indicator, "41", 2022)
    approve(indicator, "41", 2023)
    reassess(Indicator.objects.all())
    page = page_of(sign_in(factories.person(Role.LEADER)), indicator.plan, "?view=heat&year=2023")
    (row,) = re.findall(r'<th scope="row" class="name">.*?</tr>', page.content.decode(), flags=re.DOTALL)
    cells = re.findall(r'heat-(green|yellow|red|grey).*?aria-hidden="true"></span>(.*?)</span>', row)
    assert cells == [
        ("green", "符合预期"),
        ("red", "滞后"),
        ("red", "滞后"),
        ("grey", "未到期"),
        ("grey", "未到期"),
    ]
    assert "2023年0项完成或符合预期，与2022年持平；连续两年以上滞后或未完成1项" in words(page)


# ---- A year that is not over


@pytest.fixture
def under_way() -> Indicator:
    """2023 approved and on its path; for 2024, of which it is May, an approved first figure far behind."""
    indicator = factories.indicator(number="1")
    approve(indicator, "47")
    approve(indicator, "42", 2024, figure_kind="preliminary")
    reassess(Indicator.objects.all())
    return indicator


def test_the_page_opens_with_the_last_year_that_is_over_and_shows_what_this_year_promises(
    sign_in: SignIn, under_way: Indicator
) -> None:
    page = page_of(sign_in(factories.person(Role.LEADER)), under_way.plan)
    assert "“十四五”2023年：1项指标：符合预期1项" in words(page)
    assert cell(page, under_way, "2023年实际") == "47"
    assert cell(page, under_way, "2024年应达到") == "48 按路径推算"
    assert cell(page, under_way, "2024年预计") == "42 快报"


def test_the_list_speaks_of_the_last_year_that_is_over(under_way: Indicator) -> None:
    (summary,) = plan_summaries(factories.person(Role.LEADER), on=TODAY)
    assert (summary.year, summary.sentence) == (2023, "1项指标：符合预期1项。")


def test_the_list_has_no_red_light_for_a_year_that_is_not_over() -> None:
    approve(factories.indicator(), "42", 2024, figure_kind="preliminary")
    reassess(Indicator.objects.all())
    (summary,) = plan_summaries(factories.person(Role.LEADER), on=TODAY)
    assert (summary.year, summary.sentence) == (2024, "1项指标：未到期1项。")


@pytest.mark.parametrize("view", ["table", "bars", "paths", "heat"])
def test_a_year_that_is_not_over_is_never_red_and_its_first_figure_is_called_so(
    sign_in: SignIn, under_way: Indicator, view: str
) -> None:
    page = page_of(sign_in(factories.person(Role.LEADER)), under_way.plan, f"?view={view}&year=2024")
    assert "2024年尚未结束：最近已审核的年度是2023年" in words(page)
    assert "预计" in words(page)
    assert "“十四五”2024年：1项指标：未到期1项" in words(page)
    for loud in ("heat-red", "heat-yellow", "bar-red", "bar-yellow", "bullet-end-red"):
        assert loud not in page.content.decode()


def test_the_table_of_a_year_that_is_not_over_shows_the_last_approved_figure(
    sign_in: SignIn, under_way: Indicator
) -> None:
    page = page_of(sign_in(factories.person(Role.LEADER)), under_way.plan, "?year=2024")
    assert cell(page, under_way, "2023年实际") == "47"
    assert cell(page, under_way, "2024年预计") == "42 快报"
    assert cell(page, under_way, "评价") == "未到期"
    assert "滞后。" not in page.content.decode().split("<tbody>")[1].split("</tbody>")[0]


def test_the_bars_of_a_year_that_is_not_over_draw_the_last_figure_and_the_first_one_apart(
    sign_in: SignIn, under_way: Indicator
) -> None:
    page = page_of(sign_in(factories.person(Role.LEADER)), under_way.plan, "?view=bars&year=2024")
    assert "起点40，应达到48，2023年实际47%，预计42，目标50" in part(page, "bar", under_way)
    assert 'class="bullet-ahead"' in page.content.decode()


def test_a_first_figure_of_this_year_is_hollow_on_its_path(sign_in: SignIn, under_way: Indicator) -> None:
    page = page_of(sign_in(factories.person(Role.LEADER)), under_way.plan, "?view=paths")
    (picture,) = re.findall(r'<svg class="panel-picture".*?</svg>', page.content.decode(), flags=re.DOTALL)
    assert (picture.count('class="path-ahead"'), picture.count('class="path-dot"')) == (1, 2)
    assert cells_of(page, "1　养老机构护理型床位占比（%）")[5:] == ["48", "50"]


def test_what_is_reached_before_the_year_is_over_is_said(sign_in: SignIn) -> None:
    indicator = factories.indicator()
    approve(indicator, "50", 2024, figure_kind="preliminary")
    reassess(Indicator.objects.all())
    page = page_of(sign_in(factories.person(Role.LEADER)), indicator.plan, "?year=2024")
    assert cell(page, indicator, "评价") == "提前完成"


def test_a_plan_in_its_first_year_has_no_empty_chart(sign_in: SignIn) -> None:
    plan = factories.plan(start_year=2024, end_year=2028)
    indicator = factories.indicator(plan=plan, target_year=2028, baseline_year=2023)
    client = sign_in(factories.person(Role.LEADER))
    assert "起点40，应达到42，尚无已审核数据，目标50" in part(page_of(client, plan, "?view=bars"), "bar", indicator)
    assert "2024年尚未结束，1项指标未到期" in words(page_of(client, plan, "?view=bars"))
    assert "规划路径：2023年40、2024年42" in part(page_of(client, plan, "?view=paths"), "path", indicator)
    assert "2024年及上一年都还没有可评价的指标" in words(page_of(client, plan, "?view=heat"))


# ---- On paper


def test_the_table_carries_its_title_unit_and_date_to_every_sheet_of_paper(sign_in: SignIn, filterable: Plan) -> None:
    page = page_of(sign_in(factories.person(Role.LEADER)), filterable, "?year=2023")
    (head,) = re.findall(r'<th colspan="(\d+)" class="paper-head">(.*?)</th>', page.content.decode())
    columns = page.content.decode().split("</thead>")[0].count('scope="col"')
    assert int(head[0]) == columns
    assert "民政事业发展“十四五”规划 主要指标表" in head[1]
    assert "单位：见“单位”栏　数据年度：2023年　审核至2024年5月6日　编制：老河口市民政局" in head[1]
    assert "填表人： 审核人： 负责人： 日期：" in words(page)
