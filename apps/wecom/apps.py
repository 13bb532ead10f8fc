from django.apps import AppConfig


class WecomConfig(AppConfig):
    name = "apps.wecom"
    verbose_name = "企业微信"

    def ready(self) -> None:
        from apps.accounts import services as accounts
        from apps.customers.handover import moving
        from apps.outbox import registry
        from apps.reach import senders as reach
        from apps.records import signals
        from apps.wecom import senders
        from apps.wecom.mass import results, sends, stopper
        from apps.wecom.mass import sender as mass_sender
        from apps.wecom.services import account_notices, callbacks, jssdk, sync, transfers

        for to_host in senders.TO_HOSTS:
            registry.register_sender(to_host)
        for sender in (*senders.TO_CONSUMERS, mass_sender.SENDER):
            reach.register(sender)
        registry.register_sender(stopper.SENDER)
        signals.consent_withdrawn.connect(sends.consent_withdrawn)
        moving.follow(sends.customers_moved)
        accounts.when_by_another(account_notices.tell_host)
        accounts.when_out(sends.host_is_out, tells=sends.what_is_called_off)
        for handler in callbacks.HANDLERS:
            registry.register_handler(handler)
        registry.register_job(sync.JOB)
        registry.register_job(results.JOB)
        registry.register_job(transfers.JOB)
        registry.register_job(jssdk.JOB)
