"""Tokens of the API that people make for their own programs: shown once, kept as a hash, good for a year at most."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed

from accounts.models import ApiToken, Region, User, record_audit
from accounts.permissions import Permission

BEGINS = "cp_"  # tells a token of ours from one that the back office made, and a leaked one from any other text
LONGEST = timedelta(days=365)
MOST_STANDING = 20
USE_IS_NOTED_EVERY = timedelta(minutes=1)


class TooManyTokens(Exception):
    """The person has as many standing tokens as one may have; the message says so."""


def digest_of(key: str) -> str:
    """What is kept of a token. A plain hash is enough: 256 random bits cannot be guessed, fast or slow."""
    return sha256(key.encode()).hexdigest()


def _office(user: User) -> Region | None:
    """The region under which the log files what somebody did about their own tokens."""
    return next((held.region for held in user.held), None)


@transaction.atomic
def make_token(*, name: str, expires_on: date, by: User) -> tuple[ApiToken, str]:
    """A new token of one's own, and its value, which is never seen again. Raises TooManyTokens."""
    now = timezone.now()
    today = timezone.localdate(now)
    if by.api_tokens.standing(on=today).count() >= MOST_STANDING:
        raise TooManyTokens(f"最多同时使用{MOST_STANDING}个令牌，请先停用不再使用的。")
    key = BEGINS + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=by,
        name=name,
        digest=digest_of(key),
        prefix=key[: len(BEGINS) + 6],
        created_on=today,
        expires_on=expires_on,
    )
    record_audit(
        by=by,
        action="生成接口令牌",
        subject=token,
        region=_office(by),
        at=now,
        summary=f"{token}，有效期至{expires_on}",
    )
    return token, key


@transaction.atomic
def revoke_token(*, token: ApiToken, by: User) -> None:
    """The token opens nothing any more. One that was revoked before stays as it is.

    Whoever made it may, and whoever manages its owner; the caller has seen to that.
    """
    now = timezone.now()
    if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
        summary = str(token) if token.user_id == by.pk else f"{token.user}的{token}"
        record_audit(by=by, action="停用接口令牌", subject=token, region=_office(by), at=now, summary=summary)


class PersonToken(TokenAuthentication):
    """`Authorization: Token …` with a token that a person made, or with one that the back office handed out.

    The program reads and writes with the person's own rights of the moment. A token ends with its date, with its
    revocation, with the account, and with the right to export: who may not make tokens has none that work.
    """

    def authenticate_credentials(self, key: str) -> tuple[Any, Any]:
        if not key.startswith(BEGINS):
            return super().authenticate_credentials(key)
        found = ApiToken.objects.select_related("user").filter(digest=digest_of(key)).first()
        now = timezone.now()
        if found is None or found.revoked_at is not None:
            raise AuthenticationFailed("令牌无效或已停用。")
        if found.expires_on < timezone.localdate(now):
            raise AuthenticationFailed("令牌已过有效期，请重新生成。")
        if not found.user.is_active or not found.user.can(Permission.EXPORT):
            raise AuthenticationFailed("令牌的主人已停用，或不再有导出权限。")
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_IS_NOTED_EVERY)
        if found.last_used_at is None or found.last_used_at < now - USE_IS_NOTED_EVERY:
            ApiToken.objects.filter(stale, pk=found.pk).update(last_used_at=now)
        return found.user, found
