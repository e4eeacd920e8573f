"""Entering figures and moving them through the review over the API: the same rules and refusals as on the page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings
from rest_framework.authtoken.models import Token

from accounts.models import User
from accounts.permissions import Role
from indicators.models import Actual, Assessment, Indicator
from tests import factories

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
HAN = range(0x4E00, 0xA000)


def is_chinese(text: str) -> bool:
    return any(ord(letter) in HAN for letter in text)


def open_indicator(**values: Any) -> Indicator:
    """An indicator of 老河口 whose year 2023 may be reported today."""
    indicator = factories.indicator(**values)
    factories.open_round(indicator.plan, 2023)
    return indicator


def post(client: Client, path: str, body: Any) -> Any:
    return client.post(f"/api/v1/{path}", body, content_type="application/json")


def entry(indicator: Indicator, **values: Any) -> dict[str, Any]:
    return {"indicator": indicator.pk, "year": 2023, "value": "46.5", **values}


def test_a_clerk_enters_a_figure(sign_in: SignIn) -> None:
    indicator = open_indicator()
    clerk = factories.person(Role.CLERK)
    answer = post(sign_in(clerk), "actuals/", entry(indicator, note="民政统计年报"))
    assert answer.status_code == 201
    stored = Actual.objects.get(indicator=indicator, year=2023)
    assert (stored.value, stored.text, stored.note, stored.entered_by) == (
        Decimal("46.5"),
        "46.5",
        "民政统计年报",
        clerk,
    )
    shown = answer.json()
    assert [event["move"] for event in shown.pop("events")] == ["save"]
    assert shown == {
        "id": stored.pk,
        "indicator": indicator.pk,
        "year": 2023,
        "value": "46.5",
        "text": "46.5",
        "comparator": None,
        "numerator": None,
        "denominator": None,
        "judgement": None,
        "availability": "reported",
        "absence_reason": None,
        "figure_kind": "final",
        "state": "draft",
        "note": "民政统计年报",
        "version": 1,
        "source_ref": "",
        "is_demo": False,
        "evidence": [],
    }


def test_a_figure_is_entered_with_a_token(client: Client) -> None:
    indicator = open_indicator()
    token = Token.objects.create(user=factories.person(Role.CLERK))
    answer = client.post(
        "/api/v1/actuals/",
        entry(indicator),
        content_type="application/json",
        headers={"Authorization": f"Token {token.key}"},
    )
    assert answer.status_code == 201


def test_a_session_without_the_csrf_token_writes_nothing() -> None:
    indicator = open_indicator()
    client = Client(enforce_csrf_checks=True)
    client.force_login(factories.person(Role.CLERK))
    assert post(client, "actuals/", entry(indicator)).status_code == 403
    assert not Actual.objects.exists()


def test_nobody_in_particular_writes_nothing(client: Client) -> None:
    actual = factories.actual()
    assert post(client, "actuals/", entry(actual.indicator)).status_code == 401
    assert post(client, f"actuals/{actual.pk}/move/", {"move": "submit", "version": 1}).status_code == 401


@pytest.mark.parametrize(
    ("sent", "value", "text"),
    [
        ("４６．５", "46.5", "４６．５"),
        ("1,234", "1234", "1,234"),
        ("0", "0", "0"),
        (0, "0", "0"),
        (46, "46", "46"),
        (46.1, "46.1", "46.1"),
        (0.1234, "0.1234", "0.1234"),
        (-5, "-5", "-5"),
        ("50.00", "50.00", "50.00"),
    ],
)
def test_a_figure_is_read_as_it_was_typed(sign_in: SignIn, sent: Any, value: str, text: str) -> None:
    indicator = open_indicator(unit="张")
    answer = post(sign_in(factories.person(Role.CLERK)), "actuals/", entry(indicator, value=sent))
    assert answer.status_code == 201
    assert (answer.json()["value"], answer.json()["text"]) == (value, text)


@pytest.mark.parametrize(
    ("sent", "availability"),
    [
        (None, "unreported"),
        ("", "unreported"),
        ("/", "missing"),
        ("不适用", "not_applicable"),
    ],
)
def test_a_stated_absence_is_no_zero(sign_in: SignIn, sent: Any, availability: str) -> None:
    indicator = open_indicator()
    answer = post(sign_in(factories.person(Role.CLERK)), "actuals/", entry(indicator, value=sent))
    assert (answer.status_code, answer.json()["value"], answer.json()["availability"]) == (201, None, availability)


def test_comparator_judgement_and_kind_of_figure_are_kept(sign_in: SignIn) -> None:
    indicator = open_indicator(kind="relative")
    sent = entry(indicator, comparator="6.1", judgement="met", availability="reported", figure_kind="preliminary")
    shown = post(sign_in(factories.person(Role.CLERK)), "actuals/", sent).json()
    assert (shown["comparator"], shown["judgement"], shown["figure_kind"]) == ("6.1", "met", "preliminary")


@pytest.mark.parametrize(
    "sent",
    [
        "=cmd|' /C calc'!A0",
        "1e5",
        "1,23",
        "NaN",
        "Infinity",
        "三",
        "①",
        "0x10",
        "12。5",
        "40～50",
        True,
        [],
        {},
        1e30,
        "46\u0000",
        "9" * 300,
        "123456789012",
        "1.23456",
        10**40,
    ],
    ids=lambda sent: str(sent)[:12],
)
def test_what_is_no_figure_is_refused_in_chinese(sign_in: SignIn, sent: Any) -> None:
    indicator = open_indicator()
    answer = post(sign_in(factories.person(Role.CLERK)), "actuals/", entry(indicator, value=sent))
    assert answer.status_code == 400
    assert list(answer.json()) == ["value"]
    assert is_chinese(answer.json()["value"][0])
    assert not Actual.objects.exists()


@pytest.mark.parametrize(
    ("field", "sent"),
    [
        ("indicator", None),
        ("indicator", "abc"),
        ("indicator", True),
        ("indicator", -1),
        ("indicator", []),
        ("year", None),
        ("year", "abc"),
        ("year", True),
        ("year", {}),
        ("year", 2023.5),
        ("comparator", "1e5"),
        ("comparator", [1]),
        ("judgement", "perhaps"),
        ("judgement", {}),
        ("availability", "lost"),
        ("figure_kind", []),
        ("note", ["a"]),
        ("note", "字" * 2001),
        ("version", "one"),
        ("version", [1]),
    ],
)
def test_a_field_that_makes_no_sense_is_named(sign_in: SignIn, field: str, sent: Any) -> None:
    indicator = open_indicator()
    answer = post(sign_in(factories.person(Role.CLERK)), "actuals/", {**entry(indicator), field: sent})
    assert answer.status_code == 400
    assert list(answer.json()) == [field]
    assert is_chinese(answer.json()[field][0])


@pytest.mark.parametrize("year", [0, -1, 2020, 2026, 32768, 2**63, 10**100])
def test_a_year_outside_the_plan_is_refused(sign_in: SignIn, year: int) -> None:
    indicator = open_indicator()
    answer = post(sign_in(factories.person(Role.CLERK)), "actuals/", entry(indicator, year=year))
    assert answer.status_code == 400
    assert "数据年度为2021～2025年" in answer.json()["detail"]


def test_a_figure_that_contradicts_its_availability_is_refused(sign_in: SignIn) -> None:
    indicator = open_indicator()
    answer = post(sign_in(factories.person(Role.CLERK)), "actuals/", entry(indicator, availability="missing"))
    assert answer.status_code == 400
    assert is_chinese(answer.json()["non_field_errors"][0])


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        '"text"',
        "null",
        "[" * 100_000,
        '{"value": NaN}',
        '{"value": Infinity}',
        '{"note": "\\ud800"}',
        "\xff",
        '{"year": ' + "9" * 5000 + "}",
    ],
    ids=lambda body: str(body)[:12],
)
def test_a_body_that_is_no_json_object_is_refused_in_chinese(sign_in: SignIn, body: str) -> None:
    client = sign_in(factories.person(Role.CLERK))
    answer = client.generic("POST", "/api/v1/actuals/", body.encode("latin-1"), content_type="application/json")
    assert answer.status_code == 400
    assert all(is_chinese(str(said)) for said in answer.json().values())


def test_a_form_is_not_accepted_in_place_of_json(sign_in: SignIn) -> None:
    assert sign_in(factories.person(Role.CLERK)).post("/api/v1/actuals/", {"year": "2023"}).status_code == 415


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_a_figure_is_never_replaced_or_deleted(sign_in: SignIn, method: str) -> None:
    actual = factories.actual()
    client = sign_in(factories.person(Role.CLERK))
    assert getattr(client, method)(f"/api/v1/actuals/{actual.pk}/").status_code == 405


@pytest.mark.parametrize("endpoint", ["plans", "indicators", "assessments", "projects", "regions", "rounds"])
def test_everything_but_figures_is_read_only(sign_in: SignIn, endpoint: str) -> None:
    assert post(sign_in(factories.person(Role.PLANNER)), f"{endpoint}/", {}).status_code == 405


def test_the_current_version_updates_the_figure(sign_in: SignIn) -> None:
    actual = factories.actual(indicator=open_indicator())
    answer = post(sign_in(factories.person(Role.CLERK)), "actuals/", entry(actual.indicator, version=1))
    assert (answer.status_code, answer.json()["value"], answer.json()["version"]) == (200, "46.5", 2)
    actual.refresh_from_db()
    assert actual.value == Decimal("46.5")


def test_an_update_keeps_what_it_does_not_mention(sign_in: SignIn) -> None:
    indicator = open_indicator()
    client = sign_in(factories.person(Role.CLERK))
    post(client, "actuals/", entry(indicator, value="50.00", comparator="6.1", note="年报", figure_kind="preliminary"))
    only_note = {"indicator": indicator.pk, "year": 2023, "version": 1, "note": "年报第3页"}
    shown = post(client, "actuals/", only_note).json()
    assert (shown["value"], shown["comparator"], shown["figure_kind"]) == ("50.00", "6.1", "preliminary")
    assert (shown["note"], shown["version"]) == ("年报第3页", 2)
    absent = post(client, "actuals/", entry(indicator, value="/", version=2)).json()
    assert (absent["value"], absent["comparator"], absent["availability"]) == (None, None, "missing")
    still_absent = post(client, "actuals/", {**only_note, "version": 3, "note": None}).json()
    assert (still_absent["availability"], still_absent["note"]) == ("missing", "")
    again = post(client, "actuals/", entry(indicator, version=4)).json()
    assert (again["value"], again["availability"]) == ("46.5", "reported")
    given_up = post(client, "actuals/", {**only_note, "version": 5, "availability": "missing"}).json()
    assert (given_up["value"], given_up["availability"]) == (None, "missing")


@pytest.mark.parametrize("version", [None, 1, 3, 2**70])
def test_a_stale_version_is_answered_with_both_values(sign_in: SignIn, version: int | None) -> None:
    actual = factories.actual(indicator=open_indicator(), version=2)
    sent = entry(actual.indicator, version=version)
    answer = post(sign_in(factories.person(Role.CLERK)), "actuals/", sent)
    assert answer.status_code == 409
    assert list(answer.json()) == ["detail", "current", "yours"]
    assert is_chinese(answer.json()["detail"])
    assert (answer.json()["current"]["value"], answer.json()["current"]["version"]) == ("45", 2)
    assert answer.json()["yours"] == sent
    actual.refresh_from_db()
    assert actual.value == Decimal(45)


def test_a_version_of_a_figure_that_is_not_there_is_stale(sign_in: SignIn) -> None:
    answer = post(sign_in(factories.person(Role.CLERK)), "actuals/", entry(open_indicator(), version=1))
    assert (answer.status_code, answer.json()["current"]) == (409, None)


@pytest.mark.parametrize("state", ["submitted", "approved"])
def test_a_figure_under_review_cannot_be_overwritten(sign_in: SignIn, state: str) -> None:
    actual = factories.actual(indicator=open_indicator(), state=state)
    answer = post(sign_in(factories.person(Role.CLERK)), "actuals/", entry(actual.indicator, version=1))
    assert (answer.status_code, answer.json()["current"]["state"]) == (409, state)


@pytest.mark.parametrize("due_on", [None, date(2001, 1, 1)])
def test_a_year_that_is_not_open_takes_no_figure(sign_in: SignIn, due_on: date | None) -> None:
    indicator = factories.indicator()
    if due_on:
        factories.open_round(indicator.plan, 2023, due_on=due_on)
    answer = post(sign_in(factories.person(Role.CLERK)), "actuals/", entry(indicator))
    assert answer.status_code == 409
    assert ("已截止" if due_on else "未开放填报") in answer.json()["detail"]
    assert not Actual.objects.exists()


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.LEADER, Role.ANALYST, Role.PLANNER])
def test_who_only_sees_an_indicator_enters_nothing(sign_in: SignIn, role: Role) -> None:
    answer = post(sign_in(factories.person(role)), "actuals/", entry(open_indicator()))
    assert answer.status_code == 403
    assert is_chinese(answer.json()["detail"])


def test_a_clerk_of_another_section_enters_nothing(sign_in: SignIn) -> None:
    indicator = open_indicator(department=factories.department())
    clerk = factories.person(Role.CLERK)
    clerk.memberships.get().departments.add(factories.department())
    assert post(sign_in(clerk), "actuals/", entry(indicator)).status_code == 403


def test_an_indicator_of_somewhere_else_does_not_exist(sign_in: SignIn) -> None:
    stranger = sign_in(factories.person(Role.CLERK, factories.region("330127", "淳安县")))
    known, unknown = entry(open_indicator()), {"indicator": 2**80, "year": 2023, "value": "1"}
    assert [post(stranger, "actuals/", sent).status_code for sent in (known, unknown)] == [404, 404]
    assert not Actual.objects.exists()


def test_a_figure_goes_through_the_whole_review(sign_in: SignIn) -> None:
    indicator = open_indicator()
    clerk, reviewer = sign_in(factories.person(Role.CLERK)), sign_in(factories.person(Role.REVIEWER))
    pk = post(clerk, "actuals/", entry(indicator, value="47")).json()["id"]

    def move(client: Client, name: str, version: int, note: str = "") -> tuple[int, str, int]:
        answer = post(client, f"actuals/{pk}/move/", {"move": name, "version": version, "note": note})
        return answer.status_code, answer.json()["state"], answer.json()["version"]

    assert move(clerk, "submit", 1) == (200, "submitted", 2)
    assert move(reviewer, "return", 2, "请核对口径") == (200, "returned", 3)
    assert move(clerk, "submit", 3) == (200, "submitted", 4)
    assert move(reviewer, "approve", 4) == (200, "approved", 5)
    assert Assessment.objects.get(indicator=indicator, year=2023).progress == Decimal("0.7")
    assert move(reviewer, "reopen", 5, "口径调整") == (200, "draft", 6)
    events = clerk.get(f"/api/v1/actuals/{pk}/").json()["events"]
    assert [event["move"] for event in events] == ["save", "submit", "return", "submit", "approve", "reopen"]


def submitted(**values: Any) -> Actual:
    return factories.actual(indicator=open_indicator(), state="submitted", **values)


def moved(client: Client, actual: Actual, **values: Any) -> HttpResponse:
    answer: HttpResponse = post(client, f"actuals/{actual.pk}/move/", {"version": actual.version, **values})
    return answer


def test_a_stale_move_is_answered_with_both(sign_in: SignIn) -> None:
    answer: Any = moved(sign_in(factories.person(Role.REVIEWER)), submitted(version=4), move="approve", version=3)
    assert answer.status_code == 409
    assert answer.json()["current"]["version"] == 4
    assert answer.json()["yours"] == {"move": "approve", "version": 3}


def test_nobody_approves_what_they_entered(sign_in: SignIn) -> None:
    both = factories.person(Role.CLERK)
    both.memberships.create(region=factories.region(), role=Role.REVIEWER)
    answer: Any = moved(sign_in(both), submitted(entered_by=both), move="approve")
    assert answer.status_code == 403
    assert "不能审核自己填报的数据" in answer.json()["detail"]


@pytest.mark.parametrize("role", [Role.CLERK, Role.PLANNER])
def test_who_is_no_reviewer_approves_nothing(sign_in: SignIn, role: Role) -> None:
    assert moved(sign_in(factories.person(role)), submitted(), move="approve").status_code == 403


def test_a_leader_may_read_an_approved_figure_but_not_reopen_it(sign_in: SignIn) -> None:
    actual = factories.actual(state="approved")
    assert moved(sign_in(factories.person(Role.LEADER)), actual, move="reopen", note="不对").status_code == 403


def test_a_figure_of_somewhere_else_cannot_be_moved(sign_in: SignIn) -> None:
    stranger = factories.person(Role.REVIEWER, factories.region("330127", "淳安县"))
    assert moved(sign_in(stranger), submitted(), move="approve").status_code == 404


def test_a_move_that_does_not_fit_the_state_is_a_conflict(sign_in: SignIn) -> None:
    answer: Any = moved(sign_in(factories.person(Role.REVIEWER)), factories.actual(), move="approve")
    assert (answer.status_code, answer.json()["current"]["state"]) == (409, "draft")


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"move": "return"}, "detail"),
        ({"move": "save"}, "move"),
        ({"move": "delete"}, "move"),
        ({"move": ["approve"]}, "move"),
        ({"move": None}, "move"),
        ({"move": "approve", "version": None}, "version"),
        ({"move": "approve", "version": "x"}, "version"),
        ({"move": "approve", "version": -1}, "version"),
        ({"move": "return", "note": {"a": 1}}, "note"),
        ({"move": "return", "note": "  "}, "detail"),
    ],
)
def test_a_move_that_makes_no_sense_is_refused(sign_in: SignIn, sent: dict[str, Any], field: str) -> None:
    answer: Any = moved(sign_in(factories.person(Role.REVIEWER)), submitted(), **sent)
    assert answer.status_code == 400
    assert list(answer.json()) == [field]
    assert is_chinese(str(answer.json()[field]))


def test_a_figure_outside_its_hard_bounds_is_not_passed_on(sign_in: SignIn) -> None:
    actual = factories.actual(indicator=open_indicator(hard_maximum=Decimal(100)), value=Decimal(855), note="已核")
    answer: Any = moved(sign_in(factories.person(Role.CLERK)), actual, move="submit")
    assert answer.status_code == 400
    assert list(answer.json()) == ["detail", "problems"]
    first = answer.json()["problems"][0]
    assert first["is_hard"] is True
    assert "855" in first["message"]


def test_a_figure_behind_its_path_is_passed_on_with_an_explanation(sign_in: SignIn) -> None:
    client = sign_in(factories.person(Role.CLERK))
    actual = factories.actual(indicator=open_indicator(), value=Decimal(41))
    refused: Any = moved(client, actual, move="submit")
    assert refused.status_code == 400
    assert [problem["is_hard"] for problem in refused.json()["problems"]] == [False]
    assert moved(client, actual, move="submit", note="改造项目延期").status_code == 200


def test_entering_takes_the_same_queries_however_much_is_stored(
    sign_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries, settings: Settings
) -> None:
    settings.API_PER_MINUTE = 0  # counting the request is counted elsewhere
    indicators = [open_indicator(), open_indicator()]
    for year in (2021, 2022, 2024):
        factories.actual(indicator=indicators[1], year=year, entered_at=timezone.now())
    client = sign_in(factories.person(Role.CLERK))
    for indicator in indicators:
        with django_assert_num_queries(17):
            assert post(client, "actuals/", entry(indicator)).status_code == 201
