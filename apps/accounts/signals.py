"""Acts of this floor which the apps above want to know of; sent inside the transaction of the act."""

from django.dispatch import Signal

#: (host, before, after, by, now): a host was made active, suspended, or has left.
host_moved = Signal()
#: (user, kind, by, now, detail): somebody's way in or rights changed; `kind` is an `AccountEvent.Kind`.
account_changed = Signal()
