"""Every page, wide and on a phone: nothing breaks, nothing leaves the house, everyone can read it."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from indicators.models import Indicator
from projects.models import Project, WorkItem
from tests.browser.conftest import OpenAs
from tests.browser.watch import accessibility_faults, english_words, language_faults, watched, width_faults

PLANS = ("shanwei-14", "laohekou-13", "laohekou-14", "panzhihua-13", "haining-2021", "chunan-14")
WIDTHS = pytest.mark.parametrize("width", [1440, 390])


def faults_of(open_as: OpenAs, username: str, paths: list[str], *, width: int) -> list[str]:
    """Everything wrong with these pages as this person sees them."""
    page = open_as(username, width=width)
    trouble = watched(page)
    faults = []
    for path in paths:
        page.goto(path)
        expect(page.get_by_role("main")).to_be_visible()
        faults += language_faults(page) + width_faults(page) + english_words(page) + accessibility_faults(page)
    return trouble + faults


def expect_none(faults: list[str]) -> None:
    assert not faults, "\n".join(faults)


@WIDTHS
def test_the_front_door_and_the_pages_around_the_plans_are_sound(open_as: OpenAs, width: int) -> None:
    expect_none(faults_of(open_as, "", [reverse("login")], width=width))
    project = Project.objects.get(plan__code="laohekou-14", number="1")
    item = WorkItem.objects.filter(reports__isnull=False)[0]
    around = [
        reverse("home"),
        reverse("plan_list"),
        reverse("project_list", args=["laohekou-14"]),
        reverse("project_detail", args=[project.pk]),
        reverse("work_item_list", args=["laohekou-14"]),
        reverse("work_item_list", args=["haining-2021"]),
        item.get_absolute_url(),
    ]
    expect_none(faults_of(open_as, "demo-national", around, width=width))
    for_analysts = [
        reverse("metric_list"),
        reverse("metric_detail", args=["nursing-bed-share"]),
        reverse("table_list"),
        reverse("word_report"),
        reverse("export_list"),
        reverse("token_list"),
        reverse("api_examples"),
    ]
    expect_none(faults_of(open_as, "demo-analyst", for_analysts, width=width))
    for_planners = [
        reverse("draft_list"),
        reverse("draft_roll", args=["laohekou-14"]),
        reverse("snapshot_list", args=["laohekou-14"]),
        reverse("bulletin", args=["420682"]),
    ]
    expect_none(faults_of(open_as, "demo-planner", for_planners, width=width))


@WIDTHS
def test_the_pages_of_all_six_plans_are_sound(open_as: OpenAs, width: int) -> None:
    pages = [reverse("plan_detail", args=[code]) for code in PLANS]
    expect_none(faults_of(open_as, "demo-national", pages, width=width))


@WIDTHS
def test_the_page_of_an_indicator_is_sound_and_its_chart_is_drawn(open_as: OpenAs, width: int) -> None:
    indicator = Indicator.objects.get(plan__code="laohekou-14", number="3")
    path = reverse("indicator_detail", args=[indicator.pk])
    expect_none(faults_of(open_as, "demo-clerk", [path], width=width))
    page = open_as("demo-clerk", width=width)
    page.goto(path)
    chart = page.get_by_role("img", name="规划路径与实际值的折线图")
    expect(chart.locator("svg")).to_be_visible()
    expect(chart.locator("text", has_text="规划路径")).to_be_visible()


@WIDTHS
def test_the_pages_of_work_are_sound(open_as: OpenAs, width: int) -> None:
    sheets = [reverse("home"), *(reverse("entry_sheet", args=["laohekou-14", year]) for year in (2024, 2025))]
    expect_none(faults_of(open_as, "demo-clerk", sheets, width=width))
    expect_none(faults_of(open_as, "demo-reviewer", [reverse("home"), reverse("review_list")], width=width))


@WIDTHS
def test_the_back_office_is_sound(open_as: OpenAs, width: int) -> None:
    pages = [reverse("admin:index"), reverse("admin:indicators_indicator_changelist")]
    expect_none(faults_of(open_as, "demo-planner", pages, width=width))


@WIDTHS
def test_the_description_of_the_api_opens_without_a_network_of_its_own(open_as: OpenAs, width: int) -> None:
    page = open_as("demo-analyst", width=width)
    trouble = watched(page)
    page.goto(reverse("api:docs"))
    expect(page.get_by_role("heading", name="CivPlan API")).to_be_visible()
    expect(page.get_by_text("/api/v1/actuals/", exact=True).first).to_be_visible()
    expect_none(trouble + width_faults(page))
