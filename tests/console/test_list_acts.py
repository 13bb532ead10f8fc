"""What each list's acts do to many rows: by the services of one, with reasons for those left out."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts import roles
from apps.accounts.models import Application, Host, HostTransition, Invitation, Organisation, User
from apps.accounts.services import joining
from apps.catalog.models import Brand, Category, Supplier
from apps.library.models import Festival, ForbiddenWord, Issue, Material, PosterTemplate
from apps.media.models import Video
from apps.outbox.models import Delivery, DeliveryCall
from apps.outbox.services import deliveries
from apps.records.models import Alert
from tests.console.listing import Acting
from tests.factories import a_branch, a_host, a_sku
from tests.learning.cases import published
from tests.learning.lessons import a_lesson, a_path
from tests.library import desk
from tests.library.desk import a_material, a_person, browser
from tests.pages import text_of
from tests.privacy import traces

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss() -> User:
    return a_person(roles.ADMIN, "boss", "总部小何")


@pytest.fixture
def client(boss: User) -> Client:
    return browser(boss)


def _place(client: Client, key: str, act: str, **named: Any) -> str:
    return text_of(Acting(client, key, act).all_the_way(**named))


# --- people -------------------------------------------------------------------------------------------------


def test_hosts_move_and_come_back_each_with_a_line_of_her_log(client: Client) -> None:
    east, south = a_branch("华东"), a_branch("华南")
    lin, mei = a_host("lin", organisation=east), a_host("mei", "小美", organisation=south)
    gone = a_host("gone", "走了的", organisation=east, status=Host.Status.LEFT)
    acting = Acting(client, "hosts", "move")

    ended = acting.all_the_way(organisation=str(south.pk), reason="换区")

    words = text_of(ended)
    assert "1 条做好了，2 条没有做" in words
    assert "已经在这个组织" in words
    assert "已经离开" in words
    assert Host.objects.get(pk=lin.pk).organisation == south
    assert HostTransition.objects.get(host=lin, to_organisation=south).reason == "换区"
    client.post(ended.redirect_chain[-1][0])
    assert Host.objects.get(pk=lin.pk).organisation == east
    assert {Host.objects.get(pk=one.pk).organisation for one in (mei, gone)} == {south, east}


def test_levels_are_set_and_taken_back(client: Client) -> None:
    lin = a_host("lin")
    ended = Acting(client, "hosts", "level").all_the_way(level="3", reason="季度调整")
    assert Host.objects.get(pk=lin.pk).level == 3
    client.post(ended.redirect_chain[-1][0])
    assert Host.objects.get(pk=lin.pk).level == 1


def test_hosts_are_suspended_for_a_reason_and_let_in_again(client: Client) -> None:
    for name in ("lin", "mei"):
        host = a_host(name)
        deliveries.queue("app-message", key=name, body="{}", host_id=host.pk)
    acting = Acting(client, "hosts", "suspend")
    assert "看看会怎样" in text_of(acting.preview(reason=""))

    shown = acting.preview(reason="长期不响应")
    assert "排队中要发给她们的 2 条消息不再发出" in text_of(shown)
    acting.confirm(shown)

    assert set(Host.objects.values_list("status", flat=True)) == {Host.Status.SUSPENDED}
    assert set(Delivery.objects.values_list("state", flat=True)) == {Delivery.State.CANCELLED}
    _place(client, "hosts", "resume")
    assert set(Host.objects.values_list("status", flat=True)) == {Host.Status.ACTIVE}


def test_a_region_manager_reaches_nobody_elsewhere() -> None:
    east, south = a_branch("华东"), a_branch("华南")
    lin, mei = a_host("lin", organisation=east), a_host("mei", organisation=south)
    now = timezone.now()
    manager = a_person(roles.REGION_MANAGER, "manager")
    manager.organisation = east
    manager.save()
    for node in (east, south):
        joining.invite(
            organisation=node,
            kind="owner",
            level=1,
            uses=1,
            by=mei.user,
            now=now,
            expires_at=now + timedelta(1),
        )
    client = browser(manager)

    ids = list(Invitation.objects.values_list("pk", flat=True))
    assert "可以做 1 条" in text_of(Acting(client, "invitations", "revoke").preview(ids=ids))
    Acting(client, "invitations", "revoke").all_the_way(ids=ids)

    assert Invitation.objects.filter(revoked_at=None).get().organisation == south
    assert Acting(client, "hosts", "suspend").preview(ids=[lin.pk], reason="试试").status_code in {302, 403}


def test_staff_are_stopped_but_nobody_stops_herself_or_the_last_admin(client: Client, boss: User) -> None:
    other = a_person(roles.EDITOR, "other")

    words = _place(client, "staff", "stop")

    assert "1 条做好了，1 条没有做" in words
    assert "不能停用自己" in words
    assert not User.objects.get(pk=other.pk).is_active
    assert User.objects.get(pk=boss.pk).is_active
    _place(client, "staff", "start")
    assert User.objects.get(pk=other.pk).is_active


def _invited(boss: User) -> tuple[str, Invitation]:
    now = timezone.now()
    return joining.invite(
        organisation=a_branch("华东"),
        kind=Host.Kind.OWNER,
        level=1,
        uses=3,
        expires_at=now + timedelta(days=7),
        by=boss,
        now=now,
    )


def test_invitations_end_and_applications_are_answered(client: Client, boss: User) -> None:
    secret, invitation = _invited(boss)
    for number in range(2):
        joining.submit_application(
            secret,
            name=f"小满{number}",
            phone=f"1380000111{number}",
            wecom_userid="",
            why="",
            notice_sha256=b"y" * 32,
            now=timezone.now(),
        )

    shown = Acting(client, "invitations", "revoke").preview()
    assert "已经提交、等审批的 2 份申请不受影响" in text_of(shown)
    Acting(client, "invitations", "revoke").confirm(shown)
    assert Invitation.objects.get(pk=invitation.pk).revoked_by == boss
    assert "已作废" in text_of(Acting(client, "invitations", "revoke").preview())

    ended = Acting(client, "applications", "refuse").all_the_way(reason="这个区已经招满了")
    run = ended.redirect_chain[-1][0]
    assert "小满0" in text_of(client.get(run))
    # Neither a name nor the reason outlives the row that the notice promises to delete.
    told = ["小满0", "小满1", "这个区已经招满了"]
    kept = {table for table, _ in traces.found(told, [*traces.raw_rows(), *traces.opened_rows()])}
    assert not [table for table in kept if "bulk" in table]
    assert set(Application.objects.values_list("state", flat=True)) == {Application.State.REFUSED}


def test_alerts_are_closed_with_one_conclusion(client: Client) -> None:
    looked = a_host("mei", "小何").user
    for day in (1, 2):
        Alert.objects.create(
            kind=Alert.Kind.MANY_REVEALS,
            actor_id=looked.pk,
            actor_name="小何",
            day=f"2026-03-0{day}",
            count=51,
            raised_at=timezone.now(),
        )
    _place(client, "privacy-alerts", "handle", conclusion="问过本人，是集中回访。")
    assert not Alert.objects.filter(handled_at=None).exists()


# --- what was never used ------------------------------------------------------------------------------------


def test_only_what_nothing_names_is_deleted(client: Client) -> None:
    sku = a_sku("苹果")
    kept = {"categories": sku.product.category, "brands": Brand.objects.create(name="用到的")}
    sku.product.brand = kept["brands"]
    sku.product.supplier = kept["suppliers"] = Supplier.objects.create(name="用到的")
    sku.product.save()
    Category.objects.create(name="没用过的")
    Brand.objects.create(name="没用过的")
    Supplier.objects.create(name="没用过的")

    for key, row in kept.items():
        words = _place(client, key, "delete")
        assert "1 条做好了，1 条没有做" in words, key
        assert "有商品用着它" in words, key
        assert list(type(row)._default_manager.all()) == [row], key


def test_a_film_a_template_and_a_festival_in_a_draft_are_in_use(client: Client) -> None:
    films = [
        Video.objects.create(
            title=name, file="x.mp4", cover=desk.a_picture(), duration_s=3, size_bytes=9, width=9, height=9
        )
        for name in ("草稿里的", "没用过的")
    ]
    material = a_material()
    draft = material.get_latest_revision_as_object()
    draft.video = films[0]
    draft.save_revision()
    PosterTemplate.objects.all().delete()
    PosterTemplate.objects.create(name="没用过的")

    assert "1 条做好了，1 条没有做" in _place(client, "videos", "delete")
    assert list(Video.objects.all()) == films[:1]
    _place(client, "poster-templates", "delete")
    assert not PosterTemplate.objects.exists()


def test_an_organisation_goes_only_when_nothing_hangs_on_it(client: Client) -> None:
    east = a_branch("华东")
    a_host("lin", organisation=east)
    empty = a_branch("没人的")
    parent = a_branch("有下级的")
    parent.add_child(name="下级", kind=Organisation.Kind.STORE)
    keep = {"山野集", "华东", "有下级的"}

    words = _place(
        client, "organisations", "delete", ids=[*Organisation.objects.values_list("pk", flat=True)]
    )

    assert "下面还有组织" in words
    assert "公司这一级不能删" in words
    left = set(Organisation.objects.values_list("name", flat=True))
    assert keep <= left
    assert empty.name not in left


def test_words_and_festivals_are_switched_and_words_deleted(client: Client) -> None:
    ForbiddenWord.objects.all().delete()
    word = ForbiddenWord.objects.create(word="最最好")
    ended = Acting(client, "words", "switch-off").all_the_way()
    assert not ForbiddenWord.objects.get().is_active
    client.post(ended.redirect_chain[-1][0])
    assert ForbiddenWord.objects.get(pk=word.pk).is_active
    _place(client, "words", "delete")
    assert not ForbiddenWord.objects.exists()

    festival = Festival.objects.earliest("pk")
    _place(client, "festivals", "switch-off", ids=[festival.pk])
    assert not Festival.objects.get(pk=festival.pk).is_active


# --- what is published --------------------------------------------------------------------------------------


def test_materials_are_taken_down_each_kind_by_its_own_service(client: Client, boss: User) -> None:
    live, draft = a_material(title="在外面的"), a_material(title="草稿", live=False)
    words = _place(client, "materials", "withdraw", ids=[live.pk, draft.pk])
    assert "1 条做好了，1 条没有做" in words
    assert not Material.objects.get(pk=live.pk).live

    case = published(a_host("lin"))
    lesson = a_lesson("练习课", task="问候一次", questions=())
    path = a_path(lesson)
    for key, row in (("cases", case), ("paths", path), ("lessons", lesson)):
        assert type(row)._default_manager.get(pk=row.pk).live, key
        _place(client, key, "withdraw", ids=[row.pk])
        assert not type(row)._default_manager.get(pk=row.pk).live, key
    issue = desk.an_issue(boss, [])
    Issue.objects.filter(pk=issue.pk).update(live=True)
    _place(client, "issues", "withdraw", ids=[issue.pk])
    assert not Issue.objects.get(pk=issue.pk).live


def test_an_occasion_is_set_in_a_draft_and_taken_back(client: Client) -> None:
    live = a_material(title="在外面的")
    live.save_revision()

    shown = Acting(client, "materials", "occasion").preview(occasion="season")
    assert "其中 1 个已发布的变成有改动的草稿" in text_of(shown)
    ended = Acting(client, "materials", "occasion").confirm(shown)

    row = Material.objects.get(pk=live.pk)
    before = row.occasion
    assert before != "season"  # what is outside stays until it is approved
    assert row.get_latest_revision_as_object().occasion == "season"
    client.post(ended.redirect_chain[-1][0])
    row.refresh_from_db()
    assert row.get_latest_revision_as_object().occasion == before


def test_a_festival_is_added_and_materials_are_copied(client: Client) -> None:
    material = a_material(title="小米粥")
    material.save_revision()
    festival = Festival.objects.filter(is_active=True).earliest("pk")

    ended = Acting(client, "materials", "festival").all_the_way(festival=str(festival.pk))
    assert list(Material.objects.get(pk=material.pk).get_latest_revision_as_object().festivals.all()) == [
        festival
    ]
    client.post(ended.redirect_chain[-1][0])
    assert not Material.objects.get(pk=material.pk).get_latest_revision_as_object().festivals.all()

    _place(client, "materials", "copy")
    assert Material.objects.filter(title="小米粥（副本）", live=False).count() == 1


# --- messages -----------------------------------------------------------------------------------------------


def test_what_certainly_failed_is_sent_again_and_what_may_have_arrived_is_not(client: Client) -> None:
    rows = []
    for number, state in enumerate(("refused", "dead", "sent")):
        host = a_host(f"host{number}")
        deliveries.queue("app-message", key=f"k{number}", body="{}", host_id=host.pk)
        row = Delivery.objects.get(key=f"k{number}")
        row.state, row.outcome = state, "没有这个人"
        row.sent_at = timezone.now() if state == "sent" else None
        row.save()
        rows.append(row)
    rows[1].call = DeliveryCall.objects.create(
        kind="app-message",
        lane=rows[1].lane,
        request="{}",
        digest=b"d" * 32,
        state=DeliveryCall.State.DEAD,
        unknown_since=timezone.now(),
        finished_at=timezone.now(),
    )
    rows[1].save()

    words = _place(client, "deliveries", "send-again")

    assert "1 条做好了，2 条没有做" in words
    assert "可能已经发到了，重发会收到两次" in words
    assert Delivery.objects.get(pk=rows[0].pk).state == Delivery.State.NEW
    assert Delivery.objects.get(pk=rows[1].pk).state == Delivery.State.DEAD
