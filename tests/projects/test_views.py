"""Key projects and work items as they are shown."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.permissions import Permission, Role
from indicators.models import State
from plans.models import Plan, Section
from projects.models import Project, ProjectReport, Stage
from projects.portfolio import project_table
from projects.queries import months_of, work_table
from tests import factories

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
TODAY = date(2024, 6, 15)


def words(answer: Any) -> str:
    """What a reader reads: the page without its tags."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


def cell(answer: Any, project: Project, head: str) -> str:
    """What stands in a project's row under this head."""
    rows = re.findall(r"<tr.*?</tr>", answer.content.decode(), flags=re.DOTALL)
    (row,) = [one for one in rows if f'href="/projects/{project.pk}/"' in one]
    (found,) = re.findall(rf'<td[^>]*data-head="{head}"[^>]*>(.*?)</td>', row, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", found))).strip()


def report(project: Project, month: int, *, state: State = State.APPROVED, **values: Any) -> ProjectReport:
    values.setdefault("stage", Stage.UNDER_WAY)
    if state == State.APPROVED:
        values |= {"approved_by": factories.person(Role.REVIEWER), "approved_at": timezone.now()}
    return ProjectReport.objects.create(
        project=project,
        year=2023,
        month=month,
        state=state,
        entered_by=factories.person(Role.CLERK),
        entered_at=timezone.now(),
        **values,
    )


def reader(role: Role = Role.LEADER) -> User:
    user = factories.person(role)
    user.can(Permission.SEE)
    return user


def test_the_table_groups_and_adds_up_in_printed_order() -> None:
    plan = factories.plan()
    second = factories.project(plan=plan, order=2, category="养老", total_investment=Decimal("0.5"), stage=Stage.IDEA)
    first = factories.project(plan=plan, order=1, category="养老", total_investment=Decimal(1200))
    third = factories.project(plan=plan, order=3, category="殡葬", total_investment=None, stage=Stage.IDEA)
    factories.project()
    table = project_table(plan, user=reader(), on=TODAY)
    groups = [(name, [row.project for row in rows]) for name, rows in table.groups]
    assert groups == [("养老", [first, second]), ("殡葬", [third])]
    every = table.all
    assert (every.count, every.planned, every.unpriced, table.has_demo) == (3, Decimal("1200.5"), 1, False)
    assert [(row.name, row.count, row.planned) for row in table.stages] == [
        ("谋划", 2, Decimal("0.5")),
        ("未载明", 1, Decimal(1200)),
    ]


def test_the_newest_approved_month_says_the_stage() -> None:
    project = factories.project(stage=Stage.IDEA)
    report(project, 3, stage=Stage.PREPARATION)
    report(project, 5, stage=Stage.UNDER_WAY)
    (row,) = project_table(project.plan, user=reader(), on=TODAY).standings
    assert row.stage is Stage.UNDER_WAY


@pytest.mark.parametrize("role", [Role.LEADER, Role.REVIEWER])
def test_a_month_under_review_does_not_hide_the_approved_one_before_it(role: Role) -> None:
    project = factories.project(stage=Stage.IDEA)
    report(project, 3, stage=Stage.UNDER_WAY)
    report(project, 4, stage=Stage.COMPLETED, state=State.SUBMITTED)
    (row,) = project_table(project.plan, user=reader(role), on=TODAY).standings
    assert row.stage is Stage.UNDER_WAY


def test_the_list_prints_zero_as_zero_and_nothing_as_a_dash(sign_in: SignIn) -> None:
    plan = factories.plan()
    free = factories.project(plan=plan, total_investment=Decimal(0), stage_text="已动工", start_year=2021)
    unknown = factories.project(plan=plan, total_investment=None)
    dear = factories.project(plan=plan, total_investment=Decimal("1200.5"), start_year=2021, end_year=2023)
    page = sign_in(factories.person(Role.LEADER)).get(f"/plans/{plan.code}/projects/")
    assert [cell(page, project, "总投资（万元）") for project in (free, unknown, dear)] == ["0", "—", "1200.5"]
    assert [cell(page, project, "建设起止年限") for project in (free, unknown, dear)] == ["2021—", "—", "2021—2023"]
    assert cell(page, free, "进展情况（文件所载）") == "已动工"
    assert cell(page, unknown, "最近进展") == "未报"
    assert "3个项目，总投资1200.5万元（另有1个未载明投资）；还没有已审核的投资进展。" in words(page)


def test_months_under_review_are_for_staff(sign_in: SignIn) -> None:
    project = factories.project()
    report(project, 4, state=State.SUBMITTED, investment_done=Decimal("77.7"), problems="用地未批")
    url = f"/projects/{project.pk}/"
    staff = sign_in(factories.person(Role.REVIEWER)).get(url)
    assert "2023年4月 实施中 77.7 — 用地未批 待审核" in words(staff)
    leader = sign_in(factories.person(Role.LEADER)).get(url)
    assert "还没有进展报告。" in words(leader)
    assert "77.7" not in leader.content.decode()
    listed = sign_in(factories.person(Role.LEADER)).get(f"/plans/{project.plan.code}/projects/")
    assert cell(listed, project, "最近进展") == "未报"


def test_a_project_has_its_page_with_what_is_printed(sign_in: SignIn) -> None:
    project = factories.project(
        printed_name="社会福利院（三期）", years_text="2021-2023", source_ref="专栏5", content="床位300张"
    )
    project.units.create(name="市民政局", order=1)
    project.funding_sources.create(name="福彩公益金", order=1)
    report(project, 12, investment_done=Decimal(0), physical_progress=Decimal(0))
    page = words(sign_in(factories.person(Role.LEADER)).get(f"/projects/{project.pk}/"))
    assert "总投资2500万元，截至2023年12月累计完成投资0万元，完成率0.0%。" in page
    assert "2023年12月 实施中 0 0 — 已审核" in page
    for printed in ("印制名称 社会福利院（三期）", "起止年限原文 2021-2023", "》专栏5", "市民政局", "福彩公益金"):
        assert printed in page


def test_the_work_items_stand_under_their_sections() -> None:
    plan = factories.plan()
    system = Section.objects.create(plan=plan, number="一", title="养老服务体系", order=1)
    task = Section.objects.create(plan=plan, number="（一）", title="居家养老", order=2, parent=system)
    Section.objects.create(plan=plan, number="二", title="社会救助", order=3)
    inside = factories.work_item(plan=plan, section=task)
    loose = factories.work_item(plan=plan)
    factories.work_item()
    table = work_table(plan, user=reader(), on=TODAY)
    assert [tree.section for tree in table.trees] == [system]
    assert [(tree.section, [t.item for t in tree.tasks]) for tree in table.trees[0].children] == [(task, [inside])]
    assert [t.item for t in table.loose] == [loose]
    assert [t.top for t in table.tasks] == [system, None]


@pytest.mark.parametrize(
    ("role", "newest", "months", "is_demo"),
    [(Role.LEADER, 6, 2, True), (Role.REVIEWER, 7, 3, True), (Role.CLERK, 7, 3, True)],
)
def test_the_list_shows_the_newest_month_and_says_how_many_there_are(
    sign_in: SignIn, role: Role, newest: int, months: int, is_demo: bool
) -> None:
    item = factories.work_item()
    for month, state in ((5, State.APPROVED), (6, State.APPROVED), (7, State.SUBMITTED)):
        factories.work_report(item=item, month=month, state=state, note=f"第{month}月", is_demo=month == 6)
    (task,) = work_table(item.plan, user=reader(role), on=TODAY).tasks
    shown: Any = task.item
    assert (task.newest and task.newest.month, shown.n_months, shown.is_demo) == (newest, months, is_demo)
    page = words(sign_in(factories.person(role)).get(f"/plans/{item.plan.code}/work-items/?view=table"))
    assert [month for month in (5, 6, 7) if f"第{month}月" in page] == [newest]
    assert f"共{months}个月" in page
    assert "未开始 演示数据" in page  # what the state rests on is the approved month of June
    assert "含演示数据" in page


def test_a_work_item_without_demo_months_carries_no_mark(sign_in: SignIn) -> None:
    report = factories.work_report(state=State.APPROVED)
    assert not work_table(report.item.plan, user=reader(), on=TODAY).has_demo
    page = sign_in(factories.person(Role.LEADER)).get(f"/plans/{report.item.plan.code}/work-items/")
    assert "演示数据" not in words(page)


def test_the_work_items_page_prints_target_and_section(sign_in: SignIn) -> None:
    plan = factories.plan()
    section = Section.objects.create(plan=plan, number="一", title="养老服务体系", order=1)
    factories.work_item(plan=plan, section=section, title="建成示范站", target_text="不少于10个")
    factories.work_item(plan=plan, title="制定办法")
    page = words(sign_in(factories.person(Role.LEADER)).get(f"/plans/{plan.code}/work-items/?view=table"))
    assert "一 养老服务体系" in page
    assert "建成示范站 不少于10个 — — 未开始" in page
    assert "制定办法 — — — 未开始" in page


@pytest.mark.parametrize(("value", "printed"), [("95", "95"), ("0", "0"), ("12.5", "12.5")])
def test_a_target_without_printed_words_is_shown_without_needless_zeros(
    sign_in: SignIn, value: str, printed: str
) -> None:
    item = factories.work_item(target_operator="ge", target_value=Decimal(value))
    page = sign_in(factories.person(Role.LEADER)).get(f"/plans/{item.plan.code}/work-items/")
    assert re.search(rf">(≥|不低于)?{re.escape(printed)}</button>", page.content.decode())


def test_a_plan_without_projects_and_work_items_says_so(sign_in: SignIn) -> None:
    client, code = sign_in(factories.person(Role.LEADER)), factories.plan().code
    assert "这个规划的文件没有列出重点项目。" in words(client.get(f"/plans/{code}/projects/"))
    assert "这个规划的文件没有列出工作要点。" in words(client.get(f"/plans/{code}/work-items/"))


def addresses(plan: Plan) -> list[str]:
    project = factories.project(plan=plan)
    item = factories.work_item(plan=plan)
    lists = [f"/plans/{plan.code}/projects/", f"/plans/{plan.code}/work-items/"]
    return [*lists, f"/projects/{project.pk}/", f"/work-items/{item.pk}/"]


def test_projects_and_work_items_of_another_region_are_not_found(sign_in: SignIn) -> None:
    client = sign_in(factories.person(Role.LEADER, factories.region("330127", "淳安县")))
    assert [client.get(url).status_code for url in addresses(factories.plan())] == [404, 404, 404, 404]
    assert client.get(f"/projects/{10**30}/").status_code == 404


def test_the_pages_are_read_only_and_for_people_who_signed_in(sign_in: SignIn, client: Client) -> None:
    inside = sign_in(factories.person(Role.CLERK))
    for url in addresses(factories.plan()):
        assert inside.get(url).status_code == 200
        assert inside.post(url).status_code == 405
        assert client.get(url).headers["Location"] == f"/login/?next={url}"


@pytest.mark.parametrize("number", [1, 3])
def test_projects_take_four_queries_and_work_items_three_however_many_months(
    django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    plan, leader = factories.plan(), reader()
    section = Section.objects.create(plan=plan, number="一", title="养老服务体系", order=1)
    for month in range(1, number + 1):
        project = factories.project(plan=plan)
        project.units.create(name="市民政局")
        report(project, month)
        item = factories.work_item(plan=plan, section=section)
        for earlier in range(1, number + 1):
            factories.work_report(item=item, month=earlier, state=State.APPROVED)
    with django_assert_num_queries(4):
        project_table(plan, user=leader, on=TODAY)
    with django_assert_num_queries(3):
        work_table(plan, user=leader, on=TODAY)
    with django_assert_num_queries(2):  # and one for the people of the events, where there are any
        assert len(months_of(item, user=leader)) == number
