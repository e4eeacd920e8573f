from django.urls import path

from projects import views

urlpatterns = [
    path("plans/<slug:code>/projects/", views.project_list, name="project_list"),
    path("projects/<int:pk>/", views.project_detail, name="project_detail"),
    path("plans/<slug:code>/work-items/", views.work_item_list, name="work_item_list"),
]
