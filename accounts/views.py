"""Signing in."""

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpResponse

from accounts.models import User


class SignIn(LoginView):
    """The front door; a screen on a wall stays signed in for longer than a working day."""

    template_name = "accounts/login.html"

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        answer = super().form_valid(form)
        user = form.get_user()
        if isinstance(user, User) and user.is_screen:
            self.request.session.set_expiry(settings.SCREEN_SESSION_AGE)
        return answer
