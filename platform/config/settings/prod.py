"""Production: every secret from the environment, TLS, JSON logs; no demo, no sandbox, no DEBUG."""

from config import env, logs, strength
from config.settings.base import *  # noqa: F403
from config.settings.base import (
    ALLOWED_HOSTS,
    CACHE_URL,
    INDEX_KEY,
    LOG_LEVEL,
    METRICS_TOKEN,
    SITE_URL,
    WECOM_API_BASE,
    WECOM_LOGIN_BASE,
    WECOM_OAUTH_BASE,
)

SECRET_KEY = env.secret("SECRET_KEY")
FIELD_KEY = env.secret("FIELD_KEY")
WECOM_CORP_ID = env.text("WECOM_CORP_ID")
WECOM_SECRET = env.secret("WECOM_SECRET")
WECOM_CONTACT_SECRET = env.secret("WECOM_CONTACT_SECRET", WECOM_SECRET)
WECOM_CALLBACK_TOKEN = env.secret("WECOM_CALLBACK_TOKEN")
WECOM_CALLBACK_AES_KEY = env.secret("WECOM_CALLBACK_AES_KEY")

DEMO_ALLOWED = False
HQ_SECOND_STEP_REQUIRED = True
# Production stands behind a proxy that ends TLS (docs/operations.md).
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 1)


class UnsafeProductionError(RuntimeError):
    """Something that is fine on a laptop would be dangerous here."""


def _refuse(reason: str) -> None:
    raise UnsafeProductionError(f"生产环境拒绝启动：{reason}")


if env.flag("DEBUG", default=False):
    _refuse("DEBUG 是打开的，请去掉它。")
# The embedded database is a convenience of laptops: nobody backs it up.
if not env.secret("DATABASE_URL", ""):
    _refuse("没有 DATABASE_URL：生产环境要用有备份的 PostgreSQL 15 以上。")
for _sentence in (
    strength.of_secret_key(SECRET_KEY),
    strength.of_field_keys(FIELD_KEY),
    strength.of_field_keys(INDEX_KEY, name="INDEX_KEY") if INDEX_KEY else "",
    strength.of_callback_key(WECOM_CALLBACK_AES_KEY),
    strength.of_hosts(ALLOWED_HOSTS),
    strength.of_metrics_token(METRICS_TOKEN) if METRICS_TOKEN else "",
    strength.of_wecom_secret(WECOM_SECRET),
    strength.of_wecom_secret(WECOM_CONTACT_SECRET, name="WECOM_CONTACT_SECRET"),
    strength.of_callback_token(WECOM_CALLBACK_TOKEN),
    strength.of_site(SITE_URL, ALLOWED_HOSTS),
    strength.of_broker(_given) if (_given := env.secret("BROKER_URL", "")) else "",
    strength.of_cache(CACHE_URL) if CACHE_URL else "",
    strength.of_proxies(TRUSTED_PROXIES),
    strength.of_distinct(
        {
            "SECRET_KEY": SECRET_KEY,
            "FIELD_KEY": FIELD_KEY,
            "INDEX_KEY": INDEX_KEY,
            "METRICS_TOKEN": METRICS_TOKEN,
            "WECOM_SECRET": WECOM_SECRET,
            "WECOM_CONTACT_SECRET": WECOM_CONTACT_SECRET,
            "WECOM_CALLBACK_TOKEN": WECOM_CALLBACK_TOKEN,
            "WECOM_CALLBACK_AES_KEY": WECOM_CALLBACK_AES_KEY,
        },
        # An index key kept from before a change of keys; one application for both uses.
        may_be_one=[{"FIELD_KEY", "INDEX_KEY"}, {"WECOM_SECRET", "WECOM_CONTACT_SECRET"}],
    ),
    *(strength.of_wecom_base(one) for one in (WECOM_API_BASE, WECOM_OAUTH_BASE, WECOM_LOGIN_BASE)),
):
    if _sentence:
        _refuse(_sentence)
# The check of health asks by the machine's own name, from within (`runtime.units`).
ALLOWED_HOSTS = list(dict.fromkeys([*ALLOWED_HOSTS, "127.0.0.1"]))
if (VAR_KEYS := env.text("VAR_DIR", "")) and (ROOT / VAR_KEYS / "keys.env").exists():  # noqa: F405
    _refuse("VAR_DIR 里有开发用的 keys.env，请换一个目录，密钥用环境变量给出。")

SECURE_SSL_REDIRECT = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
LOGGING = logs.configuration(json=True, level=LOG_LEVEL)
