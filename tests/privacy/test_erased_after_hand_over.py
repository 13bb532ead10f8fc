"""Who is erased after she was handed over is forgotten at the host before as well."""

from pathlib import Path

import pytest
from django.utils import timezone

from apps.accounts.models import Host
from apps.customers.handover.acts import hand_over
from apps.customers.models import Relation
from apps.outbox.models import Letter
from apps.outbox.services import deliveries
from apps.privacy.models import ExportRequest
from apps.privacy.services import exports
from tests.factories import a_host
from tests.imports.files import counts, customers, sent_back
from tests.privacy.test_erased_marks import erase, file_of, known
from tests.privacy.test_erased_meanwhile import erase as erase_at_once
from tests.privacy.test_erased_meanwhile import once_after

pytestmark = pytest.mark.django_db


@pytest.fixture
def lin() -> Host:
    return a_host("lin")


@pytest.fixture
def zhen() -> Host:
    return a_host("zhen", "阿珍")


def moved(relation: Relation, to: Host) -> Relation:
    rows = Relation.objects.filter(pk=relation.pk)
    hand_over(relation.host, to, relations=rows, scope="她", reason="换区", by=None, now=timezone.now())
    return Relation.objects.get(pk=relation.pk)


def test_the_export_of_the_host_before_goes(lin: Host, zhen: Host) -> None:
    hers = known(lin)
    export = exports.ask_own(lin, what="customers", now=timezone.now())
    exports.build({"id": export.pk}, timezone.now())
    export.refresh_from_db()
    assert (export.state, export.rows) == ("ready", 1)

    erase(moved(moved(hers, zhen), a_host("mei", "小美")))

    with pytest.raises(exports.TooLateError):
        exports.fetch(export, by=lin.user, now=timezone.now())
    assert ExportRequest.objects.get().file == ""


def test_an_export_that_is_being_written_is_written_anew(
    lin: Host, zhen: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    hers = known(lin)
    export = exports.ask_own(lin, what="customers", now=timezone.now())
    once_after(monkeypatch, exports, "workbook", lambda: erase_at_once(moved(hers, zhen)))

    exports.build({"id": export.pk}, timezone.now())

    export.refresh_from_db()
    assert (export.state, export.rows) == ("ready", 0)


def test_a_file_brings_her_back_to_neither(tmp_path: Path, lin: Host, zhen: Host) -> None:
    erase(moved(known(lin), zhen))

    outcome = customers(file_of(tmp_path, "lin", "zhen"))

    assert counts(outcome) == (2, 0, 0, 0, 2)
    assert all("要求删除过资料" in line for line in sent_back(outcome))
    assert not Relation.objects.open().exists()


def test_letters_to_the_host_before_are_emptied(lin: Host, zhen: Host) -> None:
    hers = known(lin)
    deliveries.queue("app-message", key="about-her", body="王芳 下单了", host_id=lin.pk)
    deliveries.queue("app-message", key="other", body="王芳 又来了", host_id=a_host("mei", "小美").pk)

    erase(moved(hers, zhen))

    bodies = [str(one.body) for one in Letter.objects.all()]
    assert [body for body in bodies if "王芳" in body] == ["王芳 又来了"]
