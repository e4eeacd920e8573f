"""The tasks of a plan as a board, as a to-do list, and in the order of the document."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Role
from indicators.models import State
from indicators.verdicts import Light
from plans.models import Plan, Section
from projects.models import WorkItem, WorkState
from projects.progress import Due
from projects.queries import Task, WorkTable, work_table
from tests import factories
from tests.projects.test_views import words

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
TODAY = date(2024, 6, 15)


def table_of(plan: Plan, *, role: Role = Role.LEADER) -> WorkTable:
    return work_table(plan, user=factories.person(role), on=TODAY)


def task_of(item: WorkItem, *, role: Role = Role.LEADER) -> Task:
    (task,) = table_of(item.plan, role=role).tasks
    return task


def measured(value: str | None, *, operator: str = "ge", target: str = "400", **values: Any) -> WorkItem:
    """A task of 400户 with one month, approved unless said otherwise."""
    item = factories.work_item(target_operator=operator, target_value=Decimal(target), unit="户")
    values.setdefault("state", State.APPROVED)
    factories.work_report(item=item, value=None if value is None else Decimal(value), **values)
    return item


@pytest.mark.parametrize(
    ("operator", "value", "share", "is_reached"),
    [
        ("ge", "100", "0.25", False),
        ("eq", "400", "1", True),
        ("ge", "500", "1.25", True),
        ("ge", "0", "0", False),
        ("ge", None, None, None),
        ("le", "100", None, True),
    ],
)
def test_progress_is_what_is_approved_against_the_target(
    operator: str, value: str | None, share: str | None, is_reached: bool | None
) -> None:
    task = task_of(measured(value, operator=operator))
    assert (task.share, task.is_reached) == (None if share is None else Decimal(share), is_reached)


def test_what_is_not_approved_is_no_progress_and_is_shown_to_staff_only() -> None:
    item = measured("100")
    factories.work_report(item=item, month=7, value=Decimal(390))
    staff, leader = task_of(item, role=Role.CLERK), task_of(item)
    assert (staff.share, leader.share) == (Decimal("0.25"), Decimal("0.25"))
    assert staff.under_review is not None
    assert (staff.under_review.value, leader.under_review) == (Decimal(390), None)


def test_a_task_is_red_from_the_day_after_its_date_only_and_never_when_done() -> None:
    days = {
        -1: (Light.RED, "逾期1天"),
        0: (Light.YELLOW, "今天到期"),
        30: (Light.YELLOW, "还有30天"),
        31: (None, "还有31天"),
    }
    for distance, said in days.items():
        task = task_of(factories.work_item(due_on=TODAY + timedelta(days=distance)))
        assert (task.light, task.due_word) == said
    done = task_of(factories.work_item(due_on=TODAY - timedelta(days=9), state=WorkState.DONE))
    assert (done.light, done.due_word, done.due) == (None, "", Due.DONE)


def test_the_board_has_a_column_for_each_state_and_counts_it() -> None:
    plan = factories.plan()
    for state in (WorkState.DONE, WorkState.NOT_STARTED, WorkState.NOT_STARTED):
        factories.work_item(plan=plan, state=state)
    counted = [(state.value, len(tasks)) for state, tasks in table_of(plan).columns]
    assert counted == [("not_started", 2), ("under_way", 0), ("done", 1)]


def test_the_to_do_list_begins_with_what_is_latest_and_ends_with_what_is_done() -> None:
    plan = factories.plan()
    dates = {
        "明年": date(2025, 1, 1),
        "昨天": date(2024, 6, 14),
        "无期": None,
        "去年": date(2023, 1, 1),
        "下周": date(2024, 6, 20),
    }
    for title, due_on in dates.items():
        factories.work_item(plan=plan, title=title, due_on=due_on)
    factories.work_item(plan=plan, title="办结", due_on=date(2023, 1, 1), state=WorkState.DONE)
    order = [(due, [task.item.title for task in tasks]) for due, _, tasks in table_of(plan).by_date]
    assert order == [
        (Due.OVERDUE, ["去年", "昨天"]),
        (Due.SOON, ["下周"]),
        (Due.LATER, ["明年"]),
        (Due.UNSTATED, ["无期"]),
        (Due.DONE, ["办结"]),
    ]


def test_the_sentence_counts_states_dates_and_targets() -> None:
    plan = factories.plan()
    factories.work_item(plan=plan, due_on=date(2024, 6, 1))
    factories.work_item(plan=plan, due_on=date(2024, 6, 30), state=WorkState.UNDER_WAY)
    item = factories.work_item(plan=plan, target_operator="ge", target_value=Decimal(10), state=WorkState.DONE)
    factories.work_report(item=item, value=Decimal(12), state=State.APPROVED)
    assert table_of(plan).sentence == (
        "3项任务：已完成1项、推进中1项、未开始1项；1项已逾期；1项30天内到期；1项有量化目标，其中1项已达到。"
    )


def plan_with_sections() -> Plan:
    plan = factories.plan()
    top = Section.objects.create(plan=plan, number="一", title="养老", order=1)
    below = Section.objects.create(plan=plan, number="一.1", title="居家", order=2, parent=top)
    other = Section.objects.create(plan=plan, number="二", title="救助", order=3)
    yesterday = timezone.localdate() - timedelta(days=1)
    factories.work_item(plan=plan, section=below, title="改造住房", department=factories.department(name="养老科"))
    factories.work_item(plan=plan, section=other, title="核对收入", due_on=yesterday, state=WorkState.UNDER_WAY)
    return plan


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", ["改造住房", "核对收入"]),
        ("?section=一", ["改造住房"]),
        ("?section=二&view=table", ["核对收入"]),
        ("?state=under_way", ["核对收入"]),
        ("?due=overdue&view=due", ["核对收入"]),
        ("?due=unstated", ["改造住房"]),
        ("?state=under_way&section=一", []),
        ("?state=nonsense&section=9&view=x", ["改造住房", "核对收入"]),
    ],
)
def test_filters_stand_in_the_address_and_keep_what_fits(sign_in: SignIn, query: str, titles: list[str]) -> None:
    plan = plan_with_sections()
    page = words(sign_in(factories.person(Role.LEADER)).get(f"/plans/{plan.code}/work-items/{query}"))
    assert [title for title in ("改造住房", "核对收入") if title in page] == titles
    assert ("没有符合筛选条件的任务。" in page) == (not titles)


def test_a_filter_by_department_keeps_its_tasks(sign_in: SignIn) -> None:
    plan = plan_with_sections()
    (department,) = {item.department_id for item in plan.work_items.all() if item.department_id}
    page = words(sign_in(factories.person(Role.LEADER)).get(f"/plans/{plan.code}/work-items/?department={department}"))
    assert ("改造住房" in page, "核对收入" in page) == (True, False)


def test_each_way_of_looking_shows_its_own_heads(sign_in: SignIn) -> None:
    plan, client = plan_with_sections(), sign_in(factories.person(Role.LEADER))
    pages = {
        view: words(client.get(f"/plans/{plan.code}/work-items/?view={view}")) for view in ("board", "due", "table")
    }
    assert "推进中 1项 " in pages["board"]
    assert "已逾期 1项 编号 任务" in pages["due"]
    assert "逾期1天" in pages["due"]
    assert "一.1 居家" in pages["table"]


def test_every_card_leads_to_the_page_of_its_task(sign_in: SignIn) -> None:
    item = measured("100")
    client = sign_in(factories.person(Role.LEADER))
    board = client.get(f"/plans/{item.plan.code}/work-items/").content.decode()
    assert f'href="/work-items/{item.pk}/"' in board
    assert "2023年6月累计100户，为目标的25.0%" in words(client.get(item.get_absolute_url()))
