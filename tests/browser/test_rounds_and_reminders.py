"""A round is opened, closes, is extended; who has not reported is listed, downloaded, written to and told."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from django.core import mail
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from plans.models import Round
from tests.browser.conftest import OpenAs
from tests.browser.test_every_page import WIDTHS, expect_none, faults_of
from tests.browser.watch import accessibility_faults, watched, width_faults

SHEET = "/plans/laohekou-14/entry/2025/"
BEDS = "养老机构护理型床位占比 2025年实际值（%）"


def day(offset: int) -> str:
    """So many days from today in Beijing, as a date field takes it."""
    return (timezone.localdate() + timedelta(days=offset)).isoformat()


def open_round(planner: Page, *, due_on: str) -> None:
    planner.goto(reverse("round_list"))
    planner.get_by_label("规划", exact=True).select_option("老河口市：该年度的全部规划")
    planner.get_by_label("数据年度").fill("2025")
    planner.get_by_label("开放日期").fill("2026-01-01")
    planner.get_by_label("截止日期").fill(due_on)
    planner.get_by_role("button", name="开放填报").click()


def test_a_round_is_opened_closes_and_is_extended_and_the_clerk_sees_it(open_as: OpenAs) -> None:
    Round.objects.filter(plan__code="laohekou-14", year=2025).delete()
    clerk, planner = open_as("demo-clerk"), open_as("demo-planner")
    clerk.goto(SHEET)
    expect(clerk.get_by_role("main")).to_contain_text("未开放填报")

    planner.goto("/")
    planner.get_by_role("link", name="填报期", exact=True).click()
    open_round(planner, due_on=day(-1))
    expect(planner.get_by_role("status")).to_contain_text("已开放2025年填报：老河口“十四五”")
    clerk.goto(SHEET)
    expect(clerk.get_by_role("main")).to_contain_text("已截止")
    expect(clerk.get_by_label(BEDS)).to_have_count(0)

    planner.get_by_role("link", name="老河口“十四五”2025年 改期与延期").click()
    planner.get_by_label("延至").fill(day(7))
    planner.get_by_label("理由").fill("机构改革，数据移交未完")
    planner.get_by_role("button", name="批准延期").click()
    expect(planner.get_by_role("status")).to_contain_text(f"全部科室的填报已延至{day(7)}")
    allowed = planner.get_by_role("row", name="机构改革，数据移交未完")
    for shown in ("全部科室", day(7), "演示规划管理员"):
        expect(allowed).to_contain_text(shown)
    clerk.goto("/")
    expect(
        clerk.get_by_role("listitem").filter(has_text="老河口“十四五” 2025年").filter(has_not_text="进展")
    ).to_contain_text(f"{day(7)} 截止")
    clerk.goto(SHEET)
    expect(clerk.get_by_role("main")).to_contain_text("已延期")
    expect(clerk.get_by_label(BEDS)).to_be_visible()

    open_round(planner, due_on=day(30))
    expect(planner.get_by_role("status")).to_contain_text("已有2025年填报期、未作改动：老河口“十四五”")


def test_who_has_not_reported_is_listed_downloaded_told_by_notice_and_by_mail(open_as: OpenAs, tmp_path: Path) -> None:
    planner, clerk = open_as("demo-planner"), open_as("demo-clerk")
    trouble = watched(planner)
    planner.goto("/")
    planner.get_by_role("link", name="催报", exact=True).click()
    planner.get_by_label("规划", exact=True).select_option("laohekou-14")
    planner.get_by_label("数据年度").select_option("2024")
    planner.get_by_role("button", name="筛选").click()
    row = planner.get_by_role("row").filter(has=planner.get_by_role("rowheader", name="养老服务科"))
    row.get_by_text("1行").click()
    expect(row.get_by_text("养老机构护理型床位占比")).to_be_visible()

    with planner.expect_download() as download:
        planner.get_by_role("link", name="下载 催报清单").click()
    download.value.save_as(tmp_path / "list.xlsx")
    sheet = load_workbook(tmp_path / "list.xlsx").worksheets[0]
    names = {str(cell.value) for cell in sheet["B"]}
    assert {"养老服务科（演示）", "基层政权和社区治理科（演示）"} <= names

    planner.get_by_text("通知文稿与邮件催报").click()
    planner.get_by_role("button", name="复制通知").click()
    expect(planner.get_by_text("已复制。")).to_be_visible()
    planner.get_by_role("button", name="发送催报邮件").click()
    expect(planner.get_by_role("status").first).to_contain_text("已发出1封催报邮件。")
    expect(row).to_contain_text("已发邮件催报")
    (letter,) = mail.outbox
    assert letter.to == ["demo-clerk@demo.invalid"]
    assert "您负责的还有2项没有报送" in letter.body
    clerk.goto("/")
    today = timezone.localdate()
    waiting = clerk.get_by_role("listitem").filter(has_text="老河口“十四五” 2024年")
    expect(waiting).to_contain_text(f"已催报 {today.month}月{today.day}日")

    planner.goto(reverse("round_list"))
    planner.get_by_role("link", name="老河口“十四五”2024年 改期与延期").click()
    planner.get_by_label("理由").press("Control+V")
    assert planner.get_by_label("理由").input_value().startswith("关于催报规划指标数据的通知")
    expect_none(trouble)


@WIDTHS
def test_the_pages_of_rounds_and_reminders_are_sound(open_as: OpenAs, width: int) -> None:
    open_as()  # loads the demo
    round_ = Round.objects.get(plan__code="laohekou-14", year=2024)
    pages = [reverse("round_list"), reverse("round_detail", args=[round_.pk]), reverse("reminder_list")]
    expect_none(faults_of(open_as, "demo-planner", pages, width=width))


@WIDTHS
def test_what_opens_and_what_is_refused_on_these_pages_is_sound_too(open_as: OpenAs, width: int) -> None:
    page = open_as("demo-planner", width=width)
    open_round(page, due_on="2025-12-31")
    expect(page.get_by_role("alert")).to_contain_text("开放日期不能晚于截止日期。")
    faults = accessibility_faults(page) + width_faults(page)
    page.goto(reverse("reminder_list"))
    for closed in page.get_by_role("main").locator("summary").all():
        closed.click()
    expect(page.get_by_role("button", name="复制通知")).to_be_visible()
    expect_none(faults + accessibility_faults(page) + width_faults(page))
