"""What is asked of a month before it is passed on: 强制性 refuses it, 核实性 asks for a written 说明."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic

from indicators.checks import Problem
from indicators.figures import Operator
from indicators.queries import figure_shown
from projects.models import M, MonthlyReport, ProjectReport, Stage, WorkItem, WorkReport, WorkState

STAGES = [Stage(value) for value in Stage.values if value != Stage.UNSTATED]  # in the order in which projects go
WORK_STATES = list(WorkState)


@dataclass(frozen=True, slots=True)
class Check(Generic[M]):
    """One question to a month, given the newest approved month before it: a sentence where something is wrong."""

    asks: Callable[[M, M | None], str]
    is_hard: bool = False


# ---- A month of a project


def _project_says_something(report: ProjectReport, before: ProjectReport | None) -> str:
    said = (report.investment_done, report.physical_progress, report.problems or None, report.note or None)
    return "" if any(part is not None for part in said) else "本月没有填写内容，没有进展请填与上次相同的数或写说明。"


def _stage_is_chosen(report: ProjectReport, before: ProjectReport | None) -> str:
    return "请选择本月所处的阶段。" if report.stage == Stage.UNSTATED else ""


def _investment_does_not_fall(report: ProjectReport, before: ProjectReport | None) -> str:
    now, then = report.investment_done, before.investment_done if before else None
    if before is None or now is None or then is None or now >= then:
        return ""
    return f"累计完成投资{figure_shown(now)}万元，低于{before.when}的{figure_shown(then)}万元。"


def _investment_stays_within_the_total(report: ProjectReport, before: ProjectReport | None) -> str:
    now, total = report.investment_done, report.project.total_investment
    if now is None or total is None or now <= total:
        return ""
    return f"累计完成投资{figure_shown(now)}万元，超过总投资{figure_shown(total)}万元。"


def _progress_does_not_fall(report: ProjectReport, before: ProjectReport | None) -> str:
    now, then = report.physical_progress, before.physical_progress if before else None
    if before is None or now is None or then is None or now >= then:
        return ""
    return f"形象进度{figure_shown(now)}%，低于{before.when}的{figure_shown(then)}%。"


def _stage_does_not_go_back(report: ProjectReport, before: ProjectReport | None) -> str:
    if before is None or Stage.UNSTATED in (report.stage, before.stage):
        return ""
    if STAGES.index(Stage(report.stage)) >= STAGES.index(Stage(before.stage)):
        return ""
    return f"阶段为“{report.get_stage_display()}”，而{before.when}已是“{before.get_stage_display()}”。"


def _what_is_built_is_completed(report: ProjectReport, before: ProjectReport | None) -> str:
    if report.physical_progress != 100 or report.stage == Stage.COMPLETED:
        return ""
    return f"形象进度已到100%，阶段仍为“{report.get_stage_display()}”，是否已完工？"


PROJECT_CHECKS: Sequence[Check[ProjectReport]] = (
    Check(_project_says_something, is_hard=True),
    Check(_stage_is_chosen, is_hard=True),
    Check(_investment_does_not_fall),
    Check(_investment_stays_within_the_total),
    Check(_progress_does_not_fall),
    Check(_stage_does_not_go_back),
    Check(_what_is_built_is_completed),
)


# ---- A month of a work item

CEILINGS = (Operator.LE, Operator.LT)


def is_reached(item: WorkItem, report: WorkReport) -> bool | None:
    """Whether what was reached satisfies the printed target; None where one of them is not a figure."""
    target, value = item.target_value, report.value
    if target is None or value is None:
        return None
    if item.target_operator in CEILINGS:
        return value < target if item.target_operator == Operator.LT else value <= target
    return value > target if item.target_operator == Operator.GT else value >= target


def _work_says_something(report: WorkReport, before: WorkReport | None) -> str:
    is_empty = report.work_state == WorkState.NOT_STARTED and report.value is None and not report.note
    return "本月没有填写内容，尚未开始请在说明中写明原因。" if is_empty else ""


def _value_does_not_fall(report: WorkReport, before: WorkReport | None) -> str:
    now, then = report.value, before.value if before else None
    if before is None or now is None or then is None or now >= then or report.item.target_operator in CEILINGS:
        return ""
    unit = report.item.unit
    return f"累计完成{figure_shown(now)}{unit}，低于{before.when}的{figure_shown(then)}{unit}。"


def _work_does_not_go_back(report: WorkReport, before: WorkReport | None) -> str:
    if before is None or WORK_STATES.index(WorkState(report.work_state)) >= WORK_STATES.index(
        WorkState(before.work_state)
    ):
        return ""
    return f"进展为“{report.get_work_state_display()}”，而{before.when}已是“{before.get_work_state_display()}”。"


def _what_is_done_is_reached(report: WorkReport, before: WorkReport | None) -> str:
    item = report.item
    if report.work_state != WorkState.DONE or not item.is_measurable or is_reached(item, report):
        return ""
    reached = "没有填写累计完成" if report.value is None else f"累计完成{figure_shown(report.value)}{item.unit}"
    return f"进展为“已完成”，{reached}，未达到目标{figure_shown(item.target_value)}{item.unit}。"


def _what_is_reached_is_done(report: WorkReport, before: WorkReport | None) -> str:
    is_ceiling = report.item.target_operator in CEILINGS  # below it from the first day on
    if report.work_state == WorkState.DONE or is_ceiling or not is_reached(report.item, report):
        return ""
    return f"累计完成{figure_shown(report.value)}{report.item.unit}，已达到目标，是否已完成？"


WORK_CHECKS: Sequence[Check[WorkReport]] = (
    Check(_work_says_something, is_hard=True),
    Check(_value_does_not_fall),
    Check(_work_does_not_go_back),
    Check(_what_is_done_is_reached),
    Check(_what_is_reached_is_done),
)


def problems_of_month(report: M, before: M | None, checks: Sequence[Check[M]]) -> list[Problem]:
    """Everything that stands between this month and its being passed on, in the order of the table, 强制性 first.

    `before` is the newest approved month before it, None for a first one.
    """
    found = ((check, check.asks(report, before)) for check in checks)
    return [Problem(f"{_name(report)}：{said}", check.is_hard) for check, said in found if said]


def _name(report: MonthlyReport) -> str:
    return f"第{report.owner.number}项“{report.owner.name}”"
