"""A file as the answer to a request, and what it is called."""

import re

from django.http import HttpResponse
from django.utils.http import content_disposition_header

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_REFUSED_IN_FILE_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


def file_name_of(name: str, *, ending: str = ".xlsx") -> str:
    """老河口“十四五”_指标完成情况表_2024年.xlsx, without what Windows refuses in a name, and not too long for it."""
    return _REFUSED_IN_FILE_NAMES.sub("", name)[:100].strip(" .") + ending


def download(content: bytes, name: str, *, content_type: str = WORKBOOK) -> HttpResponse:
    """The file as an attachment under its Chinese name; the browser must not guess at what it is."""
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response["X-Content-Type-Options"] = "nosniff"
    return response
