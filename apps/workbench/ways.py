"""The ways of sharing as she sees them: what each button says, and what to do with what it gives."""

from collections.abc import Iterable

from apps.sharing.services import Shared
from apps.tracking.models import Channel

#: The word, the icon, the hint.
WAYS: dict[Channel, tuple[str, str, str]] = {
    Channel.GROUP: ("发到群", "group", "去微信群里长按输入框，粘贴就能发。"),
    Channel.SINGLE: ("发给客户", "single", "打开和她的聊天，粘贴；前面加一句称呼更亲切。"),
    Channel.MOMENTS: ("发朋友圈", "moments", "朋友圈里的链接点不开，所以配上这张海报：扫码就能看。"),
    Channel.POSTER: ("海报", "poster", "保存到手机，发群、发朋友圈都行；扫码进来的人算在你名下。"),
    Channel.COPY: ("复制链接", "link", "这个链接只属于你，谁点开、下单都算在你名下。"),
}


def word_of(channel: str) -> str:
    return WAYS[Channel(channel)][0]


def hint_of(shared: Shared) -> str:
    if shared.channel == Channel.MOMENTS and shared.poster is None:
        return "复制这段话，去朋友圈粘贴就能发。"
    return WAYS[shared.channel][2]


def buttons(channels: Iterable[Channel]) -> list[dict[str, str]]:
    """The buttons of these channels, in their order on the page."""
    wanted = set(channels)
    return [
        {"channel": str(channel), "word": word, "icon": icon}
        for channel, (word, icon, _hint) in WAYS.items()
        if channel in wanted
    ]
