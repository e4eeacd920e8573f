"""The demo: people to sign in as, open rounds, departments and figures, all marked is_demo and removable together."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from hashlib import sha256
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.db import models, transaction
from django.db.models import Prefetch, ProtectedError, Q, QuerySet
from openpyxl import Workbook
from rest_framework.authtoken.models import Token

from accounts.models import ApiToken, Department, Membership, Region, User
from accounts.permissions import Role
from indicators.checks import candidate, problems_of
from indicators.models import (
    Actual,
    ActualEvent,
    Assessment,
    Availability,
    Evidence,
    Exclusion,
    FigureKind,
    Indicator,
    Override,
    State,
    Target,
)
from indicators.moves import Move
from indicators.reassess import facts_of, reassess
from indicators.verdicts import Light
from plans.models import Plan, Reminder, Round
from projects.kinds import KINDS, PROJECTS, WORK, Kind
from projects.models import (
    MonthlyReport,
    Project,
    ProjectReport,
    ReportFile,
    Stage,
    WorkItem,
    WorkReport,
    WorkState,
)
from projects.months import Month
from projects.workflow import follow_reports
from reports.demo.figures import USUAL_REASON, DemoFigure, DemoRow, demo_figures, part_of
from reports.documents import load_documents
from reports.downloads import WORKBOOK
from reports.models import EntryImport, PlanDraft, Snapshot

BEIJING = ZoneInfo("Asia/Shanghai")
LAOHEKOU, CHUNAN, COUNTRY = "420682", "330127", "100000"


class Unwanted(Exception):
    """The demo cannot be loaded here; the message says why, in Chinese."""


# ---- What the demo consists of


@dataclass(frozen=True, slots=True)
class DemoPerson:
    username: str
    display_name: str
    region: str
    roles: tuple[Role, ...]


PEOPLE = (
    DemoPerson("demo-clerk", "演示填报员", LAOHEKOU, (Role.CLERK,)),
    DemoPerson("demo-reviewer", "演示审核员", LAOHEKOU, (Role.REVIEWER,)),
    DemoPerson("demo-leader", "演示领导", LAOHEKOU, (Role.LEADER,)),
    DemoPerson("demo-analyst", "演示分析员", LAOHEKOU, (Role.ANALYST,)),
    DemoPerson("demo-planner", "演示规划管理员", LAOHEKOU, (Role.PLANNER,)),
    DemoPerson("demo-screen", "演示大屏", LAOHEKOU, (Role.DISPLAY,)),
    DemoPerson("demo-stranger", "演示外地填报员", CHUNAN, (Role.CLERK,)),
    DemoPerson("demo-national", "演示全国用户", COUNTRY, (Role.LEADER, Role.ANALYST)),
)
# In whose names the ready-made figures stand; nobody can sign in as them.
ENTRY, APPROVAL = ("demo-entry", "演示录入"), ("demo-approval", "演示审核")

DEPARTMENTS = {
    "assistance": "社会救助科",
    "elderly": "养老服务科",
    "children": "儿童福利科",
    "disability": "残疾人福利科",
    "organizations": "社会组织管理科",
    "charity": "慈善社工科",
    "governance": "基层政权和社区治理科",
    "toponymy": "区划地名科",
    "ceremonies": "社会事务科",
    "informatization": "信息中心",
    "veterans": "优抚安置科",
    "disaster": "救灾减灾科",
    "migrants": "水库移民科",
    "capacity": "办公室",
}

# The plans that get figures: those of the documents, never one that a bureau brought in itself. laohekou-13 has the
# figures its document prints and gets no others.
WITH_FIGURES = ("shanwei-14", "laohekou-14", "panzhihua-13", "haining-2021", "chunan-14")
# Work left for the demo people: what is not simply approved, by plan and year.
UNREPORTED = {("laohekou-14", 2024): {"4"}}
SUBMITTED = {("laohekou-14", 2024): {"11", "15"}, ("laohekou-14", 2025): {"5", "6", "7", "9", "文2", "文6"}}
RETURNED = {("laohekou-14", 2024): {"12": "数据与社区服务设施台账不一致，请核对面积口径后重新提交。"}}
DRAFTS = {("laohekou-14", 2025): {"2", "3", "10", "专11"}}
# The figure that has a file beside it.
BACKED = ("laohekou-14", "文2", 2025)
# Years that are still being collected: whatever is not named above is not reported yet.
COLLECTING = {("laohekou-14", 2025), ("chunan-14", 2025)}


@dataclass(frozen=True, slots=True)
class Progress:
    """A project's latest months: stage, and per month the share of the money spent and of the work done, in %."""

    stage: Stage
    months: tuple[tuple[int, int, str, str], ...]  # (year, month, share of the investment, physical progress)
    problems: str = ""


