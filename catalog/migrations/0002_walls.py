from django.db import migrations

from foundation.walls import parent_key, tenant_table


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial"), ("foundation", "0002_walls")]

    operations = [
        tenant_table("catalog_plan"),
        tenant_table("catalog_planversion", parents={"plan_id": "catalog_plan"}, frozen=True),
        migrations.RunSQL(
            parent_key("catalog_plan", "version_id", "catalog_planversion"),
            migrations.RunSQL.noop,
        ),
        tenant_table("catalog_addon"),
    ]
