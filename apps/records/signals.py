"""Acts of this floor which the apps above want to know of; sent inside the transaction of the act."""

from django.dispatch import Signal

#: (entry): masked values were made to show, as the access log's entry says.
revealed = Signal()
#: (consent)
consent_given = Signal()
#: (consents, by, now): what had been ticked for somebody turned out to be hers.
consent_confirmed = Signal()
#: (consents, now): taken back, by whatever way; whoever hangs something on one ends it with it.
consent_withdrawn = Signal()
