"""Production: every secret from the environment, TLS, JSON logs; no demo, no sandbox, no DEBUG."""

from urllib.parse import urlsplit

from config import env, logs
from config.settings.base import *  # noqa: F403
from config.settings.base import LOG_LEVEL, SITE_URL, WECOM_API_BASE, WECOM_LOGIN_BASE, WECOM_OAUTH_BASE

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
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 10:
    _refuse("SECRET_KEY 太短或太简单，请换成至少 50 个随机字符。")
if len(FIELD_KEY) < 43:
    _refuse("FIELD_KEY 应是 32 个随机字节的 base64（44 个字符）。")
if urlsplit(SITE_URL).scheme != "https":
    _refuse("SITE_URL 必须以 https:// 开头。")
if (VAR_KEYS := env.text("VAR_DIR", "")) and (ROOT / VAR_KEYS / "keys.env").exists():  # noqa: F405
    _refuse("VAR_DIR 里有开发用的 keys.env，请换一个目录，密钥用环境变量给出。")
for _base in (WECOM_API_BASE, WECOM_OAUTH_BASE, WECOM_LOGIN_BASE):
    if not (urlsplit(_base).scheme == "https" and (urlsplit(_base).hostname or "").endswith(".qq.com")):
        _refuse(f"企业微信地址 {_base} 不是官方地址；模拟器只能在开发环境用。")

SECURE_SSL_REDIRECT = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
LOGGING = logs.configuration(json=True, level=LOG_LEVEL)
