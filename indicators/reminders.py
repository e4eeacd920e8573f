"""Who has not reported: what each department still owes in each round, who answers for it, and how they are told.

Rows are counted by their state; no figure is read, so that a bureau above may count what lies below it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import Department, Membership, User
from accounts.permissions import ROLE_PERMISSIONS, Permission, Role
from indicators.models import Actual, Availability, Indicator, State
from indicators.verdicts import Light
from plans.models import Reminder, Round
from plans.rounds import time_left
from plans.workflow import Letter

UNREPORTED = Availability.UNREPORTED.value
# How far a row has come, in the order of the columns; the first three have not been passed on.
STATE_WORDS: dict[str, str] = {
    UNREPORTED: "未报",
    State.DRAFT.value: State.DRAFT.label,
    State.RETURNED.value: State.RETURNED.label,
    State.SUBMITTED.value: State.SUBMITTED.label,
    State.APPROVED.value: State.APPROVED.label,
}
PENDING = (UNREPORTED, State.DRAFT.value, State.RETURNED.value)
SOON = 7  # days before a deadline from which on a department that still owes rows is marked


@dataclass(frozen=True, slots=True)
class PendingRow:
    """A row that has not been passed on."""

    number: str
    name: str
    word: str


@dataclass(frozen=True, slots=True)
class Duty:
    """What one department owes in one round, on a day of Beijing time. None is for rows without a department."""

    round: Round
    department: Department | None
    deadline: date
    on: date
    counts: Counter[str]
    pending: list[PendingRow]
    clerks: list[User]
    reminders: list[Reminder]  # to these clerks about this round, the latest first

    @property
    def department_name(self) -> str:
        return str(self.department) if self.department else "未定科室"

    @property
    def total(self) -> int:
        return self.counts.total()

    @property
    def n_pending(self) -> int:
        return sum(self.counts[state] for state in PENDING)

    @property
    def n_passed_on(self) -> int:
        return self.total - self.n_pending

    @property
    def columns(self) -> list[tuple[str, int]]:
        """How many rows are in each state, in the order of the columns."""
        return [(word, self.counts[state]) for state, word in STATE_WORDS.items()]

    @property
    def said(self) -> str:
        """未报2项、草稿1项: what has not been passed on, in words."""
        return "、".join(f"{STATE_WORDS[state]}{self.counts[state]}项" for state in PENDING if self.counts[state])

    @property
    def is_complete(self) -> bool:
        return not self.pending

    @property
    def is_overdue(self) -> bool:
        return bool(self.pending) and self.on > self.deadline

    @property
    def shown_under(self) -> tuple[str, ...]:
        """The values of the filter 报送情况 that let this duty pass; the empty one is the page as it opens."""
        if self.is_complete:
            return ("done", "all")
        return ("", "overdue" if self.is_overdue else "open", "all")

    @property
    def light(self) -> Light:
        if self.is_complete:
            return Light.GREEN
        if self.is_overdue:
            return Light.RED
        return Light.YELLOW if (self.deadline - self.on).days <= SOON else Light.GREY

    @property
    def word(self) -> str:
        return "已报齐" if self.is_complete else time_left(self.deadline, on=self.on)

    @property
    def clerk_names(self) -> str:
        return "、".join(map(str, self.clerks)) or "无填报员"

    @property
    def told(self) -> list[Reminder]:
        """The reminders that went out, the latest first."""
        return [reminder for reminder in self.reminders if reminder.sent_at]

    @property
    def failed(self) -> list[Reminder]:
        return [reminder for reminder in self.reminders if reminder.error]


def duties_of(rounds: QuerySet[Round], *, on: date) -> list[Duty]:
    """Every department's duty in the rounds that have opened: region by region, the earliest due date first.

    Group rows are not counted, and a stated absence counts as a report. Eight queries, however many rounds.
    """
    opened = list(
        rounds.filter(opens_on__lte=on)
        .select_related("plan__region")
        .prefetch_related("extensions")
        .order_by("plan__region__code", "due_on", "plan", "year")
    )
    plans = {round_.plan_id for round_ in opened}
    rows: defaultdict[int, defaultdict[int | None, list[tuple[int, str, str]]]]
    rows = defaultdict(lambda: defaultdict(list))
    to_report = Indicator.objects.filter(plan__in=plans, is_group=False).order_by("order", "pk")
    for plan, department, pk, number, name in to_report.values_list("plan", "department", "pk", "number", "name"):
        rows[plan][department].append((pk, number, name))
    reported = Actual.objects.filter(indicator__plan__in=plans).exclude(availability=Availability.UNREPORTED)
    states = {(pk, year): state for pk, year, state in reported.values_list("indicator", "year", "state")}
    departments = Department.objects.in_bulk({at for theirs in rows.values() for at in theirs if at})
    clerks = _clerks({round_.plan.region_id for round_ in opened})
    reminders: defaultdict[int, list[Reminder]] = defaultdict(list)
    for reminder in Reminder.objects.filter(round__in=opened).order_by("-tried_at", "-pk"):
        reminders[reminder.round_id].append(reminder)

    def duty(round_: Round, department: int | None) -> Duty:
        found = [
            (number, name, states.get((pk, round_.year), UNREPORTED))
            for pk, number, name in rows[round_.plan_id][department]
        ]
        theirs = [user for user, at in clerks[round_.plan.region_id] if at is None or department in at]
        keys = {user.pk for user in theirs}
        return Duty(
            round=round_,
            department=departments[department] if department else None,
            deadline=round_.deadline(department),
            on=on,
            counts=Counter(state for _, _, state in found),
            pending=[PendingRow(number, name, STATE_WORDS[state]) for number, name, state in found if state in PENDING],
            clerks=theirs,
            reminders=[reminder for reminder in reminders[round_.pk] if reminder.recipient_id in keys],
        )

    return [
        duty(round_, department)
        for round_ in opened
        for department in sorted(rows[round_.plan_id], key=lambda at: (at is None, at or 0))
    ]


def _clerks(regions: set[int]) -> defaultdict[int, list[tuple[User, set[int] | None]]]:
    """The clerks of each region with the departments for which they enter; None: for all rows."""
    entering = [role for role, permissions in ROLE_PERMISSIONS.items() if Permission.ENTER in permissions]
    held = Membership.objects.filter(region__in=regions, role__in=entering, user__is_active=True)
    found: defaultdict[int, list[tuple[User, set[int] | None]]] = defaultdict(list)
    for membership in held.select_related("user").prefetch_related("departments").order_by("user__pk"):
        departments = {department.pk for department in membership.departments.all()}
        found[membership.region_id].append((membership.user, departments or None))
    return found


# ---- In words


def letters_about(duties: Iterable[Duty]) -> list[Letter]:
    """One letter per clerk, round and deadline in force, for each who has an address and rows not passed on."""
    owed: defaultdict[tuple[int, int, date], list[Duty]] = defaultdict(list)
    clerks: dict[int, User] = {}
    for duty in duties:
        for clerk in duty.clerks if duty.pending else ():
            if clerk.email:
                clerks[clerk.pk] = clerk
                owed[clerk.pk, duty.round.pk, duty.deadline].append(duty)
    return [_letter(clerks[clerk], theirs) for (clerk, _, _), theirs in owed.items()]


def _letter(clerk: User, duties: Sequence[Duty]) -> Letter:
    """To one clerk, about what they owe in one round until one deadline."""
    first = duties[0]
    round_, deadline = first.round, first.deadline
    title = f"{round_.plan}{round_.year}年指标数据"
    day = f"{deadline.year}年{deadline.month}月{deadline.day}日"
    if first.is_overdue:
        subject, when = f"已逾期：{title}", f"填报已于{day}24时（北京时间）截止，现已{first.word}"
        after = "补报前请先联系规划管理员批准延期，再登录填报："
    else:
        subject, when = f"请于{day}前报送：{title}", f"填报于{day}24时（北京时间）截止，{first.word}"
        after = "请登录平台填报并提交审核："
    n_pending = sum(duty.n_pending for duty in duties)
    lines = [f"{clerk}，您好：", "", f"{title}{when}。您负责的还有{n_pending}项没有报送。"]
    for duty in duties:
        lines += ["", f"{duty.department_name}：应报{duty.total}项，{duty.said}。"]
        lines += [f"  {row.number} {row.name}（{row.word}）" for row in duty.pending]
    address = settings.ADDRESS + reverse("entry_sheet", args=[round_.plan.code, round_.year])
    lines += ["", after, address, "", "民政规划监测平台（本邮件由平台发出，请勿回复）"]
    # a line break in a plan's name would end the header it stands in
    return Letter(round_, clerk, deadline, " ".join(subject.split())[:200], "\n".join(lines))


def notice_about(duties: Iterable[Duty], *, issuer: str, on: date) -> str:
    """A notice to copy into a document or a chat: every department that owes rows, under its round. Empty when none."""
    by_round: defaultdict[Round, list[Duty]] = defaultdict(list)
    for duty in duties:
        if duty.pending:
            by_round[duty.round].append(duty)
    if not by_round:
        return ""
    today = f"{on.year}年{on.month}月{on.day}日"
    lines = ["关于催报规划指标数据的通知", "", "各有关单位、科室："]
    lines += [f"截至{today}，下列规划指标数据尚未报齐，请抓紧填报并提交审核。"]
    for number, (round_, owed) in enumerate(by_round.items(), start=1):
        lines += ["", f"{number}. {round_.plan.region.bureau_name}　{round_.plan}{round_.year}年"]
        lines += [f"（{at}）{_owed_by(duty)}" for at, duty in enumerate(owed, start=1)]
    lines += ["", "截止时间均为当日24时（北京时间）。已逾期的，请先向规划管理员申请延期，再行补报。"]
    lines += [f"填报地址：{settings.ADDRESS}", "", issuer, today]
    return "\n".join(lines)


def _owed_by(duty: Duty) -> str:
    due = f"{duty.deadline.year}年{duty.deadline.month}月{duty.deadline.day}日截止，{duty.word}"
    return f"{duty.department_name}：应报{duty.total}项，{duty.said}（{due}）。填报员：{duty.clerk_names}。"


class Counted:
    """How a page counts its duties: departments that owe something, and rows due and passed on."""

    __slots__ = ()
    duties: list[Duty]

    @property
    def n_pending(self) -> int:
        return sum(1 for duty in self.duties if duty.pending)

    @property
    def n_overdue(self) -> int:
        return sum(1 for duty in self.duties if duty.is_overdue)

    @property
    def n_due(self) -> int:
        return sum(duty.total for duty in self.duties)

    @property
    def n_passed_on(self) -> int:
        return sum(duty.n_passed_on for duty in self.duties)


@dataclass(frozen=True, slots=True)
class Board(Counted):
    """What the page of reminders says about the duties shown on it."""

    duties: list[Duty]
    notice: str

    @property
    def n_letters(self) -> int:
        """How many e-mails a press on the button would send: to whom has an address and is not told of the deadline."""
        owing = [duty for duty in self.duties if duty.pending]
        asked = {(who.pk, duty.round.pk, duty.deadline) for duty in owing for who in duty.clerks if who.email}
        told = {(sent.recipient_id, sent.round_id, sent.deadline) for duty in owing for sent in duty.told}
        return len(asked - told)

    @property
    def without_address(self) -> str:
        """The clerks who owe rows and have no e-mail address, by name."""
        names = {clerk: None for duty in self.duties if duty.pending for clerk in duty.clerks if not clerk.email}
        return "、".join(map(str, names))


def board_of(duties: list[Duty], *, user: User, on: date) -> Board:
    """The page's board; the notice is issued by the bureau for which this person reminds."""
    offices = (held for held in user.held if Permission.REMIND in ROLE_PERMISSIONS[Role(held.role)])
    issuer = next((membership.region.bureau_name for membership in offices), "")
    return Board(duties, notice_about(duties, issuer=issuer, on=on))
