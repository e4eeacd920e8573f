"""Every address of the portal; tests/test_access.py holds the table of who may see which."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import URLPattern, URLResolver, include, path, reverse_lazy

from accounts.views import SignIn

urlpatterns: list[URLPattern | URLResolver] = [
    path("login/", SignIn.as_view(), name="login"),
    path(
        "password/",
        auth.PasswordChangeView.as_view(template_name="accounts/password.html", success_url=reverse_lazy("home")),
        name="password",
    ),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    # before the pages of plans, whose addresses begin with any plan's code
    path("", include("reports.urls")),
    path("", include("dashboard.urls")),
    path("", include("plans.urls")),
    path("", include("indicators.urls")),
    path("", include("projects.urls")),
    path("api/v1/", include("civplan.api")),
    path("admin/", admin.site.urls),
]
