"""Plans and their rounds over the API."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers

from accounts.api import ReadOnlyViewSet, UnderFilter, YearFilter
from accounts.models import Region
from plans.models import Plan, PlanKind, Round, RoundExtension, Source, Theme
from plans.rounds import RoundState


def theme_filter(field_name: str) -> django_filters.ModelChoiceFilter:
    """Rows of one 业务领域, by its code; `field_name` leads to the theme."""
    themes = Theme.objects.order_by("order")
    return django_filters.ModelChoiceFilter(
        field_name=field_name, to_field_name="code", queryset=themes, label="业务领域代码"
    )


class PlanRegionSerializer(serializers.ModelSerializer[Region]):
    class Meta:
        model = Region
        fields = ("code", "name")
        read_only_fields = fields


class SourceSerializer(serializers.ModelSerializer[Source]):
    class Meta:
        model = Source
        fields = ("title", "publisher", "published_on", "file_name", "is_excerpt")
        read_only_fields = fields


class PlanSerializer(serializers.ModelSerializer[Plan]):
    region = PlanRegionSerializer(read_only=True)
    source = SourceSerializer(read_only=True)  # type: ignore[assignment]  # the API's word, and the framework's

    class Meta:
        model = Plan
        fields = ("code", "title", "short_title", "kind", "region", "start_year", "end_year", "source")
        read_only_fields = fields


class PlanFilter(django_filters.FilterSet):
    plan = django_filters.CharFilter(field_name="code", label="规划代码")
    region = django_filters.CharFilter(field_name="region__code", label="区划代码（不含下级）")
    under = UnderFilter("region__code")
    year = YearFilter(method="covering", help_text="规划期包含的年度")
    kind = django_filters.ChoiceFilter(choices=PlanKind.choices, label="类别")

    class Meta:
        model = Plan
        fields: tuple[str, ...] = ()

    def covering(self, plans: QuerySet[Plan], name: str, year: int) -> QuerySet[Plan]:
        return plans.filter(start_year__lte=year, end_year__gte=year)


@extend_schema(
    tags=["plans 规划"],
    description="五年规划和年度工作要点，及其来源文件。",
)
class PlanViewSet(ReadOnlyViewSet[Plan]):
    """规划: five-year plans and yearly work points, with the document each was transcribed from."""

    queryset = Plan.objects.select_related("region", "source").order_by("-end_year", "region__code", "code")
    serializer_class = PlanSerializer
    filterset_class = PlanFilter
    lookup_field = "code"


class ExtensionSerializer(serializers.ModelSerializer[RoundExtension]):
    department = serializers.SlugRelatedField[RoundExtension](slug_field="name", read_only=True, allow_null=True)

    class Meta:
        model = RoundExtension
        fields = ("department", "until", "reason")
        read_only_fields = fields


class RoundSerializer(serializers.ModelSerializer[Round]):
    plan = serializers.SlugRelatedField[Plan](slug_field="code", read_only=True)
    state = serializers.SerializerMethodField()
    extensions = ExtensionSerializer(many=True, read_only=True)

    class Meta:
        model = Round
        fields = ("id", "plan", "year", "opens_on", "due_on", "state", "extensions", "is_demo")
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=RoundState.choices))
    def get_state(self, round_: Round) -> str:
        """Today's state for the plan as a whole; an extension for one department does not change it."""
        return round_.state(on=timezone.localdate()).value


class RoundFilter(django_filters.FilterSet):
    plan = django_filters.CharFilter(field_name="plan__code", label="规划代码")
    region = django_filters.CharFilter(field_name="plan__region__code", label="区划代码（不含下级）")
    under = UnderFilter("plan__region__code")
    year = YearFilter(field_name="year")
    state = django_filters.ChoiceFilter(
        choices=[choice for choice in RoundState.choices if choice[0] != RoundState.NONE],
        method="standing_as",
        label="今天的状态（全部科室）",
    )

    class Meta:
        model = Round
        fields: tuple[str, ...] = ()

    def standing_as(self, rounds: QuerySet[Round], name: str, state: str) -> QuerySet[Round]:
        """As `Round.state` says of a plan as a whole."""
        today = timezone.localdate()
        for_all = {"extensions__department": None, "extensions__until__gte": today}
        over = rounds.filter(opens_on__lte=today, due_on__lt=today)
        extended = over.filter(pk__in=over.filter(**for_all).values("pk"))
        found = {
            RoundState.BEFORE: rounds.filter(opens_on__gt=today),
            RoundState.OPEN: rounds.filter(opens_on__lte=today, due_on__gte=today),
            RoundState.EXTENDED: extended,
            RoundState.CLOSED: over.exclude(pk__in=extended.values("pk")),
        }
        return found[RoundState(state)]


@extend_schema(
    tags=["rounds 填报期"],
    description="各规划各年度的填报起止日期、延期和当前状态。state 指全部科室；仅给个别科室的延期见 extensions。",
)
class RoundViewSet(ReadOnlyViewSet[Round]):
    """填报期: when the figures of a plan's year may be entered."""

    queryset = (
        Round.objects.select_related("plan").prefetch_related("extensions__department").order_by("plan__code", "year")
    )
    serializer_class = RoundSerializer
    filterset_class = RoundFilter
