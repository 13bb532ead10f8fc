"""The web application, for an ASGI server."""

import os

from django.core.asgi import get_asgi_application

from apps.database import db_role
from config import demo

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

application = get_asgi_application()
db_role.serve_the_web()
demo.refuse_in_production()
