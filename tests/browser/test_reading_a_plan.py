"""Reading a plan: the printed text, the filters and years in the address, and the page on paper."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenAs
from tests.browser.watch import accessibility_faults, english_words, watched, width_faults

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


VIEWS = ("table", "bars", "paths", "heat")


@pytest.mark.parametrize("width", [1440, 390])
def test_every_view_of_a_plan_and_the_help_page_are_sound(open_as: OpenAs, width: int) -> None:
    page = open_as("demo-leader", width=width)
    trouble = watched(page)
    faults = []
    for path in [*(f"{PLAN}&view={view}" for view in VIEWS), "/help/"]:
        page.goto(path)
        page.evaluate("document.querySelectorAll('main details').forEach((closed) => { closed.open = true; })")
        faults += width_faults(page) + accessibility_faults(page)
        if path != "/help/":  # there the keys are called by their names
            faults += english_words(page)
    assert not trouble + faults, "\n".join(trouble + faults)


def test_the_views_are_reached_by_keyboard_and_keep_the_filters(open_as: OpenAs) -> None:
    page = open_as("demo-leader")
    page.goto(f"{PLAN}&attribute=binding")
    tabs = page.get_by_role("navigation", name="视图")
    tabs.get_by_role("link", name="指标表").focus()
    page.keyboard.press("Tab")
    expect(tabs.get_by_role("link", name="进度对比")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("attribute=binding.*view=bars|view=bars.*attribute=binding"))
    expect(tabs.get_by_role("link", name="进度对比")).to_have_attribute("aria-current", "page")
    expect(page.get_by_role("img", name="养老机构护理型床位占比：起点40.00，应达到48.00")).to_be_visible()
    expect(page.get_by_role("img", name="农村低保标准占城市低保标准比例")).to_have_count(0)
    page.get_by_text("本图数据").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("columnheader", name="走完的路程").first).to_be_visible()


def test_on_a_phone_the_years_side_by_side_scroll_within_their_frame(open_as: OpenAs) -> None:
    page = open_as("demo-leader", width=390)
    page.goto(f"{PLAN}&view=heat")
    frame = page.get_by_role("region", name="主要指标表历年评价")
    name = frame.get_by_role("rowheader").first
    before = name.bounding_box()
    frame.focus()
    expect(frame).to_be_focused()
    frame.get_by_role("cell").nth(4).scroll_into_view_if_needed()
    expect(frame.get_by_role("cell").nth(4)).to_be_in_viewport()
    after = name.bounding_box()
    assert before is not None
    assert after is not None
    assert after["x"] == before["x"]


@pytest.mark.parametrize("view", VIEWS[1:])
def test_a_chart_is_saved_as_a_picture_named_by_its_message(open_as: OpenAs, view: str) -> None:
    page = open_as("demo-leader")
    trouble = watched(page)
    page.goto(f"{PLAN}&view={view}")
    message = page.get_by_role("heading", level=2).first.inner_text()
    with page.expect_download() as saved:
        page.get_by_role("button", name="存为图片").first.click()
    assert saved.value.suggested_filename == f"{message}.png"
    picture = Path(saved.value.path()).read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 50_000  # a blank sheet of this size has a few thousand bytes
    assert trouble == []


@pytest.mark.parametrize("view", VIEWS)
def test_without_script_every_view_still_shows_its_figures(open_as: OpenAs, view: str) -> None:
    page = open_as("demo-leader", java_script_enabled=False)
    page.goto(f"{PLAN}&view={view}")
    expect(page.get_by_role("link", name="农村低保标准占城市低保标准比例").first).to_be_visible()
    expect(page.get_by_role("button", name="存为图片")).to_have_count(0)


def printed(page: Page, paper: Path) -> list[str]:
    """The words of each sheet of paper; nothing where this machine cannot read them."""
    page.pdf(path=paper, prefer_css_page_size=True)
    assert paper.read_bytes().startswith(b"%PDF")
    reader = shutil.which("pdftotext")
    if reader is None:
        return []
    text = subprocess.run([reader, "-layout", paper, "-"], capture_output=True, text=True, check=True).stdout  # noqa: S603
    return text.split("\f")[:-1]


def test_the_official_table_prints_with_its_head_on_every_sheet_and_room_to_sign_on_the_last(
    open_as: OpenAs, tmp_path: Path
) -> None:
    page = open_as("demo-leader")
    page.goto(PLAN)
    sheets = printed(page, tmp_path / "plan.pdf")
    if not sheets:
        return
    assert 2 <= len(sheets) <= 6
    for number, sheet in enumerate(sheets, start=1):
        assert "老河口市民政事业发展“十四五”规划" in sheet
        assert "单位：见“单位”栏" in sheet
        assert "数据年度：2024年" in sheet
        for head in ("序号", "指标", "基期", "评价", "责任科室"):
            assert head in sheet
        assert f"第 {number} 页，共 {len(sheets)} 页" in sheet
    assert "养老机构护理型床位占比" in sheets[0]
    assert [("填表人：" in sheet, "负责人：" in sheet) for sheet in sheets] == [(False, False)] * (len(sheets) - 1) + [
        (True, True)
    ]
    for only_on_screen in ("退出", "筛选", "下载", "怎么算的", "原文与备注"):
        assert only_on_screen not in "".join(sheets)


@pytest.mark.parametrize("view", VIEWS[1:])
def test_the_pictures_print_with_message_date_and_page(open_as: OpenAs, tmp_path: Path, view: str) -> None:
    page = open_as("demo-leader")
    page.goto(f"{PLAN}&view={view}")
    message = page.get_by_role("heading", level=2).first.inner_text()
    sheets = printed(page, tmp_path / f"{view}.pdf")
    if not sheets:
        return
    assert message in sheets[0]
    assert "审核至" in sheets[0]
    assert f"第 1 页，共 {len(sheets)} 页" in sheets[0]
    assert "存为图片" not in "".join(sheets)
    assert len(sheets) <= 6
