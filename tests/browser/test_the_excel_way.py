"""The year in Excel: download, fill in, see what it would do, mend, confirm, and take it back."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from indicators.models import Indicator
from tests.browser.conftest import OpenAs
from tests.browser.sheet import CARE, SHEET, STAFFED, cell
from tests.browser.watch import accessibility_faults, english_words, watched, width_faults
from tests.reports.entries.entry_books import opened, place_of, sheet_of

AREA = "每百户居民拥有的城乡社区综合服务设施面积"
TEMPLATE = "/entry/template.xlsx?plan=laohekou-14&year=2025"
IMPORTS = "/entry/imports/"


def fill(path: Path, **typed: object) -> dict[str, str]:
    """Type into the 本年实际 cells of these indicators, as Excel would keep it; their places by name."""
    book = opened(path.read_bytes())
    places = {}
    for name, value in typed.items():
        indicator = Indicator.objects.get(plan__code="laohekou-14", name=name)
        sheet = sheet_of(book, indicator)
        places[name] = place_of(sheet, indicator, "value")
        found = sheet[places[name]]
        found.value = value
        if value == 0.965:
            found.number_format = "0.0%"
    book.save(path)
    return places


def upload(page: Page, path: Path) -> None:
    page.goto(IMPORTS)
    page.get_by_label("填报模板").set_input_files(path)
    page.get_by_role("button", name="上传并预览").click()
    expect(page.get_by_role("heading", name="导入预览")).to_be_visible()


def test_the_button_for_a_file_says_which_one_was_chosen(open_as: OpenAs, tmp_path: Path) -> None:
    page = open_as("demo-clerk")
    page.goto(IMPORTS)
    expect(page.get_by_text("没有选择文件")).to_be_visible()
    path = tmp_path / "老河口2025年填报.xlsx"
    path.write_bytes(b"")
    page.get_by_label("填报模板").set_input_files(path)
    expect(page.get_by_text(path.name)).to_be_visible()
    expect(page.get_by_text("没有选择文件")).to_have_count(0)


@pytest.mark.parametrize("width", [1440, 390])
def test_a_template_goes_out_comes_back_and_is_taken_back(open_as: OpenAs, tmp_path: Path, width: int) -> None:
    page = open_as("demo-clerk", width=width)
    trouble = watched(page)
    page.goto(SHEET)
    before = [cell(page, name).input_value() for name in (CARE, STAFFED, AREA)]
    page.goto(IMPORTS)
    with page.expect_download() as started:
        page.evaluate(f"location.href = '{TEMPLATE}'")
    path = tmp_path / "填报.xlsx"
    started.value.save_as(path)
    places = fill(path, **{CARE: 49.5, STAFFED: 0.965, AREA: "三十"})

    upload(page, path)
    faults = width_faults(page) + english_words(page) + accessibility_faults(page)
    problems = page.get_by_role("alert")
    expect(problems).to_contain_text("1行被拒绝")
    expect(problems).to_contain_text(f"!{places[AREA]}：")
    expect(page.get_by_role("row").filter(has_text=CARE)).to_contain_text("49.50")
    expect(page.get_by_role("row").filter(has_text=STAFFED)).to_contain_text("96.5")

    with page.expect_download() as started:
        page.get_by_role("link", name="下载标注后的文件").click()
    started.value.save_as(path)
    marked = opened(path.read_bytes())
    area = Indicator.objects.get(plan__code="laohekou-14", name=AREA)
    assert sheet_of(marked, area)[places[AREA]].comment is not None
    fill(path, **{AREA: 30})

    upload(page, path)
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_role("button", name="确认导入").click()
    expect(page.get_by_role("status")).to_contain_text("已导入")
    faults += width_faults(page) + english_words(page) + accessibility_faults(page)
    detail = page.url
    page.goto(SHEET)
    shown = [cell(page, name).input_value() for name in (CARE, STAFFED, AREA)]
    assert [text.removesuffix("%") for text in shown] == ["49.5", "96.5", "30"]

    page.goto(detail)
    page.get_by_role("button", name="撤销这次导入").click()
    expect(page.get_by_role("status")).to_contain_text("已撤销")
    page.goto(SHEET)
    assert [cell(page, name).input_value() for name in (CARE, STAFFED, AREA)] == before
    page.goto(IMPORTS)
    faults += width_faults(page) + english_words(page) + accessibility_faults(page)
    assert trouble + faults == []
