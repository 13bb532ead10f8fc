"""What stands on the privacy pages on the first day: looks by HQ, an export to decide on, two requests."""

from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from apps.accounts import roles
from apps.accounts.models import Host, Organisation, User
from apps.customers.models import Relation
from apps.privacy.models import RightsRequest
from apps.privacy.services import data_requests, exports
from apps.records import declarations
from apps.records import services as privacy
from apps.records.models import AccessLog

_REASONS = ("客户来电查物流", "核对中秋礼盒地址", "退款电话回访")


def access_log(hosts: list[Host], *, by: User, now: datetime) -> None:
    """Someone at HQ looked at a few customers of the demo's own hosts, once whole for a reason."""
    for place, host in enumerate(hosts[:3]):
        relations = list(Relation.objects.filter(host=host).order_by("pk")[:2])
        for number, relation in enumerate(relations):
            at = now - timedelta(days=6 - 2 * place, hours=3 + number)
            privacy.record_access(
                actor=by,
                action=AccessLog.Action.VIEW,
                fields="姓名、电话（打码）",
                at=at,
                host_id=host.pk,
                relation_id=relation.pk,
                is_hq=True,
                purpose="总部客户详情",
            )
            if number == 0:
                privacy.record_access(
                    actor=by,
                    action=AccessLog.Action.REVEAL,
                    fields="姓名、手机号",
                    at=at + timedelta(minutes=2),
                    host_id=host.pk,
                    relation_id=relation.pk,
                    is_hq=True,
                    purpose=_REASONS[place],
                )


def requests(hosts: list[Host], *, top: Organisation, now: datetime) -> None:
    """An export that waits for the administrator, and a customer who wants to be erased."""
    asker = User.objects.create(
        username="xiaosu",
        first_name="运营小苏",
        password=make_password(None),
        organisation=top,
        date_joined=now - timedelta(days=200),
    )
    asker.groups.add(Group.objects.get(name=roles.OPERATOR))
    exports.ask(
        asker,
        what="orders",
        span=declarations.Span((now - timedelta(days=14)).date(), None),
        is_clear=False,
        reason="核对本期发货进度",
        now=now - timedelta(hours=5),
    )
    customer = Relation.objects.filter(host=hosts[0]).order_by("-pk").first()
    if customer is not None and customer.phone:
        data_requests.ask(phone=customer.phone, kind=RightsRequest.Kind.ERASE, now=now - timedelta(days=1))
