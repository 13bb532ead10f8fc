"""The URLconf walked: every route with an address that is really there, and whether somebody got it."""

import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any

from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from apps.accounts import roles, services
from apps.accounts.models import Host, Organisation, User
from apps.accounts.services import joining
from apps.catalog import services as catalog
from apps.catalog.models import Brand, Category, Supplier
from apps.console.urls import CLOSED
from apps.customers import services as customers
from apps.customers.models import HandOver
from apps.learning.cases import services as cases
from apps.learning.training import services as training
from apps.lib.ids import uuid7
from apps.lib.masks import mask_name, mask_phone
from apps.library.models import Festival, ForbiddenWord, PosterTemplate
from apps.media.models import Video
from apps.records.models import Alert
from apps.records.services import consents
from apps.stories import services as stories
from apps.tracking import services as tracking
from apps.tracking.models import Event
from apps.trade import services as trade
from apps.trade.pricing import Item, quote
from apps.wecom.models import MassSend
from tests.console import desk
from tests.learning.cases import published
from tests.learning.lessons import a_lesson, a_path
from tests.library import desk as editorial
from tests.media import samples

#: The columns of the table.
PEOPLE = dict(zip("AERMODGS", roles.ALL, strict=True))
#: What of the customer may stand on a page, whole or masked.
PERSONAL = (desk.NAME, desk.PHONE, desk.ADDRESS, mask_name(desk.NAME), mask_phone(f"+86{desk.PHONE}"))
#: Answers of somebody who got past the door; a form that is not filled in is one.
INSIDE = {400, 409, 415, 422, 429}
OUTSIDE = {401, 403, 404, 405}
#: Patterns that match what nothing else does: a 404 for whoever may enter.
CATCH_ALL = {f"hq/{CLOSED}", "hq/^.*/$", "hq/^snippets/$"}
#: Pages that lead whoever is signed in home: there a redirect home is what they are for.
DOORS = {
    "login/",
    "logout/",
    "hq/login/",
    "hq/logout/",
    "second-step/",
    "second-step/set-up/",
    "me/settings/sign-out-everywhere/",
}


def routes() -> list[str]:
    """Each route once, as it is written in the URLconf; what the console closes is not there."""
    closed = re.compile("hq/" + CLOSED.removeprefix("^"))
    found = dict.fromkeys(_walk(get_resolver(), ""))
    return [
        route for route in found if route not in CATCH_ALL and not closed.match(re.sub("<[^>]+>", "1", route))
    ]


def _walk(node: URLResolver | URLPattern, before: str) -> Iterator[str]:
    text = before + str(node.pattern).removeprefix("^/")
    if isinstance(node, URLResolver):
        for child in node.url_patterns:
            yield from _walk(child, text)
    else:
        yield text


def put_down(answer: Any) -> None:
    """Close the file behind a streamed answer; `answer.close()` would take the database along."""
    for close in answer._resource_closers if answer.streaming else ():
        close()


def assert_no_cache_keeps_persons(answer: Any, route: str) -> None:
    """An answer with a word of a customer, whole or masked, says `no-store`."""
    if answer.streaming or "no-store" in answer.get("Cache-Control", ""):
        return
    text = answer.content.decode(errors="replace")
    found = [word for word in PERSONAL if word in text]
    assert not found, (route, found, answer.get("Cache-Control"))


def revisions_of(pk: Any) -> dict[str, Any]:
    """A version, alone and compared with the newest."""
    return {"revision_id": pk, "revision_id_a": pk, "revision_id_b": "latest"}


