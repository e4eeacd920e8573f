"""What a Word report of a plan says in one data year: the page's own figures and sentences as plain data.

Only approved figures; the verdicts, counts and figures come from the functions of the plan's page. What no data says
is left to a person as 〔请补充：…〕, never made up.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.models import User
from indicators.figures import round_half_up
from indicators.models import Actual, Availability, Indicator
from indicators.queries import (
    PlanTable,
    Row,
    actual_shown,
    plan_table,
    target_shown,
)
from indicators.verdicts import EXCLUDED, LIGHT_SHAPES, VERDICT_WORDS, Kind, Light, Verdict
from plans.models import Plan, PlanKind
from projects.portfolio import project_table
from projects.queries import work_table
from projects.standings import percent_shown
from reports.downloads import file_name_of
from reports.models import ReportKind
from reports.tables.notes import DEMO_WARNING
from reports.word.facts import rests_on_demo, revisions_said, ruling_said, told_of
from reports.word.fields import MOST_YEARS, Plain
from reports.word.prose import Told, paragraph, percent_said
from reports.word.works import (
    DEMO_MARK,
    day_said,
    project_lines,
    project_problems,
    project_row,
    projects_until,
    stage_row,
    task_lines,
    to_write,
)

DEMO_SIGN = "※"  # behind a demo figure in a table
BEHIND = (Light.RED, Light.YELLOW)


@dataclass(frozen=True, slots=True)
class ChartRow:
    """One bar of the chart: an indicator's progress against the time gone. Shares."""

    number: str
    name: str
    progress: Decimal
    time_progress: Decimal
    light: Light


@dataclass(frozen=True, slots=True)
class Report:
    """A report before it is laid out: plain data for a template, and the rows of its charts."""

    plan: Plan
    kind: ReportKind
    year: int
    has_demo: bool
    data: Mapping[str, Plain]
    chart_rows: Sequence[ChartRow]


def report_file_name(plan: Plan, kind: ReportKind, year: int) -> str:
    """老河口“十四五”_中期评估报告_2023年.docx, without what Windows refuses in a name."""
    return file_name_of(f"{plan.short_title}_{kind.label}_{year}年", ending=".docx")


def kinds_of(plan: Plan) -> list[ReportKind]:
    """The reports that a plan can have: work points of one year are monitored, not evaluated at mid-term."""
    return list(ReportKind) if plan.kind == PlanKind.FIVE_YEAR else [ReportKind.MONITORING]


def report_of(plan: Plan, kind: ReportKind, year: int, *, user: User, on: date) -> Report:
    """The report as plain data: eleven queries, however many rows."""
    table = plan_table(plan, year=year, user=user, on=on, approved_only=True)
    projects = projects_until(project_table(plan, user=user, on=on), year=year, on=on)
    tasks = work_table(plan, user=user, on=on)
    main, others = (table.main, table.others) if table.main else (table.rows, [])
    demo_rows = any(map(_shows_demo, table.rows))
    has_demo = demo_rows or projects.has_demo or tasks.has_demo
    is_running = year >= on.year
    data: dict[str, Plain] = {
        "标题": _title(plan, kind, year),
        "报告种类": kind.label,
        "报告名称": _name(kind, year),
        "演示提示": DEMO_WARNING if has_demo else "",
        "规划名称": plan.title,
        "规划简称": plan.short_title,
        "规划期": f"{plan.start_year}—{plan.end_year}年" if plan.end_year > plan.start_year else f"{plan.end_year}年",
        "地区": plan.region.name,
        "编制单位": plan.region.bureau_name,
        "数据年度": str(year),
        "报告日期": day_said(on),
        "工作概况": _about(table, kind, is_running=is_running),
        "计数句": _counted(table),
        "总体进展": _overall(table, kind, is_running=is_running),
        "实际表头": "预计" if is_running else "实际",
        "目标年度": str(plan.end_year),
        **{f"第{at}年表头": _year_head(plan, at) for at in range(1, MOST_YEARS + 1)},
        "指标表": [_table_row(row, plan) for row in main],
        "其他指标表": [_table_row(row, plan) for row in others],
        "指标段落": _paragraphs(main, is_running=is_running),
        "其他指标段落": _paragraphs(others, is_running=is_running),
        "主要任务": task_lines(tasks),
        "项目概况": project_lines(projects),
        "项目阶段表": [stage_row(stage) for stage in projects.stages],
        "项目表": [project_row(standing) for standing in projects.standings],
        "项目问题": project_problems(projects),
        "问题": _problems(table.rows),
        "数据问题": _gaps_in_the_data(table.rows, is_running=is_running),
        "形势变化": _changes(table.rows),
        "调整建议": [to_write("对规划目标、任务、项目的调整建议，没有的写“不作调整”")],
        "下一步": _next(table.rows),
    }
    chart_rows = [] if is_running else _chart_rows([*main, *others])
    return Report(plan, kind, year, has_demo, {name: plain(value) for name, value in data.items()}, chart_rows)


