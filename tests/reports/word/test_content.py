"""What a report says is what the plan's page says, of approved figures only."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, cast

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.permissions import Role
from indicators.models import Indicator, State, Target
from indicators.queries import Row, plan_table
from indicators.reassess import reassess
from indicators.templatetags import figures as page
from projects.models import Stage
from reports.models import ReportKind
from reports.word.content import kinds_of, plain, report_file_name, report_of
from reports.word.fields import FIELDS, sample_data
from tests import factories
from tests.reports.word.conftest import TODAY, World

pytestmark = pytest.mark.django_db


def rows(report: Any, name: str) -> list[dict[str, str]]:
    return cast(list[dict[str, str]], report.data[name])


def texts(report: Any, name: str) -> list[str]:
    return cast(list[str], report.data[name])


def test_every_figure_of_the_table_is_the_pages(world: World) -> None:
    table = plan_table(world.plan, year=2023, user=world.analyst, on=TODAY)
    report = world.report()
    found = [
        [row[name] for name in ("序号", "实际", "目标", "完成进度", "时间进度", "评价")]
        for row in [*rows(report, "指标表"), *rows(report, "其他指标表")]
    ]
    assert found == [as_on_the_page(row) for row in [*table.main, *table.others]]
    assert report.data["计数句"] == f"指标表共{table.sentence}"
    assert texts(report, "总体进展")[0] == f"2023年，指标表共{table.sentence}"


def as_on_the_page(row: Row) -> list[str]:
    """Number, figure, target, progress, time and verdict as the filters of the plan's page write them."""
    decimals, found = row.indicator.decimals, row.assessment
    progress = found.progress if found else None
    return [
        row.indicator.number,
        page.actual(row.actual, decimals),
        page.target(row.final_target, decimals),
        page.percent(progress),
        page.percent(found.time_progress) if found and progress is not None else "—",
        row.word,
    ]


def test_a_paragraph_tells_of_each_row_and_the_reason_as_entered(world: World) -> None:
    report = world.report()
    told = [row["正文"] for row in rows(report, "指标段落")]
    assert told[0] == (
        "2023年，护理型床位占比达到48.0%，比2020年提高8.0个百分点，完成规划目标的80%，快于时间进度20个百分点。"
        "评价为“快于预期”。"
    )
    assert told[4] == "2023年，服务站数未报送数据（以已审核的为准）。评价为“未填报”。"
    assert rows(report, "问题") == [
        {"标题": "床位数（约束性，滞后）", "正文": "前期手续办理时间长", "责任科室": "养老服务科"},
        {"标题": "覆盖率（滞后）", "正文": "〔请补充：落后的原因〕", "责任科室": "养老服务科"},
    ]


def test_what_is_not_approved_is_nowhere_not_even_for_who_sees_it(world: World) -> None:
    planner = factories.person(Role.PLANNER)
    report = world.report(by=planner)
    assert report.data == world.report().data
    assert rows(report, "指标表")[3]["实际"] == "—"
    assert texts(report, "数据问题") == ["2023年未报送数据（以已审核的为准）的2行：培训率、服务站数。"]


def test_what_no_data_says_is_left_to_a_person_and_marked(world: World) -> None:
    report = world.report()
    assert texts(report, "调整建议") == ["〔请补充：对规划目标、任务、项目的调整建议，没有的写“不作调整”〕"]
    assert texts(report, "形势变化") == ["〔请补充：规划实施环境、政策和职能的变化〕"]
    assert texts(report, "主要任务") == ["〔请补充：主要任务进展（本规划未录入工作要点）〕"]
    assert texts(report, "下一步") == [
        "床位数要达到2025年目标（50.0%），今后每年需提高4.5个百分点。",
        "覆盖率要达到2025年目标（50.0%），今后每年需提高4.0个百分点。",
        "〔请补充：下一步工作安排、责任分工和时限〕",
    ]


def test_a_running_total_with_a_missing_year_says_which_one_is_missing(world: World) -> None:
    (row,) = rows(world.report(), "其他指标段落")
    assert row["正文"] == "2023年，适老化户数完成90户，缺2021、2022年数据，累计值不完整。暂不评价。"


