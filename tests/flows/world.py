"""The world in which the story begins, written into a running platform's database.

    python -m tests.flows.world

One company, a host who works in WeCom, an editor, a reviewer, an operator; ten goods; a library of ten published
materials; and the draft of the current fortnight, planned but for one material that the editor still has to write.
"""

import io
from datetime import timedelta

import django

django.setup()

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone
from PIL import Image as Pillow

from apps.accounts import roles
from apps.accounts.models import User
from apps.catalog import services as catalog
from apps.catalog.models import ProductPicture
from apps.content import services as content
from apps.content.models import IssueEntry, Material, MaterialPicture
from apps.lib import clock
from apps.media import services as media
from apps.media.models import Image, Video
from tests.factories import PASSWORD, a_host, a_sku

STAFF = {"editor": roles.EDITOR, "reviewer": roles.REVIEWER, "operator": roles.OPERATOR}
LAST_PIECE = "冬天第一锅菌菇汤"
GOODS = "云南野生菌汤包"


def _picture(title: str, colour: str) -> Image:
    out = io.BytesIO()
    Pillow.new("RGB", (900, 900), colour).save(out, "JPEG")
    return media.add_generated_pictures([media.GeneratedPicture(title=title, content=out.getvalue())], by=None)[0]


@transaction.atomic
def build() -> None:
    now = timezone.now()
    for username, role in STAFF.items():
        user = User.objects.create_user(username=username, password=PASSWORD, first_name=username)
        user.groups.add(Group.objects.get(name=role))
    editor = User.objects.get(username="editor")
    host = a_host("lin", "林姐", tagline="住在西湖边的吃货")
    sku = a_sku(GOODS, stock=10, price_fen=4_500, commission_bp=2_000)
    picture = _picture(GOODS, "#d9a441")
    ProductPicture.objects.create(product=sku.product, image=picture)
    catalog.add_to_shelf(host, sku.product, now=now)
    # Everything the quotas ask for, but one new product and the film that has a file of its own below.
    pieces = [
        (Material.Kind(kind), count - (kind in {Material.Kind.NEW_PRODUCT, Material.Kind.VIDEO}))
        for kind, count in content.DEFAULT_QUOTAS.items()
    ]
    entries = []
    for kind, count in pieces:
        for number in range(count):
            material = Material(
                kind=kind,
                title=f"{kind.label} {number + 1}",
                summary="好吃好用",
                share_text="大家看看这个",
                product=sku.product,
                live=False,
            )
            if kind == Material.Kind.ARTICLE:
                material.body = [("heading", "为什么值得试试")]
            if kind == Material.Kind.PICTURES:
                material.pictures = [MaterialPicture(image=picture)]
            material.save()
            content.publish(material, by=editor, as_of=now - timedelta(days=3))
            entries.append(IssueEntry(material=material, day=len(entries) + 1))
    film = Material(
        kind=Material.Kind.VIDEO,
        title="小视频 1",
        video=Video.objects.create(
            title="小视频", file="none.mp4", cover=picture, duration_s=4, size_bytes=1, width=540, height=720
        ),
        live=False,
    )
    film.save()
    content.publish(film, by=editor, as_of=now - timedelta(days=3))
    entries.append(IssueEntry(material=film, day=14))
    monday = clock.monday_of(clock.day_of(now))
    issue = content.add_issue(
        number=1,
        theme="冬日暖心囤货季",
        starts_on=monday,
        owner=editor,
        entries=entries,
        quotas=dict(content.DEFAULT_QUOTAS),
    )
    issue.save_revision(user=editor, clean=False)


if __name__ == "__main__":
    build()
