"""How people at HQ sign in; what an administrator does for somebody who can't."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.account import LoginView
from wagtail.admin.viewsets.base import ViewSet

from apps.accounts import access
from apps.accounts import services as accounts
from apps.accounts.forms import RenameForm, WecomForm
from apps.accounts.models import AccountEvent, Host, User
from apps.accounts.services import second_step
from apps.console.forms import TokenForm
from apps.console_kit import confirming
from apps.console_kit.confirming import ask, is_confirmed
from apps.console_kit.viewsets import page
from apps.lib import addresses, given

RIGHT = "accounts.change_user"
EVENTS_SHOWN = 30


class ConsoleLogin(LoginView):
    """The console's own page; who takes a second step goes on to it."""

    def form_valid(self, form: Any) -> HttpResponse:
        now = timezone.now()
        if not accounts.start_session(self.request, form.get_user(), now=now):
            query = urlencode({"next": self.get_success_url()})
            return redirect(f"{reverse('accounts:second-step')}?{query}")
        # "Remember me" unticked: until the browser closes.
        self.request.session.set_expiry(
            settings.SESSION_COOKIE_AGE if form.cleaned_data.get("remember") else 0
        )
        return redirect(self.get_success_url())


def _may(request: HttpRequest) -> User:
    """The administrator who asks."""
    if not request.user.has_perm(RIGHT):
        raise PermissionDenied
    assert isinstance(request.user, User)
    return request.user


class _RightMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(RIGHT))


class LockedNames(ViewSet):
    """Who typed too many wrong passwords."""

    name = "locked-names"
    url_prefix = "locked-names"
    icon = "lock"
    menu_label = "登录锁定"
    menu_item_class = _RightMenuItem

    @property
    def menu_url(self) -> str:
        return reverse("locked-names:index")

    def index(self, request: HttpRequest) -> HttpResponse:
        by, now = _may(request), timezone.now()
        if request.method == "POST":
            name = request.POST.get("username", "")
            accounts.unlock(name, by=by, now=now)
            messages.success(request, f"「{name}」现在可以再试密码了。")
            return redirect("locked-names:index")
        rows = accounts.locks(now=now)
        people = User.objects.filter(username__in={row["username"] for row in rows})
        known = {person.username: person for person in people}
        for row in rows:
            row["person"] = known.get(row["username"])
        return TemplateResponse(
            request, "console/locked_names.html", {"rows": rows, **page("登录锁定", icon="lock")}
        )

    def get_urlpatterns(self) -> list[Any]:
        return [path("", self.index, name="index")]


