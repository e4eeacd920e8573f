"""How one key project stands: how far it is in money and time, and what its months tell. Money in 万元.

What is done rests on approved months.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Prefetch

from accounts.models import User
from indicators.figures import format_figure
from indicators.models import State
from indicators.queries import figure_shown
from indicators.verdicts import Light
from projects.attachments import MonthFiles, files_of
from projects.models import Project, ProjectReport, ReportFile, Stage
from projects.months import Month
from projects.progress import completion, lead, time_progress


def stage_by(project: Project, approved: ProjectReport | None) -> Stage:
    """The stage of a project's newest approved month, else the one the plan prints."""
    return Stage(approved.stage if approved else project.stage)


@dataclass(frozen=True, slots=True)
class Standing:
    """How one project stands on a day.

    `approved` is its newest approved month, `spent` the newest approved one that says how much was spent, `newest` the
    newest one the reader may see.
    """

    project: Project
    newest: ProjectReport | None
    approved: ProjectReport | None
    spent: ProjectReport | None
    on: date

    @property
    def stage(self) -> Stage:
        """The stage of the newest approved month, else the one the plan prints."""
        return stage_by(self.project, self.approved)

    @property
    def done(self) -> Decimal | None:
        """累计完成投资, in 万元."""
        return self.spent.investment_done if self.spent else None

    @property
    def completion(self) -> Decimal | None:
        """完成率 = 累计完成投资 ÷ 总投资."""
        return completion(done=self.done, total=self.project.total_investment)

    @property
    def time_progress(self) -> Decimal | None:
        """时间进度, by the month whose investment is compared."""
        if self.spent is None:
            return None
        project = self.project
        return time_progress(start_year=project.start_year, end_year=project.end_year, at=self.spent.when)

    @property
    def lead(self) -> Decimal | None:
        """完成率 − 时间进度, in 百分点."""
        return lead(completion=self.completion, time=self.time_progress)

    @property
    def lead_shown(self) -> str:
        """落后9.0个百分点, 领先2.5个百分点 or 持平; empty where it is not known."""
        if self.lead is None:
            return ""
        points = format_figure(abs(self.lead), decimals=1)
        return f"{'落后' if self.is_lagging else '领先'}{points}个百分点" if points != "0.0" else "持平"

    @property
    def years_shown(self) -> str:
        """起止年限 as far as the plan states them."""
        start, end = self.project.start_year, self.project.end_year
        return "—" if start is None and end is None else f"{start or '未载明'}—{end or ''}"

    @property
    def is_lagging(self) -> bool:
        """Behind by at least the tenth of a point that is printed."""
        return self.lead is not None and self.lead <= Decimal("-0.05")

    @property
    def is_past_its_end(self) -> bool:
        """Whether the last year the plan states for it is over, and it is not known to be completed."""
        end = self.project.end_year
        return end is not None and end < self.on.year and self.stage != Stage.COMPLETED

    @property
    def is_overdue(self) -> bool:
        """Whether an approved month says that it was not completed when its last year ended."""
        end = self.project.end_year
        return self.is_past_its_end and self.approved is not None and self.approved.when >= Month(end or 0, 12)

    @property
    def mark(self) -> tuple[Light, str] | None:
        """The light and the word beside the project; None where there is nothing to compare."""
        if self.is_overdue:
            return Light.RED, "逾期未完工"
        if self.stage == Stage.COMPLETED:
            return Light.GREEN, "已完工"
        if self.is_past_its_end:
            return Light.GREY, "到期未报进展"
        if self.is_lagging:
            return Light.YELLOW, "滞后"
        return None if self.lead is None else (Light.GREEN, "不滞后")

    @property
    def is_demo(self) -> bool:
        return any(report.is_demo for report in (self.newest, self.approved, self.spent) if report)

    @property
    def sentence(self) -> str:
        """What is spent, and whether that is as far as the calendar: one sentence."""
        total, words = self.project.total_investment, []
        words.append("总投资未载明" if total is None else f"总投资{figure_shown(total)}万元")
        if self.spent is None:
            return f"{words[0]}，还没有已审核的投资进展。"
        words.append(f"截至{self.spent.when}累计完成投资{figure_shown(self.done)}万元")
        if self.completion is not None:
            words.append(f"完成率{percent_shown(self.completion)}")
        if self.time_progress is not None and self.lead is not None:
            words.append(f"时间进度{percent_shown(self.time_progress)}，{self.lead_shown}")
        return "，".join(words) + "。"


