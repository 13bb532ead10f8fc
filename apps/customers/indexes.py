"""How the blind indexes of customers' tables follow from their rows: for a change of the index key."""

from apps.customers import services
from apps.customers.models import Identity, Relation
from apps.privacy.registry import Index


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
        return {"value_index": None}
    return {"value_index": services.identity_index(row.kind, issuer=row.issuer, value=row.value)}


INDEXES = (Index(Relation, of_relation), Index(Identity, of_identity))
