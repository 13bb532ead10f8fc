"""Sharing for the API: her links, what goes with them, and the poster of a material."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics, serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.permissions import IsHost, host_of
from apps.catalog import access as catalog
from apps.catalog.availability import availability_of
from apps.lib.api import ConflictError
from apps.lib.pagination import TimePagination
from apps.library import access as library
from apps.library.models import Material
from apps.library.posters import Look
from apps.library.selectors import own_variant
from apps.media.views import serve_private
from apps.sharing import services, subjects
from apps.sharing.subjects import Shareable
from apps.tracking.models import Channel, Link


class LinkInput(serializers.Serializer[Any]):
    channel = serializers.ChoiceField(choices=Channel.choices, label="渠道", default=Channel.COPY)


class LinkOutput(serializers.Serializer[Any]):
    id = serializers.CharField(source="code")
    url = serializers.CharField(source="address")
    subject_kind = serializers.CharField()
    channel = serializers.CharField()
    created_at = serializers.DateTimeField()


class SharedOutput(serializers.Serializer[Any]):
    """What she takes away. A script that sells nothing has no page: only the words, and no link."""

    id = serializers.CharField(source="link.code", default=None, allow_null=True)
    url = serializers.CharField(source="link.address", default=None, allow_null=True)
    subject_kind = serializers.CharField(
        source="link.subject_kind", default=None, allow_null=True, help_text="链接打开的是什么"
    )
    channel = serializers.CharField()
    created_at = serializers.DateTimeField(source="link.created_at", default=None, allow_null=True)
    title = serializers.CharField()
    text = serializers.CharField(help_text="和链接一起发的话")
    goods = serializers.CharField(help_text="所卖商品现在的样子，例如「卖完了」；不卖商品为空")


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


class MaterialLinkView(APIView):
    permission_classes = (IsHost,)

    @extend_schema(operation_id="share_material", request=LinkInput, responses={201: SharedOutput})
    def post(self, request: Request, public_id: str) -> Response:
        """Her own link to a material, with her words; asking for it counts as sharing by that channel.

        A script has no page of its own: its link opens the product that it sells, and without one there are
        only the words (`id` and `url` are null; the channels copy and poster are refused).
        """
        now = timezone.now()
        material = library.material_for(host_of(request), public_id, now)
        return _share(request, subjects.of_material(material, now))


class ProductLinkView(APIView):
    permission_classes = (IsHost,)

    @extend_schema(operation_id="share_product", request=LinkInput, responses={201: SharedOutput})
    def post(self, request: Request, public_id: str) -> Response:
        """Her own link to a product; asking for it counts as sharing by that channel."""
        return _share(request, subjects.of_product(catalog.product_offered(public_id)))


class ShelfLinkView(APIView):
    permission_classes = (IsHost,)

    @extend_schema(operation_id="share_shelf", request=LinkInput, responses={201: SharedOutput})
    def post(self, request: Request) -> Response:
        """Her own link to her shelf; asking for it counts as sharing by that channel."""
        return _share(request, subjects.of_shelf(host_of(request)))


def _share(request: Request, subject: Shareable) -> Response:
    form = LinkInput(data=request.data)
    form.is_valid(raise_exception=True)
    host, row = host_of(request), subject.row
    own = (own_variant(host, row) or "") if isinstance(row, Material) else ""
    try:
        shared = services.share(
            host, subject, Channel(form.validated_data["channel"]), timezone.now(), text=own
        )
    except services.NotNowError as error:
        raise ConflictError(str(error)) from None
    except services.NoSuchWayError as error:
        values = "、".join(error.channels)
        raise ValidationError({"channel": [f"{error}可以填：{values}。"]}) from None
    availability = availability_of(row.product if isinstance(row, Material) else row)
    body = {
        "link": shared.link,
        "channel": shared.channel,
        "title": shared.title,
        "text": shared.text,
        "goods": availability.label if availability is not None else "",
    }
    return Response(SharedOutput(body).data, status=status.HTTP_201_CREATED)


class LookInput(serializers.Serializer[Any]):
    look = serializers.ChoiceField(choices=Look.choices, label="版式", default="")


class JpegRenderer(BaseRenderer):
    """The poster's own type; errors stay JSON."""

    media_type = "image/jpeg"
    format = "jpg"


class MaterialPosterView(APIView):
    permission_classes = (IsHost,)
    renderer_classes = (JSONRenderer, JpegRenderer)

    @extend_schema(
        operation_id="material_poster",
        parameters=[LookInput],
        responses={(200, "image/jpeg"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, public_id: str) -> HttpResponse:
        """Her poster with the code of her own link. Looking at it is no sharing: that is said by `links`.

        Without `look` it is HQ's own layout if the material has one, else the one she chose last.
        """
        form = LookInput(data=request.query_params)
        form.is_valid(raise_exception=True)
        now, host, look = timezone.now(), host_of(request), form.validated_data["look"]
        subject = subjects.of_material(library.material_for(host, public_id, now), now)
        link = services.link_to(host, subject, Channel.POSTER, now=now)
        poster = services.poster_of(host, subject, link, now=now, look=look) if link is not None else None
        if poster is None:
            raise ConflictError("这段话术没有页面可以打开，所以没有海报；把文字复制出去就行。")
        return serve_private(  # type: ignore[return-value]
            request._request, poster.file.name or "", filename="poster.jpg", content_type="image/jpeg"
        )


urlpatterns = [
    path("links/", LinkListView.as_view(), name="links"),
    path("materials/<uuid:public_id>/links/", MaterialLinkView.as_view(), name="material-links"),
    path("materials/<uuid:public_id>/poster/", MaterialPosterView.as_view(), name="material-poster"),
    path("products/<uuid:public_id>/links/", ProductLinkView.as_view(), name="product-links"),
    path("shelf/links/", ShelfLinkView.as_view(), name="shelf-links"),
]
