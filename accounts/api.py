"""What every endpoint of the API stands on: rows only as the person asking sees them, as JSON or CSV, in Chinese."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from hashlib import sha256
from typing import Any, TypeVar, cast

import django_filters
from django import forms
from django.db.models import Model, QuerySet
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import (
    AuthenticationFailed,
    ErrorDetail,
    NotAuthenticated,
    NotFound,
    ParseError,
    Throttled,
    ValidationError,
)
from rest_framework.pagination import PageNumberPagination
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer, ChoiceField, ModelSerializer, SlugRelatedField
from rest_framework.status import HTTP_200_OK
from rest_framework.views import exception_handler
from rest_framework.viewsets import ReadOnlyModelViewSet

from accounts.models import Region
from accounts.regions import code_prefix
from accounts.renderers import CsvRenderer
from accounts.throttles import may_be_refused, seconds_left

Row = TypeVar("Row", bound=Model)
Shape = TypeVar("Shape")

MOST_ROWS_OF_CSV = 10_000
LARGEST_ID = 2**63 - 1
# The years a plan can have (plans.models: plan_years_are_plausible), with its baseline before it.
FIRST_YEAR, LAST_YEAR = 1900, 2100


class CappedPagination(PageNumberPagination):
    """A hundred rows a page; `page_size` asks for more, up to a thousand."""

    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 1000


def refusal(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's own answer, but what is not there (or not this person's) is said in Chinese and without a model's name.

    Who is nobody too often in a minute is no longer told so, but to wait.
    """
    if isinstance(error, Http404):
        error = NotFound("没有找到，或不在您的权限范围内。")
    if isinstance(error, NotAuthenticated | AuthenticationFailed) and not may_be_refused(context["request"]):
        error = Throttled(wait=seconds_left(timezone.now()))
    if isinstance(error, Throttled):
        wait = cast(Any, error).wait  # which its types do not know
        error.detail = ErrorDetail(f"请求过于频繁，请{wait}秒后再试。", "throttled")
    return exception_handler(error, context)


class PlainJSONParser(JSONParser):
    """JSON that can be stored and sent back; whatever is wrong with it is said in Chinese."""

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        try:
            found: object = super().parse(stream, media_type, parser_context)
            # Half a surrogate pair is valid JSON, but neither the database nor an answer can carry it.
            json.dumps(found, ensure_ascii=False).encode()
        except (ParseError, UnicodeEncodeError, RecursionError) as error:
            raise ParseError("请求内容不是规范的 JSON，请检查后重发；NaN 和 Infinity 不是数值。") from error
        if not isinstance(found, dict):
            raise ParseError("请求内容应是一个 JSON 对象，例如 {“indicator”: 1, “year”: 2023}。")
        return found


class YearFilter(django_filters.NumberFilter):
    """A data year in four digits."""

    field_class = forms.IntegerField  # type: ignore[assignment]  # whole numbers only

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label="年度", min_value=FIRST_YEAR, max_value=LAST_YEAR, **kwargs)


class IdFilter(django_filters.NumberFilter):
    """The id of a row; one nobody has finds nothing."""

    field_class = forms.IntegerField  # type: ignore[assignment]  # whole numbers only

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, min_value=1, max_value=LARGEST_ID, **kwargs)


class UnderFilter(django_filters.CharFilter):
    """Rows of a region and of every place below it; `field_name` leads to the region's code."""

    field_class = forms.RegexField  # six digits and nothing else

    def __init__(self, field_name: str) -> None:
        super().__init__(
            field_name=field_name,
            label="区划代码（含下级）",
            regex=r"^[0-9]{6}\Z",
            error_messages={"invalid": "区划代码应为六位数字。"},
        )

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        return qs.filter(**{f"{self.field_name}__startswith": code_prefix(value)}) if value else qs


class CodeField(ChoiceField):
    """A stored choice; where none is made the answer is null."""

    def to_representation(self, value: Any) -> Any:
        return super().to_representation(value) or None


