"""How the blind indexes of customers' tables follow from their rows: for a change of the index key."""

from apps.customers import services
from apps.customers.models import HandOverItem, Identity, Relation
from apps.records.declarations import Index


def of_relation(row: Relation) -> dict[str, bytes | None]:
    """A relation that is blocked has none: she is not to be found."""
    is_open = row.blocked_at is None
    phone, account = row.phone, row.external_userid
    return {
        "phone_index": services.phone_index(row.host_id, phone) if phone and is_open else None,
        "phone_last4_index": services.last4_index(row.host_id, phone) if phone and is_open else None,
        "external_index": services.external_index(row.host_id, account) if account and is_open else None,
    }


def of_identity(row: Identity) -> dict[str, bytes | None]:
    if row.value_index is None:
        return {"value_index": None, "main_index": None}
    return {
        "value_index": services.identity_index(row.kind, issuer=row.issuer, value=row.value),
        "main_index": services.main_index(row.kind, issuer=row.issuer, value=row.value),
    }


def of_hand_over(row: HandOverItem) -> dict[str, bytes | None]:
    """The former host's index of her contact: there only while WeCom transfers it."""
    if row.former_external_index is None or not row.relation.external_userid:
        return {"former_external_index": None}
    return {
        "former_external_index": services.external_index(
            row.hand_over.from_host_id, row.relation.external_userid
        )
    }


INDEXES = (
    Index(Relation, of_relation),
    Index(Identity, of_identity),
    Index(HandOverItem, of_hand_over),
)
