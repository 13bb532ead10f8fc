from django.apps import AppConfig


class SandboxConfig(AppConfig):
    name = "apps.sandbox"
    label = "sandbox"
    verbose_name = "企业微信沙箱"
    default_auto_field = "django.db.models.BigAutoField"
