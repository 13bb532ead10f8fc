"""The settings of the test run: fixed keys, a cheap hasher, no manifest for static files."""

import os
import tempfile

# A test run brings a folder of its own (runtime/testing.py); this name is for tools that only read settings.
os.environ.setdefault("VAR_DIR", f"{tempfile.gettempdir()}/dac-test")

from config import logs, storage
from config.settings.base import *  # noqa: F403
from config.settings.base import STATIC_ROOT, VAR_DIR

SECRET_KEY = "for-tests-only-" + "x" * 40
FIELD_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
WECOM_CORP_ID = os.environ.get("WECOM_CORP_ID", "ww0123456789abcdef")
WECOM_SECRET = os.environ.get("WECOM_SECRET", "test-secret")
WECOM_CONTACT_SECRET = WECOM_SECRET
WECOM_CALLBACK_TOKEN = os.environ.get("WECOM_CALLBACK_TOKEN", "dcTOKEN")
WECOM_CALLBACK_AES_KEY = os.environ.get(
    "WECOM_CALLBACK_AES_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
)

DEMO_ALLOWED = True
# Tests play the proxy: each visitor may say whence she comes.
TRUSTED_PROXIES = 1
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    # A folder for each process of the run: what one stores is no surprise to another.
    "default": storage.from_url(f"file://{VAR_DIR}/media/{os.environ.get('PYTEST_XDIST_WORKER', 'gw')}"),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
CELERY_TASK_ALWAYS_EAGER = False
# No worker listens: tests run what is due themselves.
DOORBELL = False
LOGGING = logs.configuration(json=False, level="WARNING")

# Nothing is collected in tests, and whitenoise warns when its folder is missing.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
