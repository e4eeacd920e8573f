"""Tokens that people make for their programs: shown once, kept as a hash, and worth what the person is worth."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.authtoken.models import Token

from accounts.models import ApiToken, AuditEvent, Membership, User
from accounts.permissions import Role
from accounts.tokens import MOST_STANDING, TooManyTokens, digest_of, make_token, revoke_token
from tests import factories

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]

PLANS = "/api/v1/plans/"


def ask(key: str, path: str = PLANS) -> Any:
    return Client().get(path, headers={"Authorization": f"Token {key}"})


def made(client: Client, **values: Any) -> Any:
    sent = {"name": "季度分析", "expires_on": timezone.localdate() + timedelta(days=90)} | values
    return client.post(reverse("token_create"), sent)


def shown_key(page: Any) -> str:
    (key,) = re.findall(r'id="key"[^>]* value="([^"]+)"', page.content.decode())
    return str(key)


def test_a_token_is_shown_once_and_reads_what_its_maker_sees(sign_in: SignIn) -> None:
    plan = factories.plan()
    factories.plan(region=factories.region("330127", "淳安县"))
    analyst = factories.person(Role.ANALYST)
    page = made(sign_in(analyst))
    key = shown_key(page)
    assert page["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert [row["code"] for row in ask(key).json()["results"]] == [plan.code]
    token = ApiToken.objects.get()
    assert (token.user, token.digest) == (analyst, digest_of(key))
    assert key.startswith(token.prefix)
    assert len(key) - len(token.prefix) >= 36
    later = sign_in(analyst).get(reverse("token_list")).content.decode()
    assert token.prefix in later
    assert key not in later
    assert (
        AuditEvent.objects.filter(action="生成接口令牌", username=analyst.username, region_code="420682").count() == 1
    )
    assert not AuditEvent.objects.filter(summary__contains=key).exists()


def test_sending_the_form_twice_makes_one_token(sign_in: SignIn) -> None:
    client = sign_in(factories.person(Role.ANALYST))
    made(client)
    again = made(client)
    assert again.status_code == 422
    assert "已有同名的令牌" in again.content.decode()
    assert ApiToken.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"name": ""}, "请写明令牌的用途。"),
        ({"name": "长" * 51}, "50"),
        ({"expires_on": ""}, "请选择有效期。"),
        ({"expires_on": "明年"}, "请填写有效的日期"),
        ({"expires_on": date(2020, 1, 1)}, "有效期应在"),
        ({"expires_on": timezone.localdate() + timedelta(days=370)}, "有效期应在"),
    ],
)
def test_a_token_needs_a_purpose_and_an_end_within_a_year(sign_in: SignIn, values: Any, said: str) -> None:
    answer = made(sign_in(factories.person(Role.ANALYST)), **values)
    assert (answer.status_code, ApiToken.objects.count()) == (422, 0)
    assert said in answer.content.decode()


def test_nobody_has_more_than_so_many_standing_tokens() -> None:
    analyst, today = factories.person(Role.ANALYST), timezone.localdate()
    tokens = [factories.api_token(user=analyst) for _ in range(MOST_STANDING)]
    with pytest.raises(TooManyTokens, match="最多同时使用20个令牌"):
        make_token(name="又一个", expires_on=today, by=analyst)
    revoke_token(token=tokens[0], by=analyst)
    make_token(name="又一个", expires_on=today, by=analyst)


def test_a_revoked_token_opens_nothing_and_is_revoked_once(sign_in: SignIn) -> None:
    token = factories.api_token(key="cp_secret")
    client = sign_in(token.user)
    assert ask("cp_secret").status_code == 200
    for _ in range(2):
        assert client.post(reverse("token_revoke", args=[token.pk])).status_code == 302
    answer = ask("cp_secret")
    assert (answer.status_code, answer.json()) == (401, {"detail": "令牌无效或已停用。"})
    assert AuditEvent.objects.filter(action="停用接口令牌").count() == 1
    assert "停用" in client.get(reverse("token_list")).content.decode()


def test_a_token_works_on_its_last_day_and_no_longer() -> None:
    today = timezone.localdate()
    factories.api_token(key="cp_last", expires_on=today)
    factories.api_token(key="cp_over", expires_on=today - timedelta(days=1))
    assert ask("cp_last").status_code == 200
    assert ask("cp_over").json() == {"detail": "令牌已过有效期，请重新生成。"}


@pytest.mark.parametrize("key", ["cp_", "cp_wrong", "cp_" + "x" * 5000, "abc"])
def test_a_key_nobody_made_is_refused(key: str) -> None:
    factories.api_token(key="cp_right")
    assert ask(key).status_code == 401


def test_what_is_stored_does_not_open_the_api() -> None:
    token = factories.api_token(key="cp_right-and-longer")
    assert [ask(stored).status_code for stored in (token.digest, token.prefix, f"cp_{token.digest}")] == [401] * 3


def test_a_token_ends_with_the_account_and_with_the_right_to_export() -> None:
    left, moved, wall = (factories.person(Role.ANALYST) for _ in range(3))
    for name, user in (("left", left), ("moved", moved), ("wall", wall)):
        factories.api_token(user=user, key=f"cp_{name}")
    assert [ask(f"cp_{name}").status_code for name in ("left", "moved", "wall")] == [200] * 3
    User.objects.filter(pk=left.pk).update(is_active=False)
    Membership.objects.filter(user=moved).update(role=Role.LEADER)
    Membership.objects.filter(user=wall).update(role=Role.DISPLAY)
    assert [ask(f"cp_{name}").status_code for name in ("left", "moved", "wall")] == [401] * 3


def test_a_token_of_the_back_office_still_opens_the_api() -> None:
    assert ask(Token.objects.create(user=factories.person(Role.CLERK)).key).status_code == 200


def test_a_token_writes_with_the_rights_of_its_maker() -> None:
    """An analyst who is a clerk too enters with the token; an analyst alone is refused."""
    indicator = factories.indicator()
    factories.open_round(indicator.plan, 2023)
    both = factories.person(Role.ANALYST)
    Membership.objects.create(user=both, region=indicator.plan.region, role=Role.CLERK)
    factories.api_token(user=both, key="cp_both")
    factories.api_token(key="cp_analyst")

    def enter(key: str) -> int:
        answer = Client().post(
            "/api/v1/actuals/",
            {"indicator": indicator.pk, "year": 2023, "value": "46.5"},
            content_type="application/json",
            headers={"Authorization": f"Token {key}"},
        )
        return answer.status_code

    assert (enter("cp_analyst"), enter("cp_both")) == (403, 201)


def test_when_it_was_last_used_is_noted_once_a_minute() -> None:
    token = factories.api_token(key="cp_used")

    def used() -> Any:
        ask("cp_used")
        return ApiToken.objects.get(pk=token.pk).last_used_at

    first = used()
    assert first is not None
    assert used() == first
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=first - timedelta(minutes=2))
    assert used() >= first


def test_nobody_sees_or_stops_the_tokens_of_somebody_else(sign_in: SignIn) -> None:
    token = factories.api_token(name="他人的脚本")
    other = sign_in(factories.person(Role.ANALYST))
    assert "他人的脚本" not in other.get(reverse("token_list")).content.decode()
    assert other.post(reverse("token_revoke", args=[token.pk])).status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None


def test_who_manages_people_stops_their_tokens_and_those_of_nobody_else(sign_in: SignIn) -> None:
    token = factories.api_token(name="本地脚本")
    away = factories.region("330127", "淳安县")
    other = factories.api_token(name="别处脚本", user=factories.person(Role.ANALYST, away))
    client = sign_in(factories.person(Role.SYSTEM))
    address = reverse("admin:accounts_apitoken_changelist")
    page = client.get(address).content.decode()
    assert "本地脚本" in page
    assert "别处脚本" not in page
    assert token.digest not in page
    client.post(address, {"action": "revoke", "_selected_action": [token.pk, other.pk]})
    token.refresh_from_db()
    other.refresh_from_db()
    assert token.revoked_at is not None
    assert other.revoked_at is None
    assert str(token.user) in AuditEvent.objects.get(action="停用接口令牌").summary


def test_a_name_is_free_again_once_its_token_was_revoked() -> None:
    first = factories.api_token(name="脚本")
    revoke_token(token=first, by=first.user)
    factories.api_token(name="脚本", user=first.user)
