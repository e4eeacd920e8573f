"""Who may open what: every address of the portal × every kind of person, and what they see there."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from openpyxl import load_workbook
from rest_framework.authtoken.models import Token

from accounts.models import ApiToken, User
from accounts.permissions import Role
from indicators.models import Actual, Assessment, Evidence, Exclusion, Indicator, Metric, Override, Reviewed, State
from indicators.moves import Move
from indicators.reassess import reassess
from indicators.verdicts import Direction
from indicators.workflow import Entry, move_actual, save_actual
from plans.models import Plan, Round
from projects.models import Project, ProjectReport, ReportFile, WorkItem, WorkReport
from reports.models import EntryImport, Export, PlanDraft, ReportTemplate, Snapshot
from tests import factories

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
LOGIN = "login"  # sent to sign in, and back afterwards
UNAPPROVED = "81.77"  # a figure that no timestamp can hold by chance: a minute has no 81st second

# 老河口 owns the rows. The clerk enters for the department of the indicator, the colleague for another one; the
# strangers hold their roles in 淳安; two leaders stand above, in 湖北 and over 全国.
KINDS = (
    "nobody",
    "without a role",
    "clerk",
    "colleague",
    "reviewer",
    "leader",
    "analyst",
    "planner",
    "system",
    "strange clerk",
    "strange reviewer",
    "strange planner",
    "leader of the province",
    "leader of the country",
)


@dataclass(frozen=True, slots=True)
class World:
    """One plan of 老河口 with a row of each kind, and the people who come to it."""

    plan: Plan
    indicator: Indicator
    approved: Actual
    submitted: Actual
    draft: Actual
    project: Project
    project_months: dict[State, ProjectReport]
    work_item: WorkItem
    work_months: dict[State, WorkReport]
    metric: Metric
    evidence: Evidence
    evidence_of_the_draft: Evidence
    file: ReportFile
    file_of_the_draft: ReportFile
    round: Round
    assessment: Assessment
    override: Override
    exclusion: Exclusion
    imported: EntryImport
    exported: Export
    snapshot: Snapshot
    token: ApiToken
    plan_draft: PlanDraft
    template: ReportTemplate
    people: dict[str, User | AnonymousUser]


@pytest.fixture
def world() -> World:
    """2022 is approved, 2023 waits for review and 2021 is a draft (both of UNAPPROVED), 2024 is open and empty."""
    home, away = factories.region(), factories.region("330127", "淳安县")
    province, country = factories.region("420000", "湖北省"), factories.region("100000")
    theirs, other = factories.department(name="养老服务科"), factories.department(name="社会救助科")
    plan = factories.plan(code="laohekou-14", region=home)
    metric = Metric.objects.create(
        code="nursing-beds", name="护理型床位占比", unit="%", theme=factories.theme(), direction=Direction.UP
    )
    indicator = factories.indicator(plan=plan, department=theirs, number="1", decimals=2, metric=metric)
    author = factories.person(Role.CLERK, home)
    approved = factories.actual(indicator=indicator, year=2022, value=Decimal("43.21"), state=State.APPROVED)
    submitted = factories.actual(
        indicator=indicator,
        year=2023,
        value=Decimal(UNAPPROVED),
        state=State.SUBMITTED,
        entered_by=author,
        note="减床位",
    )
    draft = factories.actual(indicator=indicator, year=2021, value=Decimal(UNAPPROVED), entered_by=author)
    reassess(Indicator.objects.all())
    project = factories.project(plan=plan, department=theirs)
    work_item = factories.work_item(plan=plan, department=theirs)
    clerk, colleague = factories.person(Role.CLERK, home), factories.person(Role.CLERK, home)
    clerk.memberships.get().departments.add(theirs)
    colleague.memberships.get().departments.add(other)
    project_months: dict[State, ProjectReport] = {}
    work_months: dict[State, WorkReport] = {}
    for month, state in ((4, State.APPROVED), (5, State.SUBMITTED), (6, State.DRAFT)):
        said = {"year": 2023, "month": month, "state": state, "entered_by": author}
        reached = Decimal("43.21") if state == State.APPROVED else Decimal(UNAPPROVED)
        project_months[state] = factories.project_report(project=project, investment_done=reached, note="核减", **said)
        work_months[state] = factories.work_report(item=work_item, value=reached, **said)
    people: dict[str, User | AnonymousUser] = dict(
        zip(
            KINDS,
            (
                AnonymousUser(),
                factories.person(),
                clerk,
                colleague,
                factories.person(Role.REVIEWER, home),
                factories.person(Role.LEADER, home),
                factories.person(Role.ANALYST, home),
                factories.person(Role.PLANNER, home),
                factories.person(Role.SYSTEM, home),
                factories.person(Role.CLERK, away),
                factories.person(Role.REVIEWER, away),
                factories.person(Role.PLANNER, away),
                factories.person(Role.LEADER, province),
                factories.person(Role.LEADER, country),
            ),
            strict=True,
        )
    )
    return World(
        plan=plan,
        indicator=indicator,
        approved=approved,
        submitted=submitted,
        draft=draft,
        project=project,
        project_months=project_months,
        work_item=work_item,
        work_months=work_months,
        metric=metric,
        evidence=factories.evidence(actual=approved),
        evidence_of_the_draft=factories.evidence(actual=draft),
        file=factories.report_file(report=project_months[State.APPROVED], content_type="image/png", has_preview=True),
        file_of_the_draft=factories.report_file(
            report=project_months[State.DRAFT], content_type="image/png", has_preview=True
        ),
        round=factories.open_round(plan, 2024),
        assessment=indicator.assessments.get(year=2022),
        override=factories.override(indicator=indicator, year=2021, by=author),
        exclusion=factories.exclusion(indicator=indicator, since_year=2025, by=author),
        imported=factories.entry_import(by=clerk),
        exported=factories.export(by=people["analyst"]),
        snapshot=factories.snapshot(plan=plan, year=2023),
        token=factories.api_token(user=people["analyst"]),
        plan_draft=factories.plan_draft(file=b"PK"),
        template=factories.report_template(kind="final", region=home),
        people=people,
    )


def entry(world: World) -> dict[str, Any]:
    """The first figure of 2024, as the sheet sends it."""
    return {"value": "46.5", "note": "民政统计年报"}


def sheet_rows(world: World) -> dict[str, Any]:
    """The same as the sheet's script sends it, from a page that the clerk opened."""
    return {"rows": [{"indicator": world.indicator.pk, "version": None, **entry(world)}]}


