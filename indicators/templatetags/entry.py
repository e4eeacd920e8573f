"""The inputs of a row of the entry sheet in a template: `{% cells line as cells %}`."""

from django import template

from indicators.cells import Cells
from indicators.entry import Line

register = template.Library()


@register.simple_tag
def cells(line: Line) -> Cells:
    return Cells(line)
