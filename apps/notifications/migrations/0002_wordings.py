"""Words by staff, addresses that get no mail, more kinds of messages and states."""

import apps.kernel.clock
import apps.kernel.ids
import apps.notifications.rules
import django.db.models.deletion
from django.db import migrations, models

from apps.audit.operations import Audited
from apps.kernel.operations import AppendOnly, Transitions
from apps.notifications.rules import TRANSITIONS

FORMER = """
DROP TRIGGER notifications_message_status_step ON notifications_message;
DROP FUNCTION notifications_message_status_step();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('invoices', '0005_invoice_at'),
        ('notifications', '0001_messages'),
    ]

    operations = [
        migrations.CreateModel(
            name='Suppression',
            fields=[
                ('id', models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('address', models.CharField(max_length=254)),
                ('scope', models.CharField(choices=[('all', 'all'), ('optional', 'optional')], max_length=8)),
                ('cause', models.CharField(choices=[('bounced', 'bounced'), ('complained', 'complained'), ('unsubscribed', 'unsubscribed'), ('by_hand', 'by hand')], max_length=12)),
                ('detail', models.CharField(blank=True, max_length=500)),
                ('actor', models.CharField(max_length=255)),
                ('lifted_at', models.DateTimeField(blank=True, null=True)),
                ('lifted_by', models.CharField(blank=True, max_length=255)),
            ],
            options={
                'ordering': ('-id',),
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Wording',
            fields=[
                ('id', models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('updated_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('kind', models.CharField(choices=[('invoice_created', 'invoice created'), ('invoice_copy', 'invoice copy'), ('receipt', 'receipt'), ('payment_failed', 'payment failed'), ('payment_method_needed', 'payment method needed'), ('payment_reminder', 'payment reminder'), ('payment_warning', 'payment warning'), ('account_blocked', 'account blocked'), ('welcome_back', 'welcome back'), ('account_settled', 'account settled'), ('trial_ending', 'trial ending'), ('card_expiring', 'card expiring'), ('credit_applied', 'credit applied'), ('invoice_corrected', 'invoice corrected'), ('credit_note', 'credit note')], max_length=32)),
                ('language', models.CharField(choices=[('en', 'English'), ('de', 'German'), ('fr', 'French')], max_length=5)),
                ('subject', models.CharField(max_length=200)),
                ('body', models.TextField()),
            ],
            options={
                'ordering': ('-id',),
                'abstract': False,
            },
        ),
        migrations.RemoveConstraint(
            model_name='message',
            name='notifications_message_kind',
        ),
        migrations.RemoveConstraint(
            model_name='message',
            name='notifications_message_status',
        ),
        migrations.AddField(
            model_name='message',
            name='language',
            field=models.CharField(default='en', max_length=5),
        ),
        migrations.AlterField(
            model_name='message',
            name='kind',
            field=models.CharField(choices=[('invoice_created', 'invoice created'), ('invoice_copy', 'invoice copy'), ('receipt', 'receipt'), ('payment_failed', 'payment failed'), ('payment_method_needed', 'payment method needed'), ('payment_reminder', 'payment reminder'), ('payment_warning', 'payment warning'), ('account_blocked', 'account blocked'), ('welcome_back', 'welcome back'), ('account_settled', 'account settled'), ('trial_ending', 'trial ending'), ('card_expiring', 'card expiring'), ('credit_applied', 'credit applied'), ('invoice_corrected', 'invoice corrected'), ('credit_note', 'credit note')], max_length=32),
        ),
        migrations.AlterField(
            model_name='message',
            name='status',
            field=models.CharField(choices=[('PENDING', 'PENDING'), ('SENT', 'SENT'), ('FAILED', 'FAILED'), ('SKIPPED', 'SKIPPED'), ('BOUNCED', 'BOUNCED')], default=apps.notifications.rules.Status['PENDING'], max_length=7),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['invoice_created', 'invoice_copy', 'receipt', 'payment_failed', 'payment_method_needed', 'payment_reminder', 'payment_warning', 'account_blocked', 'welcome_back', 'account_settled', 'trial_ending', 'card_expiring', 'credit_applied', 'invoice_corrected', 'credit_note'])), name='notifications_message_kind'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', False), ('status', 'SENT')), models.Q(('sent_at__isnull', True), ('status__in', ['PENDING', 'FAILED', 'SKIPPED'])), ('status', 'BOUNCED'), _connector='OR'), name='notifications_message_status'),
        ),
        migrations.AddField(
            model_name='suppression',
            name='message',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='suppressions', to='notifications.message'),
        ),
        migrations.AddConstraint(
            model_name='wording',
            constraint=models.UniqueConstraint(fields=('kind', 'language'), name='notifications_wording_once'),
        ),
        migrations.AddConstraint(
            model_name='wording',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['invoice_created', 'invoice_copy', 'receipt', 'payment_failed', 'payment_method_needed', 'payment_reminder', 'payment_warning', 'account_blocked', 'welcome_back', 'account_settled', 'trial_ending', 'card_expiring', 'credit_applied', 'invoice_corrected', 'credit_note']), ('language__in', ['en', 'de', 'fr'])), name='notifications_wording_known'),
        ),
        migrations.AddConstraint(
            model_name='wording',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('subject', ''), _negated=True), models.Q(('body', ''), _negated=True)), name='notifications_wording_says'),
        ),
        migrations.AddConstraint(
            model_name='suppression',
            constraint=models.UniqueConstraint(condition=models.Q(('lifted_at', None)), fields=('address', 'scope'), name='notifications_suppressed_once'),
        ),
        migrations.AddConstraint(
            model_name='suppression',
            constraint=models.CheckConstraint(condition=models.Q(('cause__in', ['bounced', 'complained', 'unsubscribed', 'by_hand']), ('scope__in', ['all', 'optional'])), name='notifications_suppression_known'),
        ),
        migrations.AddConstraint(
            model_name='suppression',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('lifted_at__isnull', True), ('lifted_by', '')), models.Q(('lifted_at__isnull', False), models.Q(('lifted_by', ''), _negated=True)), _connector='OR'), name='notifications_suppression_lifted'),
        ),
        migrations.RunSQL(FORMER, migrations.RunSQL.noop),
        Transitions("notifications_message", "status", TRANSITIONS),
        Audited("notifications_wording"),
        AppendOnly("notifications_suppression", mutable=("lifted_at", "lifted_by")),
    ]
