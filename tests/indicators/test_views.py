"""The pages of an indicator, the entry sheet and the review, as a stranger with a browser meets them."""

from __future__ import annotations

import html
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

from accounts.models import Membership, User
from accounts.permissions import Role
from indicators.models import Actual, ActualEvent, Indicator, State, Target
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
        approval_number="老民〔2024〕1号",
        revised_by=factories.person(display_name="李强"),
        revised_at=timezone.now(),
    )
    shown = words(sign_in(factories.person(Role.LEADER)).get(indicator.get_absolute_url()))
    assert "50 原文“50” 已调整" in shown
    assert "48 原文“48” 2024-05-06 李强 调整：省下达新任务（老民〔2024〕1号）" in shown


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


# ---- The entry sheet


def test_the_sheet_shows_the_cells_of_the_clerk(sign_in: SignIn) -> None:
    indicator = open_indicator(number="4")
    factories.actual(indicator=indicator, year=2022, value=Decimal(44), state=State.APPROVED)
    factories.actual(indicator=indicator, value=Decimal(0), text="0")
    page = sign_in(factories.person(Role.CLERK)).get(sheet_url(indicator))
    shown = cells(page, f'id="line-{indicator.pk}"')
    assert (shown[0], shown[1].removeprefix("4 ")) == ("4", "养老机构护理型床位占比")
    assert shown[2:6] == [
        "%",
        "40",
        "44",
        "46 按路径推算",
    ]
    assert 'name="value" value="0"' in page.content.decode()
    assert "填报中，2100年1月1日截止（北京时间）" in words(page)


def test_a_locked_cell_has_no_input(sign_in: SignIn) -> None:
    indicator = open_indicator()
    factories.actual(indicator=indicator, state=State.SUBMITTED)
    page = sign_in(factories.person(Role.CLERK)).get(sheet_url(indicator))
    assert f'hx-post="{save_url(indicator)}"' not in page.content.decode()
    assert cells(page, f'id="line-{indicator.pk}"')[6:] == ["45", "有数据", "", "待审核"]


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.LEADER, Role.ANALYST, Role.PLANNER])
def test_the_sheet_is_closed_to_who_may_see_the_plan_but_enters_nothing(sign_in: SignIn, role: Role) -> None:
    indicator = open_indicator()
    client = sign_in(factories.person(role))
    assert client.get(sheet_url(indicator)).status_code == 403
    assert client.post(reverse("entry_submit", args=[indicator.plan.code, 2023])).status_code == 403
    assert client.post(save_url(indicator), {"value": "47"}).status_code == 403
    assert client.post(save_url(indicator), {"value": "47"}, headers=HTMX).status_code == 403
    assert not Actual.objects.exists()


@pytest.mark.parametrize("role", [Role.LEADER, Role.REVIEWER])
@pytest.mark.parametrize(("value", "year"), [("1e5", 2023), ("47", 1999)], ids=["no_figure", "no_year_of_the_plan"])
def test_who_enters_nothing_is_told_so_whatever_they_send(sign_in: SignIn, role: Role, value: str, year: int) -> None:
    client = sign_in(factories.person(role))
    assert client.post(save_url(open_indicator(), year), {"value": value}, headers=HTMX).status_code == 403


@pytest.mark.parametrize("role", [Role.CLERK, Role.REVIEWER, Role.LEADER, Role.SYSTEM])
def test_a_plan_of_another_region_is_not_found(sign_in: SignIn, role: Role) -> None:
    indicator = open_indicator()
    actual = factories.actual(indicator=indicator, state=State.APPROVED)
    client = sign_in(factories.person(role, factories.region("330127", "淳安县")))
    assert client.get(indicator.get_absolute_url()).status_code == 404
    assert client.get(sheet_url(indicator)).status_code == 404
    assert client.post(reverse("entry_submit", args=[indicator.plan.code, 2023])).status_code == 404
    assert client.post(save_url(indicator), {"value": "47"}).status_code == 404
    move = {"move": "reopen", "version": "1", "note": "改"}
    assert client.post(reverse("actual_move", args=[actual.pk]), move).status_code == 404