def test_running_totals_are_added_up_as_on_the_page(world: World) -> None:
    indicator = Indicator.objects.get(name="适老化户数")
    for year, value in ((2021, 160), (2022, 80)):
        factories.actual(indicator=indicator, year=year, value=Decimal(value), state=State.APPROVED)
    reassess(Indicator.objects.all())
    (row,) = rows(world.report(), "其他指标段落")
    assert row["正文"].startswith(
        "2023年，适老化户数完成90户，2021年以来累计完成330户，完成规划目标（400户）的82.5%，快于时间进度22.5个百分点。"
    )


def test_demo_figures_are_marked_at_the_top_in_the_table_and_in_the_paragraph(world: World) -> None:
    assert world.report().data["演示提示"] == ""
    Indicator.objects.get(name="覆盖率").actuals.update(is_demo=True)
    reassess(Indicator.objects.all())
    report = world.report()
    assert report.data["演示提示"] == "含演示数据，不是真实统计"
    assert [row["实际"] for row in rows(report, "指标表")] == ["48.0", "41.0", "42.0※", "—", "—"]
    assert [row["正文"].endswith("（演示数据）") for row in rows(report, "指标段落")] == [
        False,
        False,
        True,
        False,
        False,
    ]
    assert texts(report, "总体进展")[0].endswith("（演示数据）")


def test_a_year_that_is_not_over_is_foreseen_and_not_judged_late(world: World) -> None:
    report = report_of(world.plan, ReportKind.MONITORING, 2023, user=world.analyst, on=date(2023, 11, 25))
    assert report.data["实际表头"] == "预计"
    assert [row["评价"] for row in rows(report, "指标表")] == ["快于预期", "未到期", "未到期", "未到期", "未到期"]
    assert rows(report, "指标段落")[1]["正文"].startswith("2023年，床位数预计达到41.0%，比2020年提高1.0个百分点，")
    assert (rows(report, "问题"), texts(report, "数据问题"), report.chart_rows) == ([], [], [])


def test_a_ruling_comes_before_what_the_engine_says_without_a_name(world: World) -> None:
    factories.override(indicator=Indicator.objects.get(name="覆盖率"), reason="省级通报认定。")
    factories.exclusion(indicator=Indicator.objects.get(name="床位数"), reason="机构改革")
    reassess(Indicator.objects.all())
    report = world.report()
    told = [row["正文"] for row in rows(report, "指标段落")]
    assert told[2].endswith("经人工评价为“符合预期”（理由：省级通报认定），系统评价为“滞后”。")
    assert told[1] == "2023年，床位数达到41.0%，比2020年提高1.0个百分点。因职能划转不参与评价（理由：机构改革）。"
    assert texts(report, "形势变化")[0] == "床位数：因职能划转不参与评价（理由：机构改革）。"


def test_a_revised_target_is_told_with_its_paper(world: World) -> None:
    indicator = Indicator.objects.get(name="护理型床位占比")
    indicator.targets.update(is_current=False)
    planner = factories.person(Role.PLANNER)
    Target.objects.create(
        indicator=indicator,
        year=2025,
        version=2,
        value=Decimal(60),
        text="60",
        counts_from=2023,
        reason="省下达新任务",
        approved_by_body="老河口市人民政府",
        approval_number="老民〔2024〕1号",
        revised_by=planner,
        revised_at="2024-03-01T00:00:00Z",
    )
    reassess(Indicator.objects.all())
    assert texts(world.report(), "形势变化")[0] == (
        "护理型床位占比：2025年目标已调整为60.0%（老民〔2024〕1号，省下达新任务）。"
    )
    before = rows(world.report(year=2022), "指标段落")[0]["正文"]
    assert before.endswith("2025年目标自2023年起调整为60.0%，本年仍按原目标评价。")


