"""A screen on a wall: an account that holds nothing but the display role opens its screen and nothing else."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request

from accounts.models import User

OPEN_TO_SCREENS = ("screen", "login", "logout")


class SignedInAndNoScreen(IsAuthenticated):
    """What the API asks for: people and programs, but no screen, which a token would not lead past its page either."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return super().has_permission(request, view) and isinstance(request.user, User) and not request.user.is_screen


class ScreenOnly:
    """Leads a screen from the home page, where signing in ends, to its page; any other address is refused."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        if not isinstance(request.user, User) or not request.user.is_screen or match is None:
            return None
        if match.view_name == "home":
            return redirect("screen")
        if match.view_name not in OPEN_TO_SCREENS:
            raise PermissionDenied
        return None
