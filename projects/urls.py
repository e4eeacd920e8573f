from collections.abc import Iterable
from typing import Any

from django.urls import URLPattern, path

from projects import views
from projects.kinds import PROJECTS, WORK, Kind


def months(kind: Kind[Any], *, reports: str, owners: str, review: str) -> Iterable[URLPattern]:
    """The addresses of the months of one kind, under the nouns it goes by."""
    about, month = {"kind": kind}, "<int:year>/<int:month>/"
    sheet = f"plans/<slug:code>/{reports}/{month}"
    yield path(sheet, views.report_sheet, about, name=kind.sheet_address)
    yield path(f"{sheet}submit/", views.report_submit, about, name=kind.submit_address)
    yield path(f"{owners}/<int:pk>/reports/{month}", views.report_save, about, name=kind.save_address)
    yield path(f"{reports}/<int:pk>/move/", views.report_move, about, name=kind.move_address)
    yield path(f"review/{review}/", views.report_review, about, name=kind.review_address)
    yield path(f"review/{review}/approve/", views.report_approve, about, name=kind.approve_address)


urlpatterns = [
    path("plans/<slug:code>/projects/", views.project_list, name="project_list"),
    path("projects/<int:pk>/", views.project_detail, name="project_detail"),
    path("plans/<slug:code>/work-items/", views.work_item_list, name="work_item_list"),
    path("project-reports/<int:pk>/files/", views.report_file_attach, name="report_file_attach"),
    path("project-files/<int:pk>/", views.report_file_download, name="report_file_download"),
    path("project-files/<int:pk>/preview/", views.report_file_preview, name="report_file_preview"),
    path("project-files/<int:pk>/remove/", views.report_file_remove, name="report_file_remove"),
    path("work-items/<int:pk>/", views.work_item_detail, name="work_item_detail"),
    *months(PROJECTS, reports="project-reports", owners="projects", review="projects"),
    *months(WORK, reports="work-reports", owners="work-items", review="work-items"),
]
