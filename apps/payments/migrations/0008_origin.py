
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('invoices', '0006_chargeback_reversal'),
        ('payments', '0007_reconciliation'),
    ]

    operations = [
        migrations.AddField(
            model_name='payment',
            name='origin',
            field=models.CharField(blank=True, choices=[('invoice', 'invoice'), ('retry', 'retry'), ('method', 'method'), ('page', 'page'), ('person', 'person'), ('transfer', 'transfer')], db_default='', default='', max_length=8),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(condition=models.Q(('status', 'FAILED')), fields=['settled_at'], name='payments_failed_when'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('origin__in', ['', 'invoice', 'retry', 'method', 'page', 'person', 'transfer'])), name='payments_origin_known'),
        ),
    ]