def api_entry(world: World) -> dict[str, Any]:
    return {"indicator": world.indicator.pk, "year": 2024, **entry(world)}


def step(row: Callable[[World], Reviewed], move: Move) -> Callable[[World], dict[str, Any]]:
    return lambda world: {"move": move, "version": row(world).version, "note": "数据需核实"}


def the_submitted(world: World) -> Actual:
    return world.submitted


def the_approved(world: World) -> Actual:
    return world.approved


def the_draft(world: World) -> Actual:
    return world.draft


def the_round(world: World) -> Round:
    return world.round


def the_plan_draft(world: World) -> PlanDraft:
    return world.plan_draft


DATES = {"opens_on": "2025-01-01", "due_on": "2099-12-31"}


def new_dates(world: World) -> dict[str, Any]:
    return {**DATES, "seen_opens_on": world.round.opens_on, "seen_due_on": world.round.due_on}


def project_month(state: State) -> Callable[[World], ProjectReport]:
    return lambda world: world.project_months[state]


def work_month(state: State) -> Callable[[World], WorkReport]:
    return lambda world: world.work_months[state]


def a_project_month(world: World) -> dict[str, Any]:
    return {"stage": "under_way", "investment_done": "44"}


def a_work_month(world: World) -> dict[str, Any]:
    return {"work_state": "under_way"}


def ticked(report: Callable[[World], Any]) -> Callable[[World], dict[str, Any]]:
    return lambda world: {"chosen": f"{report(world).pk}:{report(world).version}"}


def a_file(world: World) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("台账.pdf", factories.PDF)}


def chosen(world: World) -> dict[str, Any]:
    return {"chosen": [f"{world.submitted.pk}:{world.submitted.version}"]}


def another_verdict(world: World) -> dict[str, Any]:
    return {"year": 2022, "verdict": "on_track", "reason": "省级通报认定"}


def out_of_the_assessment(world: World) -> dict[str, Any]:
    seen = f"{world.exclusion.since_year}:{world.exclusion.pk}"
    return {"since_year": 2025, "cause": "redefined", "reason": "统计制度修订", "seen": seen}


def a_new_target(world: World) -> dict[str, Any]:
    why = {"reason": "省下达新任务", "approved_by_body": "市政府", "approval_number": "老民〔2024〕1号"}
    return {"year": 2025, "text": "≥55", "counts_from": 2024, "seen": "2025:1", **why}


def a_version(world: World) -> dict[str, Any]:
    return {"version": 1}


def row_of_the_draft(world: World) -> tuple[Any, ...]:
    return (world.plan_draft.pk, "r1")


def new_project_of_the_draft(world: World) -> tuple[Any, ...]:
    return (world.plan_draft.pk, "new")


def withdrawn(world: World) -> dict[str, Any]:
    return {"reason": "核实有误"}


def a_token(world: World) -> dict[str, Any]:
    return {"name": "季度分析", "expires_on": timezone.localdate()}


def nothing(world: World) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Line:
    """One request, and what each kind of person is answered (a status, or `login`), in the order of KINDS."""

    name: str
    arguments: Callable[[World], tuple[Any, ...]]
    answers: str
    sends: Callable[[World], dict[str, Any]] | None = None  # None: GET
    called: str = ""
    query: str = ""

    def __str__(self) -> str:
        return f"{'GET' if self.sends is None else 'POST'} {self.name} {self.called}".strip()

    @property
    def expected(self) -> dict[str, str]:
        return dict(zip(KINDS, self.answers.split(), strict=True))


def none(world: World) -> tuple[Any, ...]:
    return ()


def plan_code(world: World) -> tuple[Any, ...]:
    return (world.plan.code,)


def region_code(world: World) -> tuple[Any, ...]:
    return (world.plan.region.code,)


def pk_of(what: Callable[[World], Any]) -> Callable[[World], tuple[Any, ...]]:
    return lambda world: (what(world).pk,)


LISTS = (
    "regions",
    "plans",
    "indicators",
    "actuals",
    "assessments",
    "projects",
    "project-reports",
    "work-items",
    "work-reports",
    "rounds",
)

