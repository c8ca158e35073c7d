from django.db import migrations

from foundation.walls import parent_key, tenant_table


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial"), ("ledger", "0002_walls")]

    operations = [
        tenant_table("customers_customer"),
        tenant_table(
            "customers_customerversion", parents={"customer_id": "customers_customer"}, frozen=True
        ),
        migrations.RunSQL(
            parent_key("customers_customer", "version_id", "customers_customerversion"),
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            parent_key("ledger_journalentry", "customer_id", "customers_customer"),
            migrations.RunSQL.noop,
        ),
    ]
