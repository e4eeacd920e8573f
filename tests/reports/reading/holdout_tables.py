"""Tables that were written after the reader worked on the others, to see how it fares with a stranger's print."""

from tests.reports.reading.made_tables import Made

HOLDOUTS: list[Made] = []
