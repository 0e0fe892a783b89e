"""Test clocks, logged, and never set back."""

import apps.clocks.rules
import apps.kernel.clock
import apps.kernel.ids
from django.db import migrations, models

from apps.audit.operations import Audited
from apps.clocks.rules import TRANSITIONS
from apps.kernel.operations import Transitions

FORWARD_ONLY = """
CREATE FUNCTION clocks_testclock_refuse_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'test clock % may not go back from % to %', OLD.id, OLD.frozen_time, NEW.frozen_time
        USING ERRCODE = 'check_violation';
END
$$;
CREATE TRIGGER clocks_testclock_forward_only BEFORE UPDATE OF frozen_time ON clocks_testclock
    FOR EACH ROW WHEN (NEW.frozen_time < OLD.frozen_time) EXECUTE FUNCTION clocks_testclock_refuse_back();
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [("kernel", "0001_initial"), ("audit", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name='TestClock',
            fields=[
                ('id', models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('updated_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=255)),
                ('frozen_time', models.DateTimeField()),
                ('status', models.CharField(choices=[('READY', 'READY'), ('ADVANCING', 'ADVANCING'), ('FAILED', 'FAILED')], default=apps.clocks.rules.Status['READY'], max_length=9)),
            ],
            options={
                'ordering': ('-id',),
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['READY', 'ADVANCING', 'FAILED'])), name='clocks_testclock_status')],
            },
        ),
        Transitions("clocks_testclock", "status", TRANSITIONS),
        migrations.RunSQL(
            FORWARD_ONLY,
            "DROP TRIGGER clocks_testclock_forward_only ON clocks_testclock; DROP FUNCTION clocks_testclock_refuse_back()",
        ),
        Audited("clocks_testclock"),
    ]
