"""The web application, for an ASGI server."""

import os

from django.core.asgi import get_asgi_application

from apps.lib import walls
from config import demo

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

application = get_asgi_application()
walls.serve_the_web()
demo.refuse_in_production()