PROGRESS = {
    "1": Progress(Stage.UNDER_WAY, ((2025, 10, "82", "85"), (2025, 11, "86", "90"), (2025, 12, "91", "94"))),
    "3": Progress(Stage.COMPLETED, ((2025, 11, "98", "100"), (2025, 12, "100", "100"))),
    "5": Progress(
        Stage.UNDER_WAY,
        ((2025, 11, "61", "64"), (2025, 12, "66", "70")),
        "两个社区用房产权手续尚未办结，影响改造进场。",
    ),
    "9": Progress(Stage.PREPARATION, ((2025, 12, "3", "0"),), "用地规划调整尚未批复，未能按计划开工。"),
    "10": Progress(Stage.UNDER_WAY, ((2025, 11, "70", "75"), (2025, 12, "74", "80"))),
    "15": Progress(Stage.UNDER_WAY, ((2025, 12, "45", "50"),), "地方配套资金到位较慢。"),
    "18": Progress(Stage.UNDER_WAY, ((2025, 11, "88", "90"), (2025, 12, "93", "95"))),
}


@dataclass(frozen=True, slots=True)
class WorkStep:
    """A month of a work item: how far it is, what was reached so far where the target is a number, and a word on it."""

    month: Month
    state: WorkState
    reached: str = ""
    note: str = ""


NOVEMBER, DECEMBER = Month(2025, 11), Month(2025, 12)
WORK_PROGRESS = {
    "专1.1": (WorkStep(DECEMBER, WorkState.DONE, note="核对平台已与公安、人社等部门联网。"),),
    "专2.2": (WorkStep(NOVEMBER, WorkState.UNDER_WAY, "27"), WorkStep(DECEMBER, WorkState.DONE, "31")),
    "专3.1": (WorkStep(DECEMBER, WorkState.UNDER_WAY, note="培育基地已完成装修，待验收。"),),
    "专5.4": (WorkStep(DECEMBER, WorkState.UNDER_WAY, note="市级平台已上线，乡级平台正在联调。"),),
    "专5.5": (WorkStep(NOVEMBER, WorkState.UNDER_WAY, "352"), WorkStep(DECEMBER, WorkState.UNDER_WAY, "388")),
    "专7.2": (WorkStep(NOVEMBER, WorkState.UNDER_WAY, "92"), WorkStep(DECEMBER, WorkState.UNDER_WAY, "96")),
    "专8": (WorkStep(DECEMBER, WorkState.UNDER_WAY, note="一期已上线，二期招标中。"),),
}
# Months left for the demo people, by kind and number, all of December.
MONTHS_SUBMITTED = {("project", "10"), ("project", "15"), ("work", "专5.5"), ("work", "专3.1")}
MONTHS_RETURNED = {
    ("project", "18"): "累计完成投资与财政拨付台账不一致，请核对。",
    ("work", "专7.2"): "请写明未覆盖的行政村及完成时间。",
}
MONTHS_DRAFT = {("work", "专8")}


# ---- Loading


@dataclass(slots=True)
class Loaded:
    """What this run did: rows added by kind, and the password to print (None: unchanged)."""

    added: Counter[str]
    password: str | None
    password_is_random: bool = False


@transaction.atomic
def load_demo(*, password: str, with_figures: bool, now: datetime) -> Loaded:
    """Add what of the demo is missing; a second run adds nothing. An empty `password` asks for a random one.

    Raises Unwanted where no plan is loaded, or where a real person bears a demo name.
    """
    if not Plan.objects.exists():
        raise Unwanted("还没有规划。请先运行 manage.py load_plans。")
    added: Counter[str] = Counter()
    used, is_random = _load_people(password, added)
    entry, approval = (_person(*name, is_active=False, added=added) for name in (ENTRY, APPROVAL))
    _load_departments(added)
    _open_rounds(now.astimezone(BEIJING).date(), added)
    if with_figures:
        _load_figures(entry, approval, now, added)
        _load_months(PROJECTS, _project_months(), now, added)
        _load_months(WORK, _work_months(), now, added)
        _load_evidence(now, added)
        reassess(Indicator.objects.all())
    return Loaded(added, used, is_random)


