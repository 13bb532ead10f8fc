"""A host's share links."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
