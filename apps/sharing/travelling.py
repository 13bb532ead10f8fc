"""How WeCom carries what she shares: a mass message, a moment, a note into her own work chat.

This is how it travels; who sends it writes down that she shared (`services.note_share`).
"""

from datetime import datetime

from apps.accounts.models import Host
from apps.library.models import Material
from apps.outbox.models import Lane
from apps.sharing import subjects
from apps.sharing.services import Shared, link_to, poster_of, preview_for
from apps.tracking.models import Channel
from apps.wecom.mass.sends import Content
from apps.wecom.mass.shown import Shown
from apps.wecom.messages import TEXT_BYTES, shorten
from apps.wecom.models import MassSend
from apps.wecom.services.messages import queue_app_message


def content_of(host: Host, material: Material, *, channel: Channel, text: str, now: datetime) -> Content:
    """What WeCom prepares of a material: her words, her link or poster, the material's pictures."""
    subject = subjects.of_material(material, now)
    link = link_to(host, subject, channel, now=now)
    images = [picture.image_id for picture in material.pictures.all()]
    if link is None or channel != Channel.MOMENTS:
        return Content(material.title, text, link, images, film=material.video)
    if material.video is not None:
        # A moment takes nothing beside a film: the address stands in her words.
        return Content(material.title, f"{text}\n{link.address}".strip(), link, film=material.video)
    return Content(material.title, text, link, images, poster_of(host, subject, link, now=now))


def shown_of(send: MassSend, now: datetime) -> Shown | None:
    """The card of a mass message, by what its link opens, and its poster, as they are now."""
    host, link = send.host, send.link
    opened = subjects.of_row(host, link.subject_kind, link.subject_id, now) if link is not None else None
    if link is None or opened is None:
        return None
    seen, poster = preview_for(host, opened, link), None
    if send.poster is not None:
        drawn = subjects.of_row(host, send.poster.subject_kind, send.poster.subject_id, now)
        poster = poster_of(host, drawn, link, now=now) if drawn is not None else None
    return Shown(seen.title, seen.text, seen.picture, poster)


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