# What each kind of person is answered, in the order of KINDS; between the bars stand those of 淳安.
#                 nobody none clerk coll. rev. lead. anal. plan. system| clerk rev. planner| province country
EVERYBODY = "     200    200  200   200   200  200   200   200   200     200   200  200      200      200"
SIGNED_IN = "     login  200  200   200   200  200   200   200   200     200   200  200      200      200"
WRONG_METHOD = "  login  405  405   405   405  405   405   405   405     405   405  405      405      405"
LEFT = "          login  302  302   302   302  302   302   302   302     302   302  302      302      302"
SEEN = "          login  404  200   200   200  200   200   200   404     404   404  404      200      200"
SCREEN = "        login  403  200   200   200  200   200   200   403     200   200  200      200      200"
EXPORTED = "      login  404  403   403   403  403   200   200   404     404   404  404      403      403"
EXPORTERS = "     login  403  403   403   403  403   200   200   403     403   403  200      403      403"
# whose choice makes no table is led back to the page, which says why
TABLE_SENT = "    login  403  403   403   403  403   200   200   403     403   403  302      403      403"
# the sheet is the bureau's; it shows the colleague these rows locked
SHEET = "         login  404  200   200   403  403   403   403   404     404   404  404      403      403"
SHEET_SENT = "    login  404  302   302   403  403   403   403   404     404   404  404      403      403"
# a browser without script is brought back to its row; the colleague gets the sheet with the reason
PARTS_SAVED = "   login  404  302   302   403  403   403   403   404     404   404  404      403      403"
SAVED = "         login  404  302   422   403  403   403   403   404     404   404  404      403      403"
# what the script sends names the person who opened the sheet, so the colleague's sheet is not the clerk's
SHEET_SCRIPT = "  login  404  200   403   403  403   403   403   404     404   404  404      403      403"
MONTH_SAVED = "   login  404  302   403   403  403   403   403   404     404   404  404      403      403"
# the clerk is sent back with a sentence: the round of 2021 is not open
SUBMITTED = "     login  404  302   403   403  404   404   403   404     404   404  404      404      404"
# who sees approved figures only does not see that there is one to decide on
DECIDED = "       login  404  403   403   302  404   404   403   404     404   404  404      404      404"
ATTACHED = "      login  404  302   403   403  403   403   403   404     404   404  404      403      403"
# the clerk is sent back to the sheet with a sentence: the round of 2021 is not open
REMOVED = "       login  404  302   403   403  404   404   403   404     404   404  404      404      404"
SEEN_BY_STAFF = " login  404  200   200   200  404   404   200   404     404   404  404      404      404"
REOPENED = "      login  404  403   403   302  403   403   403   404     404   404  404      403      403"
# what a stranger ticks is not there
TICKED = "        login  403  403   403   302  403   403   403   403     403   422  403      403      403"
# an import is its owner's alone, until they no longer enter there
IMPORTS = "       login  403  200   200   403  403   403   403   403     200   403  403      403      403"
UPLOADED = "      login  403  422   422   403  403   403   403   403     422   403  403      403      403"
IMPORTED = "      login  404  200   404   404  404   404   404   404     404   404  404      404      404"
IMPORT_SENT = "   login  404  302   404   404  404   404   404   404     404   404  404      404      404"
EXPORTS = "       login  403  403   403   403  403   200   200   403     403   403  200      403      403"
# an export is its owner's alone: not even the planner beside them
MY_EXPORT = "     login  404  404   404   404  404   200   404   404     404   404  404      404      404"
MY_EXPORT_SENT = "login  404  404   404   404  404   302   404   404     404   404  404      404      404"
REVIEW = "        login  403  403   403   200  403   403   403   403     403   200  403      403      403"
# what is not theirs is not approved either; the strange reviewer is told so above their own list
REVIEW_SENT = "   login  403  403   403   302  403   403   403   403     403   302  403      403      403"
PLANNED = "       login  404  403   403   403  403   403   200   404     404   404  404      403      403"
PLANNED_SENT = "  login  404  403   403   403  403   403   302   404     404   404  404      403      403"
PLANNERS = "      login  403  403   403   403  403   403   200   403     403   403  200      403      403"
# the planner elsewhere is not offered this plan
OPENED = "        login  403  403   403   403  403   403   302   403     403   403  422      403      403"
# a draft is its region's planners' alone
DRAFTED = "       login  404  404   404   404  404   404   200   404     404   404  404      404      404"
DRAFT_SENT = "    login  404  404   404   404  404   404   302   404     404   404  404      404      404"
DRAFT_UNREAD = "  login  404  404   404   404  404   404   422   404     404   404  404      404      404"
# nothing was handed in; the planner elsewhere is told so too
STARTED = "       login  403  403   403   403  403   403   422   403     403   403  422      403      403"
PLANNED_UNREAD = "login  404  403   403   403  403   403   422   404     404   404  404      403      403"
REMINDERS = "     login  403  403   403   200  403   403   200   403     403   200  200      403      403"
REMINDED = "      login  403  403   403   302  403   403   302   403     403   302  302      403      403"
REPORTS = "       login  403  403   403   403  403   200   200   403     403   403  200      403      403"
# a template is no business data: who manages people and settings of the region sees it, and nobody else
SYSTEMS = "       login  403  403   403   403  403   403   403   200     403   403  403      403      403"
INSTALLED = "     login  403  403   403   403  403   403   403   422     403   403  403      403      403"
TEMPLATE = "      login  404  404   404   404  404   404   404   200     404   404  404      404      404"
TEMPLATE_SENT = " login  404  404   404   404  404   404   404   302     404   404  404      404      404"
BULLETIN = "      login  404  403   403   200  403   403   200   404     404   404  404      403      403"
BACK_OFFICE = "   login  403  200   200   200  403   403   200   200     200   200  200      403      403"
API_OPEN = "      401    200  200   200   200  200   200   200   200     200   200  200      200      200"
API_NO_METHOD = " 401    405  405   405   405  405   405   405   405     405   405  405      405      405"
API_SEEN = "      401    404  200   200   200  200   200   200   404     404   404  404      200      200"
API_UNAPPROVED = "401    404  200   200   200  404   404   200   404     404   404  404      404      404"
# it belongs to no region: whoever sees any plan sees it
API_DICTIONARY = "401    404  200   200   200  200   200   200   404     200   200  200      200      200"
API_SAVED = "     401    404  201   403   403  403   403   403   404     404   404  404      403      403"
API_SUBMITTED = " 401    404  409   403   403  404   404   403   404     404   404  404      404      404"
API_DECIDED = "   401    404  403   403   200  404   404   403   404     404   404  404      404      404"
API_REOPENED = "  401    404  403   403   200  403   403   403   404     404   404  404      403      403"


# who may export makes tokens; nobody but the analyst stops the analyst's
TOKENS = "        login  403  403   403   403  403   200   200   403     403   403  200      403      403"
REVOKED = "       login  403  403   403   403  403   302   404   403     403   403  404      403      403"
# it belongs to no region: whoever sees any plan sees it
DICTIONARY = "    login  404  200   200   200  200   200   200   404     200   200  200      200      200"


def lines_of_months(
    code: str,
    owner: Callable[[World], Any],
    month: Callable[[State], Callable[[World], Any]],
    said: Callable[[World], dict[str, Any]],
) -> Iterable[Line]:
    """The month sheet of a plan and the review of its months, alike for projects and for work items."""

    def sheet(world: World) -> tuple[Any, ...]:
        return (world.plan.code, 2023, 6)

    def row(world: World) -> tuple[Any, ...]:
        return (owner(world).pk, 2023, 7)

    draft, submitted, approved = (month(state) for state in (State.DRAFT, State.SUBMITTED, State.APPROVED))
    yield Line(f"{code}_report_sheet", sheet, SHEET)
    yield Line(f"{code}_report_sheet", sheet, WRONG_METHOD, nothing)
    yield Line(f"{code}_report_submit", sheet, SHEET_SENT, nothing)
    yield Line(f"{code}_report_submit", sheet, WRONG_METHOD)
    yield Line(f"{code}_report_save", row, MONTH_SAVED, said)
    yield Line(f"{code}_report_save", row, WRONG_METHOD)
    yield Line(f"{code}_report_move", pk_of(draft), SUBMITTED, step(draft, Move.SUBMIT), "submit")
    yield Line(f"{code}_report_move", pk_of(submitted), DECIDED, step(submitted, Move.APPROVE), "approve")
    yield Line(f"{code}_report_move", pk_of(submitted), DECIDED, step(submitted, Move.RETURN), "return")
    yield Line(f"{code}_report_move", pk_of(approved), REOPENED, step(approved, Move.REOPEN), "reopen")
    yield Line(f"{code}_report_move", pk_of(submitted), WRONG_METHOD)
    yield Line(f"{code}_review", none, REVIEW)
    yield Line(f"{code}_review_approve", none, TICKED, ticked(submitted))
    yield Line(f"{code}_review_approve", none, WRONG_METHOD)


