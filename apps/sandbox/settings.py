"""Settings of the WeCom sandbox, a Django project beside the product and never part of it."""

import hashlib
from pathlib import Path
from urllib.parse import urlsplit

from apps.sandbox import env

env.refuse_production()

BASE_DIR = Path(__file__).resolve().parent

SITE_URL = env.text("SITE_URL", "http://localhost:8000").rstrip("/")
SANDBOX_PORT = int(env.text("SANDBOX_PORT", "8001"))
# Where a person's browser finds the sandbox; used in links that it hands out (QR codes, pictures).
SANDBOX_URL = env.text("SANDBOX_URL", f"http://{urlsplit(SITE_URL).hostname}:{SANDBOX_PORT}").rstrip("/")

WECOM_CORP_ID = env.text("WECOM_CORP_ID")
WECOM_AGENT_ID = int(env.text("WECOM_AGENT_ID"))
WECOM_SECRET = env.text("WECOM_SECRET")
WECOM_CONTACT_SECRET = env.text("WECOM_CONTACT_SECRET", WECOM_SECRET)
WECOM_CALLBACK_TOKEN = env.text("WECOM_CALLBACK_TOKEN")
WECOM_CALLBACK_AES_KEY = env.text("WECOM_CALLBACK_AES_KEY")
# `off` means that nobody listens: callbacks are recorded and not sent.
SANDBOX_CALLBACK_URL = env.text("SANDBOX_CALLBACK_URL", f"{SITE_URL}/wecom/callback/")

SECRET_KEY = hashlib.sha256(f"sandbox:{WECOM_SECRET}:{WECOM_CALLBACK_AES_KEY}".encode()).hexdigest()
DEBUG = False
ALLOWED_HOSTS = env.text("SANDBOX_ALLOWED_HOSTS", "*").split(",")

INSTALLED_APPS = [
    "apps.sandbox",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "apps.sandbox.middleware.PagePolicyMiddleware",
]
ROOT_URLCONF = "apps.sandbox.urls"
WSGI_APPLICATION = "apps.sandbox.wsgi.application"
APPEND_SLASH = False

DATABASES = {"default": env.database(env.text("DATABASE_URL"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "apps.sandbox.pages.context.sandbox",
            ]
        },
    }
]

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

MESSAGE_STORAGE = "apps.sandbox.pages.flash.SandboxCookieStorage"
# The product answers on the same host name and another port, and cookies do not know ports.
CSRF_COOKIE_NAME = "sandbox_csrf"
CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"

# Bulk seeding by the control API, and films of 10 MB by media/upload.
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s sandbox %(levelname)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"django.request": {"level": "ERROR"}},
}
