"""Each kind of person finds their own way in, and a plain Chinese page where there is none."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, OpenAs

WAYS = {
    "demo-clerk": ["首页", "驾驶舱", "规划", "指标库", "对比", "帮助", "后台"],
    "demo-reviewer": ["首页", "驾驶舱", "规划", "指标库", "对比", "审核", "催报", "帮助", "后台"],
    "demo-leader": ["首页", "驾驶舱", "规划", "指标库", "对比", "帮助"],
    "demo-analyst": ["首页", "驾驶舱", "规划", "指标库", "对比", "报表", "帮助"],
    "demo-planner": ["首页", "驾驶舱", "规划", "指标库", "对比", "报表", "催报", "填报期", "帮助", "后台"],
    "demo-stranger": ["首页", "驾驶舱", "规划", "指标库", "对比", "帮助", "后台"],
    "demo-national": ["首页", "驾驶舱", "规划", "指标库", "对比", "报表", "帮助"],
}
ENTRY = "/plans/laohekou-14/entry/2024/"


def expect_refusal(page: Page, path: str, *, status: int, heading: str) -> None:
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == status
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    page.get_by_role("link", name="回到首页").click()
    expect(page.get_by_role("heading", name="您好")).to_be_visible()


def test_each_kind_of_person_finds_their_own_ways_in(open_as: OpenAs) -> None:
    found = {}
    for username in WAYS:
        page = open_as(username)
        page.goto("/")
        ways = page.get_by_role("navigation", name="主导航").get_by_role("link").all_inner_texts()
        found[username] = [re.sub(r"\d+\s*项待办", "", way).strip() for way in ways]  # without the number that waits
        expect(page.get_by_role("heading", name="等我办理")).to_have_count(
            1 if username in ("demo-clerk", "demo-reviewer", "demo-stranger") else 0
        )
    assert found == WAYS


def test_what_a_person_may_do_with_a_plan_stands_on_its_page(open_as: OpenAs) -> None:
    may = {}
    for username in ("demo-clerk", "demo-leader", "demo-analyst", "demo-planner"):
        page = open_as(username)
        page.goto("/plans/laohekou-14/?year=2024")
        for menu in page.locator("summary", has_text="导出").all():
            menu.click()
        may[username] = (
            page.get_by_role("link", name="填报2024年").count() == 1,
            page.get_by_role("link", name="下载 指标完成情况表").count() == 1,
        )
    assert may == {
        "demo-clerk": (True, False),
        "demo-leader": (False, False),
        "demo-analyst": (False, True),
        "demo-planner": (False, True),
    }


@pytest.mark.parametrize(
    ("username", "path", "status", "heading"),
    [
        ("demo-stranger", "/plans/laohekou-14/", 404, "没有找到"),
        ("demo-stranger", ENTRY, 404, "没有找到"),
        ("demo-leader", ENTRY, 403, "没有权限"),
        ("demo-leader", "/review/", 403, "没有权限"),
        ("demo-leader", "/admin/", 403, "没有权限"),
        ("demo-reviewer", ENTRY, 403, "没有权限"),
        ("demo-clerk", "/review/", 403, "没有权限"),
        ("demo-clerk", "/plans/no-such-plan/", 404, "没有找到"),
    ],
)
def test_a_closed_door_says_why_in_chinese_and_leads_home(
    open_as: OpenAs, username: str, path: str, status: int, heading: str
) -> None:
    expect_refusal(open_as(username), path, status=status, heading=heading)


def test_nobody_is_asked_to_sign_in_and_then_brought_to_the_page_they_wanted(open_as: OpenAs) -> None:
    page = open_as()
    page.goto("/plans/laohekou-14/?year=2023")
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    page.get_by_label("用户名").fill("demo-leader")
    page.get_by_label("密码").fill("not this one")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("用户名或密码不正确。请注意大小写。")
    expect(page.get_by_label("用户名")).to_have_value("demo-leader")
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="老河口市民政事业发展“十四五”规划")).to_be_visible()
    expect(page.get_by_role("link", name="2023", exact=True)).to_have_attribute("aria-current", "true")
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