TABLE = [
    Line("login", none, EVERYBODY),
    Line("logout", none, WRONG_METHOD),
    Line("logout", none, LEFT, nothing),
    Line("password", none, SIGNED_IN),
    Line("home", none, SIGNED_IN),
    Line("cockpit", none, SIGNED_IN),
    Line("cockpit", none, WRONG_METHOD, nothing),
    Line("region_cockpit", region_code, SEEN),
    Line("region_cockpit", region_code, WRONG_METHOD, nothing),
    Line("region_overdue", region_code, SEEN),
    Line("region_overdue", region_code, WRONG_METHOD, nothing),
    Line("region_projects", region_code, SEEN),
    Line("region_projects", region_code, WRONG_METHOD, nothing),
    Line("screen", none, SCREEN),
    Line("screen", none, WRONG_METHOD, nothing),
    Line("region_screen", region_code, SEEN),
    Line("region_screen", region_code, WRONG_METHOD, nothing),
    Line("plan_list", none, SIGNED_IN),
    Line("help", none, SIGNED_IN),
    Line("help", none, WRONG_METHOD, nothing),
    Line("plan_detail", plan_code, SEEN),
    *(
        Line("plan_detail", plan_code, SEEN, called=view, query=f"?view={view}&year=2023")
        for view in ("bars", "paths", "heat")
    ),
    Line("plan_detail", plan_code, WRONG_METHOD, nothing),
    Line("token_list", none, TOKENS),
    Line("token_list", none, WRONG_METHOD, nothing),
    Line("token_create", none, TOKENS, a_token),
    Line("token_create", none, WRONG_METHOD),
    Line("token_revoke", pk_of(lambda world: world.token), REVOKED, nothing),
    Line("token_revoke", pk_of(lambda world: world.token), WRONG_METHOD),
    Line("api_examples", none, SIGNED_IN),
    Line("api_examples", none, WRONG_METHOD, nothing),
    Line("metric_list", none, SIGNED_IN),
    Line("metric_list", none, WRONG_METHOD, nothing),
    Line("metric_detail", lambda world: (world.metric.code,), DICTIONARY),
    Line("metric_detail", lambda world: (world.metric.code,), WRONG_METHOD, nothing),
    Line("compare_list", none, SIGNED_IN),
    Line("compare_list", none, WRONG_METHOD, nothing),
    Line("compare_detail", lambda world: (world.metric.code,), SEEN),
    Line("compare_detail", lambda world: (world.metric.pk,), SEEN, called="by number"),
    Line("compare_detail", lambda world: (world.metric.code,), WRONG_METHOD, nothing),
    Line("plan_export", lambda world: (world.plan.code, "completion"), EXPORTED),
    Line("word_report", none, REPORTS),
    Line("word_report", none, WRONG_METHOD, nothing),
    Line("word_download", lambda world: (world.plan.code, "midterm", 2022), EXPORTED),
    Line("word_download", lambda world: (world.plan.code, "midterm", 2022), WRONG_METHOD, nothing),
    Line("report_template_list", none, SYSTEMS),
    Line("report_template_list", none, WRONG_METHOD, nothing),
    Line("report_template_install", none, INSTALLED, nothing),
    Line("report_template_install", none, WRONG_METHOD),
    Line("report_template_download", pk_of(lambda world: world.template), TEMPLATE),
    Line("report_template_use", pk_of(lambda world: world.template), TEMPLATE_SENT, nothing),
    Line("report_template_use", pk_of(lambda world: world.template), WRONG_METHOD),
    Line("report_template_default", lambda world: ("final",), SYSTEMS),
    Line("report_template_revert", lambda world: (world.plan.region.code, "final"), TEMPLATE_SENT, nothing),
    Line("report_template_revert", lambda world: (world.plan.region.code, "final"), WRONG_METHOD),
    Line("bulletin", region_code, BULLETIN),
    Line("bulletin", region_code, WRONG_METHOD, nothing),
    Line("indicator_detail", pk_of(lambda world: world.indicator), SEEN),
    *(
        line
        for name, row, sent in (
            ("override_add", pk_of(lambda world: world.indicator), another_verdict),
            ("exclusion_add", pk_of(lambda world: world.indicator), out_of_the_assessment),
            ("target_revise", pk_of(lambda world: world.indicator), a_new_target),
            ("override_withdraw", pk_of(lambda world: world.override), withdrawn),
            ("exclusion_withdraw", pk_of(lambda world: world.exclusion), withdrawn),
        )
        for line in (Line(name, row, PLANNED_SENT, sent), Line(name, row, WRONG_METHOD))
    ),
    Line("project_list", plan_code, SEEN),
    Line("project_detail", pk_of(lambda world: world.project), SEEN),
    Line("work_item_list", plan_code, SEEN),
    Line("work_item_detail", pk_of(lambda world: world.work_item), SEEN),
    *(
        line
        for code, owner, month, said in (
            ("project", lambda world: world.project, project_month, a_project_month),
            ("work", lambda world: world.work_item, work_month, a_work_month),
        )
        for line in lines_of_months(code, owner, month, said)
    ),
    Line("report_file_attach", pk_of(project_month(State.DRAFT)), REMOVED, a_file, "draft"),
    Line("report_file_attach", pk_of(project_month(State.APPROVED)), ATTACHED, a_file, "approved"),
    Line("report_file_attach", pk_of(project_month(State.DRAFT)), WRONG_METHOD),
    Line("report_file_download", pk_of(lambda world: world.file), SEEN, called="of an approved month"),
    Line("report_file_download", pk_of(lambda world: world.file_of_the_draft), SEEN_BY_STAFF, called="of a draft"),
    Line("report_file_preview", pk_of(lambda world: world.file), SEEN, called="of an approved month"),
    Line("report_file_preview", pk_of(lambda world: world.file_of_the_draft), SEEN_BY_STAFF, called="of a draft"),
    Line("report_file_remove", pk_of(lambda world: world.file_of_the_draft), REMOVED, nothing),
    Line("report_file_remove", pk_of(lambda world: world.file_of_the_draft), WRONG_METHOD),
    Line("entry_sheet", lambda world: (world.plan.code, 2024), SHEET),
    Line("evidence_attach", lambda world: (world.indicator.pk, 2024), ATTACHED, a_file),
    Line("evidence_attach", lambda world: (world.indicator.pk, 2024), WRONG_METHOD),
    Line("evidence_download", pk_of(lambda world: world.evidence), SEEN, called="of an approved figure"),
    Line("evidence_download", pk_of(lambda world: world.evidence_of_the_draft), SEEN_BY_STAFF, called="of a draft"),
    Line("evidence_remove", pk_of(lambda world: world.evidence_of_the_draft), REMOVED, nothing),
    Line("evidence_remove", pk_of(lambda world: world.evidence_of_the_draft), WRONG_METHOD),
    Line("entry_submit", lambda world: (world.plan.code, 2024), SHEET_SENT, nothing),
    Line("entry_submit", lambda world: (world.plan.code, 2024), WRONG_METHOD),
    Line("entry_panel", lambda world: (world.indicator.pk, 2024), SHEET),
    Line("entry_check", lambda world: (world.plan.code, 2024), SHEET_SENT),
    Line("entry_save", lambda world: (world.plan.code, 2024), SHEET_SCRIPT, sheet_rows),
    Line("entry_save", lambda world: (world.plan.code, 2024), WRONG_METHOD),
    Line("actual_save", lambda world: (world.indicator.pk, 2024), SAVED, entry),
    Line("actual_save", lambda world: (world.indicator.pk, 2024), WRONG_METHOD),
    Line("parts_save", lambda world: (world.indicator.pk, 2024), PARTS_SAVED, nothing),
    Line("parts_save", lambda world: (world.indicator.pk, 2024), WRONG_METHOD),
    Line("entry_template", none, SHEET, query="?plan=laohekou-14&year=2024"),
    Line("entry_import_list", none, IMPORTS),
    Line("entry_import_upload", none, UPLOADED, nothing),
    Line("entry_import_upload", none, WRONG_METHOD),
    Line("entry_import_detail", pk_of(lambda world: world.imported), IMPORTED),
    Line("entry_import_confirm", pk_of(lambda world: world.imported), IMPORT_SENT, nothing),
    Line("entry_import_confirm", pk_of(lambda world: world.imported), WRONG_METHOD),
    Line("entry_import_undo", pk_of(lambda world: world.imported), IMPORT_SENT, nothing),
    Line("entry_import_undo", pk_of(lambda world: world.imported), WRONG_METHOD),
    Line("entry_import_marked", pk_of(lambda world: world.imported), IMPORTED),
    Line("snapshot_list", plan_code, SEEN),
    Line("snapshot_list", plan_code, WRONG_METHOD, nothing),
    Line("snapshot_take", plan_code, PLANNED_SENT, lambda world: {"year": 2024, "name": "年度监测"}),
    Line("snapshot_take", plan_code, WRONG_METHOD),
    Line("snapshot_detail", pk_of(lambda world: world.snapshot), SEEN),
    Line("snapshot_detail", pk_of(lambda world: world.snapshot), WRONG_METHOD, nothing),
    Line("snapshot_download", pk_of(lambda world: world.snapshot), EXPORTED),
    Line("export_order", none, TABLE_SENT, nothing, query="?table=detail"),
    Line("export_order", none, WRONG_METHOD),
    Line("export_list", none, EXPORTS),
    Line("export_list", none, WRONG_METHOD, nothing),
    Line("export_detail", pk_of(lambda world: world.exported), MY_EXPORT),
    Line("export_download", pk_of(lambda world: world.exported), MY_EXPORT),
    Line("export_drop", pk_of(lambda world: world.exported), MY_EXPORT_SENT, nothing),
    Line("export_drop", pk_of(lambda world: world.exported), WRONG_METHOD),
    Line("actual_move", pk_of(the_draft), SUBMITTED, step(the_draft, Move.SUBMIT), "submit"),
    Line("actual_move", pk_of(the_submitted), DECIDED, step(the_submitted, Move.APPROVE), "approve"),
    Line("actual_move", pk_of(the_submitted), DECIDED, step(the_submitted, Move.RETURN), "return"),
    Line("actual_move", pk_of(the_approved), REOPENED, step(the_approved, Move.REOPEN), "reopen"),
    Line("actual_move", pk_of(the_submitted), WRONG_METHOD),
    Line("review_list", none, REVIEW),
    Line("review_approve", none, REVIEW_SENT, chosen),
    Line("review_approve", none, WRONG_METHOD),
    Line("reminder_list", none, REMINDERS),
    Line("reminder_list", none, WRONG_METHOD, nothing),
    Line("reminder_export", none, REMINDERS),
    Line("table_list", none, EXPORTERS),
    Line("table_list", none, WRONG_METHOD, nothing),
    Line("reminder_send", none, REMINDED, nothing),
    Line("reminder_send", none, WRONG_METHOD),
    Line("draft_list", none, PLANNERS),
    Line("draft_list", none, WRONG_METHOD, nothing),
    Line("draft_start", none, STARTED, nothing),
    Line("draft_start", none, WRONG_METHOD),
    Line("draft_roll", plan_code, PLANNED),
    Line("draft_roll", plan_code, WRONG_METHOD, nothing),
    Line("draft_roll_start", plan_code, PLANNED_UNREAD, nothing),
    Line("draft_roll_start", plan_code, WRONG_METHOD),
    Line("draft_projects", plan_code, PLANNED),
    Line("draft_projects", plan_code, WRONG_METHOD, nothing),
    Line("draft_projects_start", plan_code, PLANNED_UNREAD, nothing),
    Line("draft_projects_start", plan_code, WRONG_METHOD),
    Line("draft_detail", pk_of(the_plan_draft), DRAFTED),
    Line("draft_detail", pk_of(the_plan_draft), WRONG_METHOD, nothing),
    Line("draft_file", pk_of(the_plan_draft), DRAFTED),
    Line("draft_row", row_of_the_draft, DRAFTED),
    Line("draft_project", new_project_of_the_draft, DRAFTED),
    *(
        line
        for name, sent, answers in (
            ("draft_check", a_version, DRAFT_SENT),
            ("draft_publish", a_version, DRAFT_SENT),
            ("draft_discard", a_version, DRAFT_SENT),
            ("draft_facts", nothing, DRAFT_UNREAD),
            ("draft_add_projects", nothing, DRAFT_UNREAD),
        )
        for line in (Line(name, pk_of(the_plan_draft), answers, sent), Line(name, pk_of(the_plan_draft), WRONG_METHOD))
    ),
    Line("draft_row_save", row_of_the_draft, DRAFT_UNREAD, nothing),
    Line("draft_row_save", row_of_the_draft, WRONG_METHOD),
    Line("draft_project_save", new_project_of_the_draft, DRAFT_UNREAD, nothing),
    Line("draft_project_save", new_project_of_the_draft, WRONG_METHOD),
    Line("round_list", none, PLANNERS),
    Line("round_open", none, OPENED, lambda world: {"scope": "plan:laohekou-14", "year": 2025, **DATES}),
    Line("round_open", none, WRONG_METHOD),
    Line("round_detail", pk_of(the_round), PLANNED),
    Line("round_change", pk_of(the_round), PLANNED_SENT, new_dates),
    Line("round_change", pk_of(the_round), WRONG_METHOD),
    Line("round_extend", pk_of(the_round), PLANNED_SENT, lambda world: {"until": "2100-06-30", "reason": "汛期"}),
    Line("round_extend", pk_of(the_round), WRONG_METHOD),
    Line("admin:index", none, BACK_OFFICE),
    Line("api:api-root", none, API_OPEN),
    Line("api:schema", none, API_OPEN),
    Line("api:docs", none, SIGNED_IN),
    Line("api:metrics-list", none, API_OPEN),
    *(Line(f"api:{name}-list", none, API_OPEN) for name in LISTS),
    Line("api:regions-detail", lambda world: (world.plan.region.code,), API_SEEN),
    Line("api:plans-detail", plan_code, API_SEEN),
    Line("api:metrics-detail", lambda world: (world.metric.code,), API_DICTIONARY),
    Line("api:indicators-detail", pk_of(lambda world: world.indicator), API_SEEN),
    Line("api:actuals-detail", pk_of(the_approved), API_SEEN, called="approved"),
    Line("api:actuals-detail", pk_of(the_submitted), API_UNAPPROVED, called="submitted"),
    Line("api:actuals-detail", pk_of(the_draft), API_UNAPPROVED, called="draft"),
    Line("api:actuals-evidence", lambda world: (world.approved.pk, world.evidence.pk), API_SEEN),
    Line("api:assessments-detail", pk_of(lambda world: world.assessment), API_SEEN),
    Line("api:projects-detail", pk_of(lambda world: world.project), API_SEEN),
    Line("api:project-reports-detail", pk_of(project_month(State.DRAFT)), API_UNAPPROVED, called="draft"),
    Line("api:project-reports-detail", pk_of(project_month(State.APPROVED)), API_SEEN, called="approved"),
    Line(
        "api:project-reports-file",
        lambda world: (world.project_months[State.APPROVED].pk, world.file.pk),
        API_SEEN,
        called="approved",
    ),
    Line(
        "api:project-reports-file",
        lambda world: (world.project_months[State.DRAFT].pk, world.file_of_the_draft.pk),
        API_UNAPPROVED,
        called="draft",
    ),
    Line("api:work-reports-detail", pk_of(work_month(State.DRAFT)), API_UNAPPROVED, called="draft"),
    Line("api:work-reports-detail", pk_of(work_month(State.APPROVED)), API_SEEN, called="approved"),
    Line("api:work-items-detail", pk_of(lambda world: world.work_item), API_SEEN),
    Line("api:rounds-detail", pk_of(lambda world: world.round), API_SEEN),
    Line("api:plans-list", none, API_NO_METHOD, nothing),
    Line("api:actuals-list", none, API_SAVED, api_entry),
    Line("api:actuals-move", pk_of(the_draft), API_SUBMITTED, step(the_draft, Move.SUBMIT), "submit"),
    Line("api:actuals-move", pk_of(the_submitted), API_DECIDED, step(the_submitted, Move.APPROVE), "approve"),
    Line("api:actuals-move", pk_of(the_submitted), API_DECIDED, step(the_submitted, Move.RETURN), "return"),
    Line("api:actuals-move", pk_of(the_approved), API_REOPENED, step(the_approved, Move.REOPEN), "reopen"),
]


