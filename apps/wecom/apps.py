from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WecomConfig(AppConfig):
    name = "apps.wecom"
    verbose_name = _("企业微信")

    def ready(self) -> None:
        from apps.outbox import registry
        from apps.wecom import senders
        from apps.wecom.services import callbacks, jssdk, sync, transfers

        for sender in senders.SENDERS:
            registry.register_sender(sender)
        for handler in callbacks.HANDLERS:
            registry.register_handler(handler)
        registry.register_job(sync.JOB)
        registry.register_job(transfers.JOB)
        registry.register_job(jssdk.JOB)
