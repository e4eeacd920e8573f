"""Which file somebody wants: a choice that can be kept as JSON and turned into a workbook now or later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import IO, Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import Region, User
from accounts.permissions import Permission
from accounts.regions import code_prefix
from indicators.queries import data_years
from plans.models import Plan
from projects.months import Month
from reports.downloads import file_name_of
from reports.tables.detail_table import Progress, detail_file_name, write_detail
from reports.tables.kinds import KINDS, TableKind
from reports.tables.products import written
from reports.tables.scopes import ImpossibleChoice, Scope

DETAIL = "detail"


@dataclass(frozen=True, slots=True)
class FileChoice:
    """One official table of some plans. Plans by code, else the tree of a region, else all that a person may export.

    `year` and `month` stay empty where the table is to take its latest ones; `metric` is the code of 跨地区对比.
    """

    table: str
    plans: tuple[str, ...] = ()
    region: str = ""
    year: int | None = None
    month: int | None = None
    metric: str = ""
    approved_only: bool = False

    @property
    def title(self) -> str:
        return self.kind.title

    @property
    def kind(self) -> TableKind:
        if self.table not in KINDS:
            raise ImpossibleChoice("没有这种报表，请从列表中选择。")
        return KINDS[self.table]

    def as_json(self) -> dict[str, Any]:
        """Plain words, numbers and lists; `from_json` makes the same choice of it again."""
        return {**asdict(self), "plans": list(self.plans)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> FileChoice:
        return cls(**{**data, "plans": tuple(data.get("plans", ()))})


def write_file(
    choice: FileChoice, stream: IO[bytes], user: User, on: date, at: datetime, *, on_progress: Progress | None = None
) -> str:
    """Put the file into the stream, with what this person may export on a day of Beijing time; its Chinese name.

    Raises Http404 for plans, regions and metrics that are not theirs, PermissionDenied for those they see but may not
    export, and `scopes.ImpossibleChoice` with a sentence where the choice makes no table. 明细数据 goes row by row and
    tells its progress; another table is made in one piece, and silent until it is there.
    """
    scope = scope_of(choice, user, on, at)
    if choice.table == DETAIL:
        write_detail(stream, scope, on_progress=on_progress)
        return file_name_of(detail_file_name(scope, at))
    product = choice.kind.product(scope)
    stream.write(written(product))
    return product.file_name


def scope_of(choice: FileChoice, user: User, on: date, at: datetime) -> Scope:
    """The plans and the time of a choice, as this person may export them; raises as `write_file` does."""
    kind = choice.kind
    region, plans = _plans_of(choice, user)
    chosen = list(plans.filter(**{f"{kind.holds}__isnull": False}).distinct())
    if not chosen:
        raise ImpossibleChoice(f"{kind.lacks}，没有可导出的内容。")
    month = _month_of(choice, on) if kind.asks_month else None
    year = choice.year if kind.asks_year and not kind.asks_month else None
    if year is not None and not kind.asks_metric:
        chosen = _with_year(chosen, year, is_tree=not choice.plans)
    if year is not None and kind.is_of_past and year > on.year:
        raise ImpossibleChoice(f"{year}年还没有到，没有完成情况可导出。")
    years = data_years(chosen, on=on) if year is None and kind.is_by_plan and kind.holds == "indicators" else {}
    return Scope(
        plans=chosen,
        region=region,
        years=years or {plan.pk: year or plan.end_year for plan in chosen},
        year=year,
        month=month,
        metric=choice.metric if kind.asks_metric else "",
        approved_only=choice.approved_only,
        user=user,
        on=on,
        at=at,
    )


def _plans_of(choice: FileChoice, user: User) -> tuple[Region | None, QuerySet[Plan]]:
    """The plans chosen, by region and period."""
    plans = Plan.objects.visible_to(user).select_related("region", "source", "policy")
    plans = plans.order_by("region__code", "-start_year", "code")
    if choice.plans and choice.region:
        raise ImpossibleChoice("规划和地区只能选一种：要么勾选规划，要么选一个地区及其下级。")
    if choice.plans:
        wanted = plans.filter(code__in=choice.plans)
        if len(wanted) < len(set(choice.plans)):
            raise Http404
        if not all(user.can(Permission.EXPORT, plan.region) for plan in wanted):
            raise PermissionDenied
        return None, wanted
    if not user.can(Permission.EXPORT):
        raise PermissionDenied
    exported = plans & Plan.objects.visible_to(user, Permission.EXPORT)
    if not choice.region:
        return None, exported
    region = get_object_or_404(Region.objects.visible_to(user), code=choice.region)
    if not user.can(Permission.EXPORT, region):
        raise PermissionDenied
    return region, exported.filter(region__code__startswith=code_prefix(region.code))


def _with_year(plans: list[Plan], year: int, *, is_tree: bool) -> list[Plan]:
    """The plans in whose period the year lies; of plans chosen one by one, all must have it."""
    having = [plan for plan in plans if year in plan.years]
    without = [plan for plan in plans if year not in plan.years]
    if without and (not is_tree or not having):
        spans = "、".join(f"{plan.short_title}为{plan.start_year}—{plan.end_year}年" for plan in without[:3])
        more = f"等{len(without)}个规划" if len(without) > 3 else ""
        raise ImpossibleChoice(f"{year}年不在所选规划的规划期内（{spans}{more}）。")
    return having


def _month_of(choice: FileChoice, on: date) -> Month | None:
    """The month asked for; of a year alone its last one that has begun."""
    if choice.year is None:
        if choice.month is not None:
            raise ImpossibleChoice("选了月份，还要选年份。")
        return None
    month = Month(choice.year, choice.month or (12 if choice.year < on.year else on.month))
    if not month.is_month or not 1950 <= month.year <= 2100:
        raise ImpossibleChoice("月份应为1～12月，年份应在1950年至2100年之间。")
    if month > (on.year, on.month):
        raise ImpossibleChoice(f"{month}还没有到，没有项目进展可导出。")
    return month