class World:
    """One of each thing that has an address: 林姐's in 华东, seen by everybody at HQ."""

    def __init__(self) -> None:
        house, now = desk.furnish(), timezone.now()
        self._clients: dict[str, tuple[Client, SimpleCookie]] = {}
        #: The events that reading left, by route.
        self.written: dict[str, set[str]] = {}
        self.host: Host = house.host
        self.people: dict[str, User] = dict(zip(PEOPLE, desk.everybody().values(), strict=True))
        boss = self.people["A"]
        item = catalog.add_to_shelf(self.host, house.product, now=now)
        tag = customers.tag_relation(house.relation, name="爱喝茶", by=self.host.user, now=now)
        link = tracking.link_for(
            self.host, subject_kind="shelf", subject_id=self.host.pk, channel="group", now=now
        )
        _, token = services.issue_token(self.host.user, is_verified=False, now=now, name="收银")
        self.password_link, _ = services.make_password_link(self.host.user, by=boss, now=now)
        placed = trade.place_order(
            quote(self.host, [Item(sku=house.product.skus.get(), quantity=1)]),
            name="张小雨",
            phone=desk.PHONE,
            address=desk.ADDRESS,
            now=now,
        )
        consent = consents.give_consent(
            notice=consents.notice_for("marketing", "有新品时可以联系我", now=now),
            recipient="林姐",
            host_id=self.host.pk,
            channel="order",
            relation_id=placed.order.relation_id,
            order_id=placed.order.pk,
            now=now,
        )
        secret, invitation = joining.invite(
            organisation=self.host.organisation,
            kind=Host.Kind.OWNER,
            level=1,
            uses=5,
            expires_at=now + timedelta(days=7),
            by=boss,
            now=now,
        )
        alert = Alert.objects.create(
            kind=Alert.Kind.MANY_REVEALS,
            # Nobody closes what is about themselves, and the administrator opens every page.
            actor_id=self.people["S"].pk,
            actor_name="x",
            day=now.date(),
            count=51,
            raised_at=now,
        )
        revision = house.material.latest_revision or house.material.save_revision(user=house.editor)
        issue_revision = house.issue.latest_revision or house.issue.save_revision(user=house.editor)
        application_secret, application = joining.submit_application(
            secret,
            name="林小满",
            phone="13800001111",
            wecom_userid="",
            why="",
            notice_sha256=b"y" * 32,
            now=now,
        )
        hand_over = HandOver.objects.create(
            from_host=house.elsewhere,
            to_host=self.host,
            reason="换区",
            scope="全部客户",
            state=HandOver.State.DONE,
            started_at=now,
            finished_at=now,
        )
        case = published(self.host)
        adoption = cases.adopt(case, self.host, now=now)
        lesson = a_lesson("练习课", task="问候一次", questions=())
        path = a_path(lesson)
        practice = training.hand_in(lesson, self.host, upload=samples.picture(), now=now)
        story_secret, story = stories.ask(
            house.relation,
            title="自己盛粥",
            called="妈妈",
            text="孩子以前不吃早饭，现在自己盛。",
            pictures=[samples.picture()],
            now=now,
        )
        seen = stories.mark_of(story, stories.notice(now=now))
        stories.agree(story, seen=seen, evidence={}, now=now)
        shown = story.pictures.get().public_id
        picture = editorial.a_picture()
        film = Video.objects.create(
            title="片",
            file="x.mp4",
            cover=editorial.a_picture(),
            duration_s=3,
            size_bytes=9,
            width=9,
            height=9,
        )
        send = MassSend.objects.create(
            host=self.host,
            channel="group",
            key=uuid7(),
            title="茶",
            audience="我的全部客户群",
            created_at=now,
        )
        sku = house.product.skus.get()
        self.queries = {"s/<str:code>/order/": f"?sku={sku.public_id}"}
        #: Longest prefix first: the values that stand for the parameters of a route.
        self.values: dict[str, dict[str, Any]] = {
            "hq/materials/": {"pk": house.material.pk, **revisions_of(revision.pk)},
            "hq/issues/": {"pk": house.issue.pk, **revisions_of(issue_revision.pk)},
            "hq/snippets/choose/library/material/": {"pk": house.material.pk},
            "hq/snippets/choose/library/issue/": {"pk": house.issue.pk},
            "hq/snippets/choose/learning/lesson/": {"pk": lesson.pk},
            "hq/cases/": {"pk": case.pk, **revisions_of(case.latest_revision_id)},
            "hq/lessons/": {"pk": lesson.pk, **revisions_of(lesson.latest_revision_id)},
            "hq/paths/": {"pk": path.pk, **revisions_of(path.latest_revision_id)},
            "hq/hosts/choose/": {"pk": self.host.pk},
            "hq/practices/": {"public_id": practice.public_id},
            "hq/stories/": {"public_id": story.public_id},
            "hq/stories/pictures/": {"public_id": shown},
            "stories/": {"public_id": story.public_id},
            "stories/pictures/": {"public_id": shown},
            "u/": {"token": story_secret, "public_id": shown},
            "hq/insights/cases/": {"public_id": case.public_id},
            "cases/": {"public_id": case.public_id},
            "cases/lists/": {"public_id": adoption.public_id},
            "cases/steps/": {"public_id": adoption.steps.all()[0].public_id},
            "learn/lessons/": {"public_id": lesson.public_id},
            "learn/practices/": {"public_id": practice.public_id},
            "hq/lists/": {"key": "products", "act": "offer", "public_id": self.host.public_id},
            "hq/products/": {"pk": house.product.pk},
            "hq/categories/": {"pk": Category.objects.get().pk},
            "hq/brands/": {"pk": Brand.objects.get().pk},
            "hq/suppliers/": {"pk": Supplier.objects.get().pk},
            "hq/videos/": {"pk": film.pk},
            "hq/poster-templates/": {"pk": PosterTemplate.objects.create(name="冬日").pk},
            "hq/festivals/": {"pk": Festival.objects.earliest("pk").pk},
            "hq/images/": {"image_id": picture.pk, "pk": picture.pk},
            "hq/helping/": {"public_id": self.host.public_id},
            "hq/hosts/": {"public_id": self.host.public_id, "to": "suspended"},
            "hq/applications/": {"public_id": application.public_id},
            "hq/invitations/": {"public_id": invitation.public_id},
            "hq/hand-overs/": {"public_id": hand_over.public_id},
            "hq/hand-overs/from/": {"public_id": self.host.public_id},
            "hq/organisations/": {"pk": Organisation.objects.latest("pk").pk},
            "hq/customers/": {"public_id": house.relation.public_id},
            "hq/orders/": {"public_id": house.order.public_id},
            "hq/privacy-alerts/": {"public_id": alert.public_id},
            "hq/staff/": {"pk": house.editor.pk},
            "hq/ways-in/": {"public_id": self.host.user.public_id},
            "hq/insights/": {"name": "orders"},
            "hq/fortnights/": {
                "pk": house.issue.pk,
                "day": 1,
                "material": house.material.pk,
                "part": "created",
            },
            "hq/words/": {"pk": ForbiddenWord.objects.earliest("pk").pk},
            "hq/fortnights/materials/": {"pk": house.material.pk},
            "hq/insights/issues/": {"public_id": house.issue.public_id},
            "hq/insights/materials/": {"public_id": house.material.public_id},
            "hq/tag-autocomplete/": {"app_name": "taggit", "model_name": "tag"},
            "hq/editing-sessions/": {
                "app_label": "library",
                "model_name": "material",
                "object_id": house.material.pk,
            },
            "api/v1/products/": {"public_id": house.product.public_id},
            "api/v1/shelf/": {"public_id": item.public_id},
            "api/v1/customers/": {"public_id": house.relation.public_id, "tag_id": tag.public_id},
            "api/v1/materials/": {"public_id": house.material.public_id},
            "api/v1/orders/": {"public_id": house.order.public_id},
            "materials/": {"public_id": house.material.public_id},
            "offers/": {"public_id": house.product.public_id},
            "shelf/": {"public_id": item.public_id},
            "customers/": {"public_id": house.relation.public_id, "tag_id": tag.public_id},
            "me/sends/": {"public_id": send.public_id},
            "me/orders/": {"public_id": house.order.public_id},
            "me/numbers/": {"name": "visits"},
            "me/settings/pictures/": {"kind": "face"},
            "me/settings/tokens/": {"public_id": token.public_id},
            "s/": {"code": link.code, "public_id": house.product.public_id},
            "join/": {"token": secret},
            "join/state/": {"token": application_secret},
            "o/": {"token": placed.token, "public_id": consent.public_id},
            "password/": {"token": self.password_link},
        }

    def address(self, route: str) -> str:
        """The address of something that is there; what has no value here is 1."""
        prefix = max((known for known in self.values if route.startswith(known)), key=len, default="")
        values = self.values.get(prefix, {})

        def value(found: re.Match[str]) -> str:
            return str(values.get(found[1], 1))

        text = re.sub(r"\(\?P<(\w+)>[^()]*\)", value, route)
        text = re.sub(r"<(?:\w+:)?(\w+)>", value, text)
        text += self.queries.get(route, "")
        return "/" + text.replace("^", "").rstrip("$").replace(r"\.", ".")

    def _client(self, letter: str) -> Client:
        """The person's browser, signed in as at first: loading the middleware costs as much as a page."""
        if letter not in self._clients:
            client = Client(raise_request_exception=False)
            if letter != "-":
                client.force_login(self.host.user if letter == "H" else self.people[letter])
            self._clients[letter] = client, deepcopy(client.cookies)
        client, cookies = self._clients[letter]
        client.cookies = deepcopy(cookies)
        return client

    def gets(self, letter: str, route: str) -> bool:
        """Whether the person of this column gets the route; nothing of what it does stays."""
        client = self._client(letter)
        path = route.removeprefix("POST ")
        method = "post" if path != route else ""
        with transaction.atomic():
            before = Event.objects.count()
            answer = client.post(self.address(path)) if method else client.get(self.address(path))
            if not method and Event.objects.count() != before:
                newest = Event.objects.order_by("-recorded_at", "-id").values_list("name", flat=True)
                self.written.setdefault(path, set()).add(newest[0])
            for other in () if method else ("post", "patch", "delete"):
                if answer.status_code == 405:
                    answer = getattr(client, other)(self.address(path))
            assert_no_cache_keeps_persons(answer, route)
            put_down(answer)
            transaction.set_rollback(True)
        status = answer.status_code
        if 300 <= status < 400:
            target = answer["Location"].partition("?")[0]
            if path in DOORS:
                return True
            return target not in {"/login/", "/hq/login/", "/hq/", "/second-step/"}
        assert status < 500, (letter, route, status)
        assert 200 <= status < 300 or status in INSIDE | OUTSIDE, (letter, route, status)
        return status < 300 or status in INSIDE
