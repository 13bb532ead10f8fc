"""A host's own customers, for the API. Phones are masked; a reveal is a call of its own and is logged."""

from typing import Any

from django.db.models import Q, QuerySet
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import generics, serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.permissions import IsHost, host_of, user_of
from apps.customers import access, adding, services
from apps.customers.forms import LONGEST_TAG
from apps.customers.models import Relation, Tag
from apps.lib import given
from apps.lib.api import BirthdayInput, PhoneInput, PlainTextInput
from apps.lib.masks import mask_phone
from apps.lib.pagination import TimePagination
from apps.lib.phone import national
from apps.lib.words import LONGEST_NAME
from apps.records import services as privacy


class CustomerOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField(source="shown_name", help_text="你怎么称呼她，各处都一样")
    birthday = serializers.CharField(help_text="3月5日，不知道是空的")
    phone = serializers.SerializerMethodField(help_text="已打码")
    stage = serializers.ChoiceField(choices=Relation.Stage.choices, help_text="按订单和安静多久得出")
    imported_stage = serializers.CharField(help_text="导入的文件里写的阶段，没写过是空的")
    source = serializers.CharField()  # type: ignore[assignment]  # the base class has an attribute of that name
    tags = serializers.SerializerMethodField()
    joined_at = serializers.DateTimeField()
    last_contact_at = serializers.DateTimeField(allow_null=True)
    next_action = serializers.CharField()
    next_action_on = serializers.DateField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)

    def get_phone(self, relation: Relation) -> str:
        return mask_phone(relation.phone) if relation.phone else ""

    def get_tags(self, relation: Relation) -> list[str]:
        return [row.tag.name for row in relation.relation_tags.all()]


class CustomerInput(serializers.Serializer[Any]):
    remark = PlainTextInput(label="称呼", max_length=LONGEST_NAME, allow_blank=True, required=False)
    phone = PhoneInput(allow_blank=True, required=False)
    birthday = BirthdayInput(required=False)
    next_action = serializers.CharField(label="下一步", max_length=100, allow_blank=True, required=False)
    next_action_on = serializers.DateField(
        label="哪天做", allow_null=True, required=False, validators=[given.check_day]
    )


class NewCustomerInput(serializers.Serializer[Any]):
    name = PlainTextInput(label="怎么称呼", max_length=LONGEST_NAME)
    phone = PhoneInput(allow_blank=True, default="")
    birthday = BirthdayInput(default=None)
    tags = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_TAG), label="标签", default=list, max_length=20
    )
    known_from = serializers.CharField(label="怎么认识的", max_length=60, allow_blank=True, default="")
    note = serializers.CharField(label="记一笔", max_length=900, allow_blank=True, default="")


class NoteInput(serializers.Serializer[Any]):
    text = serializers.CharField(label="笔记", max_length=1000)


class NoteOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="public_id")
    text = serializers.CharField()
    written_at = serializers.DateTimeField()


class TagInput(serializers.Serializer[Any]):
    name = serializers.CharField(label="标签", max_length=20)


class TagOutput(serializers.ModelSerializer[Tag]):
    id = serializers.UUIDField(source="public_id")

    class Meta:
        model = Tag
        fields = ("id", "name")


class RevealOutput(serializers.Serializer[Any]):
    phone = serializers.CharField()


class NewestFirst(TimePagination):
    ordering = ("-joined_at", "-id")


def note_reading(request: Request) -> None:
    """She reads her customers by the API: written down once in a while, as once per session on the pages."""
    privacy.note_view(
        user_of(request),
        host_id=host_of(request).pk,
        now=timezone.now(),
        request_id=request.META.get("REQUEST_ID", ""),
    )


class CustomersOf(APIView):
    """Base of the views about one of her customers: a foreign id is a 404 like an absent one."""

    permission_classes = (IsHost,)

    def relation(self, request: Request, public_id: Any) -> Relation:
        relation = access.relation_for(host_of(request), public_id)
        note_reading(request)
        return relation


@extend_schema_view(
    get=extend_schema(
        operation_id="customers",
        parameters=[
            OpenApiParameter("stage", str, enum=Relation.Stage.values),
            OpenApiParameter("last4", str, description="手机号后四位"),
        ],
    )
)
class CustomerListView(generics.ListAPIView[Relation]):
    permission_classes = (IsHost,)
    serializer_class = CustomerOutput
    pagination_class = NewestFirst

    def get_queryset(self) -> QuerySet[Relation]:
        if getattr(self, "swagger_fake_view", False):
            return Relation.objects.none()
        host = host_of(self.request)
        note_reading(self.request)
        found = (
            access.relations_of(host)
            .customers()
            .with_stage(timezone.now())
            .prefetch_related("relation_tags__tag")
        )
        if stage := self.request.query_params.get("stage"):
            if stage not in Relation.Stage.values:
                raise ValidationError(
                    {"stage": [f"没有这个阶段，可以选：{'、'.join(Relation.Stage.values)}。"]}
                )
            found = found.filter(Q(stage=stage))
        if last4 := self.request.query_params.get("last4"):
            if not (last4.isascii() and last4.isdigit() and len(last4) == 4):
                raise ValidationError({"last4": ["请填写手机号的最后四位数字。"]})
            found = found.filter(phone_last4_index=services.last4_index(host.pk, last4))
        return found

    @extend_schema(operation_id="add_customer", request=NewCustomerInput, responses={201: CustomerOutput})
    def post(self, request: Request) -> Response:
        """Somebody she knows, added by hand; 400 when she has this phone already."""
        form = NewCustomerInput(data=request.data)
        form.is_valid(raise_exception=True)
        try:
            relation = adding.add_by_hand(
                host_of(request), **form.validated_data, by=user_of(request), now=timezone.now()
            )
        except adding.KnownAlreadyError as error:
            raise ValidationError({"phone": [str(error)]}) from None
        return Response(_told(relation), status=status.HTTP_201_CREATED)


