"""What the gateway told us is looked into under the correlation id and in the trace of the request that brought it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0009_carried")]

    operations = [
        migrations.AddField(
            model_name="gatewaynotice",
            name="correlation",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="gatewaynotice",
            name="traceparent",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=64),
        ),
    ]
