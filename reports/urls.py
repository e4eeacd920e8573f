from django.urls import path

from reports import views

urlpatterns = [
    path("plans/<slug:code>/files/<slug:name>.xlsx", views.plan_export, name="plan_export"),
    path("reminders/list.xlsx", views.reminder_export, name="reminder_export"),
    path("entry/template.xlsx", views.entry_template_download, name="entry_template"),
    path("entry/imports/", views.entry_import_list, name="entry_import_list"),
    path("entry/imports/upload/", views.entry_import_upload, name="entry_import_upload"),
    path("entry/imports/<int:pk>/", views.entry_import_detail, name="entry_import_detail"),
    path("entry/imports/<int:pk>/confirm/", views.entry_import_confirm, name="entry_import_confirm"),
    path("entry/imports/<int:pk>/undo/", views.entry_import_undo, name="entry_import_undo"),
    path("entry/imports/<int:pk>/marked.xlsx", views.entry_import_marked, name="entry_import_marked"),
]