def client_of(user: User | AnonymousUser) -> Client:
    client = Client()
    if isinstance(user, User):
        client.force_login(user)
    return client


def answer_to(user: User | AnonymousUser, line: Line, world: World) -> str:
    """The status this person gets, or `login`; whatever the request wrote is taken back."""
    path, client = reverse(line.name, args=line.arguments(world)) + line.query, client_of(user)
    with transaction.atomic():
        if line.sends is None:
            response = client.get(path)
        elif line.name.startswith("api:"):
            response = client.post(path, line.sends(world), content_type="application/json")
        elif line.name == "entry_save":
            opened_by = {"X-Sheet-Person": str(world.people["clerk"].pk)}
            response = client.post(path, line.sends(world), content_type="application/json", headers=opened_by)
        else:
            response = client.post(path, line.sends(world))
        transaction.set_rollback(True)
    if response.streaming:
        b"".join(response)  # read to its end: closing it halfway would close the test's connection along with it
    goes_to = response.headers.get("Location", "")
    return LOGIN if goes_to.startswith(("/login/?next=", "/admin/login/?next=")) else str(response.status_code)


@pytest.mark.parametrize("line", TABLE, ids=str)
def test_each_kind_of_person_is_answered_as_the_table_says(world: World, line: Line) -> None:
    answers = {kind: answer_to(user, line, world) for kind, user in world.people.items()}
    assert answers == line.expected


