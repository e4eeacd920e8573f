"""Indicators, targets and figures protect themselves: each constraint beside a row that breaks only this one."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import RestrictedError
from django.utils import timezone

from accounts.permissions import Role
from indicators.figures import Operator
from indicators.models import (
    AbsenceReason,
    Actual,
    ActualEvent,
    Assessment,
    Availability,
    Evidence,
    Exclusion,
    Indicator,
    Metric,
    MetricAlias,
    Override,
    State,
    Target,
)
from indicators.moves import Move
from indicators.verdicts import VERDICT_LIGHTS, Direction, Judgement, Light, Verdict
from tests import factories
from tests.accounts.test_models import (
    Broken,
    assert_protected,
    assert_refused_by_name,
    assert_refused_in_words,
    constraints_of,
    found_by_natural_key,
    models_with_natural_key,
    protecting_relations,
    refusal,
)

pytestmark = pytest.mark.django_db


def indicator(**values: Any) -> Indicator:
    """A row of a plan, not yet stored."""
    given: dict[str, Any] = {"number": "1", "order": 1, "name": "城乡低保标准", "unit": "元/月"}
    given |= {"plan": factories.plan(), "theme": factories.theme()}
    return Indicator(**given | values)


def own_parent() -> Indicator:
    return indicator(pk=77, parent_id=77)


def same_number_again() -> Indicator:
    stored = factories.indicator(number="1")
    return indicator(plan=stored.plan, number="1")


def target(**values: Any) -> Target:
    """50 for 2025, of an indicator without targets; not yet stored."""
    given: dict[str, Any] = {"year": 2025, "operator": Operator.EQ, "value": Decimal(50), "text": "50"}
    if "indicator" not in values:
        given["indicator"] = factories.indicator(target=None)
    return Target(**given | values)


def revision(**values: Any) -> Target:
    """The second version of a target, with everything a revision has to say."""
    stored = factories.indicator(target="50", target_year=2025)
    stored.targets.update(is_current=False)
    given = {"indicator": stored, "version": 2, "reason": "中期调整", "approval_number": "民发〔2023〕1号"}
    given["approved_by_body"] = "市人民政府"
    given |= {"revised_by": factories.person(Role.PLANNER), "revised_at": timezone.now()}
    return target(**given | values)


def same_version_again() -> Target:
    stored = factories.indicator(target="50", target_year=2025)
    stored.targets.update(is_current=False)
    return target(indicator=stored)


def actual(**values: Any) -> Actual:
    """A draft of 45 for 2023, entered by a clerk; not yet stored."""
    given: dict[str, Any] = {"year": 2023, "value": Decimal(45), "text": "45"}
    given |= {"entered_by": factories.person(Role.CLERK), "entered_at": timezone.now()}
    if "indicator" not in values:
        given["indicator"] = factories.indicator()
    return Actual(**given | values)


def approved(**values: Any) -> Actual:
    given = {"state": State.APPROVED, "approved_by": factories.person(Role.REVIEWER), "approved_at": timezone.now()}
    return actual(**given | values)


def published(**values: Any) -> Actual:
    """An approved figure that stands in the plan's own document."""
    return actual(entered_by=None, entered_at=None, source_ref="第3页表1", state=State.APPROVED, **values)


def approved_by_who_entered_it() -> Actual:
    person = factories.person(Role.REVIEWER)
    return approved(entered_by=person, approved_by=person)


def same_year_again() -> Actual:
    return actual(indicator=factories.actual(year=2023).indicator)


def absent(availability: Availability, **values: Any) -> Actual:
    return actual(value=None, text="", availability=availability, **values)


def evidence(**values: Any) -> Evidence:
    """A file of one clerk's figure; not yet stored."""
    given = {"name": "统计年报.pdf", "content_type": "application/pdf", "size": 1024, "sha256": "0" * 64}
    given |= {"file": "evidence/0", "uploaded_by": factories.person(Role.CLERK), "uploaded_at": timezone.now()}
    if "actual" not in values:
        given["actual"] = factories.actual()
    return Evidence(**given | values)


def same_file_again() -> Evidence:
    stored = evidence()
    stored.save()
    return evidence(actual=stored.actual)


def assessment(**values: Any) -> Assessment:
    given: dict[str, Any] = {"year": 2023, "verdict": Verdict.BEHIND, "light": Light.RED, "time_progress": Decimal(1)}
    if "indicator" not in values:
        given["indicator"] = factories.indicator()
    return Assessment(**given | values)