def _person(username: str, display_name: str, *, is_active: bool, added: Counter[str]) -> User:
    person = User.objects.filter(username=username).first()
    if person is None:
        # an address that leads nowhere, so that a reminder can be tried
        email = f"{username}@demo.invalid"
        person = User(username=username, display_name=display_name, email=email, is_active=is_active, is_demo=True)
        person.set_unusable_password()
        person.save()
        added["演示账号"] += 1
    elif not person.is_demo:
        raise Unwanted(f"账号 {username} 已存在，且不是演示账号。请先改名，再装演示数据。")
    elif person.is_active != is_active:
        person.is_active = is_active
        person.save(update_fields=["is_active"])
    return person


def _load_people(password: str, added: Counter[str]) -> tuple[str | None, bool]:
    """The password that was set in this run, if any, and whether it was drawn by lot."""
    regions = {region.code: region for region in Region.objects.all()}
    people = []
    for demo in PEOPLE:
        person = _person(demo.username, demo.display_name, is_active=True, added=added)
        for role in demo.roles:
            Membership.objects.get_or_create(user=person, region=regions[demo.region], role=role)
        people.append(person)
    if password:
        # One hash for all: hashing is slow on purpose, and these accounts share their password anyway.
        known = {person.password for person in people}
        changed = people if len(known) > 1 or not check_password(password, known.pop()) else []
    else:
        changed = [person for person in people if not person.has_usable_password()]
    if not changed:
        return None, False
    used = password or secrets.token_urlsafe(9)
    User.objects.filter(pk__in=[person.pk for person in changed]).update(password=make_password(used))
    return used, not password


def _load_departments(added: Counter[str]) -> None:
    """A department per theme of each bureau; rows without a department get the one that fits their theme."""
    owned: tuple[type[Indicator] | type[Project] | type[WorkItem], ...] = (Indicator, Project, WorkItem)
    for model in owned:
        without = model._default_manager.filter(department=None, theme__isnull=False).order_by()
        pairs = without.values_list("plan__region", "theme", "theme__code", "theme__name").distinct()
        for region, theme, code, name in pairs:
            department, is_new = Department.objects.get_or_create(
                region_id=region, name=DEPARTMENTS.get(code, f"{name}科"), defaults={"is_demo": True}
            )
            added["责任科室"] += is_new
            without.filter(plan__region=region, theme=theme).update(department=department)


def _open_rounds(today: date, added: Counter[str]) -> None:
    """Every year of every plan can be reported; real rounds stay as they are, demo rounds stay open."""
    due_on = today + timedelta(days=180)
    Round.objects.filter(is_demo=True).update(due_on=due_on)
    there = set(Round.objects.values_list("plan", "year"))
    fresh = [
        Round(plan=plan, year=year, opens_on=date(year, 1, 1), due_on=due_on, is_demo=True)
        for plan in Plan.objects.all()
        for year in plan.years
        if (plan.pk, year) not in there and date(year, 1, 1) <= due_on
    ]
    added["填报期"] += len(Round.objects.bulk_create(fresh))


# ---- Figures


@dataclass(frozen=True, slots=True)
class Step:
    """The last step that brought a figure where it stands."""

    move: Move
    by: User
    at: datetime
    note: str


def _load_figures(entry: User, approval: User, now: datetime, added: Counter[str]) -> None:
    """Figures for every year that has none, each with one line of its history."""
    people = {person.username: person for person in User.objects.filter(is_demo=True)}
    clerk, reviewer = people["demo-clerk"], people["demo-reviewer"]
    there = set(Actual.objects.values_list("indicator", "year"))
    actuals: list[Actual] = []
    steps: list[Step] = []
    for indicator in _to_report():
        for actual in _reported(indicator):
            year, key = actual.year, (indicator.plan.code, actual.year)
            state = _state_of(key, indicator.number)
            if state is None or (indicator.pk, year) in there:
                continue
            actual.state = state
            if state == State.APPROVED:
                actual.entered_by, actual.entered_at = entry, _moment(year, 20, now)
                actual.approved_by, actual.approved_at = approval, _moment(year, 28, now)
                step = Step(Move.APPROVE, approval, _moment(year, 28, now), "")
            else:
                entered_at = now - timedelta(days=2)
                actual.entered_by, actual.entered_at = clerk, entered_at
                step = Step(Move.SUBMIT if state == State.SUBMITTED else Move.SAVE, clerk, entered_at, actual.note)
            if state == State.RETURNED:
                step = Step(Move.RETURN, reviewer, now - timedelta(days=1), RETURNED[key][indicator.number])
            actuals.append(actual)
            steps.append(step)
    stored = Actual.objects.bulk_create(actuals)
    ActualEvent.objects.bulk_create(_event(actual, step) for actual, step in zip(stored, steps, strict=True))
    added["实际值"] += len(stored)


