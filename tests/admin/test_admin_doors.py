"""Who gets into the back office, and whose rows they find there."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, Membership, User
from accounts.permissions import Role
from plans.models import Section
from tests import factories

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.CLERK, 200),
        (Role.REVIEWER, 200),
        (Role.LEADER, 403),
        (Role.ANALYST, 403),
        (Role.PLANNER, 200),
        (Role.SYSTEM, 200),
        (None, 403),
    ],
)
def test_the_index_opens_by_role(sign_in: SignIn, role: Role | None, status: int) -> None:
    client = sign_in(factories.person(role))
    assert client.get("/admin/").status_code == status
    assert client.get("/admin/login/").status_code == (302 if status == 200 else 403)


def test_nobody_is_sent_to_the_portals_sign_in_and_back(client: Client) -> None:
    answer = client.get("/admin/plans/round/", follow=True)
    assert unquote(answer.redirect_chain[-1][0]) == "/login/?next=/admin/plans/round/"


def test_the_staff_flag_opens_nothing(sign_in: SignIn) -> None:
    assert sign_in(factories.person(is_staff=True)).get("/admin/").status_code == 403


MODELS = {
    "accounts": {"region", "department", "user", "membership", "auditevent", "apitoken"},
    "authtoken": {"tokenproxy"},
    "plans": {"plan", "assessmentpolicy", "section", "source", "round", "theme"},
    "indicators": {"metric", "indicator", "actual"},
    "projects": {"project", "projectreport", "workitem"},
}
PLANNERS = {
    "department",
    "plan",
    "assessmentpolicy",
    "section",
    "source",
    "round",
    "metric",
    "indicator",
    "project",
    "projectreport",
    "workitem",
}
PEOPLE = {"region", "department", "user", "membership", "auditevent", "apitoken", "tokenproxy", "theme"}


@pytest.mark.parametrize(
    ("role", "opened"),
    [
        (Role.CLERK, {"actual"}),
        (Role.REVIEWER, {"actual"}),
        (Role.PLANNER, PLANNERS),
        (Role.SYSTEM, PEOPLE),
        ("superuser", PEOPLE),
    ],
)
def test_each_role_finds_its_own_tables_and_no_others(sign_in: SignIn, role: Role | str, opened: set[str]) -> None:
    user = factories.person(is_superuser=True) if role == "superuser" else factories.person(Role(role))
    client = sign_in(user)
    found = set()
    for app, names in MODELS.items():
        for name in names:
            answer = client.get(reverse(f"admin:{app}_{name}_changelist"))
            assert answer.status_code in (200, 403)
            if answer.status_code == 200:
                found.add(name)
    assert found == opened


def test_another_regions_rows_are_not_there(sign_in: SignIn) -> None:
    elsewhere = factories.plan(region=factories.region("330127", "淳安县"))
    client = sign_in(factories.person(Role.PLANNER))
    for row in (elsewhere, factories.indicator(plan=elsewhere), factories.project(plan=elsewhere)):
        address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
        answer = client.get(address)
        assert (answer.status_code, answer["Location"]) == (302, "/admin/")
        listed = client.get(reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_changelist"))
        assert str(address) not in listed.content.decode()
        deletion = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_delete", args=[row.pk])
        assert client.post(deletion, {"post": "yes"}).status_code == 302
        row.refresh_from_db()


def test_a_planner_is_offered_only_their_own_regions(sign_in: SignIn) -> None:
    factories.plan(short_title="别处规划", region=factories.region("330127", "淳安县"))
    factories.plan(short_title="本地规划")
    page = sign_in(factories.person(Role.PLANNER)).get(reverse("admin:indicators_indicator_add")).content.decode()
    assert "本地规划" in page
    assert "别处规划" not in page


def test_a_plan_cannot_be_moved_to_a_region_one_does_not_manage(sign_in: SignIn) -> None:
    plan = factories.plan()
    elsewhere = factories.region("330127", "淳安县")
    values = {
        "code": plan.code,
        "title": plan.title,
        "short_title": plan.short_title,
        "kind": "five_year",
        "region": elsewhere.pk,
        "start_year": 2021,
        "end_year": 2025,
        "source": plan.source_id,
        "remark": "",
    }
    sign_in(factories.person(Role.PLANNER)).post(reverse("admin:plans_plan_change", args=[plan.pk]), values)
    plan.refresh_from_db()
    assert plan.region == factories.region()


def test_a_manager_of_people_gives_no_role_outside_their_region_and_none_to_themselves(sign_in: SignIn) -> None:
    manager, somebody = factories.person(Role.SYSTEM), factories.person()
    elsewhere = factories.region("330127", "淳安县")
    client = sign_in(manager)
    for user, region in ((somebody, elsewhere), (manager, factories.region())):
        values = {"user": user.pk, "region": region.pk, "role": Role.PLANNER}
        assert client.post(reverse("admin:accounts_membership_add"), values).status_code == 200
    assert not Membership.objects.filter(role=Role.PLANNER).exists()
    values = {"user": somebody.pk, "region": factories.region().pk, "role": Role.PLANNER}
    assert client.post(reverse("admin:accounts_membership_add"), values).status_code == 302
    assert Membership.objects.get(role=Role.PLANNER).user == somebody


@pytest.mark.parametrize("kind", ["superuser", "elsewhere too"])
def test_a_manager_of_people_sets_no_password_that_reaches_further(sign_in: SignIn, kind: str) -> None:
    other = factories.person(Role.CLERK, is_superuser=kind == "superuser")
    if kind == "elsewhere too":
        Membership.objects.create(user=other, region=factories.region("330127", "淳安县"), role=Role.PLANNER)
    before = other.password
    address = reverse("admin:auth_user_password_change", args=[other.pk])
    answer = sign_in(factories.person(Role.SYSTEM)).post(
        address, {"usable_password": "true", "password1": "xk93-kfow-22", "password2": "xk93-kfow-22"}
    )
    assert answer.status_code in (403, 404)
    other.refresh_from_db()
    assert other.password == before


def test_a_token_is_shown_once_and_listed_without_its_key(sign_in: SignIn) -> None:
    client, owner = sign_in(factories.person(Role.SYSTEM)), factories.person(Role.ANALYST)
    made = client.post(reverse("admin:authtoken_tokenproxy_add"), {"user": owner.pk}, follow=True)
    key = owner.auth_token.key
    assert key in made.content.decode()
    assert key not in client.get(reverse("admin:authtoken_tokenproxy_changelist")).content.decode()
    assert key not in client.get("/admin/").content.decode()
    assert client.get(reverse("admin:app_list", args=["authtoken"])).status_code == 200


PAGES = (
    "index",
    "plans_plan_changelist",
    "plans_plan_import",
    "plans_plan_export",
    "indicators_indicator_changelist",
    "indicators_indicator_add",
    "projects_project_add",
    "plans_round_add",
)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_carries_the_policy_and_nothing_inline(sign_in: SignIn, name: str) -> None:
    factories.indicator()
    answer = sign_in(factories.person(Role.PLANNER)).get(reverse(f"admin:{name}"))
    page = answer.content.decode()
    assert "'unsafe-inline'" not in answer["Content-Security-Policy"]
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)[^>]*>", page) == []


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("role", "name", "queries"),
    [
        (Role.PLANNER, "plans_plan", 9),
        (Role.PLANNER, "indicators_indicator", 10),
        (Role.PLANNER, "projects_project", 9),
        (Role.PLANNER, "plans_round", 10),
        (Role.REVIEWER, "indicators_actual", 9),
        (Role.SYSTEM, "accounts_user", 9),
    ],
)
def test_a_list_costs_the_same_queries_for_one_row_and_for_three(
    sign_in: SignIn, django_assert_num_queries: Callable[[int], object], role: Role, name: str, queries: int, rows: int
) -> None:
    plan = factories.plan()
    department = factories.department()
    for number in range(rows):
        row = factories.indicator(plan=plan, department=department)
        factories.actual(indicator=row)
        factories.project(plan=plan, department=department)
        factories.open_round(plan, 2021 + number)
        if number:
            factories.plan()
    client = sign_in(factories.person(role))
    with django_assert_num_queries(queries):  # type: ignore[attr-defined]
        assert client.get(reverse(f"admin:{name}_changelist")).status_code == 200


def test_a_row_is_added_and_the_log_says_who(sign_in: SignIn) -> None:
    plan, planner = factories.plan(), factories.person(Role.PLANNER)
    values = {
        "plan": plan.pk,
        "year": 2023,
        "opens_on": "2024-01-01",
        "due_on": "2024-02-01",
        "extensions-TOTAL_FORMS": 1,
        "extensions-INITIAL_FORMS": 0,
        "extensions-0-until": "2024-03-01",
        "extensions-0-allowed_by": factories.person(Role.PLANNER).pk,  # nobody allows in another's name
        "extensions-0-reason": "机构调整",
    }
    assert sign_in(planner).post(reverse("admin:plans_round_add"), values).status_code == 302
    assert plan.rounds.get().extensions.get().allowed_by == planner
    event = AuditEvent.objects.get()
    assert (event.username, event.action, event.region_code) == (planner.username, "新增", "420682")


def test_a_department_of_another_bureau_does_not_fit_a_plan(sign_in: SignIn) -> None:
    planner = factories.person(Role.PLANNER)
    elsewhere = factories.region("330127", "淳安县")
    planner.memberships.create(region=elsewhere, role=Role.PLANNER)
    item = factories.work_item()
    values = {
        "plan": item.plan_id,
        "number": item.number,
        "order": 1,
        "title": item.title,
        "state": "done",
        "department": factories.department(region=elsewhere).pk,
    }
    answer = sign_in(planner).post(reverse("admin:projects_workitem_change", args=[item.pk]), values)
    assert answer.context["adminform"].form.errors["department"] == ["不是本规划所在地区的科室。"]


@pytest.mark.parametrize("role", [Role.CLERK, Role.REVIEWER, Role.PLANNER, Role.SYSTEM])
def test_every_page_a_role_is_offered_opens(sign_in: SignIn, role: Role) -> None:
    plan = factories.plan()
    factories.actual(indicator=factories.indicator(plan=plan))
    factories.project(plan=plan)
    factories.work_item(plan=plan)
    factories.open_round(plan, 2023)
    client = sign_in(factories.person(role))
    index = client.get("/admin/")
    for app in index.context["app_list"]:
        assert client.get(app["app_url"]).status_code == 200
        for model in app["models"]:
            page = client.get(model["admin_url"])
            assert page.status_code == 200
            words = re.sub(r"<[^>]+>", " ", page.content.decode())
            assert re.findall(r"\b[A-Z][a-z]{2,}", words) == []
            if model["add_url"]:
                assert client.get(model["add_url"]).status_code == 200
            for link in re.findall(r'<th class="field-[^"]*"><a href="([^"?]*)', page.content.decode()):
                assert client.get(link).status_code == 200


def test_a_superuser_manages_people_everywhere_whatever_role_they_hold(sign_in: SignIn) -> None:
    elsewhere = factories.person(Role.CLERK, factories.region("330127", "淳安县"))
    client = sign_in(factories.person(Role.SYSTEM, is_superuser=True))
    assert client.get(reverse("admin:accounts_user_change", args=[elsewhere.pk])).status_code == 200
    assert client.get(reverse("admin:accounts_department_changelist")).status_code == 200


@pytest.mark.parametrize(
    "address",
    ["/admin/authtoken/tokenproxy/?key__startswith=a", "/admin/accounts/auditevent/?detail__value=41.77"],
)
def test_a_list_is_filtered_by_what_it_offers_and_nothing_else(sign_in: SignIn, address: str) -> None:
    """A token, or a figure in the log, could else be guessed letter by letter."""
    client = sign_in(factories.person(Role.SYSTEM))
    assert client.get(address.partition("?")[0]).status_code == 200
    assert client.get(address).status_code == 400


def test_a_department_that_limits_a_clerk_is_not_deleted(sign_in: SignIn) -> None:
    department = factories.department()
    clerk = factories.person(Role.CLERK)
    clerk.memberships.get().departments.add(department)
    client = sign_in(factories.person(Role.PLANNER))
    address = f"/admin/accounts/department/{department.pk}/delete/"
    assert client.post(address, {"post": "yes"}).status_code == 403
    clerk.memberships.get().departments.clear()
    assert client.post(address, {"post": "yes"}).status_code == 302


def test_what_a_superuser_changes_is_in_the_log_too(sign_in: SignIn) -> None:
    root = User.objects.create_superuser("root")
    answer = sign_in(root).post("/admin/plans/theme/add/", {"code": "new", "name": "新领域", "order": "99"})
    assert answer.status_code == 302
    line = AuditEvent.objects.get()
    assert (line.username, line.action, line.region_code) == ("root", "新增", "")


def test_a_section_is_not_put_below_itself(sign_in: SignIn) -> None:
    plan = factories.plan()
    above = Section.objects.create(plan=plan, number="一", title="总体目标", order=1)
    below = Section.objects.create(plan=plan, number="一.1", title="任务", order=2, parent=above)
    answer = sign_in(factories.person(Role.PLANNER)).post(
        f"/admin/plans/section/{above.pk}/change/",
        {"plan": plan.pk, "number": "一", "title": "总体目标", "order": "1", "parent": below.pk},
    )
    assert "上级不能是本行或其下级。" in answer.content.decode()
    above.refresh_from_db()
    assert above.parent is None