def same_assessment_again() -> Assessment:
    stored = assessment()
    stored.save()
    return assessment(indicator=stored.indicator)


def withdrawn() -> dict[str, Any]:
    return {"withdrawn_by": factories.person(), "withdrawn_at": timezone.now(), "withdrawal_reason": "核实有误"}


def override(**values: Any) -> Override:
    """A planner's verdict on 2023; not yet stored."""
    given: dict[str, Any] = {"year": 2023, "verdict": Verdict.MET, "reason": "省级通报", "at": timezone.now()}
    given |= {"by": factories.person()}
    if "indicator" not in values:
        given["indicator"] = factories.indicator()
    return Override(**given | values)


def exclusion(**values: Any) -> Exclusion:
    given: dict[str, Any] = {"since_year": 2023, "cause": Verdict.TRANSFERRED, "reason": "机构改革"}
    given |= {"at": timezone.now(), "by": factories.person()}
    if "indicator" not in values:
        given["indicator"] = factories.indicator()
    return Exclusion(**given | values)


def share(**values: Any) -> Metric:
    """An entry of the dictionary with named parts; not yet stored."""
    given: dict[str, Any] = {"code": "share", "name": "床位占比", "theme": factories.theme(), "direction": Direction.UP}
    given |= {"numerator_name": "护理型床位", "denominator_name": "床位", "parts_factor": Decimal(100)}
    return Metric(**given | values)


def share_of_one() -> Metric:
    beds = factories.metric()
    return share(numerator=beds, denominator=beds)