def _to_report() -> QuerySet[Indicator]:
    rows = Indicator.objects.filter(is_group=False, plan__code__in=WITH_FIGURES)
    current = Prefetch("targets", Target.objects.filter(is_current=True), to_attr="current_targets")
    return rows.select_related("plan__policy").prefetch_related(current)


def _state_of(key: tuple[str, int], number: str) -> State | None:
    """Where this figure stands in the review; None where it is not reported yet."""
    if number in UNREPORTED.get(key, ()):
        return None
    for state, rows in ((State.SUBMITTED, SUBMITTED), (State.RETURNED, RETURNED), (State.DRAFT, DRAFTS)):
        if number in rows.get(key, ()):
            return state
    return None if key in COLLECTING else State.APPROVED


def _reported(indicator: Indicator) -> list[Actual]:
    """The row's figures, with the 说明 that the checks would ask of a clerk."""
    targets: list[Target] = indicator.current_targets  # type: ignore[attr-defined]
    facts = facts_of(indicator, targets=targets, actuals=())
    part = part_of(indicator.plan.code, indicator.number, indicator.name, facts)
    row = DemoRow(
        key=f"{indicator.plan.code}/{indicator.number}",
        facts=facts,
        unit=indicator.unit,
        decimals=indicator.decimals,
        minimum=indicator.hard_minimum,
        maximum=indicator.hard_maximum,
    )
    actuals = [_actual(indicator, figure) for figure in demo_figures(row, part)]
    for actual in actuals:
        case = candidate(actual, targets=targets, others=actuals)
        if problems_of(case) or case.finding.light == Light.YELLOW:
            actual.note = part.reason or USUAL_REASON
    return actuals


def _actual(indicator: Indicator, figure: DemoFigure) -> Actual:
    availability = Availability.REPORTED
    if figure.is_missing or figure.is_not_applicable:
        availability = Availability.MISSING if figure.is_missing else Availability.NOT_APPLICABLE
    return Actual(
        indicator=indicator,
        year=figure.year,
        value=figure.value,
        text="" if figure.value is None else f"{figure.value:f}",
        comparator=figure.comparator,
        judgement=figure.judgement or "",
        availability=availability,
        is_demo=True,
    )


def _event(actual: Actual, step: Step) -> ActualEvent:
    return ActualEvent(
        actual=actual,
        at=step.at,
        by=step.by,
        move=step.move,
        state=actual.state,
        version=actual.version,
        value=actual.value,
        comparator=actual.comparator,
        judgement=actual.judgement,
        availability=actual.availability,
        figure_kind=actual.figure_kind,
        note=step.note,
    )


def _moment(year: int, day: int, now: datetime) -> datetime:
    """A January day after the year reported, never later than now."""
    return min(datetime(year + 1, 1, day, 10, tzinfo=BEIJING), now)


def _project_months() -> Iterator[MonthlyReport]:
    for project in Project.objects.filter(plan__code="laohekou-14", number__in=PROGRESS):
        progress = PROGRESS[project.number]
        for year, month, spent, done in progress.months:
            yield ProjectReport(
                project=project,
                year=year,
                month=month,
                stage=progress.stage,
                investment_done=_share(project.total_investment, spent),
                physical_progress=Decimal(done),
                problems=progress.problems,
            )


def _work_months() -> Iterator[MonthlyReport]:
    for item in WorkItem.objects.filter(plan__code="laohekou-14", number__in=WORK_PROGRESS):
        for step in WORK_PROGRESS[item.number]:
            yield WorkReport(
                item=item,
                year=step.month.year,
                month=step.month.number,
                work_state=step.state,
                value=Decimal(step.reached) if step.reached else None,
                note=step.note,
            )


