"""Reading a plan: the printed text, the filters and years in the address, and the page on paper."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenAs

PLAN = "/plans/laohekou-14/?year=2024"


def first_column(page: Page) -> list[str]:
    """The numbers of the rows shown, in order."""
    return page.locator("tbody tr td:first-child").all_inner_texts()


def test_the_printed_text_is_one_hover_or_one_tab_away(open_as: OpenAs) -> None:
    page = open_as("demo-leader")
    page.goto(PLAN)
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="养老机构护理型床位占比", exact=True))
    target = row.get_by_role("button", name="50.00")
    tip = page.get_by_role("tooltip")
    expect(tip).to_have_count(0)

    target.hover()
    expect(tip).to_contain_text("原文：50.00")
    expect(tip).to_contain_text("表2")
    page.keyboard.press("Escape")
    expect(tip).to_have_count(0)

    page.mouse.move(0, 0)
    page.evaluate("window.scrollTo(0, 0)")
    row.get_by_role("button", name="40.00").focus()
    expect(tip).to_contain_text("2020年；原文：40.00")
    page.keyboard.press("Tab")
    expect(target).to_be_focused()
    expect(target).to_have_accessible_description(re.compile("原文：50.00"))
    page.keyboard.press("Escape")
    expect(tip).to_have_count(0)
    expect(target).to_be_focused()


def test_filters_and_years_stay_in_the_address(open_as: OpenAs) -> None:
    page = open_as("demo-leader")
    page.goto(PLAN)
    page.get_by_label("属性").select_option("约束性")
    page.get_by_role("button", name="筛选").click()
    expect(page).to_have_url(re.compile(r"year=2024.*attribute=binding"))
    binding = ["4", "5", "6", "8", "9"]  # 表2 of the plan
    assert first_column(page) == binding

    page.get_by_role("link", name="2023", exact=True).click()
    expect(page).to_have_url(re.compile("attribute=binding"))
    expect(page.get_by_role("link", name="2023", exact=True)).to_have_attribute("aria-current", "true")
    expect(page.get_by_role("columnheader", name="2023年 实际")).to_be_visible()
    expect(page.get_by_label("属性")).to_have_value("binding")
    assert first_column(page) == binding

    page.reload()
    assert first_column(page) == binding
    page.get_by_role("link", name="清除筛选").click()
    expect(page.get_by_role("columnheader", name="2023年 实际").first).to_be_visible()
    expect(page.get_by_label("属性")).to_have_value("")
    page.go_back()
    assert first_column(page) == binding


def test_the_page_of_a_plan_prints_as_its_table(open_as: OpenAs, tmp_path: Path) -> None:
    page = open_as("demo-leader")
    page.goto(PLAN)
    paper = tmp_path / "plan.pdf"
    page.pdf(path=paper, prefer_css_page_size=True)
    assert paper.read_bytes().startswith(b"%PDF")
    reader = shutil.which("pdftotext")
    if reader is None:
        return
    text = subprocess.run([reader, "-layout", paper, "-"], capture_output=True, text=True, check=True).stdout  # noqa: S603
    for head in ("序号", "指标", "单位", "基期", "评价", "养老机构护理型床位占比"):
        assert head in text
    for only_on_screen in ("退出", "筛选", "下载"):
        assert only_on_screen not in text
