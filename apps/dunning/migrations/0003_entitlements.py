"""What an account may use, kept until one of its subscriptions changes."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('dunning', '0002_default_policy'),
    ]

    operations = [
        migrations.CreateModel(
            name='Entitlement',
            fields=[
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='entitlement', serialize=False, to='accounts.account')),
                ('granted', models.JSONField()),
            ],
        ),
    ]
