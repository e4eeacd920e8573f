"""A draft is answered, changed, published once; nobody else's, nothing half."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import AuditEvent, User
from accounts.permissions import Role
from indicators.models import Indicator, Metric, Target
from indicators.review import Forbidden, Refused
from plans.models import Plan, Source
from projects.models import Project
from reports.drafts.content import MOST_ROWS, Content, DraftProject, DraftTarget
from reports.drafts.workflow import (
    Choice,
    NotReady,
    Published,
    StaleDraft,
    begin_draft,
    check_draft,
    discard_draft,
    publish_draft,
    save_row,
)
from reports.models import DraftState, PlanDraft
from tests import factories

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def planner() -> User:
    return factories.person(Role.PLANNER, display_name="李强")


def kept(draft: PlanDraft) -> Content:
    draft.refresh_from_db()
    return Content.from_json(draft.content)


def project(key: str = "p1", **values: Any) -> DraftProject:
    given: dict[str, Any] = {
        "number": key[1:],
        "name": "社会福利院三期",
        "total_investment": D(2500),
        "units": ["民政局"],
    }
    return DraftProject(key=key, **given | values)


def full_content() -> Content:
    """A group with a row below it, a row with two targets, one left out, a project with a unit."""
    rows = [
        factories.draft_row(
            "r1", name="低保标准增速", is_group=True, targets=[], baseline_value=None, baseline_text="/"
        ),
        factories.draft_row("r2", number="1.1", name="城市", parent="r1"),
        factories.draft_row(
            "r3",
            kind="cumulative",
            targets=[DraftTarget(2027, "〔3～5〕", "range", D(3), D(5)), DraftTarget(2030, "应保尽保", "text")],
            where="专栏1!B7",
            printed_name="占比*",
        ),
        factories.draft_row("r4", is_left_out=True),
    ]
    return factories.draft_content(*rows, projects=[project(), project("p2", is_left_out=True)])


# ---- Publishing


def test_publishing_makes_the_plan_as_the_draft_says_and_writes_one_audit_line(planner: User) -> None:
    draft = factories.plan_draft(full_content(), by=planner)
    plan = publish_draft(draft=draft, version=1, by=planner)

    assert (plan.code, plan.kind, plan.region.code) == ("laohekou-15", "five_year", "420682")
    assert (plan.source.publisher, plan.source.file_name) == ("老河口市民政局", "规划.xlsx")
    rows = list(plan.indicators.order_by("order"))
    assert [(row.number, row.order, row.origin, row.parent_id) for row in rows] == [
        ("1", 1, "table", None),
        ("1.1", 2, "table", rows[0].pk),
        ("3", 3, "table", None),
    ]
    assert (rows[2].source_ref, rows[2].printed_name, rows[2].baseline_value) == ("专栏1!B7", "占比*", D(40))
    promises = rows[2].targets.order_by("year").values_list("year", "operator", "value", "upper", "text")
    assert list(promises) == [(2027, "range", D(3), D(5), "〔3～5〕"), (2030, "text", None, None, "应保尽保")]
    built = plan.projects.get()
    assert (built.number, built.total_investment, built.units.get().name) == ("1", D(2500), "民政局")
    line = AuditEvent.objects.get()
    assert (line.action, line.person, line.region_code) == ("发布规划", "李强", "420682")
    assert line.summary == "民政事业发展“十五五”规划：指标3行，项目1个"
    draft.refresh_from_db()
    assert (draft.state, draft.plan, draft.version) == (DraftState.PUBLISHED, plan, 2)


def test_published_twice_it_is_one_plan(planner: User) -> None:
    draft = factories.plan_draft(by=planner)
    publish_draft(draft=draft, version=1, by=planner)
    for version in (1, 2):
        with pytest.raises(Published):
            publish_draft(draft=draft, version=version, by=planner)
    assert Plan.objects.count() == 1


def test_open_doubts_and_wrong_rows_are_all_named_and_nothing_is_written(planner: User) -> None:
    content = factories.draft_content(
        factories.draft_row("r1", theme=None),
        factories.draft_row("r2", number="1", theme_confirmed=False),
        factories.draft_row("r3", name="百" * 101, baseline_year=None),
        factories.draft_row("r4", targets=[DraftTarget(2031, "5", value=D(5))], parent="r9"),
        factories.draft_row("r5", is_group=True),
        factories.draft_row("r6", parent="r7"),
        factories.draft_row("r7", parent="r6", number=""),
        projects=[project(start_year=2030, end_year=2026, name="")],
    )
    content.facts.publisher, content.facts.end_year = "", 2029
    content.ask("r1", "direction", "左右是何意？")
    draft = factories.plan_draft(content, by=planner)
    with pytest.raises(NotReady) as refused:
        publish_draft(draft=draft, version=1, by=planner)
    found = [(fault.anchor, fault.words) for fault in refused.value.faults]
    assert found == [
        (content.doubts[0].key, "左右是何意？"),
        ("facts", "来源文件发布机构：此字段不能为空。"),
        ("facts", "五年规划应跨五个年度，年度工作要点应为一个年度，请改起止年。"),
        ("r1", "序号“1”有2行，每行要有自己的序号。"),
        ("r1", "没有业务领域，请选择。"),
        ("r1", "2030年目标不在规划期2026～2029年内。"),
        ("r2", "序号“1”有2行，每行要有自己的序号。"),
        ("r2", "业务领域是建议的，请核对后保存。"),
        ("r2", "2030年目标不在规划期2026～2029年内。"),
        ("r3", "指标：确保该变量包含不超过 100 字符 (目前字符数 101)。"),
        ("r3", "有基期值就要有基期年。"),
        ("r3", "2030年目标不在规划期2026～2029年内。"),
        ("r4", "上级指标不在发布的行里，请另选上级或设为没有上级。"),
        ("r4", "2031年目标不在规划期2026～2029年内。"),
        ("r5", "设为由下级行填报，却没有下级行。"),
        ("r5", "由下级行填报的行不设目标值，目标填在下级行。"),
        ("r5", "2030年目标不在规划期2026～2029年内。"),
        ("r6", "上级指标不能是本行或本行的下级。"),
        ("r6", "2030年目标不在规划期2026～2029年内。"),
        ("r7", "序号：此字段不能为空。"),
        ("r7", "上级指标不能是本行或本行的下级。"),
        ("r7", "2030年目标不在规划期2026～2029年内。"),
        ("p1", "项目名称：此字段不能为空。"),
        ("p1", "开工年不能晚于完工年。"),
    ]
    assert (Plan.objects.count(), Source.objects.count(), AuditEvent.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("taken", ["plan", "source"])
def test_a_code_that_is_taken_by_any_region_is_refused_whole(planner: User, taken: str) -> None:
    if taken == "plan":
        factories.plan(code="laohekou-15", region=factories.region("330127", "淳安县"))
    else:
        factories.source(code="laohekou-15")
    plans = Plan.objects.count()
    draft = factories.plan_draft(by=planner)
    with pytest.raises(NotReady) as refused:
        publish_draft(draft=draft, version=1, by=planner)
    assert [fault.anchor for fault in refused.value.faults] == ["facts"]
    assert (Plan.objects.count(), Indicator.objects.count()) == (plans, 0)


def test_an_empty_draft_is_refused(planner: User) -> None:
    content = factories.draft_content(factories.draft_row(is_left_out=True))
    with pytest.raises(NotReady) as refused:
        publish_draft(draft=factories.plan_draft(content, by=planner), version=1, by=planner)
    assert [fault.words for fault in refused.value.faults] == ["没有要发布的行。"]


def test_what_a_demo_person_publishes_says_so() -> None:
    demo = factories.person(Role.PLANNER, is_demo=True)
    content = factories.draft_content()
    draft = begin_draft(region=factories.region(), content=content, by=demo)
    plan = publish_draft(draft=draft, version=1, by=demo)
    assert plan.remark == "由演示账号建立，为演示数据。"


# ---- Further projects of a plan that is there


def test_projects_come_behind_those_of_the_plan(planner: User) -> None:
    plan = factories.plan()
    factories.project(plan=plan, number="1", order=40)
    content = Content(projects=[project("p2"), project("p3")])
    content.facts.title = "补充项目"
    draft = factories.plan_draft(content, by=planner, into=plan)
    assert publish_draft(draft=draft, version=1, by=planner) == plan
    assert list(plan.projects.order_by("order").values_list("number", "order")) == [("1", 40), ("2", 41), ("3", 42)]
    assert AuditEvent.objects.get().action == "补充项目"


def test_a_project_number_that_is_there_is_refused_and_nothing_is_added(planner: User) -> None:
    plan = factories.plan()
    factories.project(plan=plan, number="2")
    content = Content(projects=[project("p1"), project("p2")])
    content.facts.title = "补充项目"
    draft = factories.plan_draft(content, by=planner, into=plan)
    with pytest.raises(NotReady) as refused:
        publish_draft(draft=draft, version=1, by=planner)
    assert [(fault.anchor, fault.words) for fault in refused.value.faults] == [
        ("p2", "规划里已有序号“2”的项目，不能重复导入。")
    ]
    assert Project.objects.count() == 1


# ---- Answers, choices, rows


def test_answers_and_choices_are_written_together_or_not_at_all(planner: User) -> None:
    content = factories.draft_content(factories.draft_row("r1", theme_confirmed=False))
    good, bad = content.ask("r1", "unit", "单位？"), content.ask("r1", "baseline", "基期？", year=2025)
    draft = factories.plan_draft(content, by=planner)
    choices = {"r1": Choice(theme=factories.theme("children", "儿童福利").pk, metric=0, department=None)}
    answers = {good.key: "张", bad.key: "1,23"}
    with pytest.raises(NotReady) as refused:
        check_draft(draft=draft, version=1, answers=answers, choices=choices, by=planner)
    assert [fault.anchor for fault in refused.value.faults] == [bad.key]
    assert kept(draft) == content

    answers = {good.key: "张", bad.key: "45"}
    check_draft(draft=draft, version=1, answers=answers, choices=choices, by=planner)
    row = kept(draft).rows[0]
    assert (row.unit, row.baseline_value, row.metric_decided, row.theme_confirmed) == ("张", D(45), True, True)
    assert kept(draft).open_doubts == []
    assert draft.version == 2


def test_an_entry_of_the_dictionary_is_linked_only_when_somebody_says_so(planner: User) -> None:
    theme = factories.theme()
    metric = Metric.objects.create(code="beds", name="养老机构护理型床位占比", unit="%", theme=theme, direction="up")
    draft = factories.plan_draft(by=planner)
    plan = publish_draft(draft=draft, version=1, by=planner)
    row = plan.indicators.get()
    assert (row.metric, row.metric_note) == (None, "建立规划时未关联")

    content = factories.draft_content()
    content.facts.code = "laohekou-15b"
    linked = factories.plan_draft(content, by=planner)
    choices = {"r1": Choice(theme=theme.pk, metric=metric.pk, department=None)}
    check_draft(draft=linked, version=1, answers={}, choices=choices, by=planner)
    assert publish_draft(draft=linked, version=2, by=planner).indicators.get().metric == metric


def test_a_stale_version_writes_nothing_and_names_who_was_faster(planner: User) -> None:
    colleague = factories.person(Role.PLANNER, display_name="王芳")
    draft = factories.plan_draft(by=planner)
    row = factories.draft_row("r1", name="改过的名称")
    save_row(draft=draft, version=1, row=row, by=colleague)
    with pytest.raises(StaleDraft, match="王芳改过这份草稿，没有保存"):
        save_row(draft=draft, version=1, row=factories.draft_row("r1", name="另一名称"), by=planner)
    for late in (publish_draft, discard_draft):
        with pytest.raises(StaleDraft):
            late(draft=draft, version=1, by=planner)
    assert kept(draft).rows[0].name == "改过的名称"


def test_a_new_row_stands_where_it_was_put(planner: User) -> None:
    draft = factories.plan_draft(factories.draft_content(factories.draft_row("r1"), factories.draft_row("r2")))
    save_row(draft=draft, version=1, row=factories.draft_row("", number="9"), after="r1", by=planner)
    save_row(draft=draft, version=2, row=factories.draft_row("", number="10"), by=planner)
    assert [row.number for row in kept(draft).rows] == ["1", "9", "2", "10"]


def test_a_row_that_was_looked_at_has_no_open_doubts(planner: User) -> None:
    content = factories.draft_content()
    content.ask("r1", "unit", "单位？")
    draft = factories.plan_draft(content)
    save_row(draft=draft, version=1, row=factories.draft_row("r1"), by=planner)
    assert len(kept(draft).open_doubts) == 1
    save_row(draft=draft, version=2, row=factories.draft_row("r1"), looked_at=True, by=planner)
    assert kept(draft).open_doubts == []


def test_too_many_rows_are_refused(planner: User) -> None:
    rows = [factories.draft_row(f"r{number}") for number in range(1, MOST_ROWS + 2)]
    with pytest.raises(Refused, match="一份草稿最多200行"):
        begin_draft(region=factories.region(), content=factories.draft_content(*rows), by=planner)
    assert not PlanDraft.objects.exists()


def test_a_discarded_draft_is_gone_and_on_record(planner: User) -> None:
    draft = factories.plan_draft(by=planner)
    discard_draft(draft=draft, version=1, by=planner)
    assert not PlanDraft.objects.exists()
    assert AuditEvent.objects.get().action == "删除规划草稿"


# ---- Who


@pytest.mark.parametrize("role", [role for role in Role if role != Role.PLANNER])
def test_only_a_planner_of_the_region_begins_or_touches_a_draft(role: Role) -> None:
    draft = factories.plan_draft()
    for stranger in (factories.person(role), factories.person(Role.PLANNER, factories.region("330127", "淳安县"))):
        with pytest.raises(Forbidden):
            begin_draft(region=factories.region(), content=factories.draft_content(), by=stranger)
        with pytest.raises(Refused, match="这份草稿已不在"):
            publish_draft(draft=draft, version=1, by=stranger)
        with pytest.raises(Refused, match="这份草稿已不在"):
            discard_draft(draft=draft, version=1, by=stranger)
    assert not Plan.objects.exists()


def test_a_colleague_of_the_region_may_go_on(planner: User) -> None:
    draft = factories.plan_draft()
    publish_draft(draft=draft, version=1, by=planner)
    assert Target.objects.get().value == D(55)


# ---- What the database itself refuses


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": DraftState.PUBLISHED},
        {"published_at": timezone.now()},
        {"title": ""},
    ],
    ids=["published without a date", "dated without being published", "without a title"],
)
def test_the_row_protects_itself(wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.plan_draft(**wrong)


def test_a_draft_that_is_none_has_no_plan() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.plan_draft(plan=factories.plan())


def test_a_plan_that_is_removed_leaves_its_draft_published(planner: User) -> None:
    draft = factories.plan_draft()
    publish_draft(draft=draft, version=1, by=planner).delete()
    draft.refresh_from_db()
    assert (draft.state, draft.plan) == (DraftState.PUBLISHED, None)
