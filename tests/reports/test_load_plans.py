"""`load_plans`: again and again without doubling, and without touching what people have corrected."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import TestCase

from accounts.permissions import Role
from indicators.models import Actual, Assessment, Indicator, State, Target
from plans.models import Plan
from reports.documents import document_files, document_rows
from tests import factories


def said(*args: str) -> str:
    out = StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()


def counts() -> dict[str, int]:
    models: dict[str, Any] = {"plans": Plan, "indicators": Indicator, "targets": Target, "actuals": Actual}
    return {name: model._default_manager.count() for name, model in models.items()}


def rows_in_files() -> dict[str, int]:
    found = Counter(row["model"] for file in document_files() for row in document_rows(file))
    names = {
        "plans.plan": "plans",
        "indicators.indicator": "indicators",
        "indicators.target": "targets",
        "indicators.actual": "actuals",
    }
    return {name: found[model] for model, name in names.items()}


@pytest.mark.django_db
def test_every_row_of_the_files_is_loaded_once_however_often_it_is_run() -> None:
    first, second = said("load_plans"), said("load_plans")
    assert counts() == rows_in_files()
    assert f"指标{counts()['indicators']}" in first
    assert second.startswith("没有新增。")


@pytest.mark.django_db
def test_plain_loaddata_loads_the_same_rows_twice_without_doubling() -> None:
    names = ["regions", "themes", "metrics", *(f"plans/{file.stem}" for file in document_files()[3:])]
    call_command("loaddata", *names, verbosity=0)
    call_command("loaddata", *names, verbosity=0)
    assert counts() == rows_in_files()


class WithTheDocuments(TestCase):
    """The five documents are loaded once for all of these tests, since that takes a second."""

    @classmethod
    def setUpTestData(cls) -> None:
        call_command("load_plans", verbosity=0)

    def test_every_indicator_is_assessed_for_every_year_of_its_plan(self) -> None:
        missing = [
            (indicator, year)
            for indicator in Indicator.objects.select_related("plan").prefetch_related("assessments")
            for year in set(indicator.plan.years) - {row.year for row in indicator.assessments.all()}
        ]
        assert missing == []

    def test_a_corrected_row_survives_and_a_deleted_one_comes_back(self) -> None:
        row = Indicator.objects.get_by_natural_key("laohekou-14", "4")
        Indicator.objects.filter(pk=row.pk).update(name="护理型床位占比（更正）")
        Target.objects.get_by_natural_key("chunan-14", "4", 2025).delete()
        call_command("load_plans", verbosity=0)
        row.refresh_from_db()
        assert row.name == "护理型床位占比（更正）"
        assert Target.objects.get_by_natural_key("chunan-14", "4", 2025).value == 60

    def test_refresh_restores_the_documents_words_and_leaves_the_rest(self) -> None:
        row = Indicator.objects.get_by_natural_key("laohekou-14", "4")
        department = factories.department(region=row.plan.region)
        changed = {"name": "护理型床位占比（误改）", "department": department, "change_limit": Decimal(30)}
        Indicator.objects.filter(pk=row.pk).update(**changed)
        assert "按文件改回：指标1。" in said("load_plans", "--refresh")
        row.refresh_from_db()
        assert (row.name, row.department) == ("养老机构护理型床位占比", department)
        assert row.change_limit == 30

    def test_refresh_leaves_a_printed_figure_that_a_person_has_entered_anew(self) -> None:
        printed = Actual.objects.get_by_natural_key("laohekou-13", "2", 2020)
        clerk = factories.person(Role.CLERK, printed.indicator.plan.region)
        theirs = {"value": Decimal(88), "source_ref": "", "entered_by": clerk, "state": State.DRAFT}
        Actual.objects.filter(pk=printed.pk).update(**theirs, entered_at="2024-01-01T00:00:00Z")
        call_command("load_plans", "--refresh", verbosity=0)
        printed.refresh_from_db()
        assert (printed.entered_by, printed.state) == (clerk, "draft")
        assert printed.value == 88

    def test_refresh_keeps_a_revised_target_in_force(self) -> None:
        row = Indicator.objects.get_by_natural_key("laohekou-14", "4")
        old = row.targets.get(year=2025)
        Target.objects.filter(pk=old.pk).update(is_current=False)
        planner = factories.person(Role.PLANNER, row.plan.region)
        Target.objects.create(
            indicator=row,
            year=2025,
            version=2,
            value=Decimal(55),
            text="55",
            reason="中期调整",
            approved_by_body="老河口市人民政府",
            approval_number="老政发〔2023〕1号",
            revised_by=planner,
            revised_at="2023-06-01T00:00:00Z",
        )
        call_command("load_plans", "--refresh", verbosity=0)
        assert row.targets.get(is_current=True).value == 55

    def test_the_stored_assessments_are_what_the_engine_says(self) -> None:
        assert said("reassess", "--check") == "各项评价与重新计算的结果一致。\n"
        assert Assessment.objects.filter(is_demo=True).count() == 0
