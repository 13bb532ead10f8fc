"""What a host shows of herself."""

from dataclasses import dataclass

from apps.accounts.models import Host
from apps.media.models import HostPicture


@dataclass(frozen=True, slots=True)
class Shown:
    """Her face and her code, as far as she has given them."""

    face: HostPicture | None = None
    code: HostPicture | None = None


def shown_of(host: Host) -> Shown:
    """One query."""
    found = {row.kind: row for row in HostPicture.objects.filter(host=host)}
    return Shown(found.get(HostPicture.Kind.FACE), found.get(HostPicture.Kind.CODE))
