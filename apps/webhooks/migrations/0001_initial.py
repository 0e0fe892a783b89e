"""Endpoints, their secrets and states, deliveries and attempts; nothing is told of what happened before."""

import apps.kernel.clock
import apps.kernel.encryption
import apps.kernel.fields
import apps.kernel.ids
import apps.webhooks.rules.states
import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from apps.audit.operations import Audited
from apps.kernel.operations import AppendOnly, Transitions
from apps.webhooks.rules.states import ENDPOINT_TRANSITIONS, TRANSITIONS


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('kernel', '0001_initial'),
        ('audit', '0001_initial'),
        ('events', '0002_backoffice_indexes'),
    ]

    operations = [
        migrations.CreateModel(
            name='Endpoint',
            fields=[
                ('id', models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('updated_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(blank=True, max_length=200)),
                ('url', models.CharField(max_length=2048)),
                ('event_types', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=121), size=None)),
                ('likes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=250), editable=False, size=None)),
                ('api_version', models.CharField(max_length=10)),
                ('format', models.CharField(choices=[('event', 'event'), ('segment', 'segment')], default=apps.webhooks.rules.states.Format['EVENT'], max_length=10)),
                ('redact', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, size=None)),
                ('concurrency', models.PositiveSmallIntegerField(default=10)),
                ('owner_email', models.EmailField(blank=True, max_length=254)),
                ('metadata', apps.kernel.fields.MetadataField()),
                ('status', models.CharField(choices=[('ENABLED', 'ENABLED'), ('DISABLED', 'DISABLED'), ('DELETED', 'DELETED')], default=apps.webhooks.rules.states.EndpointStatus['ENABLED'], max_length=8)),
                ('disabled_reason', models.CharField(blank=True, choices=[('', ''), ('by_hand', 'by_hand'), ('failing', 'failing'), ('gone', 'gone')], default='', max_length=8)),
                ('disabled_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('-id',),
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='EndpointSecret',
            fields=[
                ('id', models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('secret', apps.kernel.encryption.EncryptedField()),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('-id',),
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='FanOut',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Resend',
            fields=[
                ('id', models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('scope', models.CharField(choices=[('failed', 'failed'), ('all', 'all')], max_length=6)),
                ('after', models.BigIntegerField()),
                ('until', models.BigIntegerField()),
                ('made', models.PositiveIntegerField(default=0)),
                ('actor', models.CharField(max_length=255)),
                ('moved_at', models.DateTimeField(default=apps.kernel.clock.wall)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('-id',),
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('sequence', models.BigIntegerField()),
                ('lane', models.CharField(choices=[('api', 'api'), ('run', 'run')], max_length=8)),
                ('status', models.CharField(choices=[('PENDING', 'PENDING'), ('DELIVERED', 'DELIVERED'), ('FAILED', 'FAILED')], default=apps.webhooks.rules.states.Status['PENDING'], max_length=9)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('next_attempt_at', models.DateTimeField(default=apps.kernel.clock.wall)),
                ('lease_token', models.UUIDField(blank=True, null=True)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('last_error', models.TextField(blank=True, default='')),
                ('created_at', models.DateTimeField(default=apps.kernel.clock.wall)),
                ('delivered_at', models.DateTimeField(blank=True, null=True)),
                ('event', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='events.event')),
            ],
            options={
                'verbose_name': 'webhook',
                'ordering': ('-id',),
            },
        ),
        migrations.CreateModel(
            name='Attempt',
            fields=[
                ('id', models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('outcome', models.CharField(choices=[('delivered', 'delivered'), ('refused', 'refused'), ('timeout', 'timeout'), ('unreachable', 'unreachable'), ('blocked', 'blocked'), ('released', 'released')], max_length=11)),
                ('status_code', models.PositiveSmallIntegerField(null=True)),
                ('duration_ms', models.PositiveIntegerField()),
                ('error', models.CharField(blank=True, max_length=500)),
                ('response', models.CharField(blank=True, max_length=1000)),
                ('delivery', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='calls', to='webhooks.delivery')),
            ],
            options={
                'ordering': ('-id',),
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='EndpointState',
            fields=[
                ('endpoint', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='state', serialize=False, to='webhooks.endpoint')),
                ('last_sequence', models.BigIntegerField(default=0)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('failing_since', models.DateTimeField(null=True)),
                ('open_until', models.DateTimeField(null=True)),
                ('missed_after', models.BigIntegerField(null=True)),
                ('notice_due_at', models.DateTimeField(null=True)),
                ('notice_calls', models.PositiveSmallIntegerField(default=0)),
            ],
        ),
        migrations.AddConstraint(
            model_name='endpoint',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['ENABLED', 'DISABLED', 'DELETED']), ('format__in', ['event', 'segment']), ('disabled_reason__in', ['', 'by_hand', 'failing', 'gone'])), name='webhooks_endpoint_known'),
        ),
        migrations.AddConstraint(
            model_name='endpoint',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('disabled_at__isnull', True), ('disabled_reason', ''), ('status', 'ENABLED')), models.Q(('disabled_at__isnull', False), ('status', 'DISABLED'), models.Q(('disabled_reason', ''), _negated=True)), ('status', 'DELETED'), _connector='OR'), name='webhooks_endpoint_disabled'),
        ),
        migrations.AddConstraint(
            model_name='endpoint',
            constraint=models.CheckConstraint(condition=models.Q(('concurrency__gte', 1), ('concurrency__lte', 50)), name='webhooks_endpoint_concurrency'),
        ),
        migrations.AddConstraint(
            model_name='endpoint',
            constraint=models.CheckConstraint(condition=models.Q(('event_types__len__gte', 1)), name='webhooks_endpoint_types'),
        ),
        migrations.AddField(
            model_name='delivery',
            name='endpoint',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='webhooks.endpoint'),
        ),
        migrations.AddField(
            model_name='attempt',
            name='endpoint',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='attempts', to='webhooks.endpoint'),
        ),
        migrations.AddField(
            model_name='endpointsecret',
            name='endpoint',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='secrets', to='webhooks.endpoint'),
        ),
        migrations.AddConstraint(
            model_name='fanout',
            constraint=models.CheckConstraint(condition=models.Q(('id', 1)), name='webhooks_fanout_one'),
        ),
        migrations.AddField(
            model_name='resend',
            name='endpoint',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='resends', to='webhooks.endpoint'),
        ),
        migrations.AddIndex(
            model_name='endpointstate',
            index=models.Index(condition=models.Q(('notice_due_at__isnull', False)), fields=['notice_due_at'], name='webhooks_notices'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('status', 'PENDING')), fields=['endpoint', 'lane', 'next_attempt_at', 'id'], name='webhooks_delivery_due'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('lease_until__isnull', False)), fields=['endpoint'], name='webhooks_delivery_leased'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('status', 'FAILED')), fields=['endpoint', 'sequence'], name='webhooks_delivery_dead'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('status', 'PENDING')), fields=['-id'], name='webhooks_delivery_waits'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('status', 'FAILED')), fields=['-id'], name='webhooks_delivery_failed'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(fields=('event', 'endpoint'), name='webhooks_delivery_once'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(fields=('endpoint', 'sequence'), name='webhooks_delivery_sequence'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['PENDING', 'DELIVERED', 'FAILED'])), name='webhooks_delivery_status'),
        ),
        migrations.AddIndex(
            model_name='attempt',
            index=models.Index(fields=['delivery', 'id'], name='webhooks_attempt_delivery'),
        ),
        migrations.AddIndex(
            model_name='attempt',
            index=models.Index(fields=['endpoint', '-id'], name='webhooks_attempt_endpoint'),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.CheckConstraint(condition=models.Q(('outcome__in', ['delivered', 'refused', 'timeout', 'unreachable', 'blocked', 'released'])), name='webhooks_attempt_outcome'),
        ),
        migrations.AddConstraint(
            model_name='endpointsecret',
            constraint=models.UniqueConstraint(condition=models.Q(('expires_at__isnull', True)), fields=('endpoint',), name='webhooks_secret_one_for_good'),
        ),
        migrations.AddIndex(
            model_name='resend',
            index=models.Index(condition=models.Q(('done_at__isnull', True)), fields=['id'], name='webhooks_resend_undone'),
        ),
        migrations.AddConstraint(
            model_name='resend',
            constraint=models.CheckConstraint(condition=models.Q(('scope__in', ['failed', 'all'])), name='webhooks_resend_scope'),
        ),
        Transitions("webhooks_endpoint", "status", ENDPOINT_TRANSITIONS),
        Transitions("webhooks_delivery", "status", TRANSITIONS),
        AppendOnly("webhooks_attempt"),
        Audited("webhooks_endpoint"),
        Audited("webhooks_endpointsecret", exclude=("secret",)),
        migrations.RunSQL(
            "INSERT INTO webhooks_fanout (id, position) SELECT 1, coalesce(max(position), 0) FROM events_event",
            "DELETE FROM webhooks_fanout",
        ),
    ]
