"""Months through the review: who may take which step from where, when, and what stays behind."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEvent, User
from accounts.permissions import Role
from indicators.models import State
from indicators.moves import Move
from indicators.review import Forbidden, Refused, RoundClosed, StaleVersion, WrongState
from indicators.workflow import Unfit
from projects.kinds import KINDS, PROJECTS, WORK, Kind
from projects.models import ProjectReportEvent, Stage, WorkItem, WorkReportEvent, WorkState
from projects.months import Month
from projects.workflow import Entry, ProjectEntry, WorkEntry, move_reports, save_report
from tests import factories

pytestmark = pytest.mark.django_db

JUNE = Month(2023, 6)
ENTRIES: dict[str, Entry] = {
    "project": ProjectEntry(Stage.UNDER_WAY, Decimal(1200), Decimal(48), "用地未批", "已核对"),
    "work": WorkEntry(WorkState.UNDER_WAY, None, "方案已报批"),
}
EACH_KIND = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)


def owner_of(kind: Kind[Any], **values: Any) -> Any:
    return factories.project(**values) if kind is PROJECTS else factories.work_item(**values)


def month(kind: Kind[Any], state: State = State.DRAFT, **values: Any) -> Any:
    return (factories.project_report if kind is PROJECTS else factories.work_report)(state=state, **values)


def save(kind: Kind[Any], owner: Any, by: User, *, version: int | None = None, when: Month = JUNE) -> Any:
    return save_report(kind=kind, owner=owner, month=when, entry=ENTRIES[kind.code], by=by, version=version)


def step(kind: Kind[Any], report: Any, move: Move, by: User, *, version: int | None = None, note: str = "") -> Any:
    """One step; raises what refused it."""
    chosen = [(report, version or report.version)]
    (answer,) = move_reports(kind=kind, chosen=chosen, move=move, by=by, note=note)
    if isinstance(answer, Refused):
        raise answer
    return answer


def take(kind: Kind[Any], move: Move, report: Any, by: User) -> Any:
    """Any move, with all it asks for."""
    if move == Move.SAVE:
        return save(kind, report.owner, by, version=report.version)
    return step(kind, report, move, by, note="已核对")


def reread(report: Any) -> Any:
    return type(report).objects.get(pk=report.pk)


# ---- Who may do what from where

ALLOWED = {
    (Role.CLERK, State.DRAFT, Move.SAVE): State.DRAFT,
    (Role.CLERK, State.DRAFT, Move.SUBMIT): State.SUBMITTED,
    (Role.CLERK, State.RETURNED, Move.SAVE): State.RETURNED,
    (Role.CLERK, State.RETURNED, Move.SUBMIT): State.SUBMITTED,
    (Role.REVIEWER, State.SUBMITTED, Move.APPROVE): State.APPROVED,
    (Role.REVIEWER, State.SUBMITTED, Move.RETURN): State.RETURNED,
    (Role.REVIEWER, State.APPROVED, Move.REOPEN): State.DRAFT,
}
THEIRS: dict[Role, tuple[Move, ...]] = {
    Role.CLERK: (Move.SAVE, Move.SUBMIT),
    Role.REVIEWER: (Move.APPROVE, Move.RETURN, Move.REOPEN),
    Role.LEADER: (),
    Role.ANALYST: (),
    Role.PLANNER: (),
    Role.SYSTEM: (),
    Role.DISPLAY: (),
}


@EACH_KIND
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("move", Move)
def test_each_step_is_open_to_one_role_from_its_states_only(
    kind: Kind[Any], role: Role, state: State, move: Move
) -> None:
    report, person = month(kind, state), factories.person(role)
    target = ALLOWED.get((role, state, move))
    if target is not None:
        assert take(kind, move, report, person).state == target
        assert (reread(report).state, reread(report).version) == (target, 2)
        return
    with pytest.raises(WrongState if move in THEIRS[role] else Forbidden):
        take(kind, move, report, person)
    assert (reread(report).state, reread(report).version) == (state, 1)
    assert not kind.event.objects.exists()
    assert not AuditEvent.objects.exists()


@EACH_KIND
@pytest.mark.parametrize("code", ["330127", "100000"])
def test_the_right_role_in_another_region_takes_no_step(kind: Kind[Any], code: str) -> None:
    elsewhere = factories.region(code, "淳安县")
    draft, submitted = month(kind), month(kind, State.SUBMITTED)
    with pytest.raises(Forbidden):
        save(kind, draft.owner, factories.person(Role.CLERK, elsewhere), version=1)
    with pytest.raises(Forbidden):
        step(kind, submitted, Move.APPROVE, factories.person(Role.REVIEWER, elsewhere))


@EACH_KIND
def test_a_clerk_of_departments_enters_what_is_theirs(kind: Kind[Any]) -> None:
    theirs, other = factories.department(), factories.department()
    clerk = factories.person(Role.CLERK)
    clerk.memberships.get().departments.add(theirs)
    assert save(kind, owner_of(kind, department=theirs), clerk).state == State.DRAFT
    for owner in (owner_of(kind, department=other), owner_of(kind)):
        with pytest.raises(Forbidden):
            save(kind, owner, clerk)
    report = month(kind, **{kind.owner_field: owner_of(kind, department=other)})
    with pytest.raises(Forbidden):
        step(kind, report, Move.SUBMIT, clerk)


@EACH_KIND
def test_nobody_approves_what_they_had_a_hand_in(kind: Kind[Any]) -> None:
    both = factories.person(Role.REVIEWER)
    both.memberships.create(region=factories.region(), role=Role.CLERK)
    entered = month(kind, State.SUBMITTED, entered_by=both)
    draft = month(kind)
    passed_on = step(kind, draft, Move.SUBMIT, both)
    for report in (entered, passed_on):
        with pytest.raises(Forbidden, match="不能审核自己填报的数据"):
            step(kind, report, Move.APPROVE, both)
        assert reread(report).state == State.SUBMITTED


# ---- Days


@EACH_KIND
@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        (datetime(2023, 5, 31, 15, 59, tzinfo=UTC), False),  # 23:59 in Beijing
        (datetime(2023, 5, 31, 16, 0, tzinfo=UTC), True),  # the first minute of June there
    ],
)
def test_a_month_opens_at_midnight_in_beijing(
    kind: Kind[Any], at: datetime, is_open: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, clerk = owner_of(kind), factories.person(Role.CLERK)
    monkeypatch.setattr(timezone, "now", lambda: at)
    if is_open:
        assert save(kind, owner, clerk).when == JUNE
        return
    with pytest.raises(RoundClosed, match="未到填报时间，2023年6月1日起可以填报，不能保存。"):
        save(kind, owner, clerk)


@EACH_KIND
def test_no_month_before_the_plan_is_reported(kind: Kind[Any]) -> None:
    with pytest.raises(RoundClosed, match="规划自2021年开始，没有2020年12月，不能保存。"):
        save(kind, owner_of(kind), factories.person(Role.CLERK), when=Month(2020, 12))


# ---- Versions


@EACH_KIND
def test_a_stale_version_is_answered_with_what_is_stored(kind: Kind[Any]) -> None:
    report = month(kind)
    clerk = factories.person(Role.CLERK)
    for version in (None, 2):
        with pytest.raises(StaleVersion) as refused:
            save(kind, report.owner, clerk, version=version)
        assert refused.value.current == report
    with pytest.raises(StaleVersion):
        step(kind, report, Move.SUBMIT, clerk, version=2)
    assert reread(report).version == 1


@EACH_KIND
def test_a_first_entry_names_no_version(kind: Kind[Any]) -> None:
    with pytest.raises(StaleVersion):
        save(kind, owner_of(kind), factories.person(Role.CLERK), version=1)


@EACH_KIND
def test_saving_the_same_again_changes_nothing(kind: Kind[Any]) -> None:
    owner, clerk = owner_of(kind), factories.person(Role.CLERK)
    first = save(kind, owner, clerk)
    again = save(kind, owner, clerk)
    assert (again, again.version, kind.event.objects.count()) == (first, 1, 1)


# ---- Records


def test_each_step_leaves_an_event_with_the_month_as_it_then_stood_and_an_audit_line() -> None:
    project, clerk, reviewer = factories.project(), factories.person(Role.CLERK), factories.person(Role.REVIEWER)
    report = save(PROJECTS, project, clerk)
    report = step(PROJECTS, report, Move.SUBMIT, clerk)
    report = step(PROJECTS, report, Move.APPROVE, reviewer)
    report = step(PROJECTS, report, Move.REOPEN, reviewer, note="补报")
    changed = ProjectEntry(Stage.COMPLETED, Decimal(2500), Decimal(100), "", "完工")
    save_report(kind=PROJECTS, owner=project, month=JUNE, entry=changed, by=clerk, version=report.version)
    steps = ProjectReportEvent.objects.values_list(
        "move", "state", "version", "stage", "investment_done", "physical_progress", "problems", "note"
    )
    before = ("under_way", Decimal(1200), Decimal(48), "用地未批")
    assert list(steps) == [
        ("save", "draft", 1, *before, "已核对"),
        ("submit", "submitted", 2, *before, ""),
        ("approve", "approved", 3, *before, ""),
        ("reopen", "draft", 4, *before, "补报"),
        ("save", "draft", 5, "completed", Decimal(2500), Decimal(100), "", "完工"),
    ]
    lines = AuditEvent.objects.order_by("pk").values_list("action", "person", "region_code", "detail__version")
    assert list(lines) == [
        ("保存", str(clerk), "420682", 1),
        ("提交", str(clerk), "420682", 2),
        ("通过", str(reviewer), "420682", 3),
        ("重开", str(reviewer), "420682", 4),
        ("保存", str(clerk), "420682", 5),
    ]


def test_a_work_items_month_keeps_its_old_value_in_the_event() -> None:
    item = factories.work_item(target_operator="ge", target_value=Decimal(400))
    clerk = factories.person(Role.CLERK)
    for version, value in ((None, 300), (1, 320)):
        entry = WorkEntry(WorkState.UNDER_WAY, Decimal(value))
        save_report(kind=WORK, owner=item, month=JUNE, entry=entry, by=clerk, version=version)
    assert list(WorkReportEvent.objects.values_list("work_state", "value")) == [
        ("under_way", Decimal(300)),
        ("under_way", Decimal(320)),
    ]


@EACH_KIND
def test_what_demo_people_enter_is_demo(kind: Kind[Any]) -> None:
    clerk = factories.person(Role.CLERK, is_demo=True)
    assert save(kind, owner_of(kind), clerk).is_demo
    assert not save(kind, owner_of(kind), factories.person(Role.CLERK)).is_demo


# ---- Checks at submit


def test_the_checks_compare_with_the_newest_approved_month_only() -> None:
    project, clerk = factories.project(), factories.person(Role.CLERK)
    given = {"project": project, "investment_done": Decimal(1200)}
    factories.project_report(month=3, state=State.APPROVED, **given | {"investment_done": Decimal(900)})
    factories.project_report(month=5, state=State.SUBMITTED, **given | {"investment_done": Decimal(2000)})
    factories.project_report(month=7, state=State.APPROVED, **given | {"investment_done": Decimal(2100)})
    fits = factories.project_report(month=6, **given)
    assert step(PROJECTS, fits, Move.SUBMIT, clerk).state == State.SUBMITTED
    falls = factories.project_report(month=4, **given | {"investment_done": Decimal(800)})
    with pytest.raises(Unfit, match="累计完成投资800万元，低于2023年3月的900万元。请在说明中写明原因后再提交。"):
        step(PROJECTS, falls, Move.SUBMIT, clerk)
    assert step(PROJECTS, falls, Move.SUBMIT, clerk, note="决算核减").note == "决算核减"


def test_a_word_answers_a_question_and_fills_an_empty_month_but_chooses_no_stage() -> None:
    clerk = factories.person(Role.CLERK)
    empty = factories.project_report(investment_done=None, physical_progress=None)
    with pytest.raises(Unfit, match="本月没有填写内容"):
        step(PROJECTS, empty, Move.SUBMIT, clerk)
    assert step(PROJECTS, empty, Move.SUBMIT, clerk, note="冬季停工").state == State.SUBMITTED
    no_stage = factories.project_report(stage=Stage.UNSTATED)
    with pytest.raises(Unfit, match=r"请选择本月所处的阶段。$"):
        step(PROJECTS, no_stage, Move.SUBMIT, clerk, note="冬季停工")


# ---- Many at once


@EACH_KIND
def test_what_cannot_be_approved_holds_nobody_back(kind: Kind[Any]) -> None:
    reviewer = factories.person(Role.REVIEWER)
    fit, stale, own, draft, gone = (
        month(kind, State.SUBMITTED),
        month(kind, State.SUBMITTED),
        month(kind, State.SUBMITTED, entered_by=reviewer),
        month(kind),
        month(kind, State.SUBMITTED),
    )
    type(gone).objects.filter(pk=gone.pk).delete()
    chosen = [(fit, 1), (stale, 7), (own, 1), (draft, 1), (gone, 1), (fit, 1)]
    answers = move_reports(kind=kind, chosen=chosen, move=Move.APPROVE, by=reviewer)
    assert [type(answer) for answer in answers] == [
        kind.report,
        StaleVersion,
        Forbidden,
        WrongState,
        StaleVersion,
        WrongState,
    ]
    assert [reread(report).state for report in (fit, stale, own, draft)] == [
        State.APPROVED,
        State.SUBMITTED,
        State.SUBMITTED,
        State.DRAFT,
    ]


@EACH_KIND
@pytest.mark.parametrize("move", [Move.RETURN, Move.REOPEN])
def test_a_return_and_a_reopening_need_a_reason(kind: Kind[Any], move: Move) -> None:
    report = month(kind, State.SUBMITTED if move == Move.RETURN else State.APPROVED)
    with pytest.raises(Refused, match=f"{move.label}要写明理由。"):
        step(kind, report, move, factories.person(Role.REVIEWER), note="　 ")


def test_saving_is_not_a_step_without_figures() -> None:
    with pytest.raises(Refused, match="保存要带数据。"):
        move_reports(kind=PROJECTS, chosen=[], move=Move.SAVE, by=factories.person(Role.CLERK))


@EACH_KIND
@pytest.mark.parametrize("move", [Move.SUBMIT, Move.APPROVE])
def test_the_reads_of_a_batch_do_not_grow_with_its_rows(kind: Kind[Any], move: Move) -> None:
    def queries(rows: int) -> int:
        origin = State.DRAFT if move == Move.SUBMIT else State.SUBMITTED
        chosen = [(month(kind, origin), 1) for _ in range(rows)]
        person = factories.person(Role.CLERK if move == Move.SUBMIT else Role.REVIEWER)
        with CaptureQueriesContext(connection) as seen:
            move_reports(kind=kind, chosen=chosen, move=move, by=person)
        return len(seen)

    assert queries(3) == queries(1) + 2  # one write each


# ---- Work items stand where their months say


def approved(item: WorkItem, number: int, state: WorkState) -> Any:
    report = factories.work_report(item=item, month=number, work_state=state, state=State.SUBMITTED)
    return step(WORK, report, Move.APPROVE, factories.person(Role.REVIEWER))


def test_a_work_item_stands_where_its_newest_approved_month_says() -> None:
    item, bystander = factories.work_item(), factories.work_item(state=WorkState.DONE)
    reviewer = factories.person(Role.REVIEWER)
    states = []

    def look() -> None:
        item.refresh_from_db()
        states.append(item.state)

    june = approved(item, 6, WorkState.UNDER_WAY)
    look()
    approved(item, 3, WorkState.NOT_STARTED)  # an older month
    look()
    august = approved(item, 8, WorkState.DONE)
    look()
    factories.work_report(item=item, month=9, work_state=WorkState.UNDER_WAY, state=State.SUBMITTED)
    step(WORK, august, Move.REOPEN, reviewer, note="尚未验收")
    look()
    step(WORK, june, Move.REOPEN, reviewer, note="核对")
    look()
    assert states == ["under_way", "under_way", "done", "under_way", "not_started"]
    bystander.refresh_from_db()
    assert bystander.state == WorkState.DONE


def test_without_an_approved_month_a_work_item_is_not_started() -> None:
    item = factories.work_item(state=WorkState.DONE)
    report = approved(item, 6, WorkState.UNDER_WAY)
    step(WORK, report, Move.REOPEN, factories.person(Role.REVIEWER), note="核对")
    item.refresh_from_db()
    assert item.state == WorkState.NOT_STARTED
