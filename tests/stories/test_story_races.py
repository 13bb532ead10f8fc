"""A story that several people answer in the same moment, each with a real connection and a real commit."""

from functools import partial
from typing import Any

from apps.library.models import Material
from apps.media.models import Image
from apps.records.models import Consent
from apps.stories import services, taking_back
from apps.stories.models import Story
from apps.tracking.models import Event
from tests.at_once import at_once
from tests.committed import own_tables, transactional_db
from tests.factories import a_branch, a_host
from tests.happenings import a_customer
from tests.library import desk
from tests.stories.telling import NOW, asked, clock, mark

__all__ = ["clock", "own_tables", "transactional_db"]


def outcomes(count: int, do: Any) -> list[str]:
    """`done` and `refused` in order; whatever else went wrong stands there by its name."""
    words = {services.NotPossibleError: "refused", type(None): "done"}
    found = [type(one) for one in at_once([partial(do, number) for number in range(count)])]
    return sorted(words.get(one, one.__name__) for one in found)


def test_two_at_once_agree_once_take_once_and_end_once(transactional_db: None) -> None:
    relation = a_customer(a_host("lin", "林姐", organisation=a_branch("华东")), "13800008000", at=NOW)
    _secret, story = asked(relation)
    seen = mark(story)

    def agree(number: int) -> None:
        services.agree(story, seen=seen, now=NOW, evidence={})

    assert outcomes(4, agree) == ["done"] * 4
    assert Consent.objects.count() == 1
    reviewers = [desk.a_reviewer(f"r{n}") for n in range(4)]

    def take(number: int) -> None:
        services.take(story, by=reviewers[number], now=NOW)

    assert outcomes(4, take) == ["done", *["refused"] * 3]
    assert (Material.objects.count(), Image.objects.count()) == (1, 1)

    def end(number: int) -> None:
        taking_back.withdraw(story, now=NOW)

    assert outcomes(4, end) == ["done"] * 4
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

    assert outcomes(2, answer) == ["done", "refused"]
    row = Story.objects.get()
    assert (row.state == "agreed") == (Consent.objects.count() == 1) == bool(row.text)
