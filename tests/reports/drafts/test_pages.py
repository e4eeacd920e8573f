"""The pages of drafts: what they show, whom they refuse, what they keep of what was typed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.permissions import Role
from indicators.models import Metric
from plans.models import Plan
from reports.drafts.content import Content, DraftProject, DraftTarget
from reports.drafts.workflow import save_row
from reports.models import PlanDraft
from tests import factories

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
D = Decimal


@pytest.fixture
def planner() -> User:
    return factories.person(Role.PLANNER, display_name="李强")


@pytest.fixture
def client(sign_in: SignIn, planner: User) -> Client:
    return sign_in(planner)


def kept(draft: PlanDraft) -> Content:
    draft.refresh_from_db()
    return Content.from_json(draft.content)


def row_form(**values: Any) -> dict[str, Any]:
    """The form of a row as the page sends it back untouched."""
    given: dict[str, Any] = {
        "version": 1, "number": "1", "name": "养老机构护理型床位占比", "unit": "%", "attribute": "unstated",
        "kind": "level", "direction": "up", "decimals": "0", "baseline_year": "2025", "baseline": "40",
        "target_2030": "55", "theme": factories.theme().pk,
    }  # fmt: skip
    return {**given, **values}


# ---- The preview


def test_the_preview_shows_each_row_as_understood_beside_what_is_printed(client: Client) -> None:
    row = factories.draft_row(
        printed={"target 2030": "63％左右", "name": "占比（%）"},
        targets=[DraftTarget(2030, "63％左右", "approx", D(63))],
        where="专栏1!B7",
    )
    content = factories.draft_content(row)
    content.ask("r1", "direction", "“左右”以高还是以低为好？", choices=[("up", "越高越好"), ("down", "越低越好")])
    page = client.get(factories.plan_draft(content).get_absolute_url()).content.decode()
    for words in ("约63", "原文：63％左右", "原文：占比（%）", "专栏1!B7", "“左右”以高还是以低为好？", "待答疑问"):
        assert words in page
    assert 'href="#r1"' in page
    assert 'id="r1"' in page


def test_what_a_table_holds_is_text_on_the_page(client: Client) -> None:
    bad = "<script>alert(1)</script>"
    content = factories.draft_content(factories.draft_row(name=bad, printed={"name": bad}, remark=bad), notes=[bad])
    content.ask("r1", "unit", bad, choices=[(bad, bad)])
    content.projects.append(DraftProject("p1", name=bad, units=[bad]))
    page = client.get(factories.plan_draft(content).get_absolute_url()).content.decode()
    assert bad not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_suggested_entry_is_offered_with_its_score_and_not_chosen(client: Client) -> None:
    theme = factories.theme()
    metric = Metric.objects.create(code="beds", name="养老机构护理型床位比例", unit="%", theme=theme, direction="up")
    page = client.get(factories.plan_draft().get_absolute_url()).content.decode()
    # ten of eleven characters each are the same, in the same order: 20 of 22
    assert f'<option value="{metric.pk}">养老机构护理型床位比例（相似91分）</option>' in page
    assert '<option value="" selected>未确认，暂不关联</option>' in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_preview_takes_the_same_queries_for_any_number_of_rows(
    client: Client, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    content = factories.draft_content(*(factories.draft_row(f"r{at}") for at in range(1, count + 1)))
    address = factories.plan_draft(content).get_absolute_url()
    client.get(address)
    with django_assert_num_queries(9):
        client.get(address)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number_of_drafts(
    client: Client, planner: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        factories.plan_draft(by=planner)
    with django_assert_num_queries(9):
        page = client.get("/drafts/").content.decode()
    assert page.count("“十五五”规划</a>") == count


# ---- Saving, stale and wrong


def test_what_was_typed_stays_when_an_answer_is_refused(client: Client) -> None:
    content = factories.draft_content()
    doubt = content.ask("r1", "baseline", "基期？", year=2025)
    draft = factories.plan_draft(content)
    answer = client.post(reverse("draft_check", args=[draft.pk]), {"version": 1, f"{doubt.key}-text": "=1+1"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "像是公式" in page
    assert 'value="=1+1"' in page
    assert kept(draft) == content


def test_a_stale_preview_is_answered_with_what_is_there_now_and_what_was_typed(client: Client) -> None:
    content = factories.draft_content()
    doubt = content.ask("r1", "unit", "单位？")
    draft = factories.plan_draft(content)
    colleague = factories.person(Role.PLANNER, display_name="王芳")
    save_row(draft=draft, version=1, row=factories.draft_row("r1", name="新名称"), by=colleague)
    answer = client.post(reverse("draft_check", args=[draft.pk]), {"version": 1, f"{doubt.key}-text": "张"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "王芳改过这份草稿" in page
    assert "新名称" in page
    assert 'value="张"' in page
    assert 'name="version" value="2"' in page


def test_a_row_saved_untouched_stays_as_it_was_understood(client: Client) -> None:
    row = factories.draft_row(targets=[DraftTarget(2030, "63％左右", "approx", D(63))], where="B7")
    draft = factories.plan_draft(factories.draft_content(row))
    answer = client.post(reverse("draft_row_save", args=[draft.pk, "r1"]), row_form(target_2030="约63"))
    assert answer.status_code == 302, answer.content.decode()
    row.metric_decided = True
    assert kept(draft).rows == [row]


def test_a_changed_row_is_read_by_the_parser_of_the_portal(client: Client) -> None:
    draft = factories.plan_draft()
    typed = row_form(baseline="４５．２％", target_2030="≥６０", target_2027="35～40", decimals="1", is_left_out="on")
    assert client.post(reverse("draft_row_save", args=[draft.pk, "r1"]), typed).status_code == 302
    row = kept(draft).rows[0]
    assert (row.baseline_value, row.baseline_year, row.decimals, row.is_left_out) == (D("45.2"), 2025, 1, True)
    assert [(target.year, target.operator, target.value, target.upper) for target in row.targets] == [
        (2027, "range", D(35), D(40)),
        (2030, "ge", D(60), None),
    ]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"target_2030": "=cmd|' /C calc'!A0"}, "像是公式"),
        ({"target_2030": "1,23"}, "1,23"),
        ({"target_2030": "9" * 20}, "太大"),
        ({"baseline": "40左右"}, "实际值只能填一个数"),
        ({"baseline_year": ""}, "有基期值就要有基期年"),
        ({"baseline_year": "99999"}, "2100"),
        ({"kind": "unheard"}, "unheard"),
        ({"theme": ""}, "必填"),
        ({"theme": "999999"}, "999999"),
        ({"name": "百" * 101}, "100"),
        ({"hard_minimum": "5", "hard_maximum": "5"}, "应小于"),
        ({"number": ""}, "必填"),
        ({"version": ""}, "必填"),
    ],
)
def test_a_row_that_cannot_be_is_refused_with_the_reason(client: Client, typed: dict[str, str], words: str) -> None:
    draft = factories.plan_draft()
    answer = client.post(reverse("draft_row_save", args=[draft.pk, "r1"]), row_form(**typed))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert kept(draft) == factories.draft_content()


def test_a_stale_row_keeps_what_was_typed_and_goes_through_the_second_time(client: Client) -> None:
    draft = factories.plan_draft()
    save_row(draft=draft, version=1, row=factories.draft_row("r1"), by=factories.person(Role.PLANNER))
    address = reverse("draft_row_save", args=[draft.pk, "r1"])
    answer = client.post(address, row_form(name="我的名称"))
    assert answer.status_code == 409
    assert 'value="我的名称"' in answer.content.decode()
    assert 'name="version" value="2"' in answer.content.decode()
    assert client.post(address, row_form(name="我的名称", version=2)).status_code == 302
    assert kept(draft).rows[0].name == "我的名称"


def test_a_row_and_a_project_are_added_by_hand(client: Client) -> None:
    draft = factories.plan_draft()
    assert client.get(reverse("draft_row", args=[draft.pk, "new"])).status_code == 200
    added = row_form(number="2", after="r1", parent="r1")
    assert client.post(reverse("draft_row_save", args=[draft.pk, "new"]), added).status_code == 302
    project = {"version": 2, "number": "1", "name": "福利院", "total_investment": "2,500", "stage": "unstated",
               "units": "民政局、住建局、民政局"}  # fmt: skip
    assert client.post(reverse("draft_project_save", args=[draft.pk, "new"]), project).status_code == 302
    content = kept(draft)
    assert [(row.number, row.parent) for row in content.rows] == [("1", ""), ("2", "r1")]
    assert (content.projects[0].total_investment, content.projects[0].units) == (D(2500), ["民政局", "住建局"])


def test_the_facts_are_changed_and_wrong_ones_refused(client: Client) -> None:
    draft = factories.plan_draft()
    address = reverse("draft_facts", args=[draft.pk])
    facts = {"version": 1, "title": "新名称", "short_title": "简称", "code": "abc-15", "start_year": 2026,
             "end_year": 2030, "published_on": "2026-03-01"}  # fmt: skip
    assert client.post(address, {**facts, "code": "有 空格"}).status_code == 422
    assert client.post(address, {**facts, "end_year": 2031}).status_code == 422
    assert client.post(address, facts).status_code == 302
    content = kept(draft)
    assert (draft.title, content.facts.publisher) == ("新名称", "老河口市民政局")
    assert content.facts.published_on == "2026-03-01"


def test_publishing_leads_to_the_plan_and_again_to_the_plan(client: Client) -> None:
    draft = factories.plan_draft()
    address = reverse("draft_publish", args=[draft.pk])
    assert client.post(address, {"version": 1})["Location"] == "/plans/laohekou-15/"
    assert client.post(address, {"version": 1})["Location"] == "/plans/laohekou-15/"
    assert Plan.objects.count() == 1
    assert "打开已发布的规划" in client.get(draft.get_absolute_url()).content.decode()
    assert client.get(reverse("draft_row", args=[draft.pk, "r1"])).status_code == 404


def test_what_is_in_the_way_of_publishing_is_listed_with_a_jump(client: Client) -> None:
    content = factories.draft_content(factories.draft_row(theme_confirmed=False))
    answer = client.post(reverse("draft_publish", args=[factories.plan_draft(content).pk]), {"version": 1})
    assert answer.status_code == 422
    assert '<a href="#r1">1 养老机构护理型床位占比</a>：业务领域是建议的' in answer.content.decode()
    assert not Plan.objects.exists()


@pytest.mark.parametrize("sent", [{}, {"version": "x"}, {"version": "0"}, {"version": "9" * 30}])
@pytest.mark.parametrize("name", ["draft_check", "draft_publish", "draft_discard"])
def test_a_request_without_a_version_writes_nothing(client: Client, name: str, sent: dict[str, str]) -> None:
    draft = factories.plan_draft()
    assert client.post(reverse(name, args=[draft.pk]), sent).status_code == 400
    assert kept(draft) == factories.draft_content()


def test_a_roll_over_is_begun_from_the_plan_page(client: Client) -> None:
    old = factories.indicator(plan=factories.plan(code="laohekou-14"))
    left = factories.indicator(plan=old.plan, number="77")
    assert "接续下一期" in client.get("/plans/laohekou-14/").content.decode()
    assert old.name in client.get(reverse("draft_roll", args=["laohekou-14"])).content.decode()
    sent = {"title": "“十五五”规划", "short_title": "“十五五”", "rows": [old.pk]}
    answer = client.post(reverse("draft_roll_start", args=["laohekou-14"]), sent)
    draft = PlanDraft.objects.get()
    assert answer["Location"] == draft.get_absolute_url()
    content = Content.from_json(draft.content)
    assert [row.number for row in content.rows] == [old.number]
    assert left.number not in answer.content.decode()
    assert (content.facts.code, content.facts.start_year) == ("laohekou-15", 2026)
    assert Plan.objects.count() == 1


@pytest.mark.parametrize("rows", [[], [999999], ["x"]])
def test_a_roll_over_of_no_row_or_of_another_plan_s_is_refused(client: Client, rows: list[Any]) -> None:
    factories.plan(code="laohekou-14")
    foreign = factories.indicator(plan=factories.plan(region=factories.region("330127", "淳安县")))
    sent = {"title": "规划", "short_title": "规划", "rows": [*rows, *([foreign.pk] if not rows else [])]}
    assert client.post(reverse("draft_roll_start", args=["laohekou-14"]), sent).status_code == 422
    assert not PlanDraft.objects.exists()


# ---- Whose


@pytest.mark.parametrize(
    "name", ["draft_detail", "draft_file", "draft_check", "draft_publish", "draft_discard", "draft_row"]
)
def test_another_region_s_draft_is_not_there(sign_in: SignIn, name: str) -> None:
    draft = factories.plan_draft(file=b"PK")
    arguments = [draft.pk, "r1"] if name == "draft_row" else [draft.pk]
    client = sign_in(factories.person(Role.PLANNER, factories.region("330127", "淳安县")))
    method = client.get if name in ("draft_detail", "draft_file", "draft_row") else client.post
    assert method(reverse(name, args=arguments), {"version": 1}).status_code == 404
    assert PlanDraft.objects.get().version == 1


def test_nothing_of_a_draft_is_seen_anywhere_else(sign_in: SignIn, client: Client) -> None:
    content = factories.draft_content(
        factories.draft_row(name="只在草稿里的指标"), projects=[DraftProject("p1", "1", name="只在草稿里的项目")]
    )
    factories.plan_draft(content, title="只在草稿里的规划")
    factories.indicator(plan=factories.plan(code="laohekou-14"))
    pages = ["/", "/plans/", "/plans/laohekou-14/", "/cockpit/", "/compare/", "/rounds/", "/api/v1/plans/",
             "/api/v1/indicators/", "/api/v1/projects/"]  # fmt: skip
    for address in pages:
        assert "只在草稿里" not in client.get(address).content.decode(), address
    assert "只在草稿里的规划" in client.get("/drafts/").content.decode()


def test_the_file_comes_back_as_it_was_sent(client: Client) -> None:
    answer = client.get(reverse("draft_file", args=[factories.plan_draft(file=b"PK\x03\x04abc").pk]))
    assert answer.content == b"PK\x03\x04abc"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert client.get(reverse("draft_file", args=[factories.plan_draft().pk])).status_code == 404
