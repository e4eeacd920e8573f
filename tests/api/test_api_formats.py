"""Lists as CSV, answers that are known already, and how often one may ask."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from accounts import api
from accounts.models import ApiUse, Region, User
from accounts.permissions import Role
from accounts.renderers import inert
from accounts.throttles import may_ask, seconds_left
from indicators.models import Indicator
from indicators.reassess import reassess
from projects.models import FundingSource, ProjectUnit
from tests import factories

SignIn = Callable[[User], Client]


def rows_of(answer: Any) -> list[dict[str, str]]:
    text = answer.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def reader(db: None, sign_in: SignIn) -> Client:
    return sign_in(factories.person(Role.LEADER))


# ---- CSV


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+86", "+86"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-5", "-5"),
        ("-5.25", "-5.25"),
        ("-5%", "'-5%"),
        ("-A1", "'-A1"),
        ("－5", "'－5"),
        ("＝1", "'＝1"),
        ("\t=1", "'\t=1"),
        ("5", "5"),
        ("≥55", "≥55"),
        ("", ""),
    ],
)
def test_a_cell_runs_nothing_and_a_negative_number_stays_one(text: str, shown: str) -> None:
    assert inert(text) == shown


def test_a_list_as_csv_opens_in_excel_with_one_head_row(reader: Client) -> None:
    indicator = factories.indicator(decimals=1, name="=cmd|' /C calc'!A0")
    factories.actual(
        indicator=indicator, year=2023, value=Decimal("-0.50"), text="-0.5", state="approved", note="核,减\n床位"
    )
    factories.actual(indicator=indicator, year=2024, value=None, availability="missing", state="approved", note="缺")
    answer = reader.get("/api/v1/actuals/?format=csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="actuals.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbfid,indicator,year,value,")
    first, second = rows_of(answer)
    assert (first["value"], first["note"], first["is_demo"], first["judgement"]) == ("-0.5", "核,减\n床位", "false", "")
    assert (second["value"], second["availability"]) == ("", "missing")
    (row,) = rows_of(reader.get("/api/v1/indicators/?format=csv"))
    assert row["name"] == "'=cmd|' /C calc'!A0"
    assert (row["baseline_year"], row["baseline_value"]) == ("2020", "40.0")
    assert row["targets"].startswith('[{"year": 2025, "operator": "eq", "value": "50.0"')


def test_every_list_has_a_csv_with_the_same_figures_as_its_json(reader: Client) -> None:
    project = factories.project()
    for name in ("市民政局", "市财政局"):
        ProjectUnit.objects.create(project=project, name=name)
    FundingSource.objects.create(project=project, name="专项债券")
    indicator = factories.indicator(plan=project.plan)
    factories.actual(indicator=indicator, state="approved")
    reassess(Indicator.objects.all())
    for endpoint in ("plans", "indicators", "actuals", "assessments", "projects", "regions"):
        as_json = reader.get(f"/api/v1/{endpoint}/").json()["results"]
        as_csv = rows_of(reader.get(f"/api/v1/{endpoint}/", headers={"Accept": "text/csv"}))
        assert len(as_csv) == len(as_json) > 0
        for written, row in zip(as_csv, as_json, strict=True):
            plain = {name: value for name, value in row.items() if isinstance(value, str | int) and value is not True}
            assert {name: written[name] for name in plain if row[name] is not False} == {
                name: str(value) for name, value in plain.items() if value is not False
            }
    (row,) = rows_of(reader.get("/api/v1/projects/?format=csv"))
    assert (row["units"], row["funding_sources"]) == ("市民政局；市财政局", "专项债券")
    (plan,) = rows_of(reader.get("/api/v1/plans/?format=csv"))
    assert (plan["region_code"], plan["source_is_excerpt"]) == ("420682", "false")


def test_an_empty_list_still_has_its_head(reader: Client) -> None:
    answer = reader.get("/api/v1/assessments/?format=csv")
    assert answer.content.decode("utf-8-sig").splitlines() == [
        "id,indicator,year,verdict,verdict_word,light,engine_verdict,override_reason,override_by,override_at,"
        "exclusion_since_year,exclusion_cause,exclusion_reason,exclusion_by,exclusion_at,reason,is_met,progress,"
        "time_progress,expected,comparison,gap,completion_rate,forecast,forecast_verdict,is_demo"
    ]


def test_one_row_as_csv_is_a_list_of_one(reader: Client) -> None:
    actual = factories.actual(state="approved")
    (row,) = rows_of(reader.get(f"/api/v1/actuals/{actual.pk}/?format=csv"))
    assert (row["id"], row["evidence"]) == (str(actual.pk), "")


def test_what_is_wrong_is_said_in_json_where_csv_was_wanted(reader: Client) -> None:
    answer = reader.get("/api/v1/actuals/?format=csv&light=blue")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/json")
    assert list(answer.json()) == ["light"]


@pytest.mark.parametrize(("query", "rows"), [("", 150), ("&page_size=10", 10), ("&page=2", 50)])
def test_a_csv_holds_everything_unless_a_page_is_asked_for(reader: Client, query: str, rows: int) -> None:
    country = factories.region("100000")
    many = (f"4206{n:02}" if n < 100 else f"4207{n - 100:02}" for n in range(150))
    codes = [code for code in many if code not in ("420682", "420700")]
    Region.objects.bulk_create(
        Region(code=code, name="区", short_name="区", bureau_name="局", level="county", parent=country)
        for code in codes
    )
    client = Client()
    client.force_login(factories.person(Role.LEADER, factories.region("420000", "湖北省")))
    assert len(rows_of(client.get(f"/api/v1/regions/?level=county&format=csv{query}"))) == rows


def test_more_rows_than_a_csv_may_hold_are_refused_and_never_cut_off(
    reader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    indicator = factories.indicator()
    for year in (2022, 2023, 2024):
        factories.actual(indicator=indicator, year=year, state="approved")
    monkeypatch.setattr(api, "MOST_ROWS_OF_CSV", 3)
    assert len(rows_of(reader.get("/api/v1/actuals/?format=csv"))) == 3
    monkeypatch.setattr(api, "MOST_ROWS_OF_CSV", 2)
    answer = reader.get("/api/v1/actuals/?format=csv")
    assert answer.status_code == 400
    assert answer.json() == {"detail": "超过2行。请加筛选条件，或用 page、page_size 分页取。"}
    assert len(rows_of(reader.get("/api/v1/actuals/?format=csv&year=2024"))) == 1


@pytest.mark.django_db
def test_a_stranger_gets_a_csv_without_rows(sign_in: SignIn) -> None:
    factories.actual(state="approved")
    client = sign_in(factories.person(Role.ANALYST, factories.region("330127", "淳安县")))
    assert rows_of(client.get("/api/v1/actuals/?format=csv")) == []


# ---- What is known already


@pytest.mark.parametrize("path", ["indicators/", "indicators/{pk}/", "indicators/?format=csv"])
def test_who_has_the_answer_already_is_told_so(reader: Client, path: str) -> None:
    indicator = factories.indicator()
    address = f"/api/v1/{path.format(pk=indicator.pk)}"
    first = reader.get(address)
    etag = first["ETag"]
    assert etag.startswith('W/"')
    assert first["Cache-Control"] == "private, no-cache"
    assert {"Accept", "Authorization", "Cookie"} <= {name.strip() for name in first["Vary"].split(",")}
    for known in (etag, f'"x", {etag}', "*"):
        again = reader.get(address, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
    assert reader.get(address, headers={"If-None-Match": 'W/"x"'}).status_code == 200
    Indicator.objects.filter(pk=indicator.pk).update(name="改名")
    changed = reader.get(address, headers={"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed["ETag"] != etag


def test_what_is_refused_carries_no_etag(reader: Client) -> None:
    assert "ETag" not in reader.get("/api/v1/indicators/0/")
    assert reader.get("/api/v1/indicators/0/", headers={"If-None-Match": "*"}).status_code == 404


def test_people_who_see_different_rows_never_share_an_etag(reader: Client, sign_in: SignIn) -> None:
    factories.indicator()
    theirs = sign_in(factories.person(Role.LEADER, factories.region("330127", "淳安县")))
    etag = reader.get("/api/v1/indicators/")["ETag"]
    assert theirs.get("/api/v1/indicators/", headers={"If-None-Match": etag}).status_code == 200


# ---- How often

NOON = datetime(2026, 1, 1, 12, 0, 40, tzinfo=UTC)


@pytest.mark.django_db
def test_so_many_requests_a_minute_and_then_not_until_the_next() -> None:
    asked = [may_ask("person 1", most=3, at=NOON) for _ in range(5)]
    assert asked == [True, True, True, False, False]
    assert may_ask("person 2", most=3, at=NOON)
    assert seconds_left(NOON) == 20
    assert may_ask("person 1", most=3, at=NOON + timedelta(seconds=20))
    assert not may_ask("person 1", most=3, at=NOON)


@pytest.mark.django_db
def test_a_usual_request_is_counted_by_one_write(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    may_ask("person 1", most=3, at=NOON)
    with django_assert_num_queries(1):
        may_ask("person 1", most=3, at=NOON)
    with django_assert_num_queries(0):
        may_ask("person 1", most=0, at=NOON)


@pytest.mark.django_db
def test_counts_of_long_ago_are_cleared_away() -> None:
    may_ask("person 1", most=3, at=NOON)
    may_ask("person 1", most=3, at=NOON + timedelta(minutes=62))
    assert ApiUse.objects.count() == 1


def test_who_asks_too_often_is_told_when_to_come_back(reader: Client, settings: Settings) -> None:
    """Three answered requests a minute; five in a row span two minutes at most."""
    settings.API_PER_MINUTE = 2
    answers = [reader.get("/api/v1/plans/") for _ in range(5)]
    refused = [answer for answer in answers if answer.status_code != 200]
    assert refused
    for answer in refused:
        assert answer.status_code == 429
        wait = answer["Retry-After"]
        assert 1 <= int(wait) <= 60
        assert answer.json() == {"detail": f"请求过于频繁，请{wait}秒后再试。"}


def test_all_tokens_of_a_person_count_together(db: None, settings: Settings) -> None:
    settings.API_PER_MINUTE = 2
    analyst = factories.person(Role.ANALYST)
    for name in "abc":
        factories.api_token(user=analyst, key=f"cp_{name}")
    answers = [
        Client().get("/api/v1/plans/", headers={"Authorization": f"Token cp_{name}"}).status_code for name in "abcabc"
    ]
    assert answers.count(429) >= 2


def test_who_is_nobody_too_often_waits_while_others_behind_the_address_go_on(
    reader: Client, settings: Settings
) -> None:
    settings.API_REFUSALS_PER_MINUTE = 2
    nobody = Client(headers={"Authorization": "Token cp_guess"})
    answers = [nobody.get("/api/v1/plans/") for _ in range(6)]
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) == {401, 429}
    assert statuses.count(401) <= 4
    assert answers[statuses.index(429)]["Retry-After"]
    assert reader.get("/api/v1/plans/").status_code == 200
