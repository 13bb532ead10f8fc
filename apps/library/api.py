"""Materials and fortnights for the API: what a host reads, and what she does with it."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import generics, serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.permissions import IsHost, host_of
from apps.lib import addresses
from apps.library import access, selectors, services
from apps.library.models import Issue, Material
from apps.tracking.facts import Fact

#: What a host did on her own phone; a share is made by asking for its link (`sharing`).
ACTS = ("opened", "copied", "saved")


class MaterialOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="public_id")
    kind = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    occasion = serializers.CharField()
    product = serializers.UUIDField(source="product.public_id", default=None, allow_null=True)
    is_new = serializers.BooleanField()
    published_at = serializers.DateTimeField(source="first_published_at", allow_null=True)
    expires_at = serializers.DateTimeField(source="expire_at", allow_null=True)


class MaterialDetailOutput(MaterialOutput):
    share_text = serializers.CharField()
    html = serializers.SerializerMethodField(help_text="正文")
    pictures = serializers.SerializerMethodField()

    def get_html(self, material: Material) -> str:
        return str(material.body)

    def get_pictures(self, material: Material) -> list[str]:
        images = [row.image for row in material.pictures.all()]
        if not images and material.picture is not None:
            images = [material.picture]
        return [addresses.absolute(image.get_rendition("max-1080x8000|format-jpeg").url) for image in images]


class EntryOutput(serializers.Serializer[Any]):
    day = serializers.IntegerField()
    best_time = serializers.TimeField(format="%H:%M")
    tip = serializers.CharField()
    material = MaterialOutput()


class IssueOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="public_id")
    number = serializers.IntegerField()
    theme = serializers.CharField()
    intro = serializers.CharField()
    starts_on = serializers.DateField()
    last_day = serializers.DateField()


class CurrentIssueOutput(IssueOutput):
    day = serializers.IntegerField(help_text="今天是第几天，1 到 14")
    plan = EntryOutput(many=True)


class ActInput(serializers.Serializer[Any]):
    act = serializers.ChoiceField(choices=ACTS, label="动作")


@extend_schema_view(
    get=extend_schema(
        operation_id="materials",
        parameters=[
            OpenApiParameter("q", str, description="标题、文案、商品或拼音首字母"),
            OpenApiParameter("kind", str, enum=Material.Kind.values),
            OpenApiParameter("occasion", str, enum=Material.Occasion.values),
        ],
    )
)
class MaterialListView(generics.ListAPIView[Material]):
    """What she may share now, newest first."""

    permission_classes = (IsHost,)
    serializer_class = MaterialOutput

    def get_queryset(self) -> QuerySet[Material]:
        if getattr(self, "swagger_fake_view", False):
            return Material.objects.none()
        found = access.materials_for(host_of(self.request), timezone.now()).select_related("product")
        if words := self.request.query_params.get("q", ""):
            found = found.matching(words[:60])
        for name, choices in (("kind", Material.Kind), ("occasion", Material.Occasion)):
            if wanted := self.request.query_params.get(name):
                if wanted not in choices.values:
                    raise ValidationError({name: [f"没有这一类，可以选：{'、'.join(choices.values)}。"]})
                found = found.filter(**{name: wanted})
        return found.order_by("-first_published_at", "-pk")


class MaterialsOf(APIView):
    """Base of the views about one material she may see."""

    permission_classes = (IsHost,)

    def material(self, request: Request, public_id: Any) -> Material:
        return access.material_for(host_of(request), public_id, timezone.now())


class MaterialView(MaterialsOf):
    @extend_schema(operation_id="material", responses=MaterialDetailOutput)
    def get(self, request: Request, public_id: str) -> Response:
        return Response(MaterialDetailOutput(self.material(request, public_id)).data)


class MaterialActView(MaterialsOf):
    @extend_schema(operation_id="record_material_act", request=ActInput, responses={204: None})
    def post(self, request: Request, public_id: str) -> Response:
        """She opened, copied or saved a material."""
        material = self.material(request, public_id)
        form = ActInput(data=request.data)
        form.is_valid(raise_exception=True)
        services.record_act(
            Fact(f"material.{form.validated_data['act']}"), host_of(request), material, now=timezone.now()
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class CurrentIssueView(APIView):
    permission_classes = (IsHost,)

    @extend_schema(operation_id="current_issue", responses=CurrentIssueOutput)
    def get(self, request: Request) -> Response:
        """The fortnight that runs now, with what of its plan she may share."""
        now = timezone.now()
        issue = selectors.current_issue(now)
        if issue is None:
            raise Http404
        plan = selectors.plan_of(issue, now=now, host=host_of(request))
        body = IssueOutput(issue).data
        body["day"] = selectors.issue_day(issue, now)
        body["plan"] = EntryOutput(plan, many=True).data
        return Response(body)


@extend_schema_view(get=extend_schema(operation_id="issues"))
class IssueListView(generics.ListAPIView[Issue]):
    """The fortnights that were published, newest first."""

    permission_classes = (IsHost,)
    serializer_class = IssueOutput
    queryset = Issue.objects.filter(first_published_at__isnull=False).order_by("-starts_on")


urlpatterns = [
    path("materials/", MaterialListView.as_view(), name="materials"),
    path("materials/<uuid:public_id>/", MaterialView.as_view(), name="material"),
    path("materials/<uuid:public_id>/acts/", MaterialActView.as_view(), name="material-acts"),
    path("issues/", IssueListView.as_view(), name="issues"),
    path("issues/current/", CurrentIssueView.as_view(), name="current-issue"),
]
