"""Policies, standings, holds and their history: what was decided is final, a state moves along its transitions."""

import apps.accounts.rules
import apps.dunning.rules
import apps.kernel.clock
import apps.kernel.ids
import django.db.models.deletion
from django.db import migrations, models

from apps.audit.operations import Audited
from apps.dunning.rules import TRANSITIONS
from apps.kernel.operations import AppendOnly, Transitions


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('audit', '0001_initial'),
        ('kernel', '0001_initial'),
        ('accounts', '0001_initial'),
        ('invoices', '0005_invoice_at'),
    ]

    operations = [
        migrations.CreateModel(
            name='Look',
            fields=[
                ('day', models.DateField(primary_key=True, serialize=False)),
            ],
        ),
        migrations.CreateModel(
            name='Exhaustion',
            fields=[
                ('id', models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('at', models.DateTimeField()),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.account')),
                ('invoice', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='invoices.invoice')),
            ],
            options={
                'ordering': ('-id',),
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Policy',
            fields=[
                ('id', models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('updated_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=100, unique=True)),
                ('is_default', models.BooleanField(default=False)),
            ],
            options={
                'verbose_name_plural': 'policies',
                'ordering': ('-id',),
                'abstract': False,
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('is_default',), name='dunning_one_default')],
            },
        ),
        migrations.CreateModel(
            name='PolicyVersion',
            fields=[
                ('id', models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('number', models.PositiveIntegerField()),
                ('on_retries_exhausted', models.CharField(choices=[('block', 'block'), ('none', 'none')], max_length=5)),
                ('actor', models.CharField(max_length=255)),
                ('policy', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='dunning.policy')),
            ],
            options={
                'ordering': ('-id',),
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='PolicyStep',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('days', models.PositiveSmallIntegerField()),
                ('action', models.CharField(choices=[('remind', 'remind'), ('warn', 'warn'), ('block', 'block'), ('cancel', 'cancel')], max_length=6)),
                ('message', models.CharField(blank=True, choices=[('payment_method_needed', 'payment_method_needed'), ('payment_reminder', 'payment_reminder'), ('payment_warning', 'payment_warning'), ('account_blocked', 'account_blocked'), ('welcome_back', 'welcome_back'), ('account_settled', 'account_settled')], max_length=32)),
                ('version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='dunning.policyversion')),
            ],
            options={
                'ordering': ('days',),
            },
        ),
        migrations.CreateModel(
            name='History',
            fields=[
                ('id', models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('kind', models.CharField(choices=[('state', 'state'), ('reminder', 'reminder'), ('reminder_by_hand', 'reminder_by_hand'), ('hold', 'hold'), ('release', 'release'), ('policy', 'policy'), ('cancel', 'cancel')], max_length=16)),
                ('at', models.DateTimeField()),
                ('status_before', models.CharField(choices=[('CURRENT', 'CURRENT'), ('WARNING', 'WARNING'), ('BLOCKED', 'BLOCKED')], max_length=8)),
                ('status_after', models.CharField(choices=[('CURRENT', 'CURRENT'), ('WARNING', 'WARNING'), ('BLOCKED', 'BLOCKED')], max_length=8)),
                ('reason', models.CharField(blank=True, max_length=17)),
                ('days', models.IntegerField(blank=True, null=True)),
                ('message', models.CharField(blank=True, max_length=32)),
                ('note', models.CharField(blank=True, max_length=500)),
                ('actor', models.CharField(max_length=255)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='dunning_history', to='accounts.account')),
                ('invoice', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='invoices.invoice')),
                ('policy_version', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dunning.policyversion')),
            ],
            options={
                'verbose_name_plural': 'dunning history',
                'ordering': ('-id',),
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Standing',
            fields=[
                ('id', models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('updated_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('status', models.CharField(choices=[('CURRENT', 'CURRENT'), ('WARNING', 'WARNING'), ('BLOCKED', 'BLOCKED')], default=apps.accounts.rules.OverdueStatus['CURRENT'], max_length=8)),
                ('reason', models.CharField(blank=True, choices=[('overdue', 'overdue'), ('retries_exhausted', 'retries_exhausted')], max_length=17)),
                ('since', models.DateTimeField(blank=True, null=True)),
                ('due_date', models.DateField(blank=True, null=True)),
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='standing', to='accounts.account')),
                ('invoice', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='invoices.invoice')),
                ('policy', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='standings', to='dunning.policy')),
            ],
            options={
                'verbose_name': 'dunning',
                'verbose_name_plural': 'dunning',
                'ordering': ('-id',),
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Watch',
            fields=[
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='accounts.account')),
                ('clock_id', models.UUIDField(null=True)),
                ('next_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('next_at__isnull', False)), fields=['clock_id', 'next_at'], name='dunning_to_look_at')],
            },
        ),
        migrations.CreateModel(
            name='Hold',
            fields=[
                ('id', models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('reason', models.CharField(max_length=500)),
                ('placed_at', models.DateTimeField()),
                ('placed_by', models.CharField(max_length=255)),
                ('from_date', models.DateField()),
                ('released_at', models.DateTimeField(blank=True, null=True)),
                ('released_by', models.CharField(blank=True, max_length=255)),
                ('to_date', models.DateField(blank=True, null=True)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='accounts.account')),
            ],
            options={
                'ordering': ('-id',),
                'abstract': False,
                'indexes': [models.Index(fields=['account', 'from_date'], name='dunning_hold_account')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('to_date', None)), fields=('account',), name='dunning_one_hold'), models.CheckConstraint(condition=models.Q(models.Q(('released_at__isnull', True), ('released_by', ''), ('to_date__isnull', True)), models.Q(('released_at__isnull', False), ('to_date__gte', models.F('from_date')), ('to_date__isnull', False), models.Q(('released_by', ''), _negated=True)), _connector='OR'), name='dunning_hold_released'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='dunning_hold_says_why')],
            },
        ),
        migrations.AddConstraint(
            model_name='policyversion',
            constraint=models.UniqueConstraint(fields=('policy', 'number'), name='dunning_version_number'),
        ),
        migrations.AddConstraint(
            model_name='policyversion',
            constraint=models.CheckConstraint(condition=models.Q(('on_retries_exhausted__in', ['block', 'none'])), name='dunning_version_exhausted'),
        ),
        migrations.AddConstraint(
            model_name='policystep',
            constraint=models.UniqueConstraint(fields=('version', 'days'), name='dunning_step_days'),
        ),
        migrations.AddConstraint(
            model_name='policystep',
            constraint=models.CheckConstraint(condition=models.Q(('days__gte', 1), ('days__lte', 365)), name='dunning_step_range'),
        ),
        migrations.AddConstraint(
            model_name='policystep',
            constraint=models.CheckConstraint(condition=models.Q(('action__in', ['remind', 'warn', 'block', 'cancel'])), name='dunning_step_action'),
        ),
        migrations.AddIndex(
            model_name='history',
            index=models.Index(fields=['account', '-id'], name='dunning_history_account'),
        ),
        migrations.AddConstraint(
            model_name='history',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', apps.dunning.rules.Kind['REMINDER'])), fields=('account', 'invoice', 'days'), name='dunning_reminded_once'),
        ),
        migrations.AddConstraint(
            model_name='history',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['state', 'reminder', 'reminder_by_hand', 'hold', 'release', 'policy', 'cancel'])), name='dunning_history_kind'),
        ),
        migrations.AddIndex(
            model_name='standing',
            index=models.Index(condition=models.Q(('due_date__isnull', False)), fields=['due_date', 'id'], name='dunning_queue'),
        ),
        migrations.AddIndex(
            model_name='standing',
            index=models.Index(condition=models.Q(('status', apps.accounts.rules.OverdueStatus['CURRENT']), _negated=True), fields=['id'], name='dunning_not_current'),
        ),
        migrations.AddConstraint(
            model_name='standing',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), ('status', apps.accounts.rules.OverdueStatus['CURRENT'])), models.Q(('reason__in', ['overdue', 'retries_exhausted']), ('since__isnull', False), ('status__in', [apps.accounts.rules.OverdueStatus['WARNING'], apps.accounts.rules.OverdueStatus['BLOCKED']])), _connector='OR'), name='dunning_standing_reason'),
        ),
        migrations.AddConstraint(
            model_name='standing',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('due_date__isnull', True), ('invoice__isnull', True)), models.Q(('due_date__isnull', False), ('invoice__isnull', False)), _connector='OR'), name='dunning_standing_invoice'),
        ),
        migrations.AddConstraint(
            model_name='history',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', apps.dunning.rules.Kind['CANCEL'])), fields=('account', 'invoice'), name='dunning_cancelled_once'),
        ),
        Transitions("dunning_standing", "status", TRANSITIONS),
        Audited("dunning_standing"),
        Audited("dunning_policy"),
        AppendOnly("dunning_policyversion"),
        AppendOnly("dunning_policystep"),
        AppendOnly("dunning_exhaustion"),
        AppendOnly("dunning_history"),
        AppendOnly("dunning_look"),
        AppendOnly("dunning_hold", mutable=("released_at", "released_by", "to_date")),
    ]
