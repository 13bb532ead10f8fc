"""What a consumer tells of a product, collected by her host, shown to others only while she agrees."""

import hashlib
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Host, User
from apps.catalog.models import Product
from apps.content.models.materials import Material
from apps.lib.fields import EncryptedTextField
from apps.lib.ids import uuid7
from apps.lib.models import PublicIdModel
from apps.lib.pii import Kept, Pii, Use
from apps.privacy.models import Consent

MOST_PICTURES = 6
LEAST_WORDS, MOST_WORDS = 10, 600


class Story(PublicIdModel):
    """One consumer's story. Its words stay sealed; a published one lives as a material beside it.

    `digest` is of her private link: it asks her once, and lets her take the story back for as long as it is
    there. `seen_sha256` covers what she was shown when she agreed, word and picture.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("等她同意")
        DECLINED = "declined", _("她没同意")
        AGREED = "agreed", _("等审核")
        RETURNED = "returned", _("没有采用")
        PUBLISHED = "published", _("已发布")
        WITHDRAWN = "withdrawn", _("已撤回")

    #: In these its words and pictures are gone.
    EMPTY = (State.DECLINED, State.WITHDRAWN)

    host = models.ForeignKey(Host, models.PROTECT, verbose_name=_("大C"), related_name="stories")
    #: Whose story: a plain id, since she may be erased and the row stays.
    relation_id = models.BigIntegerField(null=True, db_index=True)
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, verbose_name=_("说的是哪个商品"), related_name="+"
    )
    called = EncryptedTextField(_("怎么称呼她"), blank=True)
    text = EncryptedTextField(_("她的话"), blank=True)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.ASKED)
    digest = models.BinaryField(max_length=32, unique=True)
    #: Until when she can agree by her link.
    ask_until = models.DateTimeField(_("同意截止"))
    seen_sha256 = models.BinaryField(max_length=32, null=True)
    consent = models.ForeignKey(Consent, models.PROTECT, null=True, related_name="+")
    material = models.OneToOneField(
        Material, models.PROTECT, null=True, verbose_name=_("素材"), related_name="story"
    )
    asked_at = models.DateTimeField(_("请她看的时间"))
    answered_at = models.DateTimeField(_("她回答的时间"), null=True)
    reviewed_at = models.DateTimeField(_("审核时间"), null=True)
    reviewed_by = models.ForeignKey(User, models.PROTECT, null=True, verbose_name=_("审核人"), related_name="+")
    reason = models.CharField(_("没有采用的原因"), max_length=100, blank=True)
    withdrawn_at = models.DateTimeField(_("撤回时间"), null=True)

    PII: ClassVar[dict[str, Pii]] = {
        "called": Pii.CONTACT,
        "text": Pii.SENSITIVE,
        "state": Pii.NONE,
        "digest": Pii.SECRET,
        "seen_sha256": Pii.NONE,
        "reason": Pii.NONE,
    }
    PII_REST: ClassVar[Pii] = Pii.BEHAVIOUR
    PII_USE: ClassVar[Use] = Use("经本人同意展示她的使用故事", Kept.RELATION)

    class Meta:
        verbose_name = _("用户故事")
        verbose_name_plural = _("用户故事")
        permissions = [("review_story", _("可以审核用户故事"))]
        indexes = [models.Index(fields=["state", "answered_at"], name="story_waiting")]
        constraints = [
            # Nothing of hers is shown, or waits to be, without her yes.
            models.CheckConstraint(
                condition=~models.Q(state__in=["agreed", "published"])
                | models.Q(consent__isnull=False, seen_sha256__isnull=False),
                name="story_shown_with_consent",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="published") | models.Q(material__isnull=False),
                name="story_published_is_a_material",
            ),
        ]

    def __str__(self) -> str:
        return f"用户故事 {self.public_id.hex[-6:].upper()}"

    def sha256(self) -> bytes:
        """Of what is shown: what she is called, her words, her pictures in order, the product."""
        found = hashlib.sha256()
        for part in (self.called, self.text, str(self.product_id or "")):
            found.update(part.encode() + b"\0")
        for picture in self.pictures.all():
            found.update(bytes(picture.sha256))
        return found.digest()


def picture_path(instance: "StoryPicture", filename: str) -> str:
    """A folder that no public address reaches."""
    return f"stories/{uuid7().hex}.{filename.rsplit('.', 1)[-1]}"


class StoryPicture(PublicIdModel):
    """One picture of a story, private until she agrees and HQ publishes."""

    story = models.ForeignKey(Story, models.CASCADE, related_name="pictures")
    host = models.ForeignKey(Host, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    file = models.FileField(upload_to=picture_path)
    sha256 = models.BinaryField(max_length=32)

    PII: ClassVar[dict[str, Pii]] = {"file": Pii.IDENTIFIER, "sha256": Pii.NONE}
    PII_REST: ClassVar[Pii] = Pii.NONE
    PII_USE: ClassVar[Use] = Use("经本人同意展示她的使用故事", Kept.RELATION)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["story", "position"], name="story_picture_once")]
