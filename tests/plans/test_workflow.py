"""Rounds are opened, moved and extended by their planners, and each reminder goes out once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from smtplib import SMTPAuthenticationError, SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from pytest_django import DjangoCaptureOnCommitCallbacks as Commits
from pytest_django import Settings

from accounts.models import AuditEvent, User
from accounts.permissions import Role
from plans.models import Reminder, Round, RoundExtension
from plans.workflow import Letter, Refused, change_round, extend_round, open_rounds, send_reminders
from tests import factories
from tests.races import at_once

pytestmark = pytest.mark.django_db

NOW = datetime(2024, 3, 20, 2, 0, tzinfo=UTC)
OPENS, DUE = date(2024, 1, 1), date(2024, 3, 31)


def planner() -> User:
    return factories.person(Role.PLANNER, display_name="周敏")


def a_round(**values: Any) -> Round:
    values = {"opens_on": OPENS, "due_on": DUE} | values
    return factories.open_round(factories.plan(short_title="老河口“十四五”"), 2023, **values)


def logged() -> list[tuple[str, str]]:
    return list(AuditEvent.objects.order_by("pk").values_list("action", "summary"))


# ---- Opening


def test_a_year_is_opened_for_the_plans_that_have_no_round_of_it() -> None:
    there = a_round()
    fresh, by = factories.plan(short_title="海宁"), planner()
    opened = open_rounds(plans=[there.plan, fresh], year=2023, opens_on=OPENS, due_on=date(2024, 5, 1), by=by, at=NOW)
    assert [(row.plan, row.year, row.opens_on, row.due_on) for row in opened.rounds] == [
        (fresh, 2023, OPENS, date(2024, 5, 1))
    ]
    assert opened.left_alone == [there.plan]
    there.refresh_from_db()
    assert there.due_on == DUE
    assert logged() == [("开放填报", "海宁 2023年填报期 2024-01-01至2024-05-01")]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"year": 2026}, "“十四五”的数据年度为2021～2025年，没有2026年。"),
        ({"opens_on": date(2024, 4, 1)}, "开放日期不能晚于截止日期。"),
    ],
)
def test_what_cannot_be_opened_is_refused_for_all_plans(values: dict[str, Any], said: str) -> None:
    plans = [factories.plan(start_year=2022, end_year=2026), factories.plan()]
    given: dict[str, Any] = {"plans": plans, "year": 2023, "opens_on": OPENS, "due_on": DUE, "by": planner(), "at": NOW}
    with pytest.raises(Refused) as refused:
        open_rounds(**given | values)
    assert str(refused.value) == said
    assert not Round.objects.exists()


@pytest.mark.parametrize("role", [role for role in Role if role != Role.PLANNER])
def test_only_a_planner_of_the_region_writes_to_its_rounds(role: Role) -> None:
    round_ = a_round()
    strange = factories.person(Role.PLANNER, factories.region("330127", "淳安县"))
    above = factories.person(Role.PLANNER, factories.region("420000", "湖北省"))
    for by in (factories.person(role), strange, above):
        with pytest.raises(PermissionDenied):
            open_rounds(plans=[round_.plan], year=2024, opens_on=OPENS, due_on=DUE, by=by, at=NOW)
        with pytest.raises(PermissionDenied):
            change_round(round_=round_, opens_on=OPENS, due_on=OPENS, seen=(OPENS, DUE), by=by, at=NOW)
        with pytest.raises(PermissionDenied):
            extend_round(round_=round_, department=None, until=date(2024, 5, 1), reason="汛期", by=by, at=NOW)
    assert (Round.objects.get().due_on, RoundExtension.objects.count(), logged()) == (DUE, 0, [])


def test_what_a_demo_person_opens_is_demo_and_what_a_real_one_changes_no_longer() -> None:
    demo, real = factories.person(Role.PLANNER, is_demo=True), planner()
    (round_,) = open_rounds(plans=[factories.plan()], year=2023, opens_on=OPENS, due_on=DUE, by=demo, at=NOW).rounds
    assert round_.is_demo
    changed = change_round(round_=round_, opens_on=OPENS, due_on=OPENS, seen=(OPENS, DUE), by=real, at=NOW)
    assert not changed.is_demo


@pytest.mark.usefixtures("shared_database")
def test_two_planners_opening_the_same_year_open_it_once() -> None:
    plans, people = [factories.plan(), factories.plan()], [planner(), planner()]

    def opening(by: User) -> Callable[[], object]:
        return lambda: open_rounds(plans=plans, year=2023, opens_on=OPENS, due_on=DUE, by=by, at=NOW)

    answers = at_once(*map(opening, people))
    assert sorted(len(answer.rounds) for answer in answers) == [0, 2]  # type: ignore[attr-defined]
    assert Round.objects.count() == 2


# ---- Changing the dates


def test_a_round_is_closed_early_by_its_due_date() -> None:
    round_ = a_round()
    yesterday = date(2024, 3, 19)
    changed = change_round(round_=round_, opens_on=OPENS, due_on=yesterday, seen=(OPENS, DUE), by=planner(), at=NOW)
    assert changed.state(on=date(2024, 3, 20)).label == "已截止"
    assert Round.objects.get().due_on == yesterday
    said = "老河口“十四五” 2023年填报期 2024-01-01至2024-03-31改为2024-01-01至2024-03-19"
    assert logged() == [("调整填报期", said)]


def test_the_same_dates_change_nothing_and_are_not_logged() -> None:
    change_round(round_=a_round(), opens_on=OPENS, due_on=DUE, seen=(OPENS, OPENS), by=planner(), at=NOW)
    assert logged() == []


@pytest.mark.parametrize(
    ("opens_on", "seen", "said"),
    [
        (date(2024, 4, 1), (OPENS, DUE), "开放日期不能晚于截止日期。"),
        (
            date(2024, 2, 1),
            (OPENS, date(2024, 3, 1)),
            "日期已被其他人改为2024-01-01至2024-03-31，请核对后再改。",
        ),
    ],
)
def test_new_dates_in_the_wrong_order_or_decided_on_old_ones_are_refused(
    opens_on: date, seen: tuple[date, date], said: str
) -> None:
    round_ = a_round()
    with pytest.raises(Refused) as refused:
        change_round(round_=round_, opens_on=opens_on, due_on=DUE, seen=seen, by=planner(), at=NOW)
    assert str(refused.value) == said
    assert Round.objects.get().opens_on == OPENS


# ---- Extending


def test_an_extension_says_for_whom_until_when_why_who_and_when() -> None:
    round_, department, by = a_round(), factories.department(name="养老服务科"), planner()
    row = extend_round(
        round_=round_, department=department, until=date(2024, 4, 10), reason=" 机构调整 ", by=by, at=NOW
    )
    stored = RoundExtension.objects.get()
    assert row == stored
    assert (stored.department, stored.until, stored.reason) == (department, date(2024, 4, 10), "机构调整")
    assert (stored.allowed_by, stored.allowed_at) == (by, NOW)
    event = AuditEvent.objects.get()
    assert (event.username, event.region_code, event.at) == (by.username, "420682", NOW)
    assert event.summary == "老河口“十四五” 2023年填报期 养老服务科延至2024-04-10：机构调整"


@pytest.mark.parametrize(
    ("until", "reason", "said"),
    [
        (date(2024, 4, 10), "  ", "延期要写明理由。"),
        (DUE, "汛期", "延期应晚于现在的截止日期2024-03-31。"),
        (date(2024, 1, 10), "汛期", "延期应晚于现在的截止日期2024-03-31。"),
        (date(2024, 4, 1), "汛期", "延期的日期已过，应为今天或以后。"),
    ],
)
def test_an_extension_that_extends_nothing_is_refused(until: date, reason: str, said: str) -> None:
    at = datetime(2024, 4, 1, 16, 0, tzinfo=UTC)  # the second of April has begun in Beijing
    with pytest.raises(Refused) as refused:
        extend_round(round_=a_round(), department=None, until=until, reason=reason, by=planner(), at=at)
    assert str(refused.value) == said
    assert not RoundExtension.objects.exists()


def test_an_extension_goes_beyond_the_one_in_force_for_the_department() -> None:
    round_, department, by = a_round(), factories.department(), planner()
    extend_round(round_=round_, department=None, until=date(2024, 4, 10), reason="汛期", by=by, at=NOW)
    with pytest.raises(Refused, match="2024-04-10"):
        extend_round(round_=round_, department=department, until=date(2024, 4, 10), reason="汛期", by=by, at=NOW)


def test_a_department_of_another_bureau_gets_no_extension() -> None:
    elsewhere = factories.department(region=factories.region("330127", "淳安县"))
    with pytest.raises(Refused, match="不是本规划所在地区的科室。"):
        extend_round(
            round_=a_round(), department=elsewhere, until=date(2024, 5, 1), reason="汛期", by=planner(), at=NOW
        )


# ---- Reminders


def letter(**values: Any) -> Letter:
    given: dict[str, Any] = {"deadline": DUE, "subject": "请报送", "text": "还有2项没有报送。"}
    if "round" not in values:
        given["round"] = a_round()
    if "recipient" not in values:
        given["recipient"] = factories.person(Role.CLERK, email="clerk@example.gov.cn", display_name="张三")
    return Letter(**given | values)


class Refusing(BaseEmailBackend):
    """A mail server that turns one person's letters away."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        if email_messages[0].to == ["gone@example.gov.cn"]:
            raise SMTPRecipientsRefused({"gone@example.gov.cn": (550, b"no such user")})
        return len(email_messages)


