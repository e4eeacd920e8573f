"""Key projects and work items: ways of looking at them by address, key and phone; files beside a month."""

from __future__ import annotations

import re
import struct
import zlib
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from projects.models import Project, ReportFile
from tests import factories
from tests.browser.conftest import OpenAs
from tests.browser.test_every_page import WIDTHS, expect_none, faults_of
from tests.browser.watch import accessibility_faults, watched, width_faults

PROJECTS, WORK = "/plans/laohekou-14/projects/", "/plans/laohekou-14/work-items/"
RETURNED = "18"  # the project whose December was sent back to the clerk


def page_of(number: str) -> str:
    return reverse("project_detail", args=[Project.objects.get(plan__code="laohekou-14", number=number).pk])


def photo() -> bytes:
    """A small grey picture, whole enough for a browser to show it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x80" * 60 for _ in range(45))
    head = struct.pack(">LLBBBBB", 60, 45, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


@WIDTHS
def test_every_way_of_looking_is_sound(open_as: OpenAs, width: int) -> None:
    ways = [f"{PROJECTS}?view={view}" for view in ("table", "gantt", "money")]
    ways += [f"{WORK}?view={view}" for view in ("board", "due", "table")]
    ways += [page_of("10"), page_of(RETURNED)]
    expect_none(faults_of(open_as, "demo-clerk", ways, width=width))
    others = ["/plans/haining-2021/work-items/", "/plans/shanwei-14/projects/?view=gantt"]
    expect_none(faults_of(open_as, "demo-national", others, width=width))


def test_the_views_are_changed_by_key_and_each_keeps_its_address_and_filter(open_as: OpenAs) -> None:
    page = open_as("demo-leader")
    trouble = watched(page)
    page.goto(PROJECTS)
    expect(page.get_by_text("20个项目，总投资65600万元；")).to_be_visible()
    page.get_by_label("阶段").select_option(label="实施中")
    page.get_by_role("button", name="筛选").press("Enter")
    expect(page.get_by_text("所选5个项目，总投资11800万元")).to_be_visible()
    page.get_by_role("link", name="进度横道图").press("Enter")
    expect(page).to_have_url(re.compile(r"view=gantt"))
    expect(page).to_have_url(re.compile(r"stage=under_way"))
    expect(page.get_by_text("所选5个项目，总投资11800万元")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="特困供养人员服务中心")
    expect(row).to_contain_text("逾期未完工")
    expect(row.locator(".gantt-bar")).to_be_visible()
    page.get_by_role("link", name="投资与阶段").press("Enter")
    expect(page.get_by_role("img", name="各类项目总投资与累计完成的条形图").locator("svg")).to_be_visible()
    expect(page.get_by_role("img", name="已到各阶段项目数的漏斗图").locator("svg")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("link", name="进度横道图")).to_have_attribute("aria-current", "page")
    expect_none(trouble)


def test_the_calendar_has_todays_line_through_every_row_without_a_script(open_as: OpenAs) -> None:
    page = open_as("demo-leader", java_script_enabled=False)
    page.goto(f"{PROJECTS}?view=gantt")
    rows = page.locator(".gantt tbody tr:not(.group-row)")
    expect(rows).to_have_count(19)
    lines = page.locator(".gantt .gantt-today")
    expect(lines).to_have_count(20)
    places = {round(box["x"]) for line in lines.all() if (box := line.bounding_box())}
    assert len(places) == 1
    expect(page.get_by_role("heading", name="起止时间未载明（1个）")).to_be_visible()


@pytest.mark.parametrize("width", [1440, 390])
def test_the_board_is_walked_by_key_and_leads_to_the_tasks_page(open_as: OpenAs, width: int) -> None:
    page = open_as("demo-leader", width=width)
    page.goto(WORK)
    done = page.get_by_role("region", name="已完成")
    expect(done.get_by_role("listitem")).to_have_count(2)
    expect(done).to_contain_text("2025年12月累计31%，为目标的103.3%，已达到")
    page.get_by_label("期限", exact=True).select_option(label="已逾期")
    page.get_by_role("button", name="筛选").press("Enter")
    expect(page.get_by_text("所选3项任务：")).to_be_visible()
    link = page.get_by_role("link", name=re.compile("大力推进农村公益墓地建设"))
    link.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("大力推进农村公益墓地建设")
    expect(page.get_by_role("main")).to_contain_text(re.compile(r"逾期\d+天"))
    assert width_faults(page) == []


def upload(page: Page, label: str, folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    page.get_by_label(f"{label} 照片或文件").set_input_files(folder / name)
    page.get_by_role("button", name=f"上传到 {label}").click()


def test_a_clerk_attaches_a_photo_and_it_is_nobody_elses_business_until_approved(
    open_as: OpenAs, tmp_path: Path
) -> None:
    clerk, address = open_as("demo-clerk"), page_of(RETURNED)
    project = Project.objects.get(plan__code="laohekou-14", number=RETURNED)
    month = f"{project} 2025年12月"
    clerk.goto(address)
    upload(clerk, month, tmp_path, "现场.png", b"not a picture")
    expect(clerk.get_by_role("alert")).to_contain_text("内容不是PNG图片")
    upload(clerk, month, tmp_path, "现场.png", photo())
    shown = clerk.get_by_role("img", name="现场.png 缩图")
    expect(shown).to_be_visible()
    expect(shown).to_have_js_property("naturalWidth", 60)
    upload(
        clerk,
        month,
        tmp_path,
        "月报.pdf",
        factories.PDF,
    )
    with clerk.expect_download() as downloaded:
        clerk.get_by_role("link", name="月报.pdf").click()
    assert Path(downloaded.value.path()).read_bytes().startswith(b"%PDF")
    assert accessibility_faults(clerk) == []

    files = [reverse("report_file_download", args=[file.pk]) for file in ReportFile.objects.order_by("pk")]
    stranger, leader = open_as("demo-stranger"), open_as("demo-leader")
    for page in (stranger, leader):
        answers = [page.request.get(file).status for file in [*files, f"{files[0]}preview/"]]
        assert answers == [404, 404, 404]
    leader.goto(address)
    expect(leader.get_by_text("月报.pdf")).to_have_count(0)

    clerk.get_by_role("button", name="移除 月报.pdf").press("Enter")
    expect(clerk.get_by_role("link", name="月报.pdf")).to_have_count(0)
    clerk.goto("/plans/laohekou-14/project-reports/2025/12/")
    row = clerk.locator(f"#line-{project.pk}")
    row.get_by_text("材料（1）").click()
    expect(row.get_by_role("link", name="现场.png")).to_be_visible()
