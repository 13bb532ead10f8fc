"""Consumers' stories: a host's role sees those she collected, HQ's none before its consumer has answered.

Who holds a private link learns from one function whose customer is asked, and acts as that host (as with orders).
The function is given to the worker's role after every `migrate` (apps/database/grants.py).
"""

from typing import ClassVar

from django.db import migrations

from apps.database.row_security import OWN, EnableRowSecurity

LINK = """
CREATE FUNCTION stories_story_link_host_as_worker(digest bytea) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT host_id FROM stories_story WHERE stories_story.digest = $1
$$;
REVOKE EXECUTE ON FUNCTION stories_story_link_host_as_worker(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION stories_story_link_host_as_worker(bytea) TO app_host, app_hq, app_worker;
"""
ANSWERED = "state <> 'asked'"
OF_ANSWERED = (
    "EXISTS (SELECT FROM stories_story AS told "
    f"WHERE told.id = stories_storypicture.story_id AND told.{ANSWERED})"
)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("stories", "0001_initial")]
    operations: ClassVar = [
        EnableRowSecurity("stories_story", host_reads=OWN, hq=ANSWERED),
        EnableRowSecurity("stories_storypicture", host_reads=OWN, hq=OF_ANSWERED),
        migrations.RunSQL(LINK, "DROP FUNCTION stories_story_link_host_as_worker(bytea)"),
    ]
