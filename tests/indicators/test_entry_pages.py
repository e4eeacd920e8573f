"""The entry sheet as a browser meets it: its cells, saving with and without script, checking, passing on, the panel."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.permissions import Role
from indicators.models import Actual, ActualEvent, Indicator, State
from tests import factories
from tests.indicators.test_views import (
    HTMX,
    HUGE,
    cells,
    notices,
    open_indicator,
    spring_2024,
    words,
)

__all__ = ["spring_2024"]  # the clock of this file too
pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]


def save_url(indicator: Indicator, year: int = 2023) -> str:
    return reverse("actual_save", args=[indicator.pk, year])


def sheet_url(indicator: Indicator, year: int = 2023) -> str:
    return reverse("entry_sheet", args=[indicator.plan.code, year])


def post_rows(client: Client, user: User, indicator: Indicator, *rows: dict[str, Any], **headers: str) -> Any:
    """What the sheet's script sends; the first row is this indicator's unless a row names another."""
    sent = [{"indicator": indicator.pk, "version": None, **row} for row in rows]
    url = reverse("entry_save", args=[indicator.plan.code, 2023])
    body = json.dumps({"rows": sent})
    return client.post(url, body, content_type="application/json", headers={"X-Sheet-Person": str(user.pk), **headers})


class Clerk:
    """A clerk of 老河口 at the sheet."""

    def __init__(self, sign_in: SignIn, **values: Any) -> None:
        self.user = factories.person(Role.CLERK, **values)
        self.client = sign_in(self.user)

    def save(self, indicator: Indicator, **row: Any) -> dict[str, Any]:
        answer = post_rows(self.client, self.user, indicator, row)
        assert answer.status_code == 200
        told: dict[str, Any] = answer.json()["rows"][str(indicator.pk)]
        return told


# ---- The page


def test_the_sheet_shows_the_cells_of_the_clerk(sign_in: SignIn) -> None:
    indicator = open_indicator(number="4")
    factories.actual(indicator=indicator, year=2022, value=Decimal(44), state=State.APPROVED)
    factories.actual(indicator=indicator, value=Decimal(0), text="0")
    page = Clerk(sign_in).client.get(sheet_url(indicator))
    shown = cells(page, f'id="line-{indicator.pk}"')
    assert (shown[0], shown[1].removeprefix("4 ")) == ("4", "养老机构护理型床位占比")
    assert shown[2:7] == ["%", "未载明", "40", "44", "46 按路径推算"]
    assert shown[8:11] == ["−44", "-400.0% / 60.0%", "滞后 按所填试算"]
    assert 'name="value" value="0"' in page.content.decode()
    assert "填报中，2100年1月1日截止（北京时间）" in words(page)
    assert "未填 0 / 共 1" in words(page)


def test_a_locked_cell_has_no_input(sign_in: SignIn) -> None:
    indicator = open_indicator()
    factories.actual(indicator=indicator, state=State.SUBMITTED)
    page = Clerk(sign_in).client.get(sheet_url(indicator))
    assert f'action="{save_url(indicator)}"' not in page.content.decode()
    shown = cells(page, f'id="line-{indicator.pk}"')
    assert [shown[at] for at in (7, 11, 12, 13, 14)] == ["45", "", "有数据", "年报", "⊘ 待审核"]


def test_the_rows_stand_under_their_themes_and_a_row_below_another_stays_there(sign_in: SignIn) -> None:
    first, second = factories.theme("elderly", "养老服务"), factories.theme("children", "儿童福利")
    children = open_indicator(number="1", order=1, theme=second, name="儿童之家")
    plan = children.plan
    beds = factories.indicator(plan=plan, number="2", order=2, theme=first, name="养老床位")
    factories.indicator(plan=plan, number="2.1", order=3, theme=second, parent=beds, name="护理床位")
    shown = words(Clerk(sign_in).client.get(sheet_url(children)))
    assert [shown.index(name) for name in ("养老服务", "养老床位", "护理床位", "儿童福利", "儿童之家")] == sorted(
        shown.index(name) for name in ("养老服务", "养老床位", "护理床位", "儿童福利", "儿童之家")
    )


@pytest.mark.parametrize(
    ("show", "hidden"),
    [
        ("", []),
        ("unfilled", ["wrong", "returned"]),
        ("faulty", ["blank", "returned", "theirs"]),
        ("returned", ["blank", "wrong", "theirs"]),
        ("mine", ["theirs"]),
        ("no-such-filter", []),
    ],
)
def test_the_address_says_which_rows_are_shown(sign_in: SignIn, show: str, hidden: list[str]) -> None:
    own, other = factories.department(), factories.department()
    blank = open_indicator(department=own)
    rows = {
        "blank": blank,
        "wrong": factories.indicator(plan=blank.plan, department=own, hard_maximum=Decimal(100)),
        "returned": factories.indicator(plan=blank.plan, department=own),
        "theirs": factories.indicator(plan=blank.plan, department=other),
    }
    factories.actual(indicator=rows["wrong"], value=Decimal(480))
    factories.actual(indicator=rows["returned"], value=Decimal(47), state=State.RETURNED)
    clerk = Clerk(sign_in)
    clerk.user.memberships.get().departments.add(own)
    page = clerk.client.get(f"{sheet_url(blank)}?show={show}").content.decode()
    tags = {name: page.split(f'id="line-{row.pk}"')[1].split(">")[0] for name, row in rows.items()}
    assert [name for name, tag in tags.items() if tag.endswith(" hidden")] == hidden


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.LEADER, Role.ANALYST, Role.PLANNER])
def test_the_sheet_is_closed_to_who_may_see_the_plan_but_enters_nothing(sign_in: SignIn, role: Role) -> None:
    indicator = open_indicator()
    user = factories.person(role)
    client = sign_in(user)
    assert client.get(sheet_url(indicator)).status_code == 403
    assert client.get(reverse("entry_panel", args=[indicator.pk, 2023])).status_code == 403
    assert client.get(reverse("entry_check", args=[indicator.plan.code, 2023])).status_code == 403
    assert client.post(reverse("entry_submit", args=[indicator.plan.code, 2023])).status_code == 403
    assert client.post(save_url(indicator), {"value": "47"}).status_code == 403
    assert post_rows(client, user, indicator, {"value": "47"}).status_code == 403
    assert not Actual.objects.exists()


@pytest.mark.parametrize("role", [Role.CLERK, Role.REVIEWER, Role.LEADER, Role.SYSTEM])
def test_a_plan_of_another_region_is_not_found(sign_in: SignIn, role: Role) -> None:
    indicator = open_indicator()
    actual = factories.actual(indicator=indicator, state=State.APPROVED)
    user = factories.person(role, factories.region("330127", "淳安县"))
    client = sign_in(user)
    assert client.get(indicator.get_absolute_url()).status_code == 404
    assert client.get(sheet_url(indicator)).status_code == 404
    assert client.get(reverse("entry_panel", args=[indicator.pk, 2023])).status_code == 404
    assert client.post(reverse("entry_submit", args=[indicator.plan.code, 2023])).status_code == 404
    assert client.post(save_url(indicator), {"value": "47"}).status_code == 404
    assert post_rows(client, user, indicator, {"value": "47"}).status_code == 404
    move = {"move": "reopen", "version": "1", "note": "改"}
    assert client.post(reverse("actual_move", args=[actual.pk]), move).status_code == 404


@pytest.mark.parametrize("year", [2020, 2026, 0, HUGE])
def test_a_year_outside_the_plan_has_no_sheet(sign_in: SignIn, year: int) -> None:
    indicator = open_indicator()
    client = Clerk(sign_in).client
    code = indicator.plan.code
    assert client.get(f"/plans/{code}/entry/{year}/").status_code == 404
    assert client.get(f"/plans/{code}/entry/{year}/check/").status_code == 404
    assert client.get(f"/indicators/{indicator.pk}/entry/{year}/panel/").status_code == 404
    assert client.post(f"/plans/{code}/entry/{year}/submit/").status_code == 404
    assert client.post(f"/plans/{code}/entry/{year}/save/").status_code == 404
    assert client.post(f"/indicators/{indicator.pk}/entry/{year}/", {"value": "47"}).status_code == 404
    assert not Actual.objects.exists()


# ---- Saving as the script does


def test_more_than_one_request_may_carry_is_answered_with_a_sentence(sign_in: SignIn) -> None:
    indicator, clerk = open_indicator(), Clerk(sign_in)
    answer = post_rows(clerk.client, clerk.user, indicator, {"value": "47", "note": "长" * 2_621_440})
    assert answer.status_code == 413
    assert answer.json() == {"message": "一次发送的内容太多，没有保存。请分几次粘贴，或缩短说明。"}
    assert not Actual.objects.exists()


def test_a_saved_row_is_answered_with_its_version_and_with_what_it_would_mean(sign_in: SignIn) -> None:
    indicator, clerk = open_indicator(), Clerk(sign_in)
    told = clerk.save(indicator, value="４６．５", availability="unreported")
    assert (told["outcome"], told["version"], told["saved_at"]) == ("saved", 1, "10:00:00")
    assert told["fields"] == {
        "value": "４６．５",
        "judgement": "",
        "comparator": "",
        "availability": "reported",
        "figure_kind": "final",
        "note": "",
    }
    assert "符合预期" in told["cells"]
    assert "读作 46.5%" in told["state"]
    assert told["flags"] == {"filled": True, "faulty": False, "returned": False}
    assert clerk.save(indicator, value="46.8", version=1)["version"] == 2
    assert Actual.objects.get().value == Decimal("46.8")


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"value": "1e5"}, "value", "“1e5”是科学计数法。请写全，例如 100000。"),
        ({"value": "=1+1"}, "value", "“=1+1”像是公式，不能作为数值。请直接填写数字，例如 12.5。"),
        (
            {"value": "5", "availability": "missing"},
            "__all__",
            "已填写数据，与数据情况“暂缺”不符，请改其中一项。",
        ),
    ],
)
def test_what_is_no_figure_is_answered_with_the_reason_and_saves_nothing(
    sign_in: SignIn, typed: dict[str, str], field: str, message: str
) -> None:
    told = Clerk(sign_in).save(open_indicator(), **typed)
    assert (told["outcome"], told["errors"], told["version"]) == ("refused", {field: message}, None)
    assert not Actual.objects.exists()


def test_each_row_of_a_block_is_answered_on_its_own(sign_in: SignIn) -> None:
    good, clerk = open_indicator(), Clerk(sign_in)
    wrong, locked = factories.indicator(plan=good.plan), factories.indicator(plan=good.plan)
    foreign = open_indicator()
    factories.actual(indicator=locked, state=State.APPROVED)
    rows = [{"indicator": row.pk, "value": value} for row, value in ((wrong, "x"), (locked, "47"), (foreign, "47"))]
    answer = post_rows(clerk.client, clerk.user, good, {"value": "47"}, *rows).json()["rows"]
    assert {int(pk): told["outcome"] for pk, told in answer.items()} == {
        good.pk: "saved",
        wrong.pk: "refused",
        locked.pk: "refused",
    }
    assert "2023年数据为“已审核”，不能保存。" in answer[str(locked.pk)]["message"]
    assert set(Actual.objects.values_list("indicator", flat=True)) == {good.pk, locked.pk}


def test_a_conflict_shows_what_the_other_wrote_and_changes_nothing(sign_in: SignIn) -> None:
    indicator = open_indicator()
    Clerk(sign_in, display_name="王芳").save(indicator, value="46.1", note="年报")
    told = Clerk(sign_in).save(indicator, value="46.9")
    assert (told["outcome"], told["by"], told["at"], told["version"]) == ("conflict", "王芳", "05-06 10:00:00", 1)
    assert (told["fields"]["value"], told["fields"]["note"]) == ("46.1", "年报")
    assert told["message"] == "这个数据已被王芳改过，请核对后再保存。"
    assert Actual.objects.get().value == Decimal("46.1")


@pytest.mark.parametrize("stored", ["0", "5"])
def test_a_conflict_with_zero_is_told_as_zero(sign_in: SignIn, stored: str) -> None:
    indicator = open_indicator()
    factories.actual(indicator=indicator, value=Decimal(stored), text=stored, version=3)
    assert Clerk(sign_in).save(indicator, value="", version=1)["fields"]["value"] == stored


def test_a_row_that_is_gone_is_a_conflict_without_another_value(sign_in: SignIn) -> None:
    told = Clerk(sign_in).save(open_indicator(), value="47", version=4)
    assert (told["outcome"], told["version"], told["fields"]["value"]) == ("conflict", None, "")


def test_a_stated_absence_comes_back_with_its_reason(sign_in: SignIn) -> None:
    indicator = open_indicator()
    told = Clerk(sign_in).save(indicator, availability="not_applicable:transferred")
    assert told["fields"]["availability"] == "not_applicable:transferred"
    assert "提交前" not in told["state"]
    assert Actual.objects.get().absence_shown == "不适用（职能划转）"


def test_a_save_for_somebody_who_signed_in_meanwhile_is_refused_in_words(sign_in: SignIn) -> None:
    indicator, clerk = open_indicator(), Clerk(sign_in, display_name="李娜")
    answer = post_rows(clerk.client, factories.person(Role.CLERK), indicator, {"value": "47"})
    assert answer.status_code == 403
    assert answer.json()["message"] == "现在登录的是李娜，不是打开本表的人。请用原账号登录。"
    assert not Actual.objects.exists()


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"rows": 5}', '{"rows": [{}]}', '{"rows": [{"indicator": "x"}]}'])
def test_what_no_sheet_sends_is_refused_in_words(sign_in: SignIn, body: str) -> None:
    clerk = Clerk(sign_in)
    url = reverse("entry_save", args=[open_indicator().plan.code, 2023])
    headers = {"X-Sheet-Person": str(clerk.user.pk)}
    answer = clerk.client.post(url, body, content_type="application/json", headers=headers)
    assert (answer.status_code, answer.json()["message"]) == (400, "没有读懂发来的内容，请刷新页面后重试。")


def test_saving_a_row_without_naming_its_kind_keeps_it(sign_in: SignIn) -> None:
    indicator = open_indicator()
    factories.actual(indicator=indicator, value=Decimal(47), figure_kind="preliminary")
    Clerk(sign_in).save(indicator, value="47", note="补充说明", version=1)
    assert (Actual.objects.get().note, Actual.objects.get().figure_kind) == ("补充说明", "preliminary")


# ---- Saving without script


def test_without_javascript_a_save_comes_back_to_the_row(sign_in: SignIn) -> None:
    indicator = open_indicator(number="4")
    client = Clerk(sign_in).client
    saved = client.post(save_url(indicator), {"value": "47", "availability": "unreported"})
    assert (saved.status_code, saved.headers["Location"]) == (302, f"{sheet_url(indicator)}#line-{indicator.pk}")
    assert Actual.objects.get().value == Decimal(47)


def test_without_javascript_what_is_refused_stays_in_its_cell(sign_in: SignIn) -> None:
    indicator = open_indicator(number="4")
    factories.actual(indicator=indicator, value=Decimal(45))
    refused = Clerk(sign_in).client.post(save_url(indicator), {"value": "1e5", "note": "初报", "version": "1"})
    assert refused.status_code == 422
    assert notices(refused) == ["4 养老机构护理型床位占比：“1e5”是科学计数法。请写全，例如 100000。（现存：45）"]
    assert 'name="value" value="1e5"' in refused.content.decode()
    assert 'name="note" value="初报"' in refused.content.decode()


def test_without_javascript_a_stale_save_shows_both_values(sign_in: SignIn) -> None:
    indicator = open_indicator(number="4")
    factories.actual(indicator=indicator, value=Decimal(45), version=2)
    stale = Clerk(sign_in).client.post(save_url(indicator), {"value": "46", "version": "1"})
    (said,) = notices(stale)
    assert said.endswith("改过，请核对后再保存。（现存：45）")
    assert 'name="value" value="46"' in stale.content.decode()
    assert Actual.objects.get().value == Decimal(45)


# ---- Checking and passing on


def test_the_check_counts_what_goes_and_names_what_hinders(sign_in: SignIn) -> None:
    fit = open_indicator(number="1", order=1)
    behind = factories.indicator(plan=fit.plan, number="2", order=2)
    factories.indicator(plan=fit.plan, number="3", order=3)
    factories.actual(indicator=fit, value=Decimal(47))
    factories.actual(indicator=behind, value=Decimal(41))
    client = Clerk(sign_in).client
    url = reverse("entry_check", args=[fit.plan.code, 2023])
    part = client.get(url, headers=HTMX)
    assert "可提交 1 项 ，须先处理 1 项，未填 1 项 / 共 3 项。" in words(part)
    assert f'data-jump="{behind.pk}"' in part.content.decode()
    assert "▲ 核实性 第2项“养老机构护理型床位占比”：按此数据指标评价为“滞后”。" in words(part)
    assert client.get(url).headers["Location"] == f"{sheet_url(fit)}?check"
    assert "可提交 1 项" in words(client.get(f"{sheet_url(fit)}?check"))
    assert not ActualEvent.objects.exists()


def test_submitting_says_what_went_and_what_did_not(sign_in: SignIn) -> None:
    fit = open_indicator(number="1", order=1)
    behind = factories.indicator(plan=fit.plan, number="2", order=2)
    factories.actual(indicator=fit, value=Decimal(47))
    factories.actual(indicator=behind, value=Decimal(41))
    client = Clerk(sign_in).client
    url = reverse("entry_submit", args=[fit.plan.code, 2023])
    answer = client.post(url, follow=True)
    assert answer.redirect_chain == [(f"{sheet_url(fit)}?check", 302)]
    assert notices(answer) == [
        "已提交1项，等待审核。审核通过前不计入评价。",
        "还有1处需要处理，见下表上方。未提交的数据仍为草稿。",
    ]
    Actual.objects.filter(indicator=behind).update(note="新机构年底开放")
    assert client.post(url, follow=True).redirect_chain == [(sheet_url(fit), 302)]
    assert set(Actual.objects.values_list("state", flat=True)) == {"submitted"}
    assert "没有可提交的数据。" in words(client.post(url, follow=True))


# ---- The panel


def test_the_panel_shows_past_definition_and_what_the_checks_say(sign_in: SignIn) -> None:
    indicator = open_indicator(number="4", definition="护理型床位除以全部床位。", source_ref="表2第4行")
    factories.actual(indicator=indicator, year=2021, value=Decimal(42), state=State.APPROVED)
    factories.actual(indicator=indicator, year=2022, value=Decimal(44), state=State.APPROVED)
    clerk = Clerk(sign_in)
    clerk.save(indicator, value="41", note="")
    panel = clerk.client.get(reverse("entry_panel", args=[indicator.pk, 2023]))
    shown = words(panel)
    assert "2021 42 42 已审核 2022 44 44 已审核 2023 46 41 草稿" in shown
    assert "护理型床位除以全部床位。" in shown
    assert "按此数据指标评价为“滞后”。" in shown
    assert panel.content.decode().count("<circle") == 3
    assert "<html" not in panel.content.decode()
