"""Words and waking times."""

from datetime import datetime, time

import pytest

from apps.accounts.models import Host
from apps.lib.clock import SHANGHAI
from apps.outbox.letters import Card, Text, pack, unpack
from apps.outbox.quiet import end_of_quiet
from tests.outbox.people import a_host


@pytest.mark.parametrize("letter", [Text("你好"), Card("标题", "两行", "https://dac.example/", "看看")])
def test_a_letter_survives_packing(letter: Text | Card) -> None:
    assert unpack(pack(letter)) == letter


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("quiet", "asked", "gets"),
    [
        (("22:00", "07:30"), "2026-03-05 12:00", None),
        (("22:00", "07:30"), "2026-03-05 22:00", "2026-03-06 07:30"),
        (("22:00", "07:30"), "2026-03-05 23:59", "2026-03-06 07:30"),
        (("22:00", "07:30"), "2026-03-05 00:10", "2026-03-05 07:30"),
        (("22:00", "07:30"), "2026-03-05 07:30", None),
        (("13:00", "14:00"), "2026-03-05 13:20", "2026-03-05 14:00"),
        (("13:00", "14:00"), "2026-03-05 14:20", None),
        (("08:00", "08:00"), "2026-03-05 08:00", None),
    ],
)
def test_a_message_waits_for_the_end_of_her_quiet_hours(
    quiet: tuple[str, str], asked: str, gets: str | None
) -> None:
    start, end = (time.fromisoformat(clock) for clock in quiet)
    a_host("lin", quiet_from=start, quiet_to=end)

    [waking] = Host.objects.annotate(waking=end_of_quiet(moment(asked))).values_list("waking", flat=True)

    assert waking == (moment(gets) if gets else None)
