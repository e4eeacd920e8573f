"""What the page of templates shows: each kind of report of each region one manages, with its versions."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Region, User
from accounts.permissions import Permission
from reports.models import ReportKind, ReportTemplate


@dataclass(frozen=True, slots=True)
class KindOfRegion:
    """One kind of report of one region: which template it is made from, and every version there was."""

    region: Region
    kind: ReportKind
    versions: list[ReportTemplate]

    @property
    def in_use(self) -> ReportTemplate | None:
        """None: the portal's own."""
        return next((row for row in self.versions if row.is_in_use), None)


def template_kinds(user: User) -> list[KindOfRegion]:
    """Two queries, however many regions and versions."""
    regions = Region.objects.visible_to(user, Permission.MANAGE_PEOPLE)
    versions: dict[tuple[int, str], list[ReportTemplate]] = {}
    for row in ReportTemplate.objects.visible_to(user).select_related("region", "installed_by"):
        versions.setdefault((row.region_id, row.kind), []).append(row)
    return [
        KindOfRegion(region, kind, versions.get((region.pk, kind.value), []))
        for region in regions
        for kind in ReportKind
    ]