@pytest.mark.parametrize("year", [2020, 2026, 0, HUGE])
def test_a_year_outside_the_plan_has_no_sheet(sign_in: SignIn, year: int) -> None:
    plan = open_indicator().plan
    client = sign_in(factories.person(Role.CLERK))
    assert client.get(f"/plans/{plan.code}/entry/{year}/").status_code == 404
    assert client.post(f"/plans/{plan.code}/entry/{year}/submit/").status_code == 404


@pytest.mark.parametrize("year", [2020, 2026, 0, HUGE])
def test_a_year_outside_the_plan_is_not_saved(sign_in: SignIn, year: int) -> None:
    indicator = open_indicator()
    client = sign_in(factories.person(Role.CLERK))
    answer = client.post(f"/indicators/{indicator.pk}/entry/{year}/", {"value": "47"}, headers=HTMX)
    assert answer.status_code in (404, 422)
    assert not Actual.objects.exists()


# ---- Saving a cell


def test_a_saved_cell_is_answered_with_its_new_version(sign_in: SignIn) -> None:
    indicator = open_indicator()
    client = sign_in(factories.person(Role.CLERK))
    answer = client.post(save_url(indicator), {"value": "４６．５", "version": ""}, headers=HTMX)
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()
    assert words(answer).strip() == "✓ 已保存 10:00:00 草稿"
    assert 'name="version" value="1"' in answer.content.decode()
    again = client.post(save_url(indicator), {"value": "46.8", "version": "1"}, headers=HTMX)
    assert 'name="version" value="2"' in again.content.decode()
    assert Actual.objects.get().value == Decimal("46.8")


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"value": "1e5"}, "✕ 未保存：“1e5”是科学计数法。请写全，例如 100000。"),
        ({"value": "=1+1"}, "✕ 未保存：“=1+1”像是公式，不能作为数值。请直接填写数字，例如 12.5。"),
        (
            {"value": "5", "availability": "missing"},
            "✕ 未保存：已填写数据，与数据情况“暂缺”不符，请改其中一项。",
        ),
    ],
)
def test_what_is_no_figure_is_answered_with_the_reason_and_saves_nothing(
    sign_in: SignIn, typed: dict[str, str], message: str
) -> None:
    indicator = open_indicator()
    answer = sign_in(factories.person(Role.CLERK)).post(save_url(indicator), typed, headers=HTMX)
    assert answer.status_code == 422
    assert words(answer).strip() == message
    assert '<input type="hidden"' in answer.content.decode()
    assert not Actual.objects.exists()


def test_a_conflict_shows_both_values_and_loses_none(sign_in: SignIn) -> None:
    indicator = open_indicator()
    other = factories.person(Role.CLERK, display_name="王芳")
    sign_in(other).post(save_url(indicator), {"value": "46.1", "note": "年报"}, headers=HTMX)
    client = sign_in(factories.person(Role.CLERK))
    answer = client.post(save_url(indicator), {"value": "46.9", "version": ""}, headers=HTMX)
    assert answer.status_code == 409
    assert words(answer).strip() == (
        "这个数据已被王芳改过，请核对后再保存。 王芳 存的 46.1 您填的 46.9 用我填的覆盖 改用对方的"
    )
    # the row keeps the version it was typed on; only a choice of one of the two buttons goes over the other figure
    assert 'name="version" value=""' in answer.content.decode()
    assert answer.content.decode().count('data-version="1"') == 2
    assert Actual.objects.get().value == Decimal("46.1")
    mine = client.post(save_url(indicator), {"value": "46.9", "version": "1"}, headers=HTMX)
    assert (mine.status_code, Actual.objects.get().value) == (200, Decimal("46.9"))
    assert list(ActualEvent.objects.values_list("value", flat=True)) == [Decimal("46.1"), Decimal("46.9")]


