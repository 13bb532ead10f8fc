"""What somebody at HQ made of a list: her columns, her saved views, and what she did with many rows at once.

People live above this app, so a person is an id here (`owner_id`), and her rows are reached by
`access.py` alone.
"""

from typing import ClassVar

from django.db import models

from apps.database.fields import EncryptedTextField, PlainCharField
from apps.database.models import PublicIdModel
from apps.lib.pii import Kept, Pii, Use


class ListChoice(models.Model):
    """Which columns of a list she wants to see, in her order, and whether as a table or as cards."""

    owner_id = models.BigIntegerField()
    key = models.CharField(max_length=40)
    columns = models.JSONField(default=list)
    #: Cards with large pictures instead of a table, where the list has both.
    is_grid = models.BooleanField(default=False)

    PII: ClassVar[dict[str, Pii]] = {"key": Pii.NONE, "columns": Pii.NONE}

    class Meta:
        verbose_name = "列表显示的列"
        verbose_name_plural = "列表显示的列"
        constraints = [models.UniqueConstraint(fields=["owner_id", "key"], name="list_choice_once")]

    def __str__(self) -> str:
        return f"{self.owner_id}: {self.key}"


class SavedView(PublicIdModel):
    """Filters, words, sorting and columns of a list under a name of hers."""

    owner_id = models.BigIntegerField()
    key = models.CharField(max_length=40)
    name = PlainCharField("名称", max_length=20)
    #: As in the address, sealed: she types what she likes into a search. Lists of people keep no words of it
    #: at all (`Desk.search_finds_people`), since whoever they name may be gone one day.
    query = EncryptedTextField(blank=True, default="")
    columns = models.JSONField(default=list)
    #: What the list opens with.
    is_default = models.BooleanField(default=False)

    PII: ClassVar[dict[str, Pii]] = {
        "key": Pii.NONE,
        "name": Pii.STAFF,
        "query": Pii.CONTACT,
        "columns": Pii.NONE,
    }
    PII_REST: ClassVar[Pii] = Pii.STAFF
    PII_USE: ClassVar[Use] = Use("总部每个人存下的列表筛选", Kept.STAFF)

    class Meta:
        verbose_name = "常用筛选"
        verbose_name_plural = "常用筛选"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner_id", "key", "name"], name="saved_view_named_once"),
            models.UniqueConstraint(
                fields=["owner_id", "key"],
                condition=models.Q(is_default=True),
                name="saved_view_one_default",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BulkRun(PublicIdModel):
    """One act on many rows: written down before the first row is touched, carried out in chunks."""

    class State(models.TextChoices):
        RUNNING = "running", "正在做"
        DONE = "done", "做完了"
        TAKING_BACK = "taking-back", "正在撤销"
        TAKEN_BACK = "taken-back", "撤销了"

    owner_id = models.BigIntegerField()
    key = models.CharField(max_length=40)
    act = models.CharField(max_length=40)
    #: The filtered set it was, as in the address but without words; empty when rows were ticked one by one.
    query = models.CharField(max_length=1000, blank=True)
    #: What she chose with it, as she posted it; empty once nothing can be done with it any more.
    given = models.JSONField(default=dict)
    state = models.CharField("状态", max_length=12, choices=State, default=State.RUNNING)
    begun_at = models.DateTimeField("开始")
    ended_at = models.DateTimeField("做完", null=True)

    PII: ClassVar[dict[str, Pii]] = {
        "key": Pii.NONE,
        "act": Pii.NONE,
        "query": Pii.NONE,
        "given": Pii.STAFF,
        "state": Pii.NONE,
    }
    PII_REST: ClassVar[Pii] = Pii.STAFF
    PII_USE: ClassVar[Use] = Use("总部一次处理很多行：谁、哪些、结果", Kept.APPLICANT)

    class Meta:
        verbose_name = "批量操作"
        verbose_name_plural = "批量操作"
        indexes = [models.Index(fields=["owner_id", "-begun_at"], name="bulk_run_owner")]

    def __str__(self) -> str:
        return f"{self.key}: {self.act}"


class BulkItem(models.Model):
    """One row of a run, and what became of it."""

    class State(models.TextChoices):
        WAITING = "waiting", "还没轮到"
        DONE = "done", "做好了"
        REFUSED = "refused", "没有做"
        TAKEN_BACK = "taken-back", "撤销了"
        KEPT = "kept", "没有撤销"

    run = models.ForeignKey(BulkRun, models.CASCADE, related_name="items")
    #: What it is called is read from the row itself: a name kept here would outlive it.
    row_id = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    why = models.CharField(max_length=200, blank=True)
    #: What the act changes of it, as it stood before and after.
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    PII: ClassVar[dict[str, Pii]] = {
        "state": Pii.NONE,
        "why": Pii.NONE,
        "before": Pii.STAFF,
        "after": Pii.STAFF,
    }
    PII_REST: ClassVar[Pii] = Pii.STAFF
    PII_USE: ClassVar[Use] = Use("批量操作里的一行：改之前和之后", Kept.APPLICANT)

    class Meta:
        verbose_name = "批量操作的一行"
        verbose_name_plural = "批量操作的行"
        constraints = [models.UniqueConstraint(fields=["run", "row_id"], name="bulk_item_once")]
        indexes = [models.Index(fields=["run", "state"], name="bulk_item_state")]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.row_id}"
