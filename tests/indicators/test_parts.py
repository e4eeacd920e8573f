"""Figures made of 分子 and 分母: the arithmetic, what is asked of an entry, and how they go through the review."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.permissions import Role
from indicators.forms import EntryForm
from indicators.models import Actual, Availability, Indicator, Metric, State, Target
from indicators.moves import Move
from indicators.parts import Parts, computed_from
from indicators.recomputed import recomputed_of
from indicators.workflow import Entry, Unfit, move_actual, save_actual
from tests import factories

SignIn = Callable[[User], Client]


# ---- The arithmetic


@pytest.mark.parametrize(
    ("numerator", "denominator", "factor", "printed", "decimals", "how", "doubt"),
    [
        ("964", "2000", "100", "48.2", 1, "964 ÷ 2000 × 100 = 48.2", ""),
        ("964", "2000", "100", "48.5", 1, "964 ÷ 2000 × 100 = 48.2", "按分子分母计算应为48.2，现为48.5。"),
        ("964", "2000", "100", "48.3", 1, "964 ÷ 2000 × 100 = 48.2", "按分子分母计算应为48.2，现为48.3。"),
        ("1", "3", "100", "33", 0, "1 ÷ 3 × 100 = 33", ""),
        ("2", "3", "100", "66", 0, "2 ÷ 3 × 100 = 67", ""),
        ("2", "3", "100", "67", 0, "2 ÷ 3 × 100 = 67", ""),
        ("2", "3", "100", "68", 0, "2 ÷ 3 × 100 = 67", "按分子分母计算应为67，现为68。"),
        ("0", "2000", "100", "0", 1, "0 ÷ 2000 × 100 = 0.0", ""),
        ("5000", "120000", "1000", "41.7", 1, "5000 ÷ 120000 × 1000 = 41.7", ""),
        ("3", "4", "1", "0.75", 2, "3 ÷ 4 = 0.75", ""),
        ("-1.50", "3", "100", "-50", 0, "-1.5 ÷ 3 × 100 = -50", ""),
        ("99999999999.9999", "0.0001", "1", "5", 0, "99999999999.9999 ÷ 0.0001 = 999999999999999", None),
    ],
)
def test_a_figure_is_held_against_its_parts(
    numerator: str, denominator: str, factor: str, printed: str, decimals: int, how: str, doubt: str | None
) -> None:
    parts = Parts(Decimal(numerator), Decimal(denominator), Decimal(factor), Decimal(printed), decimals)
    assert parts.how == how
    assert parts.doubt == doubt if doubt is not None else not parts.agrees


def test_nothing_is_divided_by_zero() -> None:
    assert computed_from(numerator=Decimal(1), denominator=Decimal(0), factor=Decimal(100)) is None
    assert not Parts(Decimal(1), Decimal(0), Decimal(100), Decimal(1), 0).agrees


# ---- What is typed


def derived(**values: Any) -> Indicator:
    """A share with one decimal whose metric names its parts; 2023 is open."""
    indicator = factories.indicator(decimals=1, metric=factories.metric(), **values)
    factories.open_round(indicator.plan, 2023)
    return indicator


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"value": "48.2", "numerator": "964"}, "分子和分母要么都填，要么都不填。"),
        ({"value": "48.2", "numerator": "964", "denominator": "/"}, "分子和分母要么都填，要么都不填。"),
        ({"value": "48.2", "numerator": "964", "denominator": "0"}, "分母不能为0。"),
        ({"value": "/", "numerator": "964", "denominator": "2000"}, "没有实际值的，不填分子和分母。"),
        ({"numerator": "964", "denominator": "2000", "availability": "missing"}, "没有实际值的，不填分子和分母。"),
        ({"value": "48.2", "numerator": "九百", "denominator": "2000"}, "九百"),
        ({"value": "48.2", "numerator": "=1+1", "denominator": "2000"}, "=1+1"),
        ({"numerator": "99999999999", "denominator": "0.0001"}, "99999999999"),
    ],
)
def test_parts_that_make_no_figure_are_refused_in_words(typed: dict[str, str], said: str) -> None:
    form = EntryForm(typed, indicator=derived())
    assert not form.is_valid()
    assert said in str(form.errors) or form.errors.get("numerator")


@pytest.mark.django_db
def test_parts_are_refused_where_the_dictionary_names_none() -> None:
    for indicator in (factories.indicator(), factories.indicator(metric=factories.metric(parts_factor=None))):
        form = EntryForm({"value": "48.2", "numerator": "964", "denominator": "2000"}, indicator=indicator)
        assert form.errors["__all__"] == ["指标库没有写明这一指标的分子和分母，不能填写分子分母。"]


@pytest.mark.django_db
def test_without_a_figure_the_parts_make_it_with_the_printed_decimals() -> None:
    form = EntryForm({"numerator": "１，３２８", "denominator": " 3000 "}, indicator=derived())
    assert form.is_valid()
    entry = form.entry
    assert (entry.value, entry.text, entry.availability) == (Decimal("44.3"), "44.3", Availability.REPORTED)
    assert (entry.numerator, entry.denominator) == (Decimal(1328), Decimal(3000))


# ---- Beside the sheet


def sent_parts(client: Client, indicator: Indicator, **typed: str) -> str:
    """What the sheet says after the parts were sent from the panel."""
    return client.post(f"/indicators/{indicator.pk}/entry/2023/parts/", typed, follow=True).content.decode()


@pytest.mark.django_db
def test_the_panel_makes_a_figure_of_its_parts_and_leaves_the_rest_of_the_row(sign_in: SignIn) -> None:
    indicator = derived()
    clerk = factories.person(Role.CLERK)
    stored = save_actual(
        indicator=indicator, year=2023, entry=Entry(value=Decimal(40), text="40", note="按台账"), by=clerk, version=None
    )
    client = sign_in(clerk)
    panel = client.get(f"/indicators/{indicator.pk}/entry/2023/panel/").content.decode()
    assert f'action="/indicators/{indicator.pk}/entry/2023/parts/"' in panel
    assert indicator.metric
    assert f"分子：{indicator.metric.numerator_name}<input" in panel
    said = sent_parts(client, indicator, numerator="９６４", denominator="2,000", version=str(stored.version))
    stored.refresh_from_db()
    assert "已按分子、分母计算并保存。" in said
    assert (stored.value, stored.numerator, stored.denominator) == (Decimal("48.2"), Decimal(964), Decimal(2000))
    assert (stored.note, stored.entered_by) == ("按台账", clerk)
    assert (
        'name="numerator" required inputmode="decimal" autocomplete="off" maxlength="200" value="964"'
        in client.get(f"/indicators/{indicator.pk}/entry/2023/panel/").content.decode()
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "请填写分子。请填写分母。没有保存（所填：空 ÷ 空）。"),
        ({"numerator": "964"}, "请填写分母。没有保存（所填：964 ÷ 空）。"),
        ({"numerator": "/", "denominator": "—"}, "分子要填数字。分母要填数字。没有保存（所填：/ ÷ —）。"),
        ({"numerator": "964", "denominator": "0"}, "分母不能为0。没有保存（所填：964 ÷ 0）。"),
        ({"numerator": "964", "denominator": "=1+1"}, "没有保存（所填：964 ÷ =1+1）。"),
        ({"numerator": "964", "denominator": "2000", "version": "7"}, "没有保存（所填：964 ÷ 2000）。"),
    ],
)
def test_parts_that_make_nothing_leave_the_figure_as_it_is(sign_in: SignIn, typed: dict[str, str], said: str) -> None:
    indicator = derived()
    stored = factories.actual(indicator=indicator, value=Decimal(40))
    client = sign_in(factories.person(Role.CLERK))
    assert said in sent_parts(client, indicator, **{"version": str(stored.version)} | typed)
    stored.refresh_from_db()
    assert (stored.value, stored.numerator, stored.version) == (Decimal(40), None, 1)


@pytest.mark.django_db
def test_the_panel_asks_for_no_parts_where_the_dictionary_names_none_or_the_row_is_locked(sign_in: SignIn) -> None:
    plain, approved = factories.indicator(), derived()
    factories.open_round(plain.plan, 2023)
    factories.actual(indicator=approved, state=State.APPROVED)
    client = sign_in(factories.person(Role.CLERK))
    for indicator in (plain, approved):
        assert "/parts/" not in client.get(f"/indicators/{indicator.pk}/entry/2023/panel/").content.decode()


# ---- The review carries them along


@pytest.mark.django_db
def test_parts_go_through_every_step_and_into_the_record() -> None:
    indicator = derived()
    clerk, reviewer = factories.person(Role.CLERK), factories.person(Role.REVIEWER)
    entry = Entry(value=Decimal("49"), text="49", numerator=Decimal(980), denominator=Decimal(2000), says_parts=True)
    actual = save_actual(indicator=indicator, year=2023, entry=entry, by=clerk, version=None)
    for move, by in (
        (Move.SUBMIT, clerk),
        (Move.RETURN, reviewer),
        (Move.SUBMIT, clerk),
        (Move.APPROVE, reviewer),
        (Move.REOPEN, reviewer),
    ):
        actual = move_actual(actual=actual, move=move, by=by, version=actual.version, note="核对台账")
    actual.refresh_from_db()
    assert (actual.numerator, actual.denominator, actual.figure_kind) == (Decimal(980), Decimal(2000), "revised")
    kept = set(actual.events.values_list("numerator", "denominator"))
    assert kept == {(Decimal(980), Decimal(2000))}
    assert actual.events.count() == 6


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("entry", "numerator"),
    [
        (Entry(value=Decimal("48.2"), text="48.2", note="只改说明"), Decimal(964)),
        (Entry(value=Decimal("48.5"), text="48.5"), None),
        (Entry(availability=Availability.MISSING, note="暂缺"), None),
        (Entry(value=Decimal("48.2"), text="48.2", says_parts=True), None),
        (
            Entry(
                value=Decimal("48.2"), text="48.2", numerator=Decimal(482), denominator=Decimal(1000), says_parts=True
            ),
            Decimal(482),
        ),
    ],
)
def test_who_changes_the_figure_without_its_parts_clears_them(entry: Entry, numerator: Decimal | None) -> None:
    indicator, clerk = derived(), factories.person(Role.CLERK)
    actual = factories.actual(
        indicator=indicator, value=Decimal("48.2"), numerator=Decimal(964), denominator=Decimal(2000), entered_by=clerk
    )
    saved = save_actual(indicator=indicator, year=2023, entry=entry, by=clerk, version=actual.version)
    saved.refresh_from_db()
    assert saved.numerator == numerator
    assert saved.version == 2


@pytest.mark.django_db
def test_a_figure_that_disagrees_with_its_parts_needs_a_word() -> None:
    clerk = factories.person(Role.CLERK)
    actual = factories.actual(
        indicator=derived(),
        value=Decimal("48.5"),
        numerator=Decimal(964),
        denominator=Decimal(2000),
        entered_by=clerk,
    )
    with pytest.raises(Unfit) as refused:
        move_actual(actual=actual, move=Move.SUBMIT, by=clerk, version=1)
    (problem,) = refused.value.problems
    assert (problem.said, problem.is_hard) == ("按分子分母计算应为48.2，现为48.5。", False)
    assert move_actual(actual=actual, move=Move.SUBMIT, by=clerk, version=1, note="按年报口径").state == "submitted"


@pytest.mark.django_db
def test_the_sheet_keeps_the_parts_of_what_it_does_not_change(sign_in: SignIn) -> None:
    """The sheet shows no parts; a remark typed there leaves them, another figure takes them away."""
    indicator, clerk = derived(), factories.person(Role.CLERK)
    actual = factories.actual(
        indicator=indicator, value=Decimal("48.2"), numerator=Decimal(964), denominator=Decimal(2000), entered_by=clerk
    )

    def save(value: str, note: str, version: int) -> Actual:
        row = {"indicator": indicator.pk, "version": version, "value": value, "note": note, "figure_kind": "final"}
        answer = sign_in(clerk).post(
            f"/plans/{indicator.plan.code}/entry/2023/save/",
            json.dumps({"rows": [row]}),
            content_type="application/json",
            headers={"X-Sheet-Person": str(clerk.pk)},
        )
        assert answer.status_code == 200
        return Actual.objects.get(pk=actual.pk)

    assert save("48.2", "台账", 1).numerator == Decimal(964)
    assert save("48.3", "台账", 2).numerator is None


@pytest.mark.django_db
def test_the_api_takes_parts_as_strings_and_gives_them_back(sign_in: SignIn) -> None:
    indicator, client = derived(), sign_in(factories.person(Role.CLERK))

    def post(**sent: Any) -> Any:
        body = {"indicator": indicator.pk, "year": 2023} | sent
        return client.post("/api/v1/actuals/", body, content_type="application/json").json()

    def parts(row: Any) -> tuple[Any, ...]:
        return (row["value"], row["numerator"], row["denominator"])

    made = post(numerator="964", denominator="2000")
    assert parts(made) == ("48.2", "964", "2000")
    assert parts(post(note="台账", version=1)) == ("48.2", "964", "2000")
    changed = post(value="48.5", version=2)
    assert parts(changed) == ("48.5", None, None)
    assert [(event["value"], event["numerator"]) for event in changed["events"]] == [
        ("48.2", "964"),
        ("48.2", "964"),
        ("48.5", None),
    ]
    assert parts(post(value="48.5", numerator="970", denominator="2000", version=3)) == ("48.5", "970", "2000")
    assert parts(post(numerator=None, denominator=None, version=4)) == ("48.5", None, None)
    refused = post(value="48.5", numerator="970", version=5)
    assert refused == {"non_field_errors": ["分子和分母要么都填，要么都不填。"]}


@pytest.mark.django_db
def test_the_page_shows_the_formula_filled_in_and_the_doubt(sign_in: SignIn) -> None:
    actual = factories.actual(
        indicator=derived(),
        value=Decimal("48.5"),
        numerator=Decimal(964),
        denominator=Decimal(2000),
        state="approved",
    )
    page = sign_in(factories.person(Role.LEADER)).get(f"/indicators/{actual.indicator.pk}/").content.decode()
    assert "964 ÷ 2000 × 100 = 48.2" in page
    assert "按分子分母计算应为48.2，现为48.5。" in page
    assert "护理型床位数 ÷ 床位数 × 100" in page


@pytest.mark.django_db
def test_the_reviewer_and_the_panel_beside_the_sheet_show_the_formula_too(sign_in: SignIn) -> None:
    indicator, clerk = derived(), factories.person(Role.CLERK)
    actual = factories.actual(
        indicator=indicator,
        value=Decimal("48.2"),
        numerator=Decimal(964),
        denominator=Decimal(2000),
        state="submitted",
        entered_by=clerk,
    )
    panel = sign_in(clerk).get(f"/indicators/{actual.indicator.pk}/entry/2023/panel/")
    review = sign_in(factories.person(Role.REVIEWER)).get("/review/")
    for page in (panel, review):
        assert page.status_code == 200
        assert "964 ÷ 2000 × 100 = 48.2" in page.content.decode()


# ---- What a plan prints twice


def family(*, beds: str = "2000", nursing: str = "800", **values: Any) -> tuple[Indicator, Metric, Metric]:
    """A share of 40 % in 2020 and 50 % in 2025, and the two counts it is made of in the same plan."""
    above, below = factories.metric(parts_factor=None), factories.metric(parts_factor=None)
    share = factories.metric(numerator=above, denominator=below)
    plan = factories.plan()
    indicator = factories.indicator(plan=plan, metric=share, **values)
    for metric, baseline, target in ((above, nursing, "1200"), (below, beds, "2400")):
        factories.indicator(plan=plan, metric=metric, unit="张", baseline_value=Decimal(baseline), target=target)
    return indicator, above, below


@pytest.mark.django_db
def test_a_printed_baseline_and_target_are_recomputed_from_the_plans_own_rows() -> None:
    agreeing, _, _ = family()
    differing, _, _ = family(nursing="820")
    found = recomputed_of([agreeing, differing])
    assert [(row.what, row.parts.doubt) for row in found[agreeing.pk]] == [("2020年基期值", ""), ("2025年目标值", "")]
    assert [(row.what, row.parts.doubt) for row in found[differing.pk]] == [
        ("2020年基期值", "按分子分母计算应为41，现为40。"),
        ("2025年目标值", ""),
    ]


@pytest.mark.django_db
def test_what_cannot_be_recomputed_is_not() -> None:
    twice, above, _ = family()
    factories.indicator(plan=twice.plan, metric=above)
    summed, _, _ = family(kind="cumulative")
    worded, _, below = family(baseline_value=None, baseline_year=None)
    Target.objects.filter(indicator__metric=below).update(operator="text", value=None, text="应保尽保")
    elsewhere = factories.indicator(metric=worded.metric)
    assert recomputed_of([twice, summed, worded, elsewhere, factories.indicator()]) == {worded.pk: []}


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 3])
def test_recomputing_takes_two_queries_for_any_number(
    django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    rows = [family()[0] for _ in range(number)]
    unlinked = Indicator(kind="level")
    with django_assert_num_queries(2):
        assert len(recomputed_of(rows)) == number
    with django_assert_num_queries(0):
        assert recomputed_of([unlinked]) == {}
