"""What 填报 hands out can be handed back as it is: every row is found again, and none is changed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from accounts.permissions import Role
from indicators.figures import Operator
from indicators.models import Actual, Availability, State, Target
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_template_that_nobody_filled_in_changes_nothing(sign_in: Callable[[User], Client]) -> None:
    plan, clerk = factories.plan(code="laohekou-14"), factories.person(Role.CLERK)
    factories.open_round(plan, 2024)
    for state, value in ((State.DRAFT, "45.25"), (State.APPROVED, "0"), (State.SUBMITTED, "-0.0001")):
        row = factories.indicator(plan=plan, decimals=2, target=None, name="=指标", number=f"1.{value}0"[:20])
        Target.objects.create(indicator=row, year=2025, operator=Operator.GE, value=Decimal(50), text="≥50")
        factories.actual(indicator=row, year=2024, value=Decimal(value), state=state, note="=说明_x0041_")
    row = factories.indicator(plan=plan)
    factories.actual(indicator=row, year=2024, value=None, availability=Availability.MISSING, note="口径未定")
    factories.indicator(plan=plan)
    before = list(Actual.objects.order_by("pk").values())
    client = sign_in(clerk)

    template = client.get("/entry/template.xlsx?plan=laohekou-14&year=2024").content
    sent = client.post("/entry/imports/upload/", {"file": SimpleUploadedFile("表.xlsx", template)})
    page = client.get(sent.headers["Location"]).context["page"]

    tally = {word: count for _, word, count in page.tally}
    assert {word: count for word, count in tally.items() if count} == {"相同": 5}
    assert list(Actual.objects.order_by("pk").values()) == before
