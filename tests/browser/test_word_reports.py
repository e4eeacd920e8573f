"""From the plan to its Word report, from a template that is refused to one that is installed, and the bulletin."""

from __future__ import annotations

from pathlib import Path

from django.urls import reverse
from docx import Document
from playwright.sync_api import expect

from accounts.models import Membership, Region, User
from accounts.permissions import Role
from tests.browser.conftest import OpenAs
from tests.browser.watch import accessibility_faults, language_faults, watched, width_faults
from tests.reports.word.documents import document


def test_a_report_is_previewed_downloaded_and_made_from_the_bureaus_own_template(
    open_as: OpenAs, tmp_path: Path
) -> None:
    planner = open_as("demo-planner", width=390)
    trouble = watched(planner)
    faults = []
    planner.goto("/plans/laohekou-14/?year=2023")
    planner.locator("summary", has_text="导出").click()
    planner.get_by_role("link", name="Word 报告").click()
    planner.get_by_label("报告", exact=True).select_option("中期评估报告")
    planner.get_by_role("button", name="预览").click()
    expect(planner.get_by_role("article", name="内容预览")).to_contain_text("含演示数据，不是真实统计")
    faults += language_faults(planner) + width_faults(planner) + accessibility_faults(planner)
    with planner.expect_download() as downloading:
        planner.get_by_role("link", name="下载 中期评估报告（.docx）").click()
    assert downloading.value.suggested_filename == "老河口“十四五”_中期评估报告_2023年.docx"
    downloading.value.save_as(tmp_path / "report.docx")
    assert len(Document(str(tmp_path / "report.docx")).tables) == 4
    planner.goto(f"{reverse('bulletin', args=['420682'])}?year=2023")
    expect(planner.get_by_role("heading", level=1)).to_contain_text("通报")
    faults += language_faults(planner) + width_faults(planner) + accessibility_faults(planner)

    user = User.objects.create_user(username="system")
    Membership.objects.create(user=user, region=Region.objects.get(code="420682"), role=Role.SYSTEM)
    system = open_as("system")
    trouble += watched(system)
    system.goto(reverse("report_template_list"))
    for text, said in (("{{ lipsum() }}", "正文第1段“{{ lipsum() }}”：不能用“函数调用”"), ("{{ 标题 }}", "第1版")):
        file = {"name": "模板.docx", "mimeType": "application/octet-stream", "buffer": document(text)}
        system.get_by_label("模板（.docx）").set_input_files(file)  # type: ignore[arg-type]
        system.get_by_role("button", name="检查并安装").click()
        expect(system.get_by_role("main")).to_contain_text(said)
    faults += language_faults(system) + width_faults(system) + accessibility_faults(system)
    refused = [line for line in trouble if "422" not in line]
    assert faults + refused == []
