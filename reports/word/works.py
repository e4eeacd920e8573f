"""What a report says of the tasks and key projects of a plan, from approved months. Money in 万元."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from indicators.queries import figure_shown
from indicators.verdicts import LIGHT_SHAPES
from projects.models import ProjectReport
from projects.portfolio import Money, ProjectTable
from projects.queries import WorkTable
from projects.standings import Standing, percent_shown, standing_of

DEMO_MARK = "（演示数据）"


def to_write(what: str) -> str:
    """A place that a person has to write, visibly so."""
    return f"〔请补充：{what}〕"


def day_said(on: date) -> str:
    return f"{on.year}年{on.month}月{on.day}日"


def task_lines(table: WorkTable) -> list[str]:
    if not table.tasks:
        return [to_write("主要任务进展（本规划未录入工作要点）")]
    said = [f"截至{day_said(table.on)}，{table.sentence}"]
    by_top: dict[str, list[str]] = {}
    for task in table.tasks:
        by_top.setdefault(task.top.title if task.top else "未分章节", []).append(task.item.get_state_display())
    for title, states in by_top.items():
        counts = "、".join(f"{state}{states.count(state)}项" for state in dict.fromkeys(states))
        said.append(f"“{title}”{len(states)}项任务：{counts}。")
    if table.unreported:
        said.append(f"其中{table.unreported}项尚无已审核的进展，按规划所载状态列示。")
    if table.has_demo:
        said[0] += DEMO_MARK
    return said


def projects_until(table: ProjectTable, *, year: int, on: date) -> ProjectTable:
    """The projects as their approved months up to the end of the data year tell, so that the report stays the same."""
    end = min(on, date(year, 12, 31))
    months = [month for month in table.months if month.year <= year]
    by_project: dict[int, list[ProjectReport]] = {}
    for month in months:
        by_project.setdefault(month.project_id, []).append(month)
    standings = [standing_of(row.project, by_project.get(row.project.pk, []), on=end) for row in table.standings]
    return replace(table, standings=standings, months=months, on=end)


def project_lines(table: ProjectTable) -> list[str]:
    if not table.standings:
        return ["规划未列重点项目。"]
    newest = f"截至{table.newest_month}" if table.newest_month else f"截至{day_said(table.on)}"
    demo = DEMO_MARK if table.has_demo else ""
    return [f"规划列有重点项目。{newest}，{table.sentence}{demo}"]


def stage_row(stage: Money) -> dict[str, str]:
    return {
        "阶段": stage.name,
        "个数": str(stage.count),
        "总投资": figure_shown(stage.planned),
        "完成投资": figure_shown(stage.done),
        "完成率": "—" if stage.completion is None else percent_shown(stage.completion),
    }


def project_row(standing: Standing) -> dict[str, str]:
    mark = standing.mark
    return {
        "序号": standing.project.number,
        "项目": standing.project.name,
        "总投资": figure_shown(standing.project.total_investment),
        "阶段": standing.stage.label,
        "完成投资": figure_shown(standing.done),
        "完成率": "—" if standing.completion is None else percent_shown(standing.completion),
        "截至": str(standing.spent.when) if standing.spent else "—",
        "情况": f"{LIGHT_SHAPES[mark[0]]}{mark[1]}" if mark else "—",
    }


def project_problems(table: ProjectTable) -> list[str]:
    return [
        f"{row.project.name}（{row.approved.when}）：{row.approved.problems.strip()}"
        + (DEMO_MARK if row.approved.is_demo else "")
        for row in table.troubled
        if row.approved
    ]
