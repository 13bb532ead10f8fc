"""The corp as it stands when nothing has happened yet."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from apps.sandbox.models import App, Department, Simulation

ROOT_DEPARTMENT = 1
CONTACT_AGENT_ID = 0


@transaction.atomic
def prepare() -> None:
    """Make what every world has: the knobs, the root department, and the apps named in the environment.

    Values from the environment win over what an earlier run stored; everything else is kept.
    """
    simulation = Simulation.load()
    Department.objects.get_or_create(pk=ROOT_DEPARTMENT, defaults={"name": simulation.corp_name})
    has_own_contact_secret = settings.WECOM_CONTACT_SECRET != settings.WECOM_SECRET
    callback_url = "" if settings.SANDBOX_CALLBACK_URL == "off" else settings.SANDBOX_CALLBACK_URL
    App.objects.filter(role__in=(App.Role.MAIN, App.Role.CONTACT)).exclude(
        agent_id__in=(settings.WECOM_AGENT_ID, CONTACT_AGENT_ID)
    ).delete()
    App.objects.update_or_create(
        agent_id=settings.WECOM_AGENT_ID,
        defaults={
            "role": App.Role.MAIN,
            "name": "大C赋能",
            "secret": settings.WECOM_SECRET,
            "callback_url": callback_url,
            "callback_token": settings.WECOM_CALLBACK_TOKEN,
            "callback_aes_key": settings.WECOM_CALLBACK_AES_KEY,
            "redirect_host": urlsplit(settings.SITE_URL).hostname or "",
            "has_customer_api": not has_own_contact_secret,
        },
    )
    if has_own_contact_secret:
        App.objects.update_or_create(
            agent_id=CONTACT_AGENT_ID,
            defaults={
                "role": App.Role.CONTACT,
                "name": "客户联系",
                "secret": settings.WECOM_CONTACT_SECRET,
                "has_customer_events": False,
            },
        )
    else:
        App.objects.filter(agent_id=CONTACT_AGENT_ID).delete()


@transaction.atomic
def empty() -> None:
    """Forget everything and start over.

    DELETE, not TRUNCATE: on tables this small it takes a hundredth of the time. The lock keeps out calls
    that would still write into the old world.
    """
    models = apps.get_app_config("sandbox").get_models(include_auto_created=True)
    tables = [model._meta.db_table for model in models]
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {', '.join(tables)} IN EXCLUSIVE MODE")
        cursor.execute("; ".join(f"DELETE FROM {table}" for table in tables))  # noqa: S608
    prepare()


def main_app() -> App:
    return App.objects.get(role=App.Role.MAIN)
