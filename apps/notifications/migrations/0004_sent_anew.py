"""A message that was given up may be sent after all."""

from django.db import migrations

from apps.kernel.operations import Transitions
from apps.notifications.rules import TRANSITIONS

FORMER = """
DROP TRIGGER notifications_message_status_step ON notifications_message;
DROP FUNCTION notifications_message_status_step();
"""


class Migration(migrations.Migration):

    dependencies = [('notifications', '0003_payment_confirmation')]

    operations = [
        migrations.RunSQL(FORMER, migrations.RunSQL.noop),
        Transitions("notifications_message", "status", TRANSITIONS),
    ]
