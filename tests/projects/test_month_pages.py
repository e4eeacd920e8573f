"""The month sheet and the review of months as people use them, without JavaScript and as htmx asks."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any, cast

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.permissions import Role
from indicators.models import State
from indicators.moves import Move
from indicators.workflow import PassedOn
from plans.models import Plan, Section
from projects.entry import month_sheet, sheet_years, submit_month
from projects.forms import ProjectReportForm, WorkReportForm
from projects.kinds import KINDS, PROJECTS, WORK, Kind
from projects.models import ProjectReport, Stage, WorkReport, WorkState
from projects.months import Month
from projects.workflow import move_reports
from projects.worklists import months_to_review, months_waiting_for
from tests import factories
from tests.races import at_once

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
JUNE = Month(2023, 6)
HTMX = {"HX-Request": "true"}
EACH_KIND = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


def row_of(answer: Any, owner: Any) -> str:
    """The markup of one row of the sheet."""
    found = re.search(rf'<tr id="line-{owner.pk}".*?</tr>', answer.content.decode(), flags=re.DOTALL)
    assert found is not None
    return found[0]


def clerk() -> User:
    return factories.person(Role.CLERK)


def sheet_url(kind: Kind[Any], plan: Plan, month: Month = JUNE) -> str:
    return reverse(kind.sheet_address, args=[plan.code, *month])


def save_url(kind: Kind[Any], owner: Any, month: Month = JUNE) -> str:
    return reverse(kind.save_address, args=[owner.pk, *month])


def owner_of(kind: Kind[Any], **values: Any) -> Any:
    return factories.project(**values) if kind is PROJECTS else factories.work_item(**values)


def month(kind: Kind[Any], **values: Any) -> Any:
    return factories.project_report(**values) if kind is PROJECTS else factories.work_report(**values)


# ---- What is typed


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("１２３．５", "123.5"),
        ("1,234", "1234"),
        ("0", "0"),
        ("", None),
        ("／", None),
        ("1.2亿元", "12000"),
        (" 12 ", "12"),
    ],
)
def test_figures_are_read_as_everywhere_in_the_portal(typed: str, value: str | None) -> None:
    form = ProjectReportForm({"stage": "under_way", "investment_done": typed}, owner=factories.project())
    assert form.is_valid(), form.errors
    assert form.entry.investment_done == (None if value is None else Decimal(value))


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("investment_done", "=cmd", "“=cmd”"),
        ("investment_done", "1e5", "“1e5”"),
        ("investment_done", "-5", "累计完成投资不能为负数。"),
        ("investment_done", "9" * 300, "200"),
        ("physical_progress", "100.5", "形象进度应为0～100，现为100.5。是否少了小数点？"),
        ("physical_progress", "三成", "“三成”"),
        ("problems", "长" * 2001, "2000"),
        ("stage", "开工", "开工"),
        ("version", "一", "整数"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(name: str, typed: str, said: str) -> None:
    form = ProjectReportForm({"stage": "under_way", name: typed}, owner=factories.project())
    assert list(form.errors) == [name]
    assert said in form.refusals[0]


def test_a_task_is_asked_for_a_figure_in_its_own_unit_where_its_target_is_one() -> None:
    plain, counted = factories.work_item(), factories.work_item(target_operator="ge", target_value=400, unit="户")
    data = {"work_state": "under_way", "value": "３００户"}
    forms = [WorkReportForm(data, owner=item) for item in (plain, counted)]
    assert [form.is_valid() for form in forms] == [True, True]
    assert [form.entry.value for form in forms] == [None, Decimal(300)]


# ---- The sheet


def test_the_projects_stand_by_category_with_the_month_before_beside_the_inputs(sign_in: SignIn) -> None:
    plan = factories.plan()
    home = factories.project(plan=plan, category="养老", name="福利院")
    factories.project(plan=plan, category="殡葬", name="公墓", stage=Stage.IDEA)
    factories.project_report(project=home, month=4, state=State.APPROVED, investment_done=Decimal(900))
    factories.project_report(project=home, month=5, state=State.SUBMITTED, investment_done=Decimal("950.5"))
    page = sign_in(clerk()).get(sheet_url(PROJECTS, plan))
    row = row_of(page, home)
    assert "上次：2023年5月（待审核）" in row
    assert "上次 950.5" in row
    assert 'value="under_way" selected' in row
    assert 'value="" selected' not in row
    groups = month_sheet(PROJECTS, plan, JUNE, user=clerk(), years=range(2021, 2026)).groups
    assert [(title, [str(line.owner.name) for line in lines]) for title, lines in groups] == [
        ("养老", ["福利院"]),
        ("殡葬", ["公墓"]),
    ]


def test_the_tasks_stand_under_their_sections_in_the_order_of_the_document() -> None:
    plan = factories.plan()
    second = Section.objects.create(plan=plan, number="二", title="社会救助", order=2)
    first = Section.objects.create(plan=plan, number="一", title="养老服务", order=1)
    factories.work_item(plan=plan, title="无章节", order=1)
    factories.work_item(plan=plan, title="救助", section=second, order=2)
    factories.work_item(plan=plan, title="养老", section=first, order=3)
    groups = month_sheet(WORK, plan, JUNE, user=clerk(), years=range(2021, 2026)).groups
    assert [(title, [line.owner.name for line in lines]) for title, lines in groups] == [
        ("一 养老服务", ["养老"]),
        ("二 社会救助", ["救助"]),
        ("", ["无章节"]),
    ]


@EACH_KIND
@pytest.mark.parametrize(
    ("state", "reason"),
    [(State.SUBMITTED, "待审核"), (State.APPROVED, "已审核"), (State.DRAFT, ""), (State.RETURNED, "")],
)
def test_a_row_under_review_is_locked_and_says_why(sign_in: SignIn, kind: Kind[Any], state: State, reason: str) -> None:
    report = month(kind, state=state)
    person = clerk()
    (line,) = month_sheet(kind, report.owner.plan, JUNE, user=person, years=range(2021, 2026)).lines
    assert (line.lock_reason, line.cells is None) == (reason, bool(reason))
    row = row_of(sign_in(person).get(sheet_url(kind, report.owner.plan)), report.owner)
    assert ("<form" in row) is not bool(reason)
    assert report.get_state_display() in row


@EACH_KIND
def test_rows_of_another_department_and_months_to_come_are_locked_and_say_why(sign_in: SignIn, kind: Kind[Any]) -> None:
    owner = owner_of(kind, department=factories.department())
    colleague = clerk()
    colleague.memberships.get().departments.add(factories.department())
    assert "无权限：不在您负责的科室" in row_of(sign_in(colleague).get(sheet_url(kind, owner.plan)), owner)
    plan = factories.plan(start_year=2096, end_year=2100)
    later = owner_of(kind, plan=plan)
    page = sign_in(clerk()).get(sheet_url(kind, plan, Month(2097, 3)))
    assert "未到填报时间，2097年3月1日起可以填报" in row_of(page, later)


@EACH_KIND
@pytest.mark.parametrize("asked", [(2023, 0), (2023, 13), (2020, 12), (2101, 1), (10**20, 1)])
def test_a_month_outside_the_calendar_or_the_plan_is_not_found(
    sign_in: SignIn, kind: Kind[Any], asked: tuple[int, int]
) -> None:
    owner = owner_of(kind)
    client = sign_in(clerk())
    assert client.get(sheet_url(kind, owner.plan, Month(*asked))).status_code == 404
    assert client.post(save_url(kind, owner, Month(*asked))).status_code == 404


def test_the_years_of_the_sheets_run_on_after_the_plan() -> None:
    plan = factories.plan()
    assert list(sheet_years(plan, this_year=2023)) == [2021, 2022, 2023, 2024, 2025]
    assert list(sheet_years(plan, this_year=2027)) == [2021, 2022, 2023, 2024, 2025, 2026, 2027]


@EACH_KIND
def test_a_plan_without_rows_says_so(sign_in: SignIn, kind: Kind[Any]) -> None:
    assert "没有列出" in words(sign_in(clerk()).get(sheet_url(kind, factories.plan())))


@EACH_KIND
@pytest.mark.parametrize("rows", [1, 3])
def test_the_sheet_takes_four_queries(
    django_assert_num_queries: DjangoAssertNumQueries, kind: Kind[Any], rows: int
) -> None:
    plan, person = factories.plan(), clerk()
    assert len(person.held) == 1
    for _ in range(rows):
        owner = owner_of(kind, plan=plan)
        month(kind, **{kind.owner_field: owner}, month=5, state=State.APPROVED)
        month(kind, **{kind.owner_field: owner}, state=State.RETURNED)
    with django_assert_num_queries(5 if kind is PROJECTS else 4):  # and the files beside the months of projects
        month_sheet(kind, plan, JUNE, user=person, years=range(2021, 2026))


@EACH_KIND
def test_a_row_is_judged_beside_the_newest_month_before_it_and_the_newest_approved_one(kind: Kind[Any]) -> None:
    owner = owner_of(kind)
    states = {2: State.APPROVED, 3: State.APPROVED, 4: State.SUBMITTED, 5: State.DRAFT, 6: State.DRAFT, 7: State.DRAFT}
    for number, state in states.items():
        month(kind, **{kind.owner_field: owner}, month=number, state=state)
    found = kind.months_beside([owner.pk], JUNE).order_by("month").values_list("month", flat=True)
    assert list(found) == [3, 5, 6]
    (line,) = month_sheet(kind, owner.plan, JUNE, user=clerk(), years=range(2021, 2026)).lines
    assert (line.report and line.report.month, line.previous and line.previous.month) == (6, 5)


def test_the_inputs_say_what_they_are_for_and_hold_what_is_stored(sign_in: SignIn) -> None:
    report = factories.project_report(note='他说"好"')
    project = report.project
    row = row_of(sign_in(clerk()).get(sheet_url(PROJECTS, project.plan)), project)
    tags = [dict(re.findall(r'([\w-]+)="([^"]*)"', tag)) for tag in re.findall(r"<(?:input|select)[^>]*>", row)]
    inputs = {tag["name"]: tag for tag in tags}
    assert list(inputs) == [
        *("stage", "investment_done", "physical_progress", "problems", "note", "csrfmiddlewaretoken", "version"),
        "file",
    ]
    assert inputs["note"] == {
        "type": "text",
        "name": "note",
        "id": f"note-{project.pk}",
        "form": f"month-{project.pk}",
        "value": "他说&quot;好&quot;",
        "maxlength": "2000",
        "autocomplete": "off",
        "aria-label": f"{project.name} 2023年6月说明",
        "aria-describedby": f"status-{project.pk}",
    }
    figure = inputs["investment_done"]
    assert (figure["value"], figure["class"], figure["inputmode"]) == ("1000", "num", "decimal")
    assert re.findall(r'<option value="(\w+)" selected>', row) == ["under_way"]
    assert inputs["version"]["value"] == "1"


def test_a_task_has_an_input_for_its_figure_where_its_target_is_one(sign_in: SignIn) -> None:
    plan = factories.plan()
    plain, counted = (
        factories.work_item(plan=plan),
        factories.work_item(plan=plan, target_operator="ge", target_value=4),
    )
    page = sign_in(clerk()).get(sheet_url(WORK, plan))
    names = [re.findall(r'<(?:input|select)[^>]* name="(\w+)"', row_of(page, item)) for item in (plain, counted)]
    sent = ["note", "csrfmiddlewaretoken", "version"]
    assert names == [["work_state", *sent], ["work_state", "value", *sent]]


# ---- Saving


def test_a_row_is_saved_and_shown_again(sign_in: SignIn) -> None:
    project = factories.project()
    client = sign_in(clerk())
    data = {"stage": "under_way", "investment_done": "１，２００", "physical_progress": "48％", "problems": "用地未批"}
    answer = client.post(save_url(PROJECTS, project), data, follow=True)
    assert answer.redirect_chain == [(sheet_url(PROJECTS, project.plan), 302)]
    report = ProjectReport.objects.get()
    said = (report.when, report.stage, report.investment_done, report.physical_progress, report.problems)
    assert said == (JUNE, "under_way", Decimal(1200), Decimal(48), "用地未批")
    row = row_of(answer, project)
    assert 'name="version" value="1"' in row
    assert 'value="1200"' in row
    assert "2023年6月进展已保存" in words(answer)


def test_htmx_gets_the_status_and_never_the_inputs(sign_in: SignIn) -> None:
    item = factories.work_item()
    answer = sign_in(clerk()).post(save_url(WORK, item), {"work_state": "done"}, headers=HTMX)
    body = answer.content.decode()
    assert "✓ 已保存" in body
    assert 'name="version" value="1"' in body
    assert "<select" not in body


@pytest.mark.parametrize("is_htmx", [True, False])
def test_a_refused_input_keeps_what_was_typed_and_says_why(sign_in: SignIn, is_htmx: bool) -> None:
    project = factories.project()
    data = {"stage": "completed", "investment_done": "=cmd", "physical_progress": "12", "problems": "用地"}
    headers = HTMX if is_htmx else {}
    answer = sign_in(clerk()).post(save_url(PROJECTS, project), data, headers=headers)
    assert answer.status_code == 422
    assert "✕ 未保存：“=cmd”" in words(answer)
    assert not ProjectReport.objects.exists()
    if not is_htmx:
        row = row_of(answer, project)
        for typed in ('value="=cmd"', 'value="12"', 'value="用地"', 'value="completed" selected'):
            assert typed in row
        assert re.search(r'<input(?=[^>]*name="investment_done")[^>]*aria-invalid="true"', row)


@pytest.mark.parametrize("is_htmx", [True, False])
def test_a_conflict_shows_both_and_lets_the_person_choose(sign_in: SignIn, is_htmx: bool) -> None:
    other = factories.person(Role.CLERK, display_name="李四")
    report = factories.project_report(entered_by=other, investment_done=Decimal(1100), version=3)
    client = sign_in(clerk())
    data = {"stage": "under_way", "investment_done": "1300", "note": "台账", "version": "2"}
    url = save_url(PROJECTS, report.project)
    answer = client.post(url, data, headers=HTMX if is_htmx else {})
    assert answer.status_code == 409
    said = words(answer)
    assert "李四 存的 实施中，累计完成投资1100万元，形象进度40%" in said
    assert "您填的 实施中，累计完成投资1300万元；说明：台账" in said
    body = answer.content.decode()
    chosen = re.search(r"<form[^>]*>(?P<hidden>(?:<input[^>]*>)*)<button>用我填的覆盖", body)
    assert chosen is not None
    mine = dict(re.findall(r'name="(\w+)" value="([^"]*)"', chosen["hidden"]))
    mine.pop("csrfmiddlewaretoken", None)
    assert (mine["version"], mine["investment_done"], mine["note"]) == ("3", "1300", "台账")
    assert client.post(url, mine).status_code == 302
    report.refresh_from_db()
    assert (report.investment_done, report.note, report.version) == (Decimal(1300), "台账", 4)


@pytest.mark.parametrize("is_htmx", [True, False])
def test_what_was_typed_into_a_row_that_was_locked_meanwhile_is_not_lost(sign_in: SignIn, is_htmx: bool) -> None:
    report = factories.work_report(state=State.SUBMITTED)
    data = {"work_state": "done", "note": "已验收", "version": "1"}
    answer = sign_in(clerk()).post(save_url(WORK, report.item), data, headers=HTMX if is_htmx else {})
    assert answer.status_code == 409
    assert "2023年6月进展为“待审核”，不能保存。" in words(answer)
    if not is_htmx:
        assert 'value="已验收"' in row_of(answer, report.item)


# ---- Passing on


@EACH_KIND
def test_a_month_is_passed_on_as_a_whole_and_what_is_unfit_stays_with_its_sentence(
    sign_in: SignIn, kind: Kind[Any]
) -> None:
    plan = factories.plan()
    empty = {"investment_done": None, "physical_progress": None} if kind is PROJECTS else {"work_state": "not_started"}
    fit, unfit = (owner_of(kind, plan=plan) for _ in range(2))
    ready = month(kind, **{kind.owner_field: fit})
    held = month(kind, **{kind.owner_field: unfit}, **empty | {"note": ""})
    other_month = month(kind, **{kind.owner_field: fit}, month=7)
    answer = sign_in(clerk()).post(reverse(kind.submit_address, args=[plan.code, *JUNE]))
    assert answer.status_code == 422
    assert "本月没有填写内容" in words(answer)
    states = [type(row).objects.get(pk=row.pk).state for row in (ready, held, other_month)]
    assert states == [State.SUBMITTED, State.DRAFT, State.DRAFT]


@EACH_KIND
def test_passing_on_a_month_says_what_happened(sign_in: SignIn, kind: Kind[Any]) -> None:
    report = month(kind)
    client = sign_in(clerk())
    url = reverse(kind.submit_address, args=[report.owner.plan.code, *JUNE])
    assert "已提交1项，等待审核。" in words(client.post(url, follow=True))
    assert "没有可提交的进展。" in words(client.post(url, follow=True))


# ---- Review


def reviewer() -> User:
    return factories.person(Role.REVIEWER)


@EACH_KIND
def test_the_review_shows_what_was_submitted_and_has_no_input_for_a_figure(sign_in: SignIn, kind: Kind[Any]) -> None:
    month(kind, note="请核")
    report = month(kind, state=State.SUBMITTED, note="见台账")
    page = sign_in(reviewer()).get(reverse(kind.review_address))
    assert "共1项待审核" in words(page)
    assert "见台账" in words(page)
    names = set(re.findall(r'<(?:input|select|textarea)[^>]* name="(\w+)"', page.content.decode()))
    assert names == {"csrfmiddlewaretoken", "chosen", "move", "version", "note"}
    assert f'value="{report.pk}:1"' in page.content.decode()


def test_the_review_sets_the_month_beside_the_one_before_and_says_what_the_checks_found() -> None:
    project = factories.project()
    before = factories.project_report(project=project, month=5, state=State.APPROVED)
    report = factories.project_report(project=project, state=State.SUBMITTED, investment_done=Decimal(800), note="核减")
    (row,) = months_to_review(PROJECTS, reviewer())
    assert (row.report, row.previous, row.is_own) == (report, before, False)
    assert [problem.message for problem in row.problems] == [
        f"第{project.number}项“{project.name}”：累计完成投资800万元，低于2023年5月的1000万元。"
    ]


@EACH_KIND
def test_ones_own_months_are_shown_without_a_choice(sign_in: SignIn, kind: Kind[Any]) -> None:
    both = reviewer()
    month(kind, state=State.SUBMITTED, entered_by=both)
    page = sign_in(both).get(reverse(kind.review_address))
    assert "您填报的数据须由他人审核" in words(page)
    assert 'name="chosen"' not in page.content.decode()


@EACH_KIND
def test_a_month_is_returned_with_its_reason_mended_and_approved(sign_in: SignIn, kind: Kind[Any]) -> None:
    report = month(kind, state=State.SUBMITTED)
    review, entry = sign_in(reviewer()), sign_in(clerk())
    move = reverse(kind.move_address, args=[report.pk])
    refused = review.post(move, {"move": "return", "version": 1}, follow=True)
    assert "退回要写明理由。" in words(refused)
    returned = review.post(move, {"move": "return", "version": 1, "note": "台账不符"}, follow=True)
    assert "已退回，现为“退回”。" in words(returned)
    assert "退回理由：台账不符" in words(entry.get(sheet_url(kind, report.owner.plan)))
    entry.post(move, {"move": "submit", "version": 2})
    approved = review.post(move, {"move": "approve", "version": 3}, follow=True)
    assert "现为“已审核”。" in words(approved)
    assert words(approved).count("没有待审核的") == 1


@EACH_KIND
def test_ticked_months_are_approved_and_the_exceptions_are_listed(sign_in: SignIn, kind: Kind[Any]) -> None:
    fit, stale = (month(kind, state=State.SUBMITTED) for _ in range(2))
    elsewhere = factories.plan(region=factories.region("330127", "淳安县"))
    foreign = month(kind, **{kind.owner_field: owner_of(kind, plan=elsewhere)}, state=State.SUBMITTED)
    client, url = sign_in(reviewer()), reverse(kind.approve_address)
    ticked = [f"{fit.pk}:1", f"{stale.pk}:9", f"{foreign.pk}:1"]
    answer = client.post(url, {"chosen": ticked})
    assert answer.status_code == 422
    said = words(answer)
    assert "有2项没有通过，仍待审核" in said
    assert f"{stale}：这个数据已被{stale.entered_by}改过，请核对后再保存。" in said
    assert "另有1项已不存在，或不在您的权限范围内。" in said
    assert "已通过1项。" in said
    states = [type(row).objects.get(pk=row.pk).state for row in (fit, stale, foreign)]
    assert states == [State.APPROVED, State.SUBMITTED, State.SUBMITTED]
    assert client.post(url, {"chosen": [f"{stale.pk}:1"]}).status_code == 302


def test_what_the_checks_let_pass_can_be_ticked_together(sign_in: SignIn) -> None:
    clean = factories.project_report(state=State.SUBMITTED)
    factories.project_report(state=State.SUBMITTED, investment_done=Decimal(2600), note="超概算")
    client = sign_in(reviewer())
    ticked = [
        re.findall(r'value="(\d+:\d+)"[^>]* checked', client.get(url).content.decode())
        for url in ("/review/projects/", "/review/projects/?choose=1")
    ]
    assert ticked == [[], [f"{clean.pk}:1"]]


@pytest.mark.parametrize("chosen", [[], ["1"], ["a:b"], ["１:1"], ["9" * 400 + ":1"], ["1:1", ""]])
def test_a_broken_choice_is_refused_in_words(sign_in: SignIn, chosen: list[str]) -> None:
    answer = sign_in(reviewer()).post("/review/projects/approve/", {"chosen": chosen})
    assert answer.status_code == 422
    assert re.search("请先勾选|所选内容有误", words(answer))


@EACH_KIND
@pytest.mark.parametrize("rows", [1, 3])
def test_the_review_takes_four_queries(
    django_assert_num_queries: DjangoAssertNumQueries, kind: Kind[Any], rows: int
) -> None:
    person = reviewer()
    for _ in range(rows):
        report = month(kind)
        move_reports(kind=kind, chosen=[(report, 1)], move=Move.SUBMIT, by=clerk())
    assert len(person.held) == 1
    with django_assert_num_queries(5 if kind is PROJECTS else 4):  # and the files beside the months of projects
        assert len(months_to_review(kind, person)) == rows


# ---- Reopening, where it is shown, what waits


def test_a_reviewer_reopens_on_the_projects_page_with_a_reason_and_a_leader_cannot(sign_in: SignIn) -> None:
    report = factories.project_report(state=State.APPROVED)
    url = report.project.get_absolute_url()
    client = sign_in(reviewer())
    assert "重开2023年6月" in words(client.get(url))
    assert "重开" not in words(sign_in(factories.person(Role.LEADER)).get(url))
    sent = {"move": "reopen", "version": 1, "note": "补录"}
    answer = client.post(reverse("project_report_move", args=[report.pk]), sent, follow=True)
    assert answer.redirect_chain == [(url, 302)]
    assert "现为“草稿”。" in words(answer)
    assert "补录" in words(answer)


def test_a_work_item_shows_its_months_and_is_reopened_there(sign_in: SignIn) -> None:
    item = factories.work_item(target_operator="ge", target_value=Decimal(400), unit="户")
    factories.work_report(item=item, month=5, state=State.APPROVED, value=Decimal(300), note="")
    report = factories.work_report(item=item, state=State.APPROVED, work_state=WorkState.DONE, value=Decimal(400))
    factories.work_report(item=item, month=7, value=Decimal("390.25"))
    url = f"/work-items/{item.pk}/"
    assert item.get_absolute_url() == url
    leader = words(sign_in(factories.person(Role.LEADER)).get(url))
    assert "2023年6月 已完成 400 方案已印发 已审核" in leader
    assert "2023年5月 推进中 300 — 已审核" in leader
    assert "390.25" not in leader
    assert "重开" not in leader
    listed = words(sign_in(factories.person(Role.LEADER)).get(f"/plans/{item.plan.code}/work-items/?view=table"))
    assert "2023年6月 已完成，累计完成400户；方案已印发" in listed
    client = sign_in(reviewer())
    assert "重开2023年6月" in words(client.get(url))
    sent = {"move": "reopen", "version": 1, "note": "尚未验收"}
    answer = client.post(reverse("work_report_move", args=[report.pk]), sent, follow=True)
    assert answer.redirect_chain == [(url, 302)]
    assert "尚未验收" in words(answer)
    assert WorkReport.objects.get(pk=report.pk).state == State.DRAFT


def test_what_a_month_was_before_it_was_approved_stays_with_those_who_worked_on_it(sign_in: SignIn) -> None:
    report = factories.project_report(state=State.SUBMITTED)
    move_reports(kind=PROJECTS, chosen=[(report, 1)], move=Move.RETURN, by=reviewer(), note="口径有误")
    ProjectReport.objects.filter(pk=report.pk).update(state=State.SUBMITTED)
    move_reports(kind=PROJECTS, chosen=[(report, 2)], move=Move.APPROVE, by=reviewer())
    url = report.project.get_absolute_url()
    assert "口径有误" in words(sign_in(reviewer()).get(url))
    assert "口径有误" not in words(sign_in(factories.person(Role.LEADER)).get(url))


@EACH_KIND
def test_what_waits_is_counted_by_month_and_for_the_right_person(sign_in: SignIn, kind: Kind[Any]) -> None:
    plan = factories.plan()
    for number, state in ((5, State.RETURNED), (5, State.DRAFT), (5, State.DRAFT), (6, State.SUBMITTED)):
        month(kind, **{kind.owner_field: owner_of(kind, plan=plan)}, month=number, state=state)
    own = reviewer()
    month(kind, **{kind.owner_field: owner_of(kind, plan=plan)}, state=State.SUBMITTED, entered_by=own)
    counted = [
        [(item.month.number, item.returned, item.drafts, item.to_review) for item in months_waiting_for(person)]
        for person in (clerk(), own, reviewer(), factories.person(Role.LEADER))
    ]
    assert counted == [[(5, 1, 2, 0)], [(6, 0, 0, 1)], [(6, 0, 0, 2)], []]
    home = words(sign_in(clerk()).get("/"))
    assert f"2023年5月{kind.label} 退回 1 草稿 2 去填报" in home


@pytest.mark.parametrize("rows", [1, 3])
def test_what_waits_takes_four_queries(django_assert_num_queries: DjangoAssertNumQueries, rows: int) -> None:
    person = clerk()
    person.memberships.create(region=factories.region(), role=Role.REVIEWER)
    assert len(person.held) == 2
    for _ in range(rows):
        factories.project_report()
        factories.work_report(state=State.SUBMITTED)
    with django_assert_num_queries(4):
        months_waiting_for(person)


@EACH_KIND
def test_the_number_beside_home_is_the_sum_of_what_home_lists(sign_in: SignIn, kind: Kind[Any]) -> None:
    person = clerk()
    person.memberships.create(region=factories.region(), role=Role.REVIEWER)
    plan = factories.plan()
    factories.open_round(plan, 2023)
    factories.indicator(plan=plan)
    factories.actual(indicator=factories.indicator(plan=plan))
    factories.actual(indicator=factories.indicator(plan=plan), state=State.SUBMITTED)
    for number, state in ((5, State.RETURNED), (5, State.DRAFT), (5, State.DRAFT), (6, State.SUBMITTED)):
        month(kind, **{kind.owner_field: owner_of(kind, plan=plan)}, month=number, state=state)
    page = sign_in(person).get("/").content.decode()
    listed = re.findall(r">(?:退回|未填|草稿|待审核) (\d+)</span>", page)
    assert sorted(map(int, listed)) == [1, 1, 1, 1, 1, 2]
    assert re.findall(r'class="badge"[^>]*>(\d+)<', page) == ["7"]
    elsewhere = sign_in(person).get("/plans/").content.decode()
    assert re.findall(r'class="badge"[^>]*>(\d+)<', elsewhere) == ["7"]


@EACH_KIND
def test_an_earlier_month_that_is_quoted_keeps_its_demo_mark(sign_in: SignIn, kind: Kind[Any]) -> None:
    before = month(kind, month=5, state=State.APPROVED, is_demo=True)
    owner = before.owner
    row = row_of(sign_in(clerk()).get(sheet_url(kind, owner.plan)), owner)
    assert row.count("演示数据") == 1
    detail = sign_in(factories.person(Role.LEADER)).get(owner.get_absolute_url()).content.decode()
    figures = detail[detail.index('class="figures"') : detail.index("</section>")]
    assert figures.count("演示数据") == 1
    month(kind, **{kind.owner_field: owner}, state=State.SUBMITTED)
    assert "2023年5月 <span" in sign_in(reviewer()).get(reverse(kind.review_address)).content.decode()


@EACH_KIND
def test_a_month_passed_on_twice_at_once_is_passed_on_once(shared_database: None, kind: Kind[Any]) -> None:
    plan, person = factories.plan(), clerk()
    for _ in range(10):
        month(kind, **{kind.owner_field: owner_of(kind, plan=plan)})
    answers = at_once(*[partial(submit_month, kind, plan, JUNE, by=person)] * 2)
    won, lost = sorted(cast("list[PassedOn]", answers), key=lambda passed: -passed.submitted)
    assert won == PassedOn(10, [], 0)
    assert lost in (PassedOn(0, [], 0), PassedOn(0, [], 10))
