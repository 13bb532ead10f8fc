"""Celery: the doorbell and the clock. What must happen is always a row first."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

app = Celery("dac")
app.config_from_object("config.celery_settings")
app.autodiscover_tasks()
