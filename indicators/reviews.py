"""What lies before a reviewer: per plan and year what changed, what is doubtful, what is missing; and deciding it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from urllib.parse import urlencode

from django.db.models import Prefetch, QuerySet

from accounts.models import User
from accounts.permissions import Permission
from indicators.checks import Problem, candidate, parts_of, problems_of
from indicators.models import (
    Actual,
    ActualEvent,
    Availability,
    Evidence,
    FigureKind,
    Indicator,
    State,
    Target,
    targets_in_force,
)
from indicators.moves import ENTERING, Move
from indicators.parts import Parts
from indicators.queries import Promised, actual_shown, as_it_stood, promised
from indicators.review import Refused, StaleVersion
from indicators.verdicts import VERDICT_WORDS, Finding, Light
from indicators.workflow import move_actuals
from plans.models import Plan

PASSED_ON = {Move.SUBMIT: "上次报送", Move.APPROVE: "上次审核"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which figures the reviewer asked for."""

    plan: str = ""
    year: int | None = None
    department: int | None = None
    doubtful: bool = False
    revised: bool = False

    @property
    def query(self) -> str:
        """The same, as the address keeps it."""
        return urlencode({name: "1" if value is True else value for name, value in asdict(self).items() if value})


@dataclass(frozen=True, slots=True)
class Earlier:
    """The figure of the same year when it was last passed on or approved."""

    figure: Actual
    word: str
    is_same: bool


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A submitted figure, with what approving it would mean."""

    actual: Actual
    previous: Actual | None
    earlier: Earlier | None
    promised: Promised | None
    finding: Finding
    problems: list[Problem]
    evidence: list[Evidence]
    is_own: bool
    reason: str

    @property
    def light(self) -> Light:
        return self.finding.light

    @property
    def word(self) -> str:
        return VERDICT_WORDS[self.finding.verdict]

    @property
    def is_revised(self) -> bool:
        return self.actual.figure_kind == FigureKind.REVISED

    @property
    def parts(self) -> Parts | None:
        """What the figure was made of, where that was entered."""
        return parts_of(self.actual)


@dataclass(frozen=True, slots=True)
class Missing:
    """A row of the plan whose figure was not passed on, and how far it got."""

    indicator: Indicator
    word: str


@dataclass(frozen=True, slots=True)
class ReviewGroup:
    """One plan and year: what is to be decided, and how complete the year is."""

    plan: Plan
    year: int
    rows: list[ReviewRow]
    due: int
    submitted: int
    approved: int
    missing: list[Missing]

    @property
    def reported(self) -> int:
        return self.submitted + self.approved


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """The review as one reviewer asked for it, with what else could be asked for."""

    wanted: Wanted
    groups: list[ReviewGroup]
    plans: list[tuple[str, str]]
    years: list[int]
    departments: list[tuple[int, str]]
    n_waiting: int
    n_doubtful: int
    n_revised: int

    @property
    def rows(self) -> list[ReviewRow]:
        return [row for group in self.groups for row in group.rows]


def review_page(user: User, wanted: Wanted, *, reasons: Mapping[int, str] | None = None) -> ReviewPage:
    """The submitted figures this person may review, by plan and year in plan order; eight queries, however many.

    `reasons` are those typed for a return that was refused, by figure. A plan and year asked for together is shown
    even where nothing of it waits, with what is missing.
    """
    waiting = Actual.objects.visible_to(user, Permission.REVIEW).filter(state=State.SUBMITTED)
    offered = waiting.order_by().values_list(
        "indicator__plan__code",
        "indicator__plan__short_title",
        "year",
        "indicator__department",
        "indicator__department__name",
    )
    choices = sorted(set(offered), key=str)
    asked = [_review_row(actual, user, reasons or {}) for actual in _narrowed(waiting, wanted)]
    shown = [row for row in asked if (row.problems or not wanted.doubtful) and (row.is_revised or not wanted.revised)]
    return ReviewPage(
        wanted=wanted,
        groups=_groups(shown, user, wanted),
        plans=list(dict.fromkeys((code, title) for code, title, *_ in choices)),
        years=sorted({year for _, _, year, *_ in choices}, reverse=True),
        departments=sorted({(pk, name) for *_, pk, name in choices if pk}),
        n_waiting=len(asked),
        n_doubtful=sum(1 for row in asked if row.problems),
        n_revised=sum(1 for row in asked if row.is_revised),
    )


def _narrowed(waiting: QuerySet[Actual], wanted: Wanted) -> QuerySet[Actual]:
    if wanted.plan:
        waiting = waiting.filter(indicator__plan__code=wanted.plan)
    if wanted.year:
        waiting = waiting.filter(year=wanted.year)
    if wanted.department:
        waiting = waiting.filter(indicator__department=wanted.department)
    return (
        waiting.select_related(
            "entered_by",
            "indicator__plan__region",
            "indicator__plan__policy",
            "indicator__department",
            "indicator__metric",
        )
        .prefetch_related(
            Prefetch("indicator__targets", Target.objects.all(), to_attr="target_versions"),
            Prefetch("indicator__actuals", Actual.objects.approved(), to_attr="approved_actuals"),
            Prefetch("evidence", Evidence.objects.standing(), to_attr="standing"),
            "events",
        )
        .order_by("indicator__plan__code", "year", "indicator__order", "pk")
    )


def _review_row(actual: Actual, user: User, reasons: Mapping[int, str]) -> ReviewRow:
    indicator = actual.indicator
    targets = targets_in_force(indicator.target_versions, year=actual.year)  # type: ignore[attr-defined]
    others: list[Actual] = indicator.approved_actuals  # type: ignore[attr-defined]
    case = candidate(actual, targets=targets.values(), others=others)
    events = list(actual.events.all())
    return ReviewRow(
        actual=actual,
        previous=case.previous,
        earlier=_earlier(actual, events),
        promised=promised(indicator, targets, year=actual.year),
        finding=case.finding,
        problems=problems_of(case),
        evidence=actual.standing,  # type: ignore[attr-defined]
        is_own=actual.entered_by_id == user.pk
        or any(event.by_id == user.pk and event.move in ENTERING for event in events),
        reason=reasons.get(actual.pk, ""),
    )


def _earlier(actual: Actual, events: Iterable[ActualEvent]) -> Earlier | None:
    """What the figure was when it was passed on before this time; None where this is the first."""
    steps = [event for event in events if event.move in PASSED_ON and event.version < actual.version]
    if not steps:
        return None
    figure = as_it_stood(steps[-1])
    is_same = actual_shown(figure, decimals=0) == actual_shown(actual, decimals=0)
    return Earlier(figure, PASSED_ON[Move(steps[-1].move)], is_same)


def _groups(rows: Sequence[ReviewRow], user: User, wanted: Wanted) -> list[ReviewGroup]:
    found: dict[tuple[Plan, int], list[ReviewRow]] = {}
    for row in rows:
        found.setdefault((row.actual.indicator.plan, row.actual.year), []).append(row)
    if wanted.plan and wanted.year and not found:
        plan = Plan.objects.visible_to(user, Permission.REVIEW).filter(code=wanted.plan).first()
        if plan is not None and wanted.year in plan.years:
            found[plan, wanted.year] = []
    indicators = Indicator.objects.filter(plan__in={plan for plan, _ in found}, is_group=False)
    if wanted.department:
        indicators = indicators.filter(department=wanted.department)
    figures = {
        (pk, year): (State(state), availability)
        for pk, year, state, availability in Actual.objects.filter(
            indicator__in=indicators, year__in={year for _, year in found}
        ).values_list("indicator", "year", "state", "availability")
    }
    due = list(indicators.select_related("department")) if found else []

    def group(plan: Plan, year: int, rows: list[ReviewRow]) -> ReviewGroup:
        theirs = [indicator for indicator in due if indicator.plan_id == plan.pk]
        stands = [(indicator, figures.get((indicator.pk, year), (None, ""))) for indicator in theirs]
        states = [state for _, (state, _) in stands]
        return ReviewGroup(
            plan=plan,
            year=year,
            rows=rows,
            due=len(theirs),
            submitted=states.count(State.SUBMITTED),
            approved=states.count(State.APPROVED),
            missing=[
                Missing(indicator, "未填" if not state or availability == Availability.UNREPORTED else state.label)
                for indicator, (state, availability) in stands
                if state not in (State.SUBMITTED, State.APPROVED)
            ],
        )

    return [group(plan, year, there) for (plan, year), there in found.items()]


# ---- Deciding


@dataclass(frozen=True, slots=True)
class Held:
    """A figure that was not decided on: why, what it was when the reviewer saw it, and the reason typed for it."""

    actual: Actual
    why: str
    seen: Actual | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a choice: how many were approved, which were not, and how many are not there for this person."""

    n_approved: int
    held: list[Held]
    n_unknown: int


