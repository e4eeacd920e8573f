"""`load_demo` and `remove_demo`: marked, repeatable, removable to the last row, and refused in production."""

from __future__ import annotations

import io
import os
from collections import Counter
from contextlib import AbstractContextManager
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db.models import F
from django.test import Client, TestCase, override_settings
from django.utils import timezone
from rest_framework.authtoken.models import Token

from accounts.models import Department, Membership, Region, User
from accounts.permissions import Role
from indicators.checks import candidate, problems_of
from indicators.definitions import Promise, revise_target
from indicators.file_types import type_of
from indicators.models import (
    Actual,
    ActualEvent,
    Assessment,
    Availability,
    Evidence,
    Exclusion,
    Indicator,
    Override,
    State,
)
from indicators.moves import Move
from indicators.rulings import exclude_indicator, override_verdict
from indicators.verdicts import EXCLUDED, Kind, Verdict
from indicators.workflow import Entry, move_actual, save_actual
from plans.models import Plan, Reminder, Round, Source
from plans.workflow import Letter, send_reminders
from projects.kinds import KINDS
from projects.models import Project, ProjectReport, ReportFile, WorkItem, WorkReport, WorkState
from projects.workflow import move_reports
from reports.demo.figures import PARTS
from reports.demo.people import remove_demo
from reports.drafts.workflow import begin_draft, publish_draft
from reports.models import EntryImport, PlanDraft
from tests import factories

PASSWORD = "for-the-demo-only"


def said(*args: str) -> str:
    out = StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()


def row_counts() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def assessments() -> list[tuple[Any, ...]]:
    return list(
        Assessment.objects.order_by("indicator", "year").values_list(*(f.name for f in Assessment._meta.fields))
    )


def row(number: str, plan: str = "laohekou-14") -> Indicator:
    return Indicator.objects.get_by_natural_key(plan, number)


def who(username: str) -> User:
    return User.objects.get(username=username)


def password(value: str) -> AbstractContextManager[object]:
    """The environment says this password; an empty one says nothing."""
    return patch.dict(os.environ, {"CIVPLAN_DEMO_PASSWORD": value})


