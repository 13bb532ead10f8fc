"""Abstract bases. No tables here."""

from django.db import models

from apps.lib.ids import uuid7


class PublicIdModel(models.Model):
    """A row that appears in a URL or in the API: by `public_id`, never by its primary key."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)

    class Meta:
        abstract = True
