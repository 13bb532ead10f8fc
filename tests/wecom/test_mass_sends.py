"""She has WeCom prepare a material for her customers, groups or moments; only her tap there sends it."""

import re
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Host
from apps.customers import services as customers
from apps.customers.models import Relation
from apps.library.models import Material
from apps.media import services as media
from apps.outbox import invariants
from apps.outbox.models import Delivery
from apps.outbox.services import jobs
from apps.privacy.services import data_requests
from apps.reach.models import Touch
from apps.tracking.models import Event, Link
from apps.wecom.models import MassSend, MassSendRecipient
from tests.media import samples
from tests.outbox.people import a_host
from tests.pages import html_of
from tests.reach.people import agrees, takes_back
from tests.sandbox_fixture import Sandbox
from tests.wecom.mass_sending import ADD, Work, ask, befriend, detail, lin, phone, results, tea
from tests.workbench.issues import a_material, with_pictures

__all__ = ["lin", "phone", "tea"]


def test_the_whole_way_to_her_customers(
    wecom: Sandbox, lin: Host, phone: Client, tea: Material, work: Work
) -> None:
    yu, jing = befriend(wecom, lin, "小雨"), befriend(wecom, lin, "静静")
    sheet = html_of(phone.post(f"/materials/{tea.public_id}/share/", {"channel": "single"}))
    assert f"/materials/{tea.public_id}/mass/?channel=single" in sheet
    page = html_of(phone.get(f"/materials/{tea.public_id}/mass/?channel=single"))
    assert "2 位里 2 位同意收到" in page
    assert "最多和当月天数一样多" in page
    key = re.search(r'name="key" value="([0-9a-f-]+)"', page)
    assert key is not None

    # The rows come first, and a double tap is one task.
    answers = [ask(phone, tea, audience="all", key=key[1]) for _ in range(2)]
    send = MassSend.objects.get()
    assert {answer["Location"] for answer in answers} == {f"/me/sends/{send.public_id}/"}
    assert Delivery.objects.get(kind="wecom.mass-send").state == "new"
    assert wecom.mass_tasks() == []
    assert "正在排队" in detail(phone, send)

    work()
    [task] = wecom.mass_tasks()
    [card] = task["attachments"]
    code = Link.objects.get(channel="single").code
    assert task["text"] == "今年的新茶到了"
    assert card["link"]["title"] == "明前龙井"
    assert f"/s/{code}/?t=" in card["link"]["url"]
    assert [row["status"] for row in task["members"][0]["results"]] == [0, 0]
    assert "等你确认" in detail(phone, send)
    assert wecom.received_by(yu.external_userid) == []
    assert len(Event.objects.filter(name="material.shared")) == 1

    wecom.customer_deletes("lin.guide", jing.external_userid)
    wecom.advance(5)
    results()
    assert MassSend.objects.get().state == "waiting"
    wecom.confirm(task["msgid"], "lin.guide")
    phone.post(f"/me/sends/{send.public_id}/refresh/")
    jobs.drain()

    send.refresh_from_db()
    assert (send.state, send.reached, send.missed) == ("sent", 1, 1)
    assert send.confirmed_at is not None
    assert send.finished_at is not None
    states = dict(MassSendRecipient.objects.values_list("relation", "state"))
    assert states == {yu.pk: "sent", jing.pk: "gone"}
    found = detail(phone, send)
    assert "静静" in found
    assert "已不是好友" in found
    assert "明前龙井" in html_of(phone.get("/me/sends/"))
    assert wecom.received_by(yu.external_userid, kind="mass")[0]["text"] == "今年的新茶到了"
    # The card opens her page.
    assert phone.get(f"/s/{code}/?t=x").status_code == 200
    assert invariants.check_outbox() == []


def test_it_goes_to_those_who_agreed_and_the_others_are_counted_with_the_reason(
    wecom: Sandbox, lin: Host, phone: Client, tea: Material, work: Work
) -> None:
    yu = befriend(wecom, lin, "小雨")
    silent, gone, ticked = (befriend(wecom, lin, name, agreed=False) for name in ("静静", "安安", "甜甜"))
    befriend(wecom, lin, "朵朵", agreed=False)
    takes_back(agrees(gone))
    agrees(ticked, proof="")
    page = html_of(phone.get(f"/materials/{tea.public_id}/mass/?channel=single"))
    assert "5 位里 1 位同意收到；2 位还没有问过，" in page
    assert "1 位收回了同意" in page
    assert "/customers/asking/" in page
    everybody = [str(one.public_id) for one in (yu, silent, gone, ticked)]

    ask(phone, tea, audience="pick", customers=everybody)
    answer = ask(phone, tea, audience="pick", customers=everybody[1:])
    work()

    assert answer.status_code == 422
    assert "3 位里 0 位同意收到" in html_of(answer)
    [call] = wecom.calls(ADD)
    assert call["body"]["external_userid"] == [yu.external_userid]
    send = MassSend.objects.get()
    assert (send.chosen, send.left_out) == (1, {"never-asked": 1, "withdrawn": 1, "claim": 1})
    assert "1 位收回了同意，没有发" in detail(phone, send)


