"""What the home page begins with, and the posts of its day, a query each.

Every host opens this page every morning, so it is written as SQL: the same question through the ORM costs
four queries, and more time to put together than to answer. The rules are those of content (`open_at`,
`for_host`, `Material.picture`); a test holds the two answers side by side.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import connection

from apps.accounts.models import Host
from apps.catalog.availability import Availability
from apps.catalog.models import Product
from apps.lib import clock
from apps.library.models import Material
from apps.library.models.issues import DAYS
from apps.media.models import HostPicture
from apps.tracking.facts import SETTLED
from apps.workbench.cards import TAKEN
from apps.workbench.instead import Instead, instead_of
from apps.workbench.pictures import THUMB, Picture, sized


@dataclass(frozen=True, slots=True)
class Late:
    """The latest post that she missed, and how many stand behind it."""

    public_id: UUID
    title: str
    on: date
    others: int


@dataclass(frozen=True, slots=True)
class Today:
    """The issue of the day as the home page names it."""

    id: int
    number: int
    theme: str
    intro: str
    starts_on: date
    day: int
    late: Late | None = None


@dataclass(frozen=True, slots=True)
class TodayPost:
    """One thing to post today."""

    public_id: UUID
    title: str
    kind: str
    first_line: str
    best_time: time
    tip: str
    is_done: bool
    picture: Picture | None
    #: How the product that it sells stands; None when it sells none.
    availability: Availability | None = None
    product: Product | None = None
    instead: list[Instead] = field(default_factory=list)

    @property
    def kind_label(self) -> str:
        return str(Material.Kind(self.kind).label)


def top_of_today(host: Host, now: datetime) -> tuple[Today | None, bool]:
    """The current issue with what is late of it; whether her customers find a code to add her by."""
    today = clock.day_of(now)
    with connection.cursor() as cursor:
        earliest = today - timedelta(days=DAYS - 1)
        cursor.execute(
            _TOP,
            {
                "today": today,
                "earliest": earliest,
                "earliest_at": clock.start_of(earliest),
                "now": now,
                "host": host.pk,
                "path": host.organisation.path,
                "kind": host.kind,
                "level": host.level,
                "settled": list(SETTLED),
                "code": HostPicture.Kind.CODE.value,
            },
        )
        has_code, *row = cursor.fetchone()
    issue = Today(*row[:6]) if row[0] is not None else None
    if issue is not None and row[6] is not None:
        issue = replace(issue, late=Late(*row[6:]))
    return issue, has_code


def posts_of(issue: Today, host: Host, now: datetime, *, limit: int) -> list[TodayPost]:
    """What the issue plans for this host today, by the hour."""
    with connection.cursor() as cursor:
        cursor.execute(
            _POSTS,
            {
                "issue": issue.id,
                "day": issue.day,
                "now": now,
                "host": host.pk,
                "path": host.organisation.path,
                "kind": host.kind,
                "level": host.level,
                "taken": list(TAKEN),
                "size": THUMB,
                "begun": clock.start_of(issue.starts_on),
                "limit": limit,
            },
        )
        rows = cursor.fetchall()
    made_now = sized([row[7] for row in rows if row[11] is None], THUMB)
    posts = []
    for row in rows:
        picture_id, product_id, is_on_sale, left, file, width, height = row[7:]
        picture = Picture(default_storage.url(file), width, height) if file else made_now.get(picture_id)
        availability = Availability(left, is_on_sale) if product_id is not None else None
        post = TodayPost(*(*row[:7], picture, availability))
        is_short = availability is not None and availability.is_short
        posts.append(_with_help(post, product_id, host, now) if is_short else post)
    return posts


def _with_help(post: TodayPost, product_id: int, host: Host, now: datetime) -> TodayPost:
    """The same with what she may share instead: asked only of what is nearly or wholly gone."""
    product = Product.objects.get(pk=product_id)
    gone = post.availability is not None and post.availability.is_gone
    return replace(post, product=product, instead=instead_of(host, product, now) if gone else [])


#: What is late: the post of the last day with one left over. A material that the plan brings again today or
#: later is not, nor is one that sells what nobody can buy now: to share it would do her customers no good.
_TOP = """
SELECT EXISTS (SELECT FROM media_hostpicture p WHERE p.host_id = %(host)s AND p.kind = %(code)s),
       i.id, i.number, i.theme, i.intro, i.starts_on, %(today)s - i.starts_on + 1,
       late.public_id, late.title, late.planned_on, late.others
  FROM (SELECT) AS always
  LEFT JOIN library_issue i ON i.live AND i.starts_on BETWEEN %(earliest)s AND %(today)s
  LEFT JOIN LATERAL (
    SELECT m.public_id, m.title, i.starts_on + e.day - 1 AS planned_on, count(*) OVER () - 1 AS others
      FROM (SELECT material_id, max(day) AS day, max(best_time) AS best_time
              FROM library_issueentry e
              LEFT JOIN accounts_organisation o ON o.id = e.organisation_id
             WHERE e.issue_id = i.id
               AND (o.id IS NULL OR starts_with(%(path)s, o.path))
               AND e.host_kind IN ('', %(kind)s) AND e.min_level <= %(level)s
             GROUP BY material_id) AS e
      JOIN library_material m ON m.id = e.material_id
      LEFT JOIN catalog_product s ON s.id = m.product_id
     WHERE e.day < %(today)s - i.starts_on + 1
       AND m.live AND (m.expire_at IS NULL OR m.expire_at > %(now)s)
       AND (s.id IS NULL OR (s.status = 'active'
                             AND EXISTS (SELECT FROM catalog_sku k
                                          WHERE k.product_id = s.id AND k.stock > 0)))
       AND NOT EXISTS (SELECT FROM tracking_event t
                        WHERE t.host_id = %(host)s
                          -- Fixed bounds let the planner leave other months alone.
                          AND t.occurred_at BETWEEN %(earliest_at)s AND %(now)s
                          AND t.name = ANY(%(settled)s)
                          AND t.occurred_at >= i.starts_on::timestamp AT TIME ZONE 'Asia/Shanghai'
                          AND t.subject_kind = 'material' AND t.subject_id = m.id)
     ORDER BY e.day DESC, e.best_time, m.id
     LIMIT 1
  ) AS late ON true
