from django.apps import AppConfig


class SharingConfig(AppConfig):
    name = "apps.sharing"
    verbose_name = "分享"

    def ready(self) -> None:
        from apps.sharing.travelling import shown_of
        from apps.sharing.welcome import welcome_text
        from apps.wecom import welcoming
        from apps.wecom.mass import shown

        welcoming.register(welcome_text)
        shown.register(shown_of)
