"""Whom privacy serves: what each app declares about the personal data it keeps. A new app is added here."""

from apps.customers import erasure as customers
from apps.customers.expiry import EXPIRIES as OF_CUSTOMERS
from apps.customers.exports import EXPORT as CUSTOMERS
from apps.customers.indexes import INDEXES as CUSTOMERS_INDEXES
from apps.insights.exports import EXPORT as ORDERS
from apps.outbox import erasure as outbox
from apps.outbox.expiry import EXPIRIES as OF_OUTBOX
from apps.privacy import erasure as own
from apps.privacy import lists
from apps.privacy.expiry import EXPIRIES as OUR_OWN
from apps.privacy.models import ExportRequest
from apps.privacy.own_indexes import INDEXES as OUR_INDEXES
from apps.profiles import erasure as profiles
from apps.profiles.expiry import EXPIRIES as OF_PROFILES
from apps.reach import erasure as reach
from apps.reach.expiry import EXPIRY as OF_REACH
from apps.records.declarations import Expiry, Export, Holder, Index
from apps.stories import erasure as stories
from apps.stories.expiry import EXPIRIES as OF_STORIES
from apps.trade import erasure as trade
from apps.trade.expiry import EXPIRIES as OF_TRADE
from apps.wecom import erasure as wecom

EXPORTS: dict[str, Export] = {one.what: one for one in (CUSTOMERS, ORDERS)}
#: In the order in which they erase: the app that knows her name and phone comes last.
HOLDERS: dict[str, Holder] = {
    one.name: one
    for one in (
        outbox.HOLDER,
        own.HOLDER,
        profiles.HOLDER,
        reach.HOLDER,
        stories.HOLDER,
        trade.HOLDER,
        wecom.HOLDER,
        customers.HOLDER,
    )
}
EXPIRIES: tuple[Expiry, ...] = (
    *OF_CUSTOMERS,
    *OF_OUTBOX,
    *OF_PROFILES,
    OF_REACH,
    *OF_STORIES,
    *OF_TRADE,
    *OUR_OWN,
)
INDEXES: tuple[Index, ...] = (*CUSTOMERS_INDEXES, *OUR_INDEXES)


def export_of(request: ExportRequest) -> Export:
    """What this request exports: one of the house's own, or what a list of the console found."""
    return lists.export_of(request) if request.what == lists.WHAT else EXPORTS[request.what]
