"""WeCom's own mark on contacts who agreed to offers: a moment is shown to those who bear it alone.

A moment names no people; it can be limited to a company's tag. WeCom's word on who bears it is the truth, so
it is asked each time and brought up to the gate's decision before the moment is made.
"""

from typing import Any

from wechatpy.client.api.base import BaseWeChatAPI

GROUP, NAME = "平台征得的同意", "愿意收到新品和优惠"
#: In one attempt; the rest follows in the next.
MOST_MARKS = 200


class TagsAPI(BaseWeChatAPI):
    def offers(self) -> str:
        """The id of our tag, made if it is not there."""
        groups = self._post("externalcontact/get_corp_tag_list", data={}).get("tag_group")
        if (known := _id_in(groups)) is not None:
            return known
        data = {"group_name": GROUP, "tag": [{"name": NAME}]}
        made = _id_in([self._post("externalcontact/add_corp_tag", data=data).get("tag_group")])
        if made is None:
            raise ValueError("no id for the tag that was made")
        return made

    def mark(self, *, userid: str, external_userid: str, tag: str, is_on: bool) -> None:
        data = {"userid": userid, "external_userid": external_userid}
        self._post("externalcontact/mark_tag", data={**data, "add_tag" if is_on else "remove_tag": [tag]})


def _id_in(groups: Any) -> str | None:
    for group in groups or []:
        if isinstance(group, dict) and group.get("group_name") == GROUP:
            for tag in group.get("tag") or []:
                if tag.get("name") == NAME and tag.get("id"):
                    return str(tag["id"])
    return None


def bring_up_to_date(client: Any, *, userid: str, wanted: set[str]) -> tuple[str, bool]:
    """Let exactly `wanted` of this member's contacts bear the tag; its id, and whether all is done.

    Taking it off comes first: nobody sees too much because there was no time.
    """
    tag = client.tags.offers()
    bearing: set[str] = set()
    known: set[str] = set()
    for page in client.contacts.pages_of([userid]):
        for contact in page:
            known.add(contact.external_userid)
            if tag in contact.tag_ids:
                bearing.add(contact.external_userid)
    changes = [(one, False) for one in sorted(bearing - wanted)]
    changes += [(one, True) for one in sorted((wanted & known) - bearing)]
    for external_userid, is_on in changes[:MOST_MARKS]:
        client.tags.mark(userid=userid, external_userid=external_userid, tag=tag, is_on=is_on)
    return tag, len(changes) <= MOST_MARKS
