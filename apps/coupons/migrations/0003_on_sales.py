"""A coupon comes off a one-off invoice too: then it is attached to no subscription, and ended as it is made."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("coupons", "0002_off_is_one")]

    operations = [
        migrations.AlterField("attachment", "subscription_id", models.UUIDField(null=True)),
        migrations.AddConstraint(
            "attachment",
            models.CheckConstraint(
                condition=models.Q(subscription_id__isnull=False) | models.Q(detached_at__isnull=False),
                name="coupons_attachment_of_a_sale",
            ),
        ),
    ]
