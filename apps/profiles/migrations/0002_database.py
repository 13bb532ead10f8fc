"""A relation's facts appear with it and follow its columns, however it is written: by a form, a COPY, a merge.

Statement triggers, so that an import of 5,000 relations costs one more INSERT. What we know of a customer shows to
the host of that relation.
"""

from typing import ClassVar

from django.db import migrations

from apps.database.row_security import NONE, OWN, EnableRowSecurity, through

TRIGGERS = """
CREATE FUNCTION profiles_facts_begin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO profiles_facts
        (relation_id, host_id, joined_at, last_event_at, next_action_on, birthday, is_current)
    SELECT id, host_id, joined_at, joined_at, coalesce(next_action_on, '9999-12-31'),
           coalesce(birthday_month * 100 + birthday_day, 0), ended_at IS NULL
      FROM fresh
        ON CONFLICT (relation_id) DO NOTHING;
    RETURN NULL;
END $$;

CREATE FUNCTION profiles_facts_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE profiles_facts
       SET host_id = NEW.host_id,
           joined_at = NEW.joined_at,
           next_action_on = coalesce(NEW.next_action_on, '9999-12-31'),
           birthday = coalesce(NEW.birthday_month * 100 + NEW.birthday_day, 0),
           is_current = NEW.ended_at IS NULL
     WHERE relation_id = NEW.id;
    RETURN NULL;
END $$;

CREATE FUNCTION profiles_facts_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM profiles_facts USING gone WHERE relation_id = gone.id;
    DELETE FROM profiles_visitorrelation USING gone WHERE relation_id = gone.id;
    DELETE FROM profiles_relationday USING gone WHERE relation_id = gone.id;
    RETURN NULL;
END $$;

CREATE TRIGGER profiles_facts_begin AFTER INSERT ON customers_relation
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION profiles_facts_begin();
CREATE TRIGGER profiles_facts_follow AFTER UPDATE ON customers_relation FOR EACH ROW
    WHEN ((OLD.host_id, OLD.joined_at, OLD.next_action_on, OLD.birthday_month, OLD.birthday_day, OLD.ended_at)
          IS DISTINCT FROM
          (NEW.host_id, NEW.joined_at, NEW.next_action_on, NEW.birthday_month, NEW.birthday_day, NEW.ended_at))
    EXECUTE FUNCTION profiles_facts_follow();
CREATE TRIGGER profiles_facts_end AFTER DELETE ON customers_relation
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION profiles_facts_end();

-- Every relation anew, or those of some hosts: what the projection begins with.
CREATE FUNCTION profiles_seed(of_hosts bigint[] DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
    INSERT INTO profiles_facts
        (relation_id, host_id, joined_at, last_event_at, next_action_on, birthday, is_current)
    SELECT id, host_id, joined_at, joined_at, coalesce(next_action_on, '9999-12-31'),
           coalesce(birthday_month * 100 + birthday_day, 0), ended_at IS NULL
      FROM customers_relation
     WHERE of_hosts IS NULL OR host_id = ANY (of_hosts)
        ON CONFLICT (relation_id) DO NOTHING;
$$;
"""

UNDO = """
DROP TRIGGER profiles_facts_begin ON customers_relation;
DROP TRIGGER profiles_facts_follow ON customers_relation;
DROP TRIGGER profiles_facts_end ON customers_relation;
DROP FUNCTION profiles_facts_begin();
DROP FUNCTION profiles_facts_follow();
DROP FUNCTION profiles_facts_end();
DROP FUNCTION profiles_seed(bigint[]);
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("profiles", "0001_initial"), ("customers", "0002_database")]
    operations: ClassVar = [
        migrations.RunSQL(TRIGGERS, UNDO),
        EnableRowSecurity("profiles_facts", host_reads=OWN),
        EnableRowSecurity("profiles_visitorrelation", host_reads=OWN),
        EnableRowSecurity(
            "profiles_relationday",
            host_reads=through("customers_relation", "profiles_relationday.relation_id"),
            host_adds=NONE,
            host_changes=NONE,
        ),
    ]
