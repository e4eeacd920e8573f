"""The admin beside stand-ins for the portal's pages that it names."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import path


@login_not_required
def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


urlpatterns = [
    path("", page, name="home"),
    path("login/", page, name="login"),
    path("admin/", admin.site.urls),
]
