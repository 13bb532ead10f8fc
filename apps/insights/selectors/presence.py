"""Who was there: hosts are compared over days only if they could have brought something on each of them."""

#: That the host `h` (a row of `accounts_host`) was in use from `{starts}` to before `{ends}` without a break;
#: both are instants in SQL. What became of her afterwards changes nothing.
STAYED = """(
    h.joined_at <= {starts}
    AND NOT EXISTS (
        SELECT FROM accounts_hosttransition x
         WHERE x.host_id = h.id AND x.to_status <> 'active' AND x.at >= {starts} AND x.at < {ends})
    AND 'active' = coalesce(
        (SELECT x.to_status FROM accounts_hosttransition x
          WHERE x.host_id = h.id AND x.at < {starts} ORDER BY x.at DESC, x.id DESC LIMIT 1),
        'active'))"""