BROKEN: list[Broken] = [
    ("indicator_number_is_unique_in_plan", same_number_again),
    ("baseline_value_has_its_year", lambda: indicator(baseline_value=Decimal(0))),
    ("indicator_is_not_its_own_parent", own_parent),
    (
        "group_row_is_not_below_another_row",
        lambda: indicator(is_group=True, parent=factories.indicator()),
    ),
    ("figures_are_stored_with_four_decimals_at_most", lambda: indicator(decimals=5)),
    (
        "hard_minimum_is_below_hard_maximum",
        lambda: indicator(hard_minimum=Decimal(100), hard_maximum=Decimal(100)),
    ),
    ("target_version_is_unique", same_version_again),
    ("target_has_a_value_unless_it_is_text", lambda: target(value=None)),
    ("target_has_a_value_unless_it_is_text", lambda: target(operator=Operator.TEXT)),
    ("target_has_a_value_unless_it_is_text", lambda: target(operator=Operator.TEXT, value=None, text="")),
    ("target_range_has_an_upper_bound_above_the_lower", lambda: target(operator=Operator.RANGE, upper=Decimal(50))),
    ("target_range_has_an_upper_bound_above_the_lower", lambda: target(operator=Operator.RANGE, upper=None)),
    ("target_range_has_an_upper_bound_above_the_lower", lambda: target(operator=Operator.GE, upper=Decimal(60))),
    ("only_a_range_can_be_a_band", lambda: target(operator=Operator.GE, is_band=True)),
    ("target_revision_says_why_and_who", lambda: revision(reason="")),
    ("target_revision_says_why_and_who", lambda: revision(approved_by_body="")),
    ("target_revision_says_why_and_who", lambda: revision(approval_number="")),
    ("target_revision_says_why_and_who", lambda: revision(revised_by=None)),
    ("target_revision_says_why_and_who", lambda: revision(revised_at=None)),
    ("target_counts_from_a_year_up_to_its_own", lambda: target(counts_from=2023)),
    ("target_counts_from_a_year_up_to_its_own", lambda: revision(counts_from=2026)),
    ("override_says_why", lambda: override(reason="")),
    ("override_withdrawal_says_who_when_and_why", lambda: override(**withdrawn() | {"withdrawal_reason": ""})),
    ("override_withdrawal_says_who_when_and_why", lambda: override(**withdrawn() | {"withdrawn_by": None})),
    ("override_withdrawal_says_who_when_and_why", lambda: override(withdrawn_by=factories.person())),
    ("override_withdrawal_says_who_when_and_why", lambda: override(withdrawal_reason="核实有误")),
    ("one_override_is_in_force_per_year", lambda: override(indicator=factories.override().indicator)),
    ("override_is_a_verdict_people_give", lambda: override(verdict=Verdict.UNREPORTED)),
    ("override_is_a_verdict_people_give", lambda: override(verdict=Verdict.TRANSFERRED)),
    ("exclusion_says_why", lambda: exclusion(reason="")),
    ("exclusion_withdrawal_says_who_when_and_why", lambda: exclusion(withdrawn_at=timezone.now())),
    ("exclusion_withdrawal_says_who_when_and_why", lambda: exclusion(**withdrawn() | {"withdrawal_reason": ""})),
    ("one_exclusion_is_in_force_per_indicator", lambda: exclusion(indicator=factories.exclusion().indicator)),
    ("exclusion_names_one_of_the_two_causes", lambda: exclusion(cause=Verdict.MET)),
    ("actual_is_entered_by_somebody_or_published", lambda: actual(entered_by=None, entered_at=None)),
    ("actual_is_entered_by_somebody_or_published", lambda: actual(entered_at=None)),
    ("actual_is_entered_by_somebody_or_published", lambda: actual(entered_by=None)),
    ("actual_is_entered_by_somebody_or_published", lambda: actual(source_ref="第3页表1")),
    ("actual_approval_says_who_and_when", lambda: approved(approved_by=None, approved_at=None)),
    ("actual_approval_says_who_and_when", lambda: approved(approved_at=None)),
    ("actual_approval_says_who_and_when", lambda: approved(approved_by=None)),
    ("actual_approval_says_who_and_when", lambda: approved(state=State.SUBMITTED)),
    ("actual_approval_says_who_and_when", lambda: published(approved_at=timezone.now())),
    ("actual_is_not_approved_by_who_entered_it", approved_by_who_entered_it),
    ("actual_is_unique_per_indicator_and_year", same_year_again),
    ("actual_has_a_figure_or_a_stated_absence", lambda: actual(value=None, text="")),
    ("actual_has_a_figure_or_a_stated_absence", lambda: actual(availability=Availability.MISSING)),
    (
        "actual_has_a_figure_or_a_stated_absence",
        lambda: absent(Availability.MISSING, judgement=Judgement.MET),
    ),
    (
        "actual_has_a_figure_or_a_stated_absence",
        lambda: absent(Availability.NOT_APPLICABLE, comparator=Decimal(3)),
    ),
    ("unreported_figure_is_not_passed_on", lambda: absent(Availability.UNREPORTED, state=State.SUBMITTED)),
    ("absence_has_its_reason_before_it_is_passed_on", lambda: absent(Availability.MISSING, state=State.SUBMITTED)),
    (
        "absence_has_its_reason_before_it_is_passed_on",
        lambda: absent(Availability.NOT_APPLICABLE, state=State.SUBMITTED),
    ),
    (
        "absence_has_its_reason_before_it_is_passed_on",
        lambda: absent(Availability.NOT_APPLICABLE, state=State.SUBMITTED, absence_reason=AbsenceReason.OTHER),
    ),
    (
        "only_what_does_not_apply_has_a_reason_of_absence",
        lambda: absent(Availability.MISSING, absence_reason=AbsenceReason.TRANSFERRED),
    ),
    ("actual_has_both_parts_or_neither", lambda: actual(numerator=Decimal(1))),
    ("actual_has_both_parts_or_neither", lambda: actual(denominator=Decimal(1))),
    ("actual_is_not_divided_by_zero", lambda: actual(numerator=Decimal(1), denominator=Decimal(0))),
    (
        "only_a_figure_has_parts",
        lambda: absent(Availability.MISSING, numerator=Decimal(1), denominator=Decimal(2)),
    ),
    ("metric_names_both_parts_with_a_factor_or_none", lambda: share(numerator_name="")),
    ("metric_names_both_parts_with_a_factor_or_none", lambda: share(parts_factor=None)),
    ("metric_names_both_parts_with_a_factor_or_none", lambda: share(parts_factor=Decimal(0))),
    ("metric_is_made_of_two_named_metrics_or_none", lambda: share(numerator=factories.metric())),
    (
        "metric_is_made_of_two_named_metrics_or_none",
        lambda: share(
            numerator_name="",
            denominator_name="",
            parts_factor=None,
            numerator=factories.metric(),
            denominator=factories.metric(),
        ),
    ),
    ("metric_is_no_part_of_itself", lambda: share(pk=10**6, numerator_id=10**6, denominator=factories.metric())),
    ("metric_is_no_part_of_itself", lambda: share(pk=10**6, numerator=factories.metric(), denominator_id=10**6)),
    ("metric_is_made_of_two_different_metrics", share_of_one),
    ("evidence_is_attached_once", same_file_again),
    ("evidence_removal_says_who_and_when", lambda: evidence(removed_at=timezone.now())),
    ("evidence_removal_says_who_and_when", lambda: evidence(removed_by=factories.person(Role.CLERK))),
    ("evidence_is_not_empty", lambda: evidence(size=0)),
    ("assessment_is_unique_per_year", same_assessment_again),
    ("verdict_and_light_agree", lambda: assessment(light=Light.GREEN)),
    ("verdict_and_light_agree", lambda: assessment(verdict="splendid", light=Light.GREEN)),
    ("engine_verdict_stays_where_a_person_ruled", lambda: assessment(engine_verdict=Verdict.MET)),
    ("engine_verdict_stays_where_a_person_ruled", lambda: assessment(override=factories.override())),
    (
        "engine_verdict_stays_where_a_person_ruled",
        lambda: assessment(
            override=factories.override(), exclusion=factories.exclusion(), engine_verdict=Verdict.BEHIND
        ),
    ),
]
# Only the engine writes findings, so no form ever says these.
WITHOUT_WORDS = {
    "assessment_is_unique_per_year",
    "verdict_and_light_agree",
    "engine_verdict_stays_where_a_person_ruled",
}


