"""One module for each noun; Django looks for them all here."""

from apps.content.models.issues import Issue, IssueEntry, IssueQuota
from apps.content.models.materials import Material, MaterialPicture
from apps.content.models.publishing import FourEyesTask

__all__ = ["FourEyesTask", "Issue", "IssueEntry", "IssueQuota", "Material", "MaterialPicture"]