def test_consent_that_is_taken_back_while_it_waits_keeps_her_out(
    wecom: Sandbox, lin: Host, phone: Client, tea: Material, work: Work
) -> None:
    yu, jing = befriend(wecom, lin, "小雨"), befriend(wecom, lin, "静静")
    ask(phone, tea, audience="all")

    takes_back(jing)
    work()

    [call] = wecom.calls(ADD)
    assert call["body"]["external_userid"] == [yu.external_userid]
    send = MassSend.objects.get()
    assert dict(send.recipients.values_list("relation", "state")) == {yu.pk: "waiting", jing.pk: "held"}
    assert send.missed == 1
    touches = set(Touch.objects.values_list("relation", "state", "reason", "cause_id"))
    assert touches == {(yu.pk, "allowed", "", send.pk), (jing.pk, "held", "withdrawn", send.pk)}

    takes_back(yu)
    ask(phone, tea, audience="all")
    ask(phone, tea, audience="pick", customers=[str(yu.public_id)])
    assert MassSend.objects.count() == 1


def test_when_all_take_it_back_nothing_is_asked_of_wecom(
    wecom: Sandbox, lin: Host, phone: Client, tea: Material, work: Work
) -> None:
    yu = befriend(wecom, lin, "小雨")
    ask(phone, tea, audience="all")
    takes_back(yu)
    work()

    assert wecom.calls(ADD) == []
    assert MassSend.objects.get().state == "refused"
    assert "没有同意收到" in MassSend.objects.get().note


@pytest.mark.parametrize("how", ["takes back", "is erased"])
def test_what_is_ready_for_her_tap_is_prepared_anew_without_who_goes(
    wecom: Sandbox, lin: Host, phone: Client, tea: Material, work: Work, how: str
) -> None:
    yu, jing = befriend(wecom, lin, "小雨"), befriend(wecom, lin, "静静")
    ask(phone, tea, audience="all")
    work()
    wecom.advance(5)

    if how == "takes back":
        takes_back(jing)
    else:
        secret = data_requests.vouch(
            host_id=lin.pk, relation_id=jing.pk, phone="", by=lin.user, now=timezone.now()
        )
        request = data_requests.behind(secret, now=timezone.now())
        assert request is not None
        data_requests.prove_by_host(request, kind="erase", last4="", now=timezone.now())
    work()
    work()

    first, second = wecom.mass_tasks()
    assert (first["is_cancelled"], second["is_cancelled"]) == (True, False)
    assert [set(call["body"]["external_userid"]) for call in wecom.calls(ADD)] == [
        {yu.external_userid, jing.external_userid},
        {yu.external_userid},
    ]
    old, new = MassSend.objects.order_by("pk")
    assert (old.state, new.state) == ("expired", "waiting")
    assert "另排了一条不含她的" in detail(phone, old)
    assert list(new.recipients.values_list("relation", flat=True)) == [yu.pk]


def test_people_of_another_company_get_no_offers(
    wecom: Sandbox, lin: Host, phone: Client, tea: Material
) -> None:
    colleague = befriend(wecom, lin, "王经理")
    Relation.objects.filter(pk=colleague.pk).update(of_other_company=True)

    assert "1 位是别家公司的企业微信" in html_of(phone.get(f"/materials/{tea.public_id}/mass/"))
    assert ask(phone, tea, audience="all").status_code == 422


def test_who_has_had_enough_is_named(
    wecom: Sandbox, lin: Host, phone: Client, tea: Material, work: Work
) -> None:
    wecom.settings(mass_quota="per_day")
    befriend(wecom, lin, "小雨")
    for text in ("早", "晚"):
        ask(phone, tea, audience="all", text=text)
        work()
        wecom.advance(5)
        wecom.confirm(wecom.mass_tasks()[-1]["msgid"], "lin.guide")
    results()

    last = MassSend.objects.latest("pk")
    assert (last.state, last.reached, last.missed) == ("sent", 0, 1)
    assert "收到的群发已到上限" in detail(phone, last)


def test_by_tag_and_one_by_one(wecom: Sandbox, lin: Host, phone: Client, tea: Material, work: Work) -> None:
    yu, jing, an = (befriend(wecom, lin, name) for name in ("小雨", "静静", "安安"))
    tag = customers.tag_relation(yu, name="爱喝茶", by=lin.user, now=timezone.now())
    assert "爱喝茶 · 1 位" in html_of(phone.get(f"/materials/{tea.public_id}/mass/"))

    ask(phone, tea, audience="tag", tag=str(tag.public_id))
    ask(phone, tea, audience="pick", customers=[str(jing.public_id), str(an.public_id)])
    work()

    called = [set(call["body"]["external_userid"]) for call in wecom.calls(ADD)]
    assert called == [{yu.external_userid}, {jing.external_userid, an.external_userid}]
    assert [send.audience for send in MassSend.objects.order_by("pk")] == ["标签「爱喝茶」", "自己挑的客户"]


