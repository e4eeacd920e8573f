"""What the sheet does when the network, the server, the session, the tab or a colleague gets in between."""

from __future__ import annotations

import re

from django.contrib.sessions.models import Session
from django.test import override_settings
from playwright.sync_api import Page, Route, expect

from accounts.models import User
from accounts.permissions import Role
from tests.browser.conftest import PASSWORD, PATIENCE, OpenAs
from tests.browser.sheet import CARE, NEXT, SAVE, SHEET, cell, expect_saved, line, press, type_into, typed_in_database
from tests.factories import person


def sign_in(page: Page, username: str) -> None:
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def colleague() -> User:
    """Another clerk of the same bureau."""
    return person(Role.CLERK, username="colleague", display_name="同事", password=PASSWORD)


def test_without_a_connection_the_sheet_says_so_and_saves_when_it_is_back(open_as: OpenAs) -> None:
    page = open_as("demo-clerk")
    page.goto(SHEET)
    page.context.set_offline(True)
    row = type_into(page, CARE, "49.5")
    expect(row).to_contain_text("⚠ 未保存，将重试")
    expect(page.locator("[data-save-line]")).to_contain_text("连接中断。所填内容已留在本机")
    type_into(page, CARE, "49.6")
    page.context.set_offline(False)
    expect_saved(row)
    expect(page.locator("[data-save-line]")).to_have_text("")
    assert typed_in_database(CARE) == "49.6"


def test_while_the_server_fails_the_sheet_tries_again_by_itself(open_as: OpenAs) -> None:
    page = open_as("demo-clerk")
    page.goto(SHEET)
    page.route(SAVE, lambda route: route.fulfill(status=500, body="broken"), times=1)
    row = type_into(page, CARE, "49.5")
    expect(row).to_contain_text("未保存，将重试")
    expect(page.locator("[data-save-line]")).to_contain_text("服务器暂时不可用")
    expect_saved(row)
    assert typed_in_database(CARE) == "49.5"


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1500)
def test_a_row_that_is_too_long_to_be_sent_is_told_so_and_holds_nobody_up(open_as: OpenAs) -> None:
    page = open_as("demo-clerk")
    page.goto(SHEET)
    page.context.set_offline(True)
    type_into(page, NEXT, "49.5")
    cell(page, CARE, "note").fill("长" * 1000)
    press(page, "Enter")
    page.context.set_offline(False)
    expect_saved(line(page, NEXT))
    expect(line(page, CARE)).to_contain_text("未保存：一次发送的内容太多，没有保存。请分几次粘贴，或缩短说明。")
    assert typed_in_database(NEXT) == "49.5"


def test_after_the_session_has_ended_signing_in_again_sends_what_was_typed(open_as: OpenAs) -> None:
    page = open_as("demo-clerk")
    page.goto(SHEET)
    Session.objects.all().delete()
    expect(type_into(page, CARE, "49.5")).to_contain_text("未保存，将重试")
    expect(page.locator("[data-save-line]")).to_contain_text("登录已失效")
    expect(cell(page, CARE)).to_have_value("49.5")
    page.get_by_role("link", name="重新登录").click()
    sign_in(page, "demo-clerk")
    expect(page).to_have_url(re.compile(f"{SHEET}$"))
    expect(cell(page, CARE)).to_have_value("49.5")
    expect_saved(line(page, CARE))
    assert typed_in_database(CARE) == "49.5"


def test_nothing_is_sent_under_the_name_of_somebody_who_signed_in_meanwhile(open_as: OpenAs) -> None:
    colleague()
    page = open_as("demo-clerk")
    page.goto(SHEET)
    other = page.context.new_page()
    other.goto("/")
    other.get_by_role("button", name="退出").click()
    other.goto(f"/login/?next={SHEET}")
    sign_in(other, "colleague")
    expect(cell(other, CARE)).to_have_value("")

    expect(type_into(page, CARE, "49.5")).to_contain_text("未保存，将重试")
    expect(page.locator("[data-save-line]")).to_contain_text("现在登录的是同事，不是打开本表的人。请用原账号登录。")
    other.reload()
    expect(cell(other, CARE)).to_have_value("")
    assert typed_in_database(CARE) is None


