"""A story that several people answer in the same moment, each with a real connection and a real commit."""

import threading
from typing import Any

from django.db import connections

from apps.content.models import Material, Story
from apps.content.stories import services, taking_back
from apps.media.models import Image
from apps.privacy.models import Consent
from apps.tracking.models import Event
from tests.committed import own_tables, transactional_db
from tests.content import desk
from tests.content.test_stories import NOW, asked, clock, mark
from tests.factories import a_branch, a_host
from tests.happenings import a_customer

__all__ = ["clock", "own_tables", "transactional_db"]


def at_once(count: int, do: Any) -> list[str]:
    outcomes: list[str] = []
    start = threading.Barrier(count)

    def run(number: int) -> None:
        start.wait(60)
        try:
            do(number)
            outcomes.append("done")
        except services.NotPossibleError:
            outcomes.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def test_two_at_once_agree_once_take_once_and_end_once(transactional_db: None) -> None:
    relation = a_customer(a_host("lin", "林姐", organisation=a_branch("华东")), "13800008000", at=NOW)
    _secret, story = asked(relation)
    seen = mark(story)

    def agree(number: int) -> None:
        services.agree(story, seen=seen, now=NOW, evidence={})

    assert at_once(4, agree) == ["done"] * 4
    assert Consent.objects.count() == 1
    reviewers = [desk.a_reviewer(f"r{n}") for n in range(4)]

    def take(number: int) -> None:
        services.take(story, by=reviewers[number], now=NOW)

    assert at_once(4, take) == ["done", *["refused"] * 3]
    assert (Material.objects.count(), Image.objects.count()) == (1, 1)

    def end(number: int) -> None:
        taking_back.withdraw(story, now=NOW)

    assert at_once(4, end) == ["done"] * 4
    assert Event.objects.filter(name="story.withdrawn").count() == 1
    assert Story.objects.get().state == "withdrawn"


def test_a_yes_and_a_no_at_once_leave_one_of_them(transactional_db: None) -> None:
    relation = a_customer(a_host("lin", "林姐", organisation=a_branch("华东")), "13800008000", at=NOW)
    _secret, story = asked(relation)
    seen = mark(story)

    def answer(number: int) -> None:
        if number:
            taking_back.decline(story, now=NOW)
        else:
            services.agree(story, seen=seen, now=NOW, evidence={})

    assert at_once(2, answer) == ["done", "refused"]
    row = Story.objects.get()
    assert (row.state == "agreed") == (Consent.objects.count() == 1) == bool(row.text)
