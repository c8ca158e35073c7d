from django.db import migrations

from foundation.walls import tenant_table


class Migration(migrations.Migration):
    dependencies = [("customers", "0003_notes_and_metadata")]

    operations = [
        tenant_table("customers_customernote", parents={"customer_id": "customers_customer"}),
    ]