def test_projects_are_told_as_they_stood_at_the_end_of_the_data_year(world: World) -> None:
    project = factories.project(plan=world.plan, start_year=2021, end_year=2025, name="福利院三期")
    said = {"project": project, "state": State.APPROVED}
    factories.project_report(**said, year=2023, month=6, investment_done=Decimal(1000), problems="手续未办结")
    factories.project_report(**said, year=2024, month=6, stage=Stage.COMPLETED, investment_done=Decimal(2500))
    factories.project_report(project=project, year=2023, month=7, investment_done=Decimal(2222))
    report = world.report()
    assert texts(report, "项目概况")[0].startswith("规划列有重点项目。截至2023年6月，1个项目，总投资2500万元；")
    (row,) = rows(report, "项目表")
    assert (row["阶段"], row["完成投资"], row["完成率"], row["截至"], row["情况"]) == (
        "实施中",
        "1000",
        "40.0%",
        "2023年6月",
        "▲滞后",
    )
    assert texts(report, "项目问题") == ["福利院三期（2023年6月）：手续未办结"]
    assert rows(report, "项目阶段表") == [
        {"阶段": "实施中", "个数": "1", "总投资": "2500", "完成投资": "1000", "完成率": "40.0%"}
    ]


def test_the_final_report_speaks_of_the_whole_period(world: World) -> None:
    report = world.report(ReportKind.FINAL, 2025)
    assert report.data["标题"] == "老河口市民政事业发展“十四五”规划总结评估报告"
    assert "对规划全期实施情况进行总结评估" in texts(report, "工作概况")[0]
    assert texts(report, "总体进展")[0].startswith("截至2025年，")
    row = rows(report, "指标表")[0]
    assert [row[f"第{at}年"] for at in range(1, 6)] == ["—", "—", "48.0", "—", "—"]


def test_the_fields_are_those_of_the_list_and_all_are_plain_text(world: World) -> None:
    report, sample = world.report(), sample_data()
    names = {field.name for field in FIELDS} - {"进度图"}  # its pictures come with the layout
    assert set(report.data) == names
    for field in FIELDS:
        if field.columns and field.name in report.data:
            columns = {column.name for column in field.columns}
            assert [row for row in rows(report, field.name) if set(row) != columns] == []
    assert all(isinstance(value, str | list) for value in [*report.data.values(), *sample.values()])


def test_characters_no_document_can_hold_are_taken_out() -> None:
    assert plain("甲\x00乙\x0b丙\n丁\ud800\ue000戊") == "甲乙 丙 丁戊"
    assert plain([{"项": "=cmd\x07"}]) == [{"项": "=cmd"}]


def test_work_points_of_a_year_are_monitored_only() -> None:
    yearly = factories.plan(kind="yearly", start_year=2021, end_year=2021)
    assert kinds_of(yearly) == [ReportKind.MONITORING]
    assert kinds_of(factories.plan()) == list(ReportKind)


def test_the_file_is_named_by_plan_kind_and_year(world: World) -> None:
    assert report_file_name(world.plan, ReportKind.MIDTERM, 2023) == "老河口“十四五”_中期评估报告_2023年.docx"
    world.plan.short_title = 'a/b\\c:*?"<>|'
    assert report_file_name(world.plan, ReportKind.FINAL, 2025) == "abc_总结评估报告_2025年.docx"


@pytest.mark.parametrize("number", [1, 3])
def test_a_report_takes_as_many_queries_for_three_rows_as_for_one(
    django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    plan, analyst = factories.plan(), factories.person(Role.ANALYST)
    for _ in range(number):
        indicator = factories.indicator(plan=plan)
        factories.actual(indicator=indicator, state=State.APPROVED)
        factories.project_report(project=factories.project(plan=plan), state=State.APPROVED)
        factories.work_report(item=factories.work_item(plan=plan), state=State.APPROVED)
    reassess(Indicator.objects.all())
    assert analyst.held
    plan = type(plan).objects.select_related("region", "source", "policy").get(pk=plan.pk)
    with django_assert_num_queries(11):
        report_of(plan, ReportKind.MIDTERM, 2023, user=analyst, on=TODAY)