def percent_shown(share: Decimal) -> str:
    """A share as percent with one decimal: 0.8 → 80.0%."""
    return f"{format_figure(share * 100, decimals=1)}%"


def standing_of(project: Project, reports: Sequence[ProjectReport], *, on: date) -> Standing:
    """How a project stands by these months of it, the newest first."""
    approved = [report for report in reports if report.state == State.APPROVED]
    return Standing(
        project=project,
        newest=next(iter(reports), None),
        approved=next(iter(approved), None),
        spent=next((report for report in approved if report.investment_done is not None), None),
        on=on,
    )


@dataclass(frozen=True, slots=True)
class Milestone:
    """The month whose report first said that a project had come to a stage; whether it is the first report at all."""

    stage: Stage
    report: ProjectReport
    is_first: bool


@dataclass(frozen=True, slots=True)
class ProjectPage:
    """A project with its months as one person sees them, the newest first."""

    standing: Standing
    months: list[MonthFiles]

    @property
    def reports(self) -> list[ProjectReport]:
        return [month.report for month in self.months]

    @property
    def project(self) -> Project:
        return self.standing.project

    @property
    def has_demo(self) -> bool:
        return any(report.is_demo for report in self.reports)

    @property
    def milestones(self) -> list[Milestone]:
        """When each stage was first reported, in the order of time."""
        found: dict[str, Milestone] = {}
        for report in reversed(self.reports):
            if report.stage != Stage.UNSTATED and report.stage not in found:
                found[report.stage] = Milestone(Stage(report.stage), report, is_first=not found)
        return list(found.values())

    @property
    def problems(self) -> list[ProjectReport]:
        return [report for report in self.reports if report.problems]

    @property
    def chart(self) -> dict[str, object] | None:
        """The investment month by month, as text; a month without a figure is null. None without any figure."""
        told = {report.when: report for report in self.reports if report.investment_done is not None}
        if not told:
            return None
        months = _months_between(min(told), max(told))
        total = self.project.total_investment
        return {
            "months": [f"{month.year}-{month.number:02}" for month in months],
            "done": [figure_shown(told[month].investment_done) if month in told else None for month in months],
            "unapproved": [
                at for at, month in enumerate(months) if month in told and told[month].state != State.APPROVED
            ],
            "total": None if total is None else figure_shown(total),
        }


def _months_between(first: Month, last: Month) -> list[Month]:
    span = range(first.year * 12 + first.number - 1, last.year * 12 + last.number)
    return [Month(at // 12, at % 12 + 1) for at in span]


def project_page(project: Project, *, user: User, on: date) -> ProjectPage:
    """A project with the months this person sees, their events and files; five queries and one for people of events."""
    seen = ProjectReport.objects.visible_to(user).filter(project=project).order_by("-year", "-month")
    standing_files = ReportFile.objects.standing().select_related("uploaded_by")
    seen = seen.prefetch_related("events__by", Prefetch("files", standing_files, to_attr="standing_files"))
    is_theirs = Project.objects.enterable_by(user).filter(pk=project.pk).exists()
    reports, files = list(seen), []
    for report in reports:
        report.project = project
        files.append(files_of(report, report.standing_files, is_theirs=is_theirs))  # type: ignore[attr-defined]
    return ProjectPage(standing_of(project, reports, on=on), files)
