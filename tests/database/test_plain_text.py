"""Names and short texts that people read are one clean line, by whatever door they come in."""

from pathlib import Path
from typing import Any

import pytest
from django.db import models

from apps.accounts import access, roles
from apps.accounts.imports import hosts
from apps.accounts.models import Host, Organisation
from apps.catalog.models import Brand
from apps.database.fields import PlainCharField
from apps.records.classification import our_models
from tests.factories import MORNING, a_company, a_host
from tests.library.desk import a_person, browser

TURNED, UNSEEN = "\u202e", "\u200b\u2060"
#: What a short text that people read is called.
READ = {"name", "title", "subtitle", "label", "tagline", "theme", "caption", "pitch"}
#: Ours to write, or kept by Wagtail's and Django's own models.
OTHERS = {
    "accounts.Authenticator.name",
    "media.Image.title", "outbox.Job.name", "privacy.Rotation.name",
    "tracking.Checkpoint.name", "tracking.Event.name", "wecom.MassSend.title",
}  # fmt: skip


def test_every_name_has_the_strict_door() -> None:
    lax = {
        f"{model._meta.label}.{field.name}"
        for model in our_models()
        for field in model._meta.local_concrete_fields
        if field.name in READ
        and isinstance(field, models.CharField)
        and not field.choices
        and not isinstance(field, PlainCharField)
    }

    assert lax == OTHERS


@pytest.mark.django_db
def test_a_host_s_name_and_line_are_cleaned_where_they_are_edited() -> None:
    host = a_host("lin")
    page = f"/hq/hosts/{host.public_id}/"
    client: Any = browser(a_person(roles.OPERATOR))
    form = {"name": UNSEEN, "kind": host.kind, "tagline": f"{TURNED}一句话"}

    client.post(page, form)
    host.refresh_from_db()
    assert host.name == "林姐"
    client.post(page, {**form, "name": f"林{TURNED}\n姐"})
    host.refresh_from_db()
    assert (host.name, host.tagline) == ("林 姐", "一句话")


@pytest.mark.django_db
def test_an_organisation_s_name_is_cleaned() -> None:
    client: Any = browser(a_person(roles.ADMIN))
    form = {"kind": "region", "code": "", "parent": a_company().pk}

    client.post("/hq/organisations/new/", {**form, "name": f"华{TURNED}东"})
    client.post("/hq/organisations/new/", {**form, "name": UNSEEN})

    assert [one.name for one in Organisation.objects.filter(depth=2)] == ["华东"]


@pytest.mark.django_db
def test_a_file_of_hosts_brings_clean_names_alone(tmp_path: Path) -> None:
    company = a_company().name
    file = tmp_path / "hosts.csv"
    rows = [f'x1,"林\n姐",{company}', f"x2,{TURNED}阿珍,{company}", f"x3,{UNSEEN},{company}"]
    file.write_text("\n".join(["登录账号,称呼,组织", *rows, ""]), encoding="utf-8")

    outcome = hosts.import_hosts(file, nodes=access.organisations(), by=None, now=MORNING)

    assert [host.name for host in Host.objects.order_by("user__username")] == ["林 姐", "阿珍"]
    assert [host.user.first_name for host in Host.objects.order_by("user__username")] == ["林 姐", "阿珍"]
    assert [row.reason for row in outcome.rejected] == ["没有写称呼"]


@pytest.mark.django_db
def test_no_code_writes_past_it() -> None:
    brand = Brand.objects.create(name=f"{TURNED}山野\t集")
    assert brand.name == "山野 集"
    Brand.objects.filter(pk=brand.pk).update(name=f"山{TURNED}野")
    Brand.objects.bulk_create([Brand(name=f"海{TURNED}边")])

    assert sorted(Brand.objects.values_list("name", flat=True)) == sorted(["山野", "海边"])
