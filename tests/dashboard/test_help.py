"""The help page: what it prints is what the code does, and it links to what its reader may open."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Membership, User
from accounts.permissions import Role
from dashboard.help_pages import STEPS, kind_lines, move_lines, permission_lines, verdict_examples
from indicators.models import KIND_WORDS
from indicators.moves import MOVES
from indicators.verdicts import EXCLUDED, VERDICT_WORDS
from tests import factories

SignIn = Callable[[User], Client]
TOPICS = [
    "start",
    "progress",
    "time",
    "expected",
    "comparison",
    "completion",
    "forecast",
    "lights",
    "nearly",
    "baseline",
    "kinds",
    "counting",
    "excluded",
    "manual",
    "revision",
    "preliminary",
    "review",
    "roles",
    "keys",
]


def read(answer: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


@pytest.fixture
def page(db: None, sign_in: SignIn) -> str:
    return sign_in(factories.person(Role.CLERK)).get("/help/").content.decode()


def test_every_verdict_has_an_example_that_the_engine_gives() -> None:
    found = [example.finding.verdict for example in verdict_examples()]
    assert found == [verdict for verdict in VERDICT_WORDS if verdict not in EXCLUDED]


def test_every_kind_every_move_and_every_role_is_explained() -> None:
    assert [line.word for line in kind_lines()] == list(KIND_WORDS.values())
    assert [line.word for line in move_lines()] == [move.label for move in MOVES]
    assert list(STEPS) == list(Role)
    assert {len(line.held) for line in permission_lines()} == {len(Role)}


def test_the_worked_examples_are_computed(page: str) -> None:
    said = re.sub(r"<[^>]+>", "", page)
    assert "（45.4 − 40）÷（50 − 40）= 54.0%" in said
    assert "（2023 − 2020）÷（2025 − 2020）= 60.0%" in said
    assert "40 +（50 − 40）× 3 ÷ 5 = 46%" in said
    assert "（45.4 − 40）÷（46 − 40）= 0.90" in said
    assert "45.4 ÷ 50 = 90.8%" in said
    assert "45.4 +（45.4 − 40）÷ 3 × 2 = 49%，将“未完成”" in said
    assert "每年+2.3个百分点" in said
    assert "达标率 = 6 ÷ 13 = 46.2%" in said


def test_the_thresholds_are_those_of_the_code(page: str) -> None:
    assert "85.0%以上、不足1为黄；不足85.0%为红" in page
    assert "差距不超过目标的0.5%，为基本完成" in page


def test_every_topic_has_its_anchor_and_every_link_on_the_page_its_topic(page: str) -> None:
    anchors = set(re.findall(r'id="([a-z-]+)"', page))
    assert set(TOPICS) <= anchors
    assert set(re.findall(r'href="#([a-z-]+)"', page)) <= anchors
    assert {f"start-{role.value}" for role in Role} <= anchors


def test_all_words_of_the_assessment_are_on_the_page(page: str) -> None:
    assert [word for word in VERDICT_WORDS.values() if word not in page] == []


@pytest.mark.django_db
@pytest.mark.parametrize("role", [*(role for role in Role if role != Role.DISPLAY), None])
def test_everybody_can_open_every_link_of_their_help_page(sign_in: SignIn, role: Role | None) -> None:
    client = sign_in(factories.person(role))
    said = client.get("/help/").content.decode()
    links = set(re.findall(r'<a href="(/[^"#]*)"', said.split('id="start"')[1].split('id="figures"')[0]))
    assert {"/", "/plans/", "/password/", "/api/v1/docs/"} <= links
    assert {link: client.get(link).status_code for link in links} == dict.fromkeys(links, 200)


@pytest.mark.django_db
def test_ones_own_roles_come_first(sign_in: SignIn) -> None:
    person = factories.person(Role.ANALYST)
    Membership.objects.create(user=person, region=factories.region(), role=Role.LEADER)
    said = sign_in(person).get("/help/").content.decode()
    order = re.findall(r'<h3 id="start-([a-z]+)"', said)
    assert order == ["leader", "analyst", "clerk", "reviewer", "planner", "system", "display"]
    assert read(sign_in(person).get("/help/")).count("您的角色") == 2


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 3])
def test_the_help_page_takes_as_many_queries_for_three_roles_as_for_one(
    sign_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    person = factories.person(Role.LEADER)
    for role in (Role.ANALYST, Role.SYSTEM)[: number - 1]:
        Membership.objects.create(user=person, region=factories.region(), role=role)
    client = sign_in(person)
    client.get("/help/")
    with django_assert_num_queries(5):
        client.get("/help/")
