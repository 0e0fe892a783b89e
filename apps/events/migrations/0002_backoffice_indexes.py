from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(condition=models.Q(("lane", "api")), fields=["-id"], name="events_delivery_api"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(condition=models.Q(("lane", "api")), fields=["-id"], name="events_event_api"),
        ),
    ]
