import django.db.models.deletion
import kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0004_people_and_looks'),
        ('customers', '0002_walls'),
        ('invoicing', '0004_rendering_walls'),
        ('payments', '0003_method_source'),
        ('subscriptions', '0003_expire_reason'),
    ]

    operations = [
        migrations.CreateModel(
            name='Endpoint',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.new_id, primary_key=True, serialize=False)),
                ('url', models.CharField(max_length=1000)),
                ('position', models.IntegerField(null=True)),
                ('failures', models.IntegerField(default=0)),
                ('failing_since', models.DateTimeField(null=True)),
                ('rest_until', models.DateTimeField(null=True)),
                ('alert_sent_at', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.account')),
            ],
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.new_id, primary_key=True, serialize=False)),
                ('event_type', models.CharField(max_length=60)),
                ('created_at', models.DateTimeField()),
                ('account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.account')),
                ('attempt', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.paymentattempt')),
                ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                ('invoice', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='invoicing.invoice')),
                ('method', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.paymentmethod')),
                ('subscription', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='subscriptions.subscription')),
            ],
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.new_id, primary_key=True, serialize=False)),
                ('sequence', models.BigIntegerField()),
                ('lane', models.UUIDField(null=True)),
                ('content', models.TextField()),
                ('state', models.CharField(db_default='pending', max_length=10)),
                ('username', models.CharField(db_default='', max_length=255)),
                ('password', models.CharField(db_default='', max_length=255)),
                ('count', models.IntegerField(db_default=0)),
                ('tries', models.IntegerField(db_default=0)),
                ('began_at', models.DateTimeField()),
                ('next_at', models.DateTimeField()),
                ('owner', models.CharField(db_default='', max_length=100)),
                ('lease_until', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField()),
                ('first_fail_at', models.DateTimeField(null=True)),
                ('last_fail_at', models.DateTimeField(null=True)),
                ('success_at', models.DateTimeField(null=True)),
                ('alert_sent_at', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.account')),
                ('endpoint', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='webhooks.endpoint')),
                ('event', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='webhooks.event')),
            ],
        ),
        migrations.CreateModel(
            name='Settings',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.new_id, primary_key=True, serialize=False)),
                ('is_disabled', models.BooleanField(default=False)),
                ('secret_salt', models.CharField(default='', max_length=64)),
                ('username', models.CharField(default='', max_length=255)),
                ('password', models.CharField(default='', max_length=255)),
                ('alert_emails', models.JSONField(default=list)),
                ('alert_count', models.IntegerField()),
                ('event_types', models.JSONField(default=list)),
                ('account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.account')),
            ],
        ),
        migrations.CreateModel(
            name='DeliveryAttempt',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.new_id, primary_key=True, serialize=False)),
                ('initiated_at', models.DateTimeField()),
                ('duration_ms', models.IntegerField()),
                ('http_status', models.IntegerField(null=True)),
                ('headers', models.TextField()),
                ('content', models.TextField()),
                ('account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.account')),
                ('delivery', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='webhooks.delivery')),
            ],
            options={
                'indexes': [models.Index(fields=['account', 'delivery'], name='webhook_attempt_delivery')],
            },
        ),
        migrations.AddConstraint(
            model_name='endpoint',
            constraint=models.UniqueConstraint(fields=('account', 'url'), name='webhook_endpoint_url'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['account', 'created_at', 'id'], name='webhook_event_created'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['account', 'customer', 'id'], name='webhook_event_customer'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(condition=models.Q(('subscription__isnull', False)), fields=['account', 'subscription', 'id'], name='webhook_event_subscription'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(condition=models.Q(('invoice__isnull', False)), fields=['account', 'invoice', 'id'], name='webhook_event_invoice'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state__in', ['pending', 'retrying'])), fields=['account', 'endpoint', 'next_at', 'sequence'], name='webhook_delivery_due'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state__in', ['pending', 'retrying'])), fields=['account', 'endpoint', 'lane', 'sequence'], name='webhook_delivery_lane'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['account', 'created_at', 'id'], name='webhook_delivery_created'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['account', 'event'], name='webhook_delivery_event'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['pending', 'retrying', 'failed', 'disabled', 'completed'])), name='webhook_delivery_state'),
        ),
        migrations.AddConstraint(
            model_name='settings',
            constraint=models.UniqueConstraint(fields=('account',), name='webhook_settings_once'),
        ),
        migrations.AddConstraint(
            model_name='settings',
            constraint=models.CheckConstraint(condition=models.Q(('alert_count__gte', 4)), name='webhook_alert_count'),
        ),
    ]
