"""Settings for tools that only read the code (types, makemigrations --check): nothing here connects."""

import os

for name, value in {
    "SANDBOX_ALLOWED": "1",
    "DATABASE_URL": "postgres://127.0.0.1/none",
    "WECOM_CORP_ID": "ww0000000000000000",
    "WECOM_AGENT_ID": "1000002",
    "WECOM_SECRET": "none",
    "WECOM_CALLBACK_TOKEN": "none",
    "WECOM_CALLBACK_AES_KEY": "A" * 43,
}.items():
    os.environ.setdefault(name, value)

from apps.sandbox.settings import *  # noqa: E402, F403
