"""The coming and going of hosts: invitations, applications, somebody suspended, somebody who left."""

from datetime import datetime, timedelta
from random import Random

from apps.accounts import services as accounts
from apps.accounts.joining.notice import NOTICE_PURPOSE, notice_text
from apps.accounts.models import Host, Organisation, User
from apps.accounts.services import joining
from apps.customers.handover import acts, moving, transfers
from apps.customers.models import HandOver, HandOverItem, Relation
from apps.outbox.models import Delivery
from apps.records import services as privacy

#: (label, organisation, kind, uses, days until it ends, days since it was made)
_INVITATIONS = (
    ("静安店三月招募", "上海静安门店", "guide", 20, 21, 9),
    ("杭州宝妈群老客推荐", "杭州社群团队", "owner", 5, 5, 2),
    ("上一期地推", "广州天河门店", "owner", 50, -3, 33),
)
#: (name, invitation, phone's end, WeCom account, why, what became of it)
_APPLICATIONS = (
    ("阿敏", 0, "0001", "amin", "在静安店做了两年兼职，熟客有一百来个。", ""),
    ("朵朵妈妈", 1, "0002", "", "小区三个宝妈群，每周都有人托我带水果。", ""),
    ("老徐", 1, "0003", "laoxu", "", ""),
    ("小田", 2, "0004", "", "想试试看。", "天河店这个月招满了，下个月我们再联系你。"),
)
#: How long ago one was suspended, and one left.
_SUSPENDED, _LEFT = timedelta(days=6), timedelta(days=3)


def out_since(hosts: list[Host], *, now: datetime) -> dict[int, datetime]:
    """Who of the hosts works no more: the last one is suspended, the one before her has left."""
    return {hosts[-1].pk: now - _SUSPENDED, hosts[-2].pk: now - _LEFT}


def coming_and_going(
    hosts: list[Host], places: dict[str, Organisation], *, by: User, dice: Random, now: datetime
) -> None:
    """Of the hosts, the last three: one suspended, one gone with her customers handed over to the third."""
    out = out_since(hosts, now=now)
    _sign_ins(hosts, out, dice=dice, now=now)
    _joining(places, by=by, now=now)
    suspended, departed, taker = hosts[-1], hosts[-2], hosts[-3]
    accounts.move_host(
        suspended,
        to=Host.Status.SUSPENDED,
        actor=by,
        now=out[suspended.pk],
        reason="家里有事，歇两个月",
    )
    accounts.place_host(
        taker, level=taker.level + 1, actor=by, now=now - timedelta(days=12), reason="连续两期转发最多"
    )
    accounts.move_host(
        departed, to=Host.Status.LEFT, actor=by, now=out[departed.pk], reason="搬去外地，不再做了"
    )
    made = acts.hand_over(
        departed,
        taker,
        relations=Relation.objects.all(),
        scope="全部客户",
        reason=f"{departed.name}搬去外地，客户交给同组的{taker.name}",
        by=by,
        now=out[departed.pk],
    )
    moving.run(made.pk, now=out[departed.pk])
    _transferred(made, now=now - timedelta(days=2))


def _transferred(made: HandOver, *, now: datetime) -> None:
    """WeCom moved her contacts a day later: the sandbox knows them as friends of who took over."""
    asked = made.items.filter(transfer=HandOverItem.Transfer.QUEUED).values_list("pk", flat=True)
    transfers.write(list(asked), HandOverItem.Transfer.DONE, now=now)
    # What was asked for then is long tidied away; it must not be asked again.
    for delivery in Delivery.objects.filter(kind=moving.TRANSFER).select_related("letter"):
        delivery.delete()
        delivery.letter.delete()


def _sign_ins(hosts: list[Host], out: dict[int, datetime], *, dice: Random, now: datetime) -> None:
    """Most come every few days; some have not been seen for weeks."""
    for host in hosts[3:]:
        days = dice.choice((0, 0, 1, 1, 2, 3, 5, 9, 18, 26))
        at = out.get(host.pk, now) - timedelta(days=days, minutes=dice.randint(5, 900))
        User.objects.filter(pk=host.user_id).update(last_login=at)


def _joining(places: dict[str, Organisation], *, by: User, now: datetime) -> None:
    company = str(next(iter(places.values())).get_root().name)
    notice = privacy.notice_for(NOTICE_PURPOSE, notice_text(company), now=now - timedelta(days=33))
    links = []
    for label, place, kind, uses, ends_in, made_ago in _INVITATIONS:
        secret, _ = joining.invite(
            organisation=places[place],
            kind=kind,
            level=1,
            uses=uses,
            label=label,
            expires_at=now + timedelta(days=ends_in),
            by=by,
            now=now - timedelta(days=made_ago),
        )
        links.append((secret, made_ago))
    for number, (name, invitation, end, wecom, why, answer) in enumerate(_APPLICATIONS):
        secret, made_ago = links[invitation]
        at = now - timedelta(days=made_ago) + timedelta(hours=20 + number)
        _, application = joining.submit_application(
            secret,
            name=name,
            phone=f"1990000{end}",
            wecom_userid=wecom,
            why=why,
            notice_sha256=bytes(notice.sha256),
            now=at,
        )
        if answer:
            joining.refuse(application, reason=answer, by=by, now=at + timedelta(days=1))
