"""The sheet a clerk fills in: what is refused, kept, decided, and how the keyboard goes through it."""

from __future__ import annotations

from django.contrib.sessions.models import Session
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenAs

SHEET = "/plans/laohekou-14/entry/2025/"
BEDS, CARE, NURSES = "新增有效供给养老床位", "养老机构护理型床位占比", "新增养老护理人员培训率"
AREA, SOCIETIES = "每百户居民拥有的城乡社区综合服务设施面积", "培育或孵化具有专业水平的儿童服务类社会组织"


def cell(page: Page, name: str) -> Locator:
    return page.get_by_role("textbox", name=f"{name} 2025年实际值")


def line(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


def type_into(page: Page, name: str, text: str) -> Locator:
    """Type as a clerk does, leave the cell with Enter, and hand back the row."""
    cell(page, name).fill(text)
    cell(page, name).press("Enter")
    return line(page, name)


def test_a_refused_figure_stays_in_its_cell_with_the_reason_beside_it(open_as: OpenAs) -> None:
    page = open_as("demo-clerk")
    page.goto(SHEET)
    refused = {
        "=cmd": "像是公式",
        "1e5": "科学计数法",
        "48.5x": "48.5x",
        "１２。５": "12.5",
        "1,23": "逗号位置不对",
        "48 5": "中间有空格",
    }
    for typed, reason in refused.items():
        row = type_into(page, CARE, typed)
        said = row.get_by_role("alert")
        expect(said).to_contain_text("未保存")
        expect(said).to_contain_text(reason)
        expect(said).to_contain_text("请")
        expect(cell(page, CARE)).to_have_value(typed)
        expect(cell(page, CARE)).to_have_attribute("aria-invalid", "true")

    row = type_into(page, CARE, "４９．５")
    expect(row).to_contain_text("已保存")
    expect(cell(page, CARE)).not_to_have_attribute("aria-invalid", "true")
    expect(type_into(page, BEDS, "1,234")).to_contain_text("已保存")
    page.reload()
    expect(line(page, CARE)).to_contain_text("草稿")
    expect(line(page, BEDS)).to_contain_text("草稿")


def test_zero_is_a_figure_blank_is_not_and_absence_wants_a_reason(open_as: OpenAs) -> None:
    page = open_as("demo-clerk")
    page.goto(SHEET)
    expect(type_into(page, SOCIETIES, "0")).to_contain_text("已保存")
    expect(type_into(page, BEDS, "1200")).to_contain_text("已保存")
    expect(type_into(page, BEDS, "")).to_contain_text("未填")
    line(page, AREA).get_by_label("数据情况").select_option("暂缺")
    expect(line(page, AREA)).to_contain_text("提交前须更正")
    expect(line(page, AREA)).to_contain_text("暂缺，请在说明中写明原因")

    page.reload()
    expect(cell(page, SOCIETIES)).to_have_value("0")
    expect(line(page, SOCIETIES)).to_contain_text("草稿")
    expect(cell(page, BEDS)).to_have_value("")
    expect(line(page, BEDS)).to_contain_text("未填")

    page.get_by_role("button", name="提交审核").click()
    problems = page.get_by_role("alert").filter(has_text="需要处理")
    expect(problems).to_contain_text(f"“{AREA}”：暂缺，请在说明中写明原因")
    expect(line(page, AREA).get_by_label("数据情况")).to_have_value("missing")
    line(page, AREA).get_by_label("说明").fill("面积普查尚未结束，预计三月底有数。")
    line(page, AREA).get_by_label("说明").press("Tab")
    expect(line(page, AREA)).not_to_contain_text("提交前须更正")
    expect(line(page, AREA)).to_contain_text("已保存")
    page.get_by_role("button", name="提交审核").click()
    expect(line(page, AREA)).to_contain_text("待审核")
    expect(line(page, AREA)).to_contain_text("暂缺")


def test_two_people_in_one_cell_see_both_figures_and_choose(open_as: OpenAs) -> None:
    first, second = open_as("demo-clerk"), open_as("demo-clerk")
    first.goto(SHEET)
    second.goto(SHEET)
    expect(type_into(first, CARE, "49.1")).to_contain_text("已保存")

    row = type_into(second, CARE, "49.9")
    expect(row.get_by_role("alert")).to_contain_text("改过，请核对后再保存")
    expect(row.get_by_role("definition")).to_have_text(["49.10", "49.90"])
    expect(cell(second, CARE)).to_have_value("49.9")
    row.get_by_role("button", name="用我填的覆盖").click()
    expect(row).to_contain_text("已保存")
    expect(row.get_by_role("alert")).to_have_count(0)

    row = type_into(first, CARE, "49.3")
    expect(row.get_by_role("definition")).to_have_text(["49.90", "49.30"])
    row.get_by_role("button", name="改用对方的").click()
    expect(row).to_contain_text("草稿")
    expect(cell(first, CARE)).to_have_value("49.9")
    for page in (first, second):
        page.reload()
        expect(cell(page, CARE)).to_have_value("49.9")


def test_without_a_connection_the_sheet_says_so_and_saves_when_it_is_back(open_as: OpenAs) -> None:
    page = open_as("demo-clerk")
    page.goto(SHEET)
    page.context.set_offline(True)
    row = type_into(page, CARE, "49.5")
    expect(row).to_contain_text("未保存：连接中断")
    expect(row).not_to_contain_text("已保存")
    expect(cell(page, CARE)).to_have_value("49.5")

    page.context.set_offline(False)
    row.get_by_role("button", name="重试").click()
    expect(row).to_contain_text("已保存")
    expect(row).not_to_contain_text("未保存")
    page.reload()
    expect(cell(page, CARE)).to_have_value("49.5")


def test_when_the_session_has_ended_the_sheet_says_so_and_keeps_what_was_typed(open_as: OpenAs) -> None:
    page = open_as("demo-clerk")
    page.goto(SHEET)
    Session.objects.all().delete()
    row = type_into(page, CARE, "49.5")
    expect(row).to_contain_text("未保存：连接中断或登录已失效")
    expect(cell(page, CARE)).to_have_value("49.5")
    expect(page.get_by_label("用户名")).to_have_count(0)


def test_the_sheet_is_filled_with_the_keyboard_alone(open_as: OpenAs) -> None:
    page = open_as("demo-clerk")
    page.goto(SHEET)
    column = page.get_by_role("textbox", name="2025年实际值")
    names = [str(box.get_attribute("aria-label")) for box in column.all()]
    start = names.index(f"{NURSES} 2025年实际值（%）")
    above, here, below = (page.get_by_role("textbox", name=name, exact=True) for name in names[start - 1 : start + 2])

    here.focus()
    page.keyboard.type("97")
    page.keyboard.press("Enter")
    expect(below).to_be_focused()
    page.keyboard.press("Shift+Enter")
    expect(here).to_be_focused()
    expect(line(page, NURSES)).to_contain_text("已保存")
    page.keyboard.press("Shift+Enter")
    expect(above).to_be_focused()
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    expect(here).to_be_focused()

    # the Enter that takes over a word from the Chinese input method belongs to that word
    here.evaluate(
        "box => box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}))"
    )
    expect(here).to_be_focused()

    page.keyboard.press("Tab")
    expect(line(page, NURSES).get_by_label("数据情况")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("按培训台账填报。")
    with page.expect_response("**/entry/2025/"):
        page.keyboard.press("Tab")
    expect(line(page, NURSES)).to_contain_text("已保存")
    page.reload()
    expect(cell(page, NURSES)).to_have_value("97")
    expect(line(page, NURSES).get_by_label("说明")).to_have_value("按培训台账填报。")


def test_without_javascript_each_row_has_a_button_that_saves_it(open_as: OpenAs) -> None:
    page = open_as("demo-clerk", java_script_enabled=False)
    page.goto(SHEET)
    cell(page, CARE).fill("４９．５")
    line(page, CARE).get_by_role("button", name="保存").click()
    expect(cell(page, CARE)).to_have_value("４９．５")
    expect(line(page, CARE)).to_contain_text("草稿")

    cell(page, BEDS).fill("=cmd")
    line(page, BEDS).get_by_role("button", name="保存").click()
    expect(page.get_by_role("status")).to_contain_text("像是公式")
    expect(line(page, BEDS)).to_contain_text("未填")
