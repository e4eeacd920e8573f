"""What the API shows, to whom, in which words and how many queries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings
from rest_framework.authtoken.models import Token

from accounts.models import Region, User
from accounts.permissions import Role
from indicators.models import Actual, ActualEvent, Indicator, Metric, Target
from indicators.moves import Move
from indicators.reassess import reassess
from indicators.rulings import exclude_indicator, override_verdict
from indicators.verdicts import Verdict
from plans.models import RoundExtension
from projects.kinds import PROJECTS, WORK
from projects.models import FundingSource, ProjectReport, ProjectUnit, WorkState
from projects.months import Month
from projects.workflow import WorkEntry, move_reports, save_report
from tests import factories

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
ENDPOINTS = [
    "regions",
    "plans",
    "metrics",
    "indicators",
    "actuals",
    "assessments",
    "projects",
    "project-reports",
    "work-items",
    "work-reports",
    "rounds",
]


def report(**values: Any) -> ProjectReport:
    """An approved report of May 2023, taken from a document."""
    values.setdefault("month", 5)
    values.setdefault("state", "approved")
    return ProjectReport.objects.create(
        project=values.pop("project", None) or factories.project(),
        year=2023,
        stage="under_way",
        source_ref="表2",
        **values,
    )


def one_of_each() -> Actual:
    """A row for every endpoint, all of 老河口: enough that each list has something to hide."""
    metric = Metric.objects.create(
        code="nursing-beds", name="护理型床位占比", unit="%", theme=factories.theme(), direction="up"
    )
    indicator = factories.indicator(metric=metric)
    factories.open_round(indicator.plan, 2023)
    factories.work_report(item=factories.work_item(plan=indicator.plan), state="approved")
    report(project=factories.project(plan=indicator.plan))
    approved = factories.actual(indicator=indicator, state="approved")
    reassess(Indicator.objects.filter(pk=indicator.pk))
    return approved


def keys(row: dict[str, Any]) -> str:
    return " ".join(row)


@pytest.mark.parametrize("endpoint", ["", "schema/", *(f"{name}/" for name in ENDPOINTS)])
def test_nobody_in_particular_is_asked_to_sign_in(client: Client, endpoint: str) -> None:
    answer = client.get(f"/api/v1/{endpoint}", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Token"
    assert answer.json() == {"detail": "身份认证信息未提供。"}


def test_a_token_opens_the_api_without_a_session(client: Client) -> None:
    plan = factories.plan(code="laohekou-14")
    token = Token.objects.create(user=factories.person(Role.ANALYST))
    answer = client.get("/api/v1/plans/", headers={"Authorization": f"Token {token.key}"})
    assert [row["code"] for row in answer.json()["results"]] == [plan.code]


def test_a_wrong_token_is_refused(client: Client) -> None:
    assert client.get("/api/v1/plans/", headers={"Authorization": "Token abc"}).status_code == 401


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("regions", "code name short_name bureau_name level parent"),
        ("plans", "code title short_title kind region start_year end_year source"),
        (
            "metrics",
            "code name unit theme direction definition is_ranked aliases numerator_name denominator_name parts_factor"
            " numerator denominator",
        ),
        (
            "indicators",
            "id plan number parent name unit theme attribute kind direction decimals is_group baseline targets origin"
            " source_ref metric metric_note department remark",
        ),
        (
            "actuals",
            "id indicator year value text comparator numerator denominator judgement availability absence_reason"
            " figure_kind state note version source_ref is_demo",
        ),
        (
            "assessments",
            "id indicator year verdict verdict_word light engine_verdict override exclusion reason is_met progress"
            " time_progress expected comparison gap completion_rate forecast forecast_verdict is_demo",
        ),
        (
            "projects",
            "id plan number category name location total_investment start_year end_year content stage stage_text"
            " units funding_sources source_ref remark",
        ),
        (
            "project-reports",
            "id project year month stage investment_done physical_progress problems note state version source_ref"
            " is_demo",
        ),
        ("work-reports", "id item year month work_state value note state version source_ref is_demo"),
        ("work-items", "id plan section number title target unit theme department due_on state source_ref remark"),
        ("rounds", "id plan year opens_on due_on state extensions is_demo"),
    ],
)
def test_a_row_has_exactly_the_agreed_fields(sign_in: SignIn, endpoint: str, expected: str) -> None:
    one_of_each()
    answer = sign_in(factories.person(Role.ANALYST)).get(f"/api/v1/{endpoint}/")
    assert answer.status_code == 200
    assert keys(answer.json()["results"][0]) == expected


def test_the_parts_of_a_row_have_exactly_the_agreed_fields(sign_in: SignIn) -> None:
    one_of_each()
    client = sign_in(factories.person(Role.ANALYST))
    plan = client.get("/api/v1/plans/").json()["results"][0]
    assert keys(plan["region"]) == "code name"
    assert keys(plan["source"]) == "title publisher published_on file_name is_excerpt"
    indicator = client.get("/api/v1/indicators/").json()["results"][0]
    assert keys(indicator["baseline"]) == "year value text"
    assert keys(indicator["targets"][0]) == (
        "year operator value upper text version counts_from reason approved_by_body approval_number"
    )
    work_item = client.get("/api/v1/work-items/").json()["results"][0]
    assert keys(work_item["target"]) == "operator value upper text"


@pytest.mark.parametrize("endpoint", [name for name in ENDPOINTS if name not in {"regions", "metrics"}])
def test_a_stranger_with_the_right_role_elsewhere_sees_no_row(sign_in: SignIn, endpoint: str) -> None:
    one_of_each()
    stranger = factories.person(Role.CLERK, factories.region("330127", "淳安县"))
    assert sign_in(stranger).get(f"/api/v1/{endpoint}/").json()["results"] == []


def test_a_stranger_sees_only_the_own_region(sign_in: SignIn) -> None:
    one_of_each()
    stranger = factories.person(Role.CLERK, factories.region("330127", "淳安县"))
    answer = sign_in(stranger).get("/api/v1/regions/")
    assert [row["code"] for row in answer.json()["results"]] == ["330127"]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("role", [None, Role.SYSTEM])
def test_somebody_without_business_data_sees_no_row(sign_in: SignIn, endpoint: str, role: Role | None) -> None:
    one_of_each()
    assert sign_in(factories.person(role)).get(f"/api/v1/{endpoint}/").json()["results"] == []


def test_a_row_of_somewhere_else_does_not_exist(sign_in: SignIn) -> None:
    actual = one_of_each()
    client = sign_in(factories.person(Role.CLERK, factories.region("330127", "淳安县")))
    plan = actual.indicator.plan
    for path in (f"plans/{plan.code}", "regions/420682", f"indicators/{actual.indicator.pk}", f"actuals/{actual.pk}"):
        assert client.get(f"/api/v1/{path}/").status_code == 404


@pytest.mark.parametrize(
    ("role", "states"),
    [
        (Role.CLERK, ["draft", "approved"]),
        (Role.REVIEWER, ["draft", "approved"]),
        (Role.PLANNER, ["draft", "approved"]),
        (Role.LEADER, ["approved"]),
        (Role.ANALYST, ["approved"]),
    ],
)
def test_figures_under_review_are_for_those_who_work_on_them(sign_in: SignIn, role: Role, states: list[str]) -> None:
    indicator = factories.indicator()
    draft = factories.actual(indicator=indicator, year=2022)
    factories.actual(indicator=indicator, year=2023, state="approved")
    client = sign_in(factories.person(role))
    assert [row["state"] for row in client.get("/api/v1/actuals/").json()["results"]] == states
    assert client.get(f"/api/v1/actuals/{draft.pk}/").status_code == (200 if "draft" in states else 404)


def test_a_leader_of_the_country_sees_everything_approved(sign_in: SignIn) -> None:
    for code, name in (("420682", "老河口市"), ("330127", "淳安县")):
        indicator = factories.indicator(plan=factories.plan(region=factories.region(code, name)))
        factories.actual(indicator=indicator, year=2022)
        factories.actual(indicator=indicator, year=2023, state="approved")
    client = sign_in(factories.person(Role.LEADER, factories.region("100000")))
    assert [row["state"] for row in client.get("/api/v1/actuals/").json()["results"]] == ["approved", "approved"]
    assert client.get("/api/v1/plans/").json()["count"] == 2


def test_a_figure_tells_its_past_with_the_old_values(sign_in: SignIn) -> None:
    actual = factories.actual(state="approved", version=3)

    def event(move: str, state: str, value: str, by: User | None) -> None:
        assert by
        ActualEvent.objects.create(
            actual=actual,
            at=timezone.now(),
            by=by,
            move=move,
            state=state,
            version=1,
            value=Decimal(value),
            availability="reported",
            figure_kind="final",
        )

    event("save", "draft", "41.5", actual.entered_by)
    event("submit", "submitted", "45", actual.entered_by)
    event("approve", "approved", "45", actual.approved_by)

    def past(role: Role) -> list[tuple[str, str]]:
        events = sign_in(factories.person(role)).get(f"/api/v1/actuals/{actual.pk}/").json()["events"]
        assert keys(events[0]) == (
            "at by move state version value comparator numerator denominator judgement availability absence_reason"
            " figure_kind note"
        )
        return [(event["move"], event["value"]) for event in events]

    assert past(Role.REVIEWER) == [("save", "41.5"), ("submit", "45"), ("approve", "45")]
    assert past(Role.LEADER) == [("approve", "45")]


@pytest.mark.parametrize(
    ("value", "text", "decimals", "shown"),
    [
        ("0", "0", 0, "0"),
        ("0", "0", 2, "0"),
        ("50", "50.00", 2, "50.00"),
        ("50", "50.00", 0, "50.00"),
        ("50", "50", 1, "50"),
        ("47.5", "47.5", 0, "47.5"),
        ("100000", "100000", 0, "100000"),
        ("0.0001", "0.0001", 0, "0.0001"),
        ("-5", "-5", 0, "-5"),
        ("99999999999.9999", "99999999999.9999", 0, "99999999999.9999"),
        ("12500", "1.25万", 0, "12500"),
    ],
)
def test_a_figure_is_a_plain_string_as_it_was_entered(
    sign_in: SignIn, value: str, text: str, decimals: int, shown: str
) -> None:
    indicator = factories.indicator(unit="张", decimals=decimals)
    factories.actual(indicator=indicator, value=Decimal(value), text=text)
    answer = sign_in(factories.person(Role.CLERK)).get("/api/v1/actuals/")
    assert answer.json()["results"][0]["value"] == shown


def test_what_is_absent_is_null(sign_in: SignIn) -> None:
    indicator = factories.indicator(baseline_value=None, baseline_year=None, baseline_text="/", target=None)
    Target.objects.create(indicator=indicator, year=2025, operator="text", text="应保尽保")
    factories.actual(indicator=indicator, value=None, availability="missing")
    factories.project(plan=indicator.plan, total_investment=None)
    client = sign_in(factories.person(Role.CLERK))
    shown = client.get("/api/v1/indicators/").json()["results"][0]
    assert shown["baseline"] == {"year": None, "value": None, "text": "/"}
    first = {"version": 1, "counts_from": None, "reason": "", "approved_by_body": "", "approval_number": ""}
    (promised,) = shown["targets"]
    assert promised == {"year": 2025, "operator": "text", "value": None, "upper": None, "text": "应保尽保", **first}
    assert (shown["parent"], shown["metric"], shown["department"]) == (None, None, None)
    actual = client.get("/api/v1/actuals/").json()["results"][0]
    assert (actual["value"], actual["comparator"], actual["judgement"]) == (None, None, None)
    assert client.get("/api/v1/projects/").json()["results"][0]["total_investment"] is None


def test_only_the_target_in_force_is_shown(sign_in: SignIn) -> None:
    indicator = factories.indicator(target="50", decimals=1)
    indicator.targets.update(is_current=False)
    approval = {"reason": "上级调整", "approved_by_body": "省民政厅", "approval_number": "民发1号"}
    revision = {**approval, "revised_by": factories.person(Role.PLANNER)}
    Target.objects.create(
        indicator=indicator, year=2025, version=2, operator="range", value=52, upper=Decimal("55.25"), text="52～55.25",
        revised_at=timezone.now(), counts_from=2024, **revision,
    )  # fmt: skip
    answer = sign_in(factories.person(Role.LEADER)).get(f"/api/v1/indicators/{indicator.pk}/")
    revised = {"version": 2, "counts_from": 2024, **approval}
    assert answer.json()["targets"] == [
        {"year": 2025, "operator": "range", "value": "52.0", "upper": "55.25", "text": "52～55.25", **revised}
    ]


def test_an_assessment_shows_shares_with_four_decimals(sign_in: SignIn) -> None:
    # 40 in 2020 and 50 promised for 2025: 48 in 2024 is 8 of 10, four years of five are over.
    indicator = factories.indicator(decimals=1)
    factories.actual(indicator=indicator, year=2024, value=Decimal(48), state="approved")
    reassess(Indicator.objects.filter(pk=indicator.pk))
    answer = sign_in(factories.person(Role.LEADER)).get("/api/v1/assessments/", {"year": "2024"})
    (shown,) = answer.json()["results"]
    assert (shown["progress"], shown["time_progress"], shown["comparison"]) == ("0.8000", "0.8000", "1.0000")
    assert (shown["expected"], shown["completion_rate"], shown["gap"]) == ("48.0", "0.9600", "-2.0")
    assert (shown["verdict"], shown["verdict_word"], shown["light"]) == ("on_track", "符合预期", "green")
    assert (shown["is_met"], shown["is_demo"]) == (False, False)


def test_a_ruled_verdict_is_shown_with_the_engines_own_and_who_ruled(sign_in: SignIn) -> None:
    indicator = factories.indicator()
    factories.actual(indicator=indicator, value=Decimal(41), state="approved")
    reassess(Indicator.objects.all())
    planner = factories.person(Role.PLANNER, display_name="李强")
    override_verdict(
        indicator=indicator, year=2023, verdict=Verdict.ON_TRACK, reason="省级通报认定", seen=None, by=planner
    )
    client = sign_in(factories.person(Role.ANALYST))
    (shown,) = client.get("/api/v1/assessments/", {"year": "2023"}).json()["results"]
    assert (shown["verdict"], shown["light"], shown["engine_verdict"]) == ("on_track", "green", "behind")
    assert (shown["override"]["by"], shown["override"]["reason"], shown["exclusion"]) == ("李强", "省级通报认定", None)
    assert client.get("/api/v1/assessments/", {"light": "green"}).json()["count"] == 1
    exclude_indicator(
        indicator=indicator, since_year=2023, cause=Verdict.TRANSFERRED, reason="机构改革", seen=None, by=planner
    )
    (shown,) = client.get("/api/v1/assessments/", {"year": "2023"}).json()["results"]
    assert (shown["verdict"], shown["verdict_word"], shown["light"]) == ("transferred", "职能划转", "grey")
    assert (shown["engine_verdict"], shown["override"]) == ("behind", None)
    told = shown["exclusion"]
    assert (told["since_year"], told["cause"], told["reason"], told["by"]) == (2023, "transferred", "机构改革", "李强")


def test_a_year_that_is_not_over_is_not_due_rather_than_missing(sign_in: SignIn) -> None:
    this_year = timezone.localdate().year
    plan = factories.plan(start_year=this_year - 1, end_year=this_year + 3)
    indicator = factories.indicator(plan=plan, target_year=this_year + 3, baseline_year=this_year - 2)
    reassess(Indicator.objects.filter(pk=indicator.pk))
    answer = sign_in(factories.person(Role.LEADER)).get("/api/v1/assessments/")
    assert [(row["year"], row["verdict_word"]) for row in answer.json()["results"]][:2] == [
        (this_year - 1, "未填报"),
        (this_year, "未到期"),
    ]
    grey = sign_in(factories.person(Role.LEADER)).get("/api/v1/assessments/", {"light": "grey"})
    assert grey.json()["count"] == 5


def test_a_project_lists_its_units_and_money_in_printed_order(sign_in: SignIn) -> None:
    project = factories.project(total_investment=Decimal("2500.5"))
    for order, name in ((2, "市财政局"), (1, "市民政局")):
        ProjectUnit.objects.create(project=project, order=order, name=name)
    FundingSource.objects.create(project=project, name="专项债券")
    shown = sign_in(factories.person(Role.LEADER)).get(f"/api/v1/projects/{project.pk}/").json()
    assert (shown["units"], shown["funding_sources"]) == (["市民政局", "市财政局"], ["专项债券"])
    assert shown["total_investment"] == "2500.5"


def test_a_report_under_review_is_hidden_from_readers(sign_in: SignIn) -> None:
    project = factories.project()
    report(project=project, month=5, investment_done=Decimal("120.50"), physical_progress=Decimal(0))
    report(project=project, month=6, state="draft")
    seen = sign_in(factories.person(Role.LEADER)).get("/api/v1/project-reports/").json()["results"]
    assert [(row["month"], row["investment_done"], row["physical_progress"]) for row in seen] == [(5, "120.5", "0")]
    assert sign_in(factories.person(Role.CLERK)).get("/api/v1/project-reports/").json()["count"] == 2


def test_a_month_keeps_what_it_was_before_for_those_who_work_on_it(sign_in: SignIn) -> None:
    """A figure lowered after a return: clerks see both steps, a leader what was approved."""
    clerk, reviewer = factories.person(Role.CLERK), factories.person(Role.REVIEWER)
    item = factories.work_item(target_operator="ge", target_value=Decimal(400))
    about: dict[str, Any] = {"kind": WORK, "owner": item, "month": Month(2023, 6), "by": clerk}
    first = save_report(**about, entry=WorkEntry(WorkState.UNDER_WAY, Decimal(350)), version=None)
    second = save_report(**about, entry=WorkEntry(WorkState.UNDER_WAY, Decimal("300.5")), version=first.version)
    for move, by, version in ((Move.SUBMIT, clerk, 2), (Move.APPROVE, reviewer, 3)):
        move_reports(kind=WORK, chosen=[(second, version)], move=move, by=by)
    url = f"/api/v1/work-reports/{second.pk}/"
    seen = {role: sign_in(factories.person(role)).get(url).json()["events"] for role in (Role.CLERK, Role.LEADER)}
    assert [(event["move"], event["value"]) for event in seen[Role.CLERK]] == [
        ("save", "350"),
        ("save", "300.5"),
        ("submit", "300.5"),
        ("approve", "300.5"),
    ]
    assert [(event["move"], event["value"]) for event in seen[Role.LEADER]] == [("approve", "300.5")]


def test_a_month_of_a_project_shows_its_steps(sign_in: SignIn) -> None:
    row = factories.project_report(state="submitted")
    move_reports(
        kind=PROJECTS, chosen=[(row, 1)], move=Move.RETURN, by=factories.person(Role.REVIEWER), note="台账不符"
    )
    (event,) = sign_in(factories.person(Role.CLERK)).get(f"/api/v1/project-reports/{row.pk}/").json()["events"]
    assert keys(event) == "at by move state version stage investment_done physical_progress problems note"
    assert (event["state"], event["investment_done"], event["note"]) == ("returned", "1000", "台账不符")


def test_a_round_says_whether_it_is_open_today(sign_in: SignIn) -> None:
    plan = factories.plan()
    closed = factories.open_round(plan, 2021, due_on=date(2001, 1, 1))
    extended = factories.open_round(plan, 2022, due_on=date(2001, 1, 1))
    for department, round_ in ((factories.department(name="救助科"), closed), (None, extended)):
        RoundExtension.objects.create(
            round=round_, department=department, until=date(2100, 1, 1), reason="汛期", allowed_by=factories.person()
        )
    rows = sign_in(factories.person(Role.LEADER)).get("/api/v1/rounds/").json()["results"]
    assert [(row["year"], row["state"]) for row in rows] == [(2021, "closed"), (2022, "extended")]
    assert rows[0]["extensions"] == [{"department": "救助科", "until": "2100-01-01", "reason": "汛期"}]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", ["1", "2"]),
        ("plan=laohekou-14", ["1"]),
        ("plan=nobody-has-it", []),
        ("region=330127", ["2"]),
        ("attribute=binding", ["1"]),
        ("kind=hold", ["2"]),
        ("theme=rescue", ["2"]),
        ("year=2025", ["1", "2"]),
        ("year=2020", []),
        ("metric=beds", []),
        ("plan=laohekou-14&attribute=expected", []),
        ("attribute=", ["1", "2"]),
    ],
)
def test_indicators_are_filtered(sign_in: SignIn, query: str, numbers: list[str]) -> None:
    factories.indicator(number="1", plan=factories.plan(code="laohekou-14"), attribute="binding")
    elsewhere = factories.plan(code="shanwei-14", region=factories.region("330127", "淳安县"))
    theme = factories.theme("rescue", "社会救助")
    factories.indicator(number="2", plan=elsewhere, attribute="expected", kind="hold", theme=theme)
    client = sign_in(factories.person(Role.LEADER, factories.region("100000")))
    answer = client.get(f"/api/v1/indicators/?{query}")
    assert [row["number"] for row in answer.json()["results"]] == numbers


@pytest.mark.parametrize(
    ("endpoint", "query", "count"),
    [
        ("actuals", "state=approved", 1),
        ("actuals", "state=draft", 1),
        ("actuals", "year=2024", 1),
        ("actuals", "light=green", 1),
        ("actuals", "light=red", 0),
        ("actuals", "attribute=binding", 0),
        ("actuals", "indicator=9223372036854775807", 0),
        ("assessments", "light=green", 1),
        ("assessments", "light=green&year=2023", 0),
        ("assessments", "attribute=unstated", 5),
        ("assessments", "state=approved", 1),
        ("assessments", "state=draft", 1),
        ("assessments", "state=submitted", 0),
        ("indicators", "state=approved&year=2024", 1),
        ("indicators", "state=approved&year=2023", 0),
        ("indicators", "state=returned", 0),
        ("indicators", "light=green", 1),
        ("indicators", "light=green&year=2023", 0),
        *((name, "under=420000", 1) for name in ("plans", "regions", "indicators", "projects", "work-items", "rounds")),
        *((name, "under=330000", 0) for name in ("plans", "regions", "indicators", "projects", "work-items", "rounds")),
        ("actuals", "under=420000", 2),
        ("assessments", "under=100000", 5),
        ("project-reports", "under=420600", 1),
        ("work-reports", "under=420699", 0),
        ("regions", "region=420682", 1),
        ("plans", "year=2025", 1),
        ("plans", "kind=yearly", 0),
        ("projects", "stage=completed", 0),
        ("project-reports", "state=approved&year=2023", 1),
        ("work-items", "state=not_started", 1),
        ("work-items", "year=2023", 0),
        ("work-reports", "state=approved&work_state=under_way", 1),
        ("work-reports", "work_state=done", 0),
        ("rounds", "year=2023", 1),
        ("metrics", "theme=elderly", 0),
        ("regions", "level=county", 1),
    ],
)
def test_every_list_has_its_filters(sign_in: SignIn, endpoint: str, query: str, count: int) -> None:
    indicator = factories.indicator()
    factories.actual(indicator=indicator, year=2024, value=Decimal(48), state="approved")
    factories.actual(indicator=indicator, year=2023)
    factories.work_report(item=factories.work_item(plan=indicator.plan), state="approved")
    factories.open_round(indicator.plan, 2023)
    report(project=factories.project(plan=indicator.plan))
    reassess(Indicator.objects.filter(pk=indicator.pk))
    answer = sign_in(factories.person(Role.CLERK)).get(f"/api/v1/{endpoint}/?{query}")
    assert answer.status_code == 200
    assert answer.json()["count"] == count


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("state=finished", "state"),
        ("attribute=x", "attribute"),
        ("light=blue", "light"),
        ("theme=nothing", "theme"),
        ("kind=level2", "kind"),
        ("year=abc", "year"),
        ("year=-1", "year"),
        ("year=99999999999999999999999", "year"),
        ("year=2023.5", "year"),
        ("indicator=99999999999999999999", "indicator"),
        ("plan=a%00b", "plan"),
        ("yaer=2023", "yaer"),
        ("under=4206", "under"),
        ("under=４２０６８２", "under"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused_in_chinese(sign_in: SignIn, query: str, field: str) -> None:
    answer = sign_in(factories.person(Role.LEADER)).get(f"/api/v1/actuals/?{query}")
    assert answer.status_code == 400
    ((name, (message,)),) = answer.json().items()
    assert name == field
    assert any("\u4e00" <= letter <= "\u9fff" for letter in message)


@pytest.mark.parametrize("key", ["0", "-1", "abc", "1.5", "9223372036854775808", "9" * 30, "9" * 5000])
@pytest.mark.parametrize("endpoint", ["indicators", "actuals", "assessments", "projects", "rounds"])
def test_a_key_no_row_can_have_is_not_found(sign_in: SignIn, endpoint: str, key: str) -> None:
    assert sign_in(factories.person(Role.LEADER)).get(f"/api/v1/{endpoint}/{key}/").status_code == 404


def test_what_is_not_there_is_said_in_chinese(sign_in: SignIn) -> None:
    answer = sign_in(factories.person(Role.LEADER)).get("/api/v1/indicators/0/")
    assert (answer.status_code, answer.json()) == (404, {"detail": "没有找到，或不在您的权限范围内。"})


@pytest.mark.parametrize(
    ("query", "rows"), [("", 100), ("page_size=2", 2), ("page_size=5000", 1000), ("page_size=0", 100), ("page=2", 1)]
)
def test_a_page_has_a_hundred_rows_and_never_more_than_a_thousand(sign_in: SignIn, query: str, rows: int) -> None:
    country = factories.region("100000")
    count = 1002 if "5000" in query else 101
    Region.objects.bulk_create(
        Region(code=str(110000 + n), name="区", short_name="区", bureau_name="局", level="county", parent=country)
        for n in range(count - 1)
    )
    answer = sign_in(factories.person(Role.LEADER, country)).get(f"/api/v1/regions/?{query}")
    assert answer.json()["count"] == count
    assert len(answer.json()["results"]) == rows


@pytest.mark.parametrize("wanted", ["0", "-1", "3", "abc", "9" * 40])
def test_a_page_that_is_not_there_is_not_found(sign_in: SignIn, wanted: str) -> None:
    factories.plan()
    assert sign_in(factories.person(Role.LEADER)).get(f"/api/v1/plans/?page={wanted}").status_code == 404


@pytest.mark.parametrize(
    ("state", "years"), [("before", [2025]), ("open", [2024]), ("extended", [2022]), ("closed", [2021])]
)
def test_rounds_are_filtered_by_the_state_they_show(sign_in: SignIn, state: str, years: list[int]) -> None:
    plan, long_ago = factories.plan(), date(2001, 1, 1)
    factories.open_round(plan, 2025, opens_on=date(2099, 1, 1))
    factories.open_round(plan, 2024)
    for year, department in ((2021, factories.department()), (2022, None)):
        for until in (date(2100, 1, 1), long_ago):
            RoundExtension.objects.create(
                round=plan.rounds.filter(year=year).first() or factories.open_round(plan, year, due_on=long_ago),
                department=department,
                until=until,
                reason="汛期",
                allowed_by=factories.person(),
            )
    rows = sign_in(factories.person(Role.LEADER)).get(f"/api/v1/rounds/?state={state}").json()["results"]
    assert [(row["year"], row["state"]) for row in rows] == [(year, state) for year in years]


@pytest.mark.parametrize("endpoint", ["indicators", "assessments"])
def test_a_filter_by_state_does_not_tell_a_reader_what_is_under_review(sign_in: SignIn, endpoint: str) -> None:
    factories.actual(state="submitted")
    reassess(Indicator.objects.all())
    path = f"/api/v1/{endpoint}/?state=submitted"
    counts = [sign_in(factories.person(role)).get(path).json()["count"] for role in (Role.LEADER, Role.REVIEWER)]
    assert counts == [0, 1]


# Of each number four are the session, the person, the memberships and their departments, two the count and the page.
# Counting the request itself is left out: it takes one write, and three reads and writes more in a minute's first.
@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("endpoint", "queries"),
    [
        ("regions", 6),
        ("plans", 6),
        ("metrics", 7),
        ("indicators", 7),
        ("actuals", 6),
        ("assessments", 6),
        ("projects", 8),
        ("project-reports", 6),
        ("work-items", 6),
        ("work-reports", 6),
        ("rounds", 8),
    ],
)
def test_a_list_takes_the_same_queries_for_any_number_of_rows(
    sign_in: SignIn,
    django_assert_num_queries: DjangoAssertNumQueries,
    settings: Settings,
    endpoint: str,
    queries: int,
    rows: int,
) -> None:
    for n in range(rows):
        region = factories.region(str(420682 + n), f"第{n}市")
        metric = Metric.objects.create(code=f"metric-{n}", name=f"指标{n}", theme=factories.theme(), direction="up")
        metric.aliases.create(name=f"别名{n}")
        indicator = factories.indicator(
            plan=factories.plan(region=region), metric=metric, department=factories.department(region=region)
        )
        factories.actual(indicator=indicator, state="approved")
        reassess(Indicator.objects.filter(pk=indicator.pk))
        project = factories.project(plan=indicator.plan)
        ProjectUnit.objects.create(project=project, name="市民政局")
        FundingSource.objects.create(project=project, name="专项债券")
        report(project=project)
        item = factories.work_item(plan=indicator.plan, department=indicator.department)
        factories.work_report(item=item, state="approved")
        round_ = factories.open_round(indicator.plan, 2023)
        RoundExtension.objects.create(
            round=round_,
            department=indicator.department,
            until=date(2100, 1, 1),
            reason="汛期",
            allowed_by=factories.person(),
        )
    client = sign_in(factories.person(Role.LEADER, factories.region("100000")))
    settings.API_PER_MINUTE = 0
    for path in (f"/api/v1/{endpoint}/", f"/api/v1/{endpoint}/?page_size=3&format=csv"):
        with django_assert_num_queries(queries):
            assert client.get(path).status_code == 200
    with django_assert_num_queries(queries - 1):  # all rows at once need no count
        assert client.get(f"/api/v1/{endpoint}/?format=csv").status_code == 200