def test_a_conflict_with_zero_or_with_nothing_is_told_as_such(sign_in: SignIn) -> None:
    indicator = open_indicator()
    factories.actual(indicator=indicator, value=Decimal(0), text="0", version=3)
    client = sign_in(factories.person(Role.CLERK))
    answer = client.post(save_url(indicator), {"value": "", "version": "1"}, headers=HTMX)
    assert answer.status_code == 409
    assert "存的 0 您填的 未报" in words(answer)
    Actual.objects.update(value=Decimal(5))
    answer = client.post(save_url(indicator), {"value": "0", "version": "1"}, headers=HTMX)
    assert "存的 5 您填的 0 " in words(answer)


def test_a_conflict_about_a_judgement_shows_both_findings(sign_in: SignIn) -> None:
    indicator = open_indicator(kind="qualitative", target=None)
    factories.actual(indicator=indicator, value=None, judgement="met", version=2)
    answer = sign_in(factories.person(Role.CLERK)).post(
        save_url(indicator), {"judgement": "in_progress", "version": "1"}, headers=HTMX
    )
    assert answer.status_code == 409
    assert "存的 已达到 您填的 推进中" in words(answer)


def test_a_row_that_is_gone_is_a_conflict_without_another_value(sign_in: SignIn) -> None:
    indicator = open_indicator()
    answer = sign_in(factories.person(Role.CLERK)).post(
        save_url(indicator), {"value": "47", "version": "4"}, headers=HTMX
    )
    assert answer.status_code == 409
    assert "改过，请核对后再保存。" in words(answer)
    assert 'name="version" value=""' in answer.content.decode()


def test_a_refused_row_keeps_the_version_it_was_typed_on(sign_in: SignIn) -> None:
    """Else a slip, mended, would go over what somebody else saved meanwhile without a word."""
    indicator = open_indicator()
    factories.actual(indicator=indicator, version=2)
    answer = sign_in(factories.person(Role.CLERK)).post(
        save_url(indicator), {"value": "1e5", "version": "1"}, headers=HTMX
    )
    assert answer.status_code == 422
    assert 'name="version" value="1"' in answer.content.decode()


def test_the_figure_of_another_can_be_taken_over_whole(sign_in: SignIn) -> None:
    indicator = open_indicator(kind="relative", target=None)
    factories.actual(indicator=indicator, value=Decimal(5), comparator=Decimal("4.5"), note="居民消费")
    answer = sign_in(factories.person(Role.CLERK)).post(save_url(indicator), {"value": "6"}, headers=HTMX)
    assert answer.status_code == 409
    for attribute in ('data-value="5"', 'data-comparator="4.5"', 'data-note="居民消费"', 'data-version="1"'):
        assert attribute in answer.content.decode()


def test_a_closed_round_and_a_locked_figure_are_answered_with_the_reason(sign_in: SignIn) -> None:
    closed, locked = factories.indicator(), open_indicator()
    factories.actual(indicator=locked, state=State.SUBMITTED)
    client = sign_in(factories.person(Role.CLERK))
    answer = client.post(save_url(closed), {"value": "47"}, headers=HTMX)
    assert (answer.status_code, words(answer).strip()) == (422, "✕ 未保存：2023年未开放填报，不能保存。")
    answer = client.post(save_url(locked), {"value": "47", "version": "1"}, headers=HTMX)
    assert answer.status_code == 422
    assert "2023年数据为“待审核”，不能保存。" in words(answer)


def test_without_javascript_a_save_comes_back_to_the_sheet(sign_in: SignIn) -> None:
    indicator = open_indicator(number="4")
    client = sign_in(factories.person(Role.CLERK))
    saved = client.post(save_url(indicator), {"value": "47"})
    assert (saved.status_code, saved.headers["Location"]) == (302, sheet_url(indicator))
    refused = client.post(save_url(indicator), {"value": "1e5", "version": "1"}, follow=True)
    assert refused.redirect_chain == [(sheet_url(indicator), 302)]
    assert notices(refused) == ["4 养老机构护理型床位占比：“1e5”是科学计数法。请写全，例如 100000。"]
    stale = client.post(save_url(indicator), {"value": "46", "version": ""}, follow=True)
    assert len(notices(stale)) == 1
    assert Actual.objects.get().value == Decimal(47)