def _load_months(kind: Kind[Any], months: Iterator[MonthlyReport], now: datetime, added: Counter[str]) -> None:
    """The months that are not reported yet, each with one line of its history; work items then stand where they say."""
    people = {person.username: person for person in User.objects.filter(is_demo=True)}
    there = set(kind.report._default_manager.values_list(kind.owner_field, "year", "month"))
    reports = [report for report in months if (report.owner.pk, *report.when) not in there]
    steps = [_standing(kind, report, people, now) for report in reports]
    stored = kind.report._default_manager.bulk_create(reports)
    kind.event._default_manager.bulk_create(
        kind.event(
            report=report,
            at=step.at,
            by=step.by,
            move=step.move,
            state=report.state,
            version=report.version,
            note=step.note,
            **kind.said(report),
        )
        for report, step in zip(stored, steps, strict=True)
    )
    added[kind.label] += len(stored)
    if kind is WORK:
        follow_reports(report.owner.pk for report in stored)


def _standing(kind: Kind[Any], report: MonthlyReport, people: dict[str, User], now: datetime) -> Step:
    """Put the month where it stands in the review; answers with the step that brought it there."""
    clerk, approval = people["demo-clerk"], people[APPROVAL[0]]
    key, at = (kind.code, report.owner.number), min(datetime(*report.when, 28, 10, tzinfo=BEIJING), now)
    report.entered_by, report.entered_at, report.is_demo = clerk, at, True
    if report.when == DECEMBER and key in MONTHS_SUBMITTED:
        report.state = State.SUBMITTED
        return Step(Move.SUBMIT, clerk, at, report.note)
    if report.when == DECEMBER and key in MONTHS_RETURNED:
        report.state = State.RETURNED
        return Step(Move.RETURN, people["demo-reviewer"], at, MONTHS_RETURNED[key])
    if report.when == DECEMBER and key in MONTHS_DRAFT:
        return Step(Move.SAVE, clerk, at, report.note)
    report.state, report.entered_by = State.APPROVED, people[ENTRY[0]]
    report.approved_by, report.approved_at = approval, at
    return Step(Move.APPROVE, approval, at, "")


def _load_evidence(now: datetime, added: Counter[str]) -> None:
    """A file beside a figure that waits for review."""
    code, number, year = BACKED
    actual = Actual.objects.filter(
        indicator__plan__code=code, indicator__number=number, year=year, is_demo=True
    ).first()
    if actual is None or actual.evidence.exists():
        return
    book, written = Workbook(), BytesIO()
    for row in (
        ("演示数据：本表为演示而设，不是真实材料。",),
        ("设施名称", "启用时间"),
        ("演示养老服务中心", f"{year}年6月"),
    ):
        book.worksheets[0].append(row)
    book.save(written)
    content = written.getvalue()
    Evidence.objects.create(
        actual=actual,
        file=ContentFile(content, name="demo"),
        name=f"演示台账{year}.xlsx",
        content_type=WORKBOOK,
        size=len(content),
        sha256=sha256(content).hexdigest(),
        uploaded_by=User.objects.get(username="demo-clerk"),
        uploaded_at=now,
        is_demo=True,
    )
    added["佐证材料"] += 1


def _share(total: Decimal | None, percent: str) -> Decimal | None:
    return None if total is None else total * Decimal(percent) / 100


# ---- Removing


@dataclass(slots=True)
class Removed:
    """How many rows of each kind are gone, and who and what had to stay because real rows name them."""

    rows: Counter[str]
    kept: list[str]


@transaction.atomic
def remove_demo() -> Removed:
    """Remove everything marked as demo, what demo people entered by hand included, and re-assess the plans.

    Real rows stay as they are. A demo person whom a real row names (who approved it, say) is kept without access.
    """
    removed = Removed(Counter(), [])
    is_document_touched = _put_back_published_figures()
    _remove_evidence(removed)
    items = set(WorkReport.objects.filter(is_demo=True).values_list("item", flat=True))
    _remove_rulings(removed)
    _remove_plans_of_drafts(removed)
    for model in (Actual, ProjectReport, WorkReport, Reminder, Round, EntryImport, Snapshot, PlanDraft):
        _count(removed, model, model._default_manager.filter(is_demo=True).delete()[1])
    follow_reports(items)
    if is_document_touched:
        load_documents()
    for department in Department.objects.filter(is_demo=True):
        _remove_department(department, removed)
    people = User.objects.filter(is_demo=True)
    removed.rows["登录会话"] = _end_sessions({str(pk) for pk in people.values_list("pk", flat=True)})
    for tokens in (Token.objects.filter(user__in=people), ApiToken.objects.filter(user__in=people)):
        removed.rows["接口令牌"] += tokens.delete()[0]
    for person in people:
        _remove_person(person, removed)
    reassess(Indicator.objects.all())
    return removed


