from django.urls import path

from reports.entries import views as entries
from reports.tables import views as tables

urlpatterns = [
    path("reports/", tables.table_list, name="table_list"),
    path("reports/table.xlsx", tables.table_file, name="table_file"),
    path("plans/<slug:code>/files/<slug:name>.xlsx", tables.plan_export, name="plan_export"),
    path("reminders/list.xlsx", tables.reminder_export, name="reminder_export"),
    path("entry/template.xlsx", entries.entry_template_download, name="entry_template"),
    path("entry/imports/", entries.entry_import_list, name="entry_import_list"),
    path("entry/imports/upload/", entries.entry_import_upload, name="entry_import_upload"),
    path("entry/imports/<int:pk>/", entries.entry_import_detail, name="entry_import_detail"),
    path("entry/imports/<int:pk>/confirm/", entries.entry_import_confirm, name="entry_import_confirm"),
    path("entry/imports/<int:pk>/undo/", entries.entry_import_undo, name="entry_import_undo"),
    path("entry/imports/<int:pk>/marked.xlsx", entries.entry_import_marked, name="entry_import_marked"),
]