def test_saving_a_cell_again_on_the_page_keeps_the_kind_of_the_figure(sign_in: SignIn) -> None:
    """The sheet has no field for it; a 快报 entered over the API must not become a 年报 when its note is mended."""
    indicator = open_indicator()
    factories.actual(indicator=indicator, value=Decimal(47), figure_kind="preliminary")
    answer = sign_in(factories.person(Role.CLERK)).post(
        save_url(indicator), {"value": "47", "note": "补充说明", "version": "1"}, headers=HTMX
    )
    assert answer.status_code == 200
    assert (Actual.objects.get().note, Actual.objects.get().figure_kind) == ("补充说明", "preliminary")


# ---- Passing the sheet on


def test_submitting_says_what_went_and_what_did_not(sign_in: SignIn) -> None:
    fit = open_indicator(number="1", order=1)
    behind = factories.indicator(plan=fit.plan, number="2", order=2)
    factories.actual(indicator=fit, value=Decimal(47))
    factories.actual(indicator=behind, value=Decimal(41))
    client = sign_in(factories.person(Role.CLERK))
    url = reverse("entry_submit", args=[fit.plan.code, 2023])
    answer = client.post(url)
    assert answer.status_code == 422
    assert "有1处需要处理，未提交的数据仍为草稿：" in words(answer)
    assert "第2项“养老机构护理型床位占比”：按此数据指标评价为“滞后”。" in words(answer)
    assert "已提交1项，等待审核。" in words(answer)
    Actual.objects.filter(indicator=behind).update(note="新机构年底开放")
    assert client.post(url, follow=True).status_code == 200
    assert set(Actual.objects.values_list("state", flat=True)) == {"submitted"}
    assert "没有可提交的数据。" in words(client.post(url, follow=True))


# ---- The review


def test_the_review_shows_what_approving_would_mean(sign_in: SignIn) -> None:
    indicator = factories.indicator(number="4")
    clerk = factories.person(Role.CLERK, display_name="王芳")
    actual = factories.actual(
        indicator=indicator, value=Decimal(0), text="0", state=State.SUBMITTED, note="停业整顿", entered_by=clerk
    )
    shown = cells(sign_in(factories.person(Role.REVIEWER)).get("/review/"), f'id="actual-{actual.pk}"')
    assert (shown[0], shown[1].removeprefix("4 ")) == ("4", "养老机构护理型床位占比")
    assert shown[2:8] == ["%", "—", "46 按路径推算", "0", "—", "滞后"]
    assert shown[8].startswith("停业整顿 第4项“养老机构护理型床位占比”：")
    assert shown[9] == "王芳 2024-05-06 10:00"


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
        ({"move": "approve", "version": "7"}, "这个数据已被王芳改过，请核对后再保存。"),
        ({"move": "approve", "version": str(HUGE)}, "这个数据已被王芳改过，请核对后再保存。"),
    ],
)
def test_a_refused_step_says_why_and_changes_nothing(sign_in: SignIn, sent: dict[str, str], message: str) -> None:
    clerk = factories.person(Role.CLERK, display_name="王芳")
    actual = factories.actual(state=State.SUBMITTED, entered_by=clerk)
    answer = sign_in(factories.person(Role.REVIEWER)).post(reverse("actual_move", args=[actual.pk]), sent, follow=True)
    assert notices(answer) == [message]
    assert Actual.objects.get().state == State.SUBMITTED


@pytest.mark.parametrize(
    "sent", [{}, {"move": "save", "version": "1"}, {"move": "steal", "version": "1"}, {"move": "approve"}]
)
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
