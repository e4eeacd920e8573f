"""What is asked of a month before it is passed on, one line of the table each."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from indicators.figures import Operator
from projects.checks import PROJECT_CHECKS, WORK_CHECKS, is_reached, problems_of_month
from projects.models import Project, ProjectReport, Stage, WorkItem, WorkReport, WorkState

PROJECT = Project(number="3", name="福利院三期", total_investment=Decimal(2500))
ITEM = WorkItem(number="5", title="适老化改造", target_operator=Operator.GE, target_value=Decimal(400), unit="户")
PLAIN = WorkItem(number="6", title="制定办法")


def project_month(number: int = 6, **values: Any) -> ProjectReport:
    given: dict[str, Any] = {"stage": Stage.UNDER_WAY, "investment_done": Decimal(1000)}
    given |= {"physical_progress": Decimal(40)}
    return ProjectReport(**{"project": PROJECT, "year": 2023, "month": number, **given, **values})


def work_month(number: int = 6, **values: Any) -> WorkReport:
    given: dict[str, Any] = {"item": ITEM, "work_state": WorkState.UNDER_WAY, "value": Decimal(300)}
    return WorkReport(**{"year": 2023, "month": number, **given, **values})


BEFORE = project_month(5)
EMPTY: dict[str, Any] = {"investment_done": None, "physical_progress": None}

PROJECT_CASES: list[tuple[str, ProjectReport, ProjectReport | None, list[tuple[str, bool]]]] = [
    ("as before", project_month(), BEFORE, []),
    ("the first month", project_month(), None, []),
    (
        "nothing said",
        project_month(**EMPTY),
        BEFORE,
        [("本月没有填写内容，没有进展请填与上次相同的数或写说明。", True)],
    ),
    ("zero is something", project_month(investment_done=Decimal(0), physical_progress=None), None, []),
    ("a problem is something", project_month(**EMPTY, problems="用地未批"), BEFORE, []),
    ("a note is something", project_month(**EMPTY, note="冬季停工"), BEFORE, []),
    ("no stage", project_month(stage=Stage.UNSTATED), BEFORE, [("请选择本月所处的阶段。", True)]),
    (
        "less money than before",
        project_month(investment_done=Decimal("999.5")),
        BEFORE,
        [("累计完成投资999.5万元，低于2023年5月的1000万元。", False)],
    ),
    ("all the money", project_month(investment_done=Decimal(2500)), BEFORE, []),
    (
        "more than all the money",
        project_month(investment_done=Decimal("2500.01")),
        BEFORE,
        [("累计完成投资2500.01万元，超过总投资2500万元。", False)],
    ),
    (
        "less built than before",
        project_month(physical_progress=Decimal("39.9")),
        BEFORE,
        [("形象进度39.9%，低于2023年5月的40%。", False)],
    ),
    (
        "a stage back",
        project_month(stage=Stage.PREPARATION),
        BEFORE,
        [("阶段为“前期工作”，而2023年5月已是“实施中”。", False)],
    ),
    ("a stage on", project_month(stage=Stage.COMPLETED), BEFORE, []),
    ("a stage before was not stated", project_month(), project_month(5, stage=Stage.UNSTATED), []),
    (
        "all built, not completed",
        project_month(physical_progress=Decimal(100)),
        BEFORE,
        [("形象进度已到100%，阶段仍为“实施中”，是否已完工？", False)],
    ),
    ("all built and completed", project_month(physical_progress=Decimal(100), stage=Stage.COMPLETED), BEFORE, []),
]


@pytest.mark.parametrize(("report", "before", "found"), [pytest.param(*case[1:], id=case[0]) for case in PROJECT_CASES])
def test_a_month_of_a_project_is_asked(
    report: ProjectReport, before: ProjectReport | None, found: list[tuple[str, bool]]
) -> None:
    problems = problems_of_month(report, before, PROJECT_CHECKS)
    assert [(p.message, p.is_hard) for p in problems] == [(f"第3项“福利院三期”：{said}", hard) for said, hard in found]


def test_a_project_without_a_total_is_not_held_against_one() -> None:
    report = project_month(project=Project(number="3", name="x"), investment_done=Decimal(9999))
    assert problems_of_month(report, None, PROJECT_CHECKS) == []


WORK_BEFORE = work_month(5)
WORK_CASES: list[tuple[str, WorkReport, WorkReport | None, list[tuple[str, bool]]]] = [
    ("as before", work_month(), WORK_BEFORE, []),
    (
        "nothing said",
        work_month(work_state=WorkState.NOT_STARTED, value=None),
        None,
        [("本月没有填写内容，尚未开始请在说明中写明原因。", True)],
    ),
    ("not begun, with a reason", work_month(work_state=WorkState.NOT_STARTED, value=None, note="待批"), None, []),
    (
        "less than before",
        work_month(value=Decimal("299.5")),
        WORK_BEFORE,
        [("累计完成299.5户，低于2023年5月的300户。", False)],
    ),
    (
        "back to the start",
        work_month(work_state=WorkState.NOT_STARTED),
        WORK_BEFORE,
        [("进展为“未开始”，而2023年5月已是“推进中”。", False)],
    ),
    (
        "done, short of the target",
        work_month(work_state=WorkState.DONE),
        WORK_BEFORE,
        [("进展为“已完成”，累计完成300户，未达到目标400户。", False)],
    ),
    (
        "done, without a figure",
        work_month(work_state=WorkState.DONE, value=None),
        WORK_BEFORE,
        [("进展为“已完成”，没有填写累计完成，未达到目标400户。", False)],
    ),
    (
        "reached, not done",
        work_month(value=Decimal(400)),
        WORK_BEFORE,
        [("累计完成400户，已达到目标，是否已完成？", False)],
    ),
    ("reached and done", work_month(value=Decimal(400), work_state=WorkState.DONE), WORK_BEFORE, []),
]


@pytest.mark.parametrize(("report", "before", "found"), [pytest.param(*case[1:], id=case[0]) for case in WORK_CASES])
def test_a_month_of_a_work_item_is_asked(
    report: WorkReport, before: WorkReport | None, found: list[tuple[str, bool]]
) -> None:
    problems = problems_of_month(report, before, WORK_CHECKS)
    assert [(p.message, p.is_hard) for p in problems] == [(f"第5项“适老化改造”：{said}", hard) for said, hard in found]


def test_a_task_without_a_figure_is_done_when_it_is_said_to_be() -> None:
    report = work_month(item=PLAIN, work_state=WorkState.DONE, value=None)
    assert problems_of_month(report, None, WORK_CHECKS) == []


@pytest.mark.parametrize(
    ("operator", "value", "reached"),
    [
        (Operator.GE, "400", True),
        (Operator.GE, "399.9", False),
        (Operator.EQ, "400", True),
        (Operator.GT, "400", False),
        (Operator.GT, "400.1", True),
        (Operator.LE, "400", True),
        (Operator.LE, "400.1", False),
        (Operator.LT, "400", False),
        (Operator.LT, "399.9", True),
    ],
)
def test_a_target_is_reached_as_its_sign_says(operator: Operator, value: str, reached: bool) -> None:
    item = WorkItem(target_operator=operator, target_value=Decimal(400))
    assert is_reached(item, WorkReport(value=Decimal(value))) is reached


def test_a_ceiling_kept_asks_neither_whether_it_fell_nor_whether_the_work_is_done() -> None:
    item = WorkItem(number="7", title="x", target_operator=Operator.LE, target_value=Decimal(400))
    report, before = work_month(item=item), work_month(5, item=item, value=Decimal(350))
    assert problems_of_month(report, before, WORK_CHECKS) == []
