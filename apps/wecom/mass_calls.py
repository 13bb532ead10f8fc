"""Mass messages, moments and files: the calls that wechatpy lacks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from wechatpy.client.api.base import BaseWeChatAPI

from apps.reach.gate import Allowed, demand
from apps.reach.models import Way

_PAGE = 1000


@dataclass(frozen=True)
class Outcome:
    """What became of one customer's (or group's) part: 0 not sent, 1 sent, 2 no friend, 3 over the limit."""

    external_userid: str
    status: int
    sent_at: datetime | None


@dataclass(frozen=True)
class Kind:
    """What WeCom calls a kind of file, and how its part of the form is named and typed."""

    word: str
    name: str
    content_type: str

    def part(self, content: bytes) -> dict[str, Any]:
        return {"media": (self.name, content, self.content_type)}


#: JPEG up to 10 MB, MP4 up to 10 MB (reference: wecom.md §3.8).
PICTURE = Kind("image", "picture.jpg", "image/jpeg")
FILM = Kind("video", "film.mp4", "video/mp4")


class MassAPI(BaseWeChatAPI):
    def add(self, call: dict[str, Any], *, allowed: Allowed) -> tuple[str, list[str]]:
        """Prepare a mass message: its msgid, and the contacts that WeCom leaves out."""
        demand(allowed, Way.MASS, Way.GROUP)
        answer = self._post("externalcontact/add_msg_template", data=call)
        return str(answer.get("msgid") or ""), [str(one) for one in answer.get("fail_list") or []]

    def stop(self, msgid: str) -> None:
        """Nothing of it is sent any more but what she has sent already."""
        self._post("externalcontact/cancel_groupmsg_send", data={"msgid": msgid})

    def find(self, *, chat_type: str, since: datetime, until: datetime, marker: str) -> str | None:
        """The msgid of the mass message in whose attachments an address ends with `marker`."""
        asked = {
            "chat_type": chat_type,
            "start_time": int(since.timestamp()),
            "end_time": int(until.timestamp()),
            "filter_type": 0,
            "limit": 100,
        }
        for one in self._rows("externalcontact/get_groupmsg_list_v2", asked, "group_msg_list"):
            for attachment in one.get("attachments") or []:
                link = attachment.get("link") if isinstance(attachment, dict) else None
                if isinstance(link, dict) and str(link.get("url") or "").endswith(marker):
                    return str(one["msgid"])
        return None

    def confirmed_at(self, *, msgid: str, userid: str) -> tuple[bool, datetime | None]:
        """Whether this member pressed send, and when."""
        asked = {"msgid": msgid, "limit": _PAGE}
        for one in self._rows("externalcontact/get_groupmsg_task", asked, "task_list"):
            if str(one.get("userid") or "").casefold() == userid.casefold():
                return int(one.get("status") or 0) == 2, _moment(one.get("send_time"))
        return False, None

    def outcomes(self, *, msgid: str, userid: str) -> Iterator[Outcome]:
        asked = {"msgid": msgid, "userid": userid, "limit": _PAGE}
        for one in self._rows("externalcontact/get_groupmsg_send_result", asked, "send_list"):
            yield Outcome(
                external_userid=str(one.get("external_userid") or ""),
                status=int(one.get("status") or 0),
                sent_at=_moment(one.get("send_time")),
            )

    def _rows(self, path: str, asked: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
        return _rows(self, path, asked, name)


class MomentsAPI(BaseWeChatAPI):
    def add(self, call: dict[str, Any], *, allowed: Allowed) -> str:
        """Prepare a moment: the id of the job that does it."""
        demand(allowed, Way.MOMENT)
        return str(self._post("externalcontact/add_moment_task", data=call).get("jobid") or "")

    def made(self, jobid: str, *, userid: str) -> tuple[str, bool] | None:
        """The moment's id and whether this member may publish it; None while the job still runs."""
        answer = self._get("externalcontact/get_moment_task_result", params={"jobid": jobid})
        if int(answer.get("status") or 0) != 3:
            return None
        result = answer.get("result") or {}
        refused = (result.get("invalid_sender_list") or {}).get("user_list") or []
        is_refused = userid.casefold() in {str(one).casefold() for one in refused}
        return str(result.get("moment_id") or ""), not is_refused and not int(result.get("errcode") or 0)

    def stop(self, moment_id: str) -> None:
        self._post("externalcontact/cancel_moment_task", data={"moment_id": moment_id})

    def is_published(self, *, moment_id: str, userid: str) -> bool:
        asked = {"moment_id": moment_id, "limit": _PAGE}
        return any(
            str(one.get("userid") or "").casefold() == userid.casefold() and one.get("publish_status") == 1
            for one in _rows(self, "externalcontact/get_moment_task", asked, "task_list")
        )

    def viewers(self, *, moment_id: str, userid: str) -> int:
        """How many customers can see what she published."""
        asked = {"moment_id": moment_id, "userid": userid, "limit": 5000}
        return sum(1 for _ in _rows(self, "externalcontact/get_moment_send_result", asked, "customer_list"))


class FilesAPI(BaseWeChatAPI):
    """Temporary files: good for three days, each upload a new one."""

    def upload(self, kind: Kind, content: bytes) -> str:
        answer = self._post("media/upload", params={"type": kind.word}, files=kind.part(content))
        return str(answer["media_id"])

    def upload_for_moments(self, kind: Kind, content: bytes) -> str:
        """WeCom takes no other files for moments than those uploaded for them."""
        params = {"media_type": kind.word, "attachment_type": 1}
        answer = self._post("media/upload_attachment", params=params, files=kind.part(content))
        return str(answer["media_id"])


def _rows(api: Any, path: str, asked: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """All rows of all pages; a page may be empty and still not be the last."""
    cursor = ""
    while True:
        answer = api._post(path, data={**asked, "cursor": cursor})
        yield from (one for one in answer.get(name) or [] if isinstance(one, dict))
        cursor = str(answer.get("next_cursor") or "")
        if not cursor:
            return


def _moment(seconds: Any) -> datetime | None:
    return datetime.fromtimestamp(int(seconds), UTC) if seconds else None
