from django.db import migrations

from foundation.walls import APPEND_ONLY_FUNCTION, append_only, policy, tenant_table

OUTBOX = """
DROP TABLE foundation_outboxevent;
CREATE TABLE foundation_outboxevent (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    batch_id uuid NOT NULL,
    position integer NOT NULL,
    kind varchar(60) NOT NULL,
    payload jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, id, created_at)
) PARTITION BY RANGE (created_at);
CREATE INDEX outbox_event_batch ON foundation_outboxevent (account_id, batch_id, position);
CREATE TABLE foundation_outboxevent_rest PARTITION OF foundation_outboxevent DEFAULT;

CREATE FUNCTION kontor_outbox_partition(day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET timezone = 'UTC' AS $$
DECLARE
    first_day date := date_trunc('month', day)::date;
    name text := 'foundation_outboxevent_' || to_char(first_day, 'YYYY_MM');
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('kontor_outbox_partition'));
    IF to_regclass('public.' || name) IS NULL AND NOT EXISTS (
        SELECT FROM public.foundation_outboxevent_rest
        WHERE created_at >= first_day::timestamptz
          AND created_at < (first_day + interval '1 month')::timestamptz)
    THEN
        EXECUTE format(
            'CREATE TABLE public.%I PARTITION OF public.foundation_outboxevent '
            'FOR VALUES FROM (%L) TO (%L)',
            name, first_day::timestamptz, (first_day + interval '1 month')::timestamptz);
    END IF;
END $$;
SELECT kontor_outbox_partition((current_date + make_interval(months => ahead))::date)
FROM generate_series(0, 3) AS ahead;
"""

OUTBOX += policy("foundation_outboxevent") + append_only("foundation_outboxevent")

# A statement trigger of the parent is silent when a partition is named; row triggers are cloned.
OUTBOX += """
CREATE TRIGGER foundation_outboxevent_kept BEFORE UPDATE OR DELETE ON foundation_outboxevent
    FOR EACH ROW EXECUTE FUNCTION kontor_append_only();
"""

STATISTICS = """
CREATE FUNCTION kontor_refresh_statistics() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET default_statistics_target = 10 AS $$
DECLARE
    name text;
    refreshed integer := 0;
BEGIN
    FOR name IN
        SELECT c.relname FROM pg_stat_user_tables AS s JOIN pg_class AS c ON c.oid = s.relid
        WHERE s.schemaname = 'public'
          AND s.n_mod_since_analyze > 500 + greatest(c.reltuples, 0)
    LOOP
        EXECUTE format('ANALYZE (SKIP_LOCKED) public.%I', name);
        refreshed := refreshed + 1;
    END LOOP;
    RETURN refreshed;
END $$;
"""

AUDIT = """
CREATE FUNCTION kontor_audit_sealing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.sequence IS NOT NULL OR NEW.sequence IS NULL OR
       (OLD.id, OLD.account_id, OLD.actor, OLD.act, OLD.subject_kind, OLD.subject_id, OLD.at,
        OLD.details) IS DISTINCT FROM
       (NEW.id, NEW.account_id, NEW.actor, NEW.act, NEW.subject_kind, NEW.subject_id, NEW.at,
        NEW.details)
    THEN
        RAISE EXCEPTION 'an audit row is only ever sealed, once'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER foundation_auditrow_sealing BEFORE UPDATE ON foundation_auditrow
    FOR EACH ROW EXECUTE FUNCTION kontor_audit_sealing();
CREATE TRIGGER foundation_auditrow_kept BEFORE DELETE ON foundation_auditrow
    FOR EACH STATEMENT EXECUTE FUNCTION kontor_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("foundation", "0001_initial"), ("accounts", "0001_initial")]

    operations = [
        migrations.RunSQL(APPEND_ONLY_FUNCTION, migrations.RunSQL.noop),
        migrations.RunSQL(OUTBOX, migrations.RunSQL.noop),
        migrations.RunSQL(STATISTICS, migrations.RunSQL.noop),
        tenant_table("foundation_dispatch"),
        tenant_table("foundation_parked"),
        tenant_table("foundation_lease"),
        tenant_table("foundation_idempotentcall"),
        tenant_table("foundation_numbercounter"),
        tenant_table("foundation_auditrow"),
        migrations.RunSQL(AUDIT, migrations.RunSQL.noop),
    ]
