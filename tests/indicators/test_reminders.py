"""Who has not reported: what is counted, who answers for it, what they are told, and what it costs to know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks, Settings

from accounts.models import AuditEvent, Department, User
from accounts.permissions import Role
from indicators.forms import ReminderFilterForm
from indicators.models import Availability, Indicator, State
from indicators.reminders import Duty, board_of, duties_of, letters_about, notice_about
from indicators.verdicts import Light
from plans.models import Plan, Reminder, Round, RoundExtension
from tests import factories

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
TODAY = date(2024, 3, 20)
DUE = date(2024, 3, 31)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """The morning of TODAY in Beijing."""
    monkeypatch.setattr(timezone, "now", lambda: datetime(2024, 3, 20, 2, 0, tzinfo=UTC))


def a_round(plan: Plan | None = None, *, year: int = 2023, **values: Any) -> Round:
    given = {"opens_on": date(2024, 1, 1), "due_on": DUE} | values
    plan = plan or factories.plan(code="laohekou-14", short_title="老河口“十四五”")
    return factories.open_round(plan, year, **given)


def found(*, on: date = TODAY) -> list[Duty]:
    return duties_of(Round.objects.all(), on=on)


def counts(duty: Duty) -> dict[str, int]:
    return dict(duty.columns)


def clerk_of(*departments: Department, **values: Any) -> User:
    clerk = factories.person(Role.CLERK, **values)
    clerk.memberships.get().departments.set(departments)
    return clerk


# ---- What is counted


def test_rows_are_counted_by_how_far_they_have_come() -> None:
    plan = a_round().plan
    rows = [factories.indicator(plan=plan, number=str(n), name=f"指标{n}") for n in range(1, 9)]
    factories.actual(indicator=rows[0])
    factories.actual(indicator=rows[1], state=State.RETURNED)
    factories.actual(indicator=rows[2], state=State.SUBMITTED)
    factories.actual(indicator=rows[3], state=State.APPROVED)
    factories.actual(indicator=rows[4], value=None, availability=Availability.UNREPORTED)
    stated = {"value": None, "availability": Availability.MISSING, "note": "普查年才有"}
    factories.actual(indicator=rows[5], state=State.SUBMITTED, **stated)
    factories.actual(indicator=rows[6], **stated)
    factories.actual(indicator=rows[7], year=2022, state=State.APPROVED)
    factories.indicator(plan=plan, is_group=True)
    (duty,) = found()
    assert counts(duty) == {"未报": 2, "草稿": 2, "退回": 1, "待审核": 2, "已审核": 1}
    assert (duty.total, duty.n_pending, duty.n_passed_on) == (8, 5, 3)
    assert [(row.number, row.name, row.word) for row in duty.pending] == [
        ("1", "指标1", "草稿"),
        ("2", "指标2", "退回"),
        ("5", "指标5", "未报"),
        ("7", "指标7", "草稿"),
        ("8", "指标8", "未报"),
    ]


def test_each_department_owes_its_rows_and_who_enters_them_is_named() -> None:
    plan = a_round().plan
    elderly, aid = factories.department(name="养老服务科"), factories.department(name="社会救助科")
    for department in (aid, elderly, elderly, None):
        factories.indicator(plan=plan, department=department)
    everywhere = clerk_of(display_name="全科")
    one = clerk_of(elderly, display_name="张三")
    both = clerk_of(elderly, aid, display_name="李四")
    clerk_of(elderly, is_active=False)
    factories.person(Role.REVIEWER)
    factories.person(Role.CLERK, factories.region("330127", "淳安县"))
    assert [(duty.department_name, duty.total, duty.clerks) for duty in found()] == [
        ("养老服务科", 2, [everywhere, one, both]),
        ("社会救助科", 1, [everywhere, both]),
        ("未定科室", 1, [everywhere]),
    ]
    assert found()[0].clerk_names == "全科、张三、李四"


def test_the_clerks_named_are_those_who_can_enter_the_rows() -> None:
    plan, department = a_round().plan, factories.department()
    rows = {at: factories.indicator(plan=plan, department=at) for at in (department, factories.department(), None)}
    people = [clerk_of(), clerk_of(department)]
    for duty in found():
        enterable = [who for who in people if rows[duty.department] in Indicator.objects.enterable_by(who)]
        assert duty.clerks == enterable


def test_a_round_that_has_not_opened_asks_for_nothing() -> None:
    round_ = a_round(opens_on=date(2024, 3, 21))
    factories.indicator(plan=round_.plan)
    assert found() == []
    assert len(found(on=date(2024, 3, 21))) == 1


@pytest.mark.parametrize(
    ("on", "word", "light"),
    [
        (date(2024, 3, 23), "还有8天", Light.GREY),
        (date(2024, 3, 24), "还有7天", Light.YELLOW),
        (DUE, "今日截止", Light.YELLOW),
        (date(2024, 4, 1), "逾期1天", Light.RED),
    ],
)
def test_how_near_the_deadline_is_shows_as_a_light(on: date, word: str, light: Light) -> None:
    factories.indicator(plan=a_round().plan)
    (duty,) = found(on=on)
    assert (duty.word, duty.light, duty.is_overdue) == (word, light, light == Light.RED)


def test_who_has_passed_everything_on_is_never_overdue() -> None:
    indicator = factories.indicator(plan=a_round().plan)
    factories.actual(indicator=indicator, state=State.SUBMITTED)
    (duty,) = found(on=date(2025, 1, 1))
    assert (duty.word, duty.light, duty.is_overdue) == ("已报齐", Light.GREEN, False)


def test_an_extension_moves_the_deadline_of_its_department_only() -> None:
    round_ = a_round()
    extended, other = factories.department(), factories.department()
    for department in (extended, other):
        factories.indicator(plan=round_.plan, department=department)
    RoundExtension.objects.create(
        round=round_, department=extended, until=date(2024, 4, 10), reason="汛期", allowed_by=factories.person()
    )
    assert [(duty.department, duty.deadline) for duty in found(on=date(2024, 4, 1))] == [
        (extended, date(2024, 4, 10)),
        (other, DUE),
    ]
    assert [duty.is_overdue for duty in found(on=date(2024, 4, 1))] == [False, True]


@pytest.mark.parametrize("number", [1, 3])
def test_the_duties_take_eight_queries(django_assert_num_queries: DjangoAssertNumQueries, number: int) -> None:
    for place in range(number):
        region = factories.region(f"42068{place}", f"第{place}市")
        plan = factories.plan(region=region)
        department = factories.department(region=region)
        clerk = factories.person(Role.CLERK, region)
        clerk.memberships.get().departments.add(department)
        factories.actual(indicator=factories.indicator(plan=plan, department=department))
        factories.reminder(round=a_round(plan), recipient=clerk)
    with django_assert_num_queries(8):
        assert len(found()) == number


# ---- What is shown


def several() -> dict[str, Duty]:
    """A department that is late, one that has time, and one that is done."""
    plan = factories.plan(code="here", short_title="甲规划")
    names = ("逾期科", "在办科", "报齐科")
    departments = [factories.department(name=name) for name in names]
    rows = [factories.indicator(plan=plan, department=department) for department in departments]
    a_round(plan, year=2022, due_on=date(2024, 3, 1))
    a_round(plan, year=2023)
    factories.actual(indicator=rows[0], year=2023, state=State.SUBMITTED)
    factories.actual(indicator=rows[1], year=2022, state=State.SUBMITTED)
    for year in (2022, 2023):
        factories.actual(indicator=rows[2], year=year, state=State.APPROVED)
    return {f"{duty.department_name}{duty.round.year}": duty for duty in found()}


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ({}, "逾期科2022 在办科2023"),
        ({"state": "open"}, "在办科2023"),
        ({"state": "overdue"}, "逾期科2022"),
        ({"state": "done"}, "在办科2022 报齐科2022 逾期科2023 报齐科2023"),
        ({"state": "all", "year": "2022"}, "逾期科2022 在办科2022 报齐科2022"),
        ({"state": "all", "department": "报齐科"}, "报齐科2022 报齐科2023"),
        ({"plan": "here", "year": "2023"}, "在办科2023"),
        ({"plan": "elsewhere", "state": "=cmd", "year": "２０２３"}, "逾期科2022 在办科2023"),
    ],
)
def test_the_filters_keep_what_fits_and_ignore_what_is_not_offered(query: dict[str, str], kept: str) -> None:
    duties = several()
    form = ReminderFilterForm(query, rounds=Round.objects.all(), on=TODAY)
    passed = {(duty.round, duty.department) for duty in form.kept()}
    assert [name for name, duty in duties.items() if (duty.round, duty.department) in passed] == kept.split()


def test_a_filter_offers_what_occurs_in_the_rounds_that_have_opened() -> None:
    several()
    a_round(factories.plan(code="later"), opens_on=date(2024, 3, 21), year=2024)
    form = ReminderFilterForm({}, rounds=Round.objects.all(), on=TODAY)
    offered = {name: [value for value, _ in form[name].field.widget.choices] for name in ("plan", "year", "department")}
    assert offered == {
        "plan": ["", "here"],
        "year": ["", "2023", "2022"],
        "department": ["", "逾期科", "在办科", "报齐科"],
    }


def test_a_long_list_is_shown_page_by_page_and_its_notice_names_all(sign_in: SignIn) -> None:
    plan = a_round().plan
    for number in range(101):
        factories.indicator(plan=plan, department=factories.department(name=f"第{number}科"))
    client = sign_in(factories.person(Role.PLANNER))
    first, last = client.get("/reminders/?year=2023"), client.get("/reminders/?year=2023&page=2")
    assert [len(page.context["shown"]) for page in (first, last)] == [100, 1]
    assert 'href="?year=2023&amp;page=2"' in first.content.decode()
    assert 'href="/reminders/list.xlsx?year=2023"' in last.content.decode()
    for page in (first, last, client.get("/reminders/?page==cmd")):
        assert len(page.context["board"].duties) == 101
        assert "第100科：应报1项" in page.context["board"].notice


def test_the_board_sums_up_what_it_shows() -> None:
    duties = several()
    board = board_of(list(duties.values()), user=factories.person(Role.PLANNER), on=TODAY)
    assert (board.n_pending, board.n_overdue, board.n_due, board.n_passed_on) == (2, 1, 6, 4)


def test_the_page_shows_counts_names_and_the_rows_and_no_figure(sign_in: SignIn) -> None:
    department = factories.department(name="养老服务科")
    indicator = factories.indicator(plan=a_round(is_demo=True).plan, department=department, number="4")
    factories.actual(indicator=indicator, value="41.77")
    clerk_of(department, display_name="张三")
    page = sign_in(factories.person(Role.REVIEWER)).get("/reminders/").content.decode()
    for shown in ("养老服务科", "张三", "还有11天", "2024-03-31", "养老机构护理型床位占比", "草稿", "演示数据"):
        assert shown in page
    assert "41.77" not in page


def test_what_is_filtered_by_stays_in_the_addresses_of_the_page(sign_in: SignIn) -> None:
    several()
    page = sign_in(factories.person(Role.PLANNER)).get("/reminders/?year=2023&state=all").content.decode()
    assert "/reminders/list.xlsx?year=2023&amp;state=all" in page
    assert '<input type="hidden" name="year" value="2023">' in page
    assert '<input type="hidden" name="state" value="all">' in page


def test_nobody_who_owes_anything_is_said_in_one_sentence(sign_in: SignIn) -> None:
    client = sign_in(factories.person(Role.PLANNER))
    assert "没有未报齐的科室。" in client.get("/reminders/").content.decode()
    several()
    answer = client.get("/reminders/?state=done&department=%E5%9C%A8%E5%8A%9E%E7%A7%91&year=2023")
    assert "没有符合条件的科室。" in answer.content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_takes_as_many_queries_for_three_departments_as_for_one(
    sign_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    plan = a_round().plan
    for _ in range(number):
        department = factories.department()
        factories.indicator(plan=plan, department=department)
        clerk_of(department)
    client = sign_in(factories.person(Role.PLANNER))
    with django_assert_num_queries(14):
        assert client.get("/reminders/").status_code == 200


# ---- What they are told


def test_the_notice_names_every_department_that_owes_rows() -> None:
    round_ = a_round()
    elderly, aid = factories.department(name="养老服务科"), factories.department(name="社会救助科")
    done = factories.department(name="办公室")
    for department in (elderly, elderly, aid):
        factories.indicator(plan=round_.plan, department=department)
    clerk = clerk_of(elderly, display_name="张三")
    first = round_.plan.indicators.filter(department=elderly)[0]
    factories.actual(indicator=first, state=State.RETURNED, entered_by=clerk)
    complete = factories.indicator(plan=round_.plan, department=done)
    factories.actual(indicator=complete, state=State.SUBMITTED, entered_by=clerk)
    RoundExtension.objects.create(
        round=round_, department=aid, until=date(2024, 4, 10), reason="汛期", allowed_by=factories.person()
    )
    assert notice_about(found(), issuer="老河口市民政局", on=TODAY).splitlines() == [
        "关于催报规划指标数据的通知",
        "",
        "各有关单位、科室：",
        "截至2024年3月20日，下列规划指标数据尚未报齐，请抓紧填报并提交审核。",
        "",
        "1. 老河口市民政局　老河口“十四五”2023年",
        "（1）养老服务科：应报2项，未报1项、退回1项（2024年3月31日截止，还有11天）。填报员：张三。",
        "（2）社会救助科：应报1项，未报1项（2024年4月10日截止，还有21天）。填报员：无填报员。",
        "",
        "截止时间均为当日24时（北京时间）。已逾期的，请先向规划管理员申请延期，再行补报。",
        "填报地址：http://127.0.0.1:8000",
        "",
        "老河口市民政局",
        "2024年3月20日",
    ]


def test_there_is_no_notice_when_nothing_is_owed() -> None:
    assert notice_about([several()["报齐科2022"]], issuer="老河口市民政局", on=TODAY) == ""


def test_the_notice_is_issued_by_the_bureau_that_reminds() -> None:
    factories.indicator(plan=a_round().plan)
    above = factories.person(Role.ANALYST)
    above.memberships.create(region=factories.region("420000", "湖北省"), role=Role.REVIEWER)
    assert board_of(found(), user=above, on=TODAY).notice.splitlines()[-2] == "湖北省民政局"


def test_a_letter_says_what_is_owed_until_when_and_where_to_report_it(settings: Settings) -> None:
    settings.ADDRESS = "https://plan.example.gov.cn"
    round_ = a_round()
    department = factories.department(name="养老服务科")
    rows = [factories.indicator(plan=round_.plan, department=department, number=str(n)) for n in (3, 4)]
    factories.actual(indicator=rows[1])
    clerk = clerk_of(department, display_name="张三", email="zhang@example.gov.cn")
    clerk_of(department)
    (letter,) = letters_about(found())
    assert (letter.recipient, letter.round, letter.deadline) == (clerk, round_, DUE)
    assert letter.subject == "请于2024年3月31日前报送：老河口“十四五”2023年指标数据"
    assert letter.text.splitlines() == [
        "张三，您好：",
        "",
        "老河口“十四五”2023年指标数据填报于2024年3月31日24时（北京时间）截止，还有11天。您负责的还有2项没有报送。",
        "",
        "养老服务科：应报2项，未报1项、草稿1项。",
        "  3 养老机构护理型床位占比（未报）",
        "  4 养老机构护理型床位占比（草稿）",
        "",
        "请登录平台填报并提交审核：",
        "https://plan.example.gov.cn/plans/laohekou-14/entry/2023/",
        "",
        "民政规划监测平台（本邮件由平台发出，请勿回复）",
    ]


def test_a_late_letter_says_that_an_extension_comes_first() -> None:
    factories.indicator(plan=a_round().plan)
    clerk_of(email="zhang@example.gov.cn")
    (letter,) = letters_about(found(on=date(2024, 4, 3)))
    assert letter.subject == "已逾期：老河口“十四五”2023年指标数据"
    assert "填报已于2024年3月31日24时（北京时间）截止，现已逾期3天。" in letter.text
    assert "补报前请先联系规划管理员批准延期，再登录填报：" in letter.text


def test_one_letter_per_person_round_and_deadline() -> None:
    round_ = a_round()
    a_round(round_.plan, year=2022)
    first, second, extended = (factories.department(name=name) for name in ("甲科", "乙科", "丙科"))
    for department in (first, second, extended):
        factories.indicator(plan=round_.plan, department=department)
    later = date(2024, 4, 10)
    RoundExtension.objects.create(
        round=round_, department=extended, until=later, reason="汛期", allowed_by=factories.person()
    )
    clerk_of(email="zhang@example.gov.cn")
    letters = letters_about(found())
    assert sorted((letter.round.year, letter.deadline) for letter in letters) == [
        (2022, DUE),
        (2023, DUE),
        (2023, later),
    ]
    (about_one,) = [letter.text for letter in letters if letter.deadline == later]
    assert ("丙科" in about_one, "甲科" in about_one) == (True, False)


def test_a_line_break_in_a_plans_name_does_not_reach_the_head_of_a_letter() -> None:
    factories.indicator(plan=a_round(factories.plan(short_title="甲\nBcc: x@example.com")).plan)
    clerk_of(email="zhang@example.gov.cn")
    assert "\n" not in letters_about(found())[0].subject


# ---- Sending


def owing(**values: Any) -> tuple[Round, User]:
    """A round in which one clerk with an address owes a row."""
    round_ = a_round(**values)
    factories.indicator(plan=round_.plan)
    return round_, clerk_of(email="zhang@example.gov.cn", display_name="张三")


# mail goes out after a commit, and a test that is one transaction never commits
COMMITS = pytest.mark.django_db(transaction=True)


def press(client: Client, values: dict[str, str] | None = None) -> list[str]:
    answer = client.post("/reminders/send/", values or {}, follow=True)
    return [str(message) for message in answer.context["messages"]]


@COMMITS
def test_a_press_writes_to_the_clerks_once_and_the_page_then_says_when(
    sign_in: SignIn,
    mailoutbox: list[EmailMessage],
) -> None:
    round_, clerk = owing()
    planner = factories.person(Role.PLANNER)
    client = sign_in(planner)
    assert press(client) == ["已发出1封催报邮件。"]
    again = "没有需要发送的邮件：有邮箱的填报员都已就现在的截止日期催报过，或没有未报的数据。"
    assert press(client) == [again]
    assert [mail.to for mail in mailoutbox] == [["zhang@example.gov.cn"]]
    stored = Reminder.objects.get()
    assert (stored.recipient, stored.round, stored.deadline, stored.sent_by) == (clerk, round_, DUE, planner)
    assert AuditEvent.objects.get().summary == "老河口“十四五” 2023年填报期 向张三发送催报邮件"
    page = client.get("/reminders/").content.decode()
    assert "3月20日已发邮件催报" in page
    home = sign_in(clerk).get("/").content.decode()
    assert "已催报 3月20日" in home


@COMMITS
def test_a_new_deadline_may_be_reminded_of_again(sign_in: SignIn, mailoutbox: list[EmailMessage]) -> None:
    round_, _ = owing()
    client = sign_in(factories.person(Role.PLANNER))
    press(client)
    Round.objects.filter(pk=round_.pk).update(due_on=date(2024, 4, 10))
    assert press(client) == ["已发出1封催报邮件。"]
    assert len(mailoutbox) == 2


@COMMITS
def test_a_failure_is_said_by_name_and_may_be_tried_again(sign_in: SignIn, settings: Settings) -> None:
    owing()
    client = sign_in(factories.person(Role.PLANNER))
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # where nobody listens
    assert press(client) == ["1封没有发出，可再次发送：张三（连不上邮件服务器）。"]
    assert "张三的邮件没有发出：连不上邮件服务器" in client.get("/reminders/").content.decode()
    settings.EMAIL_BACKEND = working
    assert press(client) == ["已发出1封催报邮件。"]


@COMMITS
def test_only_the_clerks_of_what_is_shown_are_written_to(sign_in: SignIn, mailoutbox: list[EmailMessage]) -> None:
    round_, _ = owing()
    a_round(round_.plan, year=2022)
    client = sign_in(factories.person(Role.PLANNER))
    press(client, {"year": "2022"})
    assert [reminder.round.year for reminder in Reminder.objects.all()] == [2022]


@COMMITS
def test_a_bureau_above_may_remind_those_below_and_one_elsewhere_may_not(
    sign_in: SignIn, mailoutbox: list[EmailMessage]
) -> None:
    owing()
    strange = factories.person(Role.PLANNER, factories.region("330127", "淳安县"))
    press(sign_in(strange))
    assert mailoutbox == []
    above = factories.person(Role.PLANNER, factories.region("420000", "湖北省"))
    press(sign_in(above))
    assert len(mailoutbox) == 1


# ---- The command


def remind(commits: DjangoCaptureOnCommitCallbacks, *arguments: str) -> None:
    with commits(execute=True):
        call_command("remind", *arguments, verbosity=0)


@pytest.mark.parametrize(
    ("due_on", "days", "sent"),
    [
        (TODAY + timedelta(days=7), (), 1),
        (TODAY + timedelta(days=8), (), 0),
        (TODAY, ("--days", "0"), 1),
        (TODAY + timedelta(days=1), ("--days", "0"), 0),
        (TODAY - timedelta(days=1), ("--days", "30"), 0),
    ],
)
def test_the_command_writes_about_what_is_due_within_the_days(
    mailoutbox: list[EmailMessage],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    due_on: date,
    days: tuple[str, ...],
    sent: int,
) -> None:
    owing(due_on=due_on)
    remind(django_capture_on_commit_callbacks, *days)
    remind(django_capture_on_commit_callbacks, *days)
    assert len(mailoutbox) == sent
    assert [reminder.sent_by for reminder in Reminder.objects.all()] == [None] * sent


def test_the_command_refuses_days_before_today() -> None:
    with pytest.raises(CommandError, match="--days 应为0或正整数。"):
        call_command("remind", "--days", "-1")


# ---- The number beside 首页


@pytest.mark.parametrize(
    ("role", "shown"), [(Role.CLERK, "2"), (Role.REVIEWER, "1"), (Role.PLANNER, None), (Role.LEADER, None)]
)
def test_every_page_says_how_much_waits_for_this_person(sign_in: SignIn, role: Role, shown: str | None) -> None:
    plan = a_round().plan
    factories.actual(indicator=factories.indicator(plan=plan), state=State.SUBMITTED)
    factories.actual(indicator=factories.indicator(plan=plan), state=State.RETURNED)
    factories.indicator(plan=plan)
    client = sign_in(factories.person(role))
    for address in ("/", "/plans/"):
        page = client.get(address).content.decode()
        assert (f'>{shown}<span class="visually-hidden">项待办' in page) == (shown is not None)
        assert ("项待办" in page) == (shown is not None)


@pytest.mark.parametrize("number", [1, 3])
def test_the_number_costs_ten_queries_on_a_page_that_does_not_show_the_list(
    sign_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    plan = factories.plan()
    for year in range(2021, 2021 + number):
        a_round(plan, year=year)
        factories.indicator(plan=plan)
    both = factories.person(Role.CLERK)
    both.memberships.create(region=plan.region, role=Role.REVIEWER)
    client = sign_in(both)
    without = 8  # what the same page costs a leader
    with django_assert_num_queries(without + 6 + 4):  # figures and months
        client.get("/plans/")
    leader = sign_in(factories.person(Role.LEADER))
    with django_assert_num_queries(without):
        leader.get("/plans/")
