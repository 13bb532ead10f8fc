"""What 该帮谁 looks like in the middle of a week: numbers to call, calls of the last weeks, one promise due."""

from datetime import datetime, timedelta

from apps.accounts import services as accounts
from apps.accounts.models import Host, Organisation, User
from apps.accounts.services import joining
from apps.insights import services
from apps.insights.models import HostCall
from apps.lib import clock

_OUTCOME = HostCall.Outcome
#: (place in the list of hosts, days ago, outcome, promise, note)
_CALLS = (
    *((place, 19 - place % 5, _OUTCOME.REACHED, "", "") for place in range(3, 15)),
    (16, 12, _OUTCOME.REACHED, "", "孩子刚开学，晚上八点以后才有空。"),
    (17, 3, _OUTCOME.PROMISED, "先把坚果那条发到二群", "她怕打扰人，二群熟客多，从那里试。"),
    (18, 2, _OUTCOME.NOT_REACHED, "", "响了很久没人接。"),
    (20, 1, _OUTCOME.UNWANTED, "", "说有事会自己来问，别再打了。"),
)
#: Who has just come: (username, name, organisation, kind, days ago, whether she has signed in).
_NEWCOMERS = (
    ("xiaoman", "小满", "上海静安门店", Host.Kind.GUIDE, 12, False),
    ("amiao", "阿苗", "杭州社群团队", Host.Kind.OWNER, 1, False),
    ("xiaoning", "小宁", "广州天河门店", Host.Kind.OWNER, 3, True),
)
#: How many of the first hosts have told HQ a number.
_WITH_PHONE = 34


def calls(hosts: list[Host], *, by: User, now: datetime) -> None:
    """Numbers of most hosts, and what was said on the telephone."""
    for number, host in enumerate(hosts[:_WITH_PHONE], start=1):
        accounts.keep_phone(host, f"+861990001{number:04d}", now=now - timedelta(days=60))
    for place, days_ago, outcome, promise, note in _CALLS:
        at = (now - timedelta(days=days_ago)).replace(hour=2 + place % 6, minute=2 * place)
        due = clock.day_of(now) if promise else None
        services.note_call(
            hosts[place],
            by=by,
            outcome=outcome,
            promised=promise,
            note=note,
            next_on=due,
            seen="",
            now=at,
        )


def newcomers(places: dict[str, Organisation], *, by: User, now: datetime) -> None:
    """One whose link has run out, one who has not signed in yet, one who has shared nothing yet."""
    for number, (username, name, place, kind, days_ago, has_come) in enumerate(_NEWCOMERS):
        host = joining.welcome(
            username=username,
            name=name,
            kind=kind,
            organisation=places[place],
            level=1,
            wecom_userid=None,
            by=by,
            now=now - timedelta(days=days_ago),
            phone=f"+861990002{number:04d}",
        ).host
        if has_come:
            User.objects.filter(pk=host.user_id).update(last_login=now - timedelta(days=days_ago - 1))
