from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WecomConfig(AppConfig):
    name = "apps.wecom"
    verbose_name = _("企业微信")

    def ready(self) -> None:
        from apps.accounts import services as accounts
        from apps.outbox import registry
        from apps.privacy.registry import register_holder
        from apps.wecom import mass_sender, mass_stopper, senders
        from apps.wecom.rights import HOLDER
        from apps.wecom.services import (
            account_notices,
            callbacks,
            jssdk,
            mass_results,
            mass_sends,
            sync,
            transfers,
        )

        for sender in senders.SENDERS:
            registry.register_sender(sender)
        registry.register_sender(mass_sender.SENDER)
        registry.register_sender(mass_stopper.SENDER)
        accounts.when_by_another(account_notices.tell_host)
        accounts.when_out(mass_sends.host_is_out, tells=mass_sends.what_is_called_off)
        for handler in callbacks.HANDLERS:
            registry.register_handler(handler)
        registry.register_job(sync.JOB)
        registry.register_job(mass_results.JOB)
        register_holder(HOLDER)
        registry.register_job(transfers.JOB)
        registry.register_job(jssdk.JOB)
