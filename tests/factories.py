"""The smallest valid row of each model; a test says only what it is about."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from hashlib import sha256
from itertools import count
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import ApiToken, Department, Membership, Region, User
from accounts.permissions import Role
from accounts.regions import Level
from accounts.tokens import digest_of
from indicators.figures import Operator
from indicators.models import Actual, Evidence, Exclusion, Indicator, Metric, Override, State, Target
from indicators.verdicts import Verdict
from plans.models import Plan, Reminder, Round, Source, Theme
from projects.kinds import PROJECTS, WORK, Kind
from projects.models import Project, ProjectReport, ReportFile, Stage, WorkItem, WorkReport, WorkState
from reports.drafts.content import Content, DraftRow, DraftTarget, Facts
from reports.models import EntryImport, Export, ExportState, PlanDraft, ReportTemplate, Snapshot
from reports.snapshots.workflow import take_snapshot
from reports.tables.workbooks import add_notes, new_book, saved

_numbers = count(1)
MOST_IN_ORDER = 32_000  # a place in an order is a small number, and one process makes more rows than that


def region(code: str = "420682", name: str = "老河口市") -> Region:
    """A county (or what its code says) under 全国; the same code gives the same row."""
    country, _ = Region.objects.get_or_create(
        code="100000",
        defaults={"name": "全国", "short_name": "全国", "bureau_name": "民政部", "level": Level.COUNTRY},
    )
    if code == country.code:
        return country
    found, _ = Region.objects.get_or_create(
        code=code,
        defaults={
            "name": name,
            "short_name": name[:-1],
            "bureau_name": f"{name}民政局",
            "level": Level.COUNTY,
            "parent": country,
        },
    )
    return found


def department(**values: Any) -> Department:
    values.setdefault("region", region())
    values.setdefault("name", f"科室{next(_numbers)}")
    return Department.objects.create(**values)


def person(role: Role | None = None, in_region: Region | None = None, **values: Any) -> User:
    """Somebody with one role in one region (老河口 unless named), or with none."""
    values.setdefault("username", f"person{next(_numbers)}")
    user = User.objects.create_user(**values)
    if role:
        Membership.objects.create(user=user, region=in_region or region(), role=role)
    return user


def api_token(**values: Any) -> ApiToken:
    """A token of an analyst that works this year; its value is `key`."""
    key = values.pop("key", f"cp_key-{next(_numbers)}")
    if "user" not in values:
        values["user"] = person(Role.ANALYST)
    values.setdefault("name", f"脚本{next(_numbers)}")
    values.setdefault("created_on", date(2020, 1, 1))
    values.setdefault("expires_on", date(2100, 1, 1))
    return ApiToken.objects.create(digest=digest_of(key), prefix=key[:8], **values)


def metric(**values: Any) -> Metric:
    """A share in %, made of two parts that the dictionary names."""
    number = next(_numbers)
    values.setdefault("code", f"metric-{number}")
    values.setdefault("name", f"床位占比{number}")
    values.setdefault("unit", "%")
    values.setdefault("direction", "up")
    if "theme" not in values:
        values["theme"] = theme()
    if "parts_factor" not in values:
        values |= {"numerator_name": "护理型床位数", "denominator_name": "床位数", "parts_factor": Decimal(100)}
    return Metric.objects.create(**values)


def theme(code: str = "elderly", name: str = "养老服务") -> Theme:
    return Theme.objects.get_or_create(code=code, defaults={"name": name, "order": next(_numbers) % MOST_IN_ORDER})[0]


def source(**values: Any) -> Source:
    values.setdefault("code", f"source-{next(_numbers)}")
    values.setdefault("title", "民政事业发展“十四五”规划")
    values.setdefault("publisher", "民政局")
    values.setdefault("file_name", "plan.txt")
    return Source.objects.create(**values)


def plan(**values: Any) -> Plan:
    """A five-year plan 2021-2025 of 老河口."""
    values.setdefault("code", f"plan-{next(_numbers)}")
    values.setdefault("title", "民政事业发展“十四五”规划")
    values.setdefault("short_title", "“十四五”")
    values.setdefault("kind", "five_year")
    values.setdefault("start_year", 2021)
    values.setdefault("end_year", 2025)
    if "region" not in values:
        values["region"] = region()
    if "source" not in values:
        values["source"] = source()
    return Plan.objects.create(**values)


def indicator(*, target: str | None = "50", target_year: int = 2025, **values: Any) -> Indicator:
    """A level indicator in %, 40 in 2020, with one target (None: without)."""
    number = next(_numbers)
    values.setdefault("number", str(number))
    values.setdefault("order", number % MOST_IN_ORDER)
    values.setdefault("name", "养老机构护理型床位占比")
    values.setdefault("unit", "%")
    values.setdefault("baseline_year", 2020)
    values.setdefault("baseline_value", Decimal(40))
    if "theme" not in values:
        values["theme"] = theme()
    if "plan" not in values:
        values["plan"] = plan()
    row = Indicator.objects.create(**values)
    if target is not None:
        Target.objects.create(indicator=row, year=target_year, operator=Operator.EQ, value=Decimal(target), text=target)
    return row


def open_round(plan: Plan, year: int, **values: Any) -> Round:
    """A round that is open today, long before and long after."""
    values.setdefault("opens_on", date(2000, 1, 1))
    values.setdefault("due_on", date(2100, 1, 1))
    return Round.objects.create(plan=plan, year=year, **values)


def reminder(**values: Any) -> Reminder:
    """One that went out, to a clerk about a round that is open, by a planner."""
    if "round" not in values:
        values["round"] = open_round(plan(), 2023)
    values.setdefault("deadline", values["round"].due_on)
    if "recipient" not in values:
        values["recipient"] = person(Role.CLERK, email="clerk@example.gov.cn")
    values.setdefault("address", values["recipient"].email)
    values.setdefault("tried_at", timezone.now())
    values.setdefault("sent_at", None if values.get("error") else values["tried_at"])
    values.setdefault("sent_by", person(Role.PLANNER))
    return Reminder.objects.create(**values)


def actual(**values: Any) -> Actual:
    """A draft of 45 for 2023, entered by a clerk; an approved one is approved by a reviewer."""
    values.setdefault("year", 2023)
    values.setdefault("value", Decimal(45))
    values.setdefault("text", str(values["value"]) if values["value"] is not None else "")
    if "indicator" not in values:
        values["indicator"] = indicator()
    if not values.get("source_ref"):
        values.setdefault("entered_at", timezone.now())
        if "entered_by" not in values:
            values["entered_by"] = person(Role.CLERK, values["indicator"].plan.region)
    if values.get("state") == State.APPROVED and not values.get("source_ref"):
        values.setdefault("approved_at", timezone.now())
        if "approved_by" not in values:
            values["approved_by"] = person(Role.REVIEWER, values["indicator"].plan.region)
    return Actual.objects.create(**values)


PDF = b"%PDF-1.4\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"


def evidence(**values: Any) -> Evidence:
    """A PDF beside a draft figure, of the person who entered it."""
    if "actual" not in values:
        values["actual"] = actual()
    content = values.pop("content", PDF + str(next(_numbers)).encode())
    values.setdefault("name", "台账.pdf")
    values.setdefault("uploaded_by", values["actual"].entered_by)
    values.setdefault("uploaded_at", timezone.now())
    return Evidence.objects.create(
        file=ContentFile(content, name="upload"),
        content_type="application/pdf",
        size=len(content),
        sha256=sha256(content).hexdigest(),
        **values,
    )


def _ruled(values: dict[str, Any]) -> None:
    values.setdefault("reason", "省级通报认定")
    if "indicator" not in values:
        values["indicator"] = indicator()
    values.setdefault("at", timezone.now())
    if "by" not in values:
        values["by"] = person(Role.PLANNER, values["indicator"].plan.region)


def override(**values: Any) -> Override:
    """A planner's 符合预期 for 2023, in force; the assessment does not know of it yet."""
    _ruled(values)
    return Override.objects.create(**{"year": 2023, "verdict": Verdict.ON_TRACK} | values)


