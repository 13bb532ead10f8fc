from django.apps import AppConfig


class SharingConfig(AppConfig):
    name = "apps.sharing"
    verbose_name = "分享"

    def ready(self) -> None:
        from apps.sharing.welcome import welcome_text
        from apps.wecom import welcoming

        welcoming.register(welcome_text)
