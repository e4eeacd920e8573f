"""Every write to a round: opening, changing its dates, extending it, and the e-mails that ask for what is missing.

Each function checks the right of the actor, reads the row again under a lock, and writes the row and its audit line
in one transaction. Days are days of Beijing time.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from smtplib import SMTPAuthenticationError, SMTPException, SMTPRecipientsRefused

from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Department, User, record_audit
from accounts.permissions import Permission
from plans.models import Plan, Reminder, Round, RoundExtension

logger = logging.getLogger(__name__)


class Refused(Exception):
    """The write did not happen; the message says why, in Chinese."""


def _demand(by: User, plan: Plan, permission: Permission) -> None:
    if not by.can(permission, plan.region):
        raise PermissionDenied


def _locked(round_: Round) -> Round:
    return Round.objects.select_for_update(of=("self",)).select_related("plan__region").get(pk=round_.pk)


# ---- Rounds


@dataclass(frozen=True, slots=True)
class Opened:
    """What opening did: the rounds that are new, and the plans whose year had one and keep it."""

    rounds: list[Round]
    left_alone: list[Plan]


@transaction.atomic
def open_rounds(*, plans: Sequence[Plan], year: int, opens_on: date, due_on: date, by: User, at: datetime) -> Opened:
    """Open the year of each plan that has no round of it yet.

    Raises PermissionDenied, or Refused when the year is not one of a plan's or the dates are the wrong way round.
    """
    for plan in plans:
        _demand(by, plan, Permission.PLAN)
        if year not in plan.years:
            raise Refused(f"{plan}的数据年度为{plan.start_year}～{plan.end_year}年，没有{year}年。")
    _demand_order(opens_on, due_on)
    # a second planner opening the same year waits here, and then finds the rounds of the first
    list(Plan.objects.select_for_update().filter(pk__in=[plan.pk for plan in plans]).order_by("pk"))
    there = set(Round.objects.filter(plan__in=plans, year=year).values_list("plan", flat=True))
    opened = []
    for plan in plans:
        if plan.pk in there:
            continue
        round_ = Round.objects.create(plan=plan, year=year, opens_on=opens_on, due_on=due_on, is_demo=by.is_demo)
        _record(round_, "开放填报", by=by, at=at, said=_span(opens_on, due_on))
        opened.append(round_)
    return Opened(opened, [plan for plan in plans if plan.pk in there])


@transaction.atomic
def change_round(
    *, round_: Round, opens_on: date, due_on: date, seen: tuple[date, date], by: User, at: datetime
) -> Round:
    """Set the dates of a round; an earlier due date is how it is closed early. The same dates change nothing.

    `seen` are the dates on which the decision rests. Raises PermissionDenied, or Refused when somebody else changed
    them in between or when they are the wrong way round.
    """
    row = _locked(round_)
    _demand(by, row.plan, Permission.PLAN)
    _demand_order(opens_on, due_on)
    now = (row.opens_on, row.due_on)
    if now == (opens_on, due_on):
        return row
    if now != seen:
        raise Refused(f"日期已被其他人改为{_span(*now)}，请核对后再改。")
    row.opens_on, row.due_on, row.is_demo = opens_on, due_on, by.is_demo
    row.save(update_fields=["opens_on", "due_on", "is_demo"])
    _record(row, "调整填报期", by=by, at=at, said=f"{_span(*now)}改为{_span(opens_on, due_on)}")
    return row


@transaction.atomic
def extend_round(
    *, round_: Round, department: Department | None, until: date, reason: str, by: User, at: datetime
) -> RoundExtension:
    """Allow late entry until the end of a day, for one department or (None) for all of them.

    Raises PermissionDenied, or Refused when no reason is given, when the department is another bureau's, or when the
    day is past or not later than the deadline in force.
    """
    row, reason = _locked(round_), reason.strip()
    _demand(by, row.plan, Permission.PLAN)
    if not reason:
        raise Refused("延期要写明理由。")
    if department is not None and department.region_id != row.plan.region_id:
        raise Refused("不是本规划所在地区的科室。")
    in_force = row.deadline(department.pk if department else None)
    if until <= in_force:
        raise Refused(f"延期应晚于现在的截止日期{in_force:%Y-%m-%d}。")
    if until < timezone.localdate(at):
        raise Refused("延期的日期已过，应为今天或以后。")
    extension = RoundExtension.objects.create(
        round=row, department=department, until=until, reason=reason, allowed_by=by, allowed_at=at
    )
    _record(row, "延期", by=by, at=at, said=f"{department or '全部科室'}延至{until:%Y-%m-%d}：{reason}")
    return extension


def _demand_order(opens_on: date, due_on: date) -> None:
    if opens_on > due_on:
        raise Refused("开放日期不能晚于截止日期。")


def _span(opens_on: date, due_on: date) -> str:
    return f"{opens_on:%Y-%m-%d}至{due_on:%Y-%m-%d}"


def _record(round_: Round, action: str, *, by: User, at: datetime, said: str) -> None:
    region = round_.plan.region
    record_audit(by=by, action=action, subject=round_, region=region, summary=f"{round_} {said}", at=at)


# ---- Reminders by e-mail

# A claim without an outcome after this long was cut off (the process ended), and may be taken up again.
_CUT_OFF_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be sent to one clerk about one round."""

    round: Round
    recipient: User
    deadline: date
    subject: str
    text: str


