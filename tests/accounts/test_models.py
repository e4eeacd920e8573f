"""Rows of people and places protect themselves; and how such a test asks, for the same tests of the other apps.

Each constraint stands in a table beside a row that breaks only this one. The row is written past every form, and the
database refuses it by name; the form's own check says it in the words of the constraint.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from accounts.models import ApiToken, ApiUse, AuditEvent, Department, Membership, Region, User, record_audit
from accounts.permissions import Role
from accounts.regions import Level
from tests import factories

pytestmark = pytest.mark.django_db

Broken = tuple[str, Callable[[], models.Model]]


def constraints_of(app: str) -> dict[str, models.BaseConstraint]:
    """The named constraints of an app's models."""
    found = [row for model in apps.get_app_config(app).get_models() for row in model._meta.constraints]
    return {constraint.name: constraint for constraint in found}


def refusal(row: models.Model) -> str:
    """What the database says when the row is written without asking the model."""
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        type(row)._base_manager.bulk_create([row])
    return str(refused.value)


def name_in_a_refusal(constraint: models.BaseConstraint, model: type[models.Model]) -> str:
    """How the database names the constraint: SQLite tells the columns of a broken uniqueness instead."""
    if connection.vendor == "sqlite" and isinstance(constraint, models.UniqueConstraint):
        column = {field.name: field.column for field in model._meta.concrete_fields}
        return ": " + ", ".join(f"{model._meta.db_table}.{column[name]}" for name in constraint.fields)
    return constraint.name


def assert_refused_by_name(app: str, name: str, row: models.Model) -> None:
    assert name_in_a_refusal(constraints_of(app)[name], type(row)) in refusal(row)


def assert_refused_in_words(app: str, name: str, row: models.Model) -> None:
    """The model's own check ends in this constraint's message and no other, in Chinese."""
    with pytest.raises(ValidationError) as refused:
        row.validate_constraints()
    message = str(constraints_of(app)[name].violation_error_message)
    assert refused.value.messages == [message]
    assert any("一" <= letter <= "鿿" for letter in message)


def protecting_relations(app: str) -> set[str]:
    """The relations of an app's rows that keep what they point to from being deleted, as Model.field."""
    return {
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey) and field.remote_field.on_delete is models.PROTECT
    }


def assert_protected(relation: str, row: models.Model) -> None:
    """What the relation points to is not deleted, because of this row."""
    with pytest.raises(ProtectedError) as refused:
        getattr(row, relation.partition(".")[2]).delete()
    assert row in refused.value.protected_objects


def models_with_natural_key(app: str) -> set[str]:
    return {model.__name__ for model in apps.get_app_config(app).get_models() if hasattr(model, "natural_key")}


def found_by_natural_key(row: Any) -> models.Model:
    found: models.Model = type(row)._default_manager.get_by_natural_key(*row.natural_key())
    return found


# ---- People and places


def place(**values: Any) -> Region:
    """A county under 全国, not yet stored."""
    given: dict[str, Any] = {"code": "420683", "name": "枣阳市", "short_name": "枣阳", "bureau_name": "枣阳市民政局"}
    given |= {"level": Level.COUNTY, "parent": factories.region("100000")} | values
    return Region(**given)


def same_department_again() -> Department:
    stored = factories.department(name="养老服务科")
    return Department(region=stored.region, name="养老服务科")


def same_membership_again() -> Membership:
    clerk = factories.person(Role.CLERK)
    return Membership(user=clerk, region=factories.region(), role=Role.CLERK)


def token(**values: Any) -> ApiToken:
    """A token that works this year; not yet stored."""
    given: dict[str, Any] = {"name": "脚本", "digest": "0" * 64, "prefix": "cp_abcdef"}
    given |= {"created_on": date(2026, 1, 1), "expires_on": date(2026, 12, 31)}
    if "user" not in values:
        given["user"] = factories.person(Role.ANALYST)
    return ApiToken(**given | values)


def same_token_again() -> ApiToken:
    stored = factories.api_token(name="脚本")
    return token(user=stored.user, name="脚本")


def same_minute_again() -> ApiUse:
    ApiUse.objects.create(who="person 1", minute=1)
    return ApiUse(who="person 1", minute=1)


BROKEN: list[Broken] = [
    ("region_code_is_six_digits", lambda: place(code="42068")),
    ("region_code_is_six_digits", lambda: place(code="42068X")),
    ("region_code_is_six_digits", lambda: place(code="４２０６８３")),
    ("region_has_parent_unless_country", lambda: place(parent=None)),
    ("region_has_parent_unless_country", lambda: place(level=Level.COUNTRY)),
    ("department_name_is_unique_in_region", same_department_again),
    ("membership_is_unique", same_membership_again),
    ("standing_token_is_unique_by_name", same_token_again),
    ("token_has_a_name", lambda: token(name="")),
    ("token_expires_after_it_was_made", lambda: token(expires_on=date(2025, 12, 31))),
    ("use_is_counted_once_a_minute", same_minute_again),
]


@pytest.mark.parametrize(("name", "broken"), BROKEN)
def test_the_database_refuses_the_row_and_names_the_constraint(name: str, broken: Callable[[], models.Model]) -> None:
    assert_refused_by_name("accounts", name, broken())


@pytest.mark.parametrize(("name", "broken"), BROKEN)
def test_the_form_refuses_the_row_in_the_words_of_the_constraint(name: str, broken: Callable[[], models.Model]) -> None:
    assert_refused_in_words("accounts", name, broken())


def test_every_constraint_has_a_row_that_breaks_it() -> None:
    assert {name for name, _ in BROKEN} == set(constraints_of("accounts"))


def test_a_row_that_breaks_nothing_is_stored() -> None:
    Region.objects.bulk_create([place()])
    assert Region.objects.filter(code="420683").exists()


def a_membership() -> Membership:
    return factories.person(Role.CLERK).memberships.get()


PROTECTING: dict[str, Callable[[], models.Model]] = {
    "Region.parent": factories.region,
    "Department.region": factories.department,
    "Membership.region": a_membership,
}


@pytest.mark.parametrize("relation", PROTECTING)
def test_what_a_row_rests_on_is_not_deleted(relation: str) -> None:
    assert_protected(relation, PROTECTING[relation]())


def test_every_protecting_relation_is_tried() -> None:
    assert set(PROTECTING) == protecting_relations("accounts")


def test_a_region_is_found_by_its_code() -> None:
    assert models_with_natural_key("accounts") == {"Region", "User"}
    county = factories.region()
    assert found_by_natural_key(county) == county


def test_a_person_is_found_by_the_name_they_sign_in_with() -> None:
    person = factories.person(username="zhang")
    assert found_by_natural_key(person) == person


def test_the_audit_log_has_no_relation_to_any_other_table() -> None:
    assert [field.name for field in AuditEvent._meta.get_fields() if field.is_relation] == []


def test_the_audit_log_outlives_what_and_whom_it_speaks_of() -> None:
    person, plan = factories.person(username="zhang"), factories.plan()
    record_audit(
        by=person, action="修改", subject=plan, region=plan.region, summary="改了名称", at=timezone.now(), name="新名"
    )
    plan_id, _, _ = str(plan.pk), plan.delete(), person.delete()
    line = AuditEvent.objects.get()
    assert (line.username, line.kind, line.object_id, line.region_code, line.detail) == (
        "zhang",
        "plans.plan",
        plan_id,
        "420682",
        {"name": "新名"},
    )
    assert not User.objects.filter(username="zhang").exists()
