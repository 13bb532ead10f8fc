"""How the blind indexes of the lower tables follow from their rows: for a change of the index key."""

from apps.accounts.models import Application
from apps.accounts.services.joining import _phone_index
from apps.database import crypto
from apps.privacy.models import RightsRequest
from apps.records.declarations import Index

#: Phones of requests are found among themselves alone.
SCOPE = "privacy:rights"


def of_application(row: Application) -> dict[str, bytes | None]:
    return {"phone_index": _phone_index(row.phone) if row.phone and row.phone_index is not None else None}


def of_request(row: RightsRequest) -> dict[str, bytes | None]:
    is_found = row.phone and row.phone_index is not None
    return {"phone_index": crypto.blind_index(row.phone, scope=SCOPE) if is_found else None}


INDEXES = (Index(Application, of_application), Index(RightsRequest, of_request))
