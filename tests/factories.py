"""Small worlds for tests: one function a row, no surprises, no dice."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.test import Client

from apps.accounts import services as accounts
from apps.accounts.models import Host, Organisation, User
from apps.catalog.models import Category, Product, Sku
from apps.lib.clock import SHANGHAI

MORNING = datetime(2026, 3, 5, 9, 0, tzinfo=SHANGHAI)
PASSWORD = "a-long-pass-word-1"


def a_company() -> Organisation:
    root = Organisation.objects.filter(depth=1).first()
    return root or Organisation.add_root(name="山野集", kind=Organisation.Kind.COMPANY)


def a_branch(name: str, kind: str = Organisation.Kind.REGION) -> Organisation:
    return a_company().add_child(name=name, kind=kind)


def a_host(username: str = "lin", name: str = "林姐", **fields: Any) -> Host:
    """An active host, bound to the WeCom member of her username. Any field of hers may be given."""
    host = accounts.create_host(
        username=username,
        name=name,
        kind=fields.pop("kind", Host.Kind.OWNER),
        organisation=fields.pop("organisation", None) or a_company(),
        now=MORNING,
        wecom_userid=fields.pop("wecom_userid", username),
        password=PASSWORD,
        **{field: fields.pop(field) for field in ("level", "tagline", "actor", "reason") if field in fields},
    )
    if fields:
        Host.objects.filter(pk=host.pk).update(**fields)
        host.refresh_from_db()
    return host


def a_person_at_hq(role: str, username: str = "staff", **fields: Any) -> User:
    user = User.objects.create_user(username=username, password=PASSWORD, first_name="总部小何", **fields)
    user.groups.add(Group.objects.get(name=role))
    return user


def a_sku(title: str = "高山苹果", *, stock: int = 100, price_fen: int = 5_900, **fields: Any) -> Sku:
    """A product on sale with one SKU."""
    category, _ = Category.objects.get_or_create(name="生鲜")
    floor = fields.pop("floor_price_fen", 0)
    product = Product.objects.create(
        title=title, category=category, status=fields.pop("status", Product.Status.ACTIVE), **fields
    )
    return Sku.objects.create(
        product=product,
        code=f"SKU-{Sku.objects.count() + 1}",
        retail_price_fen=price_fen,
        floor_price_fen=floor,
        stock=stock,
    )


def api_of(host: Host) -> Client:
    """A client of the API with the host's bearer token."""
    text, _ = accounts.issue_token(host.user, is_verified=False, now=_now())
    return Client(headers={"authorization": f"Bearer {text}"})


def _now() -> datetime:
    from django.utils import timezone

    return timezone.now()
