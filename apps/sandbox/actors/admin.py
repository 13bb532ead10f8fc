"""What the administrator does in the admin console: corp tags."""

from __future__ import annotations

from datetime import datetime

from apps.sandbox.actors import emit
from apps.sandbox.actors.errors import ActError
from apps.sandbox.endpoints import tags
from apps.sandbox.models import Callback, Simulation, Tag, TagGroup

EVENT = "change_external_tag"


def makes_tags(
    simulation: Simulation, now: datetime, *, group_name: str, names: list[str]
) -> tuple[TagGroup, list[Tag], list[Callback]]:
    is_new_group = not TagGroup.objects.filter(name=group_name, is_deleted=False).exists()
    known = set(Tag.objects.filter(group__name=group_name, is_deleted=False).values_list("name", flat=True))
    group, made = tags.add_tags(
        names=[{"name": name} for name in names],
        group_id="",
        group_name=group_name,
        order=0,
        app=None,
        now=now,
    )
    callbacks: list[Callback] = []
    if is_new_group:
        callbacks += emit_tag(simulation, now, "create", group.group_id, "tag_group")
    for tag in made:
        if tag.name not in known:
            callbacks += emit_tag(simulation, now, "create", tag.tag_id, "tag")
    return group, made, callbacks


def renames_tag(simulation: Simulation, now: datetime, *, found_id: str, name: str) -> list[Callback]:
    found, kind = find(found_id)
    found.name = name
    found.save(update_fields=["name"])
    return emit_tag(simulation, now, "update", found_id, kind)


def deletes_tag(simulation: Simulation, now: datetime, *, found_id: str) -> list[Callback]:
    found, kind = find(found_id)
    tags.delete(found)
    return emit_tag(simulation, now, "delete", found_id, kind)


def find(found_id: str) -> tuple[Tag | TagGroup, str]:
    tag = Tag.objects.filter(tag_id=found_id, is_deleted=False).first()
    if tag:
        return tag, "tag"
    group = TagGroup.objects.filter(group_id=found_id, is_deleted=False).first()
    if group:
        return group, "tag_group"
    raise ActError("没有这个标签或标签组。")


def emit_tag(simulation: Simulation, now: datetime, change: str, found_id: str, kind: str) -> list[Callback]:
    return emit.system_event(
        simulation, now, event=EVENT, change=change, fields=[("Id", found_id), ("TagType", kind)]
    )
