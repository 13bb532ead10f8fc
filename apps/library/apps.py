from django.apps import AppConfig
from django.db.models.signals import post_migrate


class LibraryConfig(AppConfig):
    name = "apps.library"
    verbose_name = "素材库"

    def ready(self) -> None:
        from apps.accounts.services import organisations
        from apps.catalog import ending
        from apps.library import announcing, causes, publishing, receivers, review, targeting
        from apps.library.models import Issue, Material
        from apps.library.selling import posts_that_sell
        from apps.outbox.registry import register_cause

        ending.tell(posts_that_sell)
        organisations.tell(targeting.what_moving_means)
        publishing.register(Material, causes.MATERIAL)
        publishing.register(Issue, causes.ISSUE, news=announcing.news_of)
        register_cause(causes.END)
        for model in (Material, Issue):
            receivers.follow(model)
            receivers.write_down(model)
        post_migrate.connect(review.ensure_workflow, sender=self)
