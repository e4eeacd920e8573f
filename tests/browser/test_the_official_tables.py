"""报表: an analyst chooses a table, sees its first rows, and takes the file; the page is sound, wide and on a phone."""

from __future__ import annotations

import io
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import expect

from tests.browser.conftest import OpenAs
from tests.browser.test_every_page import WIDTHS, expect_none, faults_of


@WIDTHS
def test_the_page_of_official_tables_is_sound(open_as: OpenAs, width: int) -> None:
    pages = ["/reports/?table=completion&plan=laohekou-14&year=2023", "/reports/?table=projects"]
    pages += ["/reports/?table=comparison&metric=nursing-bed-share", "/reports/?table=detail&year=1999"]
    expect_none(faults_of(open_as, "demo-national", pages, width=width))


def test_a_table_is_chosen_previewed_and_taken(open_as: OpenAs) -> None:
    page = open_as("demo-national")
    page.goto("/")
    page.get_by_role("navigation", name="主导航").get_by_role("link", name="报表").click()
    page.get_by_role("link", name="重点项目进展情况表").click()
    page.get_by_text("规划：全部").click()
    page.get_by_label("老河口“十四五”").check()
    page.get_by_label("数据年度").select_option("2024年")
    page.get_by_label("月份").select_option("6月")
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_role("heading", name="老河口市民政事业发展“十四五”规划重点项目进展情况表")).to_be_visible()
    expect(page.get_by_label("老河口“十四五”")).to_be_checked()
    with page.expect_download() as taken:
        page.get_by_role("button", name="下载 Excel").click()
    assert taken.value.suggested_filename == "老河口“十四五”_重点项目进展情况表_2024年6月.xlsx"
    book = load_workbook(io.BytesIO(Path(taken.value.path()).read_bytes()))
    assert book.sheetnames == ["重点项目进展情况表", "说明"]
