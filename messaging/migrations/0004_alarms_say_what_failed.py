from django.db import migrations, models

# The keys to its parents tie a mail to its account; an alarm has no parent.
ACCOUNT = """
ALTER TABLE messaging_mail ADD CONSTRAINT messaging_mail_account_wall FOREIGN KEY (account_id)
    REFERENCES accounts_account (id) DEFERRABLE INITIALLY DEFERRED;
"""
NO_ACCOUNT = "ALTER TABLE messaging_mail DROP CONSTRAINT messaging_mail_account_wall"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_keys_expired"),
        ("messaging", "0003_alarms_have_no_customer"),
    ]

    operations = [
        migrations.AddField(
            model_name="mail",
            name="facts",
            field=models.JSONField(default=dict),
        ),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.CheckConstraint(
                condition=models.Q(customer__isnull=False) | models.Q(kind="webhook_alarm"),
                name="mail_names_its_customer",
            ),
        ),
        migrations.RunSQL(ACCOUNT, NO_ACCOUNT),
    ]
