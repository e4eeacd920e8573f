from django.urls import path

from dashboard import views

urlpatterns = [
    path("", views.home, name="home"),
    path("help/", views.help_detail, name="help"),
    path("plans/", views.plan_list, name="plan_list"),
    path("plans/<slug:code>/", views.plan_detail, name="plan_detail"),
    path("compare/", views.compare_list, name="compare_list"),
    path("compare/<slug:metric>/", views.compare_detail, name="compare_detail"),
]
