"""该帮谁 as a worklist: why, her number, what to say, what came of the call, when next, who is on it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.test import Client

from apps.accounts import roles
from apps.accounts import services as accounts
from apps.accounts.models import Host, HostPhone, OneTimeLink, Organisation, User
from apps.accounts.services import joining
from apps.insights import selectors
from apps.insights.console.evidence import rows_behind_call
from apps.insights.models import HostCall, HostHelp
from apps.records.models import AccessLog
from apps.tracking.facts import Fact
from apps.tracking.models import Event
from tests.console.listing import Acting, names_on
from tests.factories import a_branch, a_host, a_sku
from tests.happenings import a_link, a_material, buy, open_material, share
from tests.insights.test_numbers import NOW, an_issue
from tests.library.desk import a_person, browser
from tests.pages import html_of, text_of
from tests.projecting import project_now

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
PHONE = "+8613812348000"
SHOWN = "138 1234 8000"
TODAY, NEWCOMERS, LATER, OTHERS = (f"?show={one}" for one in ("today", "newcomers", "later", "others"))


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as travelling:
        yield travelling


def away(username: str, name: str, **fields: Any) -> Host:
    """A host of a year who has not been seen for forty days."""
    host = a_host(username, name, **fields)
    Host.objects.filter(pk=host.pk).update(joined_at=NOW - 365 * DAY)
    User.objects.filter(pk=host.user_id).update(last_login=NOW - 40 * DAY)
    host.refresh_from_db()
    return host


@pytest.fixture
def east() -> Organisation:
    return a_branch("华东")


@pytest.fixture
def yuan(east: Organisation) -> Host:
    host = away("yuan", "阿远", organisation=east)
    accounts.keep_phone(host, PHONE, now=NOW)
    return host


@pytest.fixture
def wang() -> User:
    return a_person(roles.OPERATOR, "wang", "运营小王")


@pytest.fixture
def li() -> User:
    return a_person(roles.OPERATOR, "li", "运营小李")


def listed(user: User, query: str = "") -> list[str]:
    answer = browser(user).get(f"/hq/helping/{query}")
    assert answer.status_code == 200
    return names_on(answer)


def on(host: Host) -> str:
    return f"/hq/helping/{host.public_id}/"


def step(user: User, host: Host, name: str, **data: Any) -> Any:
    """One of the page's forms, sent with what the page said."""
    client = browser(user)
    page = client.get(on(host))
    seen = page.context["form"].initial.get("seen", "")
    return client.post(on(host), {"step": name, "seen": seen, **data}, follow=True)


# --- why, and what to say -----------------------------------------------------------------------------------


def test_it_says_why_in_words_that_open_their_rows_and_a_text_made_of_her_facts(wang: User) -> None:
    host, sku = away("lin", "林姐"), a_sku(price_fen=30_00)
    for n in range(2):
        buy(host, sku, at=NOW - 3 * DAY, phone=f"1390000800{n}")
    project_now()

    listing = text_of(browser(wang).get("/hq/helping/"))
    page = browser(wang).get(on(host))

    assert "2 张订单放了一天多还没确认，共 ¥60.00" in listing
    why = page.context["why_href"]
    assert f'href="{why}"'.replace("&", "&amp;") in html_of(page)
    rows = text_of(browser(wang).get(why))
    assert "2" in rows
    assert "¥30.00" in rows
    said = page.context["opening"]
    assert said.startswith("林姐你好，我是总部的运营小王。")
    assert "2 张订单" in said
    assert "¥60.00" in said
    assert said in html_of(page)


def test_every_reason_has_words_a_place_to_look_and_a_text(yuan: Host, wang: User) -> None:
    [need] = selectors.needs(NOW, hosts=yuan)
    assert need.reason == "absent"
    for reason in selectors.ALL_REASONS:
        one = replace(need, reason=reason, promise="周五前发第一条。")
        assert one.say
        assert browser(wang).get(rows_behind_call(yuan, reason, None)).status_code == 200
        assert len(selectors.opening(one, to="阿远", by="小王", now=NOW)) > 30


