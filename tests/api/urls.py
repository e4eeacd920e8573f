"""The API alone, with the one page it sends people to."""

from django.contrib.auth.views import LoginView
from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("civplan.api")),
    path("login/", LoginView.as_view(), name="login"),
]