def approve_chosen(chosen: Sequence[tuple[int, int]], *, by: User) -> Outcome:
    """Approve each figure on the version it was seen in, as `workflow.move_actuals` does."""
    rows = Actual.objects.visible_to(by, Permission.REVIEW).in_bulk([pk for pk, _ in chosen])
    asked = [(rows[pk], version) for pk, version in chosen if pk in rows]
    answers = move_actuals(asked, move=Move.APPROVE, by=by)
    refused = [
        (actual, version, answer)
        for (actual, version), answer in zip(asked, answers, strict=True)
        if isinstance(answer, Refused)
    ]
    return Outcome(len(asked) - len(refused), held_back(refused), len(chosen) - len(asked))


def held_back(refused: Sequence[tuple[Actual, int, Refused]], *, reason: str = "") -> list[Held]:
    """The refused steps with both figures where somebody wrote in between; two queries, however many."""
    keys = [actual.pk for actual, _, _ in refused]
    current = Actual.objects.select_related("indicator__plan", "entered_by").in_bulk(keys)
    events = {(event.actual_id, event.version): event for event in ActualEvent.objects.filter(actual__in=keys)}

    def held(actual: Actual, version: int, refusal: Refused) -> Held:
        now = current.get(actual.pk, actual)
        event = events.get((actual.pk, version)) if now.version != version else None
        why = str(refusal)
        if isinstance(refusal, StaleVersion):
            why = f"您查看之后，{now.entered_by or '其他人'}又改过这个数据，请按现在的数据重新核对。"
        return Held(now, why, as_it_stood(event) if event else None, reason)

    return [held(*row) for row in refused]
