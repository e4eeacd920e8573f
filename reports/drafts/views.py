"""Drafts of plans: begun from a table or from the plan before, answered, changed, published."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.archives import UnreadableFile
from accounts.models import User
from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from indicators.review import Refused
from plans.models import Plan
from reports.downloads import download
from reports.drafts.content import Content, DraftProject, DraftRow, Facts
from reports.drafts.forms import (
    DraftFactsForm,
    ProjectForm,
    ProjectsForm,
    RollForm,
    RowForm,
    StartForm,
    TableForm,
    VersionForm,
    answers_sent,
    choices_sent,
)
from reports.drafts.intake import take_projects, take_table
from reports.drafts.queries import Reference, draft_lines, draft_page, drafts_of, free_code
from reports.drafts.rollover import excluded_ones, next_facts, roll_over, rows_offered
from reports.drafts.tables import Sent, indicators_in, projects_in
from reports.drafts.workflow import (
    NotReady,
    Published,
    StaleDraft,
    add_to_draft,
    begin_draft,
    change_facts,
    check_draft,
    discard_draft,
    publish_draft,
    save_project,
    save_row,
)
from reports.models import DraftState, PlanDraft

STALE = "页面内容有误，请刷新后再办理。"


# ---- Beginning


@require_safe
def draft_list(request: SignedInRequest) -> HttpResponse:
    """The drafts of the regions this person plans for, and where another one begins."""
    if not request.user.can(Permission.PLAN):
        raise PermissionDenied
    return _list(request, StartForm(user=request.user), 200)


def _list(request: SignedInRequest, form: StartForm, status: int) -> HttpResponse:
    ended = (
        Plan.objects.visible_to(request.user, Permission.PLAN).select_related("region").order_by("-end_year", "code")
    )
    context = {"lines": draft_lines(drafts_of(request.user)[:50]), "form": form, "plans": ended}
    return render(request, "reports/draft_list.html", context, status=status)


@require_POST
def draft_start(request: SignedInRequest) -> HttpResponse:
    """A table becomes a draft; one that cannot be read is refused with its reason, and nothing is kept."""
    if not request.user.can(Permission.PLAN):
        raise PermissionDenied
    form = StartForm(request.POST, request.FILES, user=request.user)
    if form.is_valid():
        region, sent = form.cleaned_data["region"], Sent.of(form.cleaned_data)
        facts = form.facts(region=region, code="")
        content = Content(facts=replace(facts, code=free_code(facts, region, request.user)), origin=sent.name)
        try:
            _take_indicators(content, sent, Reference(region))
            draft = begin_draft(region=region, content=content, by=request.user, file_name=sent.name, file=sent.kept)
            return redirect(draft)
        except (UnreadableFile, Refused) as error:
            form.add_error("file" if sent.content else "pasted", str(error))
    return _list(request, form, 422)


def _take_indicators(content: Content, sent: Sent, reference: Reference) -> None:
    take_table(
        content,
        indicators_in(sent, content.facts),
        dictionary=reference.dictionary,
        themes=reference.themes_by_code,
        departments=reference.departments,
    )


def _planned(user: User, code: str) -> Plan:
    """The plan, for a planner of its region; 404 where it is not visible, 403 where it is only looked at."""
    plan = get_object_or_404(Plan.objects.visible_to(user).select_related("region"), code=code)
    if not user.can(Permission.PLAN, plan.region):
        raise PermissionDenied
    return plan


@require_safe
def draft_roll(request: SignedInRequest, code: str) -> HttpResponse:
    """Which rows of a plan go on into the next one."""
    plan = _planned(request.user, code)
    facts = next_facts(plan)
    form = RollForm(initial={"title": facts.title, "short_title": facts.short_title}, user=request.user, plan=plan)
    return _roll(request, plan, form, 200)


def _roll(request: SignedInRequest, plan: Plan, form: RollForm, status: int) -> HttpResponse:
    rows = rows_offered(plan, user=request.user)
    out = excluded_ones(rows)
    chosen = set(request.POST.getlist("rows")) if form.is_bound else {str(row.pk) for row in rows if row.pk not in out}
    lines = [(row, row.pk in out, str(row.pk) in chosen) for row in rows]
    context = {"plan": plan, "facts": next_facts(plan), "form": form, "lines": lines}
    return render(request, "reports/draft_roll.html", context, status=status)


@require_POST
def draft_roll_start(request: SignedInRequest, code: str) -> HttpResponse:
    """The draft of the next plan from the chosen rows."""
    plan = _planned(request.user, code)
    form = RollForm(request.POST, user=request.user, plan=plan)
    if not form.is_valid():
        return _roll(request, plan, form, 422)
    data = form.cleaned_data
    named = {"title": data["title"], "short_title": data["short_title"], "source_title": data["title"]}
    facts = replace(next_facts(plan), **named)
    facts.code = free_code(facts, plan.region, request.user)
    chosen = {row.pk for row in data["rows"]}
    rows = [row for row in rows_offered(plan, user=request.user) if row.pk in chosen]
    content = roll_over(plan, rows, facts=facts, proposes=data["proposes"])
    try:
        return redirect(begin_draft(region=plan.region, content=content, by=request.user))
    except Refused as error:
        form.add_error(None, str(error))
        return _roll(request, plan, form, 422)


@require_safe
def draft_projects(request: SignedInRequest, code: str) -> HttpResponse:
    """Where a table of projects is handed in for a plan that is there."""
    plan = _planned(request.user, code)
    return render(request, "reports/draft_projects.html", {"plan": plan, "form": TableForm()})


@require_POST
def draft_projects_start(request: SignedInRequest, code: str) -> HttpResponse:
    """A table of projects becomes a draft that adds to the plan."""
    plan = _planned(request.user, code)
    form = TableForm(request.POST, request.FILES)
    if form.is_valid():
        sent = Sent.of(form.cleaned_data)
        facts = Facts(title=f"{plan.title}：补充项目"[:200], short_title=plan.short_title, code=plan.code)
        facts.start_year, facts.end_year = plan.start_year, plan.end_year
        content = Content(facts=facts, origin=sent.name)
        try:
            take_projects(content, projects_in(sent))
            draft = begin_draft(
                region=plan.region,
                content=content,
                by=request.user,
                file_name=sent.name,
                file=sent.kept,
                into=plan,
            )
            return redirect(draft)
        except (UnreadableFile, Refused) as error:
            form.add_error("file" if sent.content else "pasted", str(error))
    return render(request, "reports/draft_projects.html", {"plan": plan, "form": form}, status=422)


# ---- The preview


def _draft(user: User, pk: int) -> PlanDraft:
    rows = PlanDraft.objects.visible_to(user).select_related("region", "by", "changed_by", "plan", "into")
    return get_object_or_404(rows, pk=pk)


@require_safe
def draft_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """The preview: every row as understood beside the cells as printed, the doubts above it."""
    draft = _draft(request.user, pk)
    return _detail(request, draft, status=200)


def _detail(
    request: SignedInRequest,
    draft: PlanDraft,
    *,
    status: int,
    error: Refused | None = None,
    facts: DraftFactsForm | None = None,
    projects: ProjectsForm | None = None,
) -> HttpResponse:
    """The preview after a refusal: with what was typed, and on what it now rests."""
    typed = request.POST if request.method == "POST" else None
    refused = error.faults if isinstance(error, NotReady) else []
    page = draft_page(draft, Reference(draft.region), typed=typed, refused=refused)
    seen = {"version": draft.version}
    context = {
        "page": page,
        "draft": draft,
        "refusal": str(error) if error else "",
        "facts_form": facts or DraftFactsForm(initial={**_facts_initial(page.content.facts), **seen}),
        "projects_form": projects or ProjectsForm(initial=seen),
    }
    return render(request, "reports/draft_detail.html", context, status=status)


def _facts_initial(facts: Facts) -> dict[str, object]:
    names = "title short_title code start_year end_year source_title publisher published_on document_number is_excerpt"
    return {name: getattr(facts, name) for name in names.split()}


def _answer(request: SignedInRequest, draft: PlanDraft, error: Refused) -> HttpResponse:
    """A refused write: to the plan where it was published already, else the preview as it now stands."""
    if isinstance(error, Published) and (plan := _draft(request.user, draft.pk).plan):
        messages.info(request, str(error))
        return redirect("plan_detail", plan.code)
    return _detail(request, _draft(request.user, draft.pk), status=error.status, error=error)


@require_POST
def draft_check(request: SignedInRequest, pk: int) -> HttpResponse:
    """The answers to doubts, and theme, metric and department of each row."""
    draft, form = _draft(request.user, pk), VersionForm(request.POST)
    if not form.is_valid():
        return _answer(request, draft, Refused(STALE))
    content, reference = Content.from_json(draft.content), Reference(draft.region)
    try:
        check_draft(
            draft=draft,
            version=form.cleaned_data["version"],
            answers=answers_sent(request.POST, content),
            choices=choices_sent(
                request.POST,
                content,
                themes=[theme.pk for theme in reference.themes],
                metrics=list(reference.dictionary.entries),
                departments=list(reference.departments),
            ),
            by=request.user,
        )
    except Refused as error:
        return _answer(request, draft, error)
    messages.success(request, "已保存。")
    return redirect(draft)


@require_POST
def draft_facts(request: SignedInRequest, pk: int) -> HttpResponse:
    draft, form = _draft(request.user, pk), DraftFactsForm(request.POST)
    if not form.is_valid():
        return _detail(request, draft, status=422, facts=form)
    facts = form.facts(region=draft.region, code=form.cleaned_data["code"])
    try:
        change_facts(draft=draft, version=form.cleaned_data["version"], facts=facts, by=request.user)
    except Refused as error:
        return _answer(request, draft, error)
    messages.success(request, "已保存规划和来源。")
    return redirect(draft)


@require_POST
def draft_add_projects(request: SignedInRequest, pk: int) -> HttpResponse:
    """A table of projects goes into a draft that is there."""
    draft, form = _draft(request.user, pk), ProjectsForm(request.POST, request.FILES)
    if not form.is_valid():
        return _detail(request, draft, status=422, projects=form)
    sent = Sent.of(form.cleaned_data)
    try:
        read = projects_in(sent)
        add_to_draft(
            draft=draft,
            version=form.cleaned_data["version"],
            take=lambda content: take_projects(content, read),
            by=request.user,
        )
    except UnreadableFile as error:
        form.add_error("file" if sent.content else "pasted", str(error))
        return _detail(request, draft, status=422, projects=form)
    except Refused as error:
        return _answer(request, draft, error)
    messages.success(request, f"已加入{len(read.projects)}个项目。")
    return redirect(draft)


@require_POST
def draft_publish(request: SignedInRequest, pk: int) -> HttpResponse:
    """The draft becomes a plan, or the preview says what is in the way."""
    draft, form = _draft(request.user, pk), VersionForm(request.POST)
    if not form.is_valid():
        return _answer(request, draft, Refused(STALE))
    try:
        plan = publish_draft(draft=draft, version=form.cleaned_data["version"], by=request.user)
    except Refused as error:
        return _answer(request, draft, error)
    messages.success(request, f"已发布{plan.title}。下一步：开放填报期，填报员才能填写数据。")
    return redirect("project_list" if draft.into else "plan_detail", plan.code)


@require_POST
def draft_discard(request: SignedInRequest, pk: int) -> HttpResponse:
    draft, form = _draft(request.user, pk), VersionForm(request.POST)
    if not form.is_valid():
        return _answer(request, draft, Refused(STALE))
    try:
        discard_draft(draft=draft, version=form.cleaned_data["version"], by=request.user)
    except Refused as error:
        return _answer(request, draft, error)
    messages.success(request, f"已删除草稿“{draft.title}”。")
    return redirect("draft_list")


@require_GET
def draft_file(request: SignedInRequest, pk: int) -> HttpResponse:
    """The file from which the draft was read, as it came."""
    draft = _draft(request.user, pk)
    if not draft.file:
        raise Http404
    return download(bytes(draft.file), draft.file_name, content_type="application/octet-stream")


# ---- One row


@require_safe
def draft_row(request: SignedInRequest, pk: int, key: str) -> HttpResponse:
    """One row of a draft to change, or an empty one (`new`) to add."""
    draft = _draft(request.user, pk)
    return _row(request, draft, _row_form(draft, key, seen={"version": draft.version}), 200)


@require_POST
def draft_row_save(request: SignedInRequest, pk: int, key: str) -> HttpResponse:
    draft = _draft(request.user, pk)
    form = _row_form(draft, key, request.POST)
    if not form.is_valid():
        return _row(request, draft, form, 422)
    data = form.cleaned_data
    try:
        save_row(
            draft=draft,
            version=data["version"],
            row=form.made,
            after=data.get("after", ""),
            looked_at=data["looked_at"],
            by=request.user,
        )
    except StaleDraft as error:
        return _row(request, draft, _seen_anew(form, draft, error), error.status)
    except Refused as error:
        return _answer(request, draft, error)
    messages.success(request, f"已保存“{form.made.name}”。")
    return redirect(f"{draft.get_absolute_url()}#{form.made.key}")


def _row_form(draft: PlanDraft, key: str, data: object = None, *, seen: dict[str, int] | None = None) -> RowForm:
    content = Content.from_json(draft.content)
    row = content.row(key) if key != "new" else DraftRow(key="")
    if row is None or draft.state != DraftState.DRAFT:
        raise Http404
    return RowForm(data, row=row, content=content, offered=Reference(draft.region).offered, seen=seen or {})


def _seen_anew(form: RowForm | ProjectForm, draft: PlanDraft, error: StaleDraft) -> RowForm | ProjectForm:
    """What was typed, resting on the draft as it now is: the next save goes through."""
    form.data = {**{name: form.data[name] for name in form.data}, "version": draft.version}
    form.add_error(None, str(error))
    return form


def _row(request: SignedInRequest, draft: PlanDraft, form: RowForm | ProjectForm, status: int) -> HttpResponse:
    return render(request, "reports/draft_row.html", {"draft": draft, "form": form, "line": form.line}, status=status)


@require_safe
def draft_project(request: SignedInRequest, pk: int, key: str) -> HttpResponse:
    """One project of a draft to change, or an empty one (`new`) to add."""
    draft = _draft(request.user, pk)
    return _row(request, draft, _project_form(draft, key, seen={"version": draft.version}), 200)


@require_POST
def draft_project_save(request: SignedInRequest, pk: int, key: str) -> HttpResponse:
    draft = _draft(request.user, pk)
    form = _project_form(draft, key, request.POST)
    if not form.is_valid():
        return _row(request, draft, form, 422)
    data, made = form.cleaned_data, form.made
    try:
        save_project(draft=draft, version=data["version"], project=made, looked_at=data["looked_at"], by=request.user)
    except StaleDraft as error:
        return _row(request, draft, _seen_anew(form, draft, error), error.status)
    except Refused as error:
        return _answer(request, draft, error)
    messages.success(request, f"已保存“{made.name}”。")
    return redirect(f"{draft.get_absolute_url()}#{made.key}")


def _project_form(
    draft: PlanDraft, key: str, data: object = None, *, seen: dict[str, int] | None = None
) -> ProjectForm:
    content = Content.from_json(draft.content)
    project = content.project(key) if key != "new" else DraftProject(key="")
    if project is None or draft.state != DraftState.DRAFT:
        raise Http404
    return ProjectForm(data, project=project, content=content, seen=seen or {})
