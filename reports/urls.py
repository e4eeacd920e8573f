from django.urls import path

from reports.drafts import views as drafts
from reports.entries import views as entries
from reports.exports import views as exports
from reports.snapshots import views as snapshots
from reports.tables import views as tables
from reports.word import views as word

urlpatterns = [
    path("reports/", tables.table_list, name="table_list"),
    path("drafts/", drafts.draft_list, name="draft_list"),
    path("drafts/start/", drafts.draft_start, name="draft_start"),
    path("drafts/after/<slug:code>/", drafts.draft_roll, name="draft_roll"),
    path("drafts/after/<slug:code>/start/", drafts.draft_roll_start, name="draft_roll_start"),
    path("drafts/projects/<slug:code>/", drafts.draft_projects, name="draft_projects"),
    path("drafts/projects/<slug:code>/start/", drafts.draft_projects_start, name="draft_projects_start"),
    path("drafts/<int:pk>/", drafts.draft_detail, name="draft_detail"),
    path("drafts/<int:pk>/check/", drafts.draft_check, name="draft_check"),
    path("drafts/<int:pk>/facts/", drafts.draft_facts, name="draft_facts"),
    path("drafts/<int:pk>/add-projects/", drafts.draft_add_projects, name="draft_add_projects"),
    path("drafts/<int:pk>/publish/", drafts.draft_publish, name="draft_publish"),
    path("drafts/<int:pk>/discard/", drafts.draft_discard, name="draft_discard"),
    path("drafts/<int:pk>/file/", drafts.draft_file, name="draft_file"),
    path("drafts/<int:pk>/rows/<slug:key>/", drafts.draft_row, name="draft_row"),
    path("drafts/<int:pk>/rows/<slug:key>/save/", drafts.draft_row_save, name="draft_row_save"),
    path("drafts/<int:pk>/projects/<slug:key>/", drafts.draft_project, name="draft_project"),
    path("drafts/<int:pk>/projects/<slug:key>/save/", drafts.draft_project_save, name="draft_project_save"),
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
    path("reports/exports/", exports.export_list, name="export_list"),
    path("reports/exports/order/", exports.export_order, name="export_order"),
    path("reports/exports/<int:pk>/", exports.export_detail, name="export_detail"),
    path("reports/exports/<int:pk>/file/", exports.export_download, name="export_download"),
    path("reports/exports/<int:pk>/drop/", exports.export_drop, name="export_drop"),
    path("plans/<slug:code>/snapshots/", snapshots.snapshot_list, name="snapshot_list"),
    path("plans/<slug:code>/snapshots/take/", snapshots.snapshot_take, name="snapshot_take"),
    path("snapshots/<int:pk>/", snapshots.snapshot_detail, name="snapshot_detail"),
    path("snapshots/<int:pk>/file/", snapshots.snapshot_download, name="snapshot_download"),
]
