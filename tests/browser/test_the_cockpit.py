"""驾驶舱 and 大屏: from the sentence to the evidence, on a phone, on paper, and on a wall for a day."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import User
from indicators.models import Actual
from tests import factories
from tests.browser.conftest import OpenAs
from tests.browser.watch import accessibility_faults, english_words, language_faults, watched, width_faults

LAGGING = "每千名老年人口拥有养老床位数"  # of 老河口 “十四五”, 2024
SENTENCE = "老河口“十四五”2024年：15项指标：提前完成6项、符合预期1项、轻度滞后1项、滞后1项"
LOOK_OF_A_SHAPE = """element => {
  const css = getComputedStyle(element);
  return [css.clipPath, css.borderRadius, css.backgroundImage === "none"].join();
}"""
SMALLEST_TYPE = """Math.min(...[...document.querySelectorAll("[data-screen-page]:not([hidden]) *")]
  .filter((element) => element.innerText && !element.children.length)
  .map((element) => parseFloat(getComputedStyle(element).fontSize)))"""


def faults_of(page: Page) -> list[str]:
    return language_faults(page) + width_faults(page) + english_words(page) + accessibility_faults(page)


@pytest.mark.parametrize("width", [1440, 390])
def test_cockpit_and_screen_are_sound(open_as: OpenAs, width: int) -> None:
    page = open_as("demo-national", width=width)
    trouble = watched(page)
    faults = []
    for path in (
        "/cockpit/",
        "/cockpit/420682/",
        "/cockpit/420682/?period=13",
        "/cockpit/420682/?period=15",
        "/cockpit/100000/projects/",
    ):
        page.goto(path)
        expect(page.get_by_role("main")).to_be_visible()
        faults += faults_of(page)
    page = open_as("demo-screen", width=width, reduced_motion="reduce")  # a page that fades in is pale for a moment
    trouble += watched(page)
    page.goto("/screen/")
    expect(page.get_by_role("button", name="继续")).to_be_visible()
    faults += faults_of(page)
    assert not trouble + faults, "\n".join(trouble + faults)


def test_a_leader_goes_from_the_sentence_to_the_evidence_in_three_taps(open_as: OpenAs) -> None:
    page = open_as("demo-leader", width=390, height=844, has_touch=True)
    actual = Actual.objects.get(indicator__plan__code="laohekou-14", indicator__number="3", year=2024)
    factories.evidence(actual=actual, name="床位台账.pdf", uploaded_by=User.objects.get(username="demo-entry"))
    page.goto("/cockpit/")
    expect(page.get_by_text(SENTENCE)).to_be_visible()
    page.get_by_role("list", name="各灯色的指标数").get_by_role("link", name="滞后或未完成", exact=False).first.tap()
    expect(page).to_have_url(re.compile(r"/plans/laohekou-14/\?year=2024&rows=number&light=red$"))
    page.get_by_role("link", name=LAGGING).tap()
    expect(page.get_by_role("heading", name="佐证材料")).to_be_visible()
    with page.expect_download() as file:
        page.get_by_role("link", name="床位台账.pdf").tap()
    assert file.value.suggested_filename == "床位台账.pdf"


def test_the_keyboard_alone_reaches_periods_changes_and_lists(open_as: OpenAs) -> None:
    page = open_as("demo-national")
    page.goto("/cockpit/420682/")
    page.get_by_role("link", name="十三五").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("老河口“十三五”2020年：6项指标：超额完成4项、完成2项。")).to_be_visible()
    page.get_by_role("link", name="十四五").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(SENTENCE)).to_be_visible()
    met = page.locator("summary", has_text="新达到目标")
    met.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="1 城乡低保标准年度增速")).to_be_visible()
    region = page.get_by_label("地区", exact=True)
    region.focus()
    region.select_option("全国")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/cockpit/100000/\?period=14$"))
    page.get_by_role("link", name="达标率", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("columnheader", name="达标率")).to_have_attribute("aria-sort", "descending")


def test_the_chart_is_drawn_with_shapes_and_its_table_stands_beside_it(open_as: OpenAs) -> None:
    page = open_as("demo-leader")
    page.goto("/cockpit/")
    chart = page.get_by_role("img", name="按业务领域的各灯色指标数")
    expect(chart.locator("text", has_text="■1")).to_be_visible()
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="养老服务"))
    expect(row.get_by_role("cell")).to_have_text(["", "1", "0", "1", "1", "3"])


def test_the_cockpit_prints_on_a4(open_as: OpenAs, tmp_path: Path) -> None:
    page = open_as("demo-leader")
    page.goto("/cockpit/")
    paper = tmp_path / "cockpit.pdf"
    page.pdf(path=paper, prefer_css_page_size=True)
    reader, about = shutil.which("pdftotext"), shutil.which("pdfinfo")
    if reader is None or about is None:
        return
    text = subprocess.run([reader, "-layout", paper, "-"], capture_output=True, text=True, check=True).stdout  # noqa: S603
    for said in ("15项指标", "滞后", LAGGING[:6], "养老服务科", "重点项目", "逾期未完成", "已审核", "演示数据"):
        assert said in text
    for only_on_screen in ("退出", "大屏", "存为图片", "查看全部"):
        assert only_on_screen not in text
    size = subprocess.run([about, paper], capture_output=True, text=True, check=True).stdout  # noqa: S603
    assert re.search(r"Page size:\s+59\d\.?\d* x 84\d", size)


@pytest.mark.parametrize("width", [1440, 390])
def test_lights_keep_shape_and_word_without_colour(open_as: OpenAs, width: int) -> None:
    page = open_as("demo-leader", width=width)
    page.goto("/cockpit/")
    drawn = page.locator("main .light .light-shape").evaluate_all("all => all.map((shape) => shape.offsetWidth)")
    assert min(drawn) >= 9
    shapes = page.get_by_role("list", name="各灯色的指标数").locator(".light-shape")
    assert len({shape.evaluate(LOOK_OF_A_SHAPE) for shape in shapes.all()}) == 4
    words = page.get_by_role("list", name="各灯色的指标数").get_by_role("link").all_inner_texts()
    assert [" ".join(text.split()) for text in words][:4] == [
        "1 滞后或未完成",
        "1 轻度滞后或基本完成",
        "7 完成或符合预期",
        "6 未评价",
    ]


# ---- The big screen


def shown(page: Page) -> str:
    return page.locator("[data-screen-page]:visible h2").inner_text()


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (3840, 2160)])
def test_nothing_on_the_screen_is_cut_off_or_too_small_for_five_metres(
    open_as: OpenAs, width: int, height: int
) -> None:
    for username, address in (("demo-screen", "/screen/"), ("demo-national", "/screen/100000/?period=14")):
        page = open_as(username, width=width, height=height)
        page.goto(address)
        for _ in page.locator("[data-screen-page]").all():
            section = page.locator("[data-screen-page]:visible")
            assert section.evaluate("element => element.scrollHeight <= element.clientHeight")
            assert page.evaluate(SMALLEST_TYPE) >= width * 0.0115
            page.keyboard.press("ArrowRight")
        assert width_faults(page) == []


def test_the_screen_turns_pauses_and_obeys_keys_and_buttons(open_as: OpenAs) -> None:
    page = open_as("demo-screen", width=1920, height=1080)
    page.clock.install()
    page.goto("/screen/")
    expect(page.get_by_text("1 / 4")).to_be_visible()
    page.clock.run_for(15_100)
    expect(page.get_by_text("2 / 4")).to_be_visible()
    assert shown(page) == "老河口“十四五” 滞后指标"
    page.get_by_role("button", name="暂停").click()
    page.clock.run_for(60_000)
    expect(page.get_by_text("2 / 4")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("3 / 4")).to_be_visible()
    page.get_by_role("button", name="上一页").click()
    expect(page.get_by_text("2 / 4")).to_be_visible()
    page.keyboard.press("End")
    assert shown(page) == "老河口“十四五” 工作要点"
    page.get_by_role("button", name="继续").click()
    page.clock.run_for(15_100)
    expect(page.get_by_text("1 / 4")).to_be_visible()


def test_who_asked_for_less_motion_turns_the_pages_by_hand(open_as: OpenAs) -> None:
    page = open_as("demo-screen", width=1920, height=1080, reduced_motion="reduce")
    page.clock.install()
    page.goto("/screen/")
    page.clock.run_for(60_000)
    expect(page.get_by_text("1 / 4")).to_be_visible()
    expect(page.get_by_role("button", name="继续")).to_be_visible()


def test_the_screen_keeps_what_it_shows_while_the_server_is_away_and_does_not_grow(open_as: OpenAs) -> None:
    page = open_as("demo-screen", width=1920, height=1080)
    page.clock.install()
    page.goto("/screen/")
    page.get_by_role("button", name="暂停").click()
    count = "document.querySelectorAll('*').length"
    before = page.evaluate(count)
    trouble = page.get_by_role("status").get_by_text("连接中断")
    expect(trouble).to_be_hidden()
    page.route("**/screen/", lambda route: route.abort())
    page.clock.run_for(181_000)
    expect(trouble).to_be_visible()
    expect(page.get_by_text(SENTENCE)).to_be_visible()
    page.unroute("**/screen/")
    Actual.objects.filter(indicator__plan__code="laohekou-14", year=2024).exclude(state="approved").delete()
    for _ in range(5):
        with page.expect_response("**/screen/"):
            page.clock.run_for(181_000)
        expect(trouble).to_be_hidden()
    assert page.evaluate(count) == before


def test_a_screen_can_do_nothing_else(open_as: OpenAs) -> None:
    page = open_as("demo-screen")
    page.goto(reverse("home"))
    expect(page).to_have_url(re.compile(r"/screen/$"))
    for path in (reverse("plan_list"), reverse("cockpit"), reverse("api:docs"), "/screen/420682/"):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 403
