from django.urls import path

from reports import views

urlpatterns = [
    path("plans/<slug:code>/files/<slug:name>.xlsx", views.plan_export, name="plan_export"),
    path("reminders/list.xlsx", views.reminder_export, name="reminder_export"),
]
