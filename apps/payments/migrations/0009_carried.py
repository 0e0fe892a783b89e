from django.db import migrations, models

import apps.kernel.fields


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0008_origin'),
    ]

    operations = [
        migrations.AddField(
            model_name='payment',
            name='carried',
            field=apps.kernel.fields.AmountField(db_default=0, default=0, help_text='Of the amount, what earlier invoices owe that were too small to charge.'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('carried__gte', 0), ('carried__lt', models.F('amount'))), name='payments_carried_within_amount'),
        ),
    ]
