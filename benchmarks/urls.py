"""The platform's pages, and the bare ones beside which they are measured."""

from django.urls import URLPattern, URLResolver, path

from benchmarks import views
from config.urls import urlpatterns as platform_urls

urlpatterns: list[URLPattern | URLResolver] = [
    path("bench/empty/", views.empty_page),
    path("bench/empty/s/", views.empty_consumer_page),
    path("bench/decrypt/", views.decrypt_only),
    *platform_urls,
]