def names_of(patterns: Iterable[URLPattern | URLResolver], space: str = "") -> set[str]:
    """The full name of every address; the admin is Django's and counts as one."""
    names: set[str] = set()
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            names.add(f"{space}{pattern.name}")
        elif pattern.namespace == "admin":
            names.add("admin:index")
        else:
            names |= names_of(pattern.url_patterns, f"{space}{pattern.namespace}:" if pattern.namespace else space)
    return names


def test_the_table_names_every_address_of_the_portal() -> None:
    assert {line.name for line in TABLE} == names_of(get_resolver().url_patterns)


# ---- A screen on a wall

OPEN_TO_SCREENS = {"login": {"200"}, "logout": {"405", "302"}, "screen": {"200", "405"}, "home": {"302"}}


@pytest.mark.parametrize("line", TABLE, ids=str)
def test_a_screen_opens_its_screen_and_nothing_else(world: World, line: Line) -> None:
    answer = answer_to(factories.person(Role.DISPLAY, world.plan.region), line, world)
    assert answer in OPEN_TO_SCREENS.get(line.name, {"403"})


def test_a_screen_shows_its_own_region_only(world: World) -> None:
    theirs = client_of(factories.person(Role.DISPLAY, world.plan.region)).get("/screen/").content.decode()
    elsewhere = client_of(factories.person(Role.DISPLAY, factories.region("330127", "淳安县"))).get("/screen/")
    assert "老河口市" in theirs
    assert world.indicator.name not in elsewhere.content.decode()
    assert "老河口" not in elsewhere.content.decode()


