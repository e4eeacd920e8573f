"""The pages of an indicator, the entry sheet and the review, as a stranger with a browser meets them."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from accounts.models import Membership, User
from accounts.permissions import Role
from indicators.models import Actual, ActualEvent, Indicator, Metric, State, Target
from indicators.reassess import reassess
from tests import factories

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
HTMX = {"HX-Request": "true"}
HUGE = 10**30


@pytest.fixture(autouse=True)
def spring_2024(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2024, 5, 6, 2, 0, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: now)


def words(answer: Any) -> str:
    """What a reader reads: the page without its tags."""
    page = re.sub(r"<script.*?</script>", "", answer.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def cells(answer: Any, row: str) -> list[str]:
    """The cells of the table row whose markup contains this text."""
    rows = re.findall(r"<tr.*?</tr>", answer.content.decode(), flags=re.DOTALL)
    (found,) = [one for one in rows if row in one]
    texts = re.findall(r"<t[dh].*?</t[dh]>", found, flags=re.DOTALL)
    return [re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text))).strip() for text in texts]


def notices(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def open_indicator(**values: Any) -> Indicator:
    indicator = factories.indicator(**values)
    factories.open_round(indicator.plan, 2023)
    return indicator


def save_url(indicator: Indicator, year: int = 2023) -> str:
    return reverse("actual_save", args=[indicator.pk, year])


def sheet_url(indicator: Indicator, year: int = 2023) -> str:
    return reverse("entry_sheet", args=[indicator.plan.code, year])


# ---- The indicator's page


def test_the_page_prints_the_years_with_zero_as_zero_and_nothing_as_a_dash(sign_in: SignIn) -> None:
    indicator = factories.indicator(baseline_value=Decimal(0), baseline_text="０", source_ref="专栏1第4行")
    factories.actual(indicator=indicator, year=2021, value=Decimal(0), state=State.APPROVED)
    reassess(Indicator.objects.all())
    page = sign_in(factories.person(Role.LEADER)).get(indicator.get_absolute_url())
    assert cells(page, '<th scope="row">2021</th>') == [
        "2021",
        "10 按路径推算",
        "0",
        "0",
        "0.0%",
        "20.0%",
        "滞后",
        "已审核 年报",
        "",
    ]
    assert cells(page, '<th scope="row">2022</th>')[2:7] == ["—", "—", "—", "40.0%", "未填报"]
    assert cells(page, '<th scope="row">2024</th>')[2:7] == ["—", "—", "—", "80.0%", "未到期"]
    assert "2021年实际0%，评价为“滞后”。" in words(page)
    assert "原文位置 专栏1第4行" in words(page)
    assert "50 原文“50”" in words(page)
    assert "基期原文 ０" in words(page)


def test_an_indicator_that_was_never_assessed_has_its_page(sign_in: SignIn) -> None:
    indicator = factories.indicator(target=None, baseline_value=None, baseline_year=None)
    factories.actual(indicator=indicator, state=State.APPROVED)
    page = sign_in(factories.person(Role.LEADER)).get(indicator.get_absolute_url())
    assert page.status_code == 200
    assert cells(page, '<th scope="row">2023</th>')[1:6] == ["—", "45", "—", "—", "—"]
    assert "基期原文 未载明" in words(page)


def test_a_revised_target_shows_both_versions(sign_in: SignIn) -> None:
    indicator = factories.indicator()
    indicator.targets.update(is_current=False)
    Target.objects.create(
        indicator=indicator,
        year=2025,
        version=2,
        value=Decimal(48),
        text="48",
        reason="省下达新任务",
        approved_by_body="老河口市人民政府",
        approval_number="老民〔2024〕1号",
        revised_by=factories.person(display_name="李强"),
        revised_at=timezone.now(),
    )
    shown = words(sign_in(factories.person(Role.LEADER)).get(indicator.get_absolute_url()))
    assert "50 原文“50” 已调整" in shown
    assert "48 原文“48” 2024-05-06 李强 调整：省下达新任务（老河口市人民政府，老民〔2024〕1号）" in shown


def test_a_figure_under_review_is_for_staff_and_marked(sign_in: SignIn) -> None:
    indicator = factories.indicator()
    factories.actual(indicator=indicator, value=Decimal("46.7"), state=State.SUBMITTED, note="内部说明")
    staff = sign_in(factories.person(Role.REVIEWER)).get(indicator.get_absolute_url())
    assert cells(staff, '<th scope="row">2023</th>')[2] == "46.7"
    assert cells(staff, '<th scope="row">2023</th>')[7:] == ["待审核 年报", "内部说明"]
    for role in (Role.LEADER, Role.ANALYST):
        page = sign_in(factories.person(role)).get(indicator.get_absolute_url())
        assert cells(page, '<th scope="row">2023</th>')[2:] == ["—", "—", "—", "—", "未填报", "—", ""]
        assert "46.7" not in page.content.decode()
        assert "内部说明" not in page.content.decode()


def test_what_people_write_is_never_markup(sign_in: SignIn) -> None:
    evil = "<script>alert(1)</script>"
    indicator = open_indicator(name=evil, remark=evil, definition=evil)
    factories.actual(indicator=indicator, note=evil, value=Decimal(41), state=State.SUBMITTED, text=evil)
    reviewer, clerk = factories.person(Role.REVIEWER, display_name=evil), factories.person(Role.CLERK)
    for client, url in (
        (sign_in(reviewer), indicator.get_absolute_url()),
        (sign_in(reviewer), reverse("review_list")),
        (sign_in(clerk), sheet_url(indicator)),
    ):
        answer = client.get(url)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.content.decode()
    conflict = sign_in(clerk).post(save_url(indicator), {"value": "=<script>alert(1)"}, headers=HTMX)
    assert "<script>alert" not in conflict.content.decode()


@pytest.mark.parametrize("pk", [0, HUGE, 987654])
def test_an_indicator_that_does_not_exist_is_not_found(sign_in: SignIn, pk: int) -> None:
    client = sign_in(factories.person(Role.CLERK))
    assert client.get(f"/indicators/{pk}/").status_code == 404
    assert client.post(f"/indicators/{pk}/entry/2023/", {"value": "1"}).status_code == 404
    assert client.post(f"/actuals/{pk}/move/", {"move": "submit", "version": "1"}).status_code == 404


# ---- Which way of asking is answered


def test_each_address_answers_its_own_methods_only(sign_in: SignIn) -> None:
    indicator = open_indicator()
    actual = factories.actual(indicator=indicator)
    both = factories.person(Role.CLERK)
    Membership.objects.create(user=both, region=factories.region(), role=Role.REVIEWER)
    client = sign_in(both)
    pages = [indicator.get_absolute_url(), sheet_url(indicator), reverse("review_list")]
    steps = [
        save_url(indicator),
        reverse("entry_submit", args=[indicator.plan.code, 2023]),
        reverse("actual_move", args=[actual.pk]),
    ]
    assert [client.post(url).status_code for url in pages] == [405, 405, 405]
    assert [client.delete(url).status_code for url in pages + steps] == [405] * 6
    assert [client.get(url).status_code for url in steps] == [405, 405, 405]
    assert [client.head(url).status_code for url in pages] == [200, 200, 200]
    assert not ActualEvent.objects.exists()


def test_nobody_in_particular_is_sent_to_the_login(client: Client) -> None:
    indicator = open_indicator()
    for url in (indicator.get_absolute_url(), sheet_url(indicator), reverse("review_list")):
        answer = client.get(url)
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/login/?next={url}")
    assert client.post(save_url(indicator), {"value": "47"}).status_code == 302
    assert not Actual.objects.exists()


def test_a_form_from_another_site_is_refused() -> None:
    indicator = open_indicator()
    client = Client(enforce_csrf_checks=True)
    client.force_login(factories.person(Role.CLERK))
    assert client.post(save_url(indicator), {"value": "47"}).status_code == 403
    assert not Actual.objects.exists()


# ---- The review


def test_the_review_shows_what_approving_would_mean(sign_in: SignIn) -> None:
    indicator = factories.indicator(number="4")
    clerk = factories.person(Role.CLERK, display_name="王芳")
    actual = factories.actual(
        indicator=indicator, value=Decimal(0), text="0", state=State.SUBMITTED, note="停业整顿", entered_by=clerk
    )
    shown = cells(sign_in(factories.person(Role.REVIEWER)).get("/review/"), f'id="actual-{actual.pk}"')
    assert (shown[1], shown[2].removeprefix("4 ")) == ("4", "养老机构护理型床位占比")
    assert shown[3:9] == ["%", "—", "46 按路径推算", "0", "—", "滞后"]
    assert shown[9].startswith("停业整顿 ▲ 第4项“养老机构护理型床位占比”：")
    assert shown[10] == "王芳 2024-05-06 10:00"


@pytest.mark.parametrize("role", [Role.CLERK, Role.LEADER, Role.ANALYST, Role.PLANNER, Role.SYSTEM])
def test_the_review_is_for_reviewers(sign_in: SignIn, role: Role) -> None:
    assert sign_in(factories.person(role)).get("/review/").status_code == 403


@pytest.mark.parametrize("query", ["?plan=no-such-plan", "?year=abc", "?plan=a%20b&year=2023", f"?year={HUGE}", "?x=1"])
def test_an_unknown_filter_of_the_review_breaks_nothing(sign_in: SignIn, query: str) -> None:
    factories.actual(state=State.SUBMITTED)
    assert sign_in(factories.person(Role.REVIEWER)).get(f"/review/{query}").status_code == 200


def test_approving_comes_back_to_the_list_with_a_sentence(sign_in: SignIn) -> None:
    actual = factories.actual(indicator=factories.indicator(number="4"), state=State.SUBMITTED)
    answer = sign_in(factories.person(Role.REVIEWER)).post(
        reverse("actual_move", args=[actual.pk]), {"move": "approve", "version": "1"}, follow=True
    )
    assert answer.redirect_chain == [("/review/", 302)]
    assert notices(answer) == ["4 养老机构护理型床位占比 2023年：已通过，现为“已审核”。"]


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"move": "return", "version": "1"}, "退回要写明理由。"),
        ({"move": "reopen", "version": "1", "note": "改"}, "“养老机构护理型床位占比”2023年数据为“待审核”，不能重开。"),
        ({"move": "approve", "version": "7"}, "您查看之后，王芳又改过这个数据，请按现在的数据重新核对。"),
        ({"move": "approve", "version": str(HUGE)}, "您查看之后，王芳又改过这个数据，请按现在的数据重新核对。"),
    ],
)
def test_a_refused_step_says_why_and_changes_nothing(sign_in: SignIn, sent: dict[str, str], message: str) -> None:
    clerk = factories.person(Role.CLERK, display_name="王芳")
    actual = factories.actual(state=State.SUBMITTED, entered_by=clerk)
    answer = sign_in(factories.person(Role.REVIEWER)).post(reverse("actual_move", args=[actual.pk]), sent, follow=True)
    assert message in words(answer)
    assert Actual.objects.get().state == State.SUBMITTED


@pytest.mark.parametrize("sent", [{}, {"move": "save", "version": "1"}, {"move": "steal", "version": "1"}])
def test_a_step_that_does_not_exist_changes_nothing(sign_in: SignIn, sent: dict[str, str]) -> None:
    actual = factories.actual(state=State.SUBMITTED)
    answer = sign_in(factories.person(Role.REVIEWER)).post(reverse("actual_move", args=[actual.pk]), sent, follow=True)
    assert len(notices(answer)) >= 1
    assert not ActualEvent.objects.exists()


def test_steps_of_others_are_forbidden_and_hidden_figures_not_found(sign_in: SignIn) -> None:
    approved = factories.actual(state=State.APPROVED)
    submitted = factories.actual(state=State.SUBMITTED)
    leader, clerk = sign_in(factories.person(Role.LEADER)), sign_in(factories.person(Role.CLERK))
    step = {"move": "reopen", "version": "1", "note": "改"}
    assert leader.post(reverse("actual_move", args=[approved.pk]), step).status_code == 403
    assert clerk.post(reverse("actual_move", args=[approved.pk]), step).status_code == 403
    assert clerk.post(reverse("actual_move", args=[submitted.pk]), step | {"move": "approve"}).status_code == 403
    assert leader.post(reverse("actual_move", args=[submitted.pk]), step | {"move": "approve"}).status_code == 404


def test_nobody_approves_their_own_figure_on_the_page(sign_in: SignIn) -> None:
    both = factories.person(Role.CLERK)
    Membership.objects.create(user=both, region=factories.region(), role=Role.REVIEWER)
    actual = factories.actual(state=State.SUBMITTED, entered_by=both)
    client = sign_in(both)
    assert "您填报的数据须由他人审核" in words(client.get("/review/"))
    url = reverse("actual_move", args=[actual.pk])
    assert client.post(url, {"move": "approve", "version": "1"}).status_code == 403
    assert Actual.objects.get().state == State.SUBMITTED


def test_every_answer_is_a_plain_page(sign_in: SignIn) -> None:
    answer: HttpResponse = sign_in(factories.person(Role.LEADER)).get(factories.indicator().get_absolute_url())  # type: ignore[assignment]
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["X-Frame-Options"] == "DENY"


# ---- What planners rule, on the page


def ruled_on(**values: Any) -> Indicator:
    """41 in 2023 where 46 was due: 滞后."""
    indicator = factories.indicator(**values)
    factories.actual(indicator=indicator, value=Decimal(41), state=State.APPROVED)
    reassess(Indicator.objects.all())
    return indicator


OVERRIDE = {"year": "2023", "verdict": "on_track", "reason": "省级通报认定", "seen": ""}


def test_a_planner_overrides_a_verdict_and_a_leader_sees_both(sign_in: SignIn) -> None:
    indicator = ruled_on()
    planner = sign_in(factories.person(Role.PLANNER, display_name="李强"))
    answer = planner.post(reverse("override_add", args=[indicator.pk]), OVERRIDE, follow=True)
    assert answer.redirect_chain == [(indicator.get_absolute_url(), 302)]
    leader = sign_in(factories.person(Role.LEADER))
    page = leader.get(indicator.get_absolute_url())
    assert "评价为“符合预期”（人工评价，系统评价为“滞后”）。" in words(page)
    assert "人工评价为“符合预期”：省级通报认定（李强，2024-05-06）" in words(page)
    assert cells(page, '<th scope="row">2023</th>')[6] == "符合预期 系统评价：滞后"
    assert "改判某年的评价" not in words(page)
    table = leader.get(reverse("plan_detail", args=[indicator.plan.code]) + "?year=2023")
    assert "符合预期 系统评价：滞后" in words(table)
    sheet = sign_in(factories.person(Role.ANALYST)).get(
        reverse("plan_export", args=[indicator.plan.code, "completion"]) + "?year=2023"
    )
    book = load_workbook(io.BytesIO(b"".join(sheet)))
    texts = [str(cell.value) for page in book for row in page.iter_rows() for cell in row]
    assert any("人工评价为“符合预期”：省级通报认定" in text and "系统评价为“滞后”" in text for text in texts)


def test_a_ruling_is_withdrawn_with_a_reason_and_stays_on_the_page(sign_in: SignIn) -> None:
    indicator = ruled_on()
    planner = sign_in(factories.person(Role.PLANNER, display_name="李强"))
    planner.post(reverse("override_add", args=[indicator.pk]), OVERRIDE, follow=True)
    url = reverse("override_withdraw", args=[indicator.overrides.get().pk])
    refused = planner.post(url, {"reason": " "})
    assert (refused.status_code, notices(refused)) == (422, ["请写明撤销理由。"])
    assert planner.post(url, {"reason": "通报有误"}, follow=True).status_code == 200
    again = planner.post(url, {"reason": "通报有误"})
    assert (again.status_code, notices(again)) == (409, ["已由李强撤销，理由是：通报有误。"])
    assert "已撤销 2024-05-06 李强：通报有误" in words(again)
    assert cells(again, '<th scope="row">2023</th>')[6] == "滞后"


def test_a_ruling_on_what_changed_in_between_shows_both_and_can_be_sent_again(sign_in: SignIn) -> None:
    indicator = ruled_on()
    planner = sign_in(factories.person(Role.PLANNER, display_name="李强"))
    url = reverse("override_add", args=[indicator.pk])
    planner.post(url, OVERRIDE)
    answer = planner.post(url, OVERRIDE | {"verdict": "ahead"})
    assert answer.status_code == 409
    assert "另有认定：人工评价为“符合预期”" in words(answer)
    assert "您要认定的是：2023年评价为“快于预期”" in words(answer)
    # the page now rests on what stands
    (seen,) = re.findall(rf'name="seen" value="(2023:{indicator.overrides.get().pk})"', answer.content.decode())
    assert planner.post(url, OVERRIDE | {"verdict": "ahead", "seen": seen}).status_code == 302


@pytest.mark.parametrize(
    ("name", "sent", "message"),
    [
        ("override_add", {"year": "2023", "verdict": "", "reason": " "}, "请写明理由。"),
        ("override_add", {"year": "2025", "verdict": "on_track", "reason": "x"}, "选择一个有效的选项"),
        ("override_add", OVERRIDE | {"seen": "<script>"}, "页面内容有误，请刷新后重新填写。"),
        ("override_add", OVERRIDE | {"verdict": "met"}, "2023年的评价可以是："),
        ("exclusion_add", {"since_year": "2023", "cause": "", "reason": "x"}, "请选择原因。"),
        ("target_revise", {"year": "2025", "text": "1,23", "counts_from": "2024"}, "“1,23”"),
        ("target_revise", {"year": "2025", "text": "/", "counts_from": "2024"}, "目标不能为空。"),
        ("target_revise", {"year": "2025", "text": "≥55", "counts_from": "2024", "reason": "x"}, "请填写批准文号。"),
        ("target_revise", {"year": "2025", "text": "≥55", "counts_from": "2024", "reason": "x"}, "请填写批准机关"),
        (
            "target_revise",
            {"year": "2023", "text": "55", "counts_from": "2024"},
            "2023年的目标最迟从2023年的数据起适用。",
        ),
        ("target_revise", {"year": "2025", "text": "55", "is_band": "on"}, "只有区间目标可以设为不得超过上限。"),
    ],
)
def test_what_cannot_be_ruled_is_said_in_the_form(
    sign_in: SignIn, name: str, sent: dict[str, str], message: str
) -> None:
    indicator = ruled_on()
    answer = sign_in(factories.person(Role.PLANNER)).post(reverse(name, args=[indicator.pk]), sent)
    assert answer.status_code in (400, 422)
    assert message in words(answer)
    assert (indicator.overrides.count(), indicator.exclusions.count(), indicator.targets.count()) == (0, 0, 1)


def test_a_target_is_revised_on_the_page_and_earlier_years_keep_theirs(sign_in: SignIn) -> None:
    indicator = ruled_on()
    planner = sign_in(factories.person(Role.PLANNER, display_name="李强"))
    why = {"reason": "省下达新任务", "approval_number": "老民〔2024〕1号", "seen": "2025:1"}
    why["approved_by_body"] = "老河口市人民政府"
    url = reverse("target_revise", args=[indicator.pk])
    sent = {"year": "2025", "text": "４２", "counts_from": "2024", **why}
    page = planner.post(url, sent, follow=True)
    assert (
        "42 原文“４２” 2024-05-06 李强 调整：省下达新任务（老河口市人民政府，老民〔2024〕1号），自2024年数据起适用"
        in words(page)
    )
    assert "50 原文“50” 已调整" in words(page)
    assert cells(page, '<th scope="row">2023</th>')[1] == "46 按路径推算"
    assert cells(page, '<th scope="row">2024</th>')[1] == "41.6 按路径推算"
    stale = planner.post(url, sent | {"text": "44"})
    assert stale.status_code == 409
    assert "已由李强调整为“４２”，您要调整为“44”" in words(stale)
    table = planner.get(reverse("plan_detail", args=[indicator.plan.code]) + "?year=2023")
    assert "50 2024年起 42" in words(table)


def test_an_indicator_taken_out_is_marked_with_the_word_and_the_sentence_names_it(sign_in: SignIn) -> None:
    indicator = ruled_on()
    planner = sign_in(factories.person(Role.PLANNER, display_name="李强"))
    sent = {"since_year": "2023", "cause": "transferred", "reason": "机构改革"}
    page = planner.post(reverse("exclusion_add", args=[indicator.pk]), sent, follow=True)
    assert cells(page, '<th scope="row">2023</th>')[6] == "职能划转 系统评价：滞后"
    assert "自2023年起职能划转，不参与评价：机构改革（李强，2024-05-06）" in words(page)
    table = planner.get(reverse("plan_detail", args=[indicator.plan.code]) + "?year=2023")
    assert "另有1项因职能划转不参与评价。" in words(table)
    url = reverse("exclusion_withdraw", args=[indicator.exclusions.get().pk])
    page = planner.post(url, {"reason": "职能划回"}, follow=True)
    assert cells(page, '<th scope="row">2023</th>')[6] == "滞后"


@pytest.mark.parametrize("number", [1, 3])
def test_the_whole_page_takes_a_fixed_number_of_queries(
    sign_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    metric = Metric.objects.create(code="beds", name="床位", theme=factories.theme(), direction="up")
    indicator = ruled_on(metric=metric)
    for year in range(2021, 2021 + number):
        factories.override(indicator=indicator, year=year)
        ruled_on(metric=metric, plan=factories.plan(region=factories.region("330127", "淳安县")))
    client = sign_in(factories.person(Role.LEADER, factories.region("100000")))
    client.get(indicator.get_absolute_url())
    with django_assert_num_queries(19):
        assert client.get(indicator.get_absolute_url()).status_code == 200
