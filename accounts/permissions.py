"""Who may do what. Roles are data (Membership); what a role may do is this one dict."""

from django.db.models import TextChoices


class Role(TextChoices):
    """The office a person holds for a region."""

    CLERK = "clerk", "填报员"
    REVIEWER = "reviewer", "审核员"
    LEADER = "leader", "领导"
    ANALYST = "analyst", "分析员"
    PLANNER = "planner", "规划管理员"
    SYSTEM = "system", "系统管理员"
    DISPLAY = "display", "大屏"


class Permission(TextChoices):
    """One thing a person may do with the rows of a region."""

    SEE = "see", "查看规划与已审核数据"
    SEE_UNAPPROVED = "see_unapproved", "查看未审核数据"
    ENTER = "enter", "填报"
    REVIEW = "review", "审核"
    EXPORT = "export", "导出"
    REMIND = "remind", "催报"
    PLAN = "plan", "管理规划"
    MANAGE_PEOPLE = "manage_people", "管理人员与设置"
    SHOW_SCREEN = "show_screen", "打开大屏"


# Whoever reads what is approved may put it on a wall; the account that runs the wall reads nothing else.
_READING = frozenset({Permission.SEE, Permission.SHOW_SCREEN})
_WORKING = _READING | {Permission.SEE_UNAPPROVED}

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.CLERK: _WORKING | {Permission.ENTER},
    Role.REVIEWER: _WORKING | {Permission.REVIEW, Permission.REMIND},
    Role.LEADER: _READING,
    Role.ANALYST: _READING | {Permission.EXPORT},
    Role.PLANNER: _WORKING | {Permission.REMIND, Permission.PLAN, Permission.EXPORT},
    Role.SYSTEM: frozenset({Permission.MANAGE_PEOPLE}),
    Role.DISPLAY: frozenset({Permission.SHOW_SCREEN}),
}

# Reading flows down the region tree; everything else stays in the region named. So does asking for what is late: a
# bureau above counts which rows have not come in, and never sees a figure before it is approved.
FLOWS_DOWN = frozenset({Permission.SEE, Permission.EXPORT, Permission.REMIND, Permission.SHOW_SCREEN})

# Whoever holds one of these anywhere may enter the back office.
BACK_OFFICE = (Permission.PLAN, Permission.ENTER, Permission.REVIEW, Permission.MANAGE_PEOPLE)
