"""What must be true of the facts once the projection has caught up."""

from django.db import connection
from django.db.backends.utils import CursorWrapper

from apps.profiles.projection import COUNTED_ORDERS, PROJECTION
from apps.tracking import reader

_CHUNK = 5_000


def check_facts() -> list[str]:
    """Every relation has its facts, and they are what its orders say, for all relations."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT (SELECT count(*) FROM customers_relation r
                     WHERE NOT EXISTS (SELECT FROM profiles_facts f WHERE f.relation_id = r.id)),
                   (SELECT count(*) FROM profiles_facts f
                     WHERE NOT EXISTS (SELECT FROM customers_relation r
                                        WHERE r.id = f.relation_id AND r.host_id = f.host_id))
            """
        )
        without, astray = cursor.fetchone()
        if without:
            found.append(f"有 {without} 位客户没有画像")
        if astray:
            found.append(f"有 {astray} 份画像找不到它的客户")
        if reader.lag(PROJECTION.name).waiting:
            return found  # what has not been read yet may well differ
        wrong = _differing(cursor)
    if wrong:
        found.append(f"客户画像里的订单数字和订单对不上（关系 {', '.join(map(str, wrong[:5]))} 等）")
    return found


def _differing(cursor: CursorWrapper) -> list[int]:
    wrong: list[int] = []
    after = 0
    while True:
        cursor.execute(
            "SELECT relation_id FROM profiles_facts WHERE relation_id > %s ORDER BY relation_id LIMIT %s",
            [after, _CHUNK],
        )
        ids = [row[0] for row in cursor.fetchall()]
        if not ids:
            return wrong
        after = ids[-1]
        cursor.execute(
            f"""
            SELECT f.relation_id
              FROM profiles_facts f
              LEFT JOIN ({COUNTED_ORDERS}) AS c USING (relation_id)
             WHERE f.relation_id = ANY(%(relations)s)
               AND (f.orders_count, f.first_order_at, f.last_order_at, f.gmv_fen) IS DISTINCT FROM
                   (coalesce(c.orders_count, 0), coalesce(c.first_order_at, 'epoch'),
                    coalesce(c.last_order_at, 'epoch'), coalesce(c.gmv_fen, 0))
            """,  # noqa: S608 - a constant of our own
            {"relations": ids},
        )
        wrong += [row[0] for row in cursor.fetchall()]
