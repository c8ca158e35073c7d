from django.db import migrations

from foundation.walls import lifecycle, parent_key, tenant_table

LIFECYCLES = lifecycle("subscriptions_subscription", ("active", "expired")) + lifecycle(
    "subscriptions_billingrun",
    ("billing", "paused"),
    ("paused", "billing"),
    ("billing", "collecting"),
    ("collecting", "billing"),
    ("collecting", "closed"),
)


class Migration(migrations.Migration):
    dependencies = [
        ("subscriptions", "0001_initial"),
        ("invoicing", "0002_walls"),
        ("catalog", "0002_walls"),
    ]

    operations = [
        tenant_table(
            "subscriptions_subscription",
            parents={
                "customer_id": "customers_customer",
                "plan_version_id": "catalog_planversion",
            },
        ),
        tenant_table(
            "subscriptions_subscriptionaddon",
            parents={
                "subscription_id": "subscriptions_subscription",
                "add_on_id": "catalog_addon",
            },
        ),
        tenant_table("subscriptions_billingrun"),
        tenant_table(
            "subscriptions_billingperiod",
            parents={
                "subscription_id": "subscriptions_subscription",
                "invoice_id": "invoicing_invoice",
                "run_id": "subscriptions_billingrun",
            },
            frozen=True,
        ),
        migrations.RunSQL(
            parent_key("invoicing_invoice", "subscription_id", "subscriptions_subscription"),
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(LIFECYCLES, migrations.RunSQL.noop),
    ]
