from django.db import migrations

from foundation.walls import frozen_columns, lifecycle, tenant_table

CLAIM = lifecycle(
    "invoicing_invoice",
    ("created", "pending"),
    ("created", "settled"),
    ("created", "failed"),
    ("created", "cancelled"),
    ("pending", "settled"),
    ("pending", "dunning"),
    ("pending", "failed"),
    ("pending", "cancelled"),
    ("dunning", "settled"),
    ("dunning", "failed"),
    ("dunning", "cancelled"),
    ("failed", "settled"),
    ("failed", "cancelled"),
    ("failed", "pending"),
    ("cancelled", "pending"),
) + frozen_columns(
    "invoicing_invoice",
    "id",
    "account_id",
    "handle",
    "customer_id",
    "currency",
    "gross_minor",
    "issued_on",
    "created_at",
)


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0001_initial"), ("customers", "0002_walls")]

    operations = [
        tenant_table("invoicing_invoice", parents={"customer_id": "customers_customer"}),
        tenant_table(
            "invoicing_document",
            parents={
                "invoice_id": "invoicing_invoice",
                "customer_version_id": "customers_customerversion",
                "account_version_id": "accounts_accountversion",
            },
            frozen=True,
        ),
        tenant_table(
            "invoicing_documentline", parents={"document_id": "invoicing_document"}, frozen=True
        ),
        migrations.RunSQL(CLAIM, migrations.RunSQL.noop),
    ]
