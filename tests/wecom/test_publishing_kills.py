"""An issue goes out to many hosts while its publisher and then its senders are killed with -9.

Either nothing of a publication is there or all of it; what was written down reaches every host once.
"""

import os
import random
import signal
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from apps.accounts.models import Host, User
from apps.lib import clock
from apps.library import services
from apps.library.models import Issue, IssueEntry, Material
from apps.outbox.models import Delivery, DeliveryCall
from apps.outbox.progress import progress
from apps.tracking.models import Event
from tests import scale
from tests.factories import a_company
from tests.sandbox_fixture import Sandbox
from tests.wecom.test_kills import kill_until_done

#: Three calls of at most a thousand; two in `make test`.
HOSTS = scale.of(1_200, 2_300)


@pytest.fixture
def issue(listening: Sandbox) -> Issue:
    listening.settings(parallel_limit=50)
    names = [f"many{n}" for n in range(HOSTS)]
    for start in range(0, HOSTS, 500):
        listening.add_members([{"userid": name, "name": name} for name in names[start : start + 500]])
    users = User.objects.bulk_create(User(username=name, first_name=name) for name in names)
    company, now = a_company(), timezone.now()
    Host.objects.bulk_create(
        Host(
            user=user,
            organisation=company,
            kind=Host.Kind.OWNER,
            status=Host.Status.ACTIVE,
            name=user.first_name,
            wecom_userid=user.username,
            joined_at=now,
            quiet_from="00:00",
            quiet_to="00:00",
        )
        for user in users
    )
    material = Material.objects.create(kind="script", title="开场白", share_text="你好", live=True)
    monday = clock.monday_of(clock.day_of(now)) + timedelta(days=7)
    found = Issue(number=7, theme="春日焕新", starts_on=monday, owner=users[0], live=False)
    found.entries = [IssueEntry(material=material, day=1)]
    found.save()
    return found


def publish_and_be_killed(issue: Issue, after_s: float) -> None:
    """Publish in a process of its own, which is killed after so many seconds, wherever it is then."""
    connections.close_all()
    pid = os.fork()
    if not pid:
        try:
            services.publish(Issue.objects.get(pk=issue.pk), by=None)
        finally:
            os._exit(0)
    time.sleep(after_s)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def test_a_killed_publication_is_whole_or_absent_and_its_messages_arrive_once(
    listening: Sandbox, issue: Issue, capsys: pytest.CaptureFixture[str]
) -> None:
    dice, absent = random.Random(scale.SEED), 0
    for number in range(scale.of(8, 40)):
        publish_and_be_killed(issue, after_s=dice.random() * (0.2 + number * scale.of(0.25, 0.05)))
        written = Delivery.objects.count()
        is_live = Issue.objects.get(pk=issue.pk).live
        assert (is_live, written) in {(False, 0), (True, HOSTS)}
        if is_live:
            break
        absent += 1
    else:
        services.publish(Issue.objects.get(pk=issue.pk), by=None)
    services.publish(Issue.objects.get(pk=issue.pk), by=None)  # somebody presses it once more
    assert Delivery.objects.count() == HOSTS
    assert Event.objects.filter(name="issue.published").count() == 1
    for kind in ("lost", "reset", "truncated"):
        listening.fail_next("message/send", kind=kind, times=2)
    listening.fail_next("message/send", errcode=-1, times=2)

    kills = kill_until_done(dice)

    found = progress(f"issue:{issue.pk}", now=timezone.now())
    assert (found.created, found.sent, found.is_over) == (HOSTS, HOSTS, True)
    counts = listening.counts()
    assert (counts["messages_delivered"], counts["doubles"], counts["messages_dropped"]) == (HOSTS, 0, 0)
    for name in ("many0", "many999", "many1000", f"many{HOSTS - 1}"):
        assert len(listening.messages_to(name)) == 1
    carried = Counter(Delivery.objects.values_list("call_id", flat=True))
    assert max(carried.values()) <= 1_000
    call_command("verify_invariants", "outbox")
    with capsys.disabled():
        crashes = sum(DeliveryCall.objects.values_list("crashes", flat=True))
        print(
            f"\n{absent} publications killed before they were there, {kills} senders killed, "
            f"{crashes} in the middle of a call, {counts['duplicates_swallowed']} repeats swallowed"
        )
