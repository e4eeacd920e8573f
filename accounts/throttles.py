"""How often the API may be asked: per person, and per address for those who are refused."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.models import ApiUse, User

SECONDS = 60
MINUTES_KEPT = 60


def may_ask(who: str, *, most: int, at: datetime) -> bool:
    """Count one request, unless this minute has seen as many as it may; `most` 0 counts nothing and allows all.

    One write in a minute's usual request. The database counts, so no two processes can miss each other's requests.
    """
    if not most:
        return True
    minute = int(at.timestamp()) // SECONDS
    row = ApiUse.objects.filter(who=who, minute=minute)
    if row.filter(count__lt=most).update(count=F("count") + 1):
        return True
    if row.exists():
        return False
    ApiUse.objects.filter(minute__lt=minute - MINUTES_KEPT).delete()
    ApiUse.objects.bulk_create([ApiUse(who=who, minute=minute)], ignore_conflicts=True)
    return bool(row.filter(count__lt=most).update(count=F("count") + 1))


def seconds_left(at: datetime) -> int:
    """Until the next minute begins, and with it a new count."""
    return SECONDS - int(at.timestamp()) % SECONDS


class PerPerson(BaseThrottle):
    """So many requests a minute for each person, with all of their tokens together."""

    def allow_request(self, request: Request, view: Any) -> bool:
        if not isinstance(request.user, User):
            return True  # is refused anyway, and counted there
        return may_ask(f"person {request.user.pk}", most=settings.API_PER_MINUTE, at=timezone.now())

    def wait(self) -> float:
        return seconds_left(timezone.now())


def may_be_refused(request: Request) -> bool:
    """Whether this address may be told once more in this minute that it is nobody."""
    address = BaseThrottle().get_ident(request)[:64]
    return may_ask(f"address {address}", most=settings.API_REFUSALS_PER_MINUTE, at=timezone.now())