def legible(text: str) -> str:
    """The text without characters that no document can hold; a line break becomes a space."""
    spaced = re.sub(r"[\r\n\t\v\f]+", " ", text)
    return "".join(char for char in spaced if unicodedata.category(char) not in ("Cc", "Cs", "Co", "Cn"))


def plain(value: Plain) -> Plain:
    """The same with every text legible."""
    if isinstance(value, str):
        return legible(value)
    return [  # type: ignore[return-value]
        {name: plain(text) for name, text in row.items()} if isinstance(row, Mapping) else plain(row) for row in value
    ]


def _title(plan: Plan, kind: ReportKind, year: int) -> str:
    title = re.sub(r"（\d{4}—\d{4}年）$", "", plan.title)
    return f"{title}{_name(kind, year)}"


def _name(kind: ReportKind, year: int) -> str:
    return f"{year}{kind.label}" if kind == ReportKind.MONITORING else kind.label


def _shows_demo(row: Row) -> bool:
    """Whether what the report says of the row rests on a demo figure."""
    shown = any(found.is_demo for year, found in row.actuals.items() if year <= row.year)
    return shown or bool(row.assessment and row.assessment.is_demo)


# ---- Sentences about the whole


def _about(table: PlanTable, kind: ReportKind, *, is_running: bool) -> list[str]:
    plan, year = table.plan, table.year
    what = {
        ReportKind.MONITORING: f"对规划{year}年度实施情况进行监测",
        ReportKind.MIDTERM: f"对规划实施以来至{year}年的情况进行中期评估",
        ReportKind.FINAL: "对规划全期实施情况进行总结评估",
    }
    source = plan.source.title.replace("《", "〈").replace("》", "〉")
    span = f"{plan.start_year}—{plan.end_year}年" if plan.end_year > plan.start_year else f"{plan.end_year}年"
    basis = f"根据《{source}》（{plan.source.publisher}），{plan.region.bureau_name}{what[kind]}。规划期为{span}。"
    reported = [row for row in table.rows if not row.indicator.is_group]
    known = [row for row in reported if row.actual]
    demo = "其中含演示数据。" if any(found.is_demo for row in known for found in row.actuals.values()) else ""
    scope = f"本报告只采用已审核的数据。规划共有量化指标{len(reported)}行，{year}年有已审核数据的{len(known)}行。{demo}"
    if is_running:
        scope += f"{year}年尚未结束，所列为预计数，未达到的不评价为滞后。"
    elif kind == ReportKind.FINAL and year < plan.end_year:
        scope += f"数据截至{year}年，规划期末（{plan.end_year}年）的数据尚未纳入。"
    policy = table.policy
    method = (
        "完成进度为（实际值－基期值）÷（目标值－基期值），累计类指标为累计值÷目标值；"
        "时间进度为（数据年度－起点年）÷（目标年－起点年）。"
        f"实际进展达到应有进展{percent_said(policy.mild_lag_from)}而不足100%的为轻度滞后，"
        f"不足{percent_said(policy.mild_lag_from)}的为滞后。"
    )
    return [basis, scope, method, to_write("评估工作的组织方式、过程和征求意见情况")]


def _counted(table: PlanTable) -> str:
    where = "指标表" if table.main else "专栏和正文"
    return f"{where}共{table.sentence}"


def _overall(table: PlanTable, kind: ReportKind, *, is_running: bool) -> list[str]:
    year = f"截至{table.year}年" if kind == ReportKind.FINAL else f"{table.year}年"
    counted, rate = table.by_number, table.by_number.met_rate
    demo = DEMO_MARK if any(map(rests_on_demo, table.rows)) else ""
    said = [f"{year}，{_counted(table)}{demo}"]
    if rate is not None and not is_running:
        met = f"可评价的指标{counted.assessable}项，其中已达到目标的{counted.met}项，达标率{percent_said(rate)}。"
        said.append(met)
    main = table.main or table.rows
    named = [
        f"{VERDICT_WORDS[verdict]}的有{'、'.join(row.indicator.name for row in rows)}"
        for verdict in Verdict
        if (rows := [row for row in main if row.verdict is verdict and row.light in BEHIND])
    ]
    if named:
        said.append("；".join(named) + "。")
    if table.main and table.others:
        said.append(f"专栏和正文中另有量化目标{len(table.others)}行，不计入上述项数。")
    return said


# ---- Tables


def _year_head(plan: Plan, at: int) -> str:
    return f"{plan.years[at - 1]}年" if at <= len(plan.years) else ""


def _table_row(row: Row, plan: Plan) -> dict[str, str]:
    indicator, found = row.indicator, row.assessment
    usual = plan.start_year - 1
    after = f"（{indicator.baseline_year}年）" if indicator.baseline_year not in (None, usual) else ""
    final = row.final_target
    late = f"（{final.year}年）" if final and final.year != plan.end_year else ""
    return {
        "序号": indicator.number,
        "指标": f"其中：{indicator.name}" if row.depth else indicator.name,
        "单位": indicator.unit or "—",
        "属性": indicator.get_attribute_display(),
        "基期": row.baseline_shown + (after if indicator.baseline_value is not None else ""),
        "实际": _figure(row.actual, indicator),
        **{f"第{at}年": _in_year(row, plan, at) for at in range(1, MOST_YEARS + 1)},
        "目标": target_shown(final, decimals=indicator.decimals) + late,
        "完成进度": "—" if not found or found.progress is None else percent_shown(found.progress),
        "时间进度": "—" if not found or found.progress is None else percent_shown(found.time_progress),
        "评价": row.word,
        "标志": LIGHT_SHAPES[row.light],
        "责任科室": str(indicator.department) if indicator.department else "—",
    }


