"""角色与权限: what each role may and may not do, in words made from the table that the groups are given."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet

from apps.accounts import access, roles
from apps.accounts.models import AccountEvent, User
from apps.accounts.services import staff
from apps.console.roles import ENTER, PICTURES, TABLE
from apps.console_kit.viewsets import page
from apps.lib import given

RIGHT = "accounts.change_user"
#: What each role is for, and the limits that no permission names.
WORDS: dict[str, tuple[str, str]] = {
    roles.ADMIN: ("管人、管权限、管全部资料。", "自己提交的内容不能自己批，也不能收回自己的管理员。"),
    roles.EDITOR: ("写素材、排双周主题，写好后提交审核。", "不能自己发布：要另一个人审核通过。"),
    roles.REVIEWER: ("审核素材和主题，过时的撤下来。", "不能批自己提交的内容，也不新写内容。"),
    roles.MERCHANDISER: ("管商品、供应商、价格和库存。", "看得到内容，改不了。"),
    roles.OPERATOR: ("管大C：邀请、审核、停用，帮他们解决问题。", "看得到内容和商品，改不了。"),
    roles.ANALYST: ("看数字和订单走势。", "姓名、电话、地址永远是打码的，不能申请看完整的。"),
    roles.REGION_MANAGER: ("带自己区域的大C。", "只看得到自己组织和下级组织的大C、客户、订单和数字。"),
    roles.SUPPORT: ("帮客户和大C处理订单问题。", "不看内容和经营数字。"),
}
MODELS: dict[str, Any] = {
    "library.material": "素材",
    "library.issue": "双周主题",
    "learning.case": "每月案例",
    "learning.path": "学习路径",
    "learning.lesson": "课",
    "library.postertemplate": "海报版式",
    "library.festival": "节日和节气",
    "library.forbiddenword": "广告法禁用词",
    "catalog.product": "商品",
    "catalog.category": "商品分类",
    "catalog.brand": "品牌",
    "catalog.supplier": "供应商",
    "media.video": "视频",
    "accounts.host": "大C",
    "accounts.invitation": "大C 邀请",
    "accounts.application": "加入申请",
    "accounts.organisation": "组织",
    "accounts.user": "总部人员和角色",
    "customers.customer": "客户",
    "customers.relation": "客户和大C的关系",
    "customers.handover": "客户交接",
    "trade.order": "订单",
    "trade.orderrules": "下单规则",
    "insights.hostday": "经营数字",
    "outbox.delivery": "收发健康",
    "records.accesslog": "查看记录",
    "records.alert": "隐私提醒",
    "privacy.exportrequest": "导出申请",
    "privacy.rightsrequest": "客户的个人信息请求",
    "records.legalhold": "暂缓删除",
    "records.notice": "隐私告知",
}
VERBS = {"view": "看", "add": "新建", "change": "改", "withdraw": "撤下", "delete": "删"}
#: Rights that are acts of their own.
ACTS: dict[str, Any] = {
    "insights.add_hostcall": "给需要帮的大C打电话、记结果，分给谁跟",
    "records.reveal_personal": "写明原因，看一位客户完整的姓名、电话、地址，大C看得到是谁看的",
    "privacy.approve_export": "批准或退回别人提出的导出，自己提的不能自己批",
    "learning.review_practice": "看大C交来的练习证明，批改",
    "stories.review_story": "看顾客本人同意后的用户故事，采用或退回",
}


@dataclass(frozen=True)
class Role:
    """One role as the page shows it."""

    name: str
    purpose: str
    limit: str
    may: list[str]
    may_not: list[str]
    people: list[User]


def words_of(name: str) -> tuple[list[str], list[str]]:
    """What the role may do, and what it never sees: sentences from the table, nothing added by hand."""
    may: dict[str, list[str]] = {}
    acts = []
    for right in sorted(TABLE[name] - {ENTER}):
        if right in ACTS:
            acts.append(_act(name, right))
            continue
        app, _dot, codename = right.partition(".")
        verb, _line, model = codename.partition("_")
        may.setdefault(f"{app}.{model}", []).append(verb)
    said = [
        f"{MODELS[model]}：{'、'.join(str(VERBS[verb]) for verb in VERBS if verb in verbs)}"
        for model, verbs in sorted(may.items(), key=lambda item: list(MODELS).index(item[0]))
    ]
    if name in PICTURES:
        said.append("图片：上传、改、选用" if "add_image" in PICTURES[name] else "图片：选用")
    unseen = [str(word) for model, word in MODELS.items() if model not in may]
    if not acts:
        unseen.append("客户完整的姓名、电话、地址")
    return said + acts, unseen


def _act(name: str, right: str) -> str:
    quota = settings.REVEALS_A_DAY.get(name) if right == "records.reveal_personal" else None
    return f"{ACTS[right]}（一天最多 {quota} 次）" if quota else str(ACTS[right])


def all_roles() -> list[Role]:
    """Every role with its people, hosts and whoever may not sign in among them, in three queries."""
    people: dict[str, list[User]] = {name: [] for name in roles.ALL}
    found = access.staff().filter(groups__name__in=roles.ALL).distinct()
    for user in found.select_related("organisation", "host").prefetch_related("groups").order_by("username"):
        for group in user.groups.all():
            people.get(group.name, []).append(user)
    return [Role(name, *WORDS[name], *words_of(name), people[name]) for name in roles.ALL]


class RolesMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(ENTER))


class RolesPage(ViewSet):
    """For everybody at HQ to read; an administrator gives and takes roles here."""

    name = "roles"
    url_prefix = "roles"
    icon = "group"
    menu_label = "角色与权限"
    menu_item_class = RolesMenuItem

    @property
    def menu_url(self) -> str:
        return reverse("roles:index")

    def index(self, request: HttpRequest) -> HttpResponse:
        may_change = request.user.has_perm(RIGHT)
        if request.method == "POST":
            if not may_change:
                raise PermissionDenied
            self._change(request)
            return redirect("roles:index")
        kinds = (AccountEvent.Kind.ROLE_GIVEN, AccountEvent.Kind.ROLE_TAKEN)
        events = AccountEvent.objects.filter(kind__in=kinds).select_related("actor", "user")
        return TemplateResponse(
            request,
            "console/roles.html",
            {
                "roles": all_roles(),
                "may_change": may_change,
                "colleagues": access.staff().filter(is_active=True).order_by("username"),
                "events": events.order_by("-at", "-pk")[:20] if may_change else [],
                **page("角色与权限", icon="group"),
            },
        )

    def _change(self, request: HttpRequest) -> None:
        by, role = request.user, request.POST.get("role", "")
        assert isinstance(by, User)
        colleagues = User.objects.filter(is_superuser=False)
        person = get_object_or_404(colleagues, public_id=given.uuid(request.POST.get("person", "")))
        act = request.POST.get("act", "")
        if role not in roles.ALL or act not in {"give", "take"}:
            raise Http404
        has = set(person.groups.filter(name__in=roles.ALL).values_list("name", flat=True))
        names = has | {role} if act == "give" else has - {role}
        if act == "give" and role == roles.REGION_MANAGER and person.organisation_id is None:
            messages.error(request, f"先在「总部人员」里给{person.name}选一个组织。")
            return
        if names == has:
            said = "%(name)s已经是「%(role)s」。" if act == "give" else "%(name)s不是「%(role)s」。"
            messages.info(request, said % {"role": role, "name": person.name})
            return
        try:
            staff.set_roles(person, names, by=by, now=timezone.now())
        except staff.LastAdminError as error:
            messages.error(request, str(error))
            return
        if person.pk == by.pk:
            request.session.cycle_key()
        said = "「%(role)s」给了%(name)s。" if act == "give" else "收回了%(name)s的「%(role)s」。"
        messages.success(request, said % {"role": role, "name": person.name})

    def get_urlpatterns(self) -> list[Any]:
        return [path("", self.index, name="index")]
