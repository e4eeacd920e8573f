"""The main job: a figure goes from the clerk's keyboard to the leader's page and the official table."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PASSWORD, OpenAs

NAME = "养老机构护理型床位占比"
SHEET = "/plans/laohekou-14/entry/2024/"


def row_of(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


def submit(clerk: Page, *, items: int) -> None:
    """Pass the sheet on; the dialog says before how many go along."""
    clerk.get_by_role("link", name="提交审核").click()
    clerk.get_by_role("dialog", name="提交审核").get_by_role("button", name=f"确认提交 {items} 项").click()


def cell_under(sheet: Worksheet, *, head: str, name: str) -> object:
    column = next(cell.column for row in sheet.iter_rows(max_row=8) for cell in row if cell.value == head)
    line = next(row for row in sheet.iter_rows(min_row=4) if any(cell.value == name for cell in row))
    return line[column - 1].value


def test_a_figure_is_filled_in_returned_mended_approved_read_and_downloaded(open_as: OpenAs, tmp_path: Path) -> None:
    clerk = open_as()
    clerk.goto("/")
    clerk.get_by_label("用户名").fill("demo-clerk")
    clerk.get_by_label("密码").fill(PASSWORD)
    clerk.get_by_role("button", name="登录").click()
    waiting = clerk.get_by_role("listitem").filter(has_text="老河口“十四五” 2024年").filter(has_text="未填")
    expect(waiting).to_contain_text("退回 1")
    waiting.get_by_role("link", name="去填报").click()
    expect(clerk).to_have_url(f"{clerk.url.split('/plans/')[0]}{SHEET}")

    expect(clerk.get_by_label("指标详情")).to_be_visible()  # the sheet's script runs
    clerk.get_by_label(f"{NAME} 2024年实际值（%）").fill("４８．５")
    clerk.keyboard.press("Enter")
    expect(row_of(clerk, NAME)).to_contain_text("已保存")
    expect(row_of(clerk, NAME)).to_contain_text("草稿")
    submit(clerk, items=2)  # one that was returned goes along
    expect(clerk.get_by_role("status").first).to_contain_text("等待审核")
    expect(row_of(clerk, NAME)).to_contain_text("待审核")
    expect(clerk.get_by_label(f"{NAME} 2024年实际值（%）")).to_have_count(0)

    leader = open_as("demo-leader")
    leader.goto("/plans/laohekou-14/?year=2024")
    expect(row_of(leader, NAME)).to_contain_text("未填报")
    expect(row_of(leader, NAME)).not_to_contain_text("48.5")

    reviewer = open_as("demo-reviewer")
    reviewer.goto("/")
    reviewer.get_by_role("link", name="审核", exact=True).click()
    expect(row_of(reviewer, NAME)).to_contain_text("48.5")
    expect(row_of(reviewer, NAME)).to_contain_text("符合预期")
    row_of(reviewer, NAME).get_by_text("退回…").click()
    reviewer.get_by_label(f"{NAME} 退回理由").fill("请在说明中写明数据来源。")
    reviewer.get_by_role("button", name=f"确认退回 {NAME}").click()
    expect(reviewer.get_by_role("status")).to_contain_text("现为“退回”")
    expect(row_of(reviewer, NAME)).to_have_count(0)

    clerk.goto(SHEET)
    expect(row_of(clerk, NAME)).to_contain_text("退回理由：请在说明中写明数据来源。")
    expect(clerk.get_by_label(f"{NAME} 2024年实际值（%）")).to_have_value("４８．５")
    clerk.get_by_label(f"{NAME} 说明").fill("取自2024年民政统计年报。")
    clerk.keyboard.press("Tab")
    expect(row_of(clerk, NAME)).to_contain_text("已保存")
    submit(clerk, items=1)
    expect(row_of(clerk, NAME)).to_contain_text("待审核")

    reviewer.goto("/review/?plan=laohekou-14&year=2024")
    expect(row_of(reviewer, NAME)).to_contain_text("取自2024年民政统计年报。")
    reviewer.get_by_role("button", name=f"通过 {NAME}").click()
    expect(reviewer.get_by_role("status")).to_contain_text("现为“已审核”")

    for page in (leader, clerk):
        page.goto("/plans/laohekou-14/?year=2024")
        expect(row_of(page, NAME)).to_contain_text("48.5")
        expect(row_of(page, NAME)).to_contain_text("符合预期")
        expect(row_of(page, NAME).locator(".light-green")).to_be_visible()

    analyst = open_as("demo-analyst")
    analyst.goto("/plans/laohekou-14/?year=2024")
    analyst.locator("summary", has_text="导出").click()
    with analyst.expect_download() as download:
        analyst.get_by_role("link", name="下载 指标完成情况表").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    download.value.save_as(tmp_path / "completion.xlsx")
    sheet = load_workbook(tmp_path / "completion.xlsx").worksheets[0]
    assert Decimal(str(cell_under(sheet, head="2024年", name=NAME))) == Decimal("48.5")
