"""Calibration: the engine must reach the verdict that the document itself prints."""

from __future__ import annotations

import pytest

from indicators.models import Actual, Assessment
from indicators.verdicts import Verdict


@pytest.mark.usefixtures("five_documents")
def test_the_engine_agrees_with_every_verdict_printed_in_table_1() -> None:
    printed = Actual.objects.exclude(printed_verdict="").select_related("indicator")
    found = {
        actual.indicator.number: Assessment.objects.get(indicator=actual.indicator, year=actual.year).verdict
        for actual in printed
    }
    assert {actual.printed_verdict for actual in printed} == {"完成"}
    assert set(found) == {"1", "1.1", "2", "3", "4", "5", "6"}
    assert {number for number, verdict in found.items() if verdict not in (Verdict.MET, Verdict.EXCEEDED)} == set()
