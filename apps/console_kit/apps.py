from django.apps import AppConfig


class ConsoleKitConfig(AppConfig):
    name = "apps.console_kit"
    verbose_name = "总部后台"
