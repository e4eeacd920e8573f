"""One indicator: a planner rules and revises, a leader sees both versions; the page is sound, wide and on a phone."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from indicators.models import Indicator
from tests.browser.conftest import OpenAs
from tests.browser.watch import accessibility_faults, watched, width_faults


def path_of(number: str = "4") -> str:
    return reverse("indicator_detail", args=[Indicator.objects.get(plan__code="laohekou-14", number=number).pk])


def unfold(page: Page, summary: str) -> None:
    page.locator("summary", has_text=summary).click()


def test_a_planner_overrides_a_verdict_and_a_leader_sees_both(open_as: OpenAs) -> None:
    page = open_as("demo-planner")
    trouble = watched(page)
    page.goto(path_of())
    unfold(page, "改判某年的评价")
    form = page.locator("form").filter(has=page.get_by_role("button", name="改判", exact=True))
    form.get_by_label("年度").select_option("2023年")
    form.get_by_label("评价为").select_option("符合预期")
    form.get_by_label("理由").fill("省级考核认定达到时序进度")
    form.get_by_role("button", name="改判").click()
    expect(page.get_by_role("status")).to_contain_text("2023年 人工评价为“符合预期”")
    assert not trouble

    leader = open_as("demo-leader")
    leader.goto(path_of())
    expect(leader.locator(".lead")).to_contain_text("评价为“符合预期”（人工评价，系统评价为“轻度滞后”）")
    expect(leader.get_by_text("省级考核认定达到时序进度（演示规划管理员").first).to_be_visible()
    expect(leader.get_by_text("改判某年的评价")).to_have_count(0)

    unfold(page, "撤销改判")
    page.get_by_label("撤销理由").fill("通报有误")
    page.get_by_role("button", name="撤销改判").click()
    expect(page.locator(".rulings-list")).to_contain_text("已撤销")
    leader.reload()
    expect(leader.locator(".lead")).to_contain_text("评价为“轻度滞后”。")


def test_a_target_is_revised_and_the_old_one_stays_in_sight(open_as: OpenAs) -> None:
    page = open_as("demo-planner")
    trouble = watched(page)
    page.goto(path_of())
    unfold(page, "调整目标")
    page.get_by_label("新目标").fill("48")
    page.get_by_label("从哪一年的数据起适用").select_option("2024年")
    page.get_by_label("调整理由").fill("省民政厅中期调整")
    page.get_by_label("批准机关").fill("湖北省民政厅")
    page.get_by_label("批准文号").fill("鄂民政发〔2024〕12号")
    page.get_by_role("button", name="调整目标").click()
    expect(page.get_by_role("status")).to_contain_text("评价已重新计算")
    expect(page.get_by_text("50.00　原文“50.00” 已调整")).to_be_visible()
    year = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="2023", exact=True))
    expect(year.get_by_role("cell").first).to_contain_text("46.00")
    later = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="2024", exact=True))
    expect(later.get_by_role("cell").first).to_contain_text("46.40")
    chart = page.get_by_role("img", name="规划路径与实际值的折线图")
    expect(chart.locator("text", has_text="调整前的路径")).to_be_visible()
    assert not trouble


@pytest.mark.parametrize("width", [1440, 390])
def test_the_page_is_sound_with_its_forms_open(open_as: OpenAs, width: int) -> None:
    page = open_as("demo-planner", width=width)
    trouble = watched(page)
    for number in ("4", "文1", "文7", "文9"):
        page.goto(path_of(number))
        expect(page.get_by_role("main")).to_be_visible()
        for summary in page.locator(".rulings > details > summary").all():
            summary.click()
        assert width_faults(page) + accessibility_faults(page) == []
    assert not trouble
