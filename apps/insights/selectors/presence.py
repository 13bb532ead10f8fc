"""Who was there: hosts are compared over days only if they could have brought something on each of them."""

from datetime import datetime

from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from apps.accounts.models import HostQuerySet

#: That a host (`{host}` is her row of `accounts_host`) was in use from `{starts}` to before `{ends}`, without
#: a break; both are instants in SQL. What became of her afterwards changes nothing.
STAYED = """(
    {host}.joined_at <= {starts}
    AND NOT EXISTS (
        SELECT FROM accounts_hosttransition x
         WHERE x.host_id = {host}.id AND x.to_status <> 'active' AND x.at >= {starts} AND x.at < {ends})
    AND 'active' = coalesce(
        (SELECT x.to_status FROM accounts_hosttransition x
          WHERE x.host_id = {host}.id AND x.at < {starts} ORDER BY x.at DESC, x.id DESC LIMIT 1),
        'active'))"""


def stayed(hosts: HostQuerySet, starts: datetime, ends: datetime) -> HostQuerySet:
    """Those of `hosts` in use from `starts` to before `ends` without a break, wherever they are now."""
    sql = STAYED.format(host="accounts_host", starts="%s", ends="%s")
    params = [starts, starts, ends, starts]
    return hosts.filter(RawSQL(sql, params, BooleanField()))  # noqa: S611 - our own SQL
