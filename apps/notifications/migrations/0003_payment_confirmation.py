
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('invoices', '0006_chargeback_reversal'),
        ('notifications', '0002_wordings'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='message',
            name='notifications_message_kind',
        ),
        migrations.RemoveConstraint(
            model_name='wording',
            name='notifications_wording_known',
        ),
        migrations.AlterField(
            model_name='message',
            name='kind',
            field=models.CharField(choices=[('invoice_created', 'invoice created'), ('invoice_copy', 'invoice copy'), ('receipt', 'receipt'), ('payment_failed', 'payment failed'), ('payment_confirmation', 'payment confirmation'), ('payment_method_needed', 'payment method needed'), ('payment_reminder', 'payment reminder'), ('payment_warning', 'payment warning'), ('account_blocked', 'account blocked'), ('welcome_back', 'welcome back'), ('account_settled', 'account settled'), ('trial_ending', 'trial ending'), ('card_expiring', 'card expiring'), ('credit_applied', 'credit applied'), ('invoice_corrected', 'invoice corrected'), ('credit_note', 'credit note')], max_length=32),
        ),
        migrations.AlterField(
            model_name='wording',
            name='kind',
            field=models.CharField(choices=[('invoice_created', 'invoice created'), ('invoice_copy', 'invoice copy'), ('receipt', 'receipt'), ('payment_failed', 'payment failed'), ('payment_confirmation', 'payment confirmation'), ('payment_method_needed', 'payment method needed'), ('payment_reminder', 'payment reminder'), ('payment_warning', 'payment warning'), ('account_blocked', 'account blocked'), ('welcome_back', 'welcome back'), ('account_settled', 'account settled'), ('trial_ending', 'trial ending'), ('card_expiring', 'card expiring'), ('credit_applied', 'credit applied'), ('invoice_corrected', 'invoice corrected'), ('credit_note', 'credit note')], max_length=32),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['invoice_created', 'invoice_copy', 'receipt', 'payment_failed', 'payment_confirmation', 'payment_method_needed', 'payment_reminder', 'payment_warning', 'account_blocked', 'welcome_back', 'account_settled', 'trial_ending', 'card_expiring', 'credit_applied', 'invoice_corrected', 'credit_note'])), name='notifications_message_kind'),
        ),
        migrations.AddConstraint(
            model_name='wording',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['invoice_created', 'invoice_copy', 'receipt', 'payment_failed', 'payment_confirmation', 'payment_method_needed', 'payment_reminder', 'payment_warning', 'account_blocked', 'welcome_back', 'account_settled', 'trial_ending', 'card_expiring', 'credit_applied', 'invoice_corrected', 'credit_note']), ('language__in', ['en', 'de', 'fr'])), name='notifications_wording_known'),
        ),
    ]
