"""One metric across plans: found by name, drawn, chosen in the address, ranked only where planners allow it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from indicators.models import Metric
from tests.browser.conftest import OpenAs
from tests.browser.test_every_page import WIDTHS, expect_none, faults_of

BEDS = "/compare/nursing-bed-share/"


def regions_shown(page: Page) -> list[str]:
    return [text.split("\n")[0] for text in page.locator(".compare tbody th").all_inner_texts()]


@WIDTHS
def test_the_pages_of_the_comparison_are_sound(open_as: OpenAs, width: int) -> None:
    Metric.objects.filter(code="elderly-beds-per-thousand").update(is_ranked=True)
    pages = ["/compare/", BEDS, "/compare/elderly-beds-per-thousand/", "/compare/home-care-circle/"]
    pages.append("/compare/registered-volunteers/?region=420682&year=2024")
    expect_none(faults_of(open_as, "demo-national", pages, width=width))


def test_a_metric_is_found_by_its_name_and_drawn(open_as: OpenAs) -> None:
    page = open_as("demo-national")
    page.goto("/")
    page.get_by_role("navigation", name="主导航").get_by_role("link", name="对比").click()
    page.get_by_label("指标名称").fill("护理型床位比例")  # an alias
    page.keyboard.press("Enter")
    page.get_by_role("link", name="养老机构护理型床位占比").click()
    chart = page.get_by_role("img", name="折线图")
    for plan in ("淳安“十四五”", "老河口“十三五”", "老河口“十四五”", "汕尾“十四五”"):
        expect(chart.locator("text", has_text=plan)).to_be_visible()
    with page.expect_download() as picture:
        page.get_by_role("button", name="存为图片").click()
    assert picture.value.suggested_filename.startswith("养老机构护理型床位占比——")
    assert "演示数据" in picture.value.suggested_filename


def test_choices_stay_in_the_address_and_need_neither_mouse_nor_script(open_as: OpenAs) -> None:
    page = open_as("demo-national", java_script_enabled=False)
    page.goto(BEDS)
    page.get_by_label("规划期").select_option("2021—2025年")
    page.get_by_label("数据年度").select_option("2022年")
    page.get_by_text("地区：全部3个").focus()
    page.keyboard.press("Enter")
    page.get_by_role("checkbox", name="汕尾市").focus()
    page.keyboard.press("Space")
    page.get_by_role("checkbox", name="老河口市").press("Space")
    page.get_by_role("button", name="对比").press("Enter")
    expect(page).to_have_url(re.compile(r"period=2021-2025&year=2022.*region=420682&region=441500"))
    assert regions_shown(page) == ["老河口市", "汕尾市"]
    expect(page.get_by_label("数据年度")).to_have_value("2022")
    page.get_by_role("link", name="清除选择").click()
    assert regions_shown(page) == ["淳安县", "老河口市", "老河口市", "汕尾市"]


@pytest.mark.parametrize("is_ranked", [False, True])
def test_places_are_shown_only_where_planners_allow_it(open_as: OpenAs, is_ranked: bool) -> None:
    Metric.objects.filter(code="nursing-bed-share").update(is_ranked=is_ranked)
    page = open_as("demo-national")
    page.goto(f"{BEDS}?year=2023")
    expect(page.get_by_role("columnheader", name="名次")).to_have_count(int(is_ranked))
    expect(page.get_by_text("按2023年已审核数据排名" if is_ranked else "不排名：")).to_be_visible()
    ranked = ["淳安县", "汕尾市", "老河口市", "老河口市"]
    assert regions_shown(page) == (ranked if is_ranked else ["淳安县", "老河口市", "老河口市", "汕尾市"])
