"""Nobody at HQ decides what her own customer asks for: the number, the word and the hold are another's."""

from datetime import datetime

from django.utils import timezone

from apps.accounts.models import Host, User
from apps.accounts.services import two_people
from apps.customers import erasure as people
from apps.customers.models import Relation
from apps.database import db_role
from apps.privacy.models import RightsRequest

NOT_HER_OWN = "这是你自己客户的请求，或者最近能用你账号的大C的客户：要由别的同事来办。"


@db_role.as_worker()
def not_her_own(request: RightsRequest, by: User, *, now: datetime | None = None) -> RightsRequest:
    """The same request; OneselfError where it is of a customer of `by`, or of a host who may act as `by`."""
    hands = {by.pk} | two_people.who_may_be_behind(by, now=now or timezone.now())
    hosts = Host.objects.filter(user__in=hands)
    if not hosts.exists():
        return request
    reached = [*request.relation_ids, *(people.find(request.phone) if request.phone else ())]
    hers = Relation.objects.filter(pk__in=reached, host__in=hosts).exists()
    if hers or request.host_id in hosts.values_list("pk", flat=True):
        raise two_people.OneselfError(NOT_HER_OWN)
    return request