def test_nobody_of_another_host_can_be_chosen(
    wecom: Sandbox, lin: Host, phone: Client, tea: Material, work: Work
) -> None:
    wecom.add_member("mei.guide", "小美")
    mei = a_host("mei.guide", name="小美")
    hers = befriend(wecom, mei, "甜甜")
    mine = befriend(wecom, lin, "小雨")
    tag = customers.tag_relation(hers, name="她的", by=mei.user, now=timezone.now())

    for more in (
        {"audience": "pick", "customers": [str(mine.public_id), str(hers.public_id)]},
        {"audience": "pick", "customers": [str(uuid4())]},
        {"audience": "tag", "tag": str(tag.public_id)},
    ):
        assert ask(phone, tea, **more).status_code == 404
    assert not MassSend.objects.exists()

    other = Client()
    other.force_login(mei.user)
    ask(phone, tea, audience="all")
    send = MassSend.objects.get()
    assert list(send.recipients.values_list("relation", flat=True)) == [mine.pk]
    assert other.get(f"/me/sends/{send.public_id}/").status_code == 404
    assert other.post(f"/me/sends/{send.public_id}/refresh/").status_code == 404
    assert "明前龙井" not in html_of(other.get("/me/sends/"))


def test_what_wecom_would_not_take_is_refused_before_anything_is_written(
    wecom: Sandbox, lin: Host, phone: Client, tea: Material
) -> None:
    befriend(wecom, lin, "小雨")

    for more, words in (
        ({"text": "茶" * 1334}, "再删掉约 1 个字"),
        ({"channel": "moments", "text": "茶" * 2001}, "朋友圈最多 2000 个字，现在有 2001 个"),
        ({"audience": "pick"}, "还没有选客户"),
    ):
        answer = ask(phone, tea, **{"audience": "all", **more})
        assert answer.status_code == 422
        assert words in html_of(answer)
    assert ask(phone, tea, channel="copy").status_code == 404
    assert not MassSend.objects.exists()
    assert not Delivery.objects.exists()
    assert ask(phone, tea, audience="all", text="茶" * 1333).status_code == 302


def test_her_groups(wecom: Sandbox, lin: Host, phone: Client, tea: Material, work: Work) -> None:
    wecom.add_group("lin.guide"), wecom.add_group("lin.guide", "老客群")
    ask(phone, tea, channel="group")
    work()
    [task] = wecom.mass_tasks()
    assert task["chat_type"] == "group"
    wecom.advance(5)
    wecom.confirm(task["msgid"], "lin.guide")
    results()

    send = MassSend.objects.get()
    assert (send.state, send.reached, send.finished_at) == ("sent", 2, None)
    results(hours=2)
    send.refresh_from_db()
    assert send.finished_at is not None


def test_without_a_group_she_reads_why(
    wecom: Sandbox, lin: Host, phone: Client, tea: Material, work: Work
) -> None:
    ask(phone, tea, channel="group")
    work()
    send = MassSend.objects.get()
    assert send.state == "refused"
    assert "企业微信里没有可以发的客户或群" in detail(phone, send)


def test_a_moment_with_her_poster(wecom: Sandbox, lin: Host, phone: Client, work: Work) -> None:
    befriend(wecom, lin, "小雨")
    befriend(wecom, lin, "静静", agreed=False)
    album = with_pictures(a_material("采茶的早晨"), 2)
    ask(phone, album, channel="moments")
    work()

    [moment] = wecom.moments()
    assert [one["msgtype"] for one in moment["attachments"]] == ["image"] * 3
    assert [part["userid"] for part in moment["members"]] == ["lin.guide"]
    results()
    wecom.advance(5)
    results(minutes=20)
    send = MassSend.objects.get()
    assert send.state == "waiting"
    assert "点「发表」" in detail(phone, send)

    assert wecom.publish(moment["moment_id"], "lin.guide") == 1
    results(minutes=30)
    send.refresh_from_db()
    assert (send.state, send.reached) == ("sent", 1)
    assert "位客户看得到" in detail(phone, send)


