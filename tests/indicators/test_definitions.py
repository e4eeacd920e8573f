"""Changing what was promised, or how lags are called, leaves the old on record and re-assesses what rests on it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError

from accounts.models import AuditEvent
from accounts.permissions import Role
from indicators.definitions import Promise, StaleTarget, change_policy, revise_target
from indicators.figures import FigureError, Operator
from indicators.models import Assessment, Indicator, State, Target, targets_in_force
from indicators.reassess import differences, reassess
from indicators.review import Forbidden, Refused
from plans.models import AssessmentPolicy
from tests import factories

pytestmark = pytest.mark.django_db


def behind_by_little() -> Indicator:
    """45.2 in 2023 where 46 was due: 轻度滞后."""
    indicator = factories.indicator(number="4")
    factories.actual(indicator=indicator, value=Decimal("45.2"), state=State.APPROVED)
    reassess(Indicator.objects.all())
    assert verdict(indicator) == "slightly_behind"
    return indicator


def verdict(indicator: Indicator) -> str:
    return Assessment.objects.get(indicator=indicator, year=2023).verdict


@pytest.mark.parametrize(
    ("text", "promise"),
    [
        ("≥55", Promise(Operator.GE, Decimal(55), None, "≥55")),
        ("35～40", Promise(Operator.RANGE, Decimal(35), Decimal(40), "35～40")),
        ("应保尽保", Promise(Operator.TEXT, None, None, "应保尽保")),
    ],
)
def test_a_promise_is_read_from_its_text(text: str, promise: Promise) -> None:
    assert Promise.read(text, unit="%") == promise


def test_a_broken_promise_is_refused() -> None:
    with pytest.raises(FigureError):
        Promise.read("1,23", unit="%")


def revise(indicator: Indicator, text: str, **values: Any) -> Target:
    said: dict[str, Any] = {"year": 2025, "counts_from": 2021, "reason": "省下达新任务", **values}
    said.setdefault("approved_by_body", "老河口市人民政府")
    said.setdefault("approval_number", "老民〔2024〕1号")
    current = indicator.targets.filter(year=said["year"], is_current=True).first()
    said.setdefault("version", current.version if current else 0)
    by = said.pop("by", None) or factories.person(Role.PLANNER)
    return revise_target(indicator=indicator, promise=Promise.read(text, unit="%"), by=by, **said)


def test_a_revision_is_in_force_and_the_old_target_stays_on_record() -> None:
    indicator = behind_by_little()
    planner = factories.person(Role.PLANNER, display_name="李强")
    at = datetime(2024, 5, 6, 1, 2, 3, tzinfo=UTC)
    target = revise(indicator, "48", by=planner, at=at)
    assert list(
        indicator.targets.order_by("version").values_list("version", "is_current", "value", "text", "reason")
    ) == [(1, False, Decimal(50), "50", ""), (2, True, Decimal(48), "48", "省下达新任务")]
    assert (target.revised_by, target.revised_at) == (planner, at)
    assert target.approval == "老河口市人民政府，老民〔2024〕1号"
    assert verdict(indicator) == "on_track"
    line = AuditEvent.objects.get()
    assert (line.action, line.person, line.at, line.region_code) == ("调整目标", "李强", at, "420682")
    assert line.summary == "“十四五” 4 养老机构护理型床位占比 2025年目标调整为48，自2021年数据起适用"
    assert line.detail == {
        "was": "50",
        "counts_from": 2021,
        "reason": "省下达新任务",
        "approved_by_body": "老河口市人民政府",
        "approval_number": "老民〔2024〕1号",
        "verdicts": ["2023年：轻度滞后 → 符合预期"],
    }


def test_a_revision_counts_from_its_data_year_on_and_earlier_years_keep_their_target() -> None:
    indicator = behind_by_little()
    factories.actual(indicator=indicator, year=2024, value=Decimal("46.6"), state=State.APPROVED)
    reassess(Indicator.objects.all())
    revise(indicator, "48", counts_from=2024)
    said = dict(Assessment.objects.filter(indicator=indicator).values_list("year", "verdict"))
    assert (said[2023], said[2024]) == ("slightly_behind", "on_track")
    assert differences(Indicator.objects.all())[0] == []
    assert AuditEvent.objects.get().detail["verdicts"] == ["2024年：滞后 → 符合预期"]


def test_each_data_year_is_judged_by_the_newest_target_that_counts_by_then() -> None:
    indicator = factories.indicator()
    revise(indicator, "48", counts_from=2023)
    revise(indicator, "46", counts_from=2025)
    versions = list(indicator.targets.all())
    assert [targets_in_force(versions, year=year)[2025].text for year in range(2021, 2026)] == [
        "50",
        "50",
        "48",
        "48",
        "46",
    ]


def test_a_target_that_somebody_revised_in_between_is_answered_with_both_values() -> None:
    indicator = factories.indicator()
    revise(indicator, "48", by=factories.person(Role.PLANNER, display_name="李强"))
    with pytest.raises(StaleTarget, match="已由李强调整为“48”，您要调整为“46”") as stale:
        revise(indicator, "46", version=1)
    assert stale.value.status == 409
    assert indicator.targets.count() == 2


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"counts_from": 2026}, "年度应在2021～2025年之间。"),
        ({"year": 2030, "version": 0}, "年度应在2021～2025年之间。"),
        ({"year": 2023, "version": 0, "counts_from": 2024}, "2023年的目标最迟从2023年的数据起适用。"),
    ],
)
def test_a_revision_stays_within_its_plan(values: dict[str, Any], message: str) -> None:
    with pytest.raises(Refused, match=message):
        revise(factories.indicator(), "48", **values)


def test_the_same_target_again_is_no_revision() -> None:
    indicator = factories.indicator()
    with pytest.raises(Refused, match="2025年的目标现在就是“50”"):
        revise(indicator, "50")
    assert indicator.targets.count() == 1


def test_a_target_may_be_revised_again_and_again() -> None:
    indicator = factories.indicator()
    revise(indicator, "48")
    revise(indicator, "≥49")
    assert list(indicator.targets.order_by("version").values_list("version", "is_current", "operator")) == [
        (1, False, "eq"),
        (2, False, "eq"),
        (3, True, "ge"),
    ]


def test_a_target_for_a_year_without_one_is_a_revision_too() -> None:
    indicator = factories.indicator()
    revise(indicator, "46", year=2023)
    assert list(indicator.targets.filter(is_current=True).order_by("year").values_list("year", "version")) == [
        (2023, 2),
        (2025, 1),
    ]


@pytest.mark.parametrize("missing", ["reason", "approved_by_body", "approval_number"])
def test_a_revision_without_reason_body_or_approval_number_is_refused_whole(missing: str) -> None:
    indicator = behind_by_little()
    with pytest.raises(IntegrityError):
        revise(indicator, "48", **{missing: ""})
    assert indicator.targets.get().is_current is True
    assert verdict(indicator) == "slightly_behind"
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("role", [role for role in Role if role != Role.PLANNER])
def test_only_a_planner_changes_targets_and_thresholds(role: Role) -> None:
    indicator = behind_by_little()
    with pytest.raises(Forbidden, match="您没有调整“养老机构护理型床位占比”目标的权限。"):
        revise(indicator, "48", by=factories.person(role))
    with pytest.raises(Forbidden, match="您没有调整“十四五”评价口径的权限。"):
        change_policy(
            plan=indicator.plan,
            mild_lag_from=Decimal("0.9"),
            nearly_met_within=Decimal("0.005"),
            by=factories.person(role),
        )
    assert indicator.targets.count() == 1
    assert not AssessmentPolicy.objects.exists()


@pytest.mark.parametrize("code", ["330127", "100000"], ids=["elsewhere", "whole_country"])
def test_a_planner_of_another_region_changes_nothing_here(code: str) -> None:
    indicator = factories.indicator()
    with pytest.raises(Forbidden):
        revise(indicator, "48", by=factories.person(Role.PLANNER, factories.region(code, "淳安县")))


def test_other_thresholds_reassess_the_whole_plan_and_no_other() -> None:
    indicator, elsewhere = behind_by_little(), behind_by_little()
    planner = factories.person(Role.PLANNER)
    for mild_lag_from, expected in (("0.9", "behind"), ("0.8", "slightly_behind")):
        change_policy(
            plan=indicator.plan, mild_lag_from=Decimal(mild_lag_from), nearly_met_within=Decimal("0.01"), by=planner
        )
        assert verdict(indicator) == expected
        assert verdict(elsewhere) == "slightly_behind"
    assert AssessmentPolicy.objects.get().mild_lag_from == Decimal("0.8")
    assert list(AuditEvent.objects.order_by("pk").values_list("action", "summary")) == [
        ("调整评价口径", "“十四五” 轻度滞后下限0.9，基本完成容差0.01"),
        ("调整评价口径", "“十四五” 轻度滞后下限0.8，基本完成容差0.01"),
    ]


@pytest.mark.parametrize(("mild", "near"), [("0", "0.005"), ("1", "0.005"), ("0.85", "0.2"), ("0.85", "-0.1")])
def test_thresholds_beyond_reason_are_refused_by_the_database(mild: str, near: str) -> None:
    indicator = behind_by_little()
    with pytest.raises(IntegrityError):
        change_policy(
            plan=indicator.plan,
            mild_lag_from=Decimal(mild),
            nearly_met_within=Decimal(near),
            by=factories.person(Role.PLANNER),
        )
    assert not AuditEvent.objects.exists()


def test_when_the_assessment_fails_the_target_stays_as_it_was() -> None:
    indicator = factories.indicator()
    Indicator.objects.update(kind="no such kind")
    with pytest.raises(ValueError, match="no such kind"):
        revise(indicator, "48")
    assert indicator.targets.get().is_current is True
    assert not AuditEvent.objects.exists()
