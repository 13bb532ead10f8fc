"""What WeCom's error codes mean for us. Nothing outside this app knows a code."""

from datetime import timedelta


class WecomError(Exception):
    """A call that did not go well. `errcode` is for logs and rows, never for decisions elsewhere."""

    def __init__(self, api: str, errcode: int | None = None, note: str = "") -> None:
        super().__init__(f"{api}: {errcode if errcode is not None else note}")
        self.api = api
        self.errcode = errcode
        self.note = note

    @property
    def code(self) -> str:
        return "" if self.errcode is None else str(self.errcode)


class TryLaterError(WecomError):
    """It certainly did not happen; after `wait` it may."""

    wait: timedelta

    def __init__(self, api: str, errcode: int | None = None, note: str = "", *, wait: timedelta) -> None:
        super().__init__(api, errcode, note)
        self.wait = wait


class NoRightError(WecomError):
    """We may not: a matter for the administrator. `whole_api`: not only this object, but every call."""

    def __init__(self, api: str, errcode: int | None = None, note: str = "", *, whole_api: bool) -> None:
        super().__init__(api, errcode, note)
        self.whole_api = whole_api


class BadRequestError(WecomError):
    """This request will never do."""


class UnknownOutcomeError(WecomError):
    """No answer that we can read: it may have happened."""


#: The token is not (or no longer) good: refresh it once.
STALE_TOKEN = frozenset({40014, 42001})
BUSY = -1
TOO_OFTEN = 45009
NO_RELATION = frozenset({84061, 40096})
WELCOME_CODE_INVALID = 41050
WELCOME_DONE = 41051

#: The one who hands over is (not) a member any more: the other of the two transfer calls is meant.
OTHER_TRANSFER = frozenset({40097, 60111})
TRANSFER_RUNNING = frozenset({0, 40100, 40129})
NOT_HER_CUSTOMER = 40131
#: Why one customer of a transfer was refused.
TRANSFER_REFUSED = {
    40096: "企业微信里查不到这位客户",
    40099: "接手的人企业微信客户数已满",
    40128: "90 天内已经转接过两次",
    NOT_HER_CUSTOMER: "企业微信里她已不是原来那位的客户",
    40143: "成员被限制，企业微信不让转接",
}

#: The mass message had been called off before.
STOPPED_ALREADY = 41093
#: Why a mass message or a moment was refused, for the host to read.
MASS_REFUSED = {
    40096: "选中的客户在企业微信里查不到了，过一天再试",
    41048: "企业微信里没有可以发的客户或群",
    45002: "要发的话太长，删掉一些再排一次",
    60111: "企业微信里找不到你这位成员，请总部检查绑定",
    84074: "你在企业微信里还没开通「客户联系」，请管理员开通",
}

_LATER = {
    BUSY: 2.0,
    6000: 2.0,
    41063: 5.0,
    41079: 5.0,
    41096: 0.5,
    45033: 3.0,
    45035: 3.0,
}
_NO_RIGHT_AT_ALL = frozenset({40001, 40013, 40091, 48001, 48002, 50003, 60020, 301002}) | STALE_TOKEN
_NO_RIGHT_ON_THIS = frozenset({48009, 50002, 60011, 60021, 81011, 84074, 701008})

#: How long an API rests when we have no right to it: somebody must mend the configuration.
NO_RIGHT_PAUSE = timedelta(minutes=5)


def error_of(api: str, errcode: int) -> WecomError:
    """The typed error of an answer with this code."""
    if errcode in _LATER:
        return TryLaterError(api, errcode, "企业微信忙", wait=timedelta(seconds=_LATER[errcode]))
    if errcode == TOO_OFTEN:
        return TryLaterError(api, errcode, "调用太频繁，先停一停", wait=timedelta(minutes=1))
    if errcode in _NO_RIGHT_AT_ALL:
        return NoRightError(api, errcode, "应用没有权限或配置不对，请管理员检查", whole_api=True)
    if errcode in _NO_RIGHT_ON_THIS:
        return NoRightError(api, errcode, "应用没有权限操作它", whole_api=False)
    return BadRequestError(api, errcode, "企业微信不接受这个请求")
