"""Acts of this floor which the apps above want to know of; sent inside the transaction of the act."""

from django.dispatch import Signal

#: (entry): masked values were made to show, as the access log's entry says.
revealed = Signal()
#: (consent)
consent_given = Signal()
#: (consents, now)
consent_withdrawn = Signal()
