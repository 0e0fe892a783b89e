from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):

    dependencies = [
        ('subscriptions', '0010_reratings'),
    ]

    operations = [
        migrations.AddField(
            model_name='subscription',
            name='announced_for',
            field=models.DateTimeField(blank=True, editable=False, help_text='The next_billing_at that was announced ahead.', null=True),
        ),
        migrations.AddIndex(
            model_name='subscription',
            index=models.Index(condition=Q(next_billing_at__isnull=False) & (Q(announced_for__isnull=True) | Q(next_billing_at__gt=F('announced_for'))), fields=['next_billing_at', 'id'], name='subscriptions_unannounced'),
        ),
    ]