def test_a_moment_is_shown_to_who_agreed_and_anew_without_who_takes_it_back(
    wecom: Sandbox, lin: Host, phone: Client, tea: Material, work: Work
) -> None:
    silent = befriend(wecom, lin, "静静", agreed=False)
    assert ask(phone, tea, channel="moments").status_code == 422
    page = html_of(phone.get(f"/materials/{tea.public_id}/mass/?channel=moments"))
    assert "1 位里 0 位同意收到；1 位还没有问过。" in page
    yu, jing = befriend(wecom, lin, "小雨"), befriend(wecom, lin, "朵朵")

    ask(phone, tea, channel="moments")
    work()
    results()
    wecom.advance(5)
    marked = {call["body"]["external_userid"] for call in wecom.calls("externalcontact/mark_tag")}
    assert marked == {yu.external_userid, jing.external_userid}
    takes_back(jing)
    work()
    work()

    first, second = wecom.moments()
    assert (first["is_cancelled"], second["is_cancelled"]) == (True, False)
    wecom.advance(5)
    assert wecom.publish(second["moment_id"], "lin.guide") == 1
    assert silent.external_userid not in marked
    last = wecom.calls("externalcontact/mark_tag")[-1]["body"]
    assert last["external_userid"] == jing.external_userid
    assert "remove_tag" in last


def test_pictures_go_with_the_card(wecom: Sandbox, lin: Host, phone: Client, work: Work) -> None:
    befriend(wecom, lin, "小雨")
    album = with_pictures(a_material("采茶的早晨"), 9)
    assert "后面 1 张让给了链接卡片" in html_of(phone.get(f"/materials/{album.public_id}/mass/"))
    ask(phone, album, audience="all")
    work()
    [task] = wecom.mass_tasks()
    assert [one["msgtype"] for one in task["attachments"]] == ["image"] * 8 + ["link"]


@pytest.fixture
def film(lin: Host, tmp_path: Path) -> Material:
    video = media.add_film(title="怎么泡", upload=samples.film(tmp_path), by=None)
    return a_material("一分钟学会泡龙井", kind=Material.Kind.VIDEO, video=video)


def test_a_film_goes_along(wecom: Sandbox, lin: Host, phone: Client, film: Material, work: Work) -> None:
    befriend(wecom, lin, "小雨")
    assert "跟着一起发" in html_of(phone.get(f"/materials/{film.public_id}/mass/"))
    ask(phone, film, audience="all")
    work()

    [task] = wecom.mass_tasks()
    assert [one["msgtype"] for one in task["attachments"]] == ["video", "link"]
    assert "视频" in detail(phone, MassSend.objects.get())


def test_a_moment_with_a_film_has_her_address_in_its_words(
    wecom: Sandbox, lin: Host, phone: Client, film: Material, work: Work
) -> None:
    befriend(wecom, lin, "小雨")
    with_pictures(film, 2)
    page = html_of(phone.get(f"/materials/{film.public_id}/mass/?channel=moments"))
    assert "放不下海报" in page
    assert "后面 2 张让给了视频" in page
    ask(phone, film, channel="moments")
    work()

    [moment] = wecom.moments()
    code = Link.objects.get(channel="moments").code
    assert [one["msgtype"] for one in moment["attachments"]] == ["video"]
    assert moment["text"] == f"今年的新茶到了\n{settings.SITE_URL}/s/{code}/"


def test_nobody_rewords_what_a_customer_told(
    wecom: Sandbox, lin: Host, phone: Client, tea: Material, work: Work
) -> None:
    befriend(wecom, lin, "小雨")
    told = "喝了三天，孩子也爱喝。\n谢谢林姐。"
    Material.objects.filter(pk=tea.pk).update(is_story=True, share_text=told)
    page = html_of(phone.get(f"/materials/{tea.public_id}/mass/?channel=single"))
    assert "readonly" in page.split("<textarea")[1].split(">")[0]

    answer = ask(phone, tea, text="喝了三天，包治百病")
    assert answer.status_code == 422
    assert "这是一位顾客的原话" in html_of(answer)
    assert told in html_of(answer)
    assert not MassSend.objects.exists()

    assert ask(phone, tea, text=told.replace("\n", "\r\n")).status_code == 302
    work()
    [task] = wecom.mass_tasks()
    assert task["text"].splitlines() == told.splitlines()


def test_doubts_about_her_own_words_are_raised_before_they_go_to_many(
    wecom: Sandbox, lin: Host, phone: Client, tea: Material
) -> None:
    befriend(wecom, lin, "小雨")
    answer = ask(phone, tea, text="现在最低价")
    assert answer.status_code == 422
    page = html_of(answer)
    assert "里有「最低价」" in page
    assert "现在最低价</textarea>" in page
    assert "没问题，就这样发" in page
    assert not MassSend.objects.exists()

    assert ask(phone, tea, text="现在最低价", anyway="on").status_code == 302
    # HQ's own words have been looked through by HQ.
    Material.objects.filter(pk=tea.pk).update(share_text="现在最低价")
    assert ask(phone, tea, text="现在最低价", again="on").status_code == 302