# --- newcomers ----------------------------------------------------------------------------------------------


def test_who_has_just_come_stands_apart_and_needs_another_thing(wang: User, yuan: Host) -> None:
    an_issue(a_material())
    boss = a_person(roles.ADMIN, "boss")
    place = {"kind": Host.Kind.OWNER, "organisation": yuan.organisation, "level": 1, "by": boss}
    made = joining.welcome(username="new", name="阿新", wecom_userid=None, now=NOW - 10 * DAY, **place).host
    OneTimeLink.objects.filter(user=made.user).update(expires_at=NOW - DAY)
    joining.welcome(username="asked", name="阿请", wecom_userid=None, now=NOW, **place)
    came = joining.welcome(username="came", name="阿来", wecom_userid=None, now=NOW - 2 * DAY, **place).host
    User.objects.filter(pk=came.user_id).update(last_login=NOW - DAY)
    project_now()

    assert listed(wang) == ["阿远"]
    assert set(listed(wang, NEWCOMERS)) >= {"阿新", "阿请", "阿来"}
    told = text_of(browser(wang).get(f"/hq/helping/{NEWCOMERS}"))
    assert "还没有能用的登录入口" in told
    assert "登录入口给了，还没登录过" in told
    assert "登录过了，还没转发第一条" in told
    home = text_of(browser(wang).get("/hq/"))
    assert "阿远" in home
    assert "阿新" not in home
    page = text_of(browser(boss).get(on(made)))
    assert "新来的，先这样帮她" in page
    assert "给她一个登录链接" in page
    assert "给她一个登录链接" not in text_of(browser(wang).get(on(made)))

    # She shares: she has arrived.
    share(a_link(came, a_material("旧文"), at=NOW), at=NOW)
    open_material(came, a_material("新文"), at=NOW)
    project_now()
    assert "阿来" not in listed(wang, NEWCOMERS)


# --- her number ---------------------------------------------------------------------------------------------


def test_her_number_shows_for_a_reason_and_she_reads_who_looked(yuan: Host, wang: User) -> None:
    client = browser(wang)
    for page in (client.get("/hq/helping/"), client.get(on(yuan))):
        assert "138****8000" in text_of(page)
        assert SHOWN.replace(" ", "") not in text_of(page).replace(" ", "")

    refused = client.post(f"{on(yuan)}reveal/", {"reason": "看"})
    shown = client.post(f"{on(yuan)}reveal/", {"reason": "回访她为什么停下来"})

    assert refused.status_code == 400
    assert "13812348000" in text_of(shown).replace(" ", "")
    assert "tel:13812348000" in html_of(shown)
    assert "no-store" in shown["Cache-Control"]
    [look] = AccessLog.objects.filter(action="reveal")
    assert (look.host_id, look.relation_id, look.is_hq) == (yuan.pk, None, True)
    own = text_of(browser(yuan.user).get("/me/access-log/"))
    assert "运营小王" in own
    assert "查看了完整你的手机号" in own.replace(" ", "")
    assert "回访她为什么停下来" in own
    assert Event.objects.filter(name=Fact.HOST_REVEALED, host_id=yuan.pk, actor_id=wang.pk).count() == 1
    assert not Event.objects.filter(name=Fact.CUSTOMER_REVEALED).exists()


def test_a_look_at_her_number_is_of_the_quota(yuan: Host, wang: User, settings: Any) -> None:
    settings.REVEALS_A_DAY = {roles.OPERATOR: 1}
    answers = [
        browser(wang).post(f"{on(yuan)}reveal/", {"reason": "回访她为什么停下来"}).status_code
        for _ in range(2)
    ]
    assert answers == [200, 429]


