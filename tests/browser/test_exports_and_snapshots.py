"""A big export from the progress bar to the file, and a round frozen, revised and compared."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from indicators.models import Actual, Indicator, State
from indicators.reassess import reassess
from reports.exports.kinds import JOBS
from reports.exports.worker import run_export
from reports.exports.workflow import ROWS_AT_ONCE, order_export
from reports.models import Export, ExportState
from tests.browser.conftest import OpenAs
from tests.browser.watch import accessibility_faults, english_words, language_faults, watched, width_faults
from tests.reports.exports.jobs import LINES, NAME, lines_job, lines_of

ROWS = ROWS_AT_ONCE * 2


def faults_of(page: Page, path: str) -> list[str]:
    """What is wrong with a page, wide and on a phone."""
    faults = []
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(path)
        faults += language_faults(page) + width_faults(page) + english_words(page) + accessibility_faults(page)
    return faults


def test_an_export_fills_its_bar_by_itself_and_ends_in_a_link_for_its_owner(
    open_as: OpenAs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(JOBS, LINES, lines_job())
    analyst = User.objects.get(username="demo-analyst")
    export = order_export(kind=LINES, what={"region": "420682", "rows": ROWS}, by=analyst, at=timezone.now())
    assert isinstance(export, Export)
    path = f"/reports/exports/{export.pk}/"
    page = open_as("demo-analyst")
    trouble = watched(page)
    faults = faults_of(page, path) + faults_of(page, "/reports/exports/")

    page.goto(path)
    bar = page.get_by_role("progressbar", name="导出进度")
    expect(bar).to_have_attribute("value", "0")
    Export.objects.update(state=ExportState.RUNNING, runs=1, heartbeat=timezone.now(), done=ROWS // 4)
    expect(bar).to_have_attribute("value", "25")
    Export.objects.update(state=ExportState.WAITING, runs=0)
    run_export.call(export.pk)
    with page.expect_download() as started:
        page.get_by_role("link", name=f"下载 {NAME}").click()
    started.value.save_as(tmp_path / "file")
    expect(bar).to_have_count(0)
    assert started.value.suggested_filename == NAME
    assert (tmp_path / "file").read_bytes() == lines_of(ROWS)

    theirs = open_as("demo-planner")
    answers = [theirs.goto(path), theirs.request.get(f"{path}file/")]
    assert [answer and answer.status for answer in answers] == [404, 404]

    page.get_by_role("button", name="删除").click()
    expect(page.get_by_role("status")).to_contain_text(f"已删除：{NAME}。")
    assert trouble + faults == []


def test_a_round_is_frozen_and_what_changed_since_stands_below_it(open_as: OpenAs) -> None:
    page = open_as("demo-planner")
    trouble = watched(page)
    page.goto("/plans/laohekou-14/?year=2023")
    page.locator("summary", has_text="导出").click()
    page.get_by_role("link", name="上报存档").click()
    page.get_by_label("数据年度").select_option("2023")
    page.get_by_label("名称").fill("2023年度监测上报省厅")
    page.get_by_role("button", name="存档").click()
    expect(page.get_by_text("现在的数据、目标和评价与存档一致。")).to_be_visible()
    sentence = page.locator(".lead").inner_text()

    revised = Actual.objects.get(indicator__plan__code="laohekou-14", indicator__number="3", year=2023)
    assert revised.state == State.APPROVED
    Actual.objects.filter(pk=revised.pk).update(value=Decimal("12.34"))
    reassess(Indicator.objects.filter(pk=revised.indicator_id))

    leader = open_as("demo-leader")
    leader.goto(page.url)
    expect(leader.locator(".lead")).to_have_text(sentence)
    changed = leader.get_by_role("row").filter(has_text="2023年实际").filter(has_text=revised.indicator.name)
    expect(changed).to_contain_text("12.34")
    expect(leader.get_by_role("link", name="下载当时的指标完成情况表")).to_have_count(0)

    path = page.url
    faults = faults_of(page, path) + faults_of(page, "/plans/laohekou-14/snapshots/")
    assert trouble + faults == []