def test_a_screen_reads_nothing_through_the_api_with_a_token(world: World) -> None:
    token = Token.objects.create(user=factories.person(Role.DISPLAY, world.plan.region))
    client = Client(headers={"Authorization": f"Token {token.key}"})
    assert {name: client.get(f"/api/v1/{name}/").status_code for name in LISTS} == dict.fromkeys(LISTS, 403)


# ---- What they see there

STRANGERS = ["without a role", "system", "strange clerk", "strange reviewer", "strange planner"]
READERS_OF_APPROVED = ["leader", "analyst", "leader of the province", "leader of the country"]


@pytest.mark.parametrize("kind", STRANGERS)
def test_no_list_of_the_api_holds_a_row_of_another_region(world: World, kind: str) -> None:
    client = client_of(world.people[kind])
    rows = {name: client.get(f"/api/v1/{name}/").json()["results"] for name in LISTS}
    rows["regions"] = [row for row in rows["regions"] if row["code"] != "330127"]
    assert rows == {name: [] for name in LISTS}


@pytest.mark.parametrize("kind", STRANGERS)
def test_no_page_tells_a_stranger_of_the_plan(world: World, kind: str) -> None:
    client = client_of(world.people[kind])
    reviews = ["/review/", "/review/projects/", "/review/work-items/"]
    paths = ["/", "/plans/", "/cockpit/", "/metrics/", "/api-examples/"] + (
        reviews if kind == "strange reviewer" else []
    )
    for path in paths:
        assert world.plan.code not in client.get(path).content.decode()


@pytest.mark.parametrize("kind", READERS_OF_APPROVED)
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/cockpit/",
        "/cockpit/420682/",
        "/screen/",
        "/screen/420682/",
        "/plans/",
        "/plans/laohekou-14/?year=2021",
        "/plans/laohekou-14/?year=2023",
        "/plans/laohekou-14/?year=2024",
        "/plans/laohekou-14/?year=2023&view=bars",
        "/plans/laohekou-14/?year=2023&view=paths",
        "/plans/laohekou-14/?year=2023&view=heat",
        "/plans/laohekou-14/snapshots/",
        "/snapshots/{snapshot}/",
        "/indicators/{indicator}/",
        "/metrics/nursing-beds/",
        "/api/v1/indicators/{indicator}/",
        "/api/v1/actuals/?format=csv",
        "/api/v1/actuals/",
        "/api/v1/actuals/?state=submitted",
        "/api/v1/actuals/{approved}/",
        "/api/v1/assessments/",
        "/projects/{project}/",
        "/plans/laohekou-14/projects/",
        "/plans/laohekou-14/projects/?view=gantt",
        "/plans/laohekou-14/projects/?view=money",
        "/plans/laohekou-14/work-items/",
        "/plans/laohekou-14/work-items/?view=due",
        "/plans/laohekou-14/work-items/?view=table",
        "/work-items/{work_item}/",
        "/api/v1/project-reports/",
        "/api/v1/work-reports/",
    ],
)
def test_who_sees_approved_figures_only_sees_no_other(world: World, kind: str, path: str) -> None:
    keys = {"indicator": world.indicator.pk, "approved": world.approved.pk, "project": world.project.pk}
    keys |= {"work_item": world.work_item.pk, "snapshot": world.snapshot.pk}
    shown = client_of(world.people[kind]).get(path.format(**keys))
    assert shown.status_code == 200
    assert UNAPPROVED not in shown.content.decode()


@pytest.mark.parametrize(
    "path",
    [
        "/plans/laohekou-14/?year=2023",
        "/indicators/{indicator}/",
        "/api/v1/actuals/",
        "/projects/{project}/",
        "/plans/laohekou-14/work-items/",
        "/work-items/{work_item}/",
        "/api/v1/project-reports/",
        "/api/v1/work-reports/",
    ],
)
def test_who_works_on_a_figure_sees_it_before_it_is_approved(world: World, path: str) -> None:
    for kind in ("clerk", "colleague", "reviewer", "planner"):
        keys = {"indicator": world.indicator.pk, "project": world.project.pk, "work_item": world.work_item.pk}
        shown = client_of(world.people[kind]).get(path.format(**keys))
        assert UNAPPROVED in shown.content.decode(), kind


def figures_of_the_file(client: Client) -> set[str]:
    """Every cell of the completion table of 2023, as text."""
    response = client.get("/plans/laohekou-14/files/completion.xlsx?year=2023")
    book = load_workbook(io.BytesIO(response.content))
    return {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row}


def test_the_analysts_file_holds_approved_figures_only(world: World) -> None:
    cells = figures_of_the_file(client_of(world.people["analyst"]))
    assert "43.21" in cells
    assert UNAPPROVED not in cells


def test_the_planners_file_holds_the_figures_under_review(world: World) -> None:
    assert {"43.21", UNAPPROVED} <= figures_of_the_file(client_of(world.people["planner"]))


