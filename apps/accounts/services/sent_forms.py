"""A form sent twice has one effect: a double tap, a retry of a shaky network, a reload of the answer.

Each served page carries a random mark of its own, its masked CSRF token; a device that keeps what was typed
sends a mark of its own for those words instead (kept_forms.py). The same mark with the same words to the same
address is the same form, if it comes from the same account, or where there is none from the same browser. The
twin waits until the first is through, then goes where that one led.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from apps.accounts.models import SentForm
from apps.database import crypto

#: Who sends a form again after this long means it. Longer than any device tries (static/js/drafts.js).
KEPT = timedelta(days=4)


def key_of(mark: str, address: str, *, sender: str, typed: Iterable[tuple[str, str]]) -> bytes:
    """One form, 32 bytes. `sender`: whose it is; the mark alone leads nobody else where it led her."""
    whole = hashlib.sha256()
    for part in (mark, address, sender, *(text for pair in sorted(typed) for text in pair)):
        content = part.encode(errors="surrogatepass")
        whole.update(f"{len(content)}:".encode() + content)
    return whole.digest()


def claim(key: bytes, *, now: datetime) -> SentForm:
    """The row of this form, held until the transaction ends. It leads nowhere yet if this is the first time.

    A twin waits here for the first one. Whatever that one did not do to the end left no row.
    """
    SentForm.objects.bulk_create([SentForm(key=key, created_at=now)], ignore_conflicts=True)
    return SentForm.objects.select_for_update().get(key=key)


def remember(row: SentForm, address: str) -> None:
    row.led_to = crypto.encrypt(address, context=_place(row))
    row.save(update_fields=["led_to"])


def where(row: SentForm) -> str:
    """Where the first one led."""
    return crypto.decrypt(bytes(row.led_to), context=_place(row))


def forget(*, now: datetime) -> int:
    gone, _ = SentForm.objects.filter(created_at__lt=now - KEPT).delete()
    return gone


def _place(row: SentForm) -> str:
    return f"accounts_sentform:led_to:{bytes(row.key).hex()}"
