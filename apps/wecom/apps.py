from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WecomConfig(AppConfig):
    name = "apps.wecom"
    verbose_name = _("企业微信")

    def ready(self) -> None:
        from apps.outbox import registry
        from apps.privacy.registry import register_holder
        from apps.wecom import mass_sender, senders
        from apps.wecom.rights import HOLDER
        from apps.wecom.services import callbacks, jssdk, mass_results, sync, transfers

        for sender in senders.SENDERS:
            registry.register_sender(sender)
        registry.register_sender(mass_sender.SENDER)
        for handler in callbacks.HANDLERS:
            registry.register_handler(handler)
        registry.register_job(sync.JOB)
        registry.register_job(mass_results.JOB)
        register_holder(HOLDER)
        registry.register_job(transfers.JOB)
        registry.register_job(jssdk.JOB)
