from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _

from apps.lib import database_roles, walls


class AccountsConfig(AppConfig):
    name = "apps.accounts"
    verbose_name = _("账号与组织")

    def ready(self) -> None:
        walls.watch_connections()
        pre_migrate.connect(database_roles.before_migrations, sender=self)
        post_migrate.connect(database_roles.after_migrations, sender=self)