def test_what_was_typed_when_the_tab_died_stands_there_again_and_is_saved(open_as: OpenAs) -> None:
    page = open_as("demo-clerk")
    page.goto(SHEET)
    cell(page, CARE).click()
    page.keyboard.type("49.5")
    page.close()
    again = page.context.new_page()
    again.goto(SHEET)
    expect(cell(again, CARE)).to_have_value("49.5")
    expect_saved(line(again, CARE))
    assert typed_in_database(CARE) == "49.5"


def test_a_draft_from_before_a_colleague_saved_does_not_overwrite_the_colleague(open_as: OpenAs) -> None:
    colleague()
    page, other = open_as("demo-clerk"), open_as("colleague")
    page.goto(SHEET)
    cell(page, CARE).click()
    page.keyboard.type("49.5")
    page.close()
    other.goto(SHEET)
    expect_saved(type_into(other, CARE, "48.1"))
    again = page.context.new_page()
    again.goto(SHEET)
    expect(line(again, CARE).get_by_role("alert")).to_contain_text("同事")
    expect(line(again, CARE).get_by_role("definition")).to_have_text(["48.1", "49.5"])
    assert typed_in_database(CARE) == "48.1"


def test_two_people_in_one_row_see_both_figures_and_choose(open_as: OpenAs) -> None:
    colleague()
    first, second = open_as("demo-clerk"), open_as("colleague")
    first.goto(SHEET)
    second.goto(SHEET)
    expect_saved(type_into(first, CARE, "49.1"))
    row = type_into(second, CARE, "49.9")
    expect(row).to_contain_text("⇄ 冲突")
    said = row.get_by_role("alert")
    expect(said.get_by_role("term").first).to_have_text(re.compile(r"^演示填报员 \d\d-\d\d \d\d:\d\d:\d\d 存的实际值$"))
    expect(said.get_by_role("definition")).to_have_text(["49.1", "49.9"])
    expect(cell(second, CARE)).to_have_value("49.9")
    row.get_by_role("button", name="用我填的覆盖").click()
    expect_saved(row)
    expect(said).to_have_count(0)

    row = type_into(first, CARE, "49.3")
    expect(row.get_by_role("definition")).to_have_text(["49.9", "49.3"])
    row.get_by_role("button", name="改用对方的").click()
    expect(cell(first, CARE)).to_have_value("49.9")
    expect(row).not_to_contain_text("冲突")
    assert typed_in_database(CARE) == "49.9"


def test_a_save_whose_answer_was_lost_is_no_conflict(open_as: OpenAs) -> None:
    page = open_as("demo-clerk")
    page.goto(SHEET)

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route(SAVE, lose_the_answer, times=1)
    row = type_into(page, CARE, "49.1")
    expect(row).to_contain_text("未保存，将重试")
    assert typed_in_database(CARE) == "49.1"
    type_into(page, CARE, "49.2")
    expect_saved(row)
    expect(row).not_to_contain_text("冲突")
    type_into(page, NEXT, "70.5")
    press(page, "Enter")
    expect_saved(line(page, NEXT))
    assert typed_in_database(CARE) == "49.2"


def test_what_was_typed_before_the_sheet_was_ready_is_kept_and_saved(open_as: OpenAs) -> None:
    page = open_as("demo-clerk")
    held: list[Route] = []
    page.route("**/entry/clipboard.js", lambda route: held.append(route))
    page.goto(SHEET, wait_until="commit")
    cell(page, CARE).focus()
    page.keyboard.type("49.5")
    for _ in range(PATIENCE // 20):  # where the machine is busy, the script is asked for only after the typing
        if held:
            break
        page.wait_for_timeout(20)
    held[0].continue_()
    expect_saved(line(page, CARE))
    expect(cell(page, CARE)).to_have_value("49.5")
