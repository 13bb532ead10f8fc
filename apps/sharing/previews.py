"""What a chat shows of a link before it is opened: title, words, picture; the same wherever it is shown."""

from dataclasses import dataclass

from apps.accounts.models import Host
from apps.lib import addresses
from apps.media.models import Image
from apps.sharing.subjects import Shareable

#: A square: chats cut whatever is not.
_PICTURE = "fill-400x400|format-jpeg"


@dataclass(frozen=True, slots=True)
class Preview:
    """Addresses are absolute; `picture` is empty where there is none."""

    title: str
    text: str
    picture: str
    url: str


def preview_of(
    host: Host, subject: Shareable, url: str, *, pitch: str = "", picture: Image | None = None
) -> Preview:
    """Of what her link at `url` opens. `pitch`: her own word for it; `picture`: where it has none."""
    image = subject.picture or picture
    return Preview(
        subject.name_at(host),
        pitch or subject.summary_at(host),
        addresses.absolute(image.get_rendition(_PICTURE).url) if image is not None else "",
        url,
    )
