"""The back office of plans, dictionary, indicators and figures; importing it registers the pages."""

from indicators.admin import actuals, definitions

__all__ = ["actuals", "definitions"]
