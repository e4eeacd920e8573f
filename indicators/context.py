"""What every page knows: whether the portal holds demo figures, and what this person may do."""

from typing import Any

from django.http import HttpRequest

from accounts.models import User
from accounts.permissions import BACK_OFFICE, Permission
from indicators.models import Actual


def portal(request: HttpRequest) -> dict[str, Any]:
    """For the frame around every page; nothing is read for nobody in particular."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {}
    return {
        "has_demo_figures": Actual.objects.filter(is_demo=True).exists(),
        "may_review": user.can(Permission.REVIEW),
        "may_enter": user.can(Permission.ENTER),
        "may_use_back_office": user.is_superuser or any(map(user.can, BACK_OFFICE)),
    }
