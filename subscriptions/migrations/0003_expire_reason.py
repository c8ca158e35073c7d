from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0002_walls"),
        ("customers", "0002_walls"),
        ("subscriptions", "0002_walls"),
    ]

    operations = [
        migrations.AddField(
            model_name="subscription",
            name="expire_reason",
            field=models.CharField(db_default="", max_length=10),
        ),
        migrations.AddField(
            model_name="subscription",
            name="grace_seconds",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="subscription",
            name="metadata",
            field=models.JSONField(null=True),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("expire_reason", ""), ("state", "active")),
                    models.Q(
                        ("expire_reason__in", ["", "cancelled", "on_demand"]),
                        ("state", "expired"),
                    ),
                    _connector="OR",
                ),
                name="subscription_expire_reason",
            ),
        ),
    ]