def test_a_number_is_filled_in_by_the_strict_door_and_goes_when_she_leaves(wang: User) -> None:
    host = away("lin", "林姐")
    assert "还没有她的手机号" in text_of(browser(wang).get(on(host)))

    wrong = browser(wang).post(on(host), {"step": "phone", "phone": "139OOOO1111"})
    assert wrong.status_code == 400
    assert "139OOOO1111" in html_of(wrong)
    step(wang, host, "phone", phone="138 1234 8000")

    assert accounts.phone_of(host) == PHONE
    assert Event.objects.filter(name=Fact.HOST_PHONE_KEPT, host_id=host.pk).count() == 1
    accounts.move_host(host, to="left", actor=None, now=NOW)
    assert not HostPhone.objects.exists()


def test_the_number_of_an_approved_application_becomes_hers(wang: User, east: Organisation) -> None:
    text, _ = joining.invite(
        organisation=east, kind="owner", level=1, uses=1, expires_at=NOW + DAY, by=wang, now=NOW
    )
    _, application = joining.submit_application(
        text, name="小满", phone="13812348000", wecom_userid="", why="", notice_sha256=b"y" * 32, now=NOW
    )
    made = joining.approve(
        application, username="man", organisation=east, level=1, wecom_userid="", by=wang, now=NOW
    )
    assert accounts.phone_of(made.host) == PHONE


def test_who_only_looks_writes_nothing(yuan: Host) -> None:
    analyst = a_person(roles.ANALYST, "analyst")
    assert listed(analyst) == ["阿远"]
    page = text_of(browser(analyst).get(on(yuan)))
    assert "我来跟" not in page
    assert "这通电话怎么样" not in page
    for name in ("take", "release", "call", "phone"):
        assert browser(analyst).post(on(yuan), {"step": name, "outcome": "reached"}).status_code == 302
    assert browser(analyst).post(f"{on(yuan)}reveal/", {"reason": "回访她为什么停下来"}).status_code == 302
    assert not HostHelp.objects.exists()
    assert not AccessLog.objects.filter(action="reveal").exists()


# --- who is on it -------------------------------------------------------------------------------------------


def test_nobody_is_shown_to_two_people_and_the_second_is_told(yuan: Host, wang: User, li: User) -> None:
    assert listed(wang) == listed(li) == ["阿远"]
    stale = browser(li)

    step(wang, yuan, "take")

    assert listed(wang) == ["阿远"]
    assert listed(li) == []
    assert listed(li, OTHERS) == ["阿远"]
    assert "阿远" not in text_of(browser(li).get("/hq/"))
    told = text_of(stale.post(on(yuan), {"step": "take"}, follow=True))
    assert "「运营小王」刚刚接手了「阿远」" in told
    assert HostHelp.objects.get().helper == wang

    step(li, yuan, "take", over="on")
    assert (listed(wang), listed(li)) == ([], ["阿远"])
    step(li, yuan, "release")
    assert listed(wang) == listed(li) == ["阿远"]
    kinds = Event.objects.filter(name__startswith="host.help").order_by("id").values_list("name", "actor_id")
    assert [*kinds] == [
        ("host.help_taken", wang.pk),
        ("host.help_taken", li.pk),
        ("host.help_released", li.pk),
    ]


def test_a_claim_that_nobody_acts_on_ends(yuan: Host, wang: User, li: User, clock: Any) -> None:
    step(wang, yuan, "take")
    clock.move_to(NOW + 2 * DAY)
    assert listed(li) == []
    clock.move_to(NOW + 4 * DAY)
    assert listed(li) == ["阿远"]


# --- the call -----------------------------------------------------------------------------------------------


def test_a_call_is_written_down_and_she_rests_until_the_day(
    yuan: Host, wang: User, li: User, clock: Any
) -> None:
    told = step(wang, yuan, "call", outcome="not_reached", note="响了很久")

    assert "明天再回到你的名单" in text_of(told)
    assert "响了很久" in text_of(told)
    call = HostCall.objects.get()
    assert (call.reason, call.by, call.next_on) == ("absent", wang, (NOW + DAY).date())
    assert "上次登录是" in call.why
    assert listed(wang) == listed(li) == []
    assert listed(li, LATER) == ["阿远"]
    assert "阿远" not in text_of(browser(wang).get("/hq/"))
    event = Event.objects.get(name=Fact.HOST_CALLED)
    assert (event.host_id, event.actor_id, event.props["outcome"]) == (yuan.pk, wang.pk, "not_reached")

    clock.move_to(NOW + DAY)
    # On her day she is the caller's; when he does not come to it, anybody's.
    assert (listed(wang), listed(li)) == (["阿远"], [])
    clock.move_to(NOW + 5 * DAY)
    assert listed(li) == ["阿远"]