@pytest.mark.parametrize(("name", "broken"), BROKEN)
def test_the_database_refuses_the_row_and_names_the_constraint(name: str, broken: Callable[[], models.Model]) -> None:
    assert_refused_by_name("indicators", name, broken())


@pytest.mark.parametrize(("name", "broken"), [case for case in BROKEN if case[0] not in WITHOUT_WORDS])
def test_the_form_refuses_the_row_in_the_words_of_the_constraint(name: str, broken: Callable[[], models.Model]) -> None:
    assert_refused_in_words("indicators", name, broken())


def second_target_in_force() -> Target:
    """A whole revision, but the version before it is still in force."""
    row = revision()
    row.indicator.targets.update(is_current=True)
    return row


def test_the_database_refuses_a_second_target_in_force() -> None:
    assert_refused_by_name("indicators", "one_target_is_in_force_per_year", second_target_in_force())


def test_the_form_refuses_a_second_target_in_force_in_words() -> None:
    assert_refused_in_words("indicators", "one_target_is_in_force_per_year", second_target_in_force())


def test_every_constraint_has_a_row_that_breaks_it() -> None:
    tried = {*(name for name, _ in BROKEN), "one_target_is_in_force_per_year"}
    assert tried == set(constraints_of("indicators"))


SOUND: dict[str, Callable[[], models.Model]] = {
    "a baseline of zero with its year": lambda: indicator(baseline_value=Decimal(0), baseline_year=2020),
    "a ceiling without a floor": lambda: indicator(hard_maximum=Decimal(100)),
    "a promise in words": lambda: target(operator=Operator.TEXT, value=None, text="应保尽保"),
    "a band": lambda: target(operator=Operator.RANGE, value=Decimal(35), upper=Decimal(40), is_band=True),
    "a revision in force": revision,
    "a revision that counts from a data year": lambda: revision(counts_from=2024),
    "another verdict": override,
    "another verdict after one that was withdrawn": lambda: override(
        indicator=factories.override(**withdrawn()).indicator
    ),
    "an indicator out of the assessment": exclusion,
    "an exclusion that was withdrawn": lambda: exclusion(**withdrawn()),
    "a figure of zero": lambda: actual(value=Decimal(0)),
    "a finding instead of a figure": lambda: actual(value=None, text="", judgement=Judgement.MET),
    "an approved figure": approved,
    "a published figure": published,
    "a draft that says nothing yet": lambda: absent(Availability.UNREPORTED),
    "a duty that went elsewhere, passed on without further words": lambda: absent(
        Availability.NOT_APPLICABLE, state=State.SUBMITTED, absence_reason=AbsenceReason.TRANSFERRED
    ),
    "a figure with its parts": lambda: actual(numerator=Decimal(0), denominator=Decimal(-1)),
    "a measure made of two others": lambda: share(numerator=factories.metric(), denominator=factories.metric()),
    "a file that backs a figure": evidence,
    "an absence passed on with its reason": lambda: absent(Availability.MISSING, state=State.SUBMITTED, note="无统计"),
}