@transaction.atomic
def send_reminders(*, letters: Sequence[Letter], by: User | None, at: datetime) -> list[Reminder]:
    """Send each letter once per person, round and deadline; by None: a command on a timer. Returns those now under way.

    Who presses second finds the first one's claim and sends nothing; what failed or was cut off is tried again. The
    mail leaves after the commit, and each row then says when it went out or why it did not.
    """
    claimed = []
    # always in the same order, so that two who press at once do not wait for each other's rows
    for letter in sorted(letters, key=lambda letter: (letter.round.pk, letter.recipient.pk, letter.deadline)):
        if by is not None:
            _demand(by, letter.round.plan, Permission.REMIND)
        reminder = _claim(letter, by=by, at=at)
        if reminder is not None:
            claimed.append(reminder)
            record_audit(
                by=by,
                action="催报",
                subject=reminder,
                region=letter.round.plan.region,
                summary=f"{letter.round} 向{letter.recipient}发送催报邮件",
                at=at,
                deadline=letter.deadline.isoformat(),
            )
    transaction.on_commit(partial(_deliver, claimed))
    return claimed


def _claim(letter: Letter, *, by: User | None, at: datetime) -> Reminder | None:
    """The row that says who sends this letter; None where it was sent or is being sent by somebody else."""
    key = {"round": letter.round, "recipient": letter.recipient, "deadline": letter.deadline}
    values = {
        "address": letter.recipient.email,
        "subject": letter.subject,
        "text": letter.text,
        "sent_by": by,
        "tried_at": at,
        "error": "",
        "is_demo": letter.recipient.is_demo or bool(by and by.is_demo),
    }
    may_be_tried = Q(sent_at=None) & (~Q(error="") | Q(tried_at__lt=at - _CUT_OFF_AFTER))
    if Reminder.objects.filter(may_be_tried, **key).update(**values):
        return Reminder.objects.get(**key)
    if Reminder.objects.filter(**key).exists():
        return None
    try:
        with transaction.atomic():
            return Reminder.objects.create(**key, **values)
    except IntegrityError:
        return None


def _deliver(reminders: Sequence[Reminder]) -> None:
    """Hand the claimed letters to the mail server, each with its outcome; one that fails holds no other back."""
    if not reminders:
        return
    connection = get_connection()
    failed = ""
    try:
        connection.open()
    except (SMTPException, OSError) as error:
        failed = _why(error)
    for reminder in reminders:
        reminder.error = failed or _send(reminder, connection)
        reminder.sent_at = None if reminder.error else timezone.now()
        reminder.save(update_fields=["sent_at", "error"])
    if not failed:
        connection.close()


def _send(reminder: Reminder, connection: BaseEmailBackend) -> str:
    """Why it could not be sent; empty when it went out."""
    mail = EmailMessage(reminder.subject, reminder.text, to=[reminder.address], connection=connection)
    try:
        mail.send()
    except (SMTPException, OSError, ValueError) as error:
        return _why(error)
    return ""


def _why(error: Exception) -> str:
    """The failure in words that a planner reads; the server's own go to the log."""
    logger.warning("a reminder was not sent: %r", error)
    if isinstance(error, SMTPRecipientsRefused):
        return "收件地址被邮件服务器拒收"
    if isinstance(error, SMTPAuthenticationError):
        return "邮件服务器拒绝登录，请检查邮件设置"
    if isinstance(error, SMTPException | ValueError):
        return "邮件服务器拒绝发送"
    return "连不上邮件服务器"
