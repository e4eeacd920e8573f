"""The dictionary, indicators with their targets, the figures reached and reviewed, the findings."""

from indicators.models.actuals import (
    AbsenceReason,
    Actual,
    ActualEvent,
    ActualQuerySet,
    AttachedFile,
    AttachedFileQuerySet,
    Availability,
    Evidence,
    FigureKind,
)
from indicators.models.assessments import (
    Assessment,
)
from indicators.models.definitions import (
    Attribute,
    Indicator,
    IndicatorQuerySet,
    Metric,
    MetricAlias,
    Origin,
    Target,
)
from indicators.models.review import (
    Reviewed,
    ReviewedQuerySet,
    ReviewEvent,
    State,
)
from indicators.models.words import (
    DIRECTION_WORDS,
    JUDGEMENT_WORDS,
    KIND_WORDS,
    LIGHT_WORDS,
    OPERATOR_WORDS,
    words_of,
)

__all__ = [
    "DIRECTION_WORDS",
    "JUDGEMENT_WORDS",
    "KIND_WORDS",
    "LIGHT_WORDS",
    "OPERATOR_WORDS",
    "AbsenceReason",
    "Actual",
    "ActualEvent",
    "ActualQuerySet",
    "Assessment",
    "AttachedFile",
    "AttachedFileQuerySet",
    "Attribute",
    "Availability",
    "Evidence",
    "FigureKind",
    "Indicator",
    "IndicatorQuerySet",
    "Metric",
    "MetricAlias",
    "Origin",
    "ReviewEvent",
    "Reviewed",
    "ReviewedQuerySet",
    "State",
    "Target",
    "words_of",
]
