"""Money and new customers for the host they count for; a host reads her own, only the projection writes."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

from apps.lib.row_security import NONE, OWN, EnableRowSecurity


def hosts(name: str) -> models.ForeignKey:
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name=name,
        to="accounts.host",
    )


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounts", "0005_signing_in"), ("insights", "0002_row_security")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="MoneyMove",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "order_id", "reversal_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("order_id", models.BigIntegerField()),
                ("reversal_id", models.BigIntegerField()),
                ("relation_id", models.BigIntegerField()),
                ("link_id", models.BigIntegerField(null=True)),
                ("subject_kind", models.CharField(default="", max_length=10)),
                ("subject_id", models.BigIntegerField(null=True)),
                ("channel", models.CharField(default="", max_length=10)),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("kind", models.CharField(max_length=10, verbose_name="类型")),
                ("fen", models.BigIntegerField(verbose_name="金额（分）")),
                ("commission_fen", models.BigIntegerField(verbose_name="佣金（分）")),
                ("is_repeat", models.BooleanField(default=False)),
                ("imported_at", models.DateTimeField(null=True)),
                ("host", hosts("money_moves")),
            ],
            options={
                "verbose_name": "金额变动",
                "verbose_name_plural": "金额变动",
                "indexes": [
                    models.Index(
                        fields=["host", "at"],
                        include=("kind", "relation_id", "fen", "is_repeat"),
                        name="move_host",
                    ),
                    models.Index(fields=["at"], name="move_at"),
                    models.Index(
                        condition=models.Q(("subject_id__isnull", False)),
                        fields=["subject_kind", "subject_id", "at"],
                        include=("host_id", "channel", "kind", "fen"),
                        name="move_subject",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NewCustomer",
            fields=[
                ("relation_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField(verbose_name="成为客户")),
                ("source", models.CharField(default="", max_length=10, verbose_name="来源")),
                ("host", hosts("new_customers")),
            ],
            options={
                "verbose_name": "新客户",
                "verbose_name_plural": "新客户",
                "indexes": [
                    models.Index(fields=["host", "at"], name="newcustomer_host"),
                    models.Index(fields=["at"], name="newcustomer_at"),
                ],
            },
        ),
        # The projection begins anew with this version: what these columns hold is counted again.
        migrations.RenameField("hostday", "reversed_fen", "taken_back_fen"),
        migrations.AddField(
            "hostday", "gmv_fen", models.BigIntegerField(db_default=0, verbose_name="成交金额（分）")
        ),
        migrations.AddField(
            "hostday", "imported_at", models.DateTimeField(null=True, verbose_name="导入写入")
        ),
        EnableRowSecurity("insights_moneymove", host_reads=OWN, host_adds=NONE, host_changes=NONE),
        EnableRowSecurity("insights_newcustomer", host_reads=OWN, host_adds=NONE, host_changes=NONE),
    ]