class ReadOnlyViewSet(ReadOnlyModelViewSet[Row]):
    """Lists and shows the rows this person may see; everything else does not exist for them (404).

    A list as CSV holds all rows that pass the filters, unless a page is asked for. Every answer carries an ETag, and
    who already has what would be sent is told so (304): it saves the way, not the work.
    """

    # Not in the settings: the framework reads those while it is itself being imported here.
    pagination_class = CappedPagination
    parser_classes = (PlainJSONParser,)
    renderer_classes = (JSONRenderer, CsvRenderer)
    detail_serializer_class: type[BaseSerializer[Row]] | None = None  # where one row says more than a row of a list

    def get_serializer_class(self) -> type[BaseSerializer[Row]]:
        return (self.action != "list" and self.detail_serializer_class) or super().get_serializer_class()

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        if not _is_csv(request) or {"page", "page_size"} & set(request.query_params):
            return super().list(request, *args, **kwargs)
        rows = list(self.filter_queryset(self.get_queryset())[: MOST_ROWS_OF_CSV + 1])
        if len(rows) > MOST_ROWS_OF_CSV:
            raise ValidationError({"detail": f"超过{MOST_ROWS_OF_CSV}行。请加筛选条件，或用 page、page_size 分页取。"})
        return Response(self.get_serializer(rows, many=True).data)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        if not hasattr(answer, "render"):
            return answer  # a file, which is sent as it lies
        if answer.exception and _is_csv(request):
            answer.accepted_renderer = JSONRenderer()  # what went wrong is said, not tabled
            answer.accepted_media_type = JSONRenderer.media_type
        elif _is_csv(request):
            answer["Content-Disposition"] = f'attachment; filename="{self.basename}.csv"'
        if request.method in ("GET", "HEAD") and answer.status_code == HTTP_200_OK:
            patch_vary_headers(answer, ("Accept", "Authorization", "Cookie"))
            answer["Cache-Control"] = "private, no-cache"
            answer.add_post_render_callback(partial(_unless_known, request))
        return answer

    def get_queryset(self) -> QuerySet[Row]:
        return cast("QuerySet[Row]", cast(Any, super().get_queryset()).visible_to(self.request.user))

    def filter_queryset(self, queryset: QuerySet[Row, Shape]) -> QuerySet[Row, Shape]:
        """Refuses a filter that does not exist: ignoring a misspelt one would answer with rows nobody asked for."""
        filters = getattr(getattr(self, "filterset_class", None), "base_filters", {})
        for name in self.request.query_params:
            if name not in {*filters, "page", "page_size", "format"}:
                known = "、".join(filters) or "无"
                raise ValidationError({name: [f"没有这个筛选条件。可用的筛选条件：{known}。"]})
        return super().filter_queryset(queryset)


def _is_csv(request: Request) -> bool:
    return isinstance(getattr(request, "accepted_renderer", None), CsvRenderer)


def _unless_known(request: Request, answer: Response) -> HttpResponse:
    """The answer with its ETag, or 304 where the asker has the same already. Weak: a proxy may pack the answer."""
    etag = f'W/"{sha256(answer.content).hexdigest()[:32]}"'
    answer["ETag"] = etag
    known = get_conditional_response(request._request, etag=etag, response=answer)
    return cast(HttpResponse, known)


class RegionSerializer(ModelSerializer[Region]):
    parent = SlugRelatedField[Region](  # type: ignore[assignment]  # the API's word, which is also the framework's
        slug_field="code", read_only=True, allow_null=True
    )

    class Meta:
        model = Region
        fields = ("code", "name", "short_name", "bureau_name", "level", "parent")
        read_only_fields = fields


class RegionFilter(django_filters.FilterSet):
    region = django_filters.CharFilter(field_name="code", label="区划代码（不含下级）")
    under = UnderFilter("code")

    class Meta:
        model = Region
        fields = ("level",)


@extend_schema(
    tags=["regions 行政区划"],
    description="您可以查看其规划的行政区划。",
)
class RegionViewSet(ReadOnlyViewSet[Region]):
    """行政区划: the places whose plans this person may see."""

    queryset = Region.objects.select_related("parent").order_by("code")
    serializer_class = RegionSerializer
    filterset_class = RegionFilter
    lookup_field = "code"