def _put_back_published_figures() -> bool:
    """Undo what demo people did to figures a document prints; whether one was entered anew and has to be read again."""
    touched = Actual.objects.exclude(source_ref="").filter(events__by__is_demo=True).distinct()
    keys = list(touched.values_list("pk", flat=True))
    ActualEvent.objects.filter(actual__in=keys, by__is_demo=True).delete()
    Actual.objects.filter(pk__in=keys).update(
        state=State.APPROVED, approved_by=None, approved_at=None, figure_kind=FigureKind.FINAL
    )
    return Actual.objects.filter(is_demo=True).exclude(printed_verdict="").exists()


def _remove_rulings(removed: Removed) -> None:
    """What demo people ruled and revised; the assessments that name a ruling are made anew at the end."""
    Assessment.objects.filter(Q(override__is_demo=True) | Q(exclusion__is_demo=True)).delete()
    for model in (Override, Exclusion):
        _count(removed, model, model._default_manager.filter(is_demo=True).delete()[1])
    revised = Target.objects.filter(version__gt=1, revised_by__is_demo=True)
    places = set(revised.values_list("indicator", "year"))
    removed.rows["目标调整"] = revised.delete()[0]
    for indicator, year in places:
        last = Target.objects.filter(indicator=indicator, year=year).order_by("version").last()
        if last is not None:
            Target.objects.filter(pk=last.pk).update(is_current=True)


def _remove_plans_of_drafts(removed: Removed) -> None:
    """What demo people published from a draft goes with them, unless somebody real has entered figures for it."""
    drafts = PlanDraft.objects.filter(is_demo=True, plan__isnull=False, into=None).select_related("plan__source")
    for plan in [draft.plan for draft in drafts if draft.plan]:
        if Actual.objects.filter(indicator__plan=plan, is_demo=False).exists():
            removed.kept.append(f"规划{plan}（{plan.region}）：已有真实数据，予以保留")
            continue
        source = plan.source
        plan.delete()
        source.delete()
        removed.rows["规划"] += 1


def _remove_evidence(removed: Removed) -> None:
    """What demo people attached and what stands beside demo rows; the files go when the rows are gone for good."""
    evidence = Evidence.objects.filter(Q(is_demo=True) | Q(actual__is_demo=True))
    beside_months = ReportFile.objects.filter(Q(is_demo=True) | Q(report__is_demo=True))
    files = [attached.file for attached in (*evidence, *beside_months)]
    removed.rows["佐证材料"] = evidence.delete()[0]
    removed.rows["进展材料"] = beside_months.delete()[0]
    for file in files:
        transaction.on_commit(partial(file.delete, save=False))


def _count(removed: Removed, model: type[models.Model], deleted: dict[str, int]) -> None:
    events: dict[type[models.Model], type[models.Model]] = {Actual: ActualEvent}
    events |= {kind.report: kind.event for kind in KINDS}
    for label in filter(None, (model, events.get(model))):
        removed.rows[str(label._meta.verbose_name)] += deleted.get(label._meta.label, 0)


def _remove_department(department: Department, removed: Removed) -> None:
    real = Membership.objects.filter(departments=department, user__is_demo=False).count()
    if real:  # without it these clerks would enter for all departments
        removed.kept.append(f"科室{department.name}（{department.region}）：被{real}条任职引用，予以保留")
        return
    try:
        with transaction.atomic():
            for rows in (department.indicators, department.projects, department.work_items):
                rows.update(department=None)
            department.delete()
            removed.rows["责任科室"] += 1
    except ProtectedError as error:
        removed.kept.append(f"科室{department.name}（{department.region}）：{_named_by(error)}")


def _remove_person(person: User, removed: Removed) -> None:
    try:
        with transaction.atomic():
            person.delete()
            removed.rows["演示账号"] += 1
    except ProtectedError as error:
        person.memberships.all().delete()
        person.is_active = False
        person.set_unusable_password()
        person.save(update_fields=["is_active", "password"])
        removed.kept.append(f"账号{person.username}（已停用）：{_named_by(error)}")


def _named_by(error: ProtectedError) -> str:
    rows = Counter(str(row._meta.verbose_name) for row in error.protected_objects)
    return "被" + "、".join(f"{count}条{label}" for label, count in rows.items()) + "引用，予以保留"


def _end_sessions(keys: set[str]) -> int:
    ended = [session.pk for session in Session.objects.iterator() if session.get_decoded().get("_auth_user_id") in keys]
    Session.objects.filter(pk__in=ended).delete()
    return len(ended)