class WithTheDocuments(TestCase):
    """The five documents are loaded once for all of these tests, since that takes a second."""

    @classmethod
    def setUpTestData(cls) -> None:
        call_command("load_plans", verbosity=0)

    def setUp(self) -> None:
        self.enterContext(password(PASSWORD))

    def test_the_same_plan_always_gets_the_same_figures(self) -> None:
        call_command("load_demo", verbosity=0)
        first = list(Actual.objects.order_by("indicator", "year").values_list("indicator", "year", "value", "note"))
        call_command("remove_demo", verbosity=0)
        call_command("load_demo", verbosity=0)
        assert (
            list(Actual.objects.order_by("indicator", "year").values_list("indicator", "year", "value", "note"))
            == first
        )

    def test_without_the_variable_a_random_password_is_printed_that_works(self) -> None:
        self.enterContext(password(""))
        line = next(line for line in said("load_demo", "--no-actuals").splitlines() if "随机密码" in line)
        assert authenticate(username="demo-clerk", password=line.split("：")[1]) is not None

    def test_a_real_round_stays_and_an_old_demo_round_is_extended(self) -> None:
        plan = Plan.objects.get(code="laohekou-14")
        real = factories.open_round(plan, 2024, opens_on=date(2025, 1, 1), due_on=date(2025, 3, 1))
        old = factories.open_round(plan, 2023, opens_on=date(2024, 1, 1), due_on=date(2024, 3, 1), is_demo=True)
        call_command("load_demo", "--no-actuals", verbosity=0)
        real.refresh_from_db()
        old.refresh_from_db()
        assert (real.due_on, real.is_demo) == (date(2025, 3, 1), False)
        assert old.due_on == timezone.localdate() + timedelta(days=180)

    def test_rows_get_the_department_of_their_theme_unless_they_have_one(self) -> None:
        own = factories.department(region=Region.objects.get(code="420682"), name="养老科")
        Indicator.objects.filter(pk=row("4").pk).update(department=own)
        call_command("load_demo", "--no-actuals", verbosity=0)
        theirs = Department.objects.get(region__code="420682", name="养老服务科")
        assert (row("4").department, row("3").department) == (own, theirs)
        assert row("3").department != row("4", "chunan-14").department
        for model in (Indicator, WorkItem, Project):
            wrong = model._default_manager.exclude(department__region=F("plan__region"))
            assert not wrong.exists(), model

    def test_no_actuals_leaves_the_figures_out(self) -> None:
        before = Actual.objects.count()
        call_command("load_demo", "--no-actuals", verbosity=0)
        assert (Actual.objects.count(), ProjectReport.objects.count()) == (before, 0)
        assert Round.objects.exists()

    def test_a_plan_that_a_bureau_brought_in_itself_gets_no_figures(self) -> None:
        theirs = factories.indicator(plan=factories.plan(region=Region.objects.get(code="420682")))
        call_command("load_demo", verbosity=0)
        assert not theirs.actuals.exists()

    def test_production_refuses_the_demo(self) -> None:
        with override_settings(PRODUCTION=True), pytest.raises(CommandError, match="正式环境"):
            call_command("load_demo")
        assert not User.objects.exists()

    def test_a_real_person_with_a_demo_name_is_not_taken_over(self) -> None:
        factories.person(Role.CLERK, username="demo-clerk")
        with pytest.raises(CommandError, match="不是演示账号"):
            call_command("load_demo")
        assert not User.objects.filter(is_demo=True).exists()

    def test_removing_brings_the_database_back_to_what_it_was(self) -> None:
        counts, found = row_counts(), assessments()
        call_command("load_demo", verbosity=0)
        client = Client()
        client.force_login(who("demo-clerk"))
        Token.objects.create(user=who("demo-analyst"))
        out = said("remove_demo")
        assert row_counts() == counts
        assert [values[1:] for values in assessments()] == [values[1:] for values in found]
        assert not Indicator.objects.exclude(department=None).exists()
        assert "接口令牌1" in out
        assert "登录会话1" in out

    def test_a_real_department_with_the_same_name_is_used_and_stays(self) -> None:
        real = factories.department(region=row("4").plan.region, name="养老服务科")
        call_command("load_demo", "--no-actuals", verbosity=0)
        assert row("4").department == real
        call_command("remove_demo", verbosity=0)
        assert list(Department.objects.all()) == [real]

    def test_removing_where_there_is_no_demo_says_so(self) -> None:
        assert said("remove_demo") == "没有演示数据。\n"


