"""The rate table and the registrations, audited."""

import apps.kernel.clock
import apps.kernel.ids
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
from django.db import migrations, models

from apps.audit.operations import Audited


class Migration(migrations.Migration):

    initial = True

    dependencies = [('audit', '0001_initial'), ('kernel', '0001_initial')]

    operations = [
        migrations.CreateModel(
            name='Registration',
            fields=[
                ('id', models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('updated_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('country', models.CharField(max_length=2)),
                ('tax_id', models.CharField(blank=True, max_length=64)),
                ('valid', django.contrib.postgres.fields.ranges.DateRangeField()),
            ],
            options={
                'ordering': ('-id',),
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('valid__isempty', False)), name='tax_registration_valid_some_day'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('country', '='), ('valid', '&&')], name='tax_registration_no_overlap')],
            },
        ),
        migrations.CreateModel(
            name='TaxRate',
            fields=[
                ('id', models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('updated_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('jurisdiction', models.CharField(max_length=12)),
                ('category', models.CharField(default='standard', max_length=64)),
                ('name', models.CharField(max_length=64)),
                ('rate', models.DecimalField(decimal_places=4, max_digits=7)),
                ('valid', django.contrib.postgres.fields.ranges.DateRangeField()),
                ('source', models.CharField(blank=True, max_length=255)),
            ],
            options={
                'ordering': ('-id',),
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('rate__gte', 0), ('rate__lte', 100)), name='tax_taxrate_percent'), models.CheckConstraint(condition=models.Q(('valid__isempty', False)), name='tax_taxrate_valid_some_day'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('jurisdiction', '='), ('category', '='), ('valid', '&&')], name='tax_taxrate_no_overlap')],
            },
        ),
        Audited("tax_registration"),
        Audited("tax_taxrate"),
    ]
