"""Roles: the page that says them, giving and taking, and what a region or a mask leaves unseen."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from apps.accounts import roles
from apps.accounts.models import AccountEvent, Host, User
from apps.accounts.services import joining, staff
from apps.catalog.models import Sku
from apps.console import role_page
from apps.console.roles import ENTER, TABLE
from apps.customers import services as customers
from apps.lib import masks
from apps.lib.ids import uuid7
from apps.privacy.services import exports
from apps.records.declarations import Span
from apps.trade import services as trade
from apps.trade.pricing import Item, quote
from tests.accounts import walking
from tests.accounts.route_table import ROUTES
from tests.at_once import at_once
from tests.console import desk
from tests.factories import a_branch, a_host, a_person_at_hq

CANARY = "南金丝雀"


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


# --- the page ------------------------------------------------------------------------------------------


def test_every_right_of_the_table_has_words() -> None:
    for rights in TABLE.values():
        for right in rights - {ENTER} - role_page.ACTS.keys():
            app, _, codename = right.partition(".")
            verb, _, model = codename.partition("_")
            assert verb in role_page.VERBS, right
            assert f"{app}.{model}" in role_page.MODELS, right
    assert role_page.WORDS.keys() == set(roles.ALL)


@pytest.mark.django_db
@pytest.mark.parametrize("role", roles.ALL)
def test_everybody_at_hq_reads_the_page_and_admins_change_it(role: str) -> None:
    person = a_person_at_hq(role)
    page = browser(person).get("/hq/roles/").content.decode()

    for name in roles.ALL:
        assert name in page
    assert "素材：看、新建、改" in page
    assert "一天最多 50 次" in page
    assert ('value="take"' in page) == (role == roles.ADMIN)


@pytest.mark.django_db
def test_a_host_with_a_role_is_seen_among_colleagues_and_loses_it_there() -> None:
    boss = browser(a_person_at_hq(roles.ADMIN, "boss"))
    host = a_host("lin", "林姐")
    act = {"role": roles.REGION_MANAGER, "person": str(host.user.public_id)}
    assert "林姐" not in boss.get("/hq/roles/").content.decode()
    staff.place(host.user, host.organisation, by=User.objects.get(username="boss"), now=timezone.now())

    page = boss.post("/hq/roles/", {**act, "act": "give"}, follow=True).content.decode()
    assert "收回林姐的区域经理" in page
    assert "也是大C" in page
    assert "林姐（lin）" in page  # who has one role can be given another
    assert "林姐" in boss.get("/hq/staff/").content.decode()
    assert boss.get(f"/hq/staff/edit/{host.user_id}/").status_code == 200
    assert "换绑" in boss.get(f"/hq/ways-in/{host.user.public_id}/").content.decode()

    page = boss.post("/hq/roles/", {**act, "act": "take"}, follow=True).content.decode()
    assert "收回林姐的区域经理" not in page
    assert not host.user.groups.exists()


@pytest.mark.django_db
def test_giving_and_taking_is_written_down_and_ends_old_sessions() -> None:
    admin, editor = a_person_at_hq(roles.ADMIN, "boss"), a_person_at_hq(roles.EDITOR, "editor")
    desk_of_editor = browser(editor)
    act = {"act": "give", "role": roles.REVIEWER, "person": str(editor.public_id)}

    browser(admin).post("/hq/roles/", act)

    assert set(editor.groups.values_list("name", flat=True)) == {roles.EDITOR, roles.REVIEWER}
    assert desk_of_editor.get("/hq/").status_code == 302
    browser(admin).post("/hq/roles/", {**act, "act": "take"})
    events = AccountEvent.objects.filter(user=editor).order_by("pk")
    assert [(event.kind, event.detail, event.actor) for event in events] == [
        ("role_given", roles.REVIEWER, admin),
        ("role_taken", roles.REVIEWER, admin),
    ]


@pytest.mark.django_db
def test_nobody_takes_the_role_of_administrator_from_herself() -> None:
    admin = a_person_at_hq(roles.ADMIN, "boss")
    a_person_at_hq(roles.ADMIN, "other")
    client = browser(admin)

    answer = client.post(
        "/hq/roles/", {"act": "take", "role": roles.ADMIN, "person": str(admin.public_id)}, follow=True
    )
    form = {"username": "boss", "name": "何", "roles": [], "organisation": "", "is_active": "on"}
    edited = client.post(f"/hq/staff/edit/{admin.pk}/", form)
    group = admin.groups.get().pk
    off = {**form, "roles": [group]}
    del off["is_active"]
    client.post(f"/hq/staff/edit/{admin.pk}/", off)

    assert "不能收回自己的管理员" in answer.content.decode()
    assert edited.status_code == 200
    admin.refresh_from_db()
    assert admin.is_active
    assert admin.groups.get().name == roles.ADMIN


@pytest.mark.django_db
def test_who_is_no_administrator_changes_no_role() -> None:
    person = a_person_at_hq(roles.OPERATOR)
    act = {"act": "give", "role": roles.ADMIN, "person": str(person.public_id)}

    browser(person).post("/hq/roles/", act)
    browser(person).post("/hq/staff/new/", {"username": "x", "roles": [1]})

    assert [group.name for group in person.groups.all()] == [roles.OPERATOR]
    assert not User.objects.filter(username="x").exists()


@pytest.mark.django_db
def test_a_region_manager_needs_a_region_here_too() -> None:
    admin, person = a_person_at_hq(roles.ADMIN, "boss"), a_person_at_hq(roles.EDITOR, "e")
    act = {"act": "give", "role": roles.REGION_MANAGER, "person": str(person.public_id)}

    browser(admin).post("/hq/roles/", act)
    assert not person.groups.filter(name=roles.REGION_MANAGER).exists()
    User.objects.filter(pk=person.pk).update(organisation=a_branch("华东"))
    browser(admin).post("/hq/roles/", act)
    assert person.groups.filter(name=roles.REGION_MANAGER).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "act", [{"role": "神"}, {"act": "grow"}, {"person": "x"}, {"person": str(timezone.now())}]
)
def test_nonsense_is_404(act: dict[str, str]) -> None:
    admin = a_person_at_hq(roles.ADMIN, "boss")
    whole = {"act": "give", "role": roles.EDITOR, "person": str(admin.public_id), **act}

    assert browser(admin).post("/hq/roles/", whole).status_code == 404


def test_two_administrators_cannot_take_each_other_out_at_once(committed: None) -> None:
    one, two = a_person_at_hq(roles.ADMIN, "one"), a_person_at_hq(roles.ADMIN, "two")
    now = timezone.now()

    at_once(
        [
            lambda: staff.set_roles(two, set(), by=one, now=now),
            lambda: staff.set_roles(one, set(), by=two, now=now),
        ]
        * 8
    )

    assert User.objects.filter(groups__name=roles.ADMIN).count() == 1


# --- what a region leaves unseen ------------------------------------------------------------------------


@pytest.fixture
def world(db: None) -> walking.World:
    """华东 as always; in 华南 a host, her customer, order, invitation and applicant, all named 南金丝雀."""
    world = walking.World()
    south = Host.objects.exclude(pk=world.host.pk).get()
    Host.objects.filter(pk=south.pk).update(name=CANARY, tagline=CANARY)
    User.objects.filter(pk=south.user_id).update(first_name=CANARY)
    south.organisation.name = CANARY
    south.organisation.save()
    now = timezone.now()
    relation, _ = customers.find_or_make_relation(
        south, phone="13900000002", name=CANARY, source="manual", now=now
    )
    customers.add_note(relation, text=CANARY, by=south.user, now=now)
    trade.place_order(
        quote(south, [Item(Sku.objects.get(), 1)]),
        name=CANARY,
        phone="13900000002",
        address=CANARY,
        now=now,
    )
    secret, _ = joining.invite(
        organisation=south.organisation,
        kind=Host.Kind.OWNER,
        level=1,
        uses=5,
        label=CANARY,
        by=world.people["A"],
        expires_at=now + timedelta(days=7),
        now=now,
    )
    joining.submit_application(
        secret,
        name=CANARY,
        phone="13900000003",
        wecom_userid=CANARY,
        why=CANARY,
        notice_sha256=b"y" * 32,
        now=now,
    )
    return world


def pages_of(letter: str) -> list[str]:
    return [route for route, who in ROUTES.items() if letter in who and not route.startswith("POST ")]


def text_of(client: Client, address: str, **query: str) -> str:
    answer = client.get(address, query)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    walking.put_down(answer)
    return body.decode("utf-8", "replace")


def test_the_canary_sings_for_who_sees_all(world: walking.World) -> None:
    client = browser(world.people["A"])

    for page in ("/hq/hosts/", "/hq/invitations/", "/hq/applications/", "/hq/customers/", "/hq/orders/"):
        assert CANARY in text_of(client, page), page


def test_nothing_of_another_region_reaches_a_region_manager(world: walking.World) -> None:
    client = browser(world.people["G"])
    asked, leaks = 0, []
    for route in pages_of("G"):
        address = world.address(route)
        for query in ({}, {"q": "mei"}, {"q": "13900000002"}, {"organisation": "3"}):
            asked += 1
            if CANARY in text_of(client, address, **query):
                leaks.append((address, query))

    print(f"{asked} requests, {len(leaks)} leaks")
    assert asked > 100
    assert leaks == []


def test_another_regions_rows_are_404_like_absent_ones(world: walking.World) -> None:
    client = browser(world.people["G"])
    south = Host.objects.exclude(pk=world.host.pk).get()

    def addresses(host: Host) -> list[str]:
        order, relation = host.orders.first(), host.relations.first()
        assert order is not None
        assert relation is not None
        return [
            f"/hq/hosts/{host.public_id}/",
            f"/hq/customers/{relation.public_id}/",
            f"/hq/orders/{order.public_id}/",
        ]

    for own, foreign in zip(addresses(world.host), addresses(south), strict=True):
        kind = own.split("/")[2]
        absent = client.get(f"/hq/{kind}/{uuid7()}/")
        found = client.get(foreign)
        assert client.get(own).status_code == 200, own
        assert (found.status_code, absent.status_code) == (404, 404), foreign
        assert found.content == absent.content
        if kind != "hosts":
            given = {"reason": "客户来电核对地址", "purpose": "service"}
            reveals = [client.post(f"{address}reveal/", given) for address in (own, foreign)]
            assert [answer.status_code for answer in reveals] == [200, 404], foreign


@pytest.mark.parametrize("other", [name for name in roles.ALL if name != roles.REGION_MANAGER])
def test_another_role_widens_no_right_that_it_does_not_grant(world: walking.World, other: str) -> None:
    """A region manager with another role sees in other regions what that role alone lets her see there."""
    south = Host.objects.exclude(pk=world.host.pk).get()
    order = south.orders.get()
    relation = next(one for one in south.relations.all() if one.name == CANARY)
    customer = f"/hq/customers/{relation.public_id}/"
    addresses = [
        f"/hq/hosts/{south.public_id}/", customer, f"/hq/orders/{order.public_id}/",
        f"/hq/insights/orders/?host={south.public_id}",
    ]  # fmt: skip
    lists = ["/hq/hosts/", "/hq/customers/", "/hq/orders/", "/hq/invitations/", "/hq/applications/"]
    manager, alone = world.people["G"], a_person_at_hq(other, "alone")
    before = browser(manager)
    seen_before = {address: CANARY in text_of(before, address) for address in lists}
    assert not any(seen_before.values())
    manager.groups.add(Group.objects.get(name=other))

    def reached(person: User) -> dict[str, bool]:
        client = browser(person)
        given = {"reason": "客户来电核对地址", "purpose": "service"}
        found = {address: client.get(address).status_code == 200 for address in addresses}
        found |= {address: CANARY in text_of(client, address) for address in lists}
        for address in (customer, addresses[2]):
            found[f"{address}reveal/"] = client.post(f"{address}reveal/", given).status_code == 200
        # The rows behind a number name nobody whom she may not see.
        rows = text_of(client, f"/hq/insights/new_customers/?host={south.public_id}")
        found["names"] = masks.mask_name(CANARY) in rows
        return found

    assert reached(User.objects.get(pk=manager.pk)) == reached(alone)
    assert (
        browser(User.objects.get(pk=manager.pk)).get(f"/hq/hosts/{world.host.public_id}/").status_code == 200
    )


@pytest.mark.parametrize("other", [roles.EDITOR, roles.ANALYST, roles.SUPPORT])
def test_an_export_holds_the_region_where_the_right_to_ask_is_hers(world: walking.World, other: str) -> None:
    manager, now = world.people["G"], timezone.now()
    manager.groups.add(Group.objects.get(name=other))
    asks = User.objects.get(pk=manager.pk)
    export = exports.ask(
        asks, what="customers", span=Span(None, None), is_clear=True, reason="核对客户资料", now=now
    )
    exports.decide(export, by=a_person_at_hq(roles.ADMIN, "decides"), approves=True, note="", now=now)

    exports.build({"id": export.pk}, now)

    export.refresh_from_db()
    assert export.rows == world.host.relations.customers().count()


def test_an_analyst_never_sees_a_person(world: walking.World) -> None:
    client = browser(world.people["D"])
    personal = (desk.NAME, desk.PHONE, "漕溪北路", "1204 室")
    leaks = []
    for route in pages_of("D"):
        address = world.address(route)
        for query in ({}, {"q": desk.NAME[:1]}, {"q": "mei"}):
            text = text_of(client, address, **query)
            leaks += [(address, value) for value in personal if value in text]
    order = world.host.orders.first()
    assert order is not None
    shown = client.post(
        f"/hq/orders/{order.public_id}/reveal/", {"reason": "客户来电核对地址", "purpose": "x"}
    )

    assert leaks == []
    assert not [value for value in personal if value in shown.content.decode()]
