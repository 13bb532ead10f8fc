from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate

from apps.database import db_role, grants, slow_queries


class AccountsConfig(AppConfig):
    name = "apps.accounts"
    verbose_name = "账号与组织"

    def ready(self) -> None:
        db_role.watch_connections()
        slow_queries.watch_connections()
        pre_migrate.connect(grants.before_migrations, sender=self)
        post_migrate.connect(grants.after_migrations, sender=self)
