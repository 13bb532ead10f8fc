"""What materials are made with: poster templates, laid out beside the poster as it is drawn; festivals."""

import json
from typing import Any, ClassVar

import django_filters
from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.forms.models import construct_instance
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template.loader import render_to_string
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, ObjectList
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet

from apps.catalog.models import ProductPicture
from apps.console_kit.lists.acts import OFF, ON, deleting, switching
from apps.console_kit.lists.columns import in_use_column
from apps.console_kit.lists.declaring import Desk, Empty, Life
from apps.console_kit.lists.filters import InUseFilter
from apps.console_kit.lists.uses import with_uses
from apps.console_kit.names import called
from apps.console_kit.viewsets import GuardedViewSet, SearchedList
from apps.lib import clock, given
from apps.library import layouts
from apps.library.drawing import Words, as_jpeg, opened
from apps.library.models import Festival, PosterTemplate
from apps.library.models.layouts import KINDS, NUMBERS, default_layers
from apps.media.models import Image

#: What the preview shows in the place of a material's and a host's own words.
SAMPLE = Words(
    host="林姐",
    tagline="",
    title="当季五常稻花香，一碗新米饭胜过一桌菜",
    summary="现磨现发，开锅满屋香",
    price="¥59.00",
    day="3月5日的价",
    link="https://example.com/3kTMd8qPz2/",
)


class LayersWidget(forms.Widget):
    """Plain number fields for each layer; a script adds dragging on the picture beside them."""

    template_name = "console/layers.html"

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["css/console-layout.css"]}
        js: ClassVar[list[str]] = ["js/console-layout.js"]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        layers = json.loads(value) if isinstance(value, str) else value or default_layers()
        rows = []
        for key, kind in KINDS.items():
            layer = layers.get(key) or {}
            rows.append(
                {
                    "key": key,
                    "label": kind.label,
                    "on": bool(layer.get("on")),
                    "numbers": [(one, NUMBERS[one], layer.get(one, "")) for one in kind.numbers],
                    "colour": layer.get("colour", "#191919") if kind.has_colour else None,
                }
            )
        context["layers"] = rows
        return context

    def _render(self, template_name: str, context: dict[str, Any], renderer: Any = None) -> Any:
        # Django's own renderer of forms does not look among the project's templates.
        return render_to_string(template_name, context)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        layers: dict[str, dict[str, Any]] = {}
        for key, kind in KINDS.items():
            layer: dict[str, Any] = {"on": f"{name}-{key}-on" in data}
            for one in kind.numbers:
                text = str(data.get(f"{name}-{key}-{one}", ""))
                number = given.number(text, most=10**6)
                layer[one] = text[:6] if number is None else number
            if kind.has_colour:
                layer["colour"] = str(data.get(f"{name}-{key}-colour", ""))[:7]
            layers[key] = layer
        return json.dumps(layers)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return not any(key.startswith(f"{name}-") for key in data)


class TemplateForm(WagtailAdminModelForm):
    class Meta(WagtailAdminModelForm.Meta):
        model = PosterTemplate
        fields: ClassVar[list[str]] = ["name", "width", "height", "colour", "background", "note", "layers"]
        widgets: ClassVar[dict[str, Any]] = {
            "layers": LayersWidget,
            "colour": forms.TextInput(attrs={"type": "color"}),
        }


TEMPLATE_LIFE = Life("library.change_postertemplate", retire=OFF, bring_back=ON)
FESTIVAL_LIFE = Life("library.change_festival", retire=OFF, bring_back=ON)


