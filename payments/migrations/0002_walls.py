from django.db import migrations

from foundation.walls import frozen_columns, lifecycle, tenant_table

ATTEMPT = lifecycle(
    "payments_paymentattempt",
    ("requested", "in_flight"),
    ("requested", "succeeded"),
    ("requested", "soft_declined"),
    ("requested", "hard_declined"),
    ("in_flight", "succeeded"),
    ("in_flight", "soft_declined"),
    ("in_flight", "hard_declined"),
    ("in_flight", "unknown"),
    ("unknown", "succeeded"),
    ("unknown", "soft_declined"),
    ("unknown", "hard_declined"),
    ("unknown", "requested"),
) + frozen_columns(
    "payments_paymentattempt",
    "id",
    "account_id",
    "invoice_id",
    "method_id",
    "amount_minor",
    "currency",
    "created_at",
)


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial"), ("invoicing", "0002_walls")]

    operations = [
        tenant_table("payments_paymentmethod", parents={"customer_id": "customers_customer"}),
        tenant_table(
            "payments_paymentattempt",
            parents={"invoice_id": "invoicing_invoice", "method_id": "payments_paymentmethod"},
        ),
        migrations.RunSQL(ATTEMPT, migrations.RunSQL.noop),
    ]
