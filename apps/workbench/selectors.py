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
from apps.workbench.cards import TAKEN
from apps.workbench.instead import Instead, instead_of
from apps.workbench.pictures import THUMB, Picture, sized


@dataclass(frozen=True, slots=True)
class Today:
    """The issue of the day as the home page names it."""

    id: int
    number: int
    theme: str
    intro: str
    starts_on: date
    day: int


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
    """The current issue, and whether her customers find a code by which they can add her."""
    today = clock.day_of(now)
    with connection.cursor() as cursor:
        window = {"today": today, "earliest": today - timedelta(days=DAYS - 1)}
        cursor.execute(_TOP, {**window, "host": host.pk, "code": HostPicture.Kind.CODE.value})
        has_code, *issue = cursor.fetchone()
    return (Today(*issue) if issue[0] is not None else None), has_code


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


_TOP = """
SELECT EXISTS (SELECT FROM media_hostpicture p WHERE p.host_id = %(host)s AND p.kind = %(code)s),
       i.id, i.number, i.theme, i.intro, i.starts_on, %(today)s - i.starts_on + 1
  FROM (SELECT) AS always
  LEFT JOIN library_issue i ON i.live AND i.starts_on BETWEEN %(earliest)s AND %(today)s
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
