"""A month of a project and of a work item goes from the clerk's keyboard to the leader's page."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from projects.models import Project, WorkItem
from tests.browser.conftest import OpenAs
from tests.browser.test_every_page import WIDTHS, expect_none, faults_of

PROJECT = "老河口市流浪乞讨救助站建设项目"
TASK = "养老护理员技能培训提升行动"
PROJECTS, WORK = "/plans/laohekou-14/project-reports/2025/12/", "/plans/laohekou-14/work-reports/2025/12/"


def row_of(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has_text=name)


def send_back(reviewer: Page, name: str, reason: str) -> None:
    reviewer.get_by_label(f"退回 {name} 2025年12月", exact=True).click()
    reviewer.get_by_label(f"{name} 2025年12月 退回理由").fill(reason)
    reviewer.get_by_role("button", name=f"确认退回 {name} 2025年12月").click()


def test_a_project_month_is_filled_in_returned_mended_approved_and_read(open_as: OpenAs) -> None:
    clerk, reviewer, leader = (open_as(f"demo-{who}") for who in ("clerk", "reviewer", "leader"))
    clerk.goto(PROJECTS)
    row = row_of(clerk, PROJECT)
    clerk.get_by_label(f"{PROJECT} 2025年12月累计完成投资").fill("=cmd")
    clerk.keyboard.press("Tab")
    expect(row).to_contain_text("未保存：“=cmd”")
    expect(clerk.get_by_label(f"{PROJECT} 2025年12月累计完成投资")).to_have_value("=cmd")
    expect(clerk.get_by_label(f"{PROJECT} 2025年12月累计完成投资")).to_have_attribute("aria-invalid", "true")
    clerk.get_by_label(f"{PROJECT} 2025年12月累计完成投资").fill("１，２５０．５")
    clerk.keyboard.press("Tab")
    expect(row).to_contain_text("已保存")
    expect(row).to_contain_text("累计完成投资1250.5万元，超过总投资1200万元。")
    clerk.get_by_label(f"{PROJECT} 2025年12月形象进度").fill("６０％")
    clerk.keyboard.press("Tab")
    clerk.get_by_label(f"{PROJECT} 2025年12月说明").fill("概算调整，已报批。")
    clerk.keyboard.press("Tab")
    expect(row).not_to_contain_text("提交前请写说明")
    clerk.get_by_role("button", name="提交本月").click()
    expect(clerk.get_by_role("status")).to_contain_text("等待审核")
    expect(row).to_contain_text("待审核")
    expect(clerk.get_by_label(f"{PROJECT} 2025年12月形象进度")).to_have_count(0)

    reviewer.goto("/review/projects/")
    waiting = row_of(reviewer, PROJECT)
    expect(waiting).to_contain_text("概算调整，已报批。")
    expect(waiting).to_contain_text("超过总投资1200万元。")
    send_back(reviewer, PROJECT, "请附批复文号。")
    expect(reviewer.get_by_role("status")).to_contain_text("现为“退回”")

    clerk.goto("/")
    clerk.get_by_role("listitem").filter(has_text="2025年12月项目进展").get_by_role("link", name="去填报").click()
    expect(row).to_contain_text("退回理由：请附批复文号。")
    clerk.get_by_label(f"{PROJECT} 2025年12月说明").fill("概算调整，已按文件批复。")
    clerk.keyboard.press("Tab")
    expect(row).to_contain_text("已保存")
    clerk.get_by_role("button", name="提交本月").click()
    expect(row).to_contain_text("待审核")

    leader.goto(reverse("project_detail", args=[Project.objects.get(plan__code="laohekou-14", number="2").pk]))
    expect(leader.get_by_role("main")).not_to_contain_text("1250.5")
    reviewer.goto("/review/projects/")
    reviewer.get_by_label(f"选择 {PROJECT} 2025年12月").check()
    reviewer.get_by_role("button", name="通过所选").click()
    expect(reviewer.get_by_role("status")).to_contain_text("已通过1项。")
    leader.reload()
    expect(leader.get_by_role("row").filter(has_text="2025年12月")).to_contain_text("1250.5")


def test_a_month_of_a_work_item_goes_the_same_way(open_as: OpenAs) -> None:
    clerk, reviewer, leader = (open_as(f"demo-{who}") for who in ("clerk", "reviewer", "leader"))
    clerk.goto(WORK)
    row = row_of(clerk, TASK)
    clerk.get_by_label(f"{TASK} 2025年12月进展").select_option("推进中")
    expect(row).to_contain_text("已保存")
    clerk.get_by_label(f"{TASK} 2025年12月累计完成").fill("９２．５")
    with clerk.expect_response("**/reports/2025/12/"):
        clerk.keyboard.press("Tab")
    clerk.get_by_label(f"{TASK} 2025年12月说明").fill("余下两期班次已排定。")
    with clerk.expect_response("**/reports/2025/12/"):  # the row says 草稿 already: a reload could come before the save
        clerk.keyboard.press("Enter")
    expect(row).to_contain_text("草稿")
    clerk.reload()
    expect(clerk.get_by_label(f"{TASK} 2025年12月累计完成")).to_have_value("92.5")
    expect(clerk.get_by_label(f"{TASK} 2025年12月说明")).to_have_value("余下两期班次已排定。")
    clerk.get_by_role("button", name="提交本月").click()
    expect(row).to_contain_text("待审核")

    reviewer.goto("/review/work-items/")
    send_back(reviewer, TASK, "请写明班次时间。")
    expect(reviewer.get_by_role("status")).to_contain_text("现为“退回”")
    clerk.goto(WORK)
    expect(row).to_contain_text("退回理由：请写明班次时间。")
    clerk.get_by_label(f"{TASK} 2025年12月说明").fill("余下两期班次排在1月。")
    clerk.keyboard.press("Tab")
    expect(row).to_contain_text("已保存")
    clerk.get_by_role("button", name="提交本月").click()
    expect(row).to_contain_text("待审核")
    reviewer.goto("/review/work-items/")
    reviewer.get_by_role("button", name=f"通过 {TASK}").click()
    expect(reviewer.get_by_role("status")).to_contain_text("现为“已审核”")
    leader.goto("/plans/laohekou-14/work-items/?view=table")
    expect(row_of(leader, TASK)).to_contain_text("2025年12月 推进中，累计完成92.5%；余下两期班次排在1月。")


@pytest.mark.parametrize("choice", ["用我填的覆盖", "改用对方的"])
def test_two_clerks_in_one_row_are_shown_both_values_and_choose(open_as: OpenAs, choice: str) -> None:
    first, second = open_as("demo-clerk"), open_as("demo-clerk")
    label = f"{PROJECT} 2025年12月形象进度"
    for page in (first, second):
        page.goto(PROJECTS)
    first.get_by_label(label).fill("30")
    first.keyboard.press("Tab")
    expect(row_of(first, PROJECT)).to_contain_text("已保存")
    second.get_by_label(label).fill("40")
    second.keyboard.press("Tab")
    conflict = row_of(second, PROJECT).get_by_role("alert")
    expect(conflict).to_contain_text("形象进度30%")
    expect(conflict).to_contain_text("形象进度40%")
    conflict.get_by_text(choice).click()
    kept = "40" if choice == "用我填的覆盖" else "30"
    expect(conflict).to_have_count(0)
    expect(second.get_by_label(label)).to_have_value(kept)
    first.reload()
    expect(first.get_by_label(label)).to_have_value(kept)
    second.get_by_label(label).fill("45")
    second.keyboard.press("Tab")
    expect(row_of(second, PROJECT)).to_contain_text("已保存")


def test_a_lost_connection_is_said_and_what_was_typed_is_sent_again(open_as: OpenAs) -> None:
    clerk = open_as("demo-clerk")
    clerk.goto(WORK)
    row = row_of(clerk, TASK)
    clerk.context.set_offline(True)
    clerk.get_by_label(f"{TASK} 2025年12月说明").fill("已培训三期。")
    clerk.keyboard.press("Tab")
    expect(row).to_contain_text("未保存：连接中断")
    clerk.context.set_offline(False)
    row.get_by_role("button", name="重试").click()
    expect(row).to_contain_text("已保存")
    assert WorkItem.objects.get(plan__code="laohekou-14", title=TASK).reports.get().note == "已培训三期。"


def test_a_month_is_filled_without_javascript(open_as: OpenAs) -> None:
    clerk = open_as("demo-clerk", java_script_enabled=False)
    clerk.goto(PROJECTS)
    clerk.get_by_label(f"{PROJECT} 2025年12月形象进度").fill("101")
    clerk.get_by_role("button", name=f"保存 {PROJECT}").click()
    expect(row_of(clerk, PROJECT)).to_contain_text("形象进度应为0～100，现为101。")
    clerk.get_by_label(f"{PROJECT} 2025年12月形象进度").fill("10.1")
    clerk.get_by_role("button", name=f"保存 {PROJECT}").click()
    expect(clerk.get_by_role("status")).to_contain_text("2025年12月进展已保存。")
    clerk.get_by_role("button", name="提交本月").click()
    expect(row_of(clerk, PROJECT)).to_contain_text("待审核")


@WIDTHS
def test_the_pages_of_the_months_are_sound(open_as: OpenAs, width: int) -> None:
    expect_none(faults_of(open_as, "demo-clerk", [PROJECTS, WORK], width=width))
    reviews = [reverse("project_review"), reverse("work_review"), reverse("work_item_list", args=["laohekou-14"])]
    expect_none(faults_of(open_as, "demo-reviewer", reviews, width=width))