def test_what_was_promised_comes_back_on_its_date_though_she_does_well(
    yuan: Host, wang: User, clock: Any
) -> None:
    day = (NOW + 4 * DAY).date()
    step(wang, yuan, "call", outcome="promised", promised="周五前发第一条", next_on=f"{day:%Y-%m-%d}")
    User.objects.filter(pk=yuan.user_id).update(last_login=NOW + 3 * DAY)

    assert listed(wang, LATER) == ["阿远"]
    clock.move_to(NOW + 4 * DAY)
    assert listed(wang) == ["阿远"]
    assert "说好：周五前发第一条" in text_of(browser(wang).get("/hq/helping/"))
    assert "说好：周五前发第一条" in text_of(browser(wang).get("/hq/"))
    page = browser(wang).get(on(yuan))
    assert "「周五前发第一条」" in page.context["opening"]

    step(wang, yuan, "call", outcome="reached")
    assert listed(wang) == []
    clock.move_to(NOW + 12 * DAY)
    assert listed(wang) == []


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "先选这通电话的结果"),
        ({"outcome": "promised"}, "写下说好的是什么"),
        ({"outcome": "reached", "promised": "周五发"}, "结果请选「接通了，说好一件事」"),
        ({"outcome": "reached", "next_on": "2026-03-05"}, "下次联系要在今天以后"),
        ({"outcome": "reached", "next_on": "2036-03-05"}, "最晚一年以后"),
        ({"outcome": "reached", "next_on": "下周"}, "日期看不懂"),
        ({"outcome": "hugged"}, "hugged"),
    ],
)
def test_what_is_amiss_is_named_and_what_was_typed_stays(
    data: dict[str, str], sentence: str, yuan: Host, wang: User
) -> None:
    answer = browser(wang).post(on(yuan), {"step": "call", "note": "她说最近在搬家", **data})
    assert answer.status_code == 400
    assert sentence in text_of(answer)
    assert "她说最近在搬家" in text_of(answer)
    assert not HostCall.objects.exists()


def test_two_who_called_at_once_are_told_and_nothing_typed_is_lost(yuan: Host, wang: User, li: User) -> None:
    second = browser(li)
    seen = second.get(on(yuan)).context["form"].initial["seen"]
    step(wang, yuan, "call", outcome="reached")

    form = {"step": "call", "seen": seen, "outcome": "not_reached", "note": "我也打了"}
    told = second.post(on(yuan), form)

    assert told.status_code == 409
    assert "「运营小王」刚刚也记了一通：接通了，聊过了" in text_of(told)
    assert "我也打了" in text_of(told)
    assert HostCall.objects.count() == 1
    second.post(on(yuan), {**form, "seen": told.context["form"].data["seen"]})
    assert HostCall.objects.count() == 2


def test_a_wrong_number_is_said_until_there_is_another(yuan: Host, wang: User, clock: Any) -> None:
    clock.move_to(NOW + timedelta(hours=1))
    step(wang, yuan, "call", outcome="wrong_number")
    assert "上次打不对" in text_of(browser(wang).get(on(yuan)))
    assert "上次打不对" in text_of(browser(wang).get(f"/hq/helping/{LATER}"))
    clock.move_to(NOW + timedelta(hours=2))
    step(wang, yuan, "phone", phone="13912348000")
    assert "上次打不对" not in text_of(browser(wang).get(on(yuan)))


# --- the list -----------------------------------------------------------------------------------------------


