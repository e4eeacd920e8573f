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
    AssessmentQuerySet,
)
from indicators.models.definitions import (
    Attribute,
    Indicator,
    IndicatorQuerySet,
    Metric,
    MetricAlias,
    Origin,
    Target,
    targets_in_force,
)
from indicators.models.review import (
    Reviewed,
    ReviewedQuerySet,
    ReviewEvent,
    State,
)
from indicators.models.rulings import (
    Exclusion,
    Override,
    Ruling,
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
    "AssessmentQuerySet",
    "AttachedFile",
    "AttachedFileQuerySet",
    "Attribute",
    "Availability",
    "Evidence",
    "Exclusion",
    "FigureKind",
    "Indicator",
    "IndicatorQuerySet",
    "Metric",
    "MetricAlias",
    "Origin",
    "Override",
    "ReviewEvent",
    "Reviewed",
    "ReviewedQuerySet",
    "Ruling",
    "State",
    "Target",
    "targets_in_force",
    "words_of",
]
