"""API v1: every endpoint by name, its OpenAPI description, and a page to read and try it that needs no network."""

from __future__ import annotations

import json
from typing import Any

from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_update
from django.contrib.auth.decorators import login_required
from django.urls import URLPattern, URLResolver, path
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter
from rest_framework.viewsets import ViewSetMixin

from accounts.api import RegionViewSet
from indicators.api.actuals import ActualViewSet
from indicators.api.assessments import AssessmentViewSet
from indicators.api.definitions import IndicatorViewSet, MetricViewSet
from plans.api import PlanViewSet, RoundViewSet
from projects.api import ProjectReportViewSet, ProjectViewSet, WorkItemViewSet, WorkReportViewSet


class DocsView(SpectacularSwaggerSplitView):
    """The docs page, without the badge that asks a server elsewhere whether the description is valid."""

    url_name = "api:schema"

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
        if "settings" in response.data:
            response.data["settings"] = json.dumps({"deepLinking": True, "validatorUrl": None})
        return response


router = DefaultRouter()
router.include_format_suffixes = False
viewsets: dict[str, type[ViewSetMixin]] = {
    "regions": RegionViewSet,
    "plans": PlanViewSet,
    "metrics": MetricViewSet,
    "indicators": IndicatorViewSet,
    "actuals": ActualViewSet,
    "assessments": AssessmentViewSet,
    "projects": ProjectViewSet,
    "project-reports": ProjectReportViewSet,
    "work-items": WorkItemViewSet,
    "work-reports": WorkReportViewSet,
    "rounds": RoundViewSet,
}
for name, viewset in viewsets.items():
    router.register(name, viewset, basename=name)

app_name = "api"
# Swagger UI styles itself from its script; this page alone may.
docs = login_required(csp_update({"style-src": UNSAFE_INLINE})(DocsView.as_view()))
urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", docs, name="docs"),
    *router.urls,
]