class TemplateList(SearchedList, generic.IndexView):
    search_hint = "搜名称"

    @staticmethod
    def find(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        return called(rows, words, "name")


class TemplateFilterSet(WagtailFilterSet):
    used = django_filters.ChoiceFilter(
        choices=[("yes", "用到了"), ("no", "没用过")], label="用处", empty_label="全部", method="by_use"
    )

    in_use = InUseFilter()

    class Meta:
        model = PosterTemplate
        fields: ClassVar[list[str]] = ["used", "in_use"]

    def by_use(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return with_uses(rows, TEMPLATE_LIFE).filter(is_used=value == "yes")


class FestivalFilterSet(WagtailFilterSet):
    calendar = django_filters.ChoiceFilter(choices=Festival.Calendar.choices, label="按", empty_label="全部")
    is_active = django_filters.ChoiceFilter(
        choices=[("True", "在用"), ("False", "停用")], label="在用", empty_label="全部"
    )

    class Meta:
        model = Festival
        fields: ClassVar[list[str]] = ["calendar", "is_active"]


class PosterTemplateViewSet(GuardedViewSet, ModelViewSet):
    model = PosterTemplate
    icon = "image"
    menu_label = "海报模板"
    url_prefix = "poster-templates"
    index_view_class = TemplateList
    copy_view_enabled = False
    list_display: ClassVar[list[Any]] = [
        "name",
        Column("size", label="尺寸", accessor=lambda row: f"{row.width} × {row.height}"),
        Column("note", label="备注"),
        in_use_column(),
    ]
    filterset_class = TemplateFilterSet
    desk = Desk(
        empty=Empty("还没有海报模板。", "新增模板", "postertemplate:add", "library.add_postertemplate"),
        acts=(
            *switching(
                "library.change_postertemplate",
                on=("启用", "重新可以选到素材上。"),
                off=("停用", "不能再选，已经选上的素材还用它画海报。"),
            ),
            deleting(TEMPLATE_LIFE),
        ),
        life=TEMPLATE_LIFE,
    )
    edit_handler = ObjectList(
        [
            FieldPanel("name"),
            FieldRowPanel([FieldPanel("width"), FieldPanel("height"), FieldPanel("colour")]),
            FieldPanel("background"),
            FieldPanel("note"),
            FieldPanel("layers", widget=LayersWidget),
        ],
        base_form_class=TemplateForm,
    )

    def get_urlpatterns(self) -> list[Any]:
        # The menu leads to the first of them.
        return [*super().get_urlpatterns(), path("preview/", require_POST(preview), name="preview")]


class FestivalList(TemplateList):
    def get_base_queryset(self) -> QuerySet[Any]:
        return super().get_base_queryset().annotate(used=Count("materials"))


class FestivalViewSet(GuardedViewSet, ModelViewSet):
    """The maintained list of 节气 and 节日; each row says on which day it comes next."""

    model = Festival
    icon = "calendar"
    menu_label = "节气节日"
    url_prefix = "festivals"
    index_view_class = FestivalList
    copy_view_enabled = False
    list_per_page = 60
    form_fields: ClassVar[list[str]] = ["name", "calendar", "month", "day", "is_active"]
    list_display: ClassVar[list[Any]] = [
        "name",
        Column("calendar", label="按", accessor="get_calendar_display"),
        Column("next", label="下一次", accessor=lambda row: row.next_on(clock.day_of(timezone.now()))),
        Column("used", label="素材"),
        BooleanColumn("is_active", label="在用"),
    ]
    filterset_class = FestivalFilterSet
    desk = Desk(
        empty=Empty("还没有节日。", "新增节日", "festival:add", "library.add_festival"),
        acts=(
            *switching(
                "library.change_festival",
                on=("启用", "可以选到素材上，快到时提醒大家备内容。"),
                off=("停用", "不再出现在选择里，已经选上的素材不变。"),
            ),
            deleting(FESTIVAL_LIFE),
        ),
        life=FESTIVAL_LIFE,
    )


def preview(request: HttpRequest) -> HttpResponseBase:
    """The poster as the form stands, drawn by the same code that draws hosts' posters; or what is wrong."""
    if not request.user.has_perm("library.change_postertemplate"):
        raise PermissionDenied
    form = PosterTemplateViewSet().get_form_class()(request.POST, for_user=request.user)
    form.full_clean()
    template = construct_instance(form, PosterTemplate(), form._meta.fields)
    wrong = [
        str(error)
        for field in ("width", "height", "colour", "layers")
        for error in form.errors.get(field, [])
    ]
    if wrong:
        return JsonResponse({"message": " ".join(dict.fromkeys(wrong))}, status=422)
    shown = ProductPicture.objects.order_by("pk").values("image_id")[:1]
    picture = opened(Image.objects.filter(pk__in=shown).first())
    drawn = as_jpeg(layouts.draw(layouts.sheet_of(template), SAMPLE, picture))
    return HttpResponse(drawn, content_type="image/jpeg", headers={"Cache-Control": "private, no-store"})
