"""Figures in the back office: the same form, the same workflow, and refusals a person can read."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.permissions import Role
from indicators.models import Actual, Indicator, State
from tests import factories

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]

LIST = "admin:indicators_actual_changelist"


@pytest.fixture
def indicator() -> Indicator:
    row = factories.indicator()
    factories.open_round(row.plan, 2023)
    return row


def typed(value: str, *, version: int | None = None, **values: object) -> dict[str, object]:
    """What the form sends, with the management form of its read-only log."""
    return {
        "value": value,
        "comparator": "",
        "judgement": "",
        "availability": "",
        "figure_kind": "final",
        "note": "",
        "version": "" if version is None else version,
        "events-TOTAL_FORMS": 0,
        "events-INITIAL_FORMS": 0,
        **values,
    }


def change(actual: Actual) -> str:
    return reverse("admin:indicators_actual_change", args=[actual.pk])


def test_a_clerk_adds_a_figure_through_the_workflow(sign_in: SignIn, indicator: Indicator) -> None:
    clerk = factories.person(Role.CLERK)
    answer = sign_in(clerk).post(
        reverse("admin:indicators_actual_add"), typed("４５．５", indicator=indicator.pk, year=2023)
    )
    assert answer.status_code == 302
    actual = Actual.objects.get()
    assert (actual.value, actual.state, actual.entered_by) == (Decimal("45.5"), State.DRAFT, clerk)
    assert [event.move for event in actual.events.all()] == ["save"]


def test_a_clerk_changes_a_figure_and_the_version_counts_up(sign_in: SignIn, indicator: Indicator) -> None:
    actual = factories.actual(indicator=indicator)
    answer = sign_in(factories.person(Role.CLERK)).post(change(actual), typed("46", version=1))
    assert answer.status_code == 302
    actual.refresh_from_db()
    assert (actual.value, actual.version) == (Decimal(46), 2)


@pytest.mark.parametrize("text", ["1,23", "=cmd|' /C calc'!A0", "1e5", "三"])
def test_what_is_no_number_is_refused_and_stays_in_the_form(sign_in: SignIn, indicator: Indicator, text: str) -> None:
    actual = factories.actual(indicator=indicator)
    answer = sign_in(factories.person(Role.CLERK)).post(change(actual), typed(text, version=1))
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors["value"]
    assert answer.context["adminform"].form["value"].value() == text
    actual.refresh_from_db()
    assert actual.value == Decimal(45)


def test_a_stale_version_is_answered_with_both_values_and_saving_again_is_the_choice(
    sign_in: SignIn, indicator: Indicator
) -> None:
    actual = factories.actual(indicator=indicator)
    first, second = sign_in(factories.person(Role.CLERK)), sign_in(factories.person(Role.CLERK))
    first.post(change(actual), typed("47", version=1))
    answer = second.post(change(actual), typed("48", version=1))
    form = answer.context["adminform"].form
    assert "现有数据为“47”" in str(form.non_field_errors())
    assert (form["value"].value(), form["version"].value()) == ("48", "2")
    actual.refresh_from_db()
    assert actual.value == Decimal(47)
    assert second.post(change(actual), typed("48", version=2)).status_code == 302
    actual.refresh_from_db()
    assert actual.value == Decimal(48)


def test_adding_a_figure_that_is_there_already_does_not_overwrite_it(sign_in: SignIn, indicator: Indicator) -> None:
    factories.actual(indicator=indicator)
    answer = sign_in(factories.person(Role.CLERK)).post(
        reverse("admin:indicators_actual_add"), typed("48", indicator=indicator.pk, year=2023)
    )
    assert answer.status_code == 200
    assert "现有数据为“45”" in answer.content.decode()
    assert Actual.objects.get().value == Decimal(45)


def test_a_locked_figure_is_read_only_and_a_late_save_is_refused_in_words(
    sign_in: SignIn, indicator: Indicator
) -> None:
    actual = factories.actual(indicator=indicator, state=State.APPROVED)
    client = sign_in(factories.person(Role.CLERK))
    assert 'name="value"' not in client.get(change(actual)).content.decode()
    answer = client.post(change(actual), typed("48", version=1))
    assert answer.status_code == 200
    assert "数据为“已审核”，不能保存" in answer.content.decode()
    actual.refresh_from_db()
    assert actual.value == Decimal(45)


def test_outside_the_round_a_save_is_refused_in_words(sign_in: SignIn) -> None:
    actual = factories.actual()
    answer = sign_in(factories.person(Role.CLERK)).post(change(actual), typed("48", version=1))
    assert "2023年未开放填报，不能保存" in answer.content.decode()


def test_a_reviewer_cannot_write_a_figure(sign_in: SignIn, indicator: Indicator) -> None:
    actual = factories.actual(indicator=indicator)
    client = sign_in(factories.person(Role.REVIEWER))
    assert client.post(change(actual), typed("48", version=1)).status_code == 403
    assert client.get(reverse("admin:indicators_actual_add")).status_code == 403


def test_nobody_deletes_a_figure(sign_in: SignIn) -> None:
    actual = factories.actual()
    for role in (Role.CLERK, Role.REVIEWER, Role.PLANNER):
        client = sign_in(factories.person(role))
        client.post(reverse("admin:indicators_actual_delete", args=[actual.pk]), {"post": "yes"})
        client.post(reverse(LIST), {"action": "delete_selected", "_selected_action": actual.pk, "post": "yes"})
    actual.refresh_from_db()


@pytest.mark.parametrize("model", ["indicator", "plan"])
def test_what_figures_rest_on_is_not_deleted(sign_in: SignIn, model: str) -> None:
    actual = factories.actual(state=State.APPROVED)
    row = actual.indicator if model == "indicator" else actual.indicator.plan
    address = reverse(f"admin:{row._meta.app_label}_{model}_delete", args=[row.pk])
    assert sign_in(factories.person(Role.PLANNER)).post(address, {"post": "yes"}).status_code == 403
    actual.refresh_from_db()


def act(client: Client, action: str, *actuals: Actual, **values: object) -> str:
    """Choose rows and confirm on the page between; what the last page says."""
    chosen = {"action": action, "_selected_action": [actual.pk for actual in actuals]}
    page = client.post(reverse(LIST), chosen)
    assert page.status_code == 200
    versions = {f"version-{actual.pk}": actual.version for actual in actuals}
    return client.post(reverse(LIST), {**chosen, "confirm": "1", **versions, **values}, follow=True).content.decode()


def test_a_clerk_submits_and_a_reviewer_approves(sign_in: SignIn, indicator: Indicator) -> None:
    actual = factories.actual(indicator=indicator, value=Decimal(46))
    assert "已提交1项数据" in act(sign_in(factories.person(Role.CLERK)), "submit", actual)
    actual.refresh_from_db()
    reviewer = factories.person(Role.REVIEWER)
    assert "已通过1项数据" in act(sign_in(reviewer), "approve", actual)
    actual.refresh_from_db()
    assert (actual.state, actual.approved_by) == (State.APPROVED, reviewer)
    assert indicator.assessments.get(year=2023).is_met is not None


def test_a_return_needs_a_reason_and_keeps_it(sign_in: SignIn, indicator: Indicator) -> None:
    actual = factories.actual(indicator=indicator, state=State.SUBMITTED)
    client = sign_in(factories.person(Role.REVIEWER))
    assert "退回要写明理由" in act(client, "send_back", actual)
    actual.refresh_from_db()
    assert actual.state == State.SUBMITTED
    act(client, "send_back", actual, note="请核对口径")
    actual.refresh_from_db()
    assert actual.state == State.RETURNED
    assert actual.events.get().note == "请核对口径"


def test_an_approved_figure_is_reopened_with_a_reason(sign_in: SignIn, indicator: Indicator) -> None:
    actual = factories.actual(indicator=indicator, state=State.APPROVED)
    act(sign_in(factories.person(Role.REVIEWER)), "reopen", actual, note="统计公报已修订")
    actual.refresh_from_db()
    assert (actual.state, actual.figure_kind) == (State.DRAFT, "revised")


def test_nobody_approves_what_they_entered(sign_in: SignIn, indicator: Indicator) -> None:
    both = factories.person(Role.CLERK)
    both.memberships.create(region=factories.region(), role=Role.REVIEWER)
    actual = factories.actual(indicator=indicator, state=State.SUBMITTED, entered_by=both)
    assert "不能审核自己填报的数据" in act(sign_in(both), "approve", actual)
    actual.refresh_from_db()
    assert actual.state == State.SUBMITTED


def test_what_changed_after_the_page_was_shown_is_not_approved_unseen(sign_in: SignIn, indicator: Indicator) -> None:
    actual = factories.actual(indicator=indicator, state=State.SUBMITTED, version=3)
    shown_before = Actual(pk=actual.pk, version=2)
    assert "改过，请核对" in act(sign_in(factories.person(Role.REVIEWER)), "approve", shown_before)
    actual.refresh_from_db()
    assert actual.state == State.SUBMITTED


def test_demo_figures_are_marked(sign_in: SignIn) -> None:
    factories.actual(is_demo=True)
    page = sign_in(factories.person(Role.REVIEWER)).get(reverse(LIST)).content.decode()
    assert '<span class="badge demo">演示</span>' in page


def indicator_form(indicator: Indicator, **values: object) -> dict[str, object]:
    """The change form of an indicator as it stands, with room for one target."""
    return {
        "number": indicator.number,
        "order": indicator.order,
        "name": indicator.name,
        "unit": "%",
        "decimals": 0,
        "theme": indicator.theme_id,
        "attribute": "expected",
        "kind": "level",
        "direction": "up",
        "origin": "table",
        "baseline_year": 2020,
        "baseline_value": "40",
        "targets-TOTAL_FORMS": 2,
        "targets-INITIAL_FORMS": 1,
        "targets-0-id": indicator.targets.get().pk,
        "targets-0-indicator": indicator.pk,
        "targets-1-id": "",
        "targets-1-indicator": indicator.pk,
        **values,
    }


def test_a_target_of_an_existing_year_is_not_revised_here(sign_in: SignIn, indicator: Indicator) -> None:
    client = sign_in(factories.person(Role.PLANNER))
    address = reverse("admin:indicators_indicator_change", args=[indicator.pk])
    new = {"targets-1-year": 2025, "targets-1-text": "≥60"}
    why = {"targets-1-reason": "中期评估", "targets-1-approval_number": "民发〔2023〕1号"}
    refused = client.post(address, indicator_form(indicator, **new, **why))
    assert "调整目标请到该指标的页面办理" in refused.content.decode()
    assert indicator.targets.get().text == "50"


def test_changing_an_indicator_assesses_it_anew(sign_in: SignIn, indicator: Indicator) -> None:
    factories.actual(indicator=indicator, state=State.APPROVED, value=Decimal(50))
    address = reverse("admin:indicators_indicator_change", args=[indicator.pk])
    assert not indicator.assessments.exists()
    answer = sign_in(factories.person(Role.PLANNER)).post(address, indicator_form(indicator))
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    assert indicator.assessments.get(year=2023).is_met is True


def test_other_thresholds_assess_the_plan_anew(sign_in: SignIn, indicator: Indicator) -> None:
    factories.actual(indicator=indicator, state=State.APPROVED, value=Decimal(45))
    client = sign_in(factories.person(Role.PLANNER))
    values = {"plan": indicator.plan_id, "mild_lag_from": "0.5", "nearly_met_within": "0.005"}
    assert client.post(reverse("admin:plans_assessmentpolicy_add"), values).status_code == 302
    assert indicator.assessments.get(year=2023).verdict == "slightly_behind"
