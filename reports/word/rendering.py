"""Plain data and a template become a .docx.

The template is rendered by docxtpl in Jinja's sandbox: no function to call, no attribute but those of the data, and a
bound on what comes out. Pictures take the place of their marks afterwards, so that a template never handles more than
text.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from docx import Document
from docx.enum.text import WD_COLOR_INDEX
from docx.oxml.ns import qn
from docx.shared import Mm
from docx.text.paragraph import Paragraph
from docx.text.run import Run
from docxtpl import DocxTemplate  # type: ignore[import-untyped]
from jinja2 import StrictUndefined, Template
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from accounts.models import User
from accounts.permissions import Permission
from plans.models import Plan
from reports.models import ReportKind, ReportTemplate
from reports.word.charts import Picture, progress_charts
from reports.word.content import Report, report_of
from reports.word.default_template import default_template, with_fixed_dates
from reports.word.fields import Plain

MOST_CHARACTERS = 20_000_000  # of XML that one part of a document may become
FILTERS = ("default", "length", "first", "last", "join")
PICTURE_WIDTH = Mm(152)
# Characters that `content.plain` takes out of all data, so that no data can be a mark.
_MARK = "\ue000{}\ue001"
_TO_WRITE = re.compile(r"(〔请补充：[^〕]*〕)")


class TooMuch(ValueError):
    """A template makes more of the data than a document can be."""


class _BoundedTemplate(Template):
    def render(self, *args: Any, **kwargs: Any) -> str:
        parts, total = [], 0
        for part in self.generate(*args, **kwargs):
            total += len(part)
            if total > MOST_CHARACTERS:
                raise TooMuch("模板生成的文档过大，请减少循环中的内容。")
            parts.append(part)
        return "".join(parts)


class _Sandbox(ImmutableSandboxedEnvironment):
    """Nothing of an object can be reached but what a loop says of itself, and nothing can be called.

    The columns of a row are items of a dict, which Jinja finds without this.
    """

    template_class = _BoundedTemplate

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return isinstance(obj, LoopContext) and super().is_safe_attribute(obj, attr, value)

    def is_safe_callable(self, obj: Any) -> bool:
        return False


def sandbox() -> ImmutableSandboxedEnvironment:
    """The environment for every template, the portal's own too: plain data in, escaped text out, nothing to call."""
    environment = _Sandbox(autoescape=True, undefined=StrictUndefined)
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in FILTERS}
    environment.tests = {"defined": environment.tests["defined"]}
    return environment


def build_report(plan: Plan, kind: ReportKind, year: int, *, user: User, on: date, at: datetime) -> bytes:
    """The report as .docx as this person may export it; `on` is the day of Beijing time. Half a second for 60 rows."""
    report = report_of(plan, kind, year, user=user, on=on)
    return laid_out(report, template_of(plan, kind, user), at=at)


def template_of(plan: Plan, kind: ReportKind, user: User) -> bytes:
    """The template in use for a report of this plan: its region's own, else the portal's."""
    own = ReportTemplate.objects.visible_to(user, Permission.EXPORT).filter(region=plan.region, kind=kind)
    content = own.filter(is_in_use=True).values_list("content", flat=True).first()
    return default_template(kind) if content is None else bytes(content)


def laid_out(report: Report, template: bytes, *, at: datetime) -> bytes:
    """The report in this template, with its charts."""
    pictures = progress_charts(report.chart_rows, year=report.year)
    content = rendered(template, report.data, pictures)
    doc = Document(io.BytesIO(content))
    core = doc.core_properties
    core.title, core.author = str(report.data["标题"]), report.plan.region.bureau_name
    core.created = core.modified = timezone.localtime(at).replace(tzinfo=None)
    out = io.BytesIO()
    doc.save(out)
    return with_fixed_dates(out.getvalue())


def rendered(template: bytes, data: Mapping[str, Plain], pictures: Sequence[Picture]) -> bytes:
    """The template filled with plain data; its picture marks become pictures, what is to be written is marked."""
    marks = {_MARK.format(at): picture for at, picture in enumerate(pictures)}
    charts = [{"图片": mark, "图题": picture.caption} for mark, picture in marks.items()]
    document = DocxTemplate(io.BytesIO(template))
    document.render({**data, "进度图": charts}, sandbox())
    doc = document.docx  # get_docx() would load the template anew
    for paragraph in _paragraphs(doc):
        if (picture := marks.get(paragraph.text)) is not None:
            _place(paragraph, picture)
        elif "〔请补充：" in paragraph.text:
            _highlight(paragraph)
    out = io.BytesIO()
    doc.save(out)
    return out.getvalue()


def _paragraphs(doc: Any) -> Iterator[Paragraph]:
    for element in list(doc.element.body.iter(qn("w:p"))):
        yield Paragraph(element, doc)


def _place(paragraph: Paragraph, picture: Picture) -> None:
    """The picture in place of its mark, with its words for whoever cannot see it."""
    for run in paragraph.runs:
        run.text = ""
    run = paragraph.runs[0] if paragraph.runs else paragraph.add_run()
    run.add_picture(io.BytesIO(picture.png), width=PICTURE_WIDTH)
    for properties in run._r.iter(qn("wp:docPr")):
        properties.set("descr", picture.description)
        properties.set("title", picture.caption)


def _highlight(paragraph: Paragraph) -> None:
    """Each 〔请补充：…〕 as a run of its own, marked yellow."""
    for run in paragraph.runs:
        parts = [part for part in _TO_WRITE.split(run.text) if part]
        if not any(map(_TO_WRITE.fullmatch, parts)):
            continue
        last = run._r
        for at, part in enumerate(parts):
            own = run if at == 0 else Run(deepcopy(run._r), paragraph)
            if at:
                last.addnext(own._r)
                last = own._r
            own.text = part
            own.font.highlight_color = WD_COLOR_INDEX.YELLOW if _TO_WRITE.fullmatch(part) else None
