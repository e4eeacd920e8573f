"""Signing in, and the tokens with which a person's programs read the API."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from accounts.forms import TokenForm
from accounts.models import User
from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from accounts.tokens import TooManyTokens, make_token, revoke_token


class SignIn(LoginView):
    """The front door; a screen on a wall stays signed in for longer than a working day."""

    template_name = "accounts/login.html"

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        answer = super().form_valid(form)
        user = form.get_user()
        if isinstance(user, User) and user.is_screen:
            self.request.session.set_expiry(settings.SCREEN_SESSION_AGE)
        return answer


def _demand_export(user: User) -> None:
    if not user.can(Permission.EXPORT):
        raise PermissionDenied


def _tokens(request: SignedInRequest, form: TokenForm, *, key: str = "", status: int = 200) -> HttpResponse:
    context = {
        "tokens": request.user.api_tokens.all(),
        "today": timezone.localdate(),
        "form": form,
        "key": key,
        "api": request.build_absolute_uri("/api/v1/"),
        "per_minute": settings.API_PER_MINUTE,
    }
    return render(request, "accounts/token_list.html", context, status=status)


@require_safe
def token_list(request: SignedInRequest) -> HttpResponse:
    """One's own tokens; nobody else's are shown to anybody here."""
    _demand_export(request.user)
    return _tokens(request, TokenForm(on=timezone.localdate()))


@require_POST
@never_cache
@sensitive_variables("key")
def token_create(request: SignedInRequest) -> HttpResponse:
    """Make a token and show it, in this answer and never again; sending the form twice makes no second one."""
    _demand_export(request.user)
    today = timezone.localdate()
    form = TokenForm(request.POST, on=today)
    if form.is_valid() and request.user.api_tokens.filter(name=form.cleaned_data["name"], revoked_at=None).exists():
        form.add_error("name", "已有同名的令牌，请换个名称，或先停用原来的。")
    if not form.is_valid():
        return _tokens(request, form, status=422)
    try:
        _, key = make_token(**form.cleaned_data, by=request.user)
    except TooManyTokens as refused:
        form.add_error(None, str(refused))
        return _tokens(request, form, status=422)
    return _tokens(request, TokenForm(on=today), key=key)


@require_POST
def token_revoke(request: SignedInRequest, pk: int) -> HttpResponse:
    """Stop one of one's own tokens at once."""
    _demand_export(request.user)
    token = get_object_or_404(request.user.api_tokens, pk=pk)
    revoke_token(token=token, by=request.user)
    messages.success(request, f"令牌“{token.name}”已停用。")
    return redirect("token_list")
