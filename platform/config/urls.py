"""Where each surface hangs. Names that others rely on: design's contract."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import TemplateView

from config import health, metrics

handler400 = "config.errors.unreadable"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.broken"

urlpatterns: list[URLPattern | URLResolver] = [
    # First, since each of WeCom's events waits for its place in the list, twice.
    path("wecom/", include("apps.wecom.urls")),
    path("livez", health.livez),
    path("readyz", health.readyz),
    path("metrics", metrics.metrics),
    path("api/v1/", include("config.api")),
    path("api/docs/", TemplateView.as_view(template_name="api_docs.html"), name="api-docs"),
    path("hq/", include("apps.console.urls")),
    path("media/", include("apps.media.urls")),
    path("", include("apps.accounts.urls")),
    path("", include("apps.storefront.urls")),
    path("", include("apps.workbench.urls")),
]