def exclusion(**values: Any) -> Exclusion:
    """职能划转 since 2023, in force; the assessment does not know of it yet."""
    _ruled(values)
    return Exclusion.objects.create(**{"since_year": 2023, "cause": Verdict.TRANSFERRED} | values)


def project(**values: Any) -> Project:
    number = next(_numbers)
    values.setdefault("number", str(number))
    values.setdefault("order", number % MOST_IN_ORDER)
    values.setdefault("name", "社会福利院三期建设项目")
    values.setdefault("total_investment", Decimal(2500))
    if "plan" not in values:
        values["plan"] = plan()
    return Project.objects.create(**values)


def _reported(kind: Kind[Any], **values: Any) -> Any:
    """A draft for June 2023, entered by a clerk; an approved one is approved by a reviewer."""
    values.setdefault("year", 2023)
    values.setdefault("month", 6)
    values.setdefault("entered_at", timezone.now())
    region = values[kind.owner_field].plan.region
    if "entered_by" not in values:
        values["entered_by"] = person(Role.CLERK, region)
    if values.get("state") == State.APPROVED:
        values.setdefault("approved_at", timezone.now())
        if "approved_by" not in values:
            values["approved_by"] = person(Role.REVIEWER, region)
    return kind.report._default_manager.create(**values)


def project_report(**values: Any) -> ProjectReport:
    """A draft for June 2023: under way, 1000 万元 of 2500 spent, 40 % built."""
    values.setdefault("stage", Stage.UNDER_WAY)
    values.setdefault("investment_done", Decimal(1000))
    values.setdefault("physical_progress", Decimal(40))
    if "project" not in values:
        values["project"] = project()
    report: ProjectReport = _reported(PROJECTS, **values)
    return report


def report_file(**values: Any) -> ReportFile:
    """A PDF beside a draft month, of the person who entered it."""
    if "report" not in values:
        values["report"] = project_report()
    content = values.pop("content", PDF + str(next(_numbers)).encode())
    values.setdefault("name", "现场照片.pdf")
    values.setdefault("content_type", "application/pdf")
    values.setdefault("uploaded_by", values["report"].entered_by)
    values.setdefault("uploaded_at", timezone.now())
    return ReportFile.objects.create(
        file=ContentFile(content, name="upload"), size=len(content), sha256=sha256(content).hexdigest(), **values
    )


