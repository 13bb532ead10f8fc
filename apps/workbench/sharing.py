"""What a host takes away when she shares: her link, the words to paste, and a poster where one is of use."""

from dataclasses import dataclass
from datetime import datetime

from apps.accounts.models import Host
from apps.catalog.models import Product, ShelfItem
from apps.library import posters
from apps.library import services as content
from apps.library.models import Material
from apps.media.models import Poster
from apps.outbox.models import Lane
from apps.tracking import services as tracking
from apps.tracking.facts import Fact
from apps.tracking.models import Channel, Link, Subject
from apps.wecom.mass.sends import Content
from apps.wecom.messages import TEXT_BYTES, shorten
from apps.wecom.services.messages import queue_app_message

#: What the button says, and what to do with what it gives.
WAYS: dict[Channel, tuple[str, str]] = {
    Channel.GROUP: ("发到群", "去微信群里长按输入框，粘贴就能发。"),
    Channel.SINGLE: ("发给客户", "打开和她的聊天，粘贴；前面加一句称呼更亲切。"),
    Channel.MOMENTS: ("发朋友圈", "朋友圈里的链接点不开，所以配上这张海报：扫码就能看。"),
    Channel.POSTER: ("海报", "保存到手机，发群、发朋友圈都行；扫码进来的人算在你名下。"),
    Channel.COPY: ("复制链接", "这个链接只属于你，谁点开、下单都算在你名下。"),
}
_WITH_POSTER = {Channel.MOMENTS, Channel.POSTER}


@dataclass(frozen=True, slots=True)
class Shared:
    """What came of one tap. `url` is empty for words that have nothing to lead to."""

    channel: Channel
    title: str
    url: str
    text: str
    poster: Poster | None = None

    @property
    def way(self) -> str:
        return WAYS[self.channel][0]

    @property
    def hint(self) -> str:
        if self.channel == Channel.MOMENTS and self.poster is None:
            return "复制这段话，去朋友圈粘贴就能发。"
        return WAYS[self.channel][1]

    @property
    def paste(self) -> str:
        """The words with the link; for moments without it, since nobody can tap it there."""
        if self.channel == Channel.MOMENTS:
            return self.text
        if self.channel == Channel.COPY:
            return self.url
        return f"{self.text}\n{self.url}".strip()


def send_to_herself(host: Host, shared: Shared, *, now: datetime) -> bool:
    """Bring what she shares into her own work chat, to forward from there; False without a WeCom account.

    It is her own wish, so it does not wait for the end of her quiet hours; a second tap within a minute sends
    nothing more.
    """
    if not host.wecom_userid:
        return False
    room = TEXT_BYTES - len(shared.url.encode()) - 1
    text = f"{shorten(shared.text, room)}\n{shared.url}".strip()
    queue_app_message(
        [host.pk],
        key_prefix=f"to-herself:{host.pk}:{shared.url or shared.title}:{now:%Y%m%d%H%M}",
        now=now,
        text=text,
        urgent=True,
        lane=Lane.NORMAL,
    )
    return True


def left_out(material: Material) -> list[Channel]:
    """Ways that make no sense: words to say that sell nothing have no page for a code to open."""
    return [Channel.POSTER, Channel.COPY] if _has_no_page(material) and not _sold_with(material) else []


def share_material(
    host: Host, material: Material, *, channel: Channel, now: datetime, text: str = ""
) -> Shared:
    """Share a material with `text` (HQ's when empty) and record it; content.ExpiredError.

    A script is for the host to say: consumers have no page of it, so its link leads to the product it sells.
    """
    if _has_no_page(material):
        link = None
        if (product := _sold_with(material)) is not None:
            link = tracking.link_for(
                host, subject_kind=Subject.PRODUCT, subject_id=product.pk, channel=channel, now=now
            )
        content.record_act(
            Fact.MATERIAL_SHARED, host, material, now=now, link=link, props={"channel": str(channel)}
        )
    else:
        link = content.share_material(host, material, channel=channel, now=now)
    url = link.address if link else ""
    poster = None
    if link and channel in _WITH_POSTER:
        poster = posters.poster_for(host, material, link_url=url, now=now)
    return Shared(channel, material.title, url, text or material.share_text or material.title, poster)


def has_link(material: Material) -> bool:
    """Whether there is a page that her link could open."""
    return not _has_no_page(material) or _sold_with(material) is not None


def for_wecom(host: Host, material: Material, *, channel: Channel, text: str, now: datetime) -> Content:
    """What WeCom prepares of a material: her words, her link or poster, the material's pictures.

    That she shares it was recorded when she chose the way; this is how it travels.
    """
    link = None
    product = _sold_with(material)
    if not _has_no_page(material):
        link = tracking.link_for(
            host, subject_kind=Subject.MATERIAL, subject_id=material.pk, channel=channel, now=now
        )
    elif product is not None:
        link = tracking.link_for(
            host, subject_kind=Subject.PRODUCT, subject_id=product.pk, channel=channel, now=now
        )
    images = [picture.image_id for picture in material.pictures.all()]
    if link is None or channel != Channel.MOMENTS:
        return Content(material.title, text, link, images, film=material.video)
    if material.video is not None:
        # A moment takes nothing beside a film: the address stands in her words.
        return Content(material.title, f"{text}\n{link.address}".strip(), link, film=material.video)
    poster = posters.poster_for(host, material, link_url=link.address, now=now)
    return Content(material.title, text, link, images, poster)


def _has_no_page(material: Material) -> bool:
    return material.kind == Material.Kind.SCRIPT


def _sold_with(material: Material) -> Product | None:
    product = material.product
    return product if product is not None and product.is_on_sale else None


def share_product(
    host: Host, product: Product, *, item: ShelfItem | None, channel: Channel, now: datetime
) -> Shared:
    """Share a product at her own price and in her own words, and record it."""
    url = _share(host, Subject.PRODUCT, product.pk, channel, now).address
    pitch = item.pitch if item else ""
    poster = None
    if channel in _WITH_POSTER:
        poster = posters.product_poster_for(host, product, link_url=url, now=now, pitch=pitch)
    text = "\n".join(filter(None, [pitch or product.subtitle, product.title]))
    return Shared(channel, product.title, url, text, poster)


def share_shelf(host: Host, *, channel: Channel, now: datetime) -> Shared:
    """Share the whole shelf, and record it."""
    link = _share(host, Subject.SHELF, host.pk, channel, now)
    return Shared(channel, "我的货架", link.address, f"{host.name}的精选好物，我自己挑过的都在这里")


def _share(host: Host, kind: Subject, subject_id: int, channel: Channel, now: datetime) -> Link:
    link = tracking.link_for(host, subject_kind=kind, subject_id=subject_id, channel=channel, now=now)
    tracking.record(
        Fact.shared(kind),
        at=now,
        host_id=host.pk,
        actor_id=host.user_id,
        link_id=link.pk,
        subject_kind=kind,
        subject_id=subject_id,
        props={"channel": str(channel)},
    )
    return link
