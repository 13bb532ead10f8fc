"""What HQ changes about products, for the ledger: whichever form writes it."""

from typing import Any

from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.utils import timezone
from wagtail.log_actions import get_active_log_context

from apps.catalog.models import Product, Sku
from apps.tracking import services as tracking
from apps.tracking.facts import Fact
from apps.tracking.models import Subject

_PRICES = ("retail_price_fen", "supply_price_fen", "floor_price_fen")


@receiver(pre_save, sender=Sku)
def note_prices(sender: type[Sku], instance: Sku, **kwargs: Any) -> None:
    before = Sku.objects.filter(pk=instance.pk).values(*_PRICES).first() if instance.pk else None
    changed = [name for name in _PRICES if before and before[name] != getattr(instance, name)]
    if before and changed:
        prices = {name: [before[name], getattr(instance, name)] for name in changed}
        _record(Fact.PRODUCT_PRICED, instance.product_id, {"sku_id": instance.pk, **prices})


@receiver(pre_save, sender=Product)
def note_offer(sender: type[Product], instance: Product, **kwargs: Any) -> None:
    before = Product.objects.filter(pk=instance.pk).only("status").first() if instance.pk else None
    if before is None or before.is_on_sale == instance.is_on_sale:
        return
    _record(Fact.PRODUCT_OFFERED if instance.is_on_sale else Fact.PRODUCT_TAKEN_OFF, instance.pk, {})


def _record(fact: Fact, product_id: int, props: dict[str, Any]) -> None:
    user = get_active_log_context().user
    tracking.record(
        fact,
        at=timezone.now(),
        actor_id=user.pk if user else None,
        subject_kind=Subject.PRODUCT,
        subject_id=product_id,
        props=props,
    )