@pytest.mark.parametrize("path", ["/indicators/{indicator}/", "/api/v1/actuals/{actual}/"])
@pytest.mark.parametrize("kind", READERS_OF_APPROVED)
def test_what_a_figure_was_before_it_was_approved_stays_with_those_who_worked_on_it(
    world: World, kind: str, path: str
) -> None:
    """Returned once with a remark, corrected, approved: a leader sees the outcome, not the way there."""
    clerk, reviewer = world.people["clerk"], world.people["reviewer"]
    assert isinstance(clerk, User)
    assert isinstance(reviewer, User)
    first = Entry(value=Decimal("69.99"), text="69.99", note="初报")
    actual = save_actual(indicator=world.indicator, year=2024, entry=first, by=clerk, version=None)
    actual = move_actual(actual=actual, move=Move.SUBMIT, by=clerk, version=actual.version)
    actual = move_actual(actual=actual, move=Move.RETURN, by=reviewer, version=actual.version, note="口径有误")
    second = Entry(value=Decimal("48.88"), text="48.88", note="已按口径重报")
    actual = save_actual(indicator=world.indicator, year=2024, entry=second, by=clerk, version=actual.version)
    actual = move_actual(actual=actual, move=Move.SUBMIT, by=clerk, version=actual.version)
    actual = move_actual(actual=actual, move=Move.APPROVE, by=reviewer, version=actual.version)

    shown = client_of(world.people[kind]).get(path.format(indicator=world.indicator.pk, actual=actual.pk))

    assert "48.88" in shown.content.decode()
    assert "69.99" not in shown.content.decode()
    assert "口径有误" not in shown.content.decode()


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.PLANNER])
@pytest.mark.parametrize("code", ["420682", "420000", "100000"])
def test_who_reminds_counts_the_rows_of_all_places_below_and_sees_no_figure(
    world: World, role: Role, code: str
) -> None:
    factories.actual(indicator=world.indicator, year=2024, value=Decimal(UNAPPROVED), entered_by=world.draft.entered_by)
    client = client_of(factories.person(role, factories.region(code, "湖北省")))
    page = client.get("/reminders/").content.decode()
    book = load_workbook(io.BytesIO(client.get("/reminders/list.xlsx").content))
    cells = {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "养老服务科" in page
    assert "养老服务科" in cells
    assert UNAPPROVED not in page
    assert UNAPPROVED not in cells


def test_who_reminds_elsewhere_sees_no_department_of_here(world: World) -> None:
    for kind in ("strange reviewer", "strange planner"):
        page = client_of(world.people[kind]).get("/reminders/?state=all").content.decode()
        assert "养老服务科" not in page
        assert world.plan.code not in page


@pytest.mark.parametrize("role", [Role.CLERK, Role.REVIEWER, Role.PLANNER])
@pytest.mark.parametrize("code", ["420000", "100000"])
def test_only_reading_flows_down_from_a_place_above(world: World, role: Role, code: str) -> None:
    """Who enters, reviews or plans above sees what is approved below, and nothing of the work on it."""
    client = client_of(factories.person(role, factories.region(code, "湖北省")))
    answers = [
        client.get("/plans/laohekou-14/").status_code,
        client.get("/plans/laohekou-14/files/completion.xlsx").status_code,
        client.get("/plans/laohekou-14/entry/2024/").status_code,
        client.get(f"/api/v1/actuals/{world.submitted.pk}/").status_code,
        client.post(f"/indicators/{world.indicator.pk}/entry/2024/", entry(world)).status_code,
        client.post(f"/actuals/{world.submitted.pk}/move/", step(the_submitted, Move.APPROVE)(world)).status_code,
        client.post(f"/actuals/{world.approved.pk}/move/", step(the_approved, Move.REOPEN)(world)).status_code,
        client.post(f"/rounds/{world.round.pk}/extend/", {"until": "2100-06-30", "reason": "汛期"}).status_code,
    ]
    # A planner exports, and exporting is reading.
    assert answers == [200, 200 if role == Role.PLANNER else 403, 403, 404, 403, 404, 403, 403]
    assert UNAPPROVED not in client.get(f"/indicators/{world.indicator.pk}/").content.decode()


@pytest.mark.parametrize("code", ["420000", "330127"])
@pytest.mark.parametrize("path", ["/review/", "/review/projects/", "/review/work-items/"])
def test_a_reviewer_elsewhere_has_nothing_to_review_here(world: World, code: str, path: str) -> None:
    elsewhere = client_of(factories.person(Role.REVIEWER, factories.region(code, "湖北省"))).get(path)
    here = client_of(world.people["reviewer"]).get(path)
    assert UNAPPROVED in here.content.decode()
    assert UNAPPROVED not in elsewhere.content.decode()


# ---- Clerks of one department


def test_a_clerk_fills_the_rows_of_their_department_only(world: World) -> None:
    other = factories.indicator(plan=world.plan, number="2", department=factories.department(name="儿童福利科"))
    sheet = client_of(world.people["clerk"]).get("/plans/laohekou-14/entry/2024/").content.decode()
    assert f'action="/indicators/{world.indicator.pk}/entry/2024/"' in sheet
    assert f'action="/indicators/{other.pk}/entry/2024/"' not in sheet


def test_a_clerk_without_departments_fills_every_row(world: World) -> None:
    other = factories.indicator(plan=world.plan, number="2", department=factories.department(name="儿童福利科"))
    sheet = client_of(factories.person(Role.CLERK)).get("/plans/laohekou-14/entry/2024/").content.decode()
    assert f'action="/indicators/{world.indicator.pk}/entry/2024/"' in sheet
    assert f'action="/indicators/{other.pk}/entry/2024/"' in sheet


@pytest.mark.parametrize(("kind", "state"), [("clerk", State.SUBMITTED), ("colleague", State.DRAFT)])
def test_submitting_a_sheet_passes_on_ones_own_rows_only(world: World, kind: str, state: State) -> None:
    filled = factories.actual(indicator=world.indicator, year=2024, value=Decimal("48.5"))
    client_of(world.people[kind]).post("/plans/laohekou-14/entry/2024/submit/")
    assert Actual.objects.get(pk=filled.pk).state == state


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "clerk"])
def test_a_refused_save_writes_nothing(world: World, kind: str) -> None:
    client = client_of(world.people[kind])
    client.post(f"/indicators/{world.indicator.pk}/entry/2024/", entry(world))
    client.post("/api/v1/actuals/", api_entry(world), content_type="application/json")
    assert not Actual.objects.filter(indicator=world.indicator, year=2024).exists()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "reviewer"])
def test_a_refused_approval_writes_nothing(world: World, kind: str) -> None:
    client, pk = client_of(world.people[kind]), world.submitted.pk
    client.post(f"/actuals/{pk}/move/", step(the_submitted, Move.APPROVE)(world))
    client.post("/review/approve/", chosen(world))
    client.post(f"/api/v1/actuals/{pk}/move/", step(the_submitted, Move.APPROVE)(world), "application/json")
    assert Actual.objects.get(pk=pk).state == State.SUBMITTED


def test_a_person_who_left_is_nobody(world: World, sign_in: SignIn) -> None:
    leader = world.people["leader"]
    assert isinstance(leader, User)
    client = sign_in(leader)
    User.objects.filter(pk=leader.pk).update(is_active=False)
    assert client.get("/plans/laohekou-14/").headers["Location"] == "/login/?next=/plans/laohekou-14/"
