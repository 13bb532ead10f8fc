"""Which tables show their rows by role, word for word, and why the others do not."""

import pytest
from django.apps import apps
from django.db import connection

from apps.database import grants
from apps.database.db_role import Role
from apps.lib.pii import ENCRYPTED, Pii
from runtime import postgres

pytestmark = pytest.mark.django_db

#: Tables with customers' data: the database shows a host her own rows of them and nobody else's.
PROTECTED = {
    "stories_story",
    "stories_storypicture",
    "customers_customer",
    "customers_handover",
    "customers_handoveritem",
    "customers_identity",
    "customers_importchunk",
    "customers_importrun",
    "customers_note",
    "customers_relation",
    "customers_relationtag",
    "customers_tag",
    "accounts_hostphone",
    "insights_actday",
    "insights_hostcall",
    "insights_hosthelp",
    "insights_hostday",
    "commission_entry",
    "insights_linkvisit",
    "insights_moneymove",
    "insights_newcustomer",
    "outbox_delivery",
    "outbox_deliverycall",
    "outbox_inbox",
    "outbox_letter",
    "records_accesslog",
    "records_consent",
    "console_kit_savedview",
    "records_erasedmark",
    "privacy_exportrequest",
    "records_legalhold",
    "privacy_rightsrequest",
    "profiles_facts",
    "profiles_relationday",
    "profiles_visitorrelation",
    "reach_asking",
    "reach_touch",
    "tracking_event",
    "trade_order",
    "trade_orderline",
    "trade_orderreversal",
    "trade_ordertransition",
    "wecom_masssend",
    "wecom_masssendrecipient",
}

_HQS = "what HQ writes and shows to everybody"
_STAFF = "who works here: read before it is known whose request it is"
_HERS = "what one person at HQ made of a list, reached by her id alone: no customer's data"
_MACHINE = "the machine's own bookkeeping: states, times and ids"
#: Every other table of ours, and why a wrong query may as well read it.
OPEN = {
    "accounts_accountevent": _STAFF,
    "accounts_apitoken": _STAFF,
    "accounts_application": "what an applicant wrote of herself; her link opens it before she is anybody",
    "accounts_authenticator": _STAFF,
    "accounts_host": _STAFF,
    "accounts_hostimport": _STAFF,
    "accounts_hosttransition": _STAFF,
    "accounts_invitation": _STAFF,
    "accounts_ratehit": "hashes of who tried too often",
    "accounts_onetimelink": _STAFF,
    "accounts_organisation": _STAFF,
    "accounts_recoverycode": _STAFF,
    "accounts_sentform": "digests of forms that were sent a moment ago",
    "accounts_session": _STAFF,
    "accounts_user": _STAFF,
    "accounts_user_groups": _STAFF,
    "accounts_user_user_permissions": _STAFF,
    "catalog_brand": _HQS,
    "console_kit_bulkitem": _HERS,
    "console_kit_bulkrun": _HERS,
    "console_kit_listchoice": _HERS,
    "catalog_category": _HQS,
    "catalog_product": _HQS,
    "catalog_productpicture": _HQS,
    "catalog_shelfitem": "a host's shelf stands open to every consumer with her link",
    "catalog_shelfprice": "as does what she asks for it",
    "catalog_sku": _HQS,
    "catalog_supplier": _HQS,
    "learning_adoptedstep": "what a host ticks on her own list",
    "learning_adoption": "which case a host follows",
    "learning_answer": "a host's answers in a lesson",
    "learning_case": _HQS,
    "learning_casefigure": _HQS,
    "learning_caseline": _HQS,
    "learning_casestep": _HQS,
    "learning_checkin": "the days on which a host learned",
    "library_favourite": "which materials a host likes",
    "library_festival": _HQS,
    "library_forbiddenword": _HQS,
    "library_foureyestask": _HQS,
    "library_foureyestask_groups": _HQS,
    "library_postertemplate": "HQ's own layouts",
    "library_hostvariant": "a host's own way to say it, which every share of hers shows",
    "library_issue": _HQS,
    "library_issueentry": _HQS,
    "library_issuequota": _HQS,
    "learning_learningchoice": "whether a host's name stands on the board",
    "learning_lesson": _HQS,
    "library_material": _HQS,
    "library_material_festivals": _HQS,
    "library_materialpicture": _HQS,
    "library_materialtext": _HQS,
    "learning_path": _HQS,
    "learning_pathlesson": _HQS,
    "learning_practice": "a host's proof of practice, which her page and HQ's check by their access",
    "learning_progress": "how far a host is with a lesson",
    "library_textprint": _HQS,
    "media_image": _HQS,
    "media_hostpicture": "her face and her code, which she shows everybody",
    "media_poster": "a picture with a host's public link on it",
    "media_rendition": _HQS,
    "media_video": _HQS,
    "outbox_heartbeat": _MACHINE,
    "outbox_job": _MACHINE,
    "records_accessseal": "hashes over the log of looks",
    "records_alert": "who at work did something unusual, for HQ",
    "privacy_keystate": _MACHINE,
    "records_notice": "the texts people agree to, public by their nature",
    "privacy_rotation": _MACHINE,
    "privacy_tombstone": "hashes of random numbers",
    "tracking_checkpoint": _MACHINE,
    "tracking_ledger": _MACHINE,
    "trade_orderrules": "HQ's rules for orders, which bind every host",
    "tracking_link": "a code that anybody may open; it must be found before its host is known",
    "tracking_visitor": "the hash of a cookie and a time; what the browser did is in the ledger",
    "trade_idempotencykey": "hashes, kept for a day; claimed before there is an order",
    "wecom_accesstoken": _MACHINE,
    "wecom_breaker": _MACHINE,
    "wecom_loginstate": _STAFF,
}


