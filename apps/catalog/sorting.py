"""What HQ changes of many products at once: whether they are sold, and what they are sorted by.

That a product is offered or taken off becomes an event by its receiver, whichever way it is saved
(`receivers.py`); who changed what stands in Wagtail's log, as for the form.
"""

from typing import Any

from wagtail.log_actions import log

from apps.catalog.models import Product


def change(product: Product, **values: Any) -> None:
    """Set these fields of it, the rest stays."""
    for name, value in values.items():
        setattr(product, name, value)
    product.save()
    log(instance=product, action="wagtail.edit", content_changed=True)
