"""A key may be made in the place of another: at most one for each."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0003_tokens_and_second_factor'),
    ]

    operations = [
        migrations.AddField(
            model_name='apikey',
            name='replaces',
            field=models.OneToOneField(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replacement', to='access.apikey'),
        ),
    ]
