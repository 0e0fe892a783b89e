"""A test clock on its way: where to, who moves it, how far it has come."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("clocks", "0001_initial")]

    operations = [
        migrations.AddField("testclock", "target", models.DateTimeField(blank=True, help_text="Where it is being moved to.", null=True)),
        migrations.AddField("testclock", "lease_token", models.UUIDField(blank=True, null=True)),
        migrations.AddField("testclock", "lease_until", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("testclock", "error", models.TextField(blank=True, db_default="", default="", help_text="Why it stopped on the way.")),
        migrations.AddField("testclock", "progress", models.JSONField(blank=True, db_default={}, default=dict)),
    ]
