"""The request of somebody who is signed in, as every view behind LoginRequiredMiddleware gets it."""

from django.http import HttpRequest

from accounts.models import User


class SignedInRequest(HttpRequest):
    """For types only: LoginRequiredMiddleware has seen to it that the user is somebody."""

    user: User
