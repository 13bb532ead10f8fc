"""Everything that dev, test and production share. Values come from the environment (config/env.py)."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext

from config import database, env, error_reports, headers, storage

# Lets `models.Field[str, str]` and the like be written at run time as the type checker reads them.
django_stubs_ext.monkeypatch()

ROOT = Path(__file__).resolve().parents[3]
VAR_DIR = Path(env.text("VAR_DIR", str(ROOT / "var"))).resolve()

PORT = env.number("PORT", 8000)
SITE_URL = env.text("SITE_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", f"{urlsplit(SITE_URL).hostname},127.0.0.1,localhost")
CSRF_TRUSTED_ORIGINS = [SITE_URL]
DEBUG = False

INSTALLED_APPS = [
    "apps.console",
    "apps.workbench",
    "apps.storefront",
    "apps.bot",
    "apps.privacy",
    "apps.insights",
    "apps.profiles",
    "apps.sharing",
    "apps.learning",
    "apps.stories",
    "apps.trade",
    "apps.library",
    "apps.wecom",
    "apps.reach",
    "apps.customers",
    "apps.catalog",
    "apps.commission",
    "apps.media",
    "apps.tracking",
    "apps.outbox",
    "apps.records",
    "apps.accounts",
    "apps.console_kit",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "treebeard",
    "django_filters",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "django_celery_beat",
    "axes",
    "csp",
    "django_otp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "config.metrics.MetricsMiddleware",
    "config.headers.HeadersMiddleware",
    "config.headers.PolicyMiddleware",
    "config.compression.CompressionMiddleware",
    "config.addresses.ReadableMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.RequestIdMiddleware",
    "config.addresses.ForgivingMiddleware",
    "django.middleware.common.CommonMiddleware",
    "config.middleware.TransactionMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "apps.accounts.middleware.HostMiddleware",
    "apps.accounts.middleware.SecondStepMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "config.middleware.MalformedFormMiddleware",
    "config.addresses.NextMiddleware",
    "apps.accounts.middleware.SentOnceMiddleware",
]

CSRF_FAILURE_VIEW = "config.errors.not_from_our_page"

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
            "libraries": {"humanize": "apps.lib.humanize_tags", "sheets": "config.sheet_tags"},
        },
    },
]

# --- database, broker, cache, files -----------------------------------------------------------------

DATABASE_URL = env.secret("DATABASE_URL", "") or database.embedded_url(VAR_DIR)
DATABASES: dict[str, Any] = {"default": database.from_url(DATABASE_URL)}
# Read by insights only; it is the same database until a replica is named.
DATABASE_REPLICA_URL = env.secret("DATABASE_REPLICA_URL", "")
if DATABASE_REPLICA_URL:
    DATABASES["replica"] = {
        **database.from_url(DATABASE_REPLICA_URL, name="DATABASE_REPLICA_URL"),
        "TEST": {"MIRROR": "default"},
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

BROKER_URL = env.secret("BROKER_URL", "") or database.broker_url(DATABASE_URL)

CACHE_URL = env.secret("CACHE_URL", "")
CACHES = {"default": database.cache_from_url(CACHE_URL)}

STORAGE_URL = env.secret("STORAGE_URL", f"file://{VAR_DIR / 'media'}")
STORAGES = {
    "default": storage.from_url(STORAGE_URL),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_URL = "/media/"
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
# Nobody asks for names without a fingerprint; compressing those too would double a first start.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "config.sheets.SheetFinder",
]
STATICFILES_DIRS = [ROOT / "static", ROOT / "build" / "static"]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

# --- people -----------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
SESSION_ENGINE = "apps.accounts.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
LOGIN_URL = "workbench:sign-in"
LOGIN_REDIRECT_URL = "/"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "apps.accounts.backends.RightsBackend"]
API_TOKEN_LIFE = timedelta(days=30)
# How many proxies of ours stand before this process: so many entries of X-Forwarded-For are believed.
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 0)
# Wrong passwords are counted in the database, so by all processes together: by name and address.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_CLIENT_IP_CALLABLE = "apps.lib.requests.network_of"
AXES_SENSITIVE_PARAMETERS = ["username", "password", "csrfmiddlewaretoken", "next", "code"]
AXES_VERBOSE = False
# From one address, behind which an office or a carrier may stand.
SIGN_INS_A_MINUTE = 30
AXES_LOCKOUT_CALLABLE = "apps.accounts.services.signing_in.keep_answer"
AXES_ENABLE_ADMIN = False
# Whether people at HQ must confirm each sign-in with their authenticator app; else they may.
HQ_SECOND_STEP_REQUIRED = False
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# --- personal data ----------------------------------------------------------------------------------

# What the blind indexes are derived from; empty: the lowest-numbered FIELD_KEY (docs/privacy.md).
INDEX_KEY = env.secret("INDEX_KEY", "")
# How long each kind of personal data is kept (apps/lib/pii.py); None: until another rule ends it.
RETENTION: dict[str, timedelta | None] = {
    "relation": timedelta(days=3 * 365),  # after the relation ended and the last order
    "trade": timedelta(days=3 * 365),  # trade records: E-Commerce Law, article 31
    "ledger": None,  # amounts and facts stay, under a pseudonym
    "message": timedelta(days=90),
    "inbox": timedelta(days=30),
    "access": timedelta(days=3 * 365),
    "consent": timedelta(days=3 * 365),  # after it was withdrawn or its relation erased
    "request": timedelta(days=3 * 365),
    "visit": timedelta(days=180),
    "short": timedelta(days=1),
    "applicant": timedelta(days=90),  # after the answer; the notice of the form promises it
    "staff": None,  # as long as the person works here
}
# From when to when, by Shanghai's clock, the platform sends consumers no offers by itself.
REACH_QUIET_HOURS = env.hours("REACH_QUIET_HOURS", "21:30-08:30")
# How many customers a role at HQ may see unmasked in 24 hours; a role that is not named never does.
REVEALS_A_DAY = {"管理员": 20, "运营": 20, "区域经理": 20, "客服": 50}

# --- language, time ---------------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文")]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True
LOCALE_PATHS = [ROOT / "apps" / "console" / "locale"]

# --- Wagtail (the HQ console) -----------------------------------------------------------------------

WAGTAIL_SITE_NAME = "大C赋能平台·总部"
WAGTAILADMIN_BASE_URL = SITE_URL
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAILADMIN_PERMITTED_LANGUAGES = [("zh-hans", "简体中文")]
WAGTAIL_USER_TIME_ZONES = ["Asia/Shanghai"]
WAGTAIL_DATE_FORMAT = "%Y-%m-%d"
WAGTAIL_DATETIME_FORMAT = "%Y-%m-%d %H:%M"
WAGTAIL_I18N_ENABLED = False
WAGTAIL_FINISH_WORKFLOW_ACTION = "apps.library.flow.publish_after_approval"
WAGTAILADMIN_USER_LOGIN_FORM = "apps.console.forms.SignInForm"
WAGTAILADMIN_COMMENTS_ENABLED = False
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False  # apps/console/account.py has a way of its own
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAILIMAGES_IMAGE_MODEL = "media.Image"
WAGTAILIMAGES_IMAGE_FORM_BASE = "apps.media.forms.CleanImageForm"
WAGTAILIMAGES_EXTENSIONS = ["jpg", "jpeg", "png", "webp", "heic", "heif"]
# What a phone shows alike in half the bytes; finer where a filter says so.
WAGTAILIMAGES_JPEG_QUALITY = 78
WAGTAILIMAGES_WEBP_QUALITY = 72
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 20 * 1024 * 1024
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "apps.console_kit.search"}}

# --- what browsers are told -------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {"DIRECTIVES": headers.PAGES}
X_FRAME_OPTIONS = "DENY"
# Origins only, for every page: a private link's address is its key and must reach no other site's log, nor
# our own proxy's. Not "no-referrer": by that a browser posts forms with `Origin: null`, and each is refused.
SECURE_REFERRER_POLICY = "strict-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# Asked by programs of our own machines over plain http, where TLS ends at the proxy.
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^metrics$"]

# --- API --------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apps.accounts.authentication.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["apps.accounts.permissions.DenyAll"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "apps.lib.api.JsonParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_PAGINATION_CLASS": "apps.lib.pagination.NumberedPagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "config.api.handle_exception",
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "大C赋能平台 API",
    "DESCRIPTION": "总部、群主与导购共用的接口：素材、选品、客户、订单与数据。",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "COMPONENT_SPLIT_REQUEST": True,
    "PREPROCESSING_HOOKS": ["config.api.only_ours"],
}

# --- WeCom ------------------------------------------------------------------------------------------

WECOM_API_BASE = env.text("WECOM_API_BASE", "https://qyapi.weixin.qq.com").rstrip("/")
WECOM_OAUTH_BASE = env.text("WECOM_OAUTH_BASE", "https://open.weixin.qq.com").rstrip("/")
WECOM_LOGIN_BASE = env.text("WECOM_LOGIN_BASE", "https://login.work.weixin.qq.com").rstrip("/")
WECOM_AGENT_ID = env.number("WECOM_AGENT_ID", 1000002)

# --- what it tells of itself ------------------------------------------------------------------------

LOG_JSON = env.flag("LOG_JSON", default=False)
LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"))
# A statement that takes this long is logged by its shape; 0: none.
SLOW_QUERY_MS = env.number("SLOW_QUERY_MS", 500)
SENTRY_DSN = env.secret("SENTRY_DSN", "")
# Who may read /metrics from another machine; empty: nobody.
METRICS_TOKEN = env.secret("METRICS_TOKEN", "")
error_reports.start(SENTRY_DSN, environment=urlsplit(SITE_URL).hostname or "")
