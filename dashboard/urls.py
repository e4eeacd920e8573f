from django.urls import path

from dashboard import views

urlpatterns = [
    path("", views.home, name="home"),
    path("help/", views.help_detail, name="help"),
    path("cockpit/", views.cockpit, name="cockpit"),
    path("cockpit/<str:code>/", views.cockpit, name="region_cockpit"),
    path("cockpit/<str:code>/overdue/", views.overdue_list, name="region_overdue"),
    path("cockpit/<str:code>/projects/", views.region_project_list, name="region_projects"),
    path("screen/", views.screen, name="screen"),
    path("screen/<str:code>/", views.screen, name="region_screen"),
    path("plans/", views.plan_list, name="plan_list"),
    path("plans/<slug:code>/", views.plan_detail, name="plan_detail"),
    path("api-examples/", views.api_example_list, name="api_examples"),
    path("metrics/", views.metric_list, name="metric_list"),
    path("metrics/<slug:code>/", views.metric_detail, name="metric_detail"),
    path("compare/", views.compare_list, name="compare_list"),
    path("compare/<slug:metric>/", views.compare_detail, name="compare_detail"),
]