@pytest.mark.parametrize("what", SOUND)
def test_a_sound_row_passes_the_form_and_the_database(what: str) -> None:
    row = SOUND[what]()
    row.full_clean()
    row.save(force_insert=True)
    assert type(row)._default_manager.filter(pk=row.pk).exists()


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_is_stored_with_its_own_light(verdict: Verdict) -> None:
    Assessment.objects.bulk_create([assessment(verdict=verdict, light=VERDICT_LIGHTS[verdict])])
    assert Assessment.objects.get().light == VERDICT_LIGHTS[verdict]


@pytest.mark.parametrize("row", [approved_by_who_entered_it, lambda: absent(Availability.UNREPORTED, state="approved")])
def test_a_whole_form_refuses_as_well(row: Callable[[], Actual]) -> None:
    with pytest.raises(ValidationError):
        row().full_clean()


def test_an_update_past_the_model_cannot_approve_without_a_person() -> None:
    stored = factories.actual(state=State.SUBMITTED)
    stored.state = State.APPROVED
    stored.pk, stored.year = None, 2024
    assert "actual_approval_says_who_and_when" in refusal(stored)


# ---- Relations and keys


def metric(**values: Any) -> Metric:
    given = {"code": "nursing-beds", "name": "护理型床位占比", "theme": factories.theme(), "direction": Direction.UP}
    return Metric.objects.create(**given | values)


def stored_revision() -> Target:
    row = revision()
    row.save()
    return row


def event() -> ActualEvent:
    row = factories.actual()
    return ActualEvent.objects.create(
        actual=row,
        at=timezone.now(),
        by=factories.person(Role.REVIEWER),
        move=Move.RETURN,
        state=State.RETURNED,
        version=2,
        availability=row.availability,
        figure_kind=row.figure_kind,
    )


def stored_evidence(**values: Any) -> Evidence:
    row = evidence(**values)
    row.save()
    return row


def made_of_two() -> Metric:
    return factories.metric(numerator=factories.metric(), denominator=factories.metric())


PROTECTING: dict[str, Callable[[], models.Model]] = {
    "Metric.theme": metric,
    "Metric.numerator": made_of_two,
    "Metric.denominator": made_of_two,
    "Indicator.theme": factories.indicator,
    "Indicator.department": lambda: factories.indicator(department=factories.department()),
    "Indicator.metric": lambda: factories.indicator(metric=metric()),
    "Target.revised_by": stored_revision,
    "Actual.entered_by": factories.actual,
    "Actual.approved_by": lambda: factories.actual(state=State.APPROVED),
    "ActualEvent.by": event,
    "Evidence.uploaded_by": stored_evidence,
    "Override.by": factories.override,
    "Override.withdrawn_by": lambda: factories.override(**withdrawn()),
    "Exclusion.by": factories.exclusion,
    "Exclusion.withdrawn_by": lambda: factories.exclusion(**withdrawn()),
    "Evidence.removed_by": lambda: stored_evidence(removed_by=factories.person(Role.CLERK), removed_at=timezone.now()),
}


@pytest.mark.parametrize("relation", PROTECTING)
def test_what_a_row_rests_on_is_not_deleted(relation: str) -> None:
    assert_protected(relation, PROTECTING[relation]())


def test_every_protecting_relation_is_tried() -> None:
    assert set(PROTECTING) == protecting_relations("indicators")


def test_a_verdict_that_a_person_gave_is_stored_with_the_engines() -> None:
    assessment(
        override=factories.override(), engine_verdict=Verdict.BEHIND, verdict=Verdict.ON_TRACK, light=Light.GREEN
    ).save()
    assert Assessment.objects.get().found == Verdict.BEHIND


def test_an_indicator_takes_its_rulings_and_assessments_away_with_it() -> None:
    override = factories.override()
    assessment(indicator=override.indicator, override=override, engine_verdict=Verdict.BEHIND).save()
    with pytest.raises(RestrictedError):
        override.delete()
    override.indicator.delete()
    assert not Assessment.objects.exists()
    assert not Override.objects.exists()


NATURAL: dict[str, Callable[[], models.Model]] = {
    "Metric": metric,
    "MetricAlias": lambda: MetricAlias.objects.create(metric=metric(), name="护理型床位比例"),
    "Indicator": factories.indicator,
    "Target": stored_revision,
    "Actual": factories.actual,
}


@pytest.mark.parametrize("model", NATURAL)
def test_a_natural_key_gives_the_row_back(model: str) -> None:
    row = NATURAL[model]()
    assert found_by_natural_key(row) == row


def test_every_natural_key_is_tried() -> None:
    assert set(NATURAL) == models_with_natural_key("indicators")