class WithTheDemo(TestCase):
    """The documents and the demo are loaded once for all of these tests."""

    @classmethod
    def setUpTestData(cls) -> None:
        call_command("load_plans", verbosity=0)
        with password(PASSWORD):
            call_command("load_demo", verbosity=0)

    def setUp(self) -> None:
        self.enterContext(password(PASSWORD))

    def test_a_second_run_adds_nothing(self) -> None:
        before = row_counts()
        assert said("load_demo").startswith("演示数据已齐全，没有新增。")
        assert row_counts() == before

    def test_everything_that_was_added_is_marked(self) -> None:
        assert not User.objects.filter(is_demo=False).exists()
        assert not Round.objects.filter(is_demo=False).exists()
        assert not Department.objects.filter(is_demo=False).exists()
        assert not ProjectReport.objects.filter(is_demo=False).exists()
        assert not WorkReport.objects.filter(is_demo=False).exists()
        assert not Actual.objects.filter(is_demo=False, source_ref="").exists()
        assert not Evidence.objects.filter(is_demo=False).exists()
        assert not Assessment.objects.filter(is_demo=True, indicator__plan__code="laohekou-13").exists()

    def test_the_people_hold_the_roles_of_the_design(self) -> None:
        held = {
            (m.user.username, m.region.code, m.role)
            for m in Membership.objects.select_related("user", "region").filter(user__is_demo=True)
        }
        assert held == {
            ("demo-clerk", "420682", "clerk"),
            ("demo-reviewer", "420682", "reviewer"),
            ("demo-leader", "420682", "leader"),
            ("demo-analyst", "420682", "analyst"),
            ("demo-planner", "420682", "planner"),
            ("demo-screen", "420682", "display"),
            ("demo-stranger", "330127", "clerk"),
            ("demo-national", "100000", "leader"),
            ("demo-national", "100000", "analyst"),
        }

    def test_the_password_of_the_environment_lets_everybody_in_but_the_helpers(self) -> None:
        assert authenticate(username="demo-national", password=PASSWORD) == who("demo-national")
        assert authenticate(username="demo-stranger", password=PASSWORD) == who("demo-stranger")
        helpers = [(p.is_active, p.has_usable_password()) for p in map(who, ("demo-entry", "demo-approval"))]
        assert helpers == [(False, False), (False, False)]

    def test_a_run_without_the_variable_keeps_the_password_and_a_new_value_changes_it(self) -> None:
        self.enterContext(password(""))
        assert "密码没有改变" in said("load_demo", "--no-actuals")
        assert authenticate(username="demo-clerk", password=PASSWORD) is not None
        self.enterContext(password("another-for-the-demo"))
        assert "密码已设为" in said("load_demo", "--no-actuals")
        assert authenticate(username="demo-clerk", password="another-for-the-demo") is not None

    def test_every_year_of_every_plan_is_open_until_180_days_from_today(self) -> None:
        today = timezone.localdate()
        assert set(Round.objects.values_list("plan__code", "year")) == {
            (plan.code, year) for plan in Plan.objects.all() for year in plan.years
        }
        assert set(Round.objects.values_list("due_on", flat=True)) == {today + timedelta(days=180)}
        assert not Round.objects.filter(opens_on__gte=today).exists()

    def test_nobody_approved_what_they_entered_and_every_figure_has_its_line_of_history(self) -> None:
        demo = Actual.objects.filter(is_demo=True)
        assert not demo.filter(state=State.APPROVED).filter(approved_by=F("entered_by")).exists()
        assert ActualEvent.objects.count() == demo.count()
        assert not demo.exclude(events__state=F("state")).exists()

    def test_every_figure_would_pass_the_checks_a_clerk_meets(self) -> None:
        unfit = []
        for indicator in Indicator.objects.select_related("plan__policy").prefetch_related("targets", "actuals"):
            figures = list(indicator.actuals.filter(is_demo=True))
            for actual in figures:
                actual.indicator = indicator
                others = [figure for figure in figures if figure.state == State.APPROVED]
                problems = problems_of(candidate(actual, targets=indicator.targets.all(), others=others))
                if any(problem.is_hard for problem in problems) or (problems and not actual.note):
                    unfit.append((actual, [problem.message for problem in problems]))
        assert unfit == []

    def test_each_kind_of_indicator_is_reported_as_its_kind_wants(self) -> None:
        reported = Actual.objects.filter(is_demo=True, availability=Availability.REPORTED)
        assert not reported.filter(indicator__kind=Kind.RELATIVE, comparator=None).exists()
        assert not reported.filter(indicator__kind=Kind.QUALITATIVE, judgement="").exists()
        assert not reported.exclude(indicator__kind=Kind.QUALITATIVE).filter(value=None).exists()
        assert not Actual.objects.filter(indicator__is_group=True).exists()
        assert set(Actual.objects.exclude(note="").values_list("availability", flat=True)) == {
            "reported",
            "missing",
            "not_applicable",
        }

    def test_figures_have_the_printed_decimals(self) -> None:
        finer = [
            actual
            for actual in Actual.objects.filter(is_demo=True, value__isnull=False).select_related("indicator")
            if round(actual.value, actual.indicator.decimals) != actual.value  # type: ignore[arg-type]
        ]
        assert finer == []

    def test_every_word_of_a_running_plan_can_be_seen_somewhere(self) -> None:
        seen = {Verdict(verdict) for verdict in Assessment.objects.values_list("verdict", flat=True)}
        # 未到期 is said of a year by the clock, it is never stored; the demo's planner has taken nothing out
        assert seen == set(Verdict) - {Verdict.NOT_DUE, *EXCLUDED}
        in_2024 = set(
            Assessment.objects.filter(indicator__plan__code="laohekou-14", year=2024).values_list("verdict", flat=True)
        )
        assert {"on_track", "early", "slightly_behind", "behind", "fallen_back", "unjudged"} <= in_2024

    def test_every_part_of_the_script_has_its_row(self) -> None:
        rows = Indicator.objects.values_list("plan__code", "number", "name")
        names = {f"{plan}/{name}" for plan, number, text in rows for name in (number, text)}
        assert set(PARTS) <= names

    def test_the_printed_figures_of_the_older_plan_are_left_alone(self) -> None:
        found = Actual.objects.filter(indicator__plan__code="laohekou-13")
        assert set(found.values_list("year", "is_demo")) == {(2020, False)}
        assert not found.exclude(entered_by=None).exists()

    def test_work_is_left_for_the_clerk_and_the_reviewer_in_2024(self) -> None:
        rows = Indicator.objects.filter(plan__code="laohekou-14", is_group=False)
        assert [i.number for i in rows.exclude(actuals__year=2024)] == ["4"]
        waiting = Actual.objects.filter(indicator__in=rows, year=2024).exclude(state=State.APPROVED)
        assert sorted(waiting.values_list("state", flat=True)) == ["returned", "submitted", "submitted"]
        assert set(waiting.values_list("entered_by__username", flat=True)) == {"demo-clerk"}
        assert waiting.get(state=State.RETURNED).events.get().note

    def test_2025_is_being_collected_in_laohekou_and_not_begun_in_chunan(self) -> None:
        states = Actual.objects.filter(year=2025, indicator__plan__code="laohekou-14").values_list("state", flat=True)
        assert set(states) == {"draft", "submitted"}
        assert not Actual.objects.filter(year=2025, indicator__plan__code="chunan-14").exists()
        assert set(
            Actual.objects.filter(year=2025, indicator__plan__code="shanwei-14").values_list("state", flat=True)
        ) == {"approved"}

    def test_what_was_left_can_be_done_by_the_people_it_was_left_for(self) -> None:
        entry = Entry(value=Decimal("47.20"), text="47.20", note="改造工期延长，护理型床位认定滞后。")
        actual = save_actual(indicator=row("4"), year=2024, entry=entry, by=who("demo-clerk"), version=None)
        actual = move_actual(actual=actual, move=Move.SUBMIT, by=who("demo-clerk"), version=actual.version)
        actual = move_actual(actual=actual, move=Move.APPROVE, by=who("demo-reviewer"), version=actual.version)
        assert (actual.state, actual.is_demo) == (State.APPROVED, True)
        for waiting in Actual.objects.filter(year=2024, state=State.SUBMITTED):
            move_actual(actual=waiting, move=Move.APPROVE, by=who("demo-reviewer"), version=waiting.version)

    def test_every_month_has_its_line_of_history_and_would_pass_the_checks_a_clerk_meets(self) -> None:
        for kind in KINDS:
            reports = kind.with_all_months(kind.report._default_manager.prefetch_related("events"))
            assert [kind.problems(report, report.owner.all_months) for report in reports] == [[]] * len(reports)
            assert [[event.state for event in report.events.all()] for report in reports] == [
                [report.state] for report in reports
            ]

    def test_months_are_left_for_the_clerk_and_the_reviewer(self) -> None:
        left = {
            kind.code: Counter(
                kind.report._default_manager.exclude(state=State.APPROVED).values_list("state", flat=True)
            )
            for kind in KINDS
        }
        assert left == {"project": {"submitted": 2, "returned": 1}, "work": {"submitted": 2, "returned": 1, "draft": 1}}
        for kind in KINDS:
            rows = kind.report._default_manager.filter(state=State.SUBMITTED)
            chosen = [(report, report.version) for report in rows]
            answers = move_reports(kind=kind, chosen=chosen, move=Move.APPROVE, by=who("demo-reviewer"))
            assert [getattr(answer, "state", answer) for answer in answers] == [State.APPROVED] * 2

    def test_work_items_stand_where_their_months_say_and_go_back_with_the_demo(self) -> None:
        begun = WorkItem.objects.exclude(state=WorkState.NOT_STARTED)
        assert set(begun.filter(plan__code="laohekou-14").values_list("number", "state")) == {
            ("专1.1", "done"),
            ("专2.2", "done"),
            ("专5.4", "under_way"),
            ("专5.5", "under_way"),
            ("专7.2", "under_way"),
        }
        call_command("remove_demo", verbosity=0)
        assert not begun.all().exists()
        assert not WorkReport.objects.exists()

    def test_no_project_has_spent_more_than_its_investment(self) -> None:
        assert ProjectReport.objects.exists()
        assert not ProjectReport.objects.filter(investment_done__gt=F("project__total_investment")).exists()
        assert ProjectReport.objects.exclude(problems="").exists()

    def test_the_stored_assessments_are_what_the_engine_says(self) -> None:
        assert said("reassess", "--check") == "各项评价与重新计算的结果一致。\n"

    def test_imports_of_demo_people_go_too(self) -> None:
        factories.entry_import(by=who("demo-clerk"), is_demo=True)
        call_command("remove_demo", verbosity=0)
        assert not EntryImport.objects.exists()
        assert not User.objects.exists()

    def test_what_demo_people_entered_by_hand_goes_too(self) -> None:
        entry = Entry(value=Decimal("50"), text="50")
        save_actual(indicator=row("4"), year=2024, entry=entry, by=who("demo-clerk"), version=None)
        call_command("remove_demo", verbosity=0)
        assert not row("4").actuals.exists()
        assert not User.objects.exists()

    def test_files_of_the_demo_go_with_their_rows_and_those_of_real_people_stay(self) -> None:
        real = factories.evidence(actual=factories.actual())
        (demo,) = Evidence.objects.filter(is_demo=True)
        assert type_of(demo.name, io.BytesIO(demo.file.read())).content_type == demo.content_type
        demo.file.close()
        by_hand = factories.evidence(actual=real.actual, uploaded_by=who("demo-clerk"), is_demo=True)
        photo = factories.report_file(report=factories.project_report())
        demo_photos = [
            factories.report_file(report=photo.report, uploaded_by=who("demo-clerk"), is_demo=True),
            factories.report_file(report=ProjectReport.objects.filter(is_demo=True)[0], is_demo=True),
        ]
        with self.captureOnCommitCallbacks(execute=True):
            call_command("remove_demo", verbosity=0)
        assert list(Evidence.objects.all()) == [real]
        assert [Path(row.file.path).exists() for row in (real, demo, by_hand)] == [True, False, False]
        assert list(ReportFile.objects.all()) == [photo]
        assert [Path(row.file.path).exists() for row in (photo, *demo_photos)] == [True, False, False]

    def test_printed_figures_that_demo_people_reopened_are_as_printed_again(self) -> None:
        def printed() -> list[tuple[Any, ...]]:
            rows = Actual.objects.filter(indicator__plan__code="laohekou-13")
            return list(rows.order_by("indicator__order").values_list("value", "state", "figure_kind", "source_ref"))

        before = printed()
        entered_anew, left_open, approved_again = Actual.objects.filter(indicator__plan__code="laohekou-13")[:3]
        for actual in (entered_anew, left_open, approved_again):
            version = actual.version
            move_actual(actual=actual, move=Move.REOPEN, by=who("demo-reviewer"), version=version, note="核对")
        save_actual(
            indicator=entered_anew.indicator,
            year=2020,
            entry=Entry(value=Decimal(41), text="41"),
            by=who("demo-clerk"),
            version=2,
        )
        move_actual(actual=approved_again, move=Move.SUBMIT, by=who("demo-clerk"), version=2, note="核对无误")
        move_actual(actual=approved_again, move=Move.APPROVE, by=who("demo-reviewer"), version=3)
        call_command("remove_demo", verbosity=0)
        assert printed() == before
        assert not User.objects.exists()
        assert said("reassess", "--check") == "各项评价与重新计算的结果一致。\n"

    def test_a_real_figure_in_a_demo_round_stays_and_its_approver_is_kept_without_access(self) -> None:
        clerk = factories.person(Role.CLERK, row("4").plan.region)
        entry = Entry(value=Decimal("48.50"), text="48.50")
        actual = save_actual(indicator=row("4"), year=2024, entry=entry, by=clerk, version=None)
        actual = move_actual(actual=actual, move=Move.SUBMIT, by=clerk, version=actual.version)
        move_actual(actual=actual, move=Move.APPROVE, by=who("demo-reviewer"), version=actual.version)
        out = said("remove_demo")
        actual.refresh_from_db()
        reviewer = who("demo-reviewer")
        assert (actual.value, actual.state, actual.is_demo) == (Decimal("48.50"), State.APPROVED, False)
        assert (reviewer.is_active, reviewer.has_usable_password(), reviewer.memberships.count()) == (False, False, 0)
        assert "账号demo-reviewer（已停用）" in out
        assert set(User.objects.values_list("username", flat=True)) == {"demo-reviewer", clerk.username}
        assert not Round.objects.exists()

    def test_what_was_mailed_to_demo_people_or_by_them_goes_with_them(self) -> None:
        plan = row("4").plan
        plan.rounds.all().delete()
        round_ = factories.open_round(plan, 2024)
        clerk = factories.person(Role.CLERK, plan.region, email="clerk@example.gov.cn")
        planner = factories.person(Role.PLANNER, plan.region)
        real = factories.reminder(round=round_, recipient=clerk, sent_by=planner)
        for recipient, by in ((clerk, who("demo-planner")), (who("demo-clerk"), planner)):
            letter = Letter(round_, recipient, date(2100, 1, 2), "请报送", "还有2项没有报送。")
            send_reminders(letters=[letter], by=by, at=timezone.now())
        assert Reminder.objects.count() == 3
        call_command("remove_demo", verbosity=0)
        assert list(Reminder.objects.all()) == [real]
        assert not User.objects.filter(is_demo=True).exists()

    def test_what_demo_planners_ruled_and_revised_is_undone(self) -> None:
        indicator, planner = row("4"), who("demo-planner")
        override_verdict(
            indicator=indicator, year=2023, verdict=Verdict.ON_TRACK, reason="省级考核", seen=None, by=planner
        )
        exclude_indicator(
            indicator=row("5"), since_year=2022, cause=Verdict.REDEFINED, reason="制度修订", seen=None, by=planner
        )
        promise = Promise.read("48", unit="%")
        why: dict[str, Any] = {"counts_from": 2022, "reason": "中期调整", "approval_number": "1号", "version": 1}
        why["approved_by_body"] = "市人民政府"
        revise_target(indicator=indicator, year=2025, promise=promise, by=planner, **why)
        call_command("remove_demo", verbosity=0)
        target = indicator.targets.get()
        assert (target.version, target.is_current, target.text) == (1, True, "50.00")
        assert not Override.objects.exists()
        assert not Exclusion.objects.exists()
        assert not User.objects.filter(is_demo=True).exists()
        assert said("reassess", "--check") == "各项评价与重新计算的结果一致。\n"

    def test_a_demo_department_that_limits_a_real_clerk_is_kept_lest_they_enter_everywhere(self) -> None:
        department = row("4").department
        assert department is not None
        clerk = factories.person(Role.CLERK, row("4").plan.region)
        clerk.memberships.get().departments.add(department)
        assert "科室养老服务科（老河口市）：被1条任职引用" in said("remove_demo")
        assert list(clerk.memberships.get().departments.all()) == [department]
        assert list(Department.objects.all()) == [department]


@pytest.mark.django_db
def test_what_demo_people_drafted_and_published_goes_with_them() -> None:
    """A plan for which somebody real has entered figures stays, and is named."""
    planner = factories.person(Role.PLANNER, is_demo=True)
    content = factories.draft_content()
    for code in ("laohekou-15", "laohekou-15-2"):
        content.facts.code = code
        draft = begin_draft(region=factories.region(), content=content, by=planner)
        publish_draft(draft=draft, version=1, by=planner)
    factories.plan_draft(by=planner, is_demo=True)
    factories.actual(indicator=Indicator.objects.get(plan__code="laohekou-15-2"), year=2026)
    removed = remove_demo()
    assert not PlanDraft.objects.exists()
    assert [plan.code for plan in Plan.objects.all()] == ["laohekou-15-2"]
    assert not Source.objects.filter(code="laohekou-15").exists()
    assert [line for line in removed.kept if line.startswith("规划")] == [
        "规划“十五五”（老河口市）：已有真实数据，予以保留"
    ]
