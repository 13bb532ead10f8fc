"""One module for each noun; Django looks for them all here."""

from apps.library.models.checks import ForbiddenWord, TextPrint
from apps.library.models.festivals import Festival
from apps.library.models.issues import Issue, IssueEntry, IssueQuota
from apps.library.models.layouts import PosterTemplate
from apps.library.models.materials import Material, MaterialPicture, MaterialText
from apps.library.models.publishing import FourEyesTask
from apps.library.models.voices import Favourite, HostVariant

__all__ = [
    "Favourite",
    "Festival",
    "ForbiddenWord",
    "FourEyesTask",
    "HostVariant",
    "Issue",
    "IssueEntry",
    "IssueQuota",
    "Material",
    "MaterialPicture",
    "MaterialText",
    "PosterTemplate",
    "TextPrint",
]
