"""Hosts, goods and links for the tests of the consumer's pages."""

import io
from typing import Any

from django.test import Client
from PIL import Image as Pillow

from apps.accounts.models import Host
from apps.catalog import services as catalog
from apps.catalog.models import Category, Product, ProductPicture, ShelfItem, Sku
from apps.library.models import Material, MaterialPicture
from apps.library.services import publish
from apps.media.models import Image
from apps.media.services import GeneratedPicture, add_generated_pictures
from apps.tracking.models import Channel, Event, Link, Subject
from apps.tracking.services import link_for
from tests import factories
from tests.factories import MORNING

WECHAT = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) MicroMessenger/8.0.49 NetType/4G"


def a_host(name: str = "林姐", **fields: Any) -> Host:
    """The next one."""
    return factories.a_host(f"host-{Host.objects.count()}", name, **fields)


def a_picture(colour: str = "#c9a27c", size: tuple[int, int] = (64, 64)) -> Image:
    file = io.BytesIO()
    Pillow.new("RGB", size, colour).save(file, "JPEG")
    return add_generated_pictures([GeneratedPicture("图", file.getvalue())], by=None)[0]


def a_product(
    title: str = "高山苹果 5 斤装",
    *,
    stock: int = 100,
    price_fen: int = 5_900,
    picture: bool = False,
    status: str = Product.Status.ACTIVE,
    **fields: Any,
) -> Product:
    category, _ = Category.objects.get_or_create(name="生鲜")
    product = Product.objects.create(title=title, category=category, status=status, **fields)
    a_sku(product, stock=stock, price_fen=price_fen)
    if picture:
        ProductPicture.objects.create(product=product, image=a_picture())
    return product


def a_sku(product: Product, *, name: str = "", stock: int = 100, price_fen: int = 5_900) -> Sku:
    return Sku.objects.create(
        product=product,
        code=f"SKU-{Sku.objects.count() + 1}",
        name=name,
        retail_price_fen=price_fen,
        stock=stock,
    )


def on_shelf(host: Host, product: Product, *, price_fen: int | None = None, **fields: Any) -> ShelfItem:
    """`product` on her shelf, every SKU of it at her price when one is given."""
    position = ShelfItem.objects.filter(host=host).count() + 1
    item = ShelfItem.objects.create(
        host=host, product=product, added_at=MORNING, **{"position": position, **fields}
    )
    if price_fen is not None:
        catalog.edit_shelf_item(
            item, prices=dict.fromkeys(product.skus.all(), price_fen), pitch=item.pitch, now=MORNING
        )
    return item


def a_material(
    title: str = "三月的苹果，霜打过才甜",
    *,
    kind: str = Material.Kind.ARTICLE,
    pictures: int = 0,
    live: bool = True,
    **fields: Any,
) -> Material:
    fields.setdefault("body", [{"type": "paragraph", "value": "<p>霜降之后才摘。</p>"}])
    fields.setdefault("share_text", "今天有好苹果")
    material = Material(title=title, kind=kind, live=False, **fields)
    material.save()
    for _ in range(pictures):
        MaterialPicture.objects.create(material=material, image=a_picture())
    if live:
        publish(Material.objects.get(pk=material.pk), by=None, as_of=MORNING)
    return Material.objects.get(pk=material.pk)


def a_link(host: Host, subject: Material | Product | Host, channel: str = Channel.GROUP) -> Link:
    kind = {Material: Subject.MATERIAL, Product: Subject.PRODUCT, Host: Subject.SHELF}[type(subject)]
    return link_for(host, subject_kind=kind, subject_id=subject.pk, channel=channel, now=MORNING)


def a_phone(**headers: str) -> Client:
    """A browser inside WeChat, with its own cookies and with CSRF checks on."""
    return Client(enforce_csrf_checks=True, headers={"User-Agent": WECHAT, **headers})


def events(name: str = "") -> list[Event]:
    """What hosts and customers did; what HQ published before is not asked for."""
    found = Event.objects.filter(host_id__isnull=False).order_by("recorded_at", "id")
    return list(found.filter(name=name) if name else found)


def order_url(link: Link, product: Product) -> str:
    sku = product.skus.order_by("pk")[0]
    return f"/s/{link.code}/order/?sku={sku.public_id}"
