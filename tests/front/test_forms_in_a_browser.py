"""Each form of the product posted once by a real browser, with what a browser adds: origin, cookies, policy.

The test client sends no `Origin`, so a page whose forms every browser refuses is green for it.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.core.files.base import ContentFile
from django.utils import timezone
from playwright.sync_api import Browser, Page

from apps.accounts.models import Authenticator
from apps.accounts.services import joining
from apps.catalog import services as catalog
from apps.lib.ids import uuid7
from apps.media import services as media
from apps.media.models import HostPicture
from apps.privacy.models import RightsRequest
from apps.privacy.services import data_requests, exports
from apps.reach import asking
from apps.records.declarations import Span
from apps.records.services import consents
from apps.stories import services as stories
from apps.wecom.models import MassSend
from tests.accounts import walking
from tests.accounts.test_second_step import code_of, with_app
from tests.browsing import chromium, signed_in, window
from tests.committed import own_tables, transactional_db, web
from tests.console import desk
from tests.factories import PASSWORD, a_sku
from tests.front.forms import Act, named, send, written
from tests.happenings import a_customer
from tests.learning.lessons import a_lesson, a_path
from tests.media import samples
from tests.workbench.issues import a_material, an_issue, with_pictures

__all__ = ["chromium", "own_tables", "transactional_db", "web"]


@pytest.fixture
def now(transactional_db: None) -> Iterator[datetime]:
    with named():
        yield timezone.now()


@pytest.fixture
def world(now: datetime) -> walking.World:
    return walking.World()


@pytest.fixture
def phone(chromium: Browser, web: str) -> Iterator[Page]:
    with window(chromium, web) as context:
        yield context.new_page()


def _consumer(world: walking.World, now: datetime) -> list[Act]:
    relation = world.host.relations.get(public_id=world.values["customers/"]["public_id"])
    consents.give_consent(
        notice=consents.notice_for("sharing", "改进选品", now=now),
        recipient="山野集",
        host_id=None,
        channel="order",
        relation_id=relation.pk,
        now=now,
    )
    by_code = data_requests.ask(phone=desk.PHONE, kind=RightsRequest.Kind.EXPORT, now=now)
    code = data_requests.make_code(RightsRequest.objects.latest("pk"), by=world.people["S"], now=now)
    by_host = data_requests.vouch(
        host_id=world.host.pk, relation_id=relation.pk, phone=relation.phone, by=world.host.user, now=now
    )
    asked, _ = stories.ask(
        relation,
        title="自己盛粥",
        called="妈妈",
        text="孩子以前不吃早饭，现在自己盛。",
        pictures=[samples.picture()],
        now=now,
    )
    offers = asking.ask(relation, by=world.host.user, now=now)
    order = {"name": "张小雨", "address": "杭州市西湖区文三路 1 号 301", "consent": True}
    return [
        Act("storefront/order.html#1", world.address("s/<str:code>/order/"), order),
        Act("storefront/product.html#1", world.address("s/<str:code>/p/<str:public_id>/")),
        Act("storefront/basket.html#1", ""),
        Act("storefront/order_state.html#1", world.address("o/<str:token>/")),
        Act("storefront/my_data.html#1", "/my-data/"),
        Act("storefront/my_data_page.html#1", f"/my-data/{by_code}/", {"code": code}),
        Act("storefront/my_data_page.html#1", f"/my-data/{by_host}/", {"last4": desk.PHONE[-4:]}),
        Act("storefront/my_data_page.html#2", f"/my-data/{by_host}/"),
        Act("storefront/my_data_page.html#3", f"/my-data/{by_host}/"),
        Act("storefront/agree.html#2", f"/agree/{offers}/", button="yes"),
        Act("storefront/agree.html#1", f"/agree/{offers}/", button="no"),
        Act("storefront/story.html#1", f"/u/{asked}/", button="agree"),
        Act("storefront/story.html#2", f"/u/{asked}/", button="withdraw"),
    ]


def test_a_consumer_sends_every_form(world: walking.World, now: datetime, phone: Page) -> None:
    acts = _consumer(world, now)

    assert written("storefront") - {act.form for act in acts} == set(), "say here how a browser sends these"
    wrong = [said for act in acts if (said := send(phone, act))]
    assert not wrong, "\n".join(wrong)


def _host(world: walking.World, now: datetime, picture: Path) -> list[Act]:
    host = world.host
    material = f"/materials/{with_pictures(a_material(), 1).public_id}/"
    catalog.add_to_shelf(host, a_sku("第二件").product, now=now)
    offer = f"/offers/{a_sku('第三件').product.public_id}/"
    shelf = host.shelf.order_by("position")
    person = world.address("customers/<uuid:public_id>/")
    to_send = f"{person}send/?material={a_material('春茶怎么泡').public_id}"
    order, other = (f"/me/orders/{one.public_id}/" for one in host.orders.order_by("pk"))
    task = a_lesson(task="问候一次")
    a_path(task, title="带练习的课")
    lesson = f"/learn/lessons/{task.public_id}/"
    case = world.address("cases/<uuid:public_id>/")
    story = world.address("stories/<uuid:public_id>/")
    _, again = stories.ask(
        host.relations.get(public_id=world.values["customers/"]["public_id"]),
        title="再问一次",
        called="妈妈",
        text="孩子以前不吃早饭，现在自己盛。",
        pictures=[samples.picture()],
        now=now,
    )
    # A tick on her order, which waits for somebody to say that it was she.
    consents.give_consent(
        notice=asking.notice(now=now),
        recipient="林姐",
        host_id=host.pk,
        channel="order",
        relation_id=again.relation_id,
        now=now,
    )
    waiting = f"/stories/{again.public_id}/"
    send_ = MassSend.objects.get()
    sent = MassSend.objects.create(
        host=host,
        channel="group",
        key=uuid7(),
        title="茶",
        audience="我的全部客户群",
        created_at=now,
        state=MassSend.State.SENT,
        taken_at=now,
        confirmed_at=now,
    )
    MassSend.objects.filter(pk=send_.pk).update(state=MassSend.State.WAITING, taken_at=now)
    media.show_of_host(
        host,
        HostPicture.Kind.CODE,
        ContentFile(samples.picture(), name="code.jpg"),
        by=host.user,
        now=now,
    )
    # Begun last week, whatever day today is: its first day is past.
    an_issue((1, a_material("上周漏发的茶")), now=now - timedelta(days=7), number=90)
    sends = "/me/sends/"
    return [
        Act("workbench/sign_in.html#1", "/login/", {"username": host.user.username, "password": CHOSEN}),
        Act("workbench/_late.html#1", "/"),
        Act("workbench/_favourite.html#1", material),
        Act("workbench/material.html#1", material),
        Act("workbench/material.html#2", material),
        Act("workbench/_ways.html#1", f"{material}share/", button="group"),
        Act("workbench/_share_body.html#2", f"{material}share/"),
        Act("workbench/_share_body.html#4", f"{material}share/"),
        Act("workbench/_ways.html#1", f"{material}share/", button="poster"),
        Act("workbench/_share_body.html#1", f"{material}share/", button="words"),
        Act("workbench/_share_body.html#3", f"{material}share/"),
        Act("workbench/words.html#1", f"{material}words/"),
        Act("workbench/words.html#2", f"{material}words/"),
        Act("workbench/_offer.html#1", "/offers/"),
        Act("workbench/_shelf_state.html#1", offer),
        Act("workbench/shelf_item.html#1", f"/shelf/{shelf[0].public_id}/", {"pitch": "好吃"}),
        Act("workbench/shelf.html#1", "/shelf/", button="down"),
        Act("workbench/shelf.html#2", "/shelf/"),
        Act("workbench/person.html#1", person),
        Act("workbench/person.html#2", person),
        Act("workbench/to_ask.html#1", "/customers/asking/"),
        Act("workbench/_to_her_body.html#1", to_send),
        Act("workbench/person.html#4", person),
        Act("workbench/person.html#3", person),
        Act("workbench/person.html#5", person),
        Act("workbench/person.html#6", person),
        Act("workbench/person.html#7", person),
        Act("workbench/person.html#8", person),
        Act(
            "workbench/person_edit.html#1",
            f"{person}edit/",
            {"phone": "", "next_action_on": "", "birthday": "3月5日"},
        ),
        Act(
            "workbench/person_new.html#1",
            "/customers/new/",
            {"name": "朵朵妈", "phone": "13800007777", "birthday": "三月五号", "tags": "邻居，爱喝茶"},
        ),
        Act("workbench/_to_her_body.html#2", to_send),
        Act("workbench/customers.html#1", "/customers/?pick=1", {"customers": True}),
        Act("workbench/many.html#1", "", {"name": "一起打的"}),
        Act("workbench/many_done.html#1", ""),
        Act("workbench/customers.html#1", "/customers/?pick=1", {"customers": True}, button="发内容"),
        Act("workbench/many_share.html#1", ""),
        Act("workbench/many_letters.html#1", ""),
        Act("workbench/story_new.html#1", f"{person}story/", {"text": "孩子现在每天自己盛粥。"}),
        Act("workbench/story.html#1", waiting),
        Act("workbench/story.html#2", story),
        Act("workbench/order.html#1", order),
        Act("workbench/order.html#2", order),
        Act("workbench/order.html#3", order),
        Act("workbench/order.html#4", order),
        Act("workbench/order.html#5", order),
        Act("workbench/order.html#7", order, {"amount_fen": "1.00"}),
        Act("workbench/order.html#6", other),
        Act("workbench/_checklist.html#1", case),
        Act("workbench/_checklist.html#2", case),
        Act("workbench/case.html#1", case),
        Act("workbench/_question.html#1", lesson),
        Act("workbench/lesson.html#1", lesson, file=picture),
        Act("workbench/lesson.html#2", lesson),
        Act("workbench/learn.html#1", "/learn/"),
        Act("workbench/board.html#1", "/learn/board/"),
        Act("workbench/send.html#1", f"{sends}{send_.public_id}/"),
        Act("workbench/send.html#2", f"{sends}{sent.public_id}/"),
        Act("workbench/exports.html#1", "/me/exports/"),
        Act("workbench/settings.html#1", "/me/settings/"),
        Act("workbench/_my_picture.html#1", "/me/settings/", file=picture),
        Act("workbench/_my_picture.html#2", "/me/settings/"),
        Act("workbench/_my_picture.html#3", "/me/settings/"),
        Act("workbench/tokens.html#2", "/me/settings/tokens/", {"password": PASSWORD}),
        Act("workbench/tokens.html#1", "/me/settings/tokens/"),
        Act("workbench/password.html#1", "/me/settings/password/", NEW_PASSWORD),
        Act("workbench/settings.html#2", "/me/settings/"),
    ]


#: Mass sends have a browser story with WeCom in it.
ELSEWHERE = {
    "workbench/mass.html#1",
    # Sent above by who applies to become a host.
    "accounts/choose_password.html#1",
    # Only who has the second step in this session and need not have it.
    "console/my_ways_in.html#2",
    # Lists have a browser story of their own (tests/console/test_lists_in_a_browser.py).
    "console/lists/_selection.html#1",
    "console/lists/_views.html#1",
    "console/lists/_views.html#2",
    "console/lists/_views.html#4",
    # What waits for review and how a list is looked at: tests/library/test_fits_in_a_browser.py.
    "console/lists/_views.html#3",
    "desk/review.html#1",
    "console/lists/ask.html#1",
    "console/lists/ask_export.html#1",
    "console/lists/preview.html#1",
    "console/lists/run.html#1",
}
CHOSEN = "another-long-word-2"
NEW_PASSWORD = {
    "old_password": CHOSEN,
    "new_password1": "a-third-long-word-3",
    "new_password2": "a-third-long-word-3",
}


def _applicant(world: walking.World, now: datetime) -> list[Act]:
    """Somebody applies, and another one, approved already, begins."""
    invitation = world.values["join/"]["token"]
    waiting = world.address("join/state/<str:token>/")
    secret, application = joining.submit_application(
        invitation,
        name="小满",
        phone="13800002222",
        wecom_userid="",
        why="",
        notice_sha256=b"y" * 32,
        now=now,
    )
    joining.approve(
        application,
        username="xiaoman",
        organisation=world.host.organisation,
        level=1,
        wecom_userid="",
        by=world.people["A"],
        now=now,
    )
    approved = f"/join/state/{secret}/"
    form = {"name": "小芳", "phone": "13800003333", "wecom_userid": "", "consent": True}
    words = {"new_password1": CHOSEN, "new_password2": CHOSEN}
    return [
        Act("workbench/join/apply.html#1", f"/join/{invitation}/", form),
        Act("workbench/join/state.html#2", waiting),
        Act("accounts/choose_password.html#1", f"/password/{world.password_link}/", words),
        Act("workbench/join/state.html#1", approved),
        Act("workbench/join/start.html#1", "", words),
        Act("workbench/me.html#1", "/me/"),
    ]


def test_hosts_and_who_becomes_one_send_every_form(
    world: walking.World, now: datetime, phone: Page, tmp_path: Path
) -> None:
    picture = tmp_path / "proof.jpg"
    picture.write_bytes(samples.picture())
    acts = [*_applicant(world, now), *_host(world, now, picture)]

    there = written("workbench") | {"accounts/choose_password.html#1"}
    assert there - {act.form for act in acts} - ELSEWHERE == set(), "say here how a browser sends these"
    wrong = [said for act in acts if (said := send(phone, act))]
    assert not wrong, "\n".join(wrong)


def _at_hq(world: walking.World, now: datetime, picture: Path) -> list[Act]:
    """What an administrator sends. Of whatever exists once, the form that ends it comes last."""
    boss, host = world.people["A"], world.host
    relation = host.relations.get(public_id=world.values["customers/"]["public_id"])
    asked = {
        "what": "customers",
        "span": Span(None, None),
        "is_clear": False,
        "reason": "核对名单",
        "now": now,
    }
    mine, hers = (exports.ask(world.people[who], **asked).public_id for who in "AO")
    waiting = joining.submit_application(
        world.values["join/"]["token"],
        name="小满",
        phone="13800002222",
        wecom_userid="",
        why="",
        notice_sha256=b"y" * 32,
        now=now,
    )[1].public_id
    told = [
        stories.ask(
            relation, title=title, called="妈妈", text="孩子现在每天自己盛粥。", pictures=[], now=now
        )[1]
        for title in ("用这个", "不用这个")
    ]
    for one in told:
        stories.agree(one, seen=stories.mark_of(one, stories.notice(now=now)), evidence={}, now=now)
    data_requests.ask(phone=desk.PHONE, kind=RightsRequest.Kind.ERASE, now=now)
    wanted = f"/hq/rights/{RightsRequest.objects.latest('pk').public_id}/"
    a_customer(host, "+8613800009999", at=now)
    data_requests.ask(phone="+8613800009999", kind=RightsRequest.Kind.ERASE, now=now)
    erased = RightsRequest.objects.latest("pk")
    code = data_requests.make_code(erased, by=world.people["S"], now=now)
    data_requests.prove_by_code(erased, code=code, now=now)
    proved = f"/hq/rights/{erased.public_id}/"
    for name in ("nobody", host.user.username):
        AccessAttempt.objects.get_or_create(
            username=name, ip_address="127.0.0.9", user_agent="", failures_since_start=99
        )
    with_app(host.user)
    way_in = world.address("hq/ways-in/<uuid:public_id>/")
    application = world.address("hq/applications/<uuid:public_id>/")
    host_page = world.address("hq/hosts/<uuid:public_id>/")
    helping = world.address("hq/helping/<uuid:public_id>/")
    plan = world.address("hq/fortnights/<int:pk>/")
    why = {"reason": "客户来电查物流"}
    table = picture.with_suffix(".csv")
    table.write_text("姓名,账号\n小芳,xiaofang\n", encoding="utf-8")
    return [
        Act("console/_search_form.html#1", "/hq/roles/", {"q": "林姐"}),
        Act("console/_reveal.html#1", world.address("hq/customers/<uuid:public_id>/"), why),
        Act("console/export.html#1", f"/hq/exports/{mine}/", button="withdraw"),
        Act("console/export.html#2", f"/hq/exports/{hers}/"),
        Act("console/form.html#1", "/hq/hosts/add/", {"username": "xiaofang", "wecom_userid": ""}),
        Act("console/import_hosts.html#1", "/hq/hosts/import/", file=table),
        Act("console/joining/application.html#1", application, {"username": "xiaoman2"}),
        Act("console/joining/application.html#2", f"/hq/applications/{waiting}/"),
        Act("console/joining/invitation.html#1", world.address("hq/invitations/<uuid:public_id>/")),
        Act("console/stories/story.html#1", f"/hq/stories/{told[0].public_id}/"),
        Act("console/stories/story.html#2", f"/hq/stories/{told[1].public_id}/"),
        Act("console/learning/practice.html#1", world.address("hq/practices/<uuid:public_id>/")),
        Act("console/records_alert.html#1", world.address("hq/privacy-alerts/<uuid:public_id>/")),
        Act("console/rights_request.html#1", wanted, {"why": "打电话核实本人"}, button="call"),
        Act("console/rights_request.html#4", proved, button="hold"),
        Act("console/rights_request.html#3", proved, button="release"),
        Act("console/confirm.html#1", proved),
        Act("console/rights_request.html#2", wanted, button="refuse"),
        Act("console/confirm.html#1", wanted),
        Act("console/stock.html#1", world.address("hq/products/stock/<int:pk>/")),
        Act("desk/entry.html#1", world.address("hq/fortnights/<int:pk>/<int:day>/<int:material>/")),
        Act("desk/_plan_shelf.html#1", plan),
        Act("desk/_plan_cell.html#1", plan),
        Act("desk/_plan_cell.html#2", plan),
        Act("desk/copy.html#1", f"{plan}copy/"),
        Act("console/confirm.html#1", f"/hq/materials/withdraw/{a_material('要下架的').pk}/"),
        Act("console/helping/host.html#1", helping, {"phone": "13812348000"}),
        Act("console/helping/host.html#2", helping),
        Act("console/helping/host.html#3", helping, {"promised": "", "next_on": ""}),
        Act("console/_reveal.html#1", helping, {"reason": "回访她最近怎么样"}),
        Act("console/host.html#1", host_page),
        Act("console/ways_in.html#1", way_in),
        Act("console/ways_in.html#2", way_in),
        Act("console/locked_names.html#1", "/hq/locked-names/"),
        Act("console/ways_in.html#5", way_in),
        Act("console/confirm.html#1", way_in),
        Act("console/ways_in.html#3", way_in),
        Act("console/ways_in.html#4", way_in),
        Act("console/confirm.html#1", way_in),
        Act("console/ways_in.html#6", way_in, {"wecom_userid": "another-account"}),
        Act("console/ways_in.html#7", way_in, {"username": "another-name"}),
        Act("console/hand_over_begin.html#1", world.address("hq/hand-overs/from/<uuid:public_id>/")),
        Act("console/host_step.html#1", f"{host_page}suspended/"),
        Act("console/my_ways_in.html#5", "/hq/my-sign-in/", {"password": PASSWORD}),
        Act("console/my_ways_in.html#4", "/hq/my-sign-in/"),
        Act("console/roles.html#2", "/hq/roles/", {"person": str(boss.public_id)}),
        Act("console/my_ways_in.html#3", "/hq/my-sign-in/"),
    ]


def test_hq_sends_every_form(
    world: walking.World, now: datetime, chromium: Browser, web: str, tmp_path: Path
) -> None:
    picture = tmp_path / "proof.jpg"
    acts = _at_hq(world, now, picture)
    boss, other = world.people["A"], world.people["O"]
    for person in (boss, other):
        person.set_password(PASSWORD)
        person.save()
    wrong = []
    with signed_in(chromium, web, boss, "desk") as context:
        page = context.new_page()
        wrong += [send(page, act) for act in acts]
    # The second step: set up, used, looked after, switched off; then roles, since they end what one may.
    with signed_in(chromium, web, other, "desk") as context:
        page = context.new_page()
        page.goto("/second-step/set-up/")
        code = {"code": code_of(Authenticator.objects.get(user=other))}
        again = {"username": other.username, "password": PASSWORD}
        mine = "/hq/my-sign-in/"
        steps = [
            Act("accounts/set_up.html#1", "/second-step/set-up/", code),
            Act("console/my_ways_in.html#1", mine),
            Act("workbench/sign_in.html#1", "/login/", again),
            Act("accounts/second_step.html#1", "", code),
        ]
        wrong += [send(page, act) for act in steps[:2]]
        context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
        wrong += [send(page, act) for act in steps[2:]]
    # A session of one step where two are due may leave, and nothing else; roles end what one may.
    last = [Act("accounts/second_step.html#2", "/second-step/"), Act("console/roles.html#1", "/hq/roles/")]
    for person, act in zip((other, boss), last, strict=True):
        with signed_in(chromium, web, person, "desk") as context:
            wrong.append(send(context.new_page(), act))

    sent = {act.form for act in [*acts, *steps, *last]}
    there = written("accounts", "wecom", "console", "desk", "library", "learning", "wagtailadmin")
    assert not any(wrong), "\n".join(filter(None, wrong))
    assert there - sent - ELSEWHERE == set(), "say here how a browser sends these"
