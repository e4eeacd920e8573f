from django.urls import path

from indicators import views

urlpatterns = [
    path("indicators/<int:pk>/", views.indicator_detail, name="indicator_detail"),
    path("indicators/<int:pk>/overrides/add/", views.override_add, name="override_add"),
    path("indicators/<int:pk>/exclusions/add/", views.exclusion_add, name="exclusion_add"),
    path("indicators/<int:pk>/targets/revise/", views.target_revise, name="target_revise"),
    path("overrides/<int:pk>/withdraw/", views.override_withdraw, name="override_withdraw"),
    path("exclusions/<int:pk>/withdraw/", views.exclusion_withdraw, name="exclusion_withdraw"),
    path("indicators/<int:pk>/entry/<int:year>/", views.actual_save, name="actual_save"),
    path("indicators/<int:pk>/entry/<int:year>/parts/", views.parts_save, name="parts_save"),
    path("indicators/<int:pk>/entry/<int:year>/evidence/", views.evidence_attach, name="evidence_attach"),
    path("evidence/<int:pk>/", views.evidence_download, name="evidence_download"),
    path("evidence/<int:pk>/remove/", views.evidence_remove, name="evidence_remove"),
    path("plans/<slug:code>/entry/<int:year>/", views.entry_sheet, name="entry_sheet"),
    path("indicators/<int:pk>/entry/<int:year>/panel/", views.entry_panel, name="entry_panel"),
    path("plans/<slug:code>/entry/<int:year>/save/", views.entry_save, name="entry_save"),
    path("plans/<slug:code>/entry/<int:year>/check/", views.entry_check, name="entry_check"),
    path("plans/<slug:code>/entry/<int:year>/submit/", views.entry_submit, name="entry_submit"),
    path("review/", views.review_list, name="review_list"),
    path("review/approve/", views.review_approve, name="review_approve"),
    path("reminders/", views.reminder_list, name="reminder_list"),
    path("reminders/send/", views.reminder_send, name="reminder_send"),
    path("actuals/<int:pk>/move/", views.actual_move, name="actual_move"),
]
