"""The files and the login page they lead to, without the rest of the portal."""

from django.contrib.auth.views import LoginView
from django.urls import include, path

urlpatterns = [
    path("login/", LoginView.as_view(), name="login"),
    path("", include("reports.urls")),
]
