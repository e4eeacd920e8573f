"""The planner changes a plan in the back office, and readers see it on the plan's own page."""

from __future__ import annotations

from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from indicators.models import Indicator
from tests.browser.conftest import OpenAs
from tests.browser.watch import english_words, watched, width_faults

PLAN = "/plans/laohekou-14/?year=2023"


def row_of(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


def test_a_remark_is_written_here_and_a_target_in_force_is_revised_on_the_indicators_page(open_as: OpenAs) -> None:
    name = "养老机构护理型床位占比"
    leader = open_as("demo-leader")
    leader.goto(PLAN)
    expect(row_of(leader, name).locator(".light")).to_have_text("轻度滞后")
    expect(leader.get_by_text("2023年经批准提高目标。")).to_have_count(0)

    planner = open_as("demo-planner")
    trouble = watched(planner)
    planner.goto("/")
    planner.get_by_role("link", name="后台").click()
    planner.get_by_role("main").get_by_role("rowheader", name="指标", exact=True).get_by_role("link").click()
    planner.locator("#searchbar").fill(name)
    planner.keyboard.press("Enter")
    planner.get_by_role("row").filter(has_text="老河口“十四五”").get_by_role("link", name=name).click()
    expect(planner.locator("#id_name")).to_have_value(name)
    planner.locator("#id_remark").fill("2023年经批准提高目标。")

    added = planner.locator("#targets-group tr.form-row:not(.has_original):not(.empty-form)")
    added.locator("[name$=-year]").fill("2025")
    added.locator("[name$=-text]").fill("56.00")
    planner.get_by_role("button", name="保存", exact=True).click()
    expect(planner.get_by_text("调整目标请到该指标的页面办理，原目标会保留")).to_be_visible()
    expect(added.locator("[name$=-text]")).to_have_value("56.00")
    assert width_faults(planner) + english_words(planner) == []

    added.locator("[name$=-year]").fill("")
    added.locator("[name$=-text]").fill("")
    planner.get_by_role("button", name="保存", exact=True).click()
    expect(planner.get_by_text("成功")).to_be_visible()
    planner.goto(reverse("indicator_detail", args=[Indicator.objects.get(plan__code="laohekou-14", number="4").pk]))
    planner.get_by_text("调整目标", exact=True).first.click()
    planner.get_by_label("新目标").fill("56")
    planner.get_by_label("从哪一年的数据起适用").select_option("2023年")
    planner.get_by_label("调整理由").fill("省级规划调整目标")
    planner.get_by_label("批准机关").fill("河南省人民政府")
    planner.get_by_label("批准文号").fill("河政发〔2023〕8号")
    planner.get_by_role("button", name="调整目标").click()
    expect(planner.get_by_role("status")).to_contain_text("评价已重新计算")
    assert trouble == []

    leader.reload()
    row = row_of(leader, name)
    expect(row.get_by_role("button", name="56.00")).to_be_visible()
    expect(leader.get_by_text("2023年经批准提高目标。")).to_have_count(1)
    row.get_by_role("button", name="56.00").hover()
    expect(leader.get_by_role("tooltip")).to_contain_text("省级规划调整目标（河南省人民政府，河政发〔2023〕8号）")
    # 45.44 in 2023: on a line from 40 to 50 it was nearly on the path, on a line from 40 to 56 it is far behind
    expect(row.locator(".light")).to_have_text("滞后")
    leader.goto(reverse("indicator_detail", args=[Indicator.objects.get(plan__code="laohekou-14", number="4").pk]))
    expect(leader.get_by_role("definition").filter(has_text="已调整")).to_contain_text("50.00")
