"""What one host makes of HQ's materials: her favourites, and her own words."""

from typing import ClassVar

from django.db import models

from apps.accounts.models import Host
from apps.lib.pii import Pii
from apps.library.models.materials import Material


class Favourite(models.Model):
    """A material that she wants to find again."""

    host = models.ForeignKey(Host, models.CASCADE, related_name="favourites")
    material = models.ForeignKey(Material, models.CASCADE, related_name="favourites")
    created_at = models.DateTimeField("收藏时间")

    class Meta:
        verbose_name = "收藏"
        verbose_name_plural = "收藏"
        constraints = [models.UniqueConstraint(fields=["host", "material"], name="favourite_once")]
        indexes = [models.Index(fields=["host", "-created_at"], name="favourite_of_host")]


class HostVariant(models.Model):
    """Her own variant of a material's text. HQ's stay as they are; taking hers away brings them back."""

    host = models.ForeignKey(Host, models.CASCADE, related_name="text_variants")
    material = models.ForeignKey(Material, models.CASCADE, related_name="host_words")
    text = models.TextField("我的说法", max_length=1000)
    updated_at = models.DateTimeField("改于")

    PII: ClassVar[dict[str, Pii]] = {"text": Pii.NONE}

    class Meta:
        verbose_name = "大C的说法"
        verbose_name_plural = "大C的说法"
        constraints = [models.UniqueConstraint(fields=["host", "material"], name="host_words_once")]
