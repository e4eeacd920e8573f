"""An analyst makes a token, copies it and an example, and the program that comes of it reads the portal."""

from __future__ import annotations

import shlex
import urllib.request

from playwright.sync_api import expect

from dashboard.api_examples import TOKEN
from tests.browser.conftest import OpenAs


def test_an_analyst_makes_a_token_and_takes_figures_out(open_as: OpenAs) -> None:
    page = open_as("demo-analyst")
    page.goto("/")
    page.get_by_role("link", name="接口", exact=True).click()
    page.get_by_role("link", name="接口令牌").click()
    page.get_by_label("用途").fill("季度分析")
    page.get_by_role("button", name="生成").click()
    key = page.get_by_label("令牌", exact=True).input_value()
    page.get_by_role("button", name="复制令牌").click()
    expect(page.get_by_text("已复制。")).to_be_visible()

    page.get_by_role("link", name="接口示例").first.click()
    page.get_by_role("button", name="复制 命令行 curl：把已审核数据存成 CSV").click()
    expect(page.get_by_text("已复制。")).to_be_visible()
    command = page.get_by_label("命令行 curl：把已审核数据存成 CSV 的代码").input_value()
    words = shlex.split(command.replace(TOKEN, key))
    request = urllib.request.Request(words[-1], headers={"Authorization": f"Token {key}"})  # noqa: S310 (our own)
    with urllib.request.urlopen(request) as answer:  # noqa: S310 (our own)
        lines = answer.read().decode("utf-8-sig").splitlines()
    assert lines[0].startswith("id,indicator,year,value,")
    assert len(lines) > 20

    page.goto("/tokens/")
    expect(page.get_by_role("row", name="季度分析")).to_contain_text("有效")
    assert key not in page.content()
    page.get_by_role("button", name="停用令牌 季度分析").click()
    expect(page.get_by_role("status")).to_contain_text("已停用")
    expect(page.get_by_role("button", name="停用令牌 季度分析")).to_have_count(0)
