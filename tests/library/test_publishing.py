"""Publishing to many hosts: one statement, whoever is quiet waits, and every number opens its rows."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts import roles
from apps.accounts.models import Host, User
from apps.library import announcing, services
from apps.library.models import Issue
from apps.outbox.letters import Card, unpack
from apps.outbox.models import Delivery, DeliveryCall, Letter
from apps.outbox.progress import PARTS, progress
from apps.tracking.models import Channel, Event
from tests.factories import a_branch, a_company, a_host
from tests.happenings import pass_on
from tests.library import desk

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def thursday() -> Any:
    with time_machine.travel(desk.NOW, tick=False) as traveller:
        yield traveller


def many_hosts(count: int, prefix: str = "many") -> None:
    """Active hosts by the hundred, without sessions and passwords."""
    users = User.objects.bulk_create([User(username=f"{prefix}{n}") for n in range(count)])
    company = a_company()
    Host.objects.bulk_create(
        Host(
            user=user,
            organisation=company,
            kind=Host.Kind.OWNER,
            status=Host.Status.ACTIVE,
            name=f"大C{n}",
            wecom_userid=f"{prefix}{n}",
            joined_at=desk.NOW,
        )
        for n, user in enumerate(users)
    )


def a_quiet_host(quiet_from: str, quiet_to: str) -> Host:
    host = a_host("lin")
    Host.objects.filter(pk=host.pk).update(quiet_from=quiet_from, quiet_to=quiet_to)
    return host


def statements_of_publishing(issue: Issue) -> list[str]:
    with CaptureQueriesContext(connection) as seen:
        services.publish(issue, by=issue.owner)
    return [query["sql"] for query in seen.captured_queries]


def test_the_rows_of_all_hosts_are_written_by_one_statement() -> None:
    editor = desk.an_editor()
    few = desk.an_issue(editor, [desk.a_material()])
    many_hosts(3)
    of_few = statements_of_publishing(few)
    many_hosts(1_200, prefix="more")
    many = desk.an_issue(editor, [desk.a_material()], number=8, starts_on=desk.MONDAY + desk.days(14))

    of_many = statements_of_publishing(many)

    assert Delivery.objects.filter(key__startswith=f"issue:{many.pk}:").count() == 1_203
    assert len([sql for sql in of_many if "INSERT INTO outbox_delivery" in sql]) == 1
    assert len(of_many) == len(of_few)


def test_a_publication_that_fails_leaves_no_message_behind() -> None:
    many_hosts(3)
    issue = desk.an_issue(desk.an_editor(), [desk.a_material(live=False)])

    with pytest.raises(services.NotPublishableError):
        services.publish(issue, by=issue.owner)

    assert not Delivery.objects.exists()
    assert not Event.objects.filter(name="issue.published").exists()


@pytest.mark.parametrize(
    ("hour", "quiet", "waits_until"),
    [
        (9, ("22:00", "07:30"), None),
        (23, ("22:00", "07:30"), (6, 7, 30)),
        (5, ("22:00", "07:30"), (5, 7, 30)),
        (13, ("12:00", "14:00"), (5, 14, 0)),
        (23, ("00:00", "00:00"), None),
    ],
)
def test_whoever_is_quiet_gets_it_afterwards(
    thursday: Any, hour: int, quiet: tuple[str, str], waits_until: tuple[int, int, int] | None
) -> None:
    a_quiet_host(*quiet)
    at = desk.NOW.replace(hour=hour)
    thursday.move_to(at)

    services.publish(desk.an_issue(desk.an_editor(), [desk.a_material()]), by=None)

    delivery = Delivery.objects.get()
    if waits_until is None:
        assert delivery.not_before <= delivery.created_at  # at once, by the database's own clock
    else:
        day, hours, minutes = waits_until
        assert delivery.not_before == at.replace(day=day, hour=hours, minute=minutes)


# --- progress ---------------------------------------------------------------------------------------


@pytest.fixture
def issue() -> Issue:
    east, south = a_branch("华东"), a_branch("华南")
    for name, branch in (("lin", east), ("mei", south), ("wen", south), ("bai", south)):
        a_host(name, f"{name}姐", organisation=branch)
    found = desk.an_issue(desk.an_editor(), [desk.a_material()])
    services.publish(found, by=found.owner)
    return found


def set_state(username: str, state: str, **fields: Any) -> None:
    host = Host.objects.get(user__username=username)
    Delivery.objects.filter(host_id=host.pk).update(state=state, **fields)


def test_every_message_is_in_one_of_the_numbers_and_each_opens_its_rows(issue: Issue) -> None:
    set_state("lin", "sent", sent_at=desk.NOW)
    set_state("mei", "refused", outcome="没有绑定企业微信")
    set_state("wen", "expired", outcome="过了时限还没轮到发送")
    found = progress(f"issue:{issue.pk}", now=desk.NOW)
    client = desk.browser(desk.a_person(roles.ANALYST))

    page = client.get(f"/hq/fortnights/{issue.pk}/").content.decode()
    rows = {
        part: client.get(f"/hq/fortnights/{issue.pk}/messages/{part}/").content.decode()
        for part in ("created", *PARTS)
    }

    assert (found.created, found.sent, found.refused, found.expired, found.waiting) == (4, 1, 1, 1, 1)
    assert found.percent == 75
    assert not found.is_over
    assert "共 <a" in page
    for part, count in (("created", 4), ("sent", 1), ("waiting", 1), ("refused", 1), ("expired", 1)):
        assert f"/messages/{part}/" in page
        assert f"<b>{count}</b>" in page
        assert rows[part].count("姐</th>") == count
    assert "没有绑定企业微信" in rows["refused"]
    assert "mei姐" in rows["refused"]
    assert "没有这样的消息" in rows["unknown"]
    assert client.get(f"/hq/fortnights/{issue.pk}/messages/nonsense/").status_code == 404


def test_a_region_manager_opens_the_rows_of_her_hosts_alone(issue: Issue) -> None:
    region = desk.a_person(roles.REGION_MANAGER)
    region.organisation = Host.objects.get(user__username="lin").organisation
    region.save()

    page = desk.browser(region).get(f"/hq/fortnights/{issue.pk}/messages/created/").content.decode()

    assert "lin姐" in page
    assert "mei姐" not in page


def test_the_numbers_of_another_issue_are_not_mixed_in(issue: Issue) -> None:
    other = Letter.objects.create(kind="app-message", body="x", cause=f"issue:{issue.pk}0")
    Delivery.objects.filter(pk=Delivery.objects.first().pk).update(letter=other)  # type: ignore[union-attr]

    assert progress(f"issue:{issue.pk}", now=desk.NOW).created == 3
    assert not DeliveryCall.objects.exists()


# --- what else hosts are told -----------------------------------------------------------------------


def test_who_shared_a_material_is_told_once_when_its_time_is_up(thursday: Any) -> None:
    lin, mei, gone = a_host("lin"), a_host("mei"), a_host("gone")
    ends = desk.NOW + timedelta(hours=2)
    material = desk.a_material(title="限时的粥", expire_at=ends)
    for host in (lin, gone):
        pass_on(host, material, at=desk.NOW)
    pass_on(lin, material, channel=Channel.SINGLE, at=desk.NOW)
    Host.objects.filter(pk=gone.pk).update(status="left")
    thursday.move_to(ends)

    services.tick(now=ends)
    services.tick(now=ends)

    delivery = Delivery.objects.get()
    card = unpack(delivery.letter.body)
    assert delivery.host_id == lin.pk != mei.pk
    assert isinstance(card, Card)
    assert card.title == "「限时的粥」到期了"


def test_an_expiry_in_the_night_is_told_in_the_morning(thursday: Any) -> None:
    lin = a_quiet_host("22:00", "07:30")
    ends = desk.NOW.replace(hour=23, minute=59)
    material = desk.a_material(expire_at=ends)
    pass_on(lin, material, at=desk.NOW)
    thursday.move_to(ends)

    services.tick(now=ends)

    assert Delivery.objects.get().not_before == ends.replace(day=6, hour=7, minute=30)


def test_an_expired_material_that_nobody_shared_is_told_to_nobody(thursday: Any) -> None:
    a_host("lin")
    desk.a_material(expire_at=desk.NOW)

    assert services.tick(now=desk.NOW).archived == 1
    assert not Delivery.objects.exists()


def test_other_news_are_told_to_those_they_are_meant_for_once_and_written_down() -> None:
    lin, _mei = a_host("lin"), a_host("mei")
    news = announcing.News(
        kind="material",
        id=7,
        card=Card("本月案例", "照着做", "https://dac.example/"),
        correction=Card("更正", "照着做", "https://dac.example/"),
        hosts=Host.objects.filter(pk=lin.pk),  # type: ignore[arg-type]
        until=desk.NOW + timedelta(days=3),
    )

    first = announcing.announce(news, at=desk.NOW, now=desk.NOW)
    again = announcing.announce(news, at=desk.NOW, now=desk.NOW)

    assert (first, again) == (1, 0)
    assert Delivery.objects.get().host_id == lin.pk
    assert Event.objects.filter(name="material.published").count() == 2
