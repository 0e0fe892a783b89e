from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('subscriptions', '0010_reratings'),
    ]

    operations = [
        migrations.AddField(
            model_name='subscription',
            name='trial_told_at',
            field=models.DateTimeField(blank=True, editable=False, help_text='When it was announced that its trial will end.', null=True),
        ),
        migrations.AddIndex(
            model_name='subscription',
            index=models.Index(condition=models.Q(('status', 'TRIAL'), ('trial_told_at__isnull', True)), fields=['trial_end', 'id'], name='subscriptions_trial_untold'),
        ),
    ]
