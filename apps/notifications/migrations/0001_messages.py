"""Messages, audited; a state moves only along its transitions."""

import apps.kernel.clock
import apps.kernel.ids
import apps.notifications.rules
import django.db.models.deletion
from django.db import migrations, models

from apps.audit.operations import Audited
from apps.kernel.operations import Transitions
from apps.notifications.rules import TRANSITIONS


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('audit', '0001_initial'),
        ('kernel', '0001_initial'),
        ('accounts', '0001_initial'),
        ('invoices', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('updated_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('kind', models.CharField(choices=[('invoice_created', 'invoice_created'), ('invoice_copy', 'invoice_copy')], max_length=32)),
                ('cause_id', models.UUIDField()),
                ('to', models.EmailField(max_length=254)),
                ('subject', models.CharField(max_length=200)),
                ('text', models.TextField()),
                ('status', models.CharField(choices=[('PENDING', 'PENDING'), ('SENT', 'SENT'), ('FAILED', 'FAILED')], default=apps.notifications.rules.Status['PENDING'], max_length=7)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('calls', models.PositiveIntegerField(default=0)),
                ('next_call_at', models.DateTimeField(blank=True, null=True)),
                ('lease_token', models.UUIDField(blank=True, null=True)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('last_error', models.TextField(blank=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='accounts.account')),
                ('invoice', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='invoices.invoice')),
            ],
            options={
                'ordering': ('-id',),
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('status', 'PENDING')), fields=['next_call_at'], name='notifications_to_send'), models.Index(condition=models.Q(('status', 'FAILED')), fields=['id'], name='notifications_failed')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'cause_id'), name='notifications_message_once'), models.CheckConstraint(condition=models.Q(('kind__in', ['invoice_created', 'invoice_copy'])), name='notifications_message_kind'), models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', False), ('status', 'SENT')), models.Q(('sent_at__isnull', True), ('status__in', ['PENDING', 'FAILED'])), _connector='OR'), name='notifications_message_status')],
            },
        ),
        Transitions("notifications_message", "status", TRANSITIONS),
        Audited("notifications_message"),
    ]
