"""The call that proves who she is: it shows a whole number and a code that opens all of hers."""

from datetime import datetime

from django.db import transaction

from apps.accounts.models import User
from apps.customers import erasure as people
from apps.customers.models import Relation
from apps.database import db_role
from apps.privacy.models import RightsRequest
from apps.privacy.services.data_requests import make_code
from apps.privacy.services.own_customers import not_her_own
from apps.records.services import reveal_at_hq

FIELDS = "资料请求里的手机号和验证码"


@transaction.atomic
def call(request: RightsRequest, *, by: User, reason: str, now: datetime, request_id: str = "") -> str:
    """The code for whom `by` is about to ring, for a reason, of the quota of reveals.

    Each host who knows her by this number reads it under 谁看过我的客户. TooLateError, ReasonError,
    QuotaSpentError, OneselfError for a customer of her own.
    """
    not_her_own(request, by, now=now)
    code = make_code(request, by=by, now=now)
    with db_role.as_worker():
        hers = Relation.objects.filter(pk__in=people.find(request.phone)).order_by("pk")
        pairs = list(hers.values_list("host_id", "pk"))
    reveal_at_hq(by, of=pairs, fields=FIELDS, reason=reason, now=now, request_id=request_id)
    return code
