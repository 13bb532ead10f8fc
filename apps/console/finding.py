"""Search over everything: what can be found, by whom, and where a found row leads.

Each kind is searched as its own list is, within the same scope. Customers are found by a whole phone number
or customer number alone: counted with the reveals, and every look written down.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from apps.accounts.console import HostList, HostViewSet
from apps.catalog.console import ProductViewSet, matching
from apps.catalog.models import Product
from apps.console_kit.viewsets import Rows
from apps.customers import console as customers
from apps.customers.models import Relation
from apps.learning.cases.console import CaseList
from apps.learning.models import Case
from apps.lib import money
from apps.lib.masks import mask_phone
from apps.library.console import IssueList, MaterialList
from apps.library.models import Issue, Material
from apps.library.models.publishing import State
from apps.library.selectors import with_state
from apps.trade import console as orders
from apps.trade.models import Order

#: So many of one kind are shown; the list has the others.
MOST = 5


@dataclass(frozen=True)
class Found:
    """One row: what it is called, more of it, how it stands, where it is."""

    title: str
    note: str
    state: str
    href: str
    picture: Any = None


@dataclass(frozen=True)
class Kind:
    """What can be found. `rows` are all that this person may see, `find` those that are meant."""

    label: str
    icon: str
    permission: str
    #: What of it is searched, as the page says where it looked.
    by: str
    rows: Callable[[Any], Rows]
    find: Callable[[Rows, str], Rows]
    show: Callable[[Any], Found]
    #: The name of the list's address; empty where its search would lead elsewhere.
    list: str = ""


@dataclass(frozen=True)
class Group:
    """What was found of one kind."""

    kind: Kind
    found: list[Found]
    count: int
    href: str


@dataclass(frozen=True)
class Answer:
    groups: list[Group]
    #: Where it was looked, in words.
    looked: list[str]
    #: A phone was asked for more often than this person may.
    is_spent: bool = False


def _states(model: Any, *related: str) -> Callable[[Any], Rows]:
    return lambda user: with_state(model.objects.select_related(*related))


def _edit(row: Any) -> str:
    return reverse(row.snippet_viewset.get_url_name("edit"), args=[row.pk])


def _host(row: Any) -> Found:
    note = f"{row.get_kind_display()} · {row.organisation.name}"
    return Found(row.name, note, row.get_status_display(), reverse("host:detail", args=[row.public_id]))


def _product(row: Product) -> Found:
    left = sum(sku.stock for sku in row.skus.all())
    note = f"{row.category.name} · {money.show_yuan(row.price_fen)} · 库存 {left}"
    return Found(row.title, note, row.get_status_display(), reverse("product:edit", args=[row.pk]), row.cover)


def _material(row: Any) -> Found:
    return Found(row.title, row.get_kind_display(), State(row.state).label, _edit(row), row.picture)


def _issue(row: Any) -> Found:
    note = f"{row.starts_on:%-m月%-d日} 起 · {row.owner.name}"
    return Found(str(row), note, State(row.state).label, _edit(row))


def _case(row: Any) -> Found:
    note = f"{row.month:%Y 年 %-m 月}" + (f" · {row.host.name}" if row.host else "")
    return Found(row.title, note, State(row.state).label, _edit(row), row.cover)


def _order(row: Order) -> Found:
    note = f"{orders.what(row)} · {row.host.name}"
    href = reverse("order:detail", args=[row.public_id])
    return Found(money.show_yuan(row.total_fen), note, row.get_status_display(), href)


def _customer(row: Relation) -> Found:
    note = f"{mask_phone(row.phone) or '—'} · {row.host.name}"
    href = reverse("customer:detail", args=[row.public_id])
    return Found(row.masked_name, note, row.get_source_display(), href)


CUSTOMERS = Kind(
    "客户",
    "group",
    "customers.view_relation",
    "客户（输完整手机号）",
    lambda user: customers.CustomerViewSet.scope(user, Relation.objects.customers()).select_related(
        "host", "customer"
    ),
    customers.find_person,
    _customer,
)
KINDS = (
    Kind(
        "大C",
        "user",
        "accounts.view_host",
        "大C（称呼、拼音、账号）",
        lambda user: HostViewSet.scope(user, HostViewSet.model.objects.select_related("organisation")),
        HostList.find,
        _host,
        "host:index",
    ),
    CUSTOMERS,
    Kind(
        "订单",
        "list-ul",
        "trade.view_order",
        "订单（输完整订单号）",
        lambda user: orders.OrderViewSet.scope(
            user, Order.objects.select_related("host").prefetch_related("lines__product")
        ),
        orders.find_numbered,
        _order,
    ),
    Kind(
        "商品",
        "tag",
        "catalog.view_product",
        "商品（名称、品牌）",
        lambda user: ProductViewSet.scope(
            user,
            Product.objects.filter(is_placeholder=False)
            .select_related("category")
            .prefetch_related("pictures__image", "skus"),
        ),
        matching,
        _product,
        "product:index",
    ),
    Kind(
        "素材",
        "doc-full",
        "library.view_material",
        "素材（标题、文案）",
        _states(Material, "cover", "video__cover", "product"),
        MaterialList.find,
        _material,
        "wagtailsnippets_library_material:list",
    ),
    Kind(
        "双周主题",
        "calendar-alt",
        "library.view_issue",
        "双周主题（主题、期号）",
        _states(Issue, "owner"),
        IssueList.find,
        _issue,
        "wagtailsnippets_library_issue:list",
    ),
    Kind(
        "案例",
        "pick",
        "learning.view_case",
        "案例（标题）",
        _states(Case, "host", "cover"),
        CaseList.find,
        _case,
        "wagtailsnippets_learning_case:list",
    ),
)


def find(request: HttpRequest, words: str) -> Answer:
    """What these words may mean to this person, kind by kind.

    A phone number is nobody's but a customer's: it is looked for there alone, once the quota allows it.
    """
    user: Any = request.user
    seen = [kind for kind in KINDS if user.has_perm(kind.permission)]
    if customers.phone_in(words):
        seen = [kind for kind in seen if kind is CUSTOMERS]
        if seen and not customers.may_search(request, words):
            return Answer([], [CUSTOMERS.by], is_spent=True)
    groups = [group for kind in seen if (group := _group(request, kind, words)) is not None]
    return Answer(groups, [kind.by for kind in seen])


def _group(request: HttpRequest, kind: Kind, words: str) -> Group | None:
    rows: QuerySet[Any] = kind.find(kind.rows(request.user), words).order_by("-pk")
    first = list(rows[: MOST + 1])
    if not first:
        return None
    shown = first[:MOST]
    count = len(first) if len(first) <= MOST else rows.count()
    if kind is CUSTOMERS:
        customers.write_down_looks(
            request, Counter(row.host_id for row in shown), fields=customers.SHOWN, purpose="总部搜索"
        )
    href = f"{reverse(kind.list)}?{urlencode({'q': words})}" if kind.list else ""
    return Group(kind, [kind.show(row) for row in shown], count, href)
