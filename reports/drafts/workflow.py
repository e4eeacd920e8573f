"""Every write to a draft: begun, answered, changed, published once or thrown away.

A draft is locked and its version compared before anything is written; what it becomes is written in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from accounts.models import Region, User, record_audit
from accounts.permissions import Permission
from indicators.models import Indicator, Origin
from indicators.reassess import reassess
from indicators.review import Forbidden, Refused
from plans.models import Plan
from reports.drafts.answers import NotAnswered, settle
from reports.drafts.checks import (
    Fault,
    faults_of,
    indicator_of,
    plan_of,
    project_of,
    source_of,
    target_of,
    words_of_error,
)
from reports.drafts.content import LOOKED_AT, MOST_ROWS, Content, DraftProject, DraftRow, Facts
from reports.models import DraftState, PlanDraft


class StaleDraft(Refused):
    """Somebody else changed the draft in between; nothing was written."""

    status = 409

    def __init__(self, draft: PlanDraft) -> None:
        super().__init__(f"您打开之后，{draft.changed_by}改过这份草稿，没有保存。请核对下面的内容，再保存一次。")


class Published(Refused):
    """The draft was published already; nothing was written a second time."""

    status = 409

    def __init__(self) -> None:
        super().__init__("这份草稿已经发布，没有再次写入。")


class NotReady(Refused):
    """What keeps the draft from being published, or answers that do not fit."""

    status = 422

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__(f"有{len(faults)}处需要改正，没有写入。")


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person chose for a row on the preview; `metric` None: undecided, 0: linked to none."""

    theme: int | None
    metric: int | None
    department: int | None


def _demand_planner(by: User, region: Region) -> None:
    if not by.can(Permission.PLAN, region):
        raise Forbidden(f"您没有管理{region}规划的权限。")


def begin_draft(
    *, region: Region, content: Content, by: User, file_name: str = "", file: bytes = b"", into: Plan | None = None
) -> PlanDraft:
    """Keep what was read as a draft of the region; raises Forbidden, or Refused where it is too much."""
    _demand_planner(by, region)
    _demand_bearable(content)
    now = timezone.now()
    draft = PlanDraft(
        region=region,
        title=content.facts.title,
        into=into,
        content=content.as_json(),
        file_name=file_name[-200:],
        file=file,
        by=by,
        created_at=now,
        changed_by=by,
        changed_at=now,
        is_demo=by.is_demo,
    )
    with transaction.atomic():
        draft.full_clean(exclude=["file", "content"])
        draft.save()
        _record(draft, "建立规划草稿", by=by, summary=f"{draft.title}：{_counted(content)}")
    return draft


def _demand_bearable(content: Content) -> None:
    if len(content.rows) > MOST_ROWS or len(content.projects) > MOST_ROWS:
        most = max(len(content.rows), len(content.projects))
        raise Refused(f"读出{most}行，一份草稿最多{MOST_ROWS}行。请只保留规划主要指标表或项目表。")


def _counted(content: Content) -> str:
    parts = [
        f"指标{len(content.kept_rows)}行" if content.rows else "",
        f"项目{len(content.kept_projects)}个" if content.projects else "",
        f"待答{len(content.open_doubts)}处",
    ]
    return "，".join(filter(None, parts))


def _locked(draft: PlanDraft, version: int, by: User) -> PlanDraft:
    """The draft, locked until the transaction ends; raises Refused, Published or StaleDraft."""
    rows = PlanDraft.objects.visible_to(by).select_related("region", "changed_by", "into")
    found = rows.select_for_update(of=("self",)).filter(pk=draft.pk).first()
    if found is None:
        raise Refused("这份草稿已不在。")
    if found.state != DraftState.DRAFT:
        raise Published
    if found.version != version:
        raise StaleDraft(found)
    return found


@transaction.atomic
def _change(draft: PlanDraft, version: int, by: User, change: Callable[[Content], None]) -> PlanDraft:
    found = _locked(draft, version, by)
    content = Content.from_json(found.content)
    change(content)
    _demand_bearable(content)
    found.content, found.title = content.as_json(), content.facts.title
    found.version, found.changed_by, found.changed_at = version + 1, by, timezone.now()
    found.save(update_fields=["content", "title", "version", "changed_by", "changed_at"])
    return found


def check_draft(
    *, draft: PlanDraft, version: int, answers: Mapping[str, str], choices: Mapping[str, Choice], by: User
) -> PlanDraft:
    """Write what a person answered and chose on the preview, all of it or nothing.

    Raises NotReady with what does not fit, StaleDraft, Published.
    """

    def change(content: Content) -> None:
        wrong = []
        for key, answer in answers.items():
            doubt = content.doubt(key)
            if doubt is None or not doubt.is_open:
                continue
            try:
                settle(content, doubt, answer)
            except NotAnswered as error:
                wrong.append(Fault(key, doubt.question, str(error)))
        if wrong:
            raise NotReady(wrong)
        for key, choice in choices.items():
            if (row := content.row(key)) is not None:
                _choose(row, choice)

    return _change(draft, version, by, change)


def _choose(row: DraftRow, choice: Choice) -> None:
    row.theme, row.theme_confirmed = choice.theme, choice.theme is not None
    row.department = choice.department
    row.metric, row.metric_decided = choice.metric or None, choice.metric is not None


def change_facts(*, draft: PlanDraft, version: int, facts: Facts, by: User) -> PlanDraft:
    """Other titles, another period, another document."""

    def change(content: Content) -> None:
        content.facts = facts

    return _change(draft, version, by, change)


