from django.db import migrations

from foundation.walls import tenant_table

BALANCE = """
CREATE FUNCTION kontor_entries_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM fresh GROUP BY entry_id, currency HAVING sum(amount_minor) <> 0) THEN
        RAISE EXCEPTION 'an entry does not balance' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_journalposting_balance AFTER INSERT ON ledger_journalposting
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kontor_entries_balance();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial"), ("foundation", "0002_walls")]

    operations = [
        tenant_table("ledger_journalentry", root=False, frozen=True),
        tenant_table(
            "ledger_journalposting", parents={"entry_id": "ledger_journalentry"}, frozen=True
        ),
        migrations.RunSQL(BALANCE, migrations.RunSQL.noop),
    ]
