"""Event and Delivery; an event is final but for its position, a delivery moves only along its transitions."""

import apps.kernel.clock
import apps.kernel.ids
import django.db.models.deletion
from django.db import migrations, models

from apps.events.rules import TRANSITIONS
from apps.kernel.operations import AppendOnly, Transitions


class Migration(migrations.Migration):

    initial = True

    dependencies = [('kernel', '0001_initial')]

    operations = [
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('event_type', models.CharField(max_length=100)),
                ('version', models.PositiveSmallIntegerField(default=1)),
                ('effective_at', models.DateTimeField()),
                ('position', models.BigIntegerField(editable=False, null=True)),
                ('lane', models.CharField(choices=[('api', 'api'), ('run', 'run')], max_length=8)),
                ('account_id', models.UUIDField(null=True)),
                ('object_id', models.UUIDField()),
                ('correlation', models.TextField(blank=True, default='')),
                ('data', models.JSONField()),
            ],
            options={
                'ordering': ('-id',),
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('position__isnull', True)), fields=['id'], name='events_event_unsequenced'), models.Index(fields=['account_id', 'position'], name='events_event_account'), models.Index(fields=['object_id'], name='events_event_object')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('position__isnull', False)), fields=('position',), name='events_event_position_once'), models.CheckConstraint(condition=models.Q(('position__isnull', True), ('position__gt', 0), _connector='OR'), name='events_event_position'), models.CheckConstraint(condition=models.Q(('lane__in', ['api', 'run'])), name='events_event_lane')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('subscriber', models.CharField(max_length=100)),
                ('lane', models.CharField(choices=[('api', 'api'), ('run', 'run')], max_length=8)),
                ('status', models.CharField(choices=[('PENDING', 'PENDING'), ('DONE', 'DONE'), ('DEAD', 'DEAD')], default='PENDING', max_length=8)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('next_attempt_at', models.DateTimeField(default=apps.kernel.clock.wall)),
                ('last_error', models.TextField(blank=True, default='')),
                ('done_at', models.DateTimeField(editable=False, null=True)),
                ('event', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='events.event')),
            ],
            options={
                'verbose_name_plural': 'deliveries',
                'ordering': ('-id',),
                'indexes': [models.Index(models.F('subscriber'), models.F('lane'), models.F('next_attempt_at'), models.F('id'), condition=models.Q(('status', 'PENDING')), name='events_delivery_due'), models.Index(condition=models.Q(('status', 'DEAD')), fields=['id'], name='events_delivery_dead')],
                'constraints': [models.UniqueConstraint(fields=('event', 'subscriber'), name='events_delivery_once'), models.CheckConstraint(condition=models.Q(('status__in', ['PENDING', 'DONE', 'DEAD'])), name='events_delivery_status'), models.CheckConstraint(condition=models.Q(models.Q(('done_at__isnull', False), ('status', 'DONE')), models.Q(models.Q(('status', 'DONE'), _negated=True), ('done_at__isnull', True)), _connector='OR'), name='events_delivery_done_at')],
            },
        ),
        AppendOnly("events_event", mutable=("position",)),
        Transitions("events_delivery", "status", TRANSITIONS),
    ]
