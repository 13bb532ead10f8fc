"""Nothing personal is kept longer than the settings say; a hold keeps; the report changes nothing."""

import io
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt
from django.conf import settings as configured
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db.models import Sum
from django.test import Client
from django.utils import timezone
from wagtail.admin.models import FormState

from apps.accounts import roles
from apps.accounts.joining.notice import notice_text
from apps.customers.models import Relation
from apps.lib.pii import Kept
from apps.library.models import Material
from apps.outbox.models import Delivery
from apps.outbox.services import jobs
from apps.privacy.services import retention
from apps.records.models import LegalHold
from apps.trade.models import Order
from tests.library.desk import a_person
from tests.privacy import traces
from tests.privacy.people import TRACES, Her, her
from tests.projecting import make_months_ahead

pytestmark = pytest.mark.django_db
YEAR = timedelta(days=365)


@pytest.fixture(autouse=True)
def months_ahead(db: None) -> None:
    """Who is erased by the clock leaves an event of that day."""
    make_months_ahead(62)


@pytest.fixture
def she() -> Her:
    made = her()
    for relation in (made.at_lin, made.at_mei):
        Relation.objects.filter(pk=relation.pk).update(ended_at=timezone.now())
    return made


def report() -> str:
    out = io.StringIO()
    call_command("apply_retention", "--dry-run", stdout=out)
    return out.getvalue()


def test_every_class_has_a_period() -> None:
    assert set(configured.RETENTION) == {one.value for one in Kept}


def test_the_report_changes_nothing(she: Her) -> None:
    with time_machine.travel(timezone.now() + 5 * YEAR, tick=False):
        before = sorted(traces.raw_rows())
        said = report()

        assert sorted(traces.raw_rows()) == before
    assert "旧订单的收货信息" in said
    assert "早已结束的客户关系" in said


def test_each_class_ends_when_the_settings_say_and_not_before(she: Her) -> None:
    now = timezone.now()
    money = Order.objects.aggregate(Sum("total_fen"))
    delivered(now)

    def after(days: float) -> dict[str, int]:
        with time_machine.travel(now + timedelta(days=days), tick=False):
            return {
                line.label: line.amount
                for line in retention.end_what_is_due(now=timezone.now())
                if line.amount
            }

    assert "防重复下单的标记" not in after(0.9)
    assert after(1.1)["防重复下单的标记"] >= 1
    assert "收到的事件原文" not in after(29.9)
    assert after(30.1)["收到的事件原文"] == 1
    assert "发过的消息正文" not in after(89.9)
    assert after(90.1)["发过的消息正文"] == 1
    assert after(3 * 365 - 1).keys() <= {"很久没来的设备"}
    late = after(3 * 365 + 1)
    assert late["旧订单的收货信息"] == Order.objects.count()
    assert late["早已结束的客户关系"] == 2
    assert [one for one in traces.found(TRACES, traces.opened_rows()) if one[0] != "customers_identity"] == []
    assert Order.objects.aggregate(Sum("total_fen")) == money


def delivered(now: datetime) -> None:
    """Everything that was to be sent has been."""
    Delivery.objects.update(state=Delivery.State.SENT, sent_at=now)


def test_the_report_says_what_the_run_ends(she: Her) -> None:
    """Each rule counts what it clears, where one turn of it can clear all."""
    delivered(timezone.now())
    with time_machine.travel(timezone.now() + 5 * YEAR, tick=False):
        now = timezone.now()
        said = {line.label: line.amount for line in retention.report(now=now)}
        done = {line.label: line.amount for line in retention.end_what_is_due(now=now)}

    assert said.keys() == done.keys()
    assert {label: said[label] for label, amount in done.items() if amount and not said[label]} == {}
    assert said["收到的事件原文"] == done["收到的事件原文"] == 1


def test_the_notice_promises_what_the_settings_say(settings: Any) -> None:
    settings.RETENTION = {**settings.RETENTION, "applicant": timedelta(days=45)}
    assert "没有通过的申请，45 天后删除" in notice_text("晨光")

    settings.RETENTION = {**settings.RETENTION, "applicant": None}
    with pytest.raises(ImproperlyConfigured, match="applicant"):
        notice_text("晨光")


def test_a_hold_keeps_what_is_past_its_time(she: Her) -> None:
    LegalHold.objects.create(
        relation_id=she.at_lin.pk, reason="诉讼", placed_by=she.lin.user, placed_at=timezone.now()
    )

    with time_machine.travel(timezone.now() + 5 * YEAR, tick=False):
        retention.end_what_is_due(now=timezone.now())

    assert Relation.objects.get(pk=she.at_lin.pk).remark == "雨姐"
    assert Relation.objects.get(pk=she.at_mei.pk).remark == ""


def test_who_still_buys_is_kept(she: Her) -> None:
    with time_machine.travel(timezone.now() + 5 * YEAR, tick=False):
        retention.end_what_is_due(now=timezone.now())

    assert Relation.objects.get(pk=she.stranger.pk).name == "王别人"  # the relation never ended


def test_the_job_runs_each_day(she: Her) -> None:
    jobs.queue_period("privacy.retention", now=timezone.now())
    jobs.queue_period("privacy.retention", now=timezone.now())

    assert jobs.drain(seconds=60) == 1


def test_drafts_for_a_preview_and_wrong_passwords_are_gone_after_a_day(db: None) -> None:
    editor, kind = a_person(roles.EDITOR), ContentType.objects.get_for_model(Material)
    FormState.objects.create(
        user=editor, content_type=kind, object_id="1", data="title=她的故事", last_updated_at=timezone.now()
    )
    Client().post("/login/", {"username": "lin", "password": "wrong-one"})

    for hours, left in ((23, 1), (25, 0)):
        with time_machine.travel(timezone.now() + timedelta(hours=hours), tick=False):
            retention.end_what_is_due(now=timezone.now())
        assert (FormState.objects.count(), AccessAttempt.objects.count()) == (left, left)
