"""Tables that are not ours but may hold words of people: Wagtail's, Django's, axes'. This is their one home.

`HELD` says of each what a model of ours says of itself (`PII`, `PII_REST`, `PII_USE`); `HARMLESS` are those
whose words are names of things. A table with words in neither is refused by `manage.py check`, so that no
package brings one unseen.
"""

from dataclasses import dataclass

from apps.lib.pii import Kept, Pii, Use


@dataclass(frozen=True, slots=True)
class Foreign:
    pii: dict[str, Pii]
    use: Use | None = None
    #: The class of its numbers, dates and flags, where it is about a person.
    rest: Pii | None = None


def _attempt(**more: Pii) -> Foreign:
    """What axes writes of a password that was tried."""
    request = dict.fromkeys(("user_agent", "http_accept", "path_info"), Pii.BEHAVIOUR)
    pii = {"username": Pii.STAFF, "ip_address": Pii.IDENTIFIER, **request, **more}
    return Foreign(pii, Use("密码连着输错几次就先锁一会儿", Kept.SHORT), Pii.BEHAVIOUR)


def _log_entry(**more: Pii) -> Foreign:
    pii = {"label": Pii.STAFF, "action": Pii.STAFF, "data": Pii.STAFF, **more}
    return Foreign(pii, Use("谁在后台改过哪一条，改了什么", Kept.STAFF), Pii.STAFF)


_COMMENT = Use("同事之间写在页面边上的批注", Kept.STAFF)

HELD: dict[str, Foreign] = {
    "axes.accessattempt": _attempt(get_data=Pii.BEHAVIOUR, post_data=Pii.BEHAVIOUR),
    "axes.accessfailurelog": _attempt(),
    "axes.accesslog": _attempt(session_hash=Pii.SECRET),
    "sessions.session": Foreign({"session_key": Pii.SECRET, "session_data": Pii.SECRET}),
    "wagtailadmin.editingsession": Foreign(
        {"object_id": Pii.NONE, "last_seen_at": Pii.STAFF, "is_editing": Pii.STAFF},
        Use("告诉同事谁正开着同一页", Kept.SHORT),
        Pii.STAFF,
    ),
    # What was typed for a preview: a customer's story may be in it.
    "wagtailadmin.formstate": Foreign(
        {"data": Pii.SENSITIVE, "object_id": Pii.NONE, "parent_object_id": Pii.NONE},
        Use("改到一半的内容，预览时用", Kept.SHORT),
        Pii.STAFF,
    ),
    "wagtailcore.collectionviewrestriction": Foreign(
        {"restriction_type": Pii.NONE, "password": Pii.SECRET},
    ),
    "wagtailcore.comment": Foreign(
        {"text": Pii.STAFF, "contentpath": Pii.NONE, "position": Pii.NONE}, _COMMENT, Pii.STAFF
    ),
    "wagtailcore.commentreply": Foreign({"text": Pii.STAFF}, _COMMENT, Pii.STAFF),
    "wagtailcore.modellogentry": _log_entry(object_id=Pii.NONE),
    "wagtailcore.pagelogentry": _log_entry(),
    "wagtailcore.pageviewrestriction": Foreign({"restriction_type": Pii.NONE, "password": Pii.SECRET}),
    # A story that is taken back, or whose customer is erased or expires, takes its versions with it.
    "wagtailcore.revision": Foreign(
        {"object_id": Pii.NONE, "object_str": Pii.SENSITIVE, "content": Pii.SENSITIVE},
        Use("素材和每期内容改过的每一版，采用的顾客故事也在里面", Kept.RELATION),
        Pii.STAFF,
    ),
    "wagtailcore.taskstate": Foreign(
        {"status": Pii.STAFF, "comment": Pii.STAFF}, Use("谁审的，写了什么意见", Kept.STAFF), Pii.STAFF
    ),
    "wagtailcore.workflowstate": Foreign(
        {"status": Pii.STAFF, "object_id": Pii.NONE}, Use("谁提交审核，审到哪一步", Kept.STAFF), Pii.STAFF
    ),
    "wagtailusers.userprofile": Foreign(
        {
            "preferred_language": Pii.STAFF,
            "current_time_zone": Pii.STAFF,
            "avatar": Pii.STAFF,
            "dismissibles": Pii.STAFF,
            "theme": Pii.STAFF,
            "contrast": Pii.STAFF,
            "density": Pii.STAFF,
        },
        Use("同事的头像和后台显示设置", Kept.STAFF),
        Pii.STAFF,
    ),
}

#: Schedules, rights, kinds of rows, places in a tree; pictures and files in Wagtail's own tables, which stay
#: empty (ours are in `media`).
HARMLESS = frozenset(
    {
        "auth.group",
        "auth.permission",
        "contenttypes.contenttype",
        "django_celery_beat.crontabschedule",
        "django_celery_beat.intervalschedule",
        "django_celery_beat.periodictask",
        "django_celery_beat.solarschedule",
        "taggit.tag",
        "wagtailcore.collection",
        "wagtailcore.locale",
        "wagtailcore.page",
        "wagtailcore.referenceindex",
        "wagtailcore.site",
        "wagtailcore.task",
        "wagtailcore.uploadedfile",
        "wagtailcore.workflow",
        "wagtaildocs.document",
        "wagtailimages.image",
        "wagtailimages.rendition",
        "wagtailsearch.indexentry",
    }
)
