"""The world in which the story begins, written into a running platform's database.

One company, a host who works in WeCom, an editor, a reviewer, an operator; a library of nine published
materials; and the draft of the current fortnight, planned but for one material that the editor still has to
write. `tests.flows` as a program calls these functions, one a run.
"""

import io
import json
from datetime import time, timedelta

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone
from PIL import Image as Pillow

from apps.accounts import roles
from apps.accounts.models import Host, User
from apps.catalog import services as catalog
from apps.catalog.models import Product, ProductPicture, Sku
from apps.customers.models import Relation
from apps.lib import clock, phone
from apps.library import services as content
from apps.library.models import Issue, IssueEntry, Material, MaterialPicture
from apps.media import services as media
from apps.media.models import Image, Video
from apps.outbox.models import Delivery
from apps.tracking import services as tracking
from apps.tracking.models import Channel, Subject
from apps.trade.models import Order, OrderRules
from tests.factories import PASSWORD, a_host, a_sku
from tests.flows.names import COMPANIONS, GOODS, HOST, LAST_PIECE, PLENTY, STOCK, THEME

STAFF = {
    "editor": (roles.EDITOR, "小编阿紫"),
    "reviewer": (roles.REVIEWER, "审核老周"),
    "operator": (roles.OPERATOR, "运营小何"),
}


@transaction.atomic
def begin() -> None:
    now = timezone.now()
    for username, (role, name) in STAFF.items():
        user = User.objects.create_user(username=username, password=PASSWORD, first_name=name)
        user.groups.add(Group.objects.get(name=role))
    host = a_host(HOST, "林姐", tagline="住在西湖边的吃货")
    sku = a_sku(GOODS, stock=STOCK, price_fen=4_500, commission_bp=2_000)
    picture = _picture(GOODS, "#d9a441")
    ProductPicture.objects.create(product=sku.product, image=picture)
    catalog.add_to_shelf(host, sku.product, now=now)
    _without_quiet_hours()
    _draft_of_the_fortnight(User.objects.get(username="editor"), sku.product, picture)


@transaction.atomic
def crowd() -> None:
    """More hosts, whom the issue has to reach too; what a buyer of her shelf's goods needs to order."""
    # All of the crowd stand behind one address, as no group does.
    OrderRules.objects.create(
        pk=1, many_new=100_000, many_from_address=100_000, held_by_address=100_000, held_percent=100
    )
    for username in COMPANIONS:
        a_host(username, f"群主{username[-1]}")
    _without_quiet_hours()
    Sku.objects.update(stock=PLENTY)
    sku = Sku.objects.get()
    host = Host.objects.get(user__username=HOST)
    link = tracking.link_for(
        host,
        subject_kind=Subject.PRODUCT,
        subject_id=sku.product_id,
        channel=Channel.GROUP,
        now=timezone.now(),
    )
    print(json.dumps({"code": link.code, "sku": str(sku.public_id)}))


@transaction.atomic
def publish() -> None:
    """What the editor and the reviewer do in the story, by the services: the last piece, then the issue."""
    now = timezone.now()
    editor = User.objects.get(username="editor")
    piece = Material(
        kind=Material.Kind.NEW_PRODUCT,
        title=LAST_PIECE,
        share_text="天冷就想喝汤",
        product=Product.objects.get(),
        live=False,
    )
    piece.save()
    content.publish(piece, by=editor)
    issue = Issue.objects.get()
    issue.entries.add(IssueEntry(material=piece, day=clock.day_of(now).weekday() + 1, best_time=time(9)))
    content.publish(issue, by=editor)


def account() -> None:
    """What is in the books, for those who did it to compare with."""
    print(
        json.dumps(
            {
                "stock": Sku.objects.get().stock,
                "orders": [
                    (phone.national(order.receiver_phone), line.quantity)
                    for order in Order.objects.prefetch_related("lines")
                    for line in order.lines.all()
                ],
                "relations": [one.external_userid for one in Relation.objects.exclude(external_index=None)],
                "deliveries": list(Delivery.objects.values_list("kind", "state")),
            }
        )
    )


def _without_quiet_hours() -> None:
    """The story may be told at night."""
    Host.objects.update(quiet_from=time(0), quiet_to=time(0))


def _picture(title: str, colour: str) -> Image:
    out = io.BytesIO()
    Pillow.new("RGB", (900, 900), colour).save(out, "JPEG")
    return media.add_generated_pictures(
        [media.GeneratedPicture(title=title, content=out.getvalue())], by=None
    )[0]


def _draft_of_the_fortnight(editor: User, product: Product, picture: Image) -> None:
    """Everything that the quotas ask for, but one new product."""
    now = timezone.now()
    entries: list[IssueEntry] = []
    for value, count in content.DEFAULT_QUOTAS.items():
        kind = Material.Kind(value)
        for number in range(count - (kind == Material.Kind.NEW_PRODUCT)):
            material = Material(
                kind=kind,
                title=f"{kind.label} {number + 1}",
                summary="好吃好用",
                share_text="大家看看这个",
                product=product,
                live=False,
            )
            if kind == Material.Kind.ARTICLE:
                material.body = [("heading", "为什么值得试试")]
            if kind == Material.Kind.PICTURES:
                material.pictures = [MaterialPicture(image=picture)]  # type: ignore[misc]
            if kind == Material.Kind.VIDEO:
                material.video = Video.objects.create(
                    title="小视频",
                    file="none.mp4",
                    cover=picture,
                    duration_s=4,
                    size_bytes=1,
                    width=540,
                    height=720,
                )
            material.save()
            content.publish(material, by=editor, as_of=now - timedelta(days=3))
            entries.append(IssueEntry(material=material, day=len(entries) + 1))
    issue = content.add_issue(
        number=1,
        theme=THEME,
        starts_on=clock.monday_of(clock.day_of(now)),
        owner=editor,
        entries=entries,
        quotas=dict(content.DEFAULT_QUOTAS),
    )
    issue.save_revision(user=editor, clean=False)