class Closed(BaseEmailBackend):
    def open(self) -> bool:
        raise SMTPAuthenticationError(535, b"bad credentials")


class Rude(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        raise SMTPServerDisconnected("gone")


def send(letters: list[Letter], by: User | None, commits: Commits, at: datetime = NOW) -> list[Reminder]:
    with commits(execute=True):
        return send_reminders(letters=letters, by=by, at=at)


def test_a_reminder_goes_out_and_is_logged(
    mailoutbox: list[EmailMessage], django_capture_on_commit_callbacks: Commits
) -> None:
    one, by = letter(), planner()
    (reminder,) = send([one], by, django_capture_on_commit_callbacks)
    assert [(mail.to, mail.subject, mail.body) for mail in mailoutbox] == [
        (["clerk@example.gov.cn"], "请报送", "还有2项没有报送。")
    ]
    stored = Reminder.objects.get()
    assert (stored.round, stored.recipient, stored.address) == (one.round, one.recipient, "clerk@example.gov.cn")
    assert (stored.deadline, stored.text, stored.sent_by, stored.tried_at) == (DUE, one.text, by, NOW)
    assert (stored.error, stored.sent_at) == ("", reminder.sent_at)
    assert stored.sent_at is not None
    assert logged() == [("催报", "老河口“十四五” 2023年填报期 向张三发送催报邮件")]


def test_a_reminder_goes_out_once_per_person_round_and_deadline(
    mailoutbox: list[EmailMessage], django_capture_on_commit_callbacks: Commits
) -> None:
    one = letter()
    assert len(send([one], planner(), django_capture_on_commit_callbacks)) == 1
    assert send([one], planner(), django_capture_on_commit_callbacks) == []
    later = letter(round=one.round, recipient=one.recipient, deadline=date(2024, 4, 10))
    assert len(send([later], None, django_capture_on_commit_callbacks)) == 1
    assert len(mailoutbox) == Reminder.objects.count() == 2


def test_a_reminder_of_the_timer_names_nobody_who_sent_it(django_capture_on_commit_callbacks: Commits) -> None:
    send([letter()], None, django_capture_on_commit_callbacks)
    assert Reminder.objects.get().sent_by is None
    assert list(AuditEvent.objects.values_list("username", "person")) == [("", "定时任务")]


def test_a_press_that_is_taken_back_sends_nothing(
    mailoutbox: list[EmailMessage], django_capture_on_commit_callbacks: Commits
) -> None:
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        send_reminders(letters=[letter()], by=planner(), at=NOW)
        assert mailoutbox == []
        transaction.set_rollback(True)
    assert (mailoutbox, Reminder.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    ("backend", "said"),
    [
        (Refusing, "收件地址被邮件服务器拒收"),
        (Closed, "邮件服务器拒绝登录，请检查邮件设置"),
        (Rude, "邮件服务器拒绝发送"),
        (None, "连不上邮件服务器"),
    ],
)
def test_what_fails_is_recorded_and_tried_again(
    settings: Settings,
    mailoutbox: list[EmailMessage],
    django_capture_on_commit_callbacks: Commits,
    backend: type[BaseEmailBackend] | None,
    said: str,
) -> None:
    working = settings.EMAIL_BACKEND
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # where nobody listens
    settings.EMAIL_BACKEND = (
        f"{__name__}.{backend.__name__}" if backend else "django.core.mail.backends.smtp.EmailBackend"
    )
    recipient = factories.person(Role.CLERK, email="gone@example.gov.cn")
    first = letter(recipient=recipient)
    (reminder,) = send([first], planner(), django_capture_on_commit_callbacks)
    assert (reminder.sent_at, reminder.error) == (None, said)
    reminder.refresh_from_db()
    assert (reminder.sent_at, reminder.error) == (None, said)

    settings.EMAIL_BACKEND = working
    (again,) = send([first], planner(), django_capture_on_commit_callbacks, at=NOW + timedelta(seconds=1))
    assert again == reminder
    assert (again.sent_at is not None, again.error, len(mailoutbox)) == (True, "", 1)


def test_a_letter_that_fails_holds_no_other_back(
    settings: Settings, django_capture_on_commit_callbacks: Commits
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.{Refusing.__name__}"
    round_ = a_round()
    people = [factories.person(Role.CLERK, email=f"{name}@example.gov.cn") for name in ("one", "gone", "other")]
    reminders = send(
        [letter(round=round_, recipient=person) for person in people], planner(), django_capture_on_commit_callbacks
    )
    assert [bool(reminder.sent_at) for reminder in reminders] == [True, False, True]


@pytest.mark.parametrize(("minutes", "taken_up"), [(9, False), (11, True)])
def test_a_claim_that_was_cut_off_is_taken_up_again_after_a_while(
    django_capture_on_commit_callbacks: Commits, minutes: int, taken_up: bool
) -> None:
    one = letter()
    send_reminders(letters=[one], by=planner(), at=NOW)  # the process ends before the commit is followed up
    again = send([one], planner(), django_capture_on_commit_callbacks, at=NOW + timedelta(minutes=minutes))
    assert bool(again) == taken_up


def test_who_may_not_remind_in_the_region_sends_nothing(django_capture_on_commit_callbacks: Commits) -> None:
    one = letter()
    for by in (factories.person(Role.CLERK), factories.person(Role.PLANNER, factories.region("330127", "淳安县"))):
        with pytest.raises(PermissionDenied):
            send([one], by, django_capture_on_commit_callbacks)
    assert len(send([one], factories.person(Role.REVIEWER), django_capture_on_commit_callbacks)) == 1


@pytest.mark.usefixtures("shared_database")
def test_two_who_press_at_once_send_one_mail(mailoutbox: list[EmailMessage]) -> None:
    round_, people = a_round(), [planner(), planner()]
    for number in range(1, 11):
        recipient = factories.person(Role.CLERK, email="clerk@example.gov.cn")
        one = letter(round=round_, recipient=recipient)

        def press(by: User, one: Letter = one) -> Callable[[], object]:
            return lambda: send_reminders(letters=[one], by=by, at=NOW)

        answers = at_once(*map(press, people))
        assert sorted(len(answer) for answer in answers) == [0, 1]  # type: ignore[arg-type]
        assert len(mailoutbox) == Reminder.objects.filter(sent_at__isnull=False).count() == number
