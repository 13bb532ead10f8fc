"""What checks before review are made with: HQ's list of words, and the prints of texts."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from apps.database.fields import PlainCharField
from apps.database.models import PublicIdModel
from apps.lib.pii import Pii
from apps.library.models.materials import Material


class ForbiddenWord(PublicIdModel):
    """A word that HQ does not want in what hosts post; most come from the advertising law."""

    class Level(models.TextChoices):
        BLOCK = "block", "不能提交"
        WARN = "warn", "提醒"

    word = PlainCharField("词", max_length=20, unique=True)
    level = models.CharField("遇到时", max_length=5, choices=Level, default=Level.BLOCK)
    reason = models.CharField("为什么", max_length=40, blank=True, help_text="例如「绝对化用语」。")
    instead = models.CharField("可以改成", max_length=60, blank=True)
    fine_in = models.CharField(
        "这些词里不算",
        max_length=200,
        blank=True,
        help_text="用顿号隔开。例如「第一」在「第一次、第一天」里不算。",
    )
    is_active = models.BooleanField("启用", default=True)

    PII: ClassVar[dict[str, Pii]] = {
        "word": Pii.NONE,
        "level": Pii.NONE,
        "reason": Pii.NONE,
        "instead": Pii.NONE,
        "fine_in": Pii.NONE,
    }

    class Meta:
        verbose_name = "广告法用词"
        verbose_name_plural = "广告法用词"
        ordering = ["word"]

    def __str__(self) -> str:
        return self.word


class TextPrint(models.Model):
    """By what a material's text is recognised in others (checks/likeness.py)."""

    material = models.OneToOneField(Material, models.CASCADE, primary_key=True, related_name="text_print")
    runs = ArrayField(models.IntegerField())
    bands = ArrayField(models.IntegerField())

    class Meta:
        verbose_name = "文字指纹"
        verbose_name_plural = "文字指纹"
        indexes = [GinIndex(fields=["bands"], name="text_print_bands")]
