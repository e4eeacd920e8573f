"""A plan begins from its own table, from a web page, or from the plan before it: as a planner does it."""

from __future__ import annotations

import io

from openpyxl import Workbook
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenAs
from tests.browser.watch import accessibility_faults, watched, width_faults

TABLE = [
    ["序号", "指标", "单位", "2025年实际值", "2030年目标值", "属性"],
    ["1", "养老机构护理型床位占比", "%", "60", "≥65", "约束性"],
    ["2", "社会组织数", "个", "120", "130左右", "预期性"],
]
PASTE = """
([html, text]) => {
  const data = new DataTransfer();
  data.setData("text/html", html);
  data.setData("text/plain", text);
  const area = document.querySelector("[data-paste-table]");
  area.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}
"""


def workbook() -> bytes:
    book, kept = Workbook(), io.BytesIO()
    sheet = book.create_sheet("指标表", 0)
    for row in TABLE:
        sheet.append(row)
    book.save(kept)
    return kept.getvalue()


def fill_facts(page: Page) -> None:
    page.get_by_label("规划名称").fill("老河口市民政事业发展“十五五”规划")
    page.get_by_label("简称").fill("老河口“十五五”")
    page.get_by_label("起始年").fill("2026")
    page.get_by_label("结束年").fill("2030")


def answer_all(page: Page) -> None:
    """The first choice of every open doubt and the suggested themes, row by row where none is suggested."""
    for select in page.locator(".draft-answer select").all():
        select.select_option(index=1)
    for select in page.locator("select[name$=-theme]").all():
        if not select.input_value():
            select.select_option(label="社会组织")
    page.get_by_role("button", name="保存回答和核对").last.click()
    expect(page.get_by_text("已保存。")).to_be_visible()


def test_a_plan_is_published_from_an_uploaded_table(open_as: OpenAs) -> None:
    page = open_as("demo-planner")
    trouble = watched(page)
    page.goto("/plans/")
    page.get_by_role("link", name="新建规划").click()
    page.get_by_label("文件（.xlsx 或 .docx）").set_input_files(
        {"name": "指标表.xlsx", "mimeType": "application/octet-stream", "buffer": workbook()}
    )
    fill_facts(page)
    page.get_by_role("button", name="读入并预览").click()
    expect(page.get_by_role("heading", name="老河口市民政事业发展“十五五”规划")).to_be_visible()
    expect(page.get_by_text("原文：130左右")).to_be_visible()
    assert accessibility_faults(page) == []
    answer_all(page)
    page.get_by_role("button", name="发布规划").click()
    expect(page.get_by_role("heading", name="老河口市民政事业发展“十五五”规划")).to_be_visible()
    expect(page).to_have_url("/plans/laohekou-15/")
    expect(page.get_by_role("button", name="≥65")).to_be_visible()
    assert trouble == []


def test_a_table_is_pasted_from_a_web_page(open_as: OpenAs) -> None:
    page = open_as("demo-planner", width=390)
    trouble = watched(page)
    page.goto("/drafts/")
    cells = "".join(f"<tr>{''.join(f'<td style=color:red>{text}</td>' for text in row)}</tr>" for row in TABLE)
    page.evaluate(PASTE, [f"<p>前言</p><table onclick=x>{cells}</table>", "序号\t指标"])
    expect(page.get_by_text("已收到表格：1张，共3行。")).to_be_visible()
    fill_facts(page)
    page.get_by_role("button", name="读入并预览").click()
    expect(page.get_by_role("rowheader", name="社会组织数").first).to_be_visible()
    assert width_faults(page) == []
    assert trouble == []


def test_the_next_plan_is_rolled_over_from_the_one_that_ends(open_as: OpenAs) -> None:
    page = open_as("demo-planner")
    trouble = watched(page)
    page.goto("/plans/laohekou-14/")
    page.get_by_role("link", name="接续下一期").click()
    page.get_by_label("按上一期趋势提出目标建议值").check()
    page.get_by_role("button", name="建立草稿").click()
    expect(page.get_by_text("是演示数据，没有用作基期").first).to_be_visible()
    expect(page.get_by_text("是建议值，须确认").first).to_be_visible()
    answer_all(page)
    expect(page.get_by_role("heading", name="疑问（")).to_have_count(0)
    page.get_by_role("button", name="发布规划").click()
    expect(page).to_have_url("/plans/laohekou-15/")
    assert trouble == []
