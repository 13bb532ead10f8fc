"""Who may invite and decide about whom."""

from typing import Any

import pytest
from django.contrib.auth.models import Group

from apps.accounts import roles
from apps.accounts.models import Host, Invitation, User
from tests.accounts.applying import an_invitation, applied, approval
from tests.factories import a_branch
from tests.library.desk import a_person, browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def region() -> Any:
    east, south = a_branch("华东"), a_branch("华南")
    manager = User.objects.create_user(username="region", first_name="区域", organisation=east)
    manager.groups.add(Group.objects.get(name=roles.REGION_MANAGER))
    return manager, east, south


def test_a_region_manager_invites_and_decides_in_her_own_branch(region: Any) -> None:
    manager, east, south = region
    client = browser(manager)
    form = {"kind": "guide", "level": 1, "uses": 1, "days": "1", "label": ""}

    assert "join/" in client.post("/hq/invitations/add/", {**form, "organisation": east.pk}).content.decode()
    client.post("/hq/invitations/add/", {**form, "organisation": south.pk})
    assert [row.organisation_id for row in Invitation.objects.all()] == [east.pk]

    here, _ = an_invitation(organisation=east)
    there, other = an_invitation(organisation=south, by=a_person(roles.OPERATOR, "o2"))
    mine = applied(here, phone="13800008001")[1]
    theirs = applied(there, phone="13800008002", name="外区的人")[1]

    assert client.get(f"/hq/applications/{mine.public_id}/").status_code == 200
    listed = client.get("/hq/applications/").content.decode()
    assert "外区的人" not in listed
    for address in (
        f"/hq/applications/{theirs.public_id}/",
        f"/hq/invitations/{other.public_id}/",
    ):
        assert client.get(address).status_code == 404
    for address in (
        f"/hq/applications/{theirs.public_id}/approve/",
        f"/hq/applications/{theirs.public_id}/refuse/",
        f"/hq/invitations/{other.public_id}/revoke/",
    ):
        assert client.post(address, approval(reason="x")).status_code == 404
    # Nor does she place her own applicant elsewhere.
    client.post(f"/hq/applications/{mine.public_id}/approve/", approval(organisation=south.pk))
    assert not Host.objects.exists()


def test_whoever_may_not_invite_gets_nothing() -> None:
    secret, invitation = an_invitation()
    application = applied(secret)[1]
    analyst = browser(a_person(roles.ANALYST, "analyst"))

    for address in (
        "/hq/invitations/",
        "/hq/invitations/add/",
        f"/hq/invitations/{invitation.public_id}/",
        "/hq/applications/",
        f"/hq/applications/{application.public_id}/",
    ):
        assert analyst.get(address).status_code == 302
    analyst.post(f"/hq/applications/{application.public_id}/approve/", approval())
    analyst.post(f"/hq/invitations/{invitation.public_id}/revoke/")
    assert not Host.objects.exists()
    invitation.refresh_from_db()
    assert invitation.revoked_at is None
