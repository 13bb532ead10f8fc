"""Who may be contacted, for what, by which way: the whole table, behind both walls."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from apps.accounts.models import Host
from apps.customers import services as customers
from apps.customers.handover.acts import hand_over
from apps.customers.models import Relation
from apps.database import db_role
from apps.privacy.services import data_requests
from apps.reach import asking, gate, touches
from apps.reach.gate import Allowed, NotAllowedError
from apps.reach.models import Purpose, Reason, Touch, Way
from apps.records.models import Consent
from tests.factories import MORNING, a_host
from tests.reach.people import a_friend, agrees, takes_back

MIDDAY = datetime(2026, 7, 20, 4, tzinfo=UTC)
NIGHT = datetime(2026, 7, 20, 15, tzinfo=UTC)


pytestmark = pytest.mark.django_db


@pytest.fixture
def lin() -> Host:
    return a_host("lin")


def nothing(relation: Relation) -> None:
    pass


def agreed(relation: Relation) -> None:
    agrees(relation)


def ticked_on_an_order(relation: Relation) -> None:
    agrees(relation, proof="")


def took_it_back(relation: Relation) -> None:
    takes_back(agrees(relation))


def agreed_anew(relation: Relation) -> None:
    took_it_back(relation)
    agrees(relation)


def said_no(relation: Relation) -> None:
    secret = asking.ask(relation, by=relation.host.user, now=timezone.now())
    found = asking.behind(secret)
    assert found is not None
    asking.answer(found, is_yes=False, evidence={}, now=timezone.now())


def parted(relation: Relation) -> None:
    agreed(relation)
    customers.detach_external_contact(relation.host, external_userid="wm-1", by="customer", now=MORNING)


def never_in_wecom(relation: Relation) -> None:
    agreed(relation)
    Relation.objects.filter(pk=relation.pk).update(external_index=None)


def of_other_company(relation: Relation) -> None:
    agreed(relation)
    Relation.objects.filter(pk=relation.pk).update(of_other_company=True)


def erased(relation: Relation) -> None:
    agreed(relation)
    host = relation.host
    secret = data_requests.vouch(
        host_id=host.pk, relation_id=relation.pk, phone="", by=host.user, now=MORNING
    )
    request = data_requests.behind(secret, now=MORNING)
    assert request is not None
    data_requests.prove_by_host(request, kind="erase", last4="", now=MORNING)


OFFERS, GREETING, ORDER, HAND_OVER, STORY = (
    Purpose.OFFERS,
    Purpose.GREETING,
    Purpose.ORDER,
    Purpose.HAND_OVER,
    Purpose.STORY,
)
#: What she did → what the gate says of offers (mass, moment, by hand), and of what needs no consent.
TABLE: list[tuple[Callable[[Relation], None], Reason | None, Reason | None, Reason | None]] = [
    # what happened, offers among friends, offers by a link, the rest among friends
    (nothing, Reason.NEVER_ASKED, Reason.NEVER_ASKED, None),
    (agreed, None, None, None),
    (ticked_on_an_order, Reason.CLAIM, Reason.CLAIM, None),
    (took_it_back, Reason.WITHDRAWN, Reason.WITHDRAWN, None),
    (agreed_anew, None, None, None),
    (said_no, Reason.DECLINED, Reason.DECLINED, None),
    (parted, Reason.ENDED, None, Reason.ENDED),
    (never_in_wecom, Reason.NOT_FRIEND, None, Reason.NOT_FRIEND),
    (of_other_company, Reason.OTHER_COMPANY, None, None),
    (erased, Reason.ERASED, Reason.ERASED, Reason.ERASED),
]


@pytest.mark.parametrize(
    ("happened", "offers", "by_link", "rest"), TABLE, ids=[row[0].__name__ for row in TABLE]
)
def test_the_table(
    lin: Host,
    happened: Callable[[Relation], None],
    offers: Reason | None,
    by_link: Reason | None,
    rest: Reason | None,
) -> None:
    relation = a_friend(lin)
    happened(relation)
    always = Reason.ERASED if happened is erased else None
    expected = {
        **{(OFFERS, way): offers for way in (Way.MASS, Way.MOMENT, Way.WELCOME)},
        (OFFERS, Way.LINK): by_link,
        (GREETING, Way.WELCOME): rest,
        **{(purpose, Way.LINK): always for purpose in (ORDER, STORY)},
        (HAND_OVER, Way.TRANSFER): always,
    }

    def said() -> dict[tuple[Purpose, Way], Reason | None]:
        return {
            (purpose, way): gate.may_reach([relation.pk], purpose, way, now=MIDDAY).reasons.get(relation.pk)
            for purpose, way in expected
        }

    assert said() == expected
    if happened is not erased:  # whom a host does not see is in no answer of hers
        with db_role.acting_as(lin.pk):
            assert said() == expected
    other = a_host("mei", "小美")
    with db_role.acting_as(other.pk):
        decision = gate.may_reach([relation.pk], OFFERS, Way.MASS, now=MIDDAY)
        assert (decision.total, decision.reasons) == (0, {})


@pytest.mark.parametrize(
    ("purpose", "way", "now", "held"),
    [
        (OFFERS, Way.WELCOME, NIGHT, True),
        (OFFERS, Way.WELCOME, MIDDAY, False),
        # What a host sends by her own tap waits for no morning; what answers her own act neither.
        (OFFERS, Way.MASS, NIGHT, False),
        (GREETING, Way.WELCOME, NIGHT, False),
        (ORDER, Way.LINK, NIGHT, False),
    ],
)
def test_at_night_the_platform_sends_no_offers_by_itself(
    lin: Host, purpose: Purpose, way: Way, now: datetime, held: bool
) -> None:
    relation = agrees(a_friend(lin))

    reason = gate.may_reach([relation.pk], purpose, way, now=now).reasons.get(relation.pk)

    assert reason == (Reason.QUIET if held else None)


def test_thousands_cost_as_many_queries_as_one(lin: Host, django_assert_num_queries: Callable) -> None:  # type: ignore[type-arg]
    people = [a_friend(lin, number) for number in range(1, 41)]
    for number, one in enumerate(people):
        (agreed, took_it_back, said_no, nothing)[number % 4](one)

    with django_assert_num_queries(3):
        decision = gate.may_reach(Relation.objects.of(lin), OFFERS, Way.MASS, now=MIDDAY)

    assert dict(decision.counts()) == {Reason.WITHDRAWN: 10, Reason.DECLINED: 10, Reason.NEVER_ASKED: 10}
    assert len(decision.allowed.relation_ids) == 10


def test_nobody_else_makes_an_allowed_and_an_old_or_other_one_is_none(lin: Host) -> None:
    relation = agrees(a_friend(lin))
    now = timezone.now()
    with pytest.raises(NotAllowedError):
        Allowed(frozenset({relation.pk}), OFFERS, Way.MASS, now, object())
    good = gate.may_reach([relation.pk], OFFERS, Way.MASS, now=now).allowed
    old = gate.may_reach([relation.pk], OFFERS, Way.MASS, now=now - timedelta(minutes=11)).allowed

    gate.demand(good, Way.MASS)
    for wrong in (lambda: gate.demand(good, Way.MOMENT), lambda: gate.demand(old, Way.MASS)):
        with pytest.raises(NotAllowedError):
            wrong()
    with pytest.raises(NotAllowedError):
        gate.demand(frozenset({relation.pk}), Way.MASS)  # type: ignore[arg-type]


def test_touches_are_added_and_never_changed(lin: Host) -> None:
    mine, theirs = a_friend(lin), a_friend(a_host("mei", "小美"), 2)
    with db_role.acting_as(lin.pk):
        decision = gate.may_reach([mine.pk], OFFERS, Way.MASS, now=MIDDAY)
        touches.note(decision, cause="mass-send", cause_id=7)
        touches.note(decision, cause="mass-send", cause_id=7)
        touch = Touch.objects.get()
        assert (touch.state, touch.reason, touch.at) == ("held", "never-asked", MIDDAY)
        assert Touch.objects.update(state="sent") == 0
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            Touch.objects.create(
                relation=theirs, purpose=OFFERS, way=Way.MASS, state="sent", cause="mass-send", at=MIDDAY
            )
    with db_role.acting_as(theirs.host_id):
        assert not Touch.objects.exists()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Touch.objects.update(state="sent")
    with (
        db_role.as_identity(db_role.HQ),
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
    ):
        Touch.objects.all().delete()


def test_a_yes_is_to_the_host_it_names(lin: Host) -> None:
    mei = a_host("mei", "小美")
    yes, tick, never, company = (a_friend(lin, number) for number in range(4))
    agrees(yes)
    agrees(tick, proof="")
    agrees(company)
    Consent.objects.filter(relation_id=company.pk).update(host_id=None)
    everybody = [yes.pk, tick.pk, never.pk, company.pk]

    def asked() -> gate.Decision:
        return gate.may_reach(everybody, Purpose.OFFERS, Way.MASS, now=MIDDAY)

    def moves(giver: Host, taker: Host) -> None:
        hand_over(
            giver,
            taker,
            relations=Relation.objects.all(),
            scope="",
            reason="换区",
            by=None,
            now=timezone.now(),
        )

    before = asked()
    moves(lin, mei)
    after = asked()

    assert after.allowed.relation_ids == {company.pk}
    assert after.reasons == {
        yes.pk: Reason.TO_ANOTHER,
        tick.pk: Reason.NEVER_ASKED,
        never.pk: Reason.NEVER_ASKED,
    }
    # She may be asked at once, and a tick made to the other is not the new host's to confirm.
    assert asking.may_ask(Relation.objects.get(pk=yes.pk), now=MIDDAY) is None
    with pytest.raises(asking.NotNowError):
        asking.confirm_by_host(Relation.objects.get(pk=tick.pk), by=mei.user, now=timezone.now())
    agrees(Relation.objects.get(pk=tick.pk), proof="")
    asking.confirm_by_host(Relation.objects.get(pk=tick.pk), by=mei.user, now=timezone.now())
    assert Consent.objects.get(relation_id=tick.pk, host_id=lin.pk).is_claim
    assert tick.pk in asked().allowed.relation_ids
    # Given back, what she said to the first holds again; taken back, it holds for nobody.
    moves(mei, lin)
    assert before.allowed.relation_ids <= asked().allowed.relation_ids
    takes_back(yes)
    assert asked().reasons[yes.pk] == Reason.WITHDRAWN
