"""A host's customers through the API: hers, masked, and nobody else's."""

from uuid import uuid4

import pytest
from django.test import Client

from apps.accounts.models import Host
from apps.customers import services
from apps.customers.models import Note, Relation
from apps.records.models import AccessLog
from tests.factories import MORNING, a_host, api_of

pytestmark = pytest.mark.django_db


def _relation(host: Host, phone: str = "13800008000", name: str = "张小雨") -> Relation:
    return services.find_or_make_relation(host, phone=phone, name=name, source="order", now=MORNING)[0]


def test_the_list_is_hers_masked_and_paged_by_cursor() -> None:
    host = a_host()
    _relation(host)
    _relation(a_host("zhen", "阿珍"), phone="13900009000", name="别人家的")

    body = api_of(host).get("/api/v1/customers/").json()

    assert [row["name"] for row in body["results"]] == ["张小雨"]
    assert body["results"][0]["phone"] == "138****8000"
    assert body["count"] is None


def test_the_last_four_digits_find_her_own_only() -> None:
    host = a_host()
    _relation(host)
    _relation(host, phone="13900001111", name="李四")
    _relation(a_host("zhen", "阿珍"), phone="13700008000", name="别人家的")

    found = api_of(host).get("/api/v1/customers/", {"last4": "8000"}).json()["results"]

    assert [row["name"] for row in found] == ["张小雨"]


@pytest.mark.parametrize("query", [{"last4": "80"}, {"last4": "８０００"}, {"stage": "king"}])
def test_a_filter_that_cannot_be_is_named(query: dict[str, str]) -> None:
    answer = api_of(a_host()).get("/api/v1/customers/", query)

    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == set(query)


@pytest.mark.parametrize(
    ("method", "suffix", "body"),
    [
        ("get", "", None),
        ("patch", "", {"remark": "我的了"}),
        ("post", "reveal/", {}),
        ("get", "notes/", None),
        ("post", "notes/", {"text": "偷看"}),
        ("post", "tags/", {"name": "偷"}),
    ],
)
def test_a_foreign_customer_is_not_there_on_any_route(method: str, suffix: str, body: object) -> None:
    theirs = _relation(a_host("zhen", "阿珍"))
    client = api_of(a_host())

    def ask(public_id: object) -> tuple[int, object]:
        address = f"/api/v1/customers/{public_id}/{suffix}"
        answer = getattr(client, method)(address, body, content_type="application/json")
        return answer.status_code, answer.json()

    assert ask(theirs.public_id) == ask(uuid4())
    assert ask(theirs.public_id)[0] == 404
    assert not Note.objects.exists()
    assert not AccessLog.objects.exists()
    assert Relation.objects.get(pk=theirs.pk).remark == ""


def test_a_reveal_shows_the_phone_and_is_written_down() -> None:
    host = a_host()
    relation = _relation(host)

    answer = api_of(host).post(f"/api/v1/customers/{relation.public_id}/reveal/")

    assert answer.json() == {"phone": "13800008000"}
    [row] = AccessLog.objects.all()
    assert (row.actor_id, row.relation_id, row.action, row.fields) == (
        host.user_id,
        relation.pk,
        "reveal",
        "手机号",
    )
    assert "13800008000" not in str(vars(row))


@pytest.mark.parametrize(
    "field", ["host", "host_id", "customer", "imported_stage", "joined_at", "public_id", "phone_index"]
)
def test_only_the_declared_fields_can_be_written(field: str) -> None:
    host = a_host()
    relation = _relation(host)
    before = Relation.objects.filter(pk=relation.pk).values().get()

    api_of(host).patch(
        f"/api/v1/customers/{relation.public_id}/", {field: "1"}, content_type="application/json"
    )

    after = Relation.objects.filter(pk=relation.pk).values().get()
    keep = {
        "host_id", "customer_id", "imported_stage", "joined_at", "public_id", "phone_index", "source",
        "ended_at",
    }  # fmt: skip
    assert {name: after[name] for name in keep} == {name: before[name] for name in keep}


def test_a_bad_phone_is_named_and_changes_nothing() -> None:
    host = a_host()
    relation = _relation(host)

    answer = api_of(host).patch(
        f"/api/v1/customers/{relation.public_id}/",
        {"remark": "新备注", "phone": "139OOOO1111"},
        content_type="application/json",
    )

    assert answer.status_code == 400
    assert answer.json()["fields"] == {"phone": ["手机号里有字母 O：请把 O 改成数字 0。"]}
    assert Relation.objects.get().remark == ""


def test_a_remark_is_cleaned_as_every_name_is() -> None:
    host = a_host()
    relation = _relation(host)

    answer = api_of(host).patch(
        f"/api/v1/customers/{relation.public_id}/",
        {"remark": "\u202e三楼 小雨\u200b", "phone": "\u202d13911112222\u202c"},
        content_type="application/json",
    )

    assert answer.status_code == 200
    relation.refresh_from_db()
    assert (relation.remark, relation.phone) == ("三楼 小雨", "+8613911112222")


def test_the_cookie_of_a_session_needs_the_csrf_token() -> None:
    host = a_host()
    relation = _relation(host)
    client = Client(enforce_csrf_checks=True)
    client.force_login(host.user)

    answer = client.patch(
        f"/api/v1/customers/{relation.public_id}/", {"remark": "x"}, content_type="application/json"
    )

    assert answer.status_code == 403
