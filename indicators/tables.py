"""Plans, dictionary and indicators as back-office tables: their columns, and what a cell of each means."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from django.db import models
from django.db.models import QuerySet

from accounts.admin_site import (
    in_reach,
)
from accounts.models import Department, Person, Region, User
from accounts.permissions import Permission
from accounts.sheets import text_of
from accounts.tables import Column, Related, Table, Words
from indicators.figures import FigureError, parse_actual
from indicators.models import Indicator, Metric
from plans.admin import PLANNERS, sources_within
from plans.models import Plan, Source, Theme


class FigureCell(Words):
    """A number as the portal's one parser reads it; a stated absence such as “/” empties it."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Decimal | None:
        try:
            return parse_actual(text_of(value)).value
        except FigureError as error:
            raise ValueError(str(error)) from error

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return "" if value is None else Decimal(text_of(value))


class FigureTable(Table):
    """A file with figures in it."""

    @classmethod
    def widget_of(cls, field: Any) -> Any:
        return FigureCell() if isinstance(field, models.DecimalField) else super().widget_of(field)


def plan_column() -> Column:
    """规划代码: the plans this person manages."""
    return Column(
        "plan",
        "规划代码",
        Related(lambda by: Plan.objects.visible_to(by, Permission.PLAN), key=lambda plan: plan.code),
    )


def theme_column() -> Column:
    return Column("theme", "业务领域", Related(lambda by: Theme.objects.all(), key=lambda theme: theme.name))


def department_column() -> Column:
    """责任科室, by its name within the bureau of the row's plan."""
    return Column("department", "责任科室", DepartmentOfPlan())


class DepartmentOfPlan(Related):
    def __init__(self) -> None:
        super().__init__(self._rows, key=lambda department: department.name)

    @staticmethod
    def _rows(by: Person) -> QuerySet[Department]:
        return Department.objects.filter(in_reach(by, PLANNERS, "region__"))

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Department | None:
        text = text_of(value)
        if not text:
            return None
        if self._known is None:
            regions: dict[int, list[str]] = {}
            for code, region in Plan.objects.visible_to(self.by, Permission.PLAN).values_list("code", "region"):
                regions.setdefault(region, []).append(code)
            self._known = {
                (code, department.name): department
                for department in self._rows(self.by)
                for code in regions.get(department.region_id, ())
            }
        found = self._known.get((text_of((row or {}).get("规划代码")), text))
        if found is None:
            raise ValueError("没有这一项，或不在您的权限范围内。")
        return cast(Department, found)


class PlanTable(FigureTable):
    region = Column(
        "region",
        "区划代码",
        Related(lambda by: Region.objects.visible_to(by, Permission.PLAN), key=lambda region: region.code),
    )
    source = Column(
        "source",
        "来源代码",
        Related(lambda by: sources_within(Source.objects.all(), by), key=lambda source: source.code),
    )

    class Meta:
        model = Plan
        import_id_fields = ("code",)
        fields = ("code", "title", "short_title", "kind", "region", "start_year", "end_year", "source", "remark")


def metric_column(name: str, head: str) -> Column:
    return Column(name, head, Related(lambda by: Metric.objects.all(), key=lambda metric: metric.code))


class MetricTable(FigureTable):
    theme = theme_column()
    numerator = metric_column("numerator", "分子指标代码")
    denominator = metric_column("denominator", "分母指标代码")

    class Meta:
        model = Metric
        import_id_fields = ("code",)
        fields = (
            "code",
            "name",
            "unit",
            "theme",
            "direction",
            "definition",
            "numerator_name",
            "denominator_name",
            "parts_factor",
            "numerator",
            "denominator",
            "is_ranked",
        )


class ParentCell(Words):
    """The number of the row's parent in the same plan; read row by row, since it may stand in the same file."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Indicator | None:
        number, plan = text_of(value), text_of((row or {}).get("规划代码"))
        if not number:
            return None
        by = kwargs.get("user")
        found = Indicator.objects.visible_to(cast(User, by), Permission.PLAN).filter(plan__code=plan, number=number)
        parent = found.first()
        if parent is None:
            raise ValueError("本规划没有这一序号的指标。")
        return parent

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else value.number


class IndicatorTable(FigureTable):
    plan = plan_column()
    parent = Column("parent", "上级指标序号", ParentCell())
    theme = theme_column()
    department = department_column()
    metric = metric_column("metric", "指标库代码")

    class Meta:
        model = Indicator
        import_id_fields = ("plan", "number")
        fields = (
            "plan",
            "number",
            "order",
            "origin",
            "parent",
            "is_group",
            "name",
            "printed_name",
            "unit",
            "theme",
            "attribute",
            "kind",
            "direction",
            "decimals",
            "baseline_year",
            "baseline_value",
            "baseline_text",
            "hard_minimum",
            "hard_maximum",
            "change_limit",
            "department",
            "metric",
            "metric_note",
            "definition",
            "source_ref",
            "remark",
        )