class WaysIn(ViewSet):
    """One account's ways in, for an administrator: a host's or a colleague's."""

    name = "ways-in"
    url_prefix = "ways-in"
    add_to_admin_menu = False

    @method_decorator(never_cache)
    def one(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        by, now = _may(request), timezone.now()
        person = get_object_or_404(User.objects.filter(is_superuser=False), public_id=public_id)
        link, wecom, rename = "", None, None
        if request.method == "POST":
            name = request.POST.get("act", "")
            done = ""
            if name == "link":
                try:
                    text, _row = accounts.make_password_link(person, by=by, now=now)
                except accounts.OneselfError as error:
                    return _refused(request, person, error)
                link = addresses.page("accounts:choose-password", text)
            elif name == "wecom" and (host := getattr(person, "host", None)) is not None:
                wecom = WecomForm(request.POST)
                done = _bind(wecom, host, by=by, now=now)
            elif name == "rename":
                rename = RenameForm(request.POST)
                done = _rename(rename, person, by=by, now=now)
            elif name in ACTS:
                meant = _meant(name, person, now)
                if meant is not None and not is_confirmed(request, meant):
                    return ask(request, meant, page(person.name, icon="lock", subtitle="登录与安全"))
                try:
                    ACTS[name](person, by, now)
                except accounts.OneselfError as error:
                    return _refused(request, person, error)
                done = SAID[name]
            else:
                raise Http404
            if done and person.pk == by.pk and name in _ENDS_SESSIONS:
                return _leave(request)
            if done:
                messages.success(request, done % {"name": person.name})
                return redirect("ways-in:one", public_id=public_id)
        return TemplateResponse(
            request,
            "console/ways_in.html",
            {
                "person": person,
                "is_self": person.pk == by.pk,
                "link": link,
                "wecom": wecom or WecomForm(),
                "rename": rename or RenameForm(),
                **_state(person, now),
                **page(person.name, icon="lock", subtitle="登录与安全"),
            },
        )

    def get_urlpatterns(self) -> list[Any]:
        return [path("<uuid:public_id>/", self.one, name="one")]


def _refused(request: HttpRequest, person: User, why: Exception) -> HttpResponse:
    messages.error(request, str(why))
    return redirect("ways-in:one", public_id=person.public_id)


def _bind(form: WecomForm, host: Host, *, by: User, now: datetime) -> Any:
    """Bind the host anew; the sentence that says so, or nothing and the reason on the form."""
    if not form.is_valid():
        return ""
    userid, reason = form.cleaned_data["wecom_userid"], form.cleaned_data["reason"]
    try:
        if accounts.bind_wecom(host, userid, by=by, now=now, reason=reason):
            return "「%(name)s」换绑好了，所有设备都退出了，也告诉了她本人。"
        form.add_error("wecom_userid", "绑定的就是这个账号，没有要改的。")
    except accounts.WecomTakenError:
        form.add_error("wecom_userid", "这个企业微信账号已绑定另一位大C。")
    except accounts.TransitionNotAllowedError:
        form.add_error(None, "她已经离开，不再绑定企业微信。")
    return ""


def _rename(form: RenameForm, person: User, *, by: User, now: datetime) -> Any:
    """Give the person another name to sign in with; as `_bind`."""
    if not form.is_valid():
        return ""
    username, reason = form.cleaned_data["username"], form.cleaned_data["reason"]
    try:
        if accounts.rename(person, username, by=by, now=now, reason=reason):
            return "「%(name)s」的登录账号改好了，所有设备都退出了。"
        form.add_error("username", "登录账号就是这个，没有要改的。")
    except accounts.UsernameTakenError:
        form.add_error("username", "这个账号已经有人用了，请换一个。")
    return ""


def _state(person: User, now: datetime) -> dict[str, Any]:
    events = AccountEvent.objects.filter(user=person).select_related("actor").order_by("-at", "-pk")
    return {
        "locks": [row for row in accounts.locks(now=now) if row["username"] == person.username],
        "device": second_step.authenticator_of(person),
        "codes_left": second_step.codes_left(person),
        "tokens": accounts.tokens_of(person, now=now),
        "roles": sorted(person.groups.values_list("name", flat=True)),
        "host": getattr(person, "host", None),
        "events": events[:EVENTS_SHOWN],
    }


def _meant(act: str, person: User, now: datetime) -> confirming.Act | None:
    """What those of the acts do that can't be undone; None for the others."""
    back = reverse("ways-in:one", args=[person.public_id])
    match act:
        case "tokens":
            count = accounts.tokens_of(person, now=now).count()
            effects = [f"{count} 个接口令牌马上停用，用它们的系统连不上了；不能恢复，要用就重新生成。"]
            return confirming.Act(f"停用「{person.name}」的全部接口令牌吗？", effects, "全部停用", back=back)
        case "reset":
            codes = second_step.codes_left(person)
            effects = [f"她的验证器和剩下的 {codes} 个备用码都作废，不能恢复；下次登录要重新开通。"]
            return confirming.Act(f"清除「{person.name}」的两步验证吗？", effects, "清除", back=back)
    return None


def _revoke_all(person: User, by: User, now: datetime) -> None:
    for token in accounts.tokens_of(person, now=now):
        accounts.revoke_token(token, now=now, by=by)


Act = Callable[[User, User, datetime], Any]
ACTS: dict[str, Act] = {
    "unlock": lambda person, by, now: accounts.unlock(person.username, by=by, now=now),
    "sign-out": lambda person, by, now: accounts.sign_out_everywhere(person, by=by, now=now),
    "reset": lambda person, by, now: second_step.reset_second_step(person, by=by, now=now),
    "tokens": _revoke_all,
}
SAID: dict[str, Any] = {
    "unlock": "「%(name)s」现在可以再试密码了。",
    "sign-out": "「%(name)s」在所有设备上都退出了。",
    "reset": "「%(name)s」的两步验证清除了，下次登录要重新开通。",
    "tokens": "「%(name)s」的接口令牌都停用了。",
}


#: What ends every session of the person, this one too where it is her own.
_ENDS_SESSIONS = {"sign-out", "rename", "wecom"}


def _leave(request: HttpRequest) -> HttpResponse:
    """This browser is nobody's any more, and forgets what she typed (accounts/kept_forms.py)."""
    logout(request)
    return redirect("wagtailadmin_login")


class MyWaysIn(ViewSet):
    """One's own: the second step, tokens, signing out everywhere."""

    name = "my-sign-in"
    url_prefix = "my-sign-in"
    add_to_admin_menu = False

    @method_decorator(never_cache)
    def index(self, request: HttpRequest) -> HttpResponse:
        person, now = request.user, timezone.now()
        assert isinstance(person, User)
        form, text, codes = TokenForm(), "", []
        act = request.POST.get("act", "")
        if act == "token":
            form = TokenForm(request.POST)
            if form.is_valid():
                life = timedelta(days=form.cleaned_data["days"])
                text, _row = accounts.issue_token(
                    person,
                    now=now,
                    is_verified=access.has_taken_second_step(person),
                    name=form.cleaned_data["name"],
                    life=life,
                )
                form = TokenForm()
        elif act == "revoke":
            wanted = given.uuid(request.POST.get("token", ""))
            token = get_object_or_404(accounts.tokens_of(person, now=now), public_id=wanted)
            accounts.revoke_token(token, now=now, by=person)
            messages.success(request, "令牌已停用。")
            return redirect("my-sign-in:index")
        elif act == "codes" and second_step.authenticator_of(person) is not None:
            codes = second_step.make_recovery_codes(person, now=now, by=person)
        elif act == "off" and not settings.HQ_SECOND_STEP_REQUIRED:
            second_step.reset_second_step(person, by=person, now=now)
            messages.success(request, "两步验证关掉了。")
            return redirect("my-sign-in:index")
        elif act == "sign-out":
            accounts.sign_out_everywhere(person, by=person, now=now)
            return _leave(request)
        return TemplateResponse(
            request,
            "console/my_ways_in.html",
            {
                "form": form,
                "text": text,
                "codes": codes,
                "required": settings.HQ_SECOND_STEP_REQUIRED,
                "is_second_step_due": access.second_step_due(person),
                **_state(person, now),
                **page("登录与安全", icon="lock"),
            },
        )

    def get_urlpatterns(self) -> list[Any]:
        return [path("", self.index, name="index")]
