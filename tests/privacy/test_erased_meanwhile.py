"""A file that is being written while somebody is erased is finished without her, or not at all."""

from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from apps.customers import services as customers
from apps.customers.models import Relation
from apps.privacy.models import ExportRequest, RightsRequest
from apps.privacy.services import data_requests, exports
from tests.factories import a_host
from tests.privacy.traces import found, opened_rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def yu() -> Relation:
    relation, _ = customers.find_or_make_relation(
        a_host("lin"), phone="13800138000", name="张小雨", source="manual", now=timezone.now()
    )
    return relation


def vouched(relation: Relation, kind: str) -> RightsRequest:
    now = timezone.now()
    secret = data_requests.vouch(
        host_id=relation.host_id, relation_id=relation.pk, phone="", by=relation.host.user, now=now
    )
    request: Any = data_requests.behind(secret, now=now)
    return data_requests.prove_by_host(request, kind=kind, last4="", now=now)


def erase(relation: Relation) -> None:
    request = vouched(relation, "erase")
    data_requests.erase({"id": request.pk}, timezone.now())


def once_after(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, act: Any) -> None:
    """Have `act` done between what `name` has read and what is made of it, the first time alone."""
    real, done = getattr(module, name), []

    def slow(*args: Any, **kwargs: Any) -> Any:
        result = real(*args, **kwargs)
        if not done:
            done.append(True)
            act()
        return result

    monkeypatch.setattr(module, name, slow)


def test_an_export_is_written_anew_without_her(yu: Relation, monkeypatch: pytest.MonkeyPatch) -> None:
    other, _ = customers.find_or_make_relation(
        yu.host, phone="13900139000", name="李静", source="manual", now=timezone.now()
    )
    export = exports.ask_own(yu.host, what="customers", now=timezone.now())
    once_after(monkeypatch, exports, "workbook", lambda: erase(yu))
    written: list[Any] = []
    real = exports.workbook

    def noting(**told: Any) -> Any:
        written.append(str(told["rows"]))
        return real(**told)

    monkeypatch.setattr(exports, "workbook", noting)

    exports.build({"id": export.pk}, timezone.now())

    export.refresh_from_db()
    assert (export.state, export.rows) == ("ready", 1)
    assert "13800138000" in written[0]
    assert "13800138000" not in written[-1]
    assert "李静" in written[-1]
    assert other.blocked_at is None


def test_hq_s_export_is_written_anew_too(yu: Relation, monkeypatch: pytest.MonkeyPatch) -> None:
    from apps.accounts import roles
    from apps.records.declarations import Span
    from tests.library.desk import a_person

    export = exports.ask(
        a_person(roles.OPERATOR),
        what="customers",
        span=Span(None, None),
        is_clear=True,
        reason="核对全部客户资料",
        now=timezone.now(),
    )
    exports.decide(export, by=a_person(roles.ADMIN), approves=True, note="", now=timezone.now())
    once_after(monkeypatch, exports, "workbook", lambda: erase(yu))

    exports.build({"id": export.pk}, timezone.now())

    export.refresh_from_db()
    assert (export.state, export.rows) == ("ready", 0)


def test_a_copy_of_who_was_erased_meanwhile_leaves_no_file(
    yu: Relation, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = vouched(yu, "export")
    once_after(monkeypatch, data_requests, "gathered", lambda: erase(yu))

    data_requests.copy({"id": copy.pk}, timezone.now())

    copy.refresh_from_db()
    assert (copy.state, copy.file) == ("expired", "")
    assert not default_storage.exists(f"rights/{copy.public_id}")
    assert found(["13800138000"], opened_rows()) == []


def test_a_copy_that_reaches_further_is_made_again_without_what_one_host_erased(
    yu: Relation, monkeypatch: pytest.MonkeyPatch
) -> None:
    mei = a_host("mei", "小美")
    customers.find_or_make_relation(
        mei, phone="13800138000", name="雨妹妹", source="manual", now=timezone.now()
    )
    now = timezone.now()
    secret = data_requests.ask(phone="13800138000", kind="export", now=now)
    request: Any = data_requests.behind(secret, now=now)
    code = data_requests.make_code(request, by=mei.user, now=now)
    request = data_requests.prove_by_code(request, code=code, now=now)
    once_after(monkeypatch, data_requests, "gathered", lambda: erase(yu))

    def words() -> str:
        data_requests.copy({"id": request.pk}, now)
        request.refresh_from_db()
        return str(data_requests.copy_of(request, now=now))

    while_written = words()
    assert "雨妹妹" in while_written
    assert "张小雨" not in while_written
    # And one that lay ready before is taken away and made again.
    again, _ = customers.find_or_make_relation(
        yu.host, phone="13700137000", name="张小雨", source="manual", now=timezone.now()
    )
    request.relation_ids = [*request.relation_ids, again.pk]
    request.save()
    erase(again)
    request.refresh_from_db()
    assert (request.state, request.file) == ("verified", "")
    assert "雨妹妹" in words()


def test_nothing_is_built_of_an_export_that_ended(yu: Relation) -> None:
    export = exports.ask_own(yu.host, what="customers", now=timezone.now())
    exports.build({"id": export.pk}, timezone.now())

    erase(yu)

    export = ExportRequest.objects.get(pk=export.pk)
    assert (export.state, export.file) == ("expired", "")
