"""Signing in and out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.permissions import Role
from tests import factories

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
PASSWORD = "a-long-sentence-nobody-guesses"


@pytest.fixture
def clerk() -> User:
    return factories.person(Role.CLERK, username="wang", password=PASSWORD)


def sign_in_as(client: Client, username: str = "wang", password: str = PASSWORD, **values: str) -> Any:
    return client.post("/login/", {"username": username, "password": password, **values})


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_the_right_password_opens_the_home_page(client: Client, clerk: User) -> None:
    answer = sign_in_as(client)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert is_signed_in(client)


@pytest.mark.parametrize(
    ("username", "password"),
    [("wang", "wrong"), ("nobody", PASSWORD), ("WANG", PASSWORD), ("wang", ""), ("", ""), ("w\x00", PASSWORD)],
)
def test_anything_else_is_refused_in_chinese_and_in_the_same_words(
    client: Client, clerk: User, username: str, password: str
) -> None:
    answer = sign_in_as(client, username, password)
    assert answer.status_code == 200
    assert "用户名或密码不正确。请注意大小写。" in answer.content.decode()
    assert not is_signed_in(client)


def test_the_typed_name_is_kept_and_the_password_is_not(client: Client, clerk: User) -> None:
    page = sign_in_as(client, '"><script>', "wrong-password").content.decode()
    assert 'value="&quot;&gt;&lt;script&gt;"' in page
    assert "wrong-password" not in page


def test_a_person_switched_off_does_not_come_in(client: Client, clerk: User) -> None:
    User.objects.filter(pk=clerk.pk).update(is_active=False)
    assert "用户名或密码不正确。" in sign_in_as(client).content.decode()
    assert not is_signed_in(client)


def test_a_person_switched_off_while_inside_is_out_at_once(sign_in: SignIn, clerk: User) -> None:
    client = sign_in(clerk)
    assert client.get("/").status_code == 200
    User.objects.filter(pk=clerk.pk).update(is_active=False)
    assert client.get("/").headers["Location"] == "/login/?next=/"


def test_after_signing_in_one_is_where_one_wanted_to_go(client: Client, clerk: User) -> None:
    page = client.get("/login/?next=/plans/%3Fyear=2023")
    assert '<input type="hidden" name="next" value="/plans/?year=2023">' in page.content.decode()
    assert sign_in_as(client, next="/plans/?year=2023").headers["Location"] == "/plans/?year=2023"


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "javascript:alert(1)",
        "http:///evil.example",
        "https:evil.example",
    ],
)
def test_nobody_is_sent_to_another_host(client: Client, clerk: User, wanted: str) -> None:
    assert sign_in_as(client, next=wanted).headers["Location"] == "/"


def test_the_login_page_needs_its_token(clerk: User) -> None:
    client = Client(enforce_csrf_checks=True)
    assert sign_in_as(client).status_code == 403


def test_the_login_page_speaks_chinese_to_nobody_in_particular(client: Client) -> None:
    page = client.get("/login/")
    assert page.status_code == 200
    assert '<html lang="zh-Hans">' in page.content.decode()
    assert '<label for="id_username">用户名</label>' in page.content.decode()
    assert "退出" not in page.content.decode()


def test_signing_out_closes_the_session_and_comes_back_to_the_login(sign_in: SignIn, clerk: User) -> None:
    client = sign_in(clerk)
    answer = client.post("/logout/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login/")
    assert not is_signed_in(client)
    assert client.get("/plans/").headers["Location"] == "/login/?next=/plans/"


def test_a_link_signs_nobody_out(sign_in: SignIn, clerk: User) -> None:
    client = sign_in(clerk)
    assert client.get("/logout/").status_code == 405
    assert is_signed_in(client)


def test_the_session_is_another_one_after_signing_in(client: Client, clerk: User) -> None:
    client.get("/login/")
    session = client.session
    session["seen"] = True
    session.save()
    before = session.session_key
    sign_in_as(client)
    assert client.session.session_key != before


def test_everybody_changes_their_own_password_in_the_portal(client: Client) -> None:
    person = factories.person(Role.LEADER, username="li", password="an old one 1")
    client.force_login(person)
    typed = {"old_password": "an old one 1", "new_password1": "短", "new_password2": "短"}
    assert "密码太短，至少要10个字符。" in client.post("/password/", typed).content.decode()
    typed |= {"new_password1": "quite another 2", "new_password2": "quite another 2"}
    assert client.post("/password/", typed).headers["Location"] == "/"
    person.refresh_from_db()
    assert person.check_password("quite another 2")
