from django.db import migrations

from foundation.walls import ACCOUNT, policy, tenant_table

# An organisation is made before its first account is, and seen only from inside one of them.
ORGANISATION = f"""
ALTER TABLE accounts_organisation ENABLE ROW LEVEL SECURITY;
ALTER TABLE accounts_organisation FORCE ROW LEVEL SECURITY;
CREATE POLICY account_wall ON accounts_organisation
    USING (id = (SELECT organisation_id FROM accounts_account WHERE accounts_account.id = {ACCOUNT}))
    WITH CHECK ({ACCOUNT} IS NOT NULL);
"""

# An account stays in its organisation, and its present version is one of its own.
ACCOUNT_STAYS = """
CREATE TRIGGER accounts_account_frozen_columns BEFORE UPDATE ON accounts_account FOR EACH ROW
    WHEN ((OLD.id, OLD.organisation_id) IS DISTINCT FROM (NEW.id, NEW.organisation_id))
    EXECUTE FUNCTION kontor_append_only();
ALTER TABLE accounts_account ADD CONSTRAINT accounts_account_version_id_wall
    FOREIGN KEY (id, version_id) REFERENCES accounts_accountversion (account_id, id)
    DEFERRABLE INITIALLY DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("foundation", "0002_walls")]

    operations = [
        migrations.RunSQL(
            policy("accounts_account", f"id = {ACCOUNT}") + ORGANISATION, migrations.RunSQL.noop
        ),
        tenant_table("accounts_accountversion", frozen=True),
        tenant_table("accounts_apikey"),
        migrations.RunSQL(ACCOUNT_STAYS, migrations.RunSQL.noop),
    ]
