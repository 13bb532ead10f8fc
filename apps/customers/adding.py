"""A customer whom her host adds by hand: somebody she knows, who has not ordered and is no WeCom friend."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from apps.accounts.models import Host, User
from apps.customers import services
from apps.customers.models import Relation
from apps.lib.birthdays import Birthday
from apps.lib.words import plain


class KnownAlreadyError(Exception):
    """She has this phone already, at `relation`."""

    def __init__(self, relation: Relation) -> None:
        super().__init__(f"「{relation.shown_name}」就是这个手机号，不用再加一次。")
        self.relation = relation


@transaction.atomic
def add_by_hand(
    host: Host,
    *,
    name: str,
    phone: str = "",
    birthday: Birthday | None = None,
    tags: Sequence[str] = (),
    known_from: str = "",
    note: str = "",
    by: User,
    now: datetime,
) -> Relation:
    """A new customer of this host by what she calls her; `phone` is E.164 or empty. KnownAlreadyError.

    Nobody else's customers are looked at, and nothing she may have agreed to elsewhere counts here.
    """
    called = plain(name)
    relation = Relation(
        host=host,
        # Both are what she typed: a shop's file may correct the name and leaves her word for her alone.
        name=called,
        remark=called,
        source=Relation.Source.MANUAL,
        joined_at=now,
    )
    if birthday is not None:
        relation.birthday_month, relation.birthday_day = birthday
    services.set_phone(relation, phone)
    if phone and (known := _holder(relation)) is not None:
        raise KnownAlreadyError(known)
    try:
        services.begin(relation, now=now)
    except IntegrityError:  # she came by an order in this very moment
        known = _holder(relation)
        if known is None:
            raise
        raise KnownAlreadyError(known) from None
    for tag in tags:
        services.tag_relation(relation, name=tag, by=by, now=now)
    met = f"怎么认识的：{known_from.strip()}" if known_from.strip() else ""
    words = "\n".join(filter(None, [met, note.strip()]))
    if words:
        services.add_note(relation, text=words, by=by, now=now)
        # Writing down what she knows is no talk with her.
        relation.last_contact_at = None
        relation.save(update_fields=["last_contact_at"])
    return relation


def _holder(relation: Relation) -> Relation | None:
    return Relation.objects.of(relation.host).filter(phone_index=relation.phone_index).first()
