"""The web application, for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

from apps.database import db_role
from config import demo

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

application = get_wsgi_application()
db_role.serve_the_web()
demo.refuse_in_production()
