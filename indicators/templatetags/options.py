"""The options of a select in a template: `{% options choices chosen %}`."""

from django import template

from indicators.options import options_of

register = template.Library()
register.simple_tag(options_of, name="options")
