"""One-time links: once, for one thing, for a while."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.accounts import services
from apps.accounts.models import OneTimeLink
from tests.at_once import at_once
from tests.factories import a_host

PASSWORD, ACTIVATION = OneTimeLink.Purpose.PASSWORD, OneTimeLink.Purpose.ACTIVATION


@pytest.mark.django_db
def test_a_link_works_once_and_only_its_hash_is_kept() -> None:
    user, now = a_host("lin").user, timezone.now()
    text, link = services.make_link(user, purpose=PASSWORD, by=None, now=now)

    assert text.encode() not in bytes(link.digest)
    assert services.find_link(text, purpose=PASSWORD, now=now) == link
    assert services.redeem(text, purpose=PASSWORD, now=now) == user
    with pytest.raises(services.LinkNotValidError):
        services.redeem(text, purpose=PASSWORD, now=now)


@pytest.mark.django_db
def test_a_link_is_for_one_thing_and_for_a_while() -> None:
    user, now = a_host("lin").user, timezone.now()
    text, link = services.make_link(user, purpose=PASSWORD, by=None, now=now)

    for asked, at in ((ACTIVATION, now), (PASSWORD, link.expires_at), (PASSWORD, now + timedelta(days=9))):
        with pytest.raises(services.LinkNotValidError):
            services.redeem(text, purpose=asked, now=at)
    with pytest.raises(services.LinkNotValidError):
        services.redeem(text[:-1], purpose=PASSWORD, now=now)


@pytest.mark.django_db
def test_a_newer_link_of_the_kind_and_signing_out_everywhere_end_the_older() -> None:
    user, now = a_host("lin").user, timezone.now()
    first, _ = services.make_link(user, purpose=PASSWORD, by=None, now=now)
    other, _ = services.make_link(user, purpose=ACTIVATION, by=None, now=now)
    second, _ = services.make_link(user, purpose=PASSWORD, by=None, now=now)

    with pytest.raises(services.LinkNotValidError):
        services.redeem(first, purpose=PASSWORD, now=now)
    services.find_link(other, purpose=ACTIVATION, now=now)
    services.sign_out_everywhere(user, now=now)
    with pytest.raises(services.LinkNotValidError):
        services.redeem(second, purpose=PASSWORD, now=now)


def test_of_64_who_use_a_link_at_once_one_gets_through(transactional_db: None) -> None:
    user, now = a_host("lin").user, timezone.now()
    text, _ = services.make_link(user, purpose=PASSWORD, by=None, now=now)

    results = at_once([lambda: services.redeem(text, purpose=PASSWORD, now=now)] * 64)

    assert Counter(map(type, results)) == {type(user): 1, services.LinkNotValidError: 63}
