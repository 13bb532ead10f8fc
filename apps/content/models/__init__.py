"""One module for each noun; Django looks for them all here."""

from apps.content.models.cases import AdoptedStep, Adoption, Case, CaseFigure, CaseLine, CaseStep
from apps.content.models.checks import ForbiddenWord, TextPrint
from apps.content.models.festivals import Festival
from apps.content.models.issues import Issue, IssueEntry, IssueQuota
from apps.content.models.layouts import PosterTemplate
from apps.content.models.materials import Material, MaterialPicture, MaterialText
from apps.content.models.publishing import FourEyesTask
from apps.content.models.stories import Story, StoryPicture
from apps.content.models.training import (
    Answer,
    CheckIn,
    LearningChoice,
    Lesson,
    Path,
    PathLesson,
    Practice,
    Progress,
)
from apps.content.models.voices import Favourite, HostWords

__all__ = [
    "AdoptedStep",
    "Adoption",
    "Answer",
    "Case",
    "CaseFigure",
    "CaseLine",
    "CaseStep",
    "CheckIn",
    "Favourite",
    "Festival",
    "ForbiddenWord",
    "FourEyesTask",
    "HostWords",
    "Issue",
    "IssueEntry",
    "IssueQuota",
    "LearningChoice",
    "Lesson",
    "Material",
    "MaterialPicture",
    "MaterialText",
    "Path",
    "PathLesson",
    "PosterTemplate",
    "Practice",
    "Progress",
    "Story",
    "StoryPicture",
    "TextPrint",
]
