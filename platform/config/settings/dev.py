"""The settings behind `make run`: development keys, no TLS, DEBUG off."""

from config import env, keys, logs
from config.settings.base import *  # noqa: F403
from config.settings.base import LOG_JSON, LOG_LEVEL, VAR_DIR

_keys = keys.development_keys(VAR_DIR)
SECRET_KEY = env.secret("SECRET_KEY", _keys["SECRET_KEY"])
FIELD_KEY = env.secret("FIELD_KEY", _keys["FIELD_KEY"])
WECOM_CORP_ID = env.text("WECOM_CORP_ID", _keys["WECOM_CORP_ID"])
WECOM_SECRET = env.secret("WECOM_SECRET", _keys["WECOM_SECRET"])
WECOM_CONTACT_SECRET = env.secret("WECOM_CONTACT_SECRET", WECOM_SECRET)
WECOM_CALLBACK_TOKEN = env.secret("WECOM_CALLBACK_TOKEN", _keys["WECOM_CALLBACK_TOKEN"])
WECOM_CALLBACK_AES_KEY = env.secret("WECOM_CALLBACK_AES_KEY", _keys["WECOM_CALLBACK_AES_KEY"])

DEBUG = env.flag("DEBUG", default=False)
DEMO_ALLOWED = True
HQ_SECOND_STEP_REQUIRED = env.flag("HQ_SECOND_STEP", default=False)
LOGGING = logs.configuration(json=LOG_JSON, level=LOG_LEVEL)
