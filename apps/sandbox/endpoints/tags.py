"""The corp's tags, and tags on a pair of member and customer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from apps.sandbox import fieldcheck, ids
from apps.sandbox.endpoints.contacts import find_follow, lock_pair
from apps.sandbox.errors import ApiError
from apps.sandbox.gate import Answer, Call, endpoint, hold
from apps.sandbox.models import App, FollowTag, Tag, TagGroup

NAME_CHARS = 30
CORP_TAGS = 10_000
TAGS_PER_CUSTOMER = 3000


def tag_record(tag: Tag, *, with_deleted: bool = False) -> dict[str, Any]:
    record: dict[str, Any] = {
        "id": tag.tag_id,
        "name": tag.name,
        "create_time": int(tag.created_at.timestamp()),
        "order": tag.order,
    }
    if with_deleted:
        record["deleted"] = tag.is_deleted
    return record


def group_record(group: TagGroup, tags: list[Tag], *, with_deleted: bool = False) -> dict[str, Any]:
    record: dict[str, Any] = {
        "group_id": group.group_id,
        "group_name": group.name,
        "create_time": int(group.created_at.timestamp()),
        "order": group.order,
        "tag": [tag_record(tag, with_deleted=with_deleted) for tag in tags],
    }
    if with_deleted:
        record["deleted"] = group.is_deleted
    return record


@endpoint("externalcontact/get_corp_tag_list", is_customer_api=True, empty={"tag_group": []})
def get_corp_tag_list(call: Call) -> Answer:
    tag_ids = fieldcheck.texts(call.body, "tag_id")
    group_ids = fieldcheck.texts(call.body, "group_id")
    tags = Tag.objects.select_related("group").order_by("-group__order", "group_id", "-order", "pk")
    if group_ids:
        tags = tags.filter(group__group_id__in=group_ids)
    elif tag_ids:
        tags = tags.filter(tag_id__in=tag_ids)
    else:
        tags = tags.filter(is_deleted=False, group__is_deleted=False)
    by_group: dict[int, list[Tag]] = {}
    for tag in tags:
        by_group.setdefault(tag.group_id, []).append(tag)
    is_by_id = bool(tag_ids or group_ids)
    return {
        "tag_group": [group_record(tags[0].group, tags, with_deleted=is_by_id) for tags in by_group.values()]
    }


def add_tags(
    *, names: list[dict[str, Any]], group_id: str, group_name: str, order: int, app: App | None, now: datetime
) -> tuple[TagGroup, list[Tag]]:
    """Tags go into the group of that id or name; a name that exists in it is given back as it is."""
    hold("corp tags")
    if group_id:
        group = TagGroup.objects.filter(group_id=group_id, is_deleted=False).first()
        if group is None:
            raise ApiError(40068)
    else:
        group = TagGroup.objects.filter(name=group_name, is_deleted=False).first()
    if Tag.objects.filter(is_deleted=False).count() + len(names) > CORP_TAGS:
        raise ApiError(40126)
    if group is None:
        group = TagGroup.objects.create(
            group_id=ids.opaque("et", 32), name=group_name, order=order, created_at=now, app=app
        )
    tags = []
    for wanted in names:
        tag, _ = Tag.objects.get_or_create(
            group=group,
            name=wanted["name"],
            is_deleted=False,
            defaults={
                "tag_id": ids.opaque("et", 32),
                "order": int(wanted.get("order") or 0),
                "created_at": now,
                "app": app,
            },
        )
        if tag not in tags:
            tags.append(tag)
    return group, tags


@endpoint("externalcontact/add_corp_tag", is_customer_api=True, empty={"tag_group": {}})
def add_corp_tag(call: Call) -> Answer:
    group_id = fieldcheck.optional_text(call.body, "group_id")
    group_name = ""
    if not group_id:
        group_name = fieldcheck.text(
            call.body, "group_name", missing=40071, max_chars=NAME_CHARS, too_long=40072
        )
    names = fieldcheck.tables(call.body, "tag")
    if not names:
        raise ApiError(40063)
    for wanted in names:
        fieldcheck.text(wanted, "name", missing=40071, max_chars=NAME_CHARS, too_long=40072)
    group, tags = add_tags(
        names=names,
        group_id=group_id,
        group_name=group_name,
        order=fieldcheck.number(call.body, "order", default=0, least=0, most=2**32 - 1),
        app=call.app,
        now=call.now,
    )
    return {"tag_group": group_record(group, tags)}


def own_tag_or_group(call: Call, given: str) -> Tag | TagGroup:
    """An app may change only what it made."""
    tag = Tag.objects.filter(tag_id=given, is_deleted=False).first()
    group = TagGroup.objects.filter(group_id=given, is_deleted=False).first()
    found = tag or group
    if found is None:
        raise ApiError(40068)
    if found.app_id != call.app.pk:
        raise ApiError(48002)
    return found


@endpoint("externalcontact/edit_corp_tag", is_customer_api=True)
def edit_corp_tag(call: Call) -> Answer:
    found = own_tag_or_group(call, fieldcheck.text(call.body, "id", missing=40068))
    if "name" in call.body:
        name = fieldcheck.text(call.body, "name", missing=40071, max_chars=NAME_CHARS, too_long=40072)
        if is_name_taken(found, name):
            raise ApiError(40071)
        found.name = name
    found.order = fieldcheck.number(call.body, "order", default=found.order, least=0, most=2**32 - 1)
    found.save()
    return {}


def is_name_taken(found: Tag | TagGroup, name: str) -> bool:
    if isinstance(found, TagGroup):
        return TagGroup.objects.filter(name=name, is_deleted=False).exclude(pk=found.pk).exists()
    same = Tag.objects.filter(group=found.group, name=name, is_deleted=False)
    return same.exclude(pk=found.pk).exists()


@endpoint("externalcontact/del_corp_tag", is_customer_api=True)
def del_corp_tag(call: Call) -> Answer:
    tag_ids = fieldcheck.texts(call.body, "tag_id")
    group_ids = fieldcheck.texts(call.body, "group_id")
    if not tag_ids and not group_ids:
        raise ApiError(40063)
    for given in [*tag_ids, *group_ids]:
        delete(own_tag_or_group(call, given))
    return {}


def delete(found: Tag | TagGroup) -> None:
    """Forget a tag or a group of tags; a group without tags disappears."""
    tags = Tag.objects.filter(group=found) if isinstance(found, TagGroup) else Tag.objects.filter(pk=found.pk)
    group = found if isinstance(found, TagGroup) else found.group
    FollowTag.objects.filter(tag__in=tags).delete()
    tags.update(is_deleted=True)
    if not Tag.objects.filter(group=group, is_deleted=False).exists():
        TagGroup.objects.filter(pk=group.pk).update(is_deleted=True)


@endpoint("externalcontact/mark_tag", is_customer_api=True)
def mark_tag(call: Call) -> Answer:
    userid = fieldcheck.text(call.body, "userid", missing=41009)
    external = fieldcheck.text(call.body, "external_userid", missing=41035)
    adding = fieldcheck.texts(call.body, "add_tag")
    removing = fieldcheck.texts(call.body, "remove_tag")
    if not adding and not removing:
        raise ApiError(40063)
    lock_pair(userid, external)
    follow = find_follow(call, userid=userid, external_userid=external)
    tags = {tag.tag_id: tag for tag in Tag.objects.filter(tag_id__in=[*adding, *removing], is_deleted=False)}
    if any(given not in tags for given in [*adding, *removing]):
        raise ApiError(40068)
    for given in adding:
        FollowTag.objects.get_or_create(follow=follow, tag=tags[given], personal_name="")
    FollowTag.objects.filter(follow=follow, tag__in=[tags[given] for given in removing]).delete()
    if FollowTag.objects.filter(follow__customer=follow.customer).count() > TAGS_PER_CUSTOMER:
        raise ApiError(40126)
    return {}
