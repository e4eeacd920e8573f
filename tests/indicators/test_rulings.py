"""A planner's word beside the engine's: both are kept, the planner's is in force, and everything stays on record."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import AuditEvent
from accounts.permissions import Role
from indicators.models import Assessment, Exclusion, Indicator, Override, State
from indicators.queries import plan_table
from indicators.reassess import differences, reassess
from indicators.review import Forbidden, Refused, WrongState
from indicators.rulings import (
    StaleRuling,
    exclude_indicator,
    override_verdict,
    withdraw_exclusion,
    withdraw_override,
)
from indicators.verdicts import Verdict
from tests import factories

pytestmark = pytest.mark.django_db

TODAY = date(2024, 5, 6)


def behind(**values: Any) -> Indicator:
    """41 in 2023 where 46 was due: 滞后."""
    indicator = factories.indicator(**values)
    factories.actual(indicator=indicator, value=Decimal(41), state=State.APPROVED)
    reassess(Indicator.objects.all())
    return indicator


def assessed(indicator: Indicator, year: int = 2023) -> Assessment:
    return Assessment.objects.with_rulings().get(indicator=indicator, year=year)


def override(indicator: Indicator, verdict: Verdict = Verdict.ON_TRACK, **values: Any) -> Override:
    said: dict[str, Any] = {"year": 2023, "reason": "省级通报认定", "seen": None, **values}
    by = said.pop("by", None) or factories.person(Role.PLANNER, display_name="李强")
    return override_verdict(indicator=indicator, verdict=verdict, by=by, **said)


def exclude(indicator: Indicator, cause: Verdict = Verdict.TRANSFERRED, **values: Any) -> Exclusion:
    said: dict[str, Any] = {"since_year": 2023, "reason": "机构改革", "seen": None, **values}
    by = said.pop("by", None) or factories.person(Role.PLANNER, display_name="李强")
    return exclude_indicator(indicator=indicator, cause=cause, by=by, **said)


# ---- Another verdict


def test_the_persons_verdict_is_in_force_and_the_engines_stays_beside_it() -> None:
    indicator = behind(number="4")
    ruling = override(indicator)
    found = assessed(indicator)
    assert (found.verdict, found.light, found.engine_verdict, found.override) == ("on_track", "green", "behind", ruling)
    assert (found.found, found.is_met) == (Verdict.BEHIND, False)
    assert "滞后" in found.reason
    line = AuditEvent.objects.get()
    assert (line.action, line.person, line.region_code) == ("改判评价", "李强", "420682")
    assert line.summary == "“十四五” 4 养老机构护理型床位占比 2023年 人工评价为“符合预期”"
    assert line.detail == {"reason": "省级通报认定", "verdicts": ["2023年：滞后 → 符合预期"]}


def test_a_ruling_outlives_new_figures_and_the_engine_goes_on_finding() -> None:
    indicator = behind()
    override(indicator, Verdict.AHEAD)
    indicator.actuals.update(value=Decimal(46))
    reassess(Indicator.objects.all())
    found = assessed(indicator)
    assert (found.verdict, found.engine_verdict) == ("ahead", "on_track")
    assert differences(Indicator.objects.all())[0] == []


def test_a_withdrawn_ruling_leaves_the_engines_verdict_and_stays_on_record() -> None:
    indicator = behind()
    planner = factories.person(Role.PLANNER, display_name="王芳")
    ruling = withdraw_override(override=override(indicator), reason=" 通报有误 ", by=planner)
    found = assessed(indicator)
    assert (found.verdict, found.engine_verdict, found.override) == ("behind", "", None)
    assert (ruling.withdrawn_by, ruling.withdrawal_reason) == (planner, "通报有误")
    assert list(AuditEvent.objects.order_by("pk").values_list("action", flat=True)) == ["改判评价", "撤销改判"]
    with pytest.raises(WrongState, match="已由王芳撤销，理由是：通报有误。"):
        withdraw_override(override=ruling, reason="再撤", by=planner)
    assert override(indicator).is_in_force


def test_another_ruling_on_the_same_year_withdraws_the_one_before() -> None:
    indicator = behind()
    first = override(indicator)
    second = override(indicator, Verdict.SLIGHTLY_BEHIND, seen=first.pk, reason="复核后从严")
    first.refresh_from_db()
    assert (first.is_in_force, first.withdrawal_reason) == (False, "另作改判：复核后从严")
    assert assessed(indicator).override == second


def test_a_ruling_made_without_having_seen_another_is_answered_with_both() -> None:
    indicator = behind()
    ruling = override(indicator)
    with pytest.raises(StaleRuling) as stale:
        override(indicator, Verdict.AHEAD)
    assert stale.value.status == 409
    assert str(stale.value) == (
        f"您查看之后，另有认定：{ruling.said}。您要认定的是：2023年评价为“快于预期”。请核对后再保存。"
    )
    withdraw_override(override=ruling, reason="有误", by=factories.person(Role.PLANNER))
    with pytest.raises(StaleRuling, match="原来的认定已被撤销"):
        override(indicator, Verdict.AHEAD, seen=ruling.pk)


@pytest.mark.parametrize(
    ("verdict", "values", "message"),
    [
        (Verdict.ON_TRACK, {"reason": "  "}, "改判评价要写明理由。"),
        (Verdict.ON_TRACK, {"year": 2030}, "年度应在2021～2025年之间。"),
        (Verdict.MET, {}, "2023年的评价可以是：提前完成、快于预期、符合预期、轻度滞后、滞后、回落、暂不评价。"),
        (Verdict.TRANSFERRED, {}, "2023年的评价可以是"),
        (Verdict.BEHIND, {}, "系统对2023年的评价就是“滞后”，无需改判。"),
    ],
)
def test_what_cannot_be_ruled_is_refused_in_words(verdict: Verdict, values: dict[str, Any], message: str) -> None:
    indicator = behind()
    with pytest.raises(Refused, match=message):
        override(indicator, verdict, **values)
    assert not Override.objects.exists()


def test_a_year_that_is_not_due_yet_is_not_ruled_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indicators.rulings.timezone.localdate", lambda at: TODAY)
    indicator = behind()
    with pytest.raises(Refused, match="2024年的数据尚未到期，不能改判。"):
        override(indicator, year=2024)
    assert override(indicator, year=2022, verdict=Verdict.UNJUDGED).year == 2022


def test_a_targets_own_year_has_the_final_words_and_a_binding_one_no_basically() -> None:
    indicator = factories.indicator(attribute="binding", target_year=2023)
    factories.actual(indicator=indicator, value=Decimal(41), state=State.APPROVED)
    reassess(Indicator.objects.all())
    with pytest.raises(Refused, match="2023年的评价可以是：超额完成、完成、未完成、回落、暂不评价。"):
        override(indicator, Verdict.NEARLY_MET)
    override(indicator, Verdict.MET)
    assert assessed(indicator).is_met is True


@pytest.mark.parametrize("role", [role for role in Role if role != Role.PLANNER])
def test_only_a_planner_rules(role: Role) -> None:
    indicator, person = behind(), factories.person(role)
    with pytest.raises(Forbidden, match="您没有对“养老机构护理型床位占比”改判评价的权限。"):
        override(indicator, by=person)
    with pytest.raises(Forbidden, match="移出评价"):
        exclude(indicator, by=person)
    with pytest.raises(Forbidden, match="撤销改判"):
        withdraw_override(override=factories.override(indicator=indicator), reason="x", by=person)
    with pytest.raises(Forbidden, match="恢复评价"):
        withdraw_exclusion(exclusion=factories.exclusion(indicator=indicator), reason="x", by=person)


def test_a_planner_of_elsewhere_rules_nothing_here() -> None:
    stranger = factories.person(Role.PLANNER, factories.region("330127", "淳安县"))
    with pytest.raises(Forbidden):
        override(behind(), by=stranger)


# ---- Out of the assessment


def test_an_indicator_out_of_the_assessment_stays_on_the_list_and_is_in_no_denominator() -> None:
    plan = factories.plan()
    gone, stays = behind(plan=plan), behind(plan=plan)
    exclude(gone)
    reader = factories.person(Role.LEADER)
    table = plan_table(plan, year=2023, user=reader, on=TODAY)
    assert [(row.word, row.light.value, row.ruled_on) for row in table.rows] == [
        ("职能划转", "grey", "系统评价：滞后"),
        ("滞后", "red", ""),
    ]
    counted = table.by_number
    assert (counted.total, counted.assessable, counted.excluded) == (1, 1, {Verdict.TRANSFERRED: 1})
    assert table.sentence == "1项指标：滞后1项。另有1项因职能划转不参与评价。"
    assert table.rows[0].reason.startswith("自2023年起职能划转，不参与评价：机构改革（李强，")
    assert assessed(gone, 2022).verdict == "unreported"
    assert (assessed(gone, 2024).verdict, assessed(gone, 2024).is_met) == ("transferred", None)
    exclude(stays, Verdict.REDEFINED)
    sentence = plan_table(plan, year=2023, user=reader, on=TODAY).sentence
    assert sentence == "另有2项因职能划转、口径调整不参与评价。"


def test_a_year_out_of_the_assessment_is_not_ruled_on_and_comes_back_as_it_was() -> None:
    indicator = behind()
    override(indicator)
    gone = exclude(indicator)
    assert (assessed(indicator).verdict, assessed(indicator).engine_verdict) == ("transferred", "behind")
    with pytest.raises(Refused, match="2023年因职能划转不参与评价，不能改判。"):
        override(indicator, Verdict.AHEAD, seen=Override.objects.get().pk)
    with pytest.raises(StaleRuling, match="您要认定的是：自2022年起口径调整。"):
        exclude(indicator, Verdict.REDEFINED, since_year=2022)
    exclude(indicator, Verdict.REDEFINED, since_year=2022, seen=gone.pk)
    assert assessed(indicator, 2022).verdict == "redefined"
    standing = Exclusion.objects.in_force().get()
    withdraw_exclusion(exclusion=standing, reason="职能划回", by=factories.person(Role.PLANNER))
    assert (assessed(indicator).verdict, assessed(indicator).engine_verdict) == ("on_track", "behind")
    assert Exclusion.objects.count() == 2
    assert differences(Indicator.objects.all())[0] == []


def test_a_group_row_takes_the_rows_below_with_it_and_leaves_those_aside_that_take_no_part() -> None:
    group = factories.indicator(target=None, is_group=True)
    first, second = (behind(plan=group.plan, parent=group) for _ in range(2))
    second.actuals.update(value=Decimal(46))
    reassess(Indicator.objects.all())
    assert assessed(group).verdict == "behind"
    exclude(first)
    assert assessed(group).verdict == "on_track"
    exclude(second)
    assert (assessed(group).verdict, assessed(group).engine_verdict) == ("transferred", "behind")
    for row in Exclusion.objects.in_force():
        withdraw_exclusion(exclusion=row, reason="划回", by=factories.person(Role.PLANNER))
    assert assessed(group).verdict == "behind"
    exclude(group, Verdict.REDEFINED)
    assert [assessed(row).verdict for row in (group, first, second)] == ["redefined"] * 3
    assert assessed(first).engine_verdict == "behind"
    assert differences(Indicator.objects.filter(pk=first.pk))[0] == []


def test_a_row_without_a_verdict_yet_may_be_taken_out_before_its_years() -> None:
    indicator = factories.indicator()
    reassess(Indicator.objects.all())
    exclude(indicator, since_year=2025, reason="统计制度修订", cause=Verdict.REDEFINED)
    assert [assessed(indicator, year).verdict for year in (2024, 2025)] == ["unreported", "redefined"]
    with pytest.raises(Refused, match="原因只能是职能划转或口径调整。"):
        exclude(indicator, Verdict.MET)


def test_what_demo_people_rule_is_demo() -> None:
    indicator = behind()
    override(indicator, by=factories.person(Role.PLANNER, is_demo=True))
    assert (Override.objects.get().is_demo, assessed(indicator).is_demo) == (True, True)