def save_row(
    *, draft: PlanDraft, version: int, row: DraftRow, by: User, after: str = "", looked_at: bool = False
) -> PlanDraft:
    """Put a row in the place of the one with its key; without a key it is new and comes behind `after`.

    `looked_at`: the row's open doubts are answered by what it now says.
    """

    def change(content: Content) -> None:
        there = next((at for at, other in enumerate(content.rows) if other.key == row.key), None)
        if there is not None:
            content.rows[there] = row
        else:
            row.key = content.new_key("r")
            place = next((at + 1 for at, other in enumerate(content.rows) if other.key == after), len(content.rows))
            content.rows.insert(place, row)
        _close_doubts(content, row.key, looked_at)

    return _change(draft, version, by, change)


def save_project(
    *, draft: PlanDraft, version: int, project: DraftProject, by: User, looked_at: bool = False
) -> PlanDraft:
    """The same of a project; a new one comes last."""

    def change(content: Content) -> None:
        there = next((at for at, other in enumerate(content.projects) if other.key == project.key), None)
        if there is not None:
            content.projects[there] = project
        else:
            project.key = content.new_key("p")
            content.projects.append(project)
        _close_doubts(content, project.key, looked_at)

    return _change(draft, version, by, change)


def _close_doubts(content: Content, key: str, looked_at: bool) -> None:
    for doubt in content.doubts_of(key) if looked_at else ():
        doubt.answer = LOOKED_AT


def add_to_draft(*, draft: PlanDraft, version: int, take: Callable[[Content], None], by: User) -> PlanDraft:
    """Add what was read from another table; `take` puts it into the content."""
    return _change(draft, version, by, take)


@transaction.atomic
def discard_draft(*, draft: PlanDraft, version: int, by: User) -> None:
    """Throw a draft away for good; the audit log keeps that it was there."""
    found = _locked(draft, version, by)
    _record(found, "删除规划草稿", by=by, summary=found.title)
    found.delete()


# ---- Publish


@transaction.atomic
def publish_draft(*, draft: PlanDraft, version: int, by: User) -> Plan:
    """Make the plan (or the further projects of one): all of it in one transaction, once.

    Raises NotReady with everything that keeps it back, Published when it was done already, StaleDraft.
    """
    found = _locked(draft, version, by)
    content = Content.from_json(found.content)
    faults = [Fault(doubt.key, "疑问未答", doubt.question) for doubt in content.open_doubts]
    faults += faults_of(content, file_name=found.file_name, into=found.into)
    if faults:
        raise NotReady(faults)
    plan = found.into or _new_plan(found, content)
    _write_indicators(plan, content)
    _write_projects(plan, content)
    reassess(Indicator.objects.visible_to(by).filter(plan=plan))
    now = timezone.now()
    found.state, found.plan, found.published_at = DraftState.PUBLISHED, plan, now
    found.version, found.changed_by, found.changed_at = version + 1, by, now
    found.save(update_fields=["state", "plan", "published_at", "version", "changed_by", "changed_at"])
    action = "补充项目" if found.into else "发布规划"
    record_audit(
        by=by,
        action=action,
        subject=plan,
        region=found.region,
        at=now,
        summary=f"{plan.title}：指标{len(content.kept_rows)}行，项目{len(content.kept_projects)}个",
        draft=found.pk,
        origin=content.origin,
    )
    return plan


def _saved(row: models.Model, *, anchor: str, label: str) -> None:
    """Check the row in full, against the database too, and write it; raises NotReady."""
    try:
        row.full_clean()
    except ValidationError as error:
        raise NotReady([Fault(anchor, label, words) for words in words_of_error(row, error)]) from error
    row.save()


def _new_plan(draft: PlanDraft, content: Content) -> Plan:
    facts = content.facts
    source = source_of(facts, file_name=draft.file_name or content.origin[:200])
    _saved(source, anchor="facts", label="来源文件")
    plan = plan_of(facts, source=source, region_id=draft.region_id)
    if draft.is_demo:
        plan.remark = "由演示账号建立，为演示数据。"
    _saved(plan, anchor="facts", label="规划")
    return plan


def _write_indicators(plan: Plan, content: Content) -> None:
    """The rows above before the rows below them, each in its printed place."""
    written: dict[str, Indicator] = {}
    waiting = list(enumerate(content.kept_rows, 1))
    while waiting:
        ready = [(order, row) for order, row in waiting if not row.parent or row.parent in written]
        for order, row in ready:
            indicator = indicator_of(row, order=order)
            indicator.plan, indicator.origin = plan, Origin.TABLE
            indicator.parent = written.get(row.parent)
            _saved(indicator, anchor=row.key, label=row.label)
            for target in map(target_of, row.targets):
                target.indicator = indicator
                _saved(target, anchor=row.key, label=row.label)
            written[row.key] = indicator
        waiting = [(order, row) for order, row in waiting if row.key not in written]


def _write_projects(plan: Plan, content: Content) -> None:
    """After those that are there; a number that is taken is refused, and with it everything."""
    there = set(plan.projects.values_list("number", flat=True))
    last = max(plan.projects.values_list("order", flat=True), default=0)
    taken = [project for project in content.kept_projects if project.number in there]
    if taken:
        raise NotReady(
            [Fault(one.key, one.label, f"规划里已有序号“{one.number}”的项目，不能重复导入。") for one in taken]
        )
    for order, kept in enumerate(content.kept_projects, last + 1):
        project, units, sources = project_of(kept, order=order)
        project.plan = plan
        _saved(project, anchor=kept.key, label=kept.label)
        for unit in units:
            unit.project = project
            _saved(unit, anchor=kept.key, label=kept.label)
        for source in sources:
            source.project = project
            _saved(source, anchor=kept.key, label=kept.label)


def _record(draft: PlanDraft, action: str, *, by: User, summary: str) -> None:
    record_audit(by=by, action=action, subject=draft, region=draft.region, at=timezone.now(), summary=summary)
