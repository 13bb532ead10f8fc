"""The HQ roles as groups (their permissions are given by the apps that own the rows); what is only added to."""

from typing import Any, ClassVar

from django.db import migrations

from apps.database.append_only import AppendOnly
from apps.database.row_security import OWN, EnableRowSecurity

ROLES = ("管理员", "内容编辑", "内容审核", "选品", "运营", "数据分析", "区域经理", "客服")


def make_roles(apps: Any, schema_editor: Any) -> None:
    group = apps.get_model("auth", "Group")
    for name in ROLES:
        group.objects.get_or_create(name=name)


def drop_roles(apps: Any, schema_editor: Any) -> None:
    apps.get_model("auth", "Group").objects.filter(name__in=ROLES).delete()


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations: ClassVar = [
        migrations.RunPython(make_roles, drop_roles),
        AppendOnly("accounts_accountevent"),
        AppendOnly("accounts_hosttransition"),
        EnableRowSecurity("accounts_hostphone", host_reads=OWN),
    ]
