"""The policy that a new deployment starts from: a reminder, a warning, then the block."""

from django.db import migrations

STEPS = ((3, "remind", "payment_reminder"), (7, "warn", "payment_warning"), (14, "block", "account_blocked"))


def seed(apps, schema_editor):
    policy = apps.get_model("dunning", "Policy").objects.create(name="Standard", is_default=True)
    version = apps.get_model("dunning", "PolicyVersion").objects.create(
        policy=policy, number=1, on_retries_exhausted="block", actor="system:migration"
    )
    apps.get_model("dunning", "PolicyStep").objects.bulk_create(
        apps.get_model("dunning", "PolicyStep")(version=version, days=days, action=action, message=message)
        for days, action, message in STEPS
    )


class Migration(migrations.Migration):

    dependencies = [("dunning", "0001_dunning")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
