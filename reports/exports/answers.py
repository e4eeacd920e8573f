"""How a page that offers files answers: with the file, or with the page that shows how far it is."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.models import User
from reports.downloads import download
from reports.exports.workflow import MadeFile, order_export


def export_answer(*, kind: str, what: Any, by: User) -> HttpResponse:
    """A small file at once, a big one as an export under way. Raises what `order_export` raises."""
    ordered = order_export(kind=kind, what=what, by=by, at=timezone.now())
    if isinstance(ordered, MadeFile):
        return download(ordered.content, ordered.name, content_type=ordered.content_type)
    return redirect("export_detail", ordered.pk)
