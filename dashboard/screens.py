"""The pages of the big screen: a cockpit cut into what fits on a wall, readable from five metres."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from dashboard.cockpit import Below, Block, Cockpit
from dashboard.lags import Lag, Wanted
from dashboard.standings import PlanStanding
from projects.models import WorkItem
from projects.standings import Standing as ProjectStanding

SCREEN_ORDER = Wanted(sort="-red")  # the regions that lag most come first
LAGS, LAGS_BELOW, REGIONS, NOTES = 5, 4, 8, 4  # rows on one page; those of regions take more lines
PAGES = 3  # of one list; what does not fit is counted, and read in the cockpit

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page:
    """One picture on the wall; `template` is the fragment that draws it."""

    template: str
    title: str
    block: Block | None = None
    below: Below | None = None
    lags: Sequence[Lag] = ()
    plans: Sequence[PlanStanding] = ()
    troubled: Sequence[ProjectStanding] = ()
    items: Sequence[WorkItem] = ()
    part: int = 1
    parts: int = 1
    hidden: int = 0


def screen_pages(cockpit: Cockpit) -> list[Page]:
    """The pages in the order in which they turn: plan by plan, then the regions below."""
    return [page for block in cockpit.blocks for page in _of_plan(block)] + list(_of_regions(cockpit))


def _of_plan(block: Block) -> Iterator[Page]:
    plan = block.head.plan
    yield Page("dashboard/_screen_standing.html", f"{plan.short_title}", block=block)
    yield from _lagging(f"{plan.short_title} 滞后指标", block.lagging, len(block.lagging), block=block)
    if block.projects.standings:
        troubled = block.projects.troubled[:NOTES]
        yield Page("dashboard/_screen_projects.html", f"{plan.short_title} 重点项目", block=block, troubled=troubled)
    if block.work.count:
        items = [*block.work.overdue, *block.work.soon][:NOTES]
        yield Page("dashboard/_screen_work.html", f"{plan.short_title} 工作要点", block=block, items=items)


def _of_regions(cockpit: Cockpit) -> Iterator[Page]:
    below = cockpit.below
    if below is None:
        return
    title = f"{cockpit.region.name}“{cockpit.period}”"
    yield Page("dashboard/_screen_regions_standing.html", title, below=below)
    parts = list(_cut(below.plans, REGIONS))
    hidden = len(below.plans) - sum(map(len, parts))
    for part, plans in enumerate(parts, start=1):
        yield Page(
            "dashboard/_screen_regions.html",
            f"{title} 各地区",
            below=below,
            plans=plans,
            part=part,
            parts=len(parts),
            hidden=hidden,
        )
    yield from _lagging(f"{title} 滞后指标", below.listed, below.n_listed, below=below)


def _lagging(
    title: str, lags: Sequence[Lag], total: int, *, block: Block | None = None, below: Below | None = None
) -> Iterator[Page]:
    parts = list(_cut(lags, LAGS if block else LAGS_BELOW))
    hidden = total - sum(map(len, parts))
    for part, rows in enumerate(parts, start=1):
        yield Page(
            "dashboard/_screen_lagging.html",
            title,
            block=block,
            below=below,
            lags=rows,
            part=part,
            parts=len(parts),
            hidden=hidden,
        )


def _cut(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, min(len(rows), size * PAGES), size):
        yield rows[start : start + size]
