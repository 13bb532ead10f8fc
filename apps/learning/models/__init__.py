"""Teaching cases, and the lessons on the path to a level; Django looks for them all here."""

from apps.learning.models.cases import AdoptedStep, Adoption, Case, CaseFigure, CaseLine, CaseStep
from apps.learning.models.training import (
    Answer,
    CheckIn,
    LearningChoice,
    Lesson,
    Path,
    PathLesson,
    Practice,
    Progress,
)

__all__ = [
    "AdoptedStep",
    "Adoption",
    "Answer",
    "Case",
    "CaseFigure",
    "CaseLine",
    "CaseStep",
    "CheckIn",
    "LearningChoice",
    "Lesson",
    "Path",
    "PathLesson",
    "Practice",
    "Progress",
]
