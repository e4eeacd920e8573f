"""The sheet a clerk fills in: typing, keys, what each cell says of itself, and passing the sheet on."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from playwright.sync_api import FilePayload, Route, expect

from accounts.models import Department, Membership
from indicators.figures import Operator
from indicators.models import Actual, Indicator, Target
from plans.models import Theme
from tests.browser.conftest import OpenAs
from tests.browser.sheet import (
    BEDS,
    BEDS_PER,
    CARE,
    LOCKED,
    NEXT,
    RATE,
    SAVE,
    SHEET,
    STAFFED,
    cell,
    expect_saved,
    in_database,
    line,
    press,
    type_into,
    typed_in_database,
)
from tests.browser.watch import accessibility_faults, english_words, watched, width_faults
from tests.factories import PDF

WIDTHS = pytest.mark.parametrize("width", [1440, 390])


def test_the_keys_go_through_the_sheet_as_in_a_spreadsheet(open_as: OpenAs) -> None:
    page = open_as("demo-clerk")
    page.goto(SHEET)
    care = cell(page, CARE)
    care.click()
    page.keyboard.type("49")
    press(page, "Enter")
    expect(cell(page, NEXT)).to_be_focused()
    press(page, "Shift+Enter")
    expect(care).to_be_focused()
    press(page, "ArrowUp")
    expect(cell(page, BEDS_PER)).to_be_focused()
    press(page, "ArrowDown")

    page.keyboard.type("5")  # overwrites
    expect(care).to_have_value("5")
    press(page, "Escape")
    expect(care).to_have_value("49")
    press(page, "F2")
    page.keyboard.type(".25")
    press(page, "ArrowLeft")
    press(page, "Backspace")
    press(page, "Enter")
    expect(care).to_have_value("49.5")
    expect_saved(line(page, CARE))

    care.click()
    press(page, "ArrowLeft")
    expect(line(page, CARE).locator("[data-col=target]")).to_be_focused()
    press(page, "ArrowRight")
    expect(care).to_be_focused()
    press(page, "Tab")
    expect(cell(page, CARE, "note")).to_be_focused()
    press(page, "Shift+Tab")
    expect(care).to_be_focused()
    press(page, "End")
    expect(cell(page, CARE, "figure_kind")).to_be_focused()
    press(page, "Home")
    expect(line(page, CARE).locator("[data-col=baseline]")).to_be_focused()
    press(page, "Control+Home")
    expect(cell(page, RATE)).to_be_focused()

    # Enter passes over a row that is locked, the arrows do not
    cell(page, BEDS).click()
    press(page, "Enter")
    expect(cell(page, STAFFED)).to_be_focused()
    press(page, "ArrowUp")
    expect(line(page, LOCKED).locator("[data-col=value]")).to_be_focused()
    assert typed_in_database(CARE) == "49.5"

    # a click chooses the cell, a second one changes nothing, a double click edits
    care.click()
    care.click()
    page.keyboard.type("4")
    expect(care).to_have_value("4")
    press(page, "Escape")
    care.dblclick()
    page.keyboard.type("1")
    expect(care).to_have_value("49.51")


def test_the_enter_of_the_chinese_input_method_confirms_the_word_and_stays(open_as: OpenAs) -> None:
    page = open_as("demo-clerk")
    page.goto(SHEET)
    note = cell(page, CARE, "note")
    note.click()
    method = page.context.new_cdp_session(page)
    method.send("Input.imeSetComposition", {"text": "yang'lao", "selectionStart": 8, "selectionEnd": 8})
    expect(note).to_have_value("yang'lao")
    method.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", "key": "Enter", "windowsVirtualKeyCode": 229})
    method.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", "key": "ArrowDown", "windowsVirtualKeyCode": 229})
    method.send("Input.insertText", {"text": "养老"})
    expect(note).to_be_focused()
    expect(note).to_have_value("养老")
    expect(line(page, CARE)).to_contain_text("输入中")
    press(page, "Enter")
    expect(cell(page, NEXT, "note")).to_be_focused()
    expect_saved(line(page, CARE))
    row = in_database(CARE)
    assert row
    assert row.note == "养老"


def test_each_row_says_how_its_saving_stands_and_a_legend_explains_it(open_as: OpenAs) -> None:
    page = open_as("demo-clerk")
    page.goto(SHEET)
    state = line(page, CARE).locator("[data-save-state]")
    held: list[Route] = []
    page.route(SAVE, lambda route: held.append(route))
    cell(page, CARE).click()
    page.keyboard.type("49")
    expect(state).to_have_text("✎ 输入中")
    press(page, "Escape")
    expect(state).to_have_text("")
    page.keyboard.type("49")
    with page.expect_request(SAVE):
        press(page, "Enter")
    expect(state).to_have_text("↻ 保存中")
    held[0].continue_()
    expect(state).to_have_text(re.compile(r"^✓ 已保存 \d\d:\d\d:\d\d$"))
    page.unroute(SAVE)
    type_into(page, CARE, "abc")
    expect(state).to_contain_text("✕ 有误")

    page.get_by_text("按键与标记").click()
    legend = page.locator(".legend-box")
    for word in ("输入中", "保存中", "已保存", "未保存，将重试", "冲突", "有误"):
        expect(legend).to_contain_text(word)


def test_an_answer_that_comes_late_never_overwrites_what_was_typed_since(open_as: OpenAs) -> None:
    page = open_as("demo-clerk")
    page.goto(SHEET)
    held: list[Route] = []
    page.route(SAVE, lambda route: held.append(route))
    with page.expect_request(SAVE):
        type_into(page, CARE, "41")
    type_into(page, CARE, "42")
    cell(page, CARE, "note").click()
    page.keyboard.type("按台账")
    held[0].continue_()
    page.unroute(SAVE)
    expect(cell(page, CARE)).to_have_value("42")
    expect(cell(page, CARE, "note")).to_have_value("按台账")
    press(page, "Enter")
    expect_saved(line(page, CARE))
    expect(cell(page, CARE)).to_have_value("42")
    page.reload()
    expect(cell(page, CARE)).to_have_value("42")
    expect(cell(page, CARE, "note")).to_have_value("按台账")


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
        said = type_into(page, CARE, typed).get_by_role("alert")
        expect(said).to_contain_text("未保存")
        expect(said).to_contain_text(reason)
        expect(said).to_contain_text("请")
        expect(cell(page, CARE)).to_have_value(typed)
        expect(cell(page, CARE)).to_have_attribute("aria-invalid", "true")

    row = type_into(page, CARE, "４９．５")
    expect_saved(row)
    expect(row).to_contain_text("读作 49.5%")
    expect(cell(page, CARE)).not_to_have_attribute("aria-invalid", "true")
    expect_saved(type_into(page, BEDS, "1,234"))
    page.reload()
    expect(line(page, CARE)).to_contain_text("草稿")
    expect(line(page, BEDS)).to_contain_text("读作 1234张")


def test_absence_is_a_choice_zero_is_a_figure_and_blank_is_unfilled(open_as: OpenAs) -> None:
    page = open_as("demo-clerk")
    page.goto(SHEET)
    unfilled = page.locator("[data-count-unfilled]")
    expect(unfilled).to_have_text("43")
    expect_saved(type_into(page, CARE, "0"))
    expect(unfilled).to_have_text("42")
    expect_saved(type_into(page, BEDS, "1200"))
    expect(line(page, BEDS)).to_contain_text("草稿")
    expect(type_into(page, BEDS, "")).to_contain_text("未填")
    expect(unfilled).to_have_text("42")

    # a list is opened and chosen from with the keyboard alone
    cell(page, STAFFED, "availability").focus()
    press(page, "F2")
    press(page, "ArrowDown")
    press(page, "Enter")
    expect(cell(page, STAFFED, "availability")).to_have_value("missing")
    expect(line(page, STAFFED)).to_contain_text("暂缺，请在说明中写明原因")
    cell(page, STAFFED, "note").fill("普查尚未结束，预计三月底有数。")
    press(page, "Tab")
    expect(line(page, STAFFED)).not_to_contain_text("强制性")

    type_into(page, BEDS_PER, "—")
    expect(cell(page, BEDS_PER, "availability")).to_have_value("missing")
    expect(cell(page, BEDS_PER)).to_have_value("")
    cell(page, BEDS_PER, "availability").select_option(label="不适用：职能划转")
    expect_saved(line(page, BEDS_PER))
    expect(line(page, BEDS_PER)).not_to_contain_text("强制性")
    cell(page, CARE, "figure_kind").select_option(label="快报")
    expect_saved(line(page, CARE))

    page.reload()
    expect(cell(page, CARE)).to_have_value("0")
    expect(cell(page, CARE, "figure_kind")).to_have_value("preliminary")
    expect(cell(page, BEDS)).to_have_value("")
    expect(cell(page, BEDS, "availability")).to_have_value("unreported")
    expect(cell(page, BEDS_PER, "availability").locator("option:checked")).to_have_text("不适用：职能划转")
    expect(cell(page, STAFFED, "note")).to_have_value("普查尚未结束，预计三月底有数。")


def test_a_relative_indicator_asks_for_what_it_is_compared_with(open_as: OpenAs) -> None:
    page = open_as("demo-clerk")
    page.goto(SHEET)
    expect(cell(page, CARE, "comparator")).to_have_count(0)
    expect(type_into(page, RATE, "5.2")).to_contain_text("请填写本年度的对照值")
    cell(page, RATE).click()
    press(page, "Tab")
    expect(cell(page, RATE, "comparator")).to_be_focused()
    page.keyboard.type("4.8")
    press(page, "Enter")
    expect(line(page, RATE)).not_to_contain_text("请填写本年度的对照值")
    expect_saved(line(page, RATE))
    row = in_database(RATE)
    assert row
    assert row.comparator == Decimal("4.8")


def test_the_rows_shown_can_be_narrowed_and_the_address_keeps_it(open_as: OpenAs) -> None:
    clerk = Membership.objects.get(user__username="demo-clerk")
    clerk.departments.add(Department.objects.get(indicators__name=CARE, indicators__plan__code="laohekou-14"))
    page = open_as("demo-clerk")
    page.goto(SHEET)
    rows = page.locator("tr[data-line]:visible")
    assert rows.count() == 56
    show = page.get_by_role("group", name="显示")
    show.get_by_role("link", name="只看未填").click()
    expect(line(page, BEDS_PER)).to_be_hidden()
    expect(line(page, CARE)).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?show=unfilled$"))
    page.reload()
    expect(line(page, BEDS_PER)).to_be_hidden()

    show.get_by_role("link", name="我科室").click()
    expect(line(page, CARE)).to_be_visible()
    expect(line(page, RATE)).to_be_hidden()
    show.get_by_role("link", name="退回").click()
    expect(rows).to_have_count(0)
    expect(page.locator("[data-save-line]")).to_have_text("没有这样的行。")
    show.get_by_role("link", name="全部").click()
    expect(line(page, RATE)).to_contain_text("无权限")
    type_into(page, CARE, "480")
    expect(line(page, CARE)).to_contain_text("强制性")
    show.get_by_role("link", name="有误").click()
    expect(rows).to_have_count(1)
    page.goto("/plans/laohekou-14/entry/2024/?show=returned")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("退回")


def test_checking_lists_what_hinders_and_jumps_to_its_cell(open_as: OpenAs) -> None:
    page = open_as("demo-clerk")
    page.goto(SHEET)
    expect(line(page, LOCKED)).to_contain_text("待审核")
    expect(page.get_by_role("row").filter(has_text="数据填在下级行").first).to_be_visible()
    type_into(page, CARE, "480")
    expect_saved(line(page, CARE))
    page.get_by_role("link", name="检查", exact=True).click()
    result = page.get_by_label("检查结果")
    expect(result).to_contain_text(f"第4项“{CARE}”：应为0～100，现为480。是否少了小数点？")
    result.get_by_role("link", name="强制性").first.click()
    expect(cell(page, CARE)).to_be_focused()
    page.keyboard.type("48.0")
    press(page, "Enter")
    expect(line(page, CARE)).not_to_contain_text("强制性")
    expect_saved(line(page, CARE))
    cell(page, CARE, "note").fill("新建护理院年底验收。")
    press(page, "Tab")
    type_into(page, BEDS, "abc")
    expect(line(page, BEDS)).to_contain_text("有误")

    page.get_by_role("link", name="提交审核").click()
    dialog = page.get_by_role("dialog", name="提交审核")
    expect(dialog).to_contain_text(f"还有1行没有保存（{BEDS}）")
    expect(dialog).to_contain_text("通过后计入评价")
    button = dialog.get_by_role("button", name="确认提交")
    count = re.search(r"\d+", button.inner_text())
    dialog.get_by_role("button", name="先不提交").click()
    expect(dialog).to_be_hidden()
    page.get_by_role("link", name="提交审核").click()
    button.click()
    assert count
    expect(page.get_by_role("status").first).to_contain_text(f"已提交{count[0]}项，等待审核")
    expect(line(page, CARE)).to_contain_text("待审核")
    expect(cell(page, CARE)).to_have_count(0)
    expect(cell(page, BEDS)).to_have_value("abc")


@WIDTHS
def test_the_panel_follows_the_row_and_the_page_stays_sound(open_as: OpenAs, width: int) -> None:
    page = open_as("demo-clerk", width=width)
    trouble = watched(page)
    page.goto(SHEET)
    type_into(page, CARE, "480")
    type_into(page, BEDS, "abc")
    expect(line(page, BEDS)).to_contain_text("有误")
    cell(page, CARE).click()
    if width > 1199:
        panel = page.get_by_label("指标详情")
        expect(panel.get_by_role("heading", name=f"4 {CARE}")).to_be_visible()
        expect(panel.get_by_role("img", name="规划路径")).to_be_visible()
        expect(panel).to_contain_text("应为0～100")
        expect(panel).to_contain_text("演示填报员")
        expect(panel).to_contain_text("年目标原文")
        press(page, "Enter")
        expect(panel.get_by_role("heading", name=NEXT)).to_be_visible()
    trouble += accessibility_faults(page) + width_faults(page) + english_words(page)
    page.get_by_role("link", name="提交审核").click()
    expect(page.get_by_role("dialog")).to_contain_text("确认提交")
    trouble += accessibility_faults(page) + width_faults(page)
    # the names of keys and the word that was typed are no English of ours
    assert [fault for fault in trouble if "in English" not in fault] == []


@pytest.mark.parametrize("width", [1100, 390])
def test_where_the_panel_has_no_room_a_button_of_the_row_opens_it_and_files_are_added_there(
    open_as: OpenAs, width: int
) -> None:
    page = open_as("demo-clerk", width=width)
    trouble = watched(page)
    page.goto(SHEET)
    expect(page.get_by_label("指标详情")).to_be_hidden()
    button = page.get_by_role("button", name=f"{CARE} 详情与佐证材料")
    button.focus()
    press(page, "Enter")
    panel = page.get_by_role("dialog")
    expect(panel.get_by_role("heading", name=f"4 {CARE}")).to_be_visible()
    panel.get_by_label(f"{CARE} 2025年佐证材料").set_input_files(
        FilePayload(name="台账.pdf", mimeType="application/pdf", buffer=PDF)
    )
    panel.get_by_role("button", name="上传").click()
    expect(panel.get_by_role("link", name="台账.pdf")).to_be_visible()
    assert trouble + width_faults(page) + accessibility_faults(page) == []
    press(page, "Escape")
    expect(panel).to_be_hidden()
    expect(button).to_be_focused()
    expect_saved(type_into(page, CARE, "49.5"))  # the file made a row; that is no conflict
    actual = in_database(CARE)
    assert actual
    assert [evidence.name for evidence in actual.evidence.all()] == ["台账.pdf"]


def test_the_panel_is_folded_away_for_the_width_of_the_sheet_and_stays_so(open_as: OpenAs) -> None:
    page = open_as("demo-clerk")
    page.goto(SHEET)
    button = page.get_by_role("button", name=f"{CARE} 详情与佐证材料")
    expect(button).to_be_hidden()
    page.get_by_role("button", name="收起右侧详情").click()
    expect(page.get_by_label("指标详情")).to_be_hidden()
    expect(button).to_be_visible()
    room = page.locator(".sheet-pane").evaluate("pane => pane.clientWidth - pane.scrollWidth")
    assert room == 0  # every column is in sight
    page.reload()
    expect(page.get_by_label("指标详情")).to_be_hidden()
    page.get_by_role("button", name="展开右侧详情").click()
    cell(page, CARE).click()
    expect(page.get_by_label("指标详情").get_by_role("heading", name=f"4 {CARE}")).to_be_visible()


def test_two_hundred_cells_are_filled_with_the_keyboard_alone(open_as: OpenAs) -> None:
    plan_of_it = Indicator.objects.get(name=CARE, plan__code="laohekou-14").plan
    fresh = [
        Indicator(
            plan=plan_of_it,
            number=f"增{at}",
            order=1000 + at,
            name=f"新增指标{at}",
            unit="人",
            theme=Theme.objects.get(code="elderly"),
        )
        for at in range(200)
    ]
    Indicator.objects.bulk_create(fresh)
    Target.objects.bulk_create(
        Target(indicator=row, year=2025, operator=Operator.EQ, value=Decimal(500), text="500") for row in fresh
    )
    page = open_as("demo-clerk")
    page.goto(SHEET)
    cell(page, "新增指标0").focus()
    for at in range(200):
        page.keyboard.type(str(300 + at))
        page.keyboard.press("Enter")
    expect(page.locator("tr[data-save=saved]")).to_have_count(200)
    there = Actual.objects.filter(indicator__name__startswith="新增指标", year=2025)
    assert dict(there.values_list("indicator__name", "value")) == {f"新增指标{at}": 300 + at for at in range(200)}


def test_without_javascript_each_row_has_a_button_that_saves_it(open_as: OpenAs) -> None:
    page = open_as("demo-clerk", java_script_enabled=False)
    page.goto(SHEET)
    cell(page, CARE).fill("４９．５")
    line(page, CARE).get_by_role("button", name="保存").click()
    expect(cell(page, CARE)).to_have_value("４９．５")
    expect(line(page, CARE)).to_contain_text("草稿")

    cell(page, BEDS).fill("=cmd")
    line(page, BEDS).get_by_role("button", name="保存").click()
    expect(page.get_by_role("status").first).to_contain_text("像是公式")
    expect(cell(page, BEDS)).to_have_value("=cmd")
    expect(line(page, BEDS)).to_contain_text("未填")
