"""A host's share links, for the API."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics, serializers

from apps.accounts.permissions import IsHost, host_of
from apps.lib.pagination import TimePagination
from apps.tracking.models import Channel, Link


class LinkInput(serializers.Serializer[Any]):
    channel = serializers.ChoiceField(choices=Channel.choices, label="渠道", default=Channel.COPY)


class LinkOutput(serializers.Serializer[Any]):
    id = serializers.CharField(source="code")
    url = serializers.CharField(source="address")
    subject_kind = serializers.CharField()
    channel = serializers.CharField()
    created_at = serializers.DateTimeField()


class NewestFirst(TimePagination):
    ordering = ("-created_at", "-id")


@extend_schema_view(get=extend_schema(operation_id="links"))
class LinkListView(generics.ListAPIView[Link]):
    """Her links, newest first."""

    permission_classes = (IsHost,)
    serializer_class = LinkOutput
    pagination_class = NewestFirst

    def get_queryset(self) -> QuerySet[Link]:
        if getattr(self, "swagger_fake_view", False):
            return Link.objects.none()
        return Link.objects.filter(host=host_of(self.request))


urlpatterns = [path("links/", LinkListView.as_view(), name="links")]
