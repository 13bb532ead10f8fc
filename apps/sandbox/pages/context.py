"""What every page of the sandbox knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from apps.sandbox.models import Simulation


def sandbox(request: HttpRequest) -> dict[str, Any]:
    simulation = Simulation.load()
    return {
        "simulation": simulation,
        "virtual_now": simulation.now(),
        "product_url": settings.SITE_URL,
        "here": request.get_full_path(),
        "section": request.resolver_match.url_name if request.resolver_match else "",
    }
