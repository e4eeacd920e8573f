from django.urls import path

from reports.entries import views as entries
from reports.tables import views as tables
from reports.word import views as word

urlpatterns = [
    path("reports/word/", word.word_report, name="word_report"),
    path("plans/<slug:code>/reports/<slug:kind>-<int:year>.docx", word.word_download, name="word_download"),
    path("reports/templates/", word.template_list, name="report_template_list"),
    path("reports/templates/install/", word.template_install, name="report_template_install"),
    path("reports/templates/<int:pk>.docx", word.template_download, name="report_template_download"),
    path("reports/templates/<int:pk>/use/", word.template_use, name="report_template_use"),
    path("reports/templates/default/<slug:kind>.docx", word.template_default_download, name="report_template_default"),
    path("reports/templates/<slug:code>/<slug:kind>/default/", word.template_default, name="report_template_revert"),
    path("reports/bulletin/<slug:code>/", word.bulletin, name="bulletin"),
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
