from django.db import migrations

from foundation.walls import frozen_columns, lifecycle, tenant_table

TABLE = "invoicing_rendering"
WAY = lifecycle(
    TABLE, ("waiting", "ready"), ("waiting", "parked"), ("parked", "waiting")
) + frozen_columns(
    TABLE, "id", "account_id", "document_id", "kind", "asks_transfer", "created_at"
)

# The file of a document is written down once and stays.
ONCE = f"""
CREATE TRIGGER {TABLE}_digest_once BEFORE UPDATE OF digest ON {TABLE} FOR EACH ROW
    WHEN (OLD.digest <> '' AND NEW.digest IS DISTINCT FROM OLD.digest)
    EXECUTE FUNCTION kontor_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0003_rendering")]

    operations = [
        tenant_table(TABLE, parents={"document_id": "invoicing_document"}),
        migrations.RunSQL(WAY + ONCE, migrations.RunSQL.noop),
    ]
