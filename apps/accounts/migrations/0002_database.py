"""The HQ roles as groups. Their permissions are given by the apps that own the rows."""

from typing import Any, ClassVar

from django.db import migrations

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
    operations: ClassVar = [migrations.RunPython(make_roles, drop_roles)]