def test_it_is_filtered_by_why_place_and_helper(yuan: Host, wang: User, li: User) -> None:
    south = a_branch("华南")
    waiting = away("wait", "阿等", organisation=south)
    buy(waiting, a_sku(), at=NOW - 3 * DAY)
    project_now()
    step(wang, yuan, "take")

    assert listed(wang) == ["阿等", "阿远"]
    assert listed(wang, "?need=absent") == ["阿远"]
    assert listed(wang, f"?organisation={south.pk}") == ["阿等"]
    assert listed(wang, f"?helper={wang.pk}") == ["阿远"]
    assert listed(wang, "?helper=null") == ["阿等"]
    assert listed(wang, "?q=ayuan") == ["阿远"]
    assert listed(li, "?show=today") == ["阿等"]
    assert set(listed(li, "?v=all")) >= {"阿等", "阿远"}
    views = browser(li).get("/hq/helping/").context["desk"]["everybodys"]
    assert [(one["name"], one["is_open"]) for one in views] == [
        ("今天该打", True),
        ("新来的", False),
        ("约好以后的", False),
        ("同事在跟的", False),
    ]


def test_many_are_given_to_a_colleague_and_taken_back(yuan: Host, wang: User, li: User) -> None:
    manager = a_person(roles.REGION_MANAGER, "east", "东区经理")
    User.objects.filter(pk=manager.pk).update(organisation=yuan.organisation)
    other = away("other", "阿南", organisation=a_branch("华南"))
    acting = Acting(browser(wang), "helping", "assign")

    shown = acting.preview(ids=[yuan.pk, other.pk], helper=str(manager.pk))
    assert "1 位大C分给「东区经理」跟" in text_of(shown)
    assert "不在「东区经理」的区域里" in text_of(shown)
    ended = acting.confirm(shown)

    assert "1 条做好了，1 条没有做" in text_of(ended)
    assert (listed(manager), listed(li)) == (["阿远"], ["阿南"])
    acting.client.post(ended.redirect_chain[-1][0])
    assert set(listed(li)) == {"阿远", "阿南"}

    everything = acting.all_the_way(query="show=today", helper=str(li.pk))
    assert "2 条做好了" in text_of(everything)
    assert listed(wang) == []
    released = Acting(browser(wang), "helping", "release").all_the_way(query="show=others")
    assert "2 条做好了" in text_of(released)
    assert set(listed(wang)) == {"阿远", "阿南"}


def test_it_leaves_as_a_file_only_by_two_people(yuan: Host, wang: User) -> None:
    answer = browser(wang).post(
        "/hq/lists/helping/export/", {"query": "", "everything": "on", "kind": "xlsx"}
    )
    assert "阿远" not in text_of(answer)
    assert answer["Content-Type"].startswith("text/html")


def test_a_region_manager_works_through_her_own(yuan: Host) -> None:
    manager = User.objects.create_user(username="region", organisation=yuan.organisation)
    manager.groups.add(Group.objects.get(name=roles.REGION_MANAGER))
    foreign = away("other", "阿南", organisation=a_branch("华南"))

    assert listed(manager, "?v=all") == ["阿远"]
    client: Client = browser(manager)
    assert client.get(on(yuan)).status_code == 200
    for path in (on(foreign), f"{on(foreign)}reveal/"):
        assert client.get(path).status_code == 404
        assert client.post(path, {"step": "take", "reason": "回访她为什么停下来"}).status_code == 404
    Acting(client, "helping", "assign").all_the_way(ids=[foreign.pk], helper=str(manager.pk))
    assert not HostHelp.objects.exists()
    assert "阿南" not in text_of(client.get("/hq/helping/afterwards/"))


def test_a_view_without_anybody_says_what_would_be_there(wang: User) -> None:
    for show, words in (
        (TODAY, "今天没有要打的电话"),
        (NEWCOMERS, "没有要陪的新人"),
        (LATER, "没有约好"),
        (OTHERS, "没有同事"),
    ):
        assert words in text_of(browser(wang).get(f"/hq/helping/{show}"))
    assert "今天没有要打的电话" in text_of(browser(wang).get("/hq/helping/"))
    assert "清空筛选和搜索" in text_of(browser(wang).get(f"/hq/helping/{TODAY}&q=阿远"))
