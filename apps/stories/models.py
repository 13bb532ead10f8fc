"""What a consumer tells of a product, collected by her host, shown to others only while she agrees."""

import hashlib
from typing import ClassVar

from django.db import models

from apps.accounts.models import Host, User
from apps.catalog.models import Product
from apps.database.fields import EncryptedTextField
from apps.database.models import PublicIdModel
from apps.lib.ids import uuid7
from apps.lib.pii import Kept, Pii, Use
from apps.library.models.materials import Material
from apps.media.models import Image
from apps.records.models import Consent

MOST_PICTURES = 6
LEAST_WORDS, MOST_WORDS = 10, 600
LONGEST_TITLE, LONGEST_NAME = 30, 20


class Story(PublicIdModel):
    """One consumer's story. Its words stay sealed; one that HQ took lives as a material beside it.

    `digest` is of her private link: it asks her once, and lets her take the story back for as long as it is
    there. `seen_sha256` covers what she was shown when she agreed, word and picture.
    """

    class State(models.TextChoices):
        ASKED = "asked", "等她同意"
        DECLINED = "declined", "她没同意"
        AGREED = "agreed", "等总部看"
        RETURNED = "returned", "总部没有采用"
        TAKEN = "taken", "总部采用了"
        WITHDRAWN = "withdrawn", "已撤回"

    #: In these its words and pictures are gone.
    EMPTY = (State.DECLINED, State.WITHDRAWN)

    host = models.ForeignKey(Host, models.PROTECT, verbose_name="大C", related_name="stories")
    #: Whose story: a plain id, as in the consent beside it.
    relation_id = models.BigIntegerField(db_index=True)
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, verbose_name="说的是哪个商品", related_name="+"
    )
    title = EncryptedTextField("标题", blank=True)
    called = EncryptedTextField("怎么称呼她", blank=True)
    text = EncryptedTextField("她的话", blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.ASKED)
    digest = models.BinaryField(max_length=32, unique=True)
    #: Until when she can agree by her link.
    ask_until = models.DateTimeField("同意截止")
    seen_sha256 = models.BinaryField(max_length=32, null=True)
    #: Null again once the consent itself is past its time.
    consent = models.ForeignKey(Consent, models.SET_NULL, null=True, related_name="+")
    material = models.OneToOneField(
        Material, models.PROTECT, null=True, verbose_name="素材", related_name="story"
    )
    asked_at = models.DateTimeField("请她看的时间")
    answered_at = models.DateTimeField("她回答的时间", null=True)
    reviewed_at = models.DateTimeField("审核时间", null=True)
    reviewed_by = models.ForeignKey(User, models.PROTECT, null=True, verbose_name="审核人", related_name="+")
    reason = models.CharField("没有采用的原因", max_length=100, blank=True)
    withdrawn_at = models.DateTimeField("撤回时间", null=True)

    PII: ClassVar[dict[str, Pii]] = {
        "title": Pii.SENSITIVE,
        "called": Pii.CONTACT,
        "text": Pii.SENSITIVE,
        "state": Pii.BEHAVIOUR,
        "digest": Pii.SECRET,
        "seen_sha256": Pii.NONE,
        "reason": Pii.NONE,
    }
    PII_REST: ClassVar[Pii] = Pii.BEHAVIOUR
    PII_USE: ClassVar[Use] = Use("经本人同意展示她的使用故事", Kept.RELATION)

    class Meta:
        verbose_name = "用户故事"
        verbose_name_plural = "用户故事"
        permissions = [("review_story", "可以审核用户故事")]
        indexes = [
            models.Index(fields=["state", "answered_at"], name="story_waiting"),
            models.Index(fields=["host", "-asked_at"], name="story_of_host"),
        ]
        constraints = [
            # Nothing of hers is shown, or waits to be, without her yes.
            models.CheckConstraint(
                condition=~models.Q(state__in=["agreed", "returned", "taken"])
                | models.Q(consent__isnull=False, seen_sha256__isnull=False, answered_at__isnull=False),
                name="story_shown_with_consent",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="taken") | models.Q(material__isnull=False),
                name="story_taken_is_a_material",
            ),
        ]

    def __str__(self) -> str:
        return f"用户故事 {self.public_id.hex[-6:].upper()}"

    @property
    def is_shown(self) -> bool:
        """Can others see it now?"""
        return self.material is not None and self.material.live

    @property
    def summary(self) -> str:
        """The one line under the title, which she sees before she agrees."""
        return f"{self.called}的真实故事"

    def sha256(self) -> bytes:
        """Of what is shown: title, what she is called, her words, the product, her pictures in order."""
        found = hashlib.sha256()
        for part in (self.title, self.called, self.text, str(self.product_id or "")):
            words = part.encode()
            found.update(len(words).to_bytes(4) + words)
        for picture in self.pictures.all():
            found.update(bytes(picture.sha256))
        return found.digest()


def picture_path(instance: "StoryPicture", filename: str) -> str:
    """A folder that no public address reaches."""
    return f"stories/{uuid7().hex}.{filename.rsplit('.', 1)[-1]}"


class StoryPicture(PublicIdModel):
    """One picture of a story: private. `image` is the public copy that HQ's material shows."""

    story = models.ForeignKey(Story, models.CASCADE, related_name="pictures")
    host = models.ForeignKey(Host, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    file = models.FileField(upload_to=picture_path)
    sha256 = models.BinaryField(max_length=32)
    image = models.OneToOneField(Image, models.SET_NULL, null=True, related_name="story_picture")

    PII: ClassVar[dict[str, Pii]] = {"file": Pii.IDENTIFIER, "sha256": Pii.NONE}
    PII_REST: ClassVar[Pii] = Pii.NONE
    PII_USE: ClassVar[Use] = Use("经本人同意展示她的使用故事", Kept.RELATION)

    class Meta:
        verbose_name = "故事的图片"
        verbose_name_plural = "故事的图片"
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["story", "position"], name="story_picture_once")]