def work_report(**values: Any) -> WorkReport:
    """A draft for June 2023: under way, with a word on it."""
    values.setdefault("work_state", WorkState.UNDER_WAY)
    values.setdefault("note", "方案已印发")
    if "item" not in values:
        values["item"] = work_item()
    report: WorkReport = _reported(WORK, **values)
    return report


def work_item(**values: Any) -> WorkItem:
    number = next(_numbers)
    values.setdefault("number", str(number))
    values.setdefault("order", number % MOST_IN_ORDER)
    values.setdefault("title", "完成适老化改造")
    if "plan" not in values:
        values["plan"] = plan()
    return WorkItem.objects.create(**values)


@cache
def empty_workbook() -> bytes:
    book = new_book("空表")
    add_notes(book, "空表", [])
    return saved(book)


def entry_import(**values: Any) -> EntryImport:
    """A clerk's upload for 2024, without rows."""
    if "by" not in values:
        values["by"] = person(Role.CLERK)
    if "region" not in values:
        values["region"] = region()
    values.setdefault("year", 2024)
    values.setdefault("uploaded_at", timezone.now())
    values.setdefault("name", "填报模板.xlsx")
    values.setdefault("content", empty_workbook())
    return EntryImport.objects.create(**values)


def export(**values: Any) -> Export:
    """A finished one of an analyst of 老河口; with another state, one that never had a file."""
    if "by" not in values:
        values["by"] = person(Role.ANALYST)
    at = values.setdefault("created_at", timezone.now())
    values.setdefault("kind", "lines")
    values.setdefault("what", {})
    values.setdefault("rights", {"420682": ["export"]})
    values.setdefault("name", "明细数据.xlsx")
    values.setdefault("total", 1)
    if values.setdefault("state", ExportState.DONE) == ExportState.DONE:
        file = ContentFile(b"a file", name="made")
        values |= {"file": file, "size": 6, "done": 1, "finished_at": at, "expires_at": at + timedelta(days=3)}
    return Export.objects.create(**values)


def snapshot(**values: Any) -> Snapshot:
    """What a planner of the plan's region froze of 2023."""
    if "plan" not in values:
        values["plan"] = plan()
    values.setdefault("year", 2023)
    Round.objects.get_or_create(
        plan=values["plan"], year=values["year"], defaults={"opens_on": date(2000, 1, 1), "due_on": date(2100, 1, 1)}
    )
    if "by" not in values:
        values["by"] = person(Role.PLANNER, values["plan"].region)
    values.setdefault("name", "上报省厅")
    values.setdefault("at", timezone.now())
    return take_snapshot(**values)


def draft_row(key: str = "r1", **values: Any) -> DraftRow:
    """护理型床位占比 (%), 40 in 2025, 55 promised for 2030, everything confirmed."""
    values.setdefault("number", key[1:])
    values.setdefault("name", "养老机构护理型床位占比")
    values.setdefault("unit", "%")
    values.setdefault("theme", theme().pk)
    values.setdefault("theme_confirmed", True)
    values.setdefault("baseline_year", 2025)
    values.setdefault("baseline_value", Decimal(40))
    values.setdefault("baseline_text", "40")
    values.setdefault("targets", [DraftTarget(2030, "55", value=Decimal(55))])
    return DraftRow(key=key, **values)


def draft_content(*rows: DraftRow, **values: Any) -> Content:
    """A plan 2026-2030 of these rows, or of one."""
    facts = Facts(
        title="民政事业发展“十五五”规划",
        short_title="“十五五”",
        code="laohekou-15",
        source_title="民政事业发展“十五五”规划",
        publisher="老河口市民政局",
    )
    return Content(facts=facts, rows=list(rows) or [draft_row()], last_key=100, origin="规划.xlsx", **values)


def plan_draft(content: Content | None = None, **values: Any) -> PlanDraft:
    """A planner's draft of 老河口, ready to be published."""
    content = content or draft_content()
    if "by" not in values:
        values["by"] = person(Role.PLANNER)
    if "region" not in values:
        values["region"] = region()
    values.setdefault("title", content.facts.title)
    values.setdefault("changed_by", values["by"])
    values.setdefault("created_at", timezone.now())
    values.setdefault("changed_at", values["created_at"])
    values.setdefault("file_name", "规划.xlsx")
    return PlanDraft.objects.create(content=content.as_json(), **values)


def report_template(**values: Any) -> ReportTemplate:
    """The first template of 老河口's mid-term reports, in use; what its file holds is not asked."""
    if "region" not in values:
        values["region"] = region()
    if "installed_by" not in values:
        values["installed_by"] = person(Role.SYSTEM, values["region"])
    values.setdefault("kind", "midterm")
    values.setdefault("version", 1)
    values.setdefault("installed_at", timezone.now())
    values.setdefault("name", "模板.docx")
    values.setdefault("content", b"PK")
    return ReportTemplate.objects.create(**values)
