"""The sandbox's entry point: `gunicorn apps.sandbox.wsgi:application`, with threads and one worker."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apps.sandbox.settings")

application = get_wsgi_application()

from apps.sandbox import delivery, world  # noqa: E402  (models exist only after the line above)

world.prepare()
delivery.pump.start()
