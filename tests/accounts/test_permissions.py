"""Who may do what: the dict of roles, the tree of regions, and the rows it opens."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.models import Membership, Region
from accounts.permissions import FLOWS_DOWN, ROLE_PERMISSIONS, Permission, Role
from accounts.regions import Level
from tests import factories

MAY = {
    Role.CLERK: {"see", "show_screen", "see_unapproved", "enter"},
    Role.REVIEWER: {"see", "show_screen", "see_unapproved", "review", "remind"},
    Role.LEADER: {"see", "show_screen"},
    Role.ANALYST: {"see", "show_screen", "export"},
    Role.PLANNER: {"see", "show_screen", "see_unapproved", "remind", "plan", "export"},
    Role.SYSTEM: {"manage_people"},
    Role.DISPLAY: {"show_screen"},
}
HERE = {"code": "420682", "name": "老河口市"}


@pytest.mark.parametrize("role", Role)
def test_each_role_may_what_the_design_says_and_no_more(role: Role) -> None:
    assert ROLE_PERMISSIONS[role] == MAY[role]


def test_nobody_who_reviews_also_enters() -> None:
    assert [role for role, may in ROLE_PERMISSIONS.items() if {Permission.ENTER, Permission.REVIEW} <= may] == []


def test_the_system_role_sees_no_business_data() -> None:
    assert Permission.SEE not in ROLE_PERMISSIONS[Role.SYSTEM]


def test_only_reading_showing_and_asking_for_what_is_late_flow_down_the_tree() -> None:
    assert {"see", "export", "remind", "show_screen"} == FLOWS_DOWN


def places() -> dict[str, Region]:
    """The country, Hubei, Xiangyang in it, Laohekou in that, and Chun'an in another province."""
    country = factories.region("100000")
    province = Region.objects.create(
        code="420000",
        name="湖北省",
        short_name="湖北",
        bureau_name="湖北省民政厅",
        level=Level.PROVINCE,
        parent=country,
    )
    city = Region.objects.create(
        code="420600",
        name="襄阳市",
        short_name="襄阳",
        bureau_name="襄阳市民政局",
        level=Level.PREFECTURE,
        parent=province,
    )
    county = factories.region("420682", "老河口市")
    return {
        "country": country,
        "province": province,
        "city": city,
        "county": county,
        "other": factories.region("330127", "淳安县"),
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("held_in", "sees"),
    [
        ("country", {"country", "province", "city", "county", "other"}),
        ("province", {"province", "city", "county"}),
        ("city", {"city", "county"}),
        ("county", {"county"}),
        ("other", {"other"}),
    ],
)
def test_a_reader_sees_the_region_and_all_below_it(held_in: str, sees: set[str]) -> None:
    regions = places()
    analyst = factories.person(Role.ANALYST, regions[held_in])
    assert {name for name, region in regions.items() if analyst.can(Permission.SEE, region)} == sees
    assert {name for name, region in regions.items() if analyst.can(Permission.EXPORT, region)} == sees
    assert set(Region.objects.visible_to(analyst)) == {regions[name] for name in sees}
    assert set(Region.objects.visible_to(analyst, Permission.EXPORT)) == {regions[name] for name in sees}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "permission"),
    [
        (Role.CLERK, Permission.ENTER),
        (Role.CLERK, Permission.SEE_UNAPPROVED),
        (Role.REVIEWER, Permission.REVIEW),
        (Role.PLANNER, Permission.PLAN),
        (Role.SYSTEM, Permission.MANAGE_PEOPLE),
    ],
)
def test_everything_but_reading_stays_in_the_region_named(role: Role, permission: Permission) -> None:
    regions = places()
    person = factories.person(role, regions["province"])
    assert [name for name, region in regions.items() if person.can(permission, region)] == ["province"]
    assert list(Region.objects.visible_to(person, permission)) == [regions["province"]]


@pytest.mark.django_db
def test_two_offices_add_up_and_do_not_mix() -> None:
    """A clerk here and a reviewer there is neither a reviewer here nor a clerk there."""
    regions = places()
    person = factories.person(Role.CLERK, regions["county"])
    Membership.objects.create(user=person, region=regions["other"], role=Role.REVIEWER)
    assert (person.can(Permission.ENTER, regions["county"]), person.can(Permission.REVIEW, regions["other"])) == (
        True,
        True,
    )
    assert (person.can(Permission.REVIEW, regions["county"]), person.can(Permission.ENTER, regions["other"])) == (
        False,
        False,
    )
    assert set(Region.objects.visible_to(person)) == {regions["county"], regions["other"]}


@pytest.mark.django_db
def test_without_an_office_or_switched_off_or_unknown_nobody_sees_a_row() -> None:
    places()
    gone = factories.person(Role.LEADER, is_active=False)
    for person in (AnonymousUser(), factories.person(), gone):
        for permission in Permission:
            assert not Region.objects.visible_to(person, permission).exists()


@pytest.mark.django_db
def test_a_superuser_without_an_office_sees_no_business_row() -> None:
    places()
    admin = factories.person(is_superuser=True, is_staff=True)
    assert not Region.objects.visible_to(admin).exists()
    assert [permission for permission in Permission if admin.can(permission)] == []
