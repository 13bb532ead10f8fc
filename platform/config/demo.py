"""The demo's password is public: production does not start while an account has it."""

from django.conf import settings
from django.contrib.auth.hashers import check_password

USERNAMES = ("hq", "editor", "reviewer", "host1", "host2", "guide1")
PASSWORD = "demo-only-1"  # noqa: S105 - it is printed on the terminal


class DemoAccountsError(RuntimeError):
    """Production met accounts of the demo."""


def refuse_in_production() -> None:
    """Raise DemoAccountsError where demo data is not allowed and a demo account can sign in."""
    if settings.DEMO_ALLOWED:
        return
    from apps.accounts.models import User  # noqa: PLC0415 - models exist once Django is set up

    rows = User.objects.filter(username__in=USERNAMES, is_active=True).values_list("username", "password")
    open_doors = [username for username, encoded in rows if check_password(PASSWORD, encoded)]
    if open_doors:
        raise DemoAccountsError(
            f"生产环境拒绝启动：账号 {'、'.join(open_doors)} 还是演示密码。请停用它们，或换上自己的密码。"
        )