"""

_POSTS = """
SELECT found.*, thumb.file, thumb.width, thumb.height
  FROM (SELECT m.public_id, m.title, m.kind,
               coalesce(nullif(m.summary, ''), split_part(btrim(m.share_text), E'\n', 1)),
               e.best_time, e.tip,
               EXISTS (SELECT FROM tracking_event t
                        WHERE t.host_id = %(host)s
                          -- Fixed bounds let the planner leave other months alone.
                          AND t.occurred_at BETWEEN %(begun)s AND %(now)s
                          AND t.name = ANY(%(taken)s)
                          AND t.subject_kind = 'material' AND t.subject_id = m.id) AS is_done,
               coalesce(m.cover_id,
                        (SELECT p.image_id FROM library_materialpicture p
                          WHERE p.material_id = m.id ORDER BY p.sort_order LIMIT 1),
                        (SELECT v.cover_id FROM media_video v WHERE v.id = m.video_id),
                        (SELECT p.image_id FROM catalog_productpicture p
                          WHERE p.product_id = m.product_id ORDER BY p.position, p.id LIMIT 1)) AS picture_id,
               s.id AS product_id, s.status = 'active' AS is_on_sale,
               (SELECT coalesce(sum(k.stock), 0)::int FROM catalog_sku k
                 WHERE k.product_id = s.id) AS left_over
          FROM library_issueentry e
          JOIN library_material m ON m.id = e.material_id
          LEFT JOIN accounts_organisation o ON o.id = e.organisation_id
          LEFT JOIN catalog_product s ON s.id = m.product_id
         WHERE e.issue_id = %(issue)s AND e.day = %(day)s
           AND m.live AND (m.expire_at IS NULL OR m.expire_at > %(now)s)
           AND (o.id IS NULL OR starts_with(%(path)s, o.path))
           AND e.host_kind IN ('', %(kind)s) AND e.min_level <= %(level)s
         ORDER BY e.best_time, e.id
         LIMIT %(limit)s) AS found
  LEFT JOIN LATERAL (SELECT r.file, r.width, r.height FROM media_rendition r
                      WHERE r.image_id = found.picture_id AND r.filter_spec = %(size)s
                      ORDER BY r.id DESC LIMIT 1) AS thumb ON true
"""