class CustomerView(CustomersOf):
    @extend_schema(operation_id="customer", responses=CustomerOutput)
    def get(self, request: Request, public_id: str) -> Response:
        return Response(_told(self.relation(request, public_id)))

    @extend_schema(operation_id="edit_customer", request=CustomerInput, responses=CustomerOutput)
    def patch(self, request: Request, public_id: str) -> Response:
        relation = self.relation(request, public_id)
        form = CustomerInput(data=request.data)
        form.is_valid(raise_exception=True)
        changes = {
            name: form.validated_data.get(name, getattr(relation, name))
            for name in ("remark", "phone", "next_action", "next_action_on")
        }
        if "birthday" in form.validated_data:
            changes["birthday"] = form.validated_data["birthday"]
        try:
            services.update_relation(relation, **changes, by=user_of(request), now=timezone.now())
        except services.PhoneTakenError:
            raise ValidationError({"phone": ["你的另一位客户已经用了这个手机号。"]}) from None
        return Response(_told(relation))


def _told(relation: Relation) -> Any:
    fresh = Relation.objects.with_stage(timezone.now()).get(pk=relation.pk)
    return CustomerOutput(fresh).data


class CustomerRevealView(CustomersOf):
    @extend_schema(operation_id="reveal_phone", request=None, responses=RevealOutput)
    def post(self, request: Request, public_id: str) -> Response:
        """The whole phone number. Each call is written down, and more than 50 a day are told to HQ."""
        relation = access.relation_for(host_of(request), public_id)
        return Response({"phone": reveal_phone(request, relation)})


def reveal_phone(request: Request, relation: Relation) -> str:
    privacy.reveal_own(
        user_of(request),
        host_id=relation.host_id,
        relation_id=relation.pk,
        fields="手机号",
        now=timezone.now(),
        request_id=request.META.get("REQUEST_ID", ""),
    )
    return national(relation.phone)


class CustomerNotesView(CustomersOf):
    @extend_schema(operation_id="notes", responses=NoteOutput(many=True))
    def get(self, request: Request, public_id: str) -> Response:
        notes = list(self.relation(request, public_id).notes.order_by("-written_at", "-pk")[:100])
        return Response(NoteOutput(notes, many=True).data)

    @extend_schema(operation_id="add_note", request=NoteInput, responses={201: NoteOutput})
    def post(self, request: Request, public_id: str) -> Response:
        relation = self.relation(request, public_id)
        form = NoteInput(data=request.data)
        form.is_valid(raise_exception=True)
        note = services.add_note(
            relation, text=form.validated_data["text"], by=user_of(request), now=timezone.now()
        )
        return Response(NoteOutput(note).data, status=status.HTTP_201_CREATED)


class CustomerTagsView(CustomersOf):
    @extend_schema(operation_id="tag_customer", request=TagInput, responses={201: TagOutput})
    def post(self, request: Request, public_id: str) -> Response:
        relation = self.relation(request, public_id)
        form = TagInput(data=request.data)
        form.is_valid(raise_exception=True)
        tag = services.tag_relation(
            relation, name=form.validated_data["name"], by=user_of(request), now=timezone.now()
        )
        return Response(TagOutput(tag).data, status=status.HTTP_201_CREATED)


class CustomerTagView(CustomersOf):
    @extend_schema(operation_id="untag_customer", responses={204: None})
    def delete(self, request: Request, public_id: str, tag_id: str) -> Response:
        relation = self.relation(request, public_id)
        tag = generics.get_object_or_404(access.tags_of(host_of(request)), public_id=tag_id)
        services.untag_relation(relation, tag=tag, by=user_of(request), now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


urlpatterns = [
    path("customers/", CustomerListView.as_view(), name="customers"),
    path("customers/<uuid:public_id>/", CustomerView.as_view(), name="customer"),
    path("customers/<uuid:public_id>/reveal/", CustomerRevealView.as_view(), name="customer-reveal"),
    path("customers/<uuid:public_id>/notes/", CustomerNotesView.as_view(), name="customer-notes"),
    path("customers/<uuid:public_id>/tags/", CustomerTagsView.as_view(), name="customer-tags"),
    path("customers/<uuid:public_id>/tags/<uuid:tag_id>/", CustomerTagView.as_view(), name="customer-tag"),
]
