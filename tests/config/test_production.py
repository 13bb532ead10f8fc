"""Production refuses what is fine on a laptop. Each start is a real process with its own environment."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from config import demo
from tests.factories import a_host

ROOT = Path(__file__).resolve().parents[2]
SOUND = {
    "DJANGO_SETTINGS_MODULE": "config.settings.prod",
    "SECRET_KEY": "k3J9-qL0w_vX7bZ2mN5cT8yR1uP4sD6fG-hA0jK9eW3oI7xV2nB",
    "FIELD_KEY": "mQ3u0yXo7vK2tq9hZk1c4Jr8sLwVbNfE5gTa6dPiRxU=",
    "SITE_URL": "https://c.example.com",
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "WECOM_CORP_ID": "ww0123456789abcdef",
    "WECOM_SECRET": "pX4vQ9zL2mK7tR1yB8nC5wD3hF6jG0sAeUiOkTqVxZa",
    "WECOM_CALLBACK_TOKEN": "hW7kQ2pZx9Lm",
    "WECOM_CALLBACK_AES_KEY": "Gk8ZrT2wYq5NcVx1LmP7hJ4sBd9fQa3eKu6iRo0tXyE",
}
#: Another key of 32 random bytes, in the other spelling of base64.
OTHER_KEY = "t6Yp1s-Vq0Zb8kX3uWmE_7rLhC4nJ5fGdA2oT9iKcQM="


def _start(
    changes: dict[str, str | None], code: str = "import django; django.setup(); print('started')"
) -> str:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    environment = {**kept, **SOUND, **{k: v for k, v in changes.items() if v is not None}}
    # The code of this working copy, wherever the package is installed from.
    environment["PYTHONPATH"] = f"{ROOT / 'platform'}{os.pathsep}{ROOT}"
    for name, value in changes.items():
        if value is None:
            environment.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    return done.stdout + done.stderr


def test_a_sound_environment_starts(tmp_path: Path) -> None:
    assert "started" in _start({"VAR_DIR": str(tmp_path)})


def test_an_index_key_of_before_and_one_secret_for_both_uses_are_sound(tmp_path: Path) -> None:
    one = {"INDEX_KEY": SOUND["FIELD_KEY"], "WECOM_CONTACT_SECRET": SOUND["WECOM_SECRET"]}

    assert "started" in _start({"VAR_DIR": str(tmp_path), **one})


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"DEBUG": "1"}, "DEBUG 是打开的"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY 太短"),
        ({"SECRET_KEY": None}, "缺少环境变量 SECRET_KEY"),
        ({"FIELD_KEY": base64.b64encode(bytes(32)).decode()}, "FIELD_KEY 不是随机的"),
        ({"ALLOWED_HOSTS": "c.example.com,*"}, "ALLOWED_HOSTS 不能用 *"),
        ({"DATABASE_URL": None}, "没有 DATABASE_URL"),
        ({"WECOM_CALLBACK_AES_KEY": "abc"}, "WECOM_CALLBACK_AES_KEY 应是"),
        ({"INDEX_KEY": "x"}, "INDEX_KEY 应是"),
        ({"FIELD_KEY": None}, "缺少环境变量 FIELD_KEY"),
        ({"SITE_URL": "http://c.example.com"}, "SITE_URL 必须以 https"),
        ({"SITE_URL": "https://"}, "后面只写域名"),
        ({"WECOM_CALLBACK_TOKEN": "a"}, "WECOM_CALLBACK_TOKEN 太短"),
        ({"WECOM_SECRET": "x"}, "WECOM_SECRET 应是"),
        ({"WECOM_CONTACT_SECRET": "x"}, "WECOM_CONTACT_SECRET 应是"),
        ({"METRICS_TOKEN": "0123456789ab" * 4}, "METRICS_TOKEN 太短或太简单"),
        ({"FIELD_KEY": base64.b64encode(bytes(range(32))).decode()}, "FIELD_KEY 不是随机的"),
        ({"ALLOWED_HOSTS": ".com.cn"}, "别人也能注册的后缀"),
        ({"BROKER_URL": "memory://"}, "BROKER_URL 应是"),
        ({"TRUSTED_PROXIES": "-1"}, "TRUSTED_PROXIES 应是 0 到"),
        ({"WECOM_API_BASE": "http://127.0.0.1:8001"}, "不是官方地址"),
        ({"WECOM_API_BASE": "https://qyapi.weixin.qq.com.evil.example"}, "不是官方地址"),
        ({"WECOM_SECRET": None}, "缺少环境变量 WECOM_SECRET"),
        ({"DEBUG": "maybe"}, "应是 1 或 0"),
        ({"PORT": "eighty"}, "应是整数"),
        ({"SECRET_KEY": "correct horse battery staple " * 2}, "SECRET_KEY 太短或太简单"),
        ({"SITE_URL": "https://localhost"}, "只有这台机器自己打得开"),
        ({"ALLOWED_HOSTS": "d.example.com"}, "不在 ALLOWED_HOSTS 里"),
        ({"ALLOWED_HOSTS": "https://c.example.com"}, "不是域名"),
        ({"REACH_QUIET_HOURS": "25:00-8"}, "REACH_QUIET_HOURS 应像"),
        ({"CACHE_URL": "foo://x"}, "CACHE_URL 应是"),
        ({"WECOM_API_BASE": r"https://evil.example.com\.qq.com"}, "不是官方地址"),
        ({"STORAGE_URL": "file://relative"}, "STORAGE_URL 的目录要写全"),
        ({"SECRET_KEY_FILE": "/nowhere/secret"}, "SECRET_KEY_FILE 指的文件"),
        ({"SENTRY_DSN": "sentry.example.com"}, "SENTRY_DSN 应是"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL 应是"),
        ({"DATABASE_REPLICA_URL": "mysql://x/y"}, "DATABASE_REPLICA_URL 应以"),
        ({"METRICS_TOKEN": SOUND["SECRET_KEY"]}, "SECRET_KEY 和 METRICS_TOKEN 是同一个值"),
        (
            {"FIELD_KEY": f"1:{SOUND['FIELD_KEY']}", "METRICS_TOKEN": SOUND["FIELD_KEY"].rstrip("=")},
            "FIELD_KEY 和 METRICS_TOKEN 是同一个值",
        ),
        ({"INDEX_KEY": OTHER_KEY, "METRICS_TOKEN": OTHER_KEY}, "INDEX_KEY 和 METRICS_TOKEN 是同一个值"),
        (
            {"WECOM_CONTACT_SECRET": OTHER_KEY, "METRICS_TOKEN": OTHER_KEY},
            "METRICS_TOKEN 和 WECOM_CONTACT_SECRET 是同一个值",
        ),
        ({"REACH_QUIET_HOURS": "00:00-00:00"}, "REACH_QUIET_HOURS 的开始和结束是同一个时刻"),
    ],
)
def test_each_unsound_value_stops_the_start_with_a_sentence(
    changes: dict[str, str | None], sentence: str, tmp_path: Path
) -> None:
    said = _start({"VAR_DIR": str(tmp_path), **changes})

    assert "started" not in said
    assert sentence in said.splitlines()[-1]


def test_development_keys_are_not_for_production(tmp_path: Path) -> None:
    (tmp_path / "keys.env").write_text("SECRET_KEY=x\n")

    assert "keys.env" in _start({"VAR_DIR": str(tmp_path)})


def test_a_secret_may_come_from_a_file_and_a_missing_file_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(SOUND["SECRET_KEY"] + "\n")
    from_file = {"VAR_DIR": str(tmp_path), "SECRET_KEY": None}

    assert "started" in _start({**from_file, "SECRET_KEY_FILE": str(file)})
    for unread in (tmp_path / "none", tmp_path):
        said = _start({**from_file, "SECRET_KEY_FILE": str(unread)})
        assert "SECRET_KEY_FILE 指的文件" in said.splitlines()[-1]
        assert "During handling" not in said


@pytest.mark.django_db
def test_accounts_with_the_demos_password_stop_production(settings: object) -> None:
    host = a_host("host1")
    settings.DEMO_ALLOWED = False  # type: ignore[attr-defined]
    demo.refuse_in_production()
    host.user.set_password(demo.PASSWORD)
    host.user.save()

    with pytest.raises(demo.DemoAccountsError, match="host1"):
        demo.refuse_in_production()


@pytest.mark.django_db
def test_demo_data_is_not_made_where_it_is_not_allowed(settings: object) -> None:
    from django.core.management import CommandError, call_command

    settings.DEMO_ALLOWED = False  # type: ignore[attr-defined]

    with pytest.raises(CommandError, match="生产环境"):
        call_command("seed_demo")


@pytest.mark.django_db
def test_the_database_speaks_for_itself() -> None:
    # The rules of isolation to come prove nothing to a superuser.
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)


def test_djangos_own_check_of_a_deployment_finds_nothing(tmp_path: Path) -> None:
    code = (
        "import django; django.setup(); from django.core.management import call_command; "
        "call_command('check', deploy=True, fail_level='WARNING'); print('clean')"
    )

    assert _start({"VAR_DIR": str(tmp_path)}, code).splitlines()[-1] == "clean"


def test_the_check_of_health_is_answered_whatever_the_sites_names_are(tmp_path: Path) -> None:
    code = "import django; django.setup(); from django.conf import settings; print(settings.ALLOWED_HOSTS)"
    hosts = {"VAR_DIR": str(tmp_path), "ALLOWED_HOSTS": "c.example.com"}

    assert _start(hosts, code).splitlines()[-1] == "['c.example.com', '127.0.0.1']"
