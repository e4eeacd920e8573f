"""When a year may be reported, and how far its deadline is: days of Beijing time, wherever the process runs."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Role
from plans.models import RoundExtension
from plans.queries import RoundStanding
from plans.rounds import RoundState, time_left
from tests import factories

SignIn = Callable[[User], Client]
DUE = date(2024, 3, 31)


@pytest.mark.parametrize(
    ("days", "said"), [(2, "还有2天"), (1, "还有1天"), (0, "今日截止"), (-1, "逾期1天"), (-400, "逾期400天")]
)
def test_the_time_left_is_said_in_words(days: int, said: str) -> None:
    assert time_left(DUE + timedelta(days=days), on=DUE) == said


@pytest.mark.django_db
def test_the_deadline_of_a_department_is_the_latest_that_holds_for_it() -> None:
    round_ = factories.open_round(factories.plan(), 2023, due_on=DUE)
    one, other = factories.department(), factories.department()
    allowed = {"round": round_, "allowed_by": factories.person(Role.PLANNER), "reason": "汛期"}
    RoundExtension.objects.create(until=date(2024, 4, 10), department=one, **allowed)
    RoundExtension.objects.create(until=date(2024, 4, 5), **allowed)
    RoundExtension.objects.create(until=date(2024, 3, 1), department=other, **allowed)
    assert round_.deadline(one.pk) == date(2024, 4, 10)
    assert round_.deadline(other.pk) == round_.deadline() == date(2024, 4, 5)
    standing = RoundStanding(round_, date(2024, 4, 5))
    assert (standing.state, standing.time_left) == (RoundState.EXTENDED, "今日截止")
    assert RoundStanding(round_, date(2024, 4, 6)).time_left == ""


@pytest.fixture(params=["UTC", "America/New_York", "Asia/Tokyo"])
def server_elsewhere(request: pytest.FixtureRequest) -> Iterator[None]:
    """A process whose own clock is set to another place."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.django_db
@pytest.mark.usefixtures("server_elsewhere")
@pytest.mark.parametrize(
    ("moment", "state"),
    [
        (datetime(2024, 2, 29, 15, 59, 59, tzinfo=UTC), "未到开放时间"),
        (datetime(2024, 2, 29, 16, 0, tzinfo=UTC), "填报中"),
        (datetime(2024, 3, 31, 15, 59, 59, tzinfo=UTC), "填报中"),
        (datetime(2024, 3, 31, 16, 0, tzinfo=UTC), "已截止"),
    ],
)
def test_a_day_begins_and_ends_in_beijing_though_the_server_stands_elsewhere(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, moment: datetime, state: str
) -> None:
    round_ = factories.open_round(factories.plan(), 2023, opens_on=date(2024, 3, 1), due_on=DUE)
    clerk, planner = sign_in(factories.person(Role.CLERK)), sign_in(factories.person(Role.PLANNER))
    monkeypatch.setattr(timezone, "now", lambda: moment)
    assert state in planner.get(f"/rounds/{round_.pk}/").content.decode()
    assert state in clerk.get(f"/plans/{round_.plan.code}/entry/2023/").content.decode()


@pytest.mark.django_db
@pytest.mark.usefixtures("server_elsewhere")
@pytest.mark.parametrize(
    ("moment", "status"),
    [(datetime(2024, 4, 10, 15, 59, 59, tzinfo=UTC), 302), (datetime(2024, 4, 10, 16, 0, tzinfo=UTC), 422)],
)
def test_the_last_day_of_an_extension_is_offered_until_it_is_over_in_beijing(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, moment: datetime, status: int
) -> None:
    round_ = factories.open_round(factories.plan(), 2023, due_on=DUE)
    planner = sign_in(factories.person(Role.PLANNER))
    monkeypatch.setattr(timezone, "now", lambda: moment)
    answer = planner.post(f"/rounds/{round_.pk}/extend/", {"until": "2024-04-10", "reason": "汛期"})
    assert answer.status_code == status