def our_models() -> dict[str, type]:
    return {
        model._meta.db_table: model
        for model in apps.get_models(include_auto_created=True)
        if model.__module__.startswith("apps.")
    }


def rows(query: str) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def test_every_table_of_ours_is_protected_or_has_a_reason_not_to_be() -> None:
    assert PROTECTED.isdisjoint(OPEN)
    assert set(our_models()) == PROTECTED | set(OPEN)


def test_what_names_a_relation_or_holds_a_persons_words_is_protected() -> None:
    """No reason is good enough for these, but that it is about those who work here, or wish to."""
    unprotected = []
    for table, model in our_models().items():
        columns = {field.attname for field in model._meta.concrete_fields}
        classes: dict[str, Pii] = getattr(model, "PII", {})
        if ("relation_id" in columns or ENCRYPTED & set(classes.values())) and table not in PROTECTED:
            unprotected.append(table)

    assert unprotected == ["accounts_application", "accounts_hostimport"]


def test_the_database_protects_exactly_these_from_their_owner_too() -> None:
    found = rows(
        "SELECT relname, relforcerowsecurity FROM pg_class WHERE relrowsecurity AND relkind IN ('r', 'p')"
    )

    assert {name for name, _ in found} == PROTECTED
    assert all(forced for _, forced in found)


def test_each_policy_is_for_one_role_and_asks_one_question() -> None:
    found = rows(
        "SELECT tablename, policyname, roles::text[], coalesce(qual, '') || coalesce(with_check, '') "
        "FROM pg_policies WHERE schemaname = 'public'"
    )
    roles = {role.value for role in grants.ROLES}

    assert [policy for policy in found if len(policy[2]) != 1 or policy[2][0] not in roles] == []
    # An OR over roles makes every look-up read the whole table.
    assert [policy for policy in found if " OR " in policy[3].upper()] == []
    everything = {policy[0] for policy in found if policy[2] == [Role.WORKER] and policy[3] == "truetrue"}
    assert everything == PROTECTED
    # One policy for each role and command: PostgreSQL joins several by OR.
    for role in (Role.HQ, Role.WORKER):
        assert len([p for p in found if p[2] == [role]]) == len({p[0] for p in found if p[2] == [role]})


def test_the_ledgers_months_are_not_read_past_its_policies() -> None:
    assert (
        rows(
            "SELECT inhrelid::regclass::text, role "
            "FROM pg_inherits, unnest('{app_host,app_hq}'::text[]) AS role "
            "WHERE inhparent = 'tracking_event'::regclass AND has_table_privilege(role, inhrelid, "
            "'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')"
        )
        == []
    )


def test_nobody_but_the_worker_may_empty_a_table_or_touch_what_is_brought_in() -> None:
    assert (
        rows(
            "SELECT relname, role FROM pg_class, unnest('{app_host,app_hq}'::text[]) AS role "
            "WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace "
            "AND has_table_privilege(role, oid, 'TRUNCATE')"
        )
        == []
    )
    assert (
        rows(
            "SELECT role FROM unnest('{app_host,app_hq}'::text[]) AS role "
            "WHERE has_schema_privilege(role, 'staging', 'USAGE') "
            "OR has_schema_privilege(role, 'broker', 'USAGE')"
        )
        == []
    )


def test_the_tests_connect_as_somebody_to_whom_policies_apply() -> None:
    """Else they would prove nothing: a superuser sees every row, FORCE or not."""
    assert rows("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = session_user") == [(False,)]
    assert (
        rows("SELECT rolname FROM pg_roles WHERE rolname LIKE 'app\\_%' AND (rolsuper OR rolbypassrls)") == []
    )
    assert rows("SELECT tableowner FROM pg_tables WHERE tablename = 'trade_order'") == rows(
        "SELECT session_user"
    )


def test_the_embedded_server_makes_the_same_roles() -> None:
    assert tuple(role.value for role in grants.ROLES) == postgres.ROLES
