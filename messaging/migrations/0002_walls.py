from django.db import migrations

from foundation.walls import lifecycle, tenant_table

MAIL = lifecycle(
    "messaging_mail",
    ("queued", "in_flight"),
    ("in_flight", "sent"),
    ("in_flight", "kept"),
    ("in_flight", "queued"),
    ("in_flight", "failed"),
    ("in_flight", "parked"),
    ("parked", "queued"),
)


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0001_initial"),
        ("customers", "0002_walls"),
        ("invoicing", "0002_walls"),
        ("subscriptions", "0002_walls"),
    ]

    operations = [
        tenant_table(
            "messaging_mail",
            parents={
                "customer_id": "customers_customer",
                "invoice_id": "invoicing_invoice",
                "subscription_id": "subscriptions_subscription",
            },
        ),
        migrations.RunSQL(MAIL, migrations.RunSQL.noop),
    ]
