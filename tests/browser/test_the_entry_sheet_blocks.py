"""Blocks of cells on the entry sheet: chosen, copied, pasted, filled down, undone and done again."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import OpenAs
from tests.browser.sheet import (
    BEDS,
    BEDS_PER,
    CARE,
    LOCKED,
    NEXT,
    SHEET,
    STAFFED,
    cell,
    copied,
    expect_saved,
    line,
    paste,
    press,
    type_into,
    typed_in_database,
)


def test_a_range_is_chosen_with_shift_and_copied_as_plain_numbers(open_as: OpenAs) -> None:
    page = open_as("demo-clerk")
    page.goto(SHEET)
    expect_saved(type_into(page, BEDS, "１，２３４"))
    cell(page, BEDS_PER).click()
    press(page, "Shift+ArrowDown", 3)
    expect(page.locator("td.in-range")).to_have_count(4)
    assert copied(page) == "38.11\n\n71.20\n1234"
    # with what stands beside them, the year before among it
    press(page, "Shift+ArrowLeft", 2)
    assert copied(page).split("\n")[0] == "37.48\t40.00\t38.11"
    press(page, "ArrowRight")
    expect(page.locator("td.in-range")).to_have_count(0)


def test_a_block_from_a_spreadsheet_is_pasted_and_one_undo_takes_it_back(open_as: OpenAs) -> None:
    page = open_as("demo-clerk")
    page.goto(SHEET)
    before = {name: cell(page, name).input_value() for name in (BEDS_PER, CARE, NEXT, BEDS, STAFFED)}
    cell(page, BEDS_PER).click()
    # Excel ends each line, the last one too, and puts a cell with a quote or a line end in quotes
    paste(page, '３９．５\r\n"48.5％"\r\n\r\n"1,234"\r\n5\r\n四十\r\n')
    said = page.locator("[data-save-line]")
    expect(said).to_have_text("已粘贴4格；1格不可填，未改；空白1格，保持不变。")
    for name, understood in {BEDS_PER: "读作 39.5张", CARE: "读作 48.5%", BEDS: "读作 1234张"}.items():
        expect_saved(line(page, name))
        expect(line(page, name)).to_contain_text(understood)
    expect(cell(page, NEXT)).to_have_value(before[NEXT])
    expect(line(page, LOCKED).locator("[data-col=value]")).to_have_text("1")
    expect(line(page, STAFFED).get_by_role("alert")).to_contain_text("“四十”是汉字数字。请写成阿拉伯数字")
    expect(cell(page, STAFFED)).to_have_value("四十")

    press(page, "Control+z")
    for name, value in before.items():
        expect(cell(page, name)).to_have_value(value)
    expect(line(page, BEDS)).to_contain_text("未填")
    expect_saved(line(page, BEDS_PER))
    expect(line(page, STAFFED).get_by_role("alert")).to_have_count(0)
    press(page, "Control+y")
    expect(cell(page, BEDS_PER)).to_have_value("３９．５")
    expect(cell(page, STAFFED)).to_have_value("四十")
    expect_saved(line(page, CARE))
    assert typed_in_database(CARE) == "48.5％"


def test_several_columns_are_pasted_and_what_lies_beyond_the_sheet_is_named(open_as: OpenAs) -> None:
    page = open_as("demo-clerk")
    page.goto(SHEET)
    cell(page, CARE, "note").click()
    paste(page, '"说""快报""\n两行"\t有数据\t快报\t多一列\r\n面积普查尚未结束\t待定\t年报\t\r\n')
    said = page.locator("[data-save-line]")
    expect(said).to_contain_text("已粘贴5格；2格超出本表，未粘贴；")
    expect(said).to_contain_text(f"{NEXT}数据情况“待定”不在可选项中")
    expect(cell(page, CARE, "note")).to_have_value('说"快报" 两行')
    expect(cell(page, CARE, "figure_kind")).to_have_value("preliminary")
    expect(cell(page, NEXT, "note")).to_have_value("面积普查尚未结束")

    # one value goes into every cell that is chosen; a dash is 暂缺
    cell(page, BEDS_PER).click()
    press(page, "Shift+ArrowDown", 2)
    paste(page, "——\r\n")
    for name in (BEDS_PER, CARE, NEXT):
        expect_saved(line(page, name))
        expect(cell(page, name, "availability")).to_have_value("missing")


def test_fill_down_copies_the_first_cell_of_a_range_or_the_one_above(open_as: OpenAs) -> None:
    page = open_as("demo-clerk")
    page.goto(SHEET)
    type_into(page, BEDS_PER, "40.5")
    cell(page, BEDS_PER).click()
    press(page, "Shift+ArrowDown", 2)
    press(page, "Control+d")
    expect(cell(page, CARE)).to_have_value("40.5")
    expect(cell(page, NEXT)).to_have_value("40.5")
    cell(page, BEDS).click()
    press(page, "Control+d")
    expect(cell(page, BEDS)).to_have_value("40.5")
    for name in (BEDS_PER, CARE, NEXT, BEDS):
        expect_saved(line(page, name))
        assert typed_in_database(name) == "40.5"
    press(page, "Delete")
    expect(line(page, BEDS)).to_contain_text("未填")


def test_sixty_steps_are_undone_and_done_again_after_they_were_saved(open_as: OpenAs) -> None:
    page = open_as("demo-clerk")
    page.goto(SHEET)
    for step in range(60):
        cell(page, CARE).focus()
        page.keyboard.type(str(40 + step % 50))
        press(page, "Enter")
    expect_saved(line(page, CARE))
    press(page, "Control+z", 59)
    expect(cell(page, CARE)).to_have_value("40")
    expect(cell(page, CARE)).to_be_focused()
    press(page, "Control+z")
    expect(cell(page, CARE)).to_have_value("")
    expect(line(page, CARE)).to_contain_text("未填")
    press(page, "Control+z")
    expect(page.locator("[data-save-line]")).to_have_text("没有可撤销的操作。")
    press(page, "Control+y", 60)
    expect(cell(page, CARE)).to_have_value("49")
    expect_saved(line(page, CARE))
    page.reload()
    expect(cell(page, CARE)).to_have_value("49")
    assert typed_in_database(CARE) == "49"