def _in_year(row: Row, plan: Plan, at: int) -> str:
    if at > len(plan.years) or plan.years[at - 1] > row.year:
        return "—"
    return _figure(row.actuals.get(plan.years[at - 1]), row.indicator)


def _figure(actual: Actual | None, indicator: Indicator) -> str:
    """As the page writes it, with the sign of a demo figure behind it."""
    return actual_shown(actual, decimals=indicator.decimals) + (DEMO_SIGN if actual and actual.is_demo else "")


def _chart_rows(rows: Iterable[Row]) -> list[ChartRow]:
    return [
        ChartRow(row.indicator.number, legible(row.indicator.name), found.progress, found.time_progress, row.light)
        for row in rows
        if (found := row.assessment) and found.progress is not None and row.actual and row.verdict not in EXCLUDED
    ]


# ---- Paragraphs


def _paragraphs(rows: Sequence[Row], *, is_running: bool) -> list[dict[str, str]]:
    found = []
    for at, row in enumerate(rows, start=1):
        told = told_of(row, is_running=is_running)
        found.append(
            {
                "编号": f"{at}.",
                "标题": _heading(row),
                "正文": paragraph(told),
                "分述": paragraph(told, is_named=False),
            }
        )
    return found


def _heading(row: Row) -> str:
    indicator = row.indicator
    return f"{indicator.name}（约束性）" if indicator.is_binding else indicator.name


# ---- Problems, changes, what comes next


def _problems(rows: Sequence[Row]) -> list[dict[str, str]]:
    """What lags, binding first, red before yellow, with the reason as it was entered."""
    behind = [row for row in rows if row.light in BEHIND and not row.indicator.is_group]
    behind.sort(key=lambda row: (not row.indicator.is_binding, BEHIND.index(row.light)))
    return [
        {
            "标题": f"{row.indicator.name}（{'，'.join(_marks(row))}）",
            "正文": _reason(row.actual),
            "责任科室": str(row.indicator.department) if row.indicator.department else "",
        }
        for row in behind
    ]


def _marks(row: Row) -> list[str]:
    return ["约束性", row.word] if row.indicator.is_binding else [row.word]


def _reason(actual: Actual | None) -> str:
    if actual is None or not actual.note.strip():
        return to_write("落后的原因")
    return actual.note.strip() + (DEMO_MARK if actual.is_demo else "")


def _gaps_in_the_data(rows: Sequence[Row], *, is_running: bool) -> list[str]:
    if is_running:
        return []
    said = []
    missing = [row for row in rows if row.actual is None and not row.indicator.is_group]
    if missing:
        names = "、".join(row.indicator.name for row in missing)
        said.append(f"{missing[0].year}年未报送数据（以已审核的为准）的{len(missing)}行：{names}。")
    for row in rows:
        if row.actual and row.actual.availability in (Availability.MISSING, Availability.NOT_APPLICABLE):
            note = f"：{row.actual.note.strip().rstrip('。')}" if row.actual.note.strip() else ""
            said.append(f"{row.indicator.name}{row.year}年数据{row.actual.absence_shown}{note}。")
    return said


def _changes(rows: Sequence[Row]) -> list[str]:
    said = []
    for row in rows:
        said += [f"{row.indicator.name}：{words}" for words in revisions_said(row)]
        if row.verdict in EXCLUDED:
            said.append(f"{row.indicator.name}：{ruling_said(row)}")
    return [*said, to_write("规划实施环境、政策和职能的变化")]


def _next(rows: Sequence[Row]) -> list[str]:
    """What is still missing of what lags, and how much a year that is; the measures are a person's to write."""
    said = []
    for row in rows:
        needed = row.assessment.needed_per_year if row.assessment else None
        told = told_of(row, is_running=False)
        if row.light in BEHIND and needed and told.goal:
            demo = DEMO_MARK if told.is_demo else ""
            said.append(f"{told.name}要达到{told.aim(told.goal)}，今后每年需{_each_year(told, needed)}。{demo}")
    return [*said, to_write("下一步工作安排、责任分工和时限")]


def _each_year(told: Told, needed: Decimal) -> str:
    """完成120张, 提高2.28个百分点, 减少5件: what the engine says is needed, with two decimals at most."""
    if told.kind is Kind.CUMULATIVE:
        return f"完成{told.computed(needed)}"
    if told.kind is Kind.CUMULATIVE_REDUCTION:
        return f"下降{told.computed(needed)}"
    more, less = ("提高", "降低") if told.unit == "%" else ("增加", "减少")
    rounded = round_half_up(needed, max(told.decimals, 2))
    return f"{more if needed > 0 else less}{told.difference(rounded)}"
