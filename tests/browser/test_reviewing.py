"""The review in a real browser: by keyboard alone, many at once with one that somebody changed, and with the files."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from indicators.models import Actual, State
from indicators.moves import Move
from indicators.workflow import Entry, move_actual, save_actual
from tests.browser.conftest import OpenAs
from tests.browser.watch import accessibility_faults, english_words, watched, width_faults
from tests.factories import PDF

PLAN, YEAR = "laohekou-14", 2025
REVIEW = f"/review/?plan={PLAN}&year={YEAR}"


def figure(number: str) -> Actual:
    return Actual.objects.get(indicator__plan__code=PLAN, indicator__number=number, year=YEAR)


def who(username: str) -> User:
    return User.objects.get(username=username)


def row_of(page: Page, number: str) -> Locator:
    return page.locator(f"#actual-{figure(number).pk}")


def tab_to_the_rows(page: Page) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.locator("[data-review-row]:focus").count():
            return
    pytest.fail("no row of the review is reached by Tab")


def entered_anew(number: str, value: str, note: str) -> None:
    """Returned by another reviewer, mended by the clerk and passed on again: what a second session may do."""
    clerk, reviewer = who("demo-clerk"), who("demo-approval")
    User.objects.filter(pk=reviewer.pk).update(is_active=True)
    reviewer.memberships.create(region=who("demo-reviewer").memberships.get().region, role="reviewer")
    actual = figure(number)
    actual = move_actual(
        actual=actual, move=Move.RETURN, by=who("demo-approval"), version=actual.version, note="请核对"
    )
    entry = Entry(value=Decimal(value), text=value, note=note)
    actual = save_actual(indicator=actual.indicator, year=YEAR, entry=entry, by=clerk, version=actual.version)
    move_actual(actual=actual, move=Move.SUBMIT, by=clerk, version=actual.version)


def test_figures_are_approved_and_returned_without_a_mouse(open_as: OpenAs) -> None:
    page = open_as("demo-reviewer")
    trouble = watched(page)
    page.goto(REVIEW)
    expect(page.get_by_text("键盘：先点一行")).to_be_visible()
    tab_to_the_rows(page)
    expect(row_of(page, "5")).to_be_focused()

    page.keyboard.press("a")
    expect(page.get_by_role("status")).to_contain_text("已通过，现为“已审核”")
    expect(row_of(page, "6")).to_be_focused()

    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("k")
    expect(row_of(page, "7")).to_be_focused()
    page.keyboard.press("r")
    page.keyboard.insert_text("先不写完")
    page.keyboard.press("Escape")
    expect(row_of(page, "7")).to_be_focused()
    page.keyboard.press("r")
    page.keyboard.press("End")
    page.keyboard.type("ajk r")  # letters in the box are letters
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("已退回，现为“退回”")
    expect(row_of(page, "9")).to_be_focused()

    page.keyboard.press(" ")
    page.keyboard.press("ArrowDown")
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="通过所选（2）")).to_be_enabled()
    page.keyboard.press("Control+a")  # no key of the review
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("新增居家养老服务设施")

    assert figure("5").state == State.APPROVED
    assert (figure("7").state, figure("7").events.latest("pk").note) == (State.RETURNED, "先不写完ajk r")
    assert [figure(number).state for number in ("6", "9", "文2")] == ["submitted", "submitted", "approved"]
    assert trouble == []


def test_many_are_approved_at_once_and_the_one_that_was_changed_is_shown_with_both_figures(open_as: OpenAs) -> None:
    page = open_as("demo-reviewer")
    page.goto(REVIEW)
    page.get_by_role("link", name="全选没有疑问的").click()
    expect(page.get_by_role("button", name="通过所选（6）")).to_be_visible()
    entered_anew("文2", "0", "两处设施停用")

    page.get_by_role("button", name="通过所选（6）").click()

    held = page.get_by_role("alert")
    expect(held).to_be_focused()
    expect(held).to_contain_text("有1项没有办成")
    expect(held).to_contain_text("您看到的是 1，现在是 0（待审核，演示填报员 填报）")
    expect(page.get_by_role("status")).to_contain_text("已通过5项")
    expect(page.locator("[data-review-row]")).to_have_count(1)
    row = row_of(page, "文2")
    expect(row).to_contain_text("上次报送 1 → 0")
    expect(row).to_contain_text("两处设施停用")
    expect(row).to_contain_text("▲ 文2“")
    page.get_by_label("只看有疑问（1）").check()
    page.get_by_role("button", name="筛选").click()
    expect(page).to_have_url(f"{page.url.split('/review/')[0]}/review/?plan={PLAN}&year={YEAR}&department=&doubtful=1")
    expect(row).to_be_visible()
    assert figure("文2").state == State.SUBMITTED


def test_a_reason_survives_a_figure_that_was_changed_meanwhile(open_as: OpenAs) -> None:
    page = open_as("demo-reviewer")
    page.goto(REVIEW)
    row = row_of(page, "文2")
    row.get_by_text("退回…").click()
    row.get_by_role("textbox").fill("与民政部台账不符")
    entered_anew("文2", "0", "两处设施停用")
    row.get_by_role("button", name="确认退回").click()
    expect(page.get_by_role("alert")).to_contain_text("您写的理由：与民政部台账不符")
    expect(row.get_by_role("textbox")).to_have_value("与民政部台账不符")
    row.get_by_role("button", name="确认退回").click()
    expect(page.get_by_role("status")).to_contain_text("现为“退回”")
    assert figure("文2").state == State.RETURNED


def test_the_review_works_without_a_script(open_as: OpenAs) -> None:
    page = open_as("demo-reviewer", java_script_enabled=False)
    page.goto(REVIEW)
    page.get_by_role("link", name="全选没有疑问的").click()
    row_of(page, "5").get_by_role("checkbox").uncheck()
    page.get_by_role("button", name="通过所选").click()
    expect(page.get_by_role("status")).to_contain_text("已通过5项")
    row_of(page, "5").get_by_text("退回…").click()
    row_of(page, "5").get_by_role("textbox").fill("请核对")
    row_of(page, "5").get_by_role("button", name="确认退回").click()
    expect(page.get_by_role("status")).to_contain_text("现为“退回”")
    expect(page).to_have_url(f"{page.url.split('/review/')[0]}{REVIEW}")


def test_a_file_goes_from_the_clerk_to_the_reviewer(open_as: OpenAs, tmp_path: Path) -> None:
    (tmp_path / "2025年 台账.pdf").write_bytes(PDF)
    (tmp_path / "改名.pdf").write_bytes(b"MZ\x90\0" + bytes(200))
    actual = figure("2")
    clerk = open_as("demo-clerk")
    clerk.goto(actual.indicator.get_absolute_url())
    files = clerk.get_by_label(f"{actual.indicator.name} {YEAR}年佐证材料")
    form = clerk.locator("[data-evidence-form]").filter(has=files)
    files.set_input_files(tmp_path / "改名.pdf")
    form.get_by_role("button", name="上传").click()
    expect(clerk.get_by_role("alert")).to_contain_text("“改名.pdf”的内容不是PDF文件")
    files.set_input_files(tmp_path / "2025年 台账.pdf")
    form.get_by_role("button", name="上传").click()
    expect(clerk.get_by_role("link", name="2025年_台账.pdf")).to_be_visible()
    files.set_input_files(tmp_path / "2025年 台账.pdf")
    form.get_by_role("button", name="上传").click()
    expect(clerk.get_by_role("alert")).to_contain_text("这个文件已经上传过")
    move_actual(actual=actual, move=Move.SUBMIT, by=who("demo-clerk"), version=actual.version, note="年报数")

    reviewer = open_as("demo-reviewer")
    reviewer.goto(REVIEW)
    with reviewer.expect_download() as download:
        row_of(reviewer, "2").get_by_role("link", name="2025年_台账.pdf").click()
    assert download.value.suggested_filename == "2025年_台账.pdf"
    assert Path(download.value.path()).read_bytes() == PDF
    clerk.reload()
    expect(clerk.get_by_role("button", name="移除 2025年_台账.pdf")).to_have_count(0)


@pytest.mark.parametrize("width", [1440, 390])
def test_the_review_with_everything_open_is_sound(open_as: OpenAs, width: int) -> None:
    entered_anew("文2", "0", "两处设施停用")
    page = open_as("demo-reviewer", width=width)
    page.goto(REVIEW)
    page.get_by_text("未报47项").click()
    row_of(page, "文2").get_by_text("退回…").click()
    page.get_by_role("link", name="全选没有疑问的").click()
    faults = width_faults(page) + english_words(page) + accessibility_faults(page)
    clerk = open_as("demo-clerk", width=width)
    clerk.goto(figure("2").indicator.get_absolute_url())
    faults += width_faults(clerk) + english_words(clerk) + accessibility_faults(clerk)
    assert not faults, "\n".join(faults)
