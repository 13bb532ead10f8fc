"""What cannot be bought, or soon not: stock, and planned posts that would sell what is gone."""

from typing import Any

from django.urls import reverse

from apps.catalog.availability import FEW, shortage
from apps.catalog.models import Product
from apps.console.home.panel import Panel


class GoodsPanel(Panel):
    name = "goods"
    permission = "catalog.view_product"
    template_name = "console/home/goods.html"

    def is_shown(self) -> bool:
        return super().is_shown() and bool(self.asked.user.has_perm("library.view_issue"))

    def told(self) -> dict[str, Any]:
        short = shortage()
        listed = f"{reverse('product:index')}?status={Product.Status.ACTIVE}&stock="
        troubled = [
            {
                "issue": glance.issue,
                "posts": glance.troubled,
                "href": reverse("desk:plan", args=[glance.issue.pk]),
            }
            for glance in self.asked.glances
            if glance.troubled
        ]
        return {
            "short": short,
            "few": FEW,
            "gone_href": f"{listed}none",
            "few_href": f"{listed}few",
            "troubled": troubled,
            "may_change": self.asked.user.has_perm("catalog.change_product"),
        }


PANELS: list[type[Panel]] = [GoodsPanel]
