"""What every page knows: whether the portal holds demo figures, what this person may do, and what waits for them."""

from functools import cache
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from accounts.permissions import BACK_OFFICE, Permission
from indicators.models import Actual
from indicators.worklists import Waiting, waiting_for
from projects.worklists import WaitingMonth, months_waiting_for


def portal(request: HttpRequest) -> dict[str, Any]:
    """For the frame around every page; nothing is read for nobody in particular."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {}

    # read once per page, and only by a page that shows it
    @cache
    def waiting() -> list[Waiting]:
        return waiting_for(user, on=timezone.localdate())

    @cache
    def waiting_months() -> list[WaitingMonth]:
        return months_waiting_for(user)

    return {
        "has_demo_figures": Actual.objects.filter(is_demo=True).exists(),
        "may_review": user.can(Permission.REVIEW),
        "may_enter": user.can(Permission.ENTER),
        "may_plan": user.can(Permission.PLAN),
        "may_remind": user.can(Permission.REMIND),
        "may_export": user.can(Permission.EXPORT),
        "may_manage_people": user.can(Permission.MANAGE_PEOPLE),
        "waiting": waiting,
        "waiting_months": waiting_months,
        "n_waiting": lambda: sum(item.total for item in waiting()) + sum(item.total for item in waiting_months()),
        "may_use_back_office": user.is_superuser or any(map(user.can, BACK_OFFICE)),
    }
