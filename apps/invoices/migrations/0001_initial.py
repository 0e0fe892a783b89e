"""Invoices, and the rules that PostgreSQL keeps of them: sums that add up, and what is final stays final."""

import apps.invoices.rules
import apps.kernel.clock
import apps.kernel.fields
import apps.kernel.ids
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

from apps.audit.operations import Audited
from apps.invoices.rules import TRANSITIONS
from apps.kernel.operations import AppendOnly, Transitions

# Lines and tax lines are written before their invoice, so this sees them all. Index lookups by force: a plan made while
# the tables are small is kept by the session, and a sequential scan would be ruinous later.
SUMS = """
CREATE FUNCTION invoices_check_sums() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    wrong uuid;
BEGIN
    SELECT invoice.id INTO wrong
    FROM final AS invoice
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(amount), 0) AS amount, coalesce(sum(discount_amount), 0) AS discount,
               coalesce(sum(tax_amount), 0) AS tax
        FROM invoices_line WHERE invoice_id = invoice.id
    ) AS lines
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(amount), 0) AS tax FROM invoices_taxline WHERE invoice_id = invoice.id
    ) AS taxes
    WHERE invoice.status <> 'DRAFT'
      AND (lines.amount, lines.discount, lines.tax, taxes.tax)
          IS DISTINCT FROM (invoice.subtotal::numeric, invoice.discount::numeric, invoice.tax::numeric, invoice.tax::numeric)
    LIMIT 1;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'invoice % does not hold the sums of its lines and tax lines', wrong
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER invoices_invoice_sums_insert AFTER INSERT ON invoices_invoice REFERENCING NEW TABLE AS final
    FOR EACH STATEMENT EXECUTE FUNCTION invoices_check_sums();
CREATE TRIGGER invoices_invoice_sums_update AFTER UPDATE ON invoices_invoice REFERENCING NEW TABLE AS final
    FOR EACH STATEMENT EXECUTE FUNCTION invoices_check_sums();
"""

NO_SUMS = """
DROP TRIGGER invoices_invoice_sums_insert ON invoices_invoice;
DROP TRIGGER invoices_invoice_sums_update ON invoices_invoice;
DROP FUNCTION invoices_check_sums();
"""

CLOSED = """
CREATE FUNCTION invoices_refuse_late_row() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added JOIN invoices_invoice AS invoice ON invoice.id = added.invoice_id
        WHERE invoice.status <> 'DRAFT'
    ) THEN
        RAISE EXCEPTION 'INSERT on % is refused: the invoice is final', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER invoices_line_closed AFTER INSERT ON invoices_line REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION invoices_refuse_late_row();
CREATE TRIGGER invoices_taxline_closed AFTER INSERT ON invoices_taxline REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION invoices_refuse_late_row();
"""

NOT_CLOSED = """
DROP TRIGGER invoices_line_closed ON invoices_line;
DROP TRIGGER invoices_taxline_closed ON invoices_taxline;
DROP FUNCTION invoices_refuse_late_row();
"""

# The trigger above cannot see an invoice that another transaction has not committed yet, so each row is looked at once
# more at its own commit: the invoice must be there, and if it is final, final by this very transaction. A draft is
# locked against being made final meanwhile.
SEALED = """
CREATE FUNCTION invoices_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.sealed_by := CASE WHEN NEW.status <> 'DRAFT' THEN pg_current_xact_id()::text::bigint END;
    RETURN NEW;
END
$$;
CREATE TRIGGER invoices_invoice_seal_insert BEFORE INSERT ON invoices_invoice
    FOR EACH ROW EXECUTE FUNCTION invoices_seal();
CREATE TRIGGER invoices_invoice_seal_update BEFORE UPDATE ON invoices_invoice
    FOR EACH ROW WHEN (OLD.status = 'DRAFT') EXECUTE FUNCTION invoices_seal();
CREATE FUNCTION invoices_refuse_row_of_another() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    sealed bigint;
    state text;
BEGIN
    SELECT sealed_by, status INTO sealed, state FROM invoices_invoice WHERE id = NEW.invoice_id;
    IF state = 'DRAFT' THEN
        SELECT sealed_by, status INTO sealed, state FROM invoices_invoice WHERE id = NEW.invoice_id FOR SHARE;
    END IF;
    IF state IS NULL THEN
        RAISE EXCEPTION 'row % of % has no invoice', NEW.id, TG_TABLE_NAME USING ERRCODE = 'foreign_key_violation';
    END IF;
    IF sealed <> pg_current_xact_id()::text::bigint THEN
        RAISE EXCEPTION 'INSERT on % is refused: the invoice was made final by another transaction', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER invoices_line_sealed AFTER INSERT ON invoices_line DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION invoices_refuse_row_of_another();
CREATE CONSTRAINT TRIGGER invoices_taxline_sealed AFTER INSERT ON invoices_taxline DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION invoices_refuse_row_of_another();
"""

NOT_SEALED = """
DROP TRIGGER invoices_line_sealed ON invoices_line;
DROP TRIGGER invoices_taxline_sealed ON invoices_taxline;
DROP FUNCTION invoices_refuse_row_of_another();
DROP TRIGGER invoices_invoice_seal_insert ON invoices_invoice;
DROP TRIGGER invoices_invoice_seal_update ON invoices_invoice;
DROP FUNCTION invoices_seal();
"""

MUTABLE = (
    "status", "paid_at", "voided_at", "void_reason", "requires_review", "metadata", "updated_at", "version",
)


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('audit', '0001_initial'),
        ('kernel', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='NumberSeries',
            fields=[
                ('series', models.CharField(max_length=32, primary_key=True, serialize=False)),
                ('last', models.PositiveBigIntegerField()),
            ],
            options={
                'verbose_name_plural': 'number series',
            },
        ),
        migrations.CreateModel(
            name='Invoice',
            fields=[
                ('id', models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('updated_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('number', models.CharField(editable=False, max_length=40, null=True)),
                ('subscription_id', models.UUIDField(null=True)),
                ('kind', models.CharField(choices=[('subscription', 'subscription'), ('proration', 'proration'), ('supplemental', 'supplemental'), ('one_off', 'one_off'), ('correction', 'correction')], max_length=12)),
                ('status', models.CharField(choices=[('DRAFT', 'DRAFT'), ('OPEN', 'OPEN'), ('PAID', 'PAID'), ('VOID', 'VOID')], default=apps.invoices.rules.Status['DRAFT'], max_length=5)),
                ('currency', apps.kernel.fields.CurrencyField(max_length=3)),
                ('subtotal', apps.kernel.fields.AmountField()),
                ('discount', apps.kernel.fields.AmountField(default=0)),
                ('tax', apps.kernel.fields.AmountField(default=0)),
                ('total', apps.kernel.fields.AmountField()),
                ('issue_date', models.DateField(null=True)),
                ('due_date', models.DateField(null=True)),
                ('paid_at', models.DateTimeField(null=True)),
                ('voided_at', models.DateTimeField(null=True)),
                ('void_reason', models.CharField(blank=True, default='', max_length=255)),
                ('requires_review', models.BooleanField(default=False)),
                ('sealed_by', models.BigIntegerField(editable=False, null=True)),
                ('bill_to', models.JSONField(default=dict)),
                ('metadata', apps.kernel.fields.MetadataField()),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='invoices', to='accounts.account')),
                ('replaces', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replacements', to='invoices.invoice')),
            ],
            options={
                'ordering': ('-id',),
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Line',
            fields=[
                ('id', models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('position', models.PositiveSmallIntegerField()),
                ('kind', models.CharField(choices=[('recurring', 'recurring'), ('proration_credit', 'proration_credit'), ('proration_charge', 'proration_charge'), ('usage', 'usage'), ('minimum', 'minimum'), ('one_off', 'one_off'), ('tax_correction', 'tax_correction'), ('credit_to_balance', 'credit_to_balance')], max_length=18)),
                ('subscription_id', models.UUIDField(null=True)),
                ('plan_version', models.PositiveIntegerField(null=True)),
                ('description', models.CharField(max_length=500)),
                ('service_days', django.contrib.postgres.fields.ranges.DateRangeField(null=True)),
                ('period_start', models.DateTimeField(null=True)),
                ('period_end', models.DateTimeField(null=True)),
                ('quantity', models.DecimalField(decimal_places=12, max_digits=30)),
                ('unit_amount', models.DecimalField(decimal_places=12, max_digits=30, null=True)),
                ('amount', apps.kernel.fields.AmountField()),
                ('discount_amount', apps.kernel.fields.AmountField(default=0)),
                ('tax_behavior', models.CharField(max_length=9)),
                ('tax_jurisdiction', models.CharField(blank=True, max_length=12)),
                ('tax_name', models.CharField(blank=True, max_length=64)),
                ('tax_category', models.CharField(max_length=64)),
                ('tax_rate', models.DecimalField(decimal_places=4, max_digits=7)),
                ('tax_reason', models.CharField(blank=True, max_length=32)),
                ('tax_amount', apps.kernel.fields.AmountField(default=0)),
                ('breakdown', models.JSONField(null=True)),
                ('source', models.JSONField(default=dict)),
                ('invoice', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='invoices.invoice')),
            ],
            options={
                'ordering': ('position',),
            },
        ),
        migrations.CreateModel(
            name='Settlement',
            fields=[
                ('id', models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('payment', 'payment'), ('refund', 'refund'), ('chargeback', 'chargeback'), ('credit', 'credit'), ('credit_note', 'credit_note'), ('write_off', 'write_off')], max_length=11)),
                ('source_id', models.UUIDField()),
                ('amount', apps.kernel.fields.AmountField()),
                ('excess', apps.kernel.fields.AmountField(default=0)),
                ('at', models.DateTimeField()),
                ('created_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('invoice', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='settlements', to='invoices.invoice')),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='TaxLine',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('position', models.PositiveSmallIntegerField()),
                ('jurisdiction', models.CharField(blank=True, max_length=12)),
                ('name', models.CharField(blank=True, max_length=64)),
                ('category', models.CharField(max_length=64)),
                ('rate', models.DecimalField(decimal_places=4, max_digits=7)),
                ('taxable_amount', apps.kernel.fields.AmountField()),
                ('amount', apps.kernel.fields.AmountField()),
                ('reason', models.CharField(blank=True, max_length=32)),
                ('invoice', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='tax_lines', to='invoices.invoice')),
            ],
            options={
                'ordering': ('position',),
            },
        ),
        migrations.AddIndex(
            model_name='invoice',
            index=models.Index(fields=['account', '-id'], name='invoices_invoice_account'),
        ),
        migrations.AddIndex(
            model_name='invoice',
            index=models.Index(fields=['status', '-id'], name='invoices_invoice_status'),
        ),
        migrations.AddIndex(
            model_name='invoice',
            index=models.Index(fields=['due_date'], name='invoices_invoice_due'),
        ),
        migrations.AddIndex(
            model_name='invoice',
            index=models.Index(condition=models.Q(('replaces__isnull', False)), fields=['replaces'], name='invoices_invoice_replaces'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.UniqueConstraint(fields=('number',), name='invoices_invoice_number'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.CheckConstraint(condition=models.Q(('total', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('subtotal'), '-', models.F('discount')), '+', models.F('tax')))), name='invoices_invoice_adds_up'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.CheckConstraint(condition=models.Q(('subtotal__gte', -1000000000000000), ('subtotal__lte', 1000000000000000), ('total__gte', 0), ('total__lte', 1000000000000000)), name='invoices_invoice_bounded'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('number__isnull', True), ('status', apps.invoices.rules.Status['DRAFT'])), ('status', apps.invoices.rules.Status['VOID']), models.Q(('due_date__isnull', False), ('issue_date__isnull', False), ('number__isnull', False), ('status__in', [apps.invoices.rules.Status['OPEN'], apps.invoices.rules.Status['PAID']])), _connector='OR'), name='invoices_invoice_numbered'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('paid_at__isnull', False), ('status', apps.invoices.rules.Status['PAID'])), models.Q(('status', apps.invoices.rules.Status['PAID']), _negated=True), _connector='OR'), name='invoices_invoice_paid_at'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', apps.invoices.rules.Status['VOID']), ('voided_at__isnull', False)), models.Q(('status', apps.invoices.rules.Status['VOID']), _negated=True), _connector='OR'), name='invoices_invoice_voided_at'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['subscription', 'proration', 'supplemental', 'one_off', 'correction'])), name='invoices_invoice_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.CheckConstraint(condition=models.Q(('currency__in', ['AED', 'AFN', 'ALL', 'AMD', 'AOA', 'ARS', 'AUD', 'AWG', 'AZN', 'BAM', 'BBD', 'BDT', 'BGN', 'BHD', 'BIF', 'BMD', 'BND', 'BOB', 'BRL', 'BSD', 'BTN', 'BWP', 'BYN', 'BZD', 'CAD', 'CDF', 'CHF', 'CLP', 'CNY', 'COP', 'CRC', 'CUP', 'CVE', 'CZK', 'DJF', 'DKK', 'DOP', 'DZD', 'EGP', 'ERN', 'ETB', 'EUR', 'FJD', 'FKP', 'GBP', 'GEL', 'GHS', 'GIP', 'GMD', 'GNF', 'GTQ', 'GYD', 'HKD', 'HNL', 'HTG', 'HUF', 'IDR', 'ILS', 'INR', 'IQD', 'IRR', 'ISK', 'JMD', 'JOD', 'JPY', 'KES', 'KGS', 'KHR', 'KMF', 'KPW', 'KRW', 'KWD', 'KYD', 'KZT', 'LAK', 'LBP', 'LKR', 'LRD', 'LSL', 'LYD', 'MAD', 'MDL', 'MGA', 'MKD', 'MMK', 'MNT', 'MOP', 'MRU', 'MUR', 'MVR', 'MWK', 'MXN', 'MYR', 'MZN', 'NAD', 'NGN', 'NIO', 'NOK', 'NPR', 'NZD', 'OMR', 'PAB', 'PEN', 'PGK', 'PHP', 'PKR', 'PLN', 'PYG', 'QAR', 'RON', 'RSD', 'RUB', 'RWF', 'SAR', 'SBD', 'SCR', 'SDG', 'SEK', 'SGD', 'SHP', 'SLE', 'SOS', 'SRD', 'SSP', 'STN', 'SVC', 'SYP', 'SZL', 'THB', 'TJS', 'TMT', 'TND', 'TOP', 'TRY', 'TTD', 'TWD', 'TZS', 'UAH', 'UGX', 'USD', 'UYI', 'UYU', 'UZS', 'VED', 'VES', 'VND', 'VUV', 'WST', 'XAF', 'XCD', 'XOF', 'XPF', 'YER', 'ZAR', 'ZMW', 'ZWG'])), name='invoices_invoice_currency_known'),
        ),
        migrations.AddIndex(
            model_name='line',
            index=models.Index(condition=models.Q(('subscription_id__isnull', False)), fields=['subscription_id'], name='invoices_line_subscription'),
        ),
        migrations.AddConstraint(
            model_name='line',
            constraint=models.UniqueConstraint(fields=('invoice', 'position'), name='invoices_line_position'),
        ),
        migrations.AddConstraint(
            model_name='line',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['recurring', 'proration_credit', 'proration_charge', 'usage', 'minimum', 'one_off', 'tax_correction', 'credit_to_balance'])), name='invoices_line_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='line',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', -1000000000000000), ('amount__lte', 1000000000000000)), name='invoices_line_bounded'),
        ),
        migrations.AddIndex(
            model_name='settlement',
            index=models.Index(fields=['invoice'], include=('kind', 'amount'), name='invoices_settlement_invoice'),
        ),
        migrations.AddConstraint(
            model_name='settlement',
            constraint=models.UniqueConstraint(fields=('kind', 'source_id'), name='invoices_settlement_once'),
        ),
        migrations.AddConstraint(
            model_name='settlement',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['payment', 'refund', 'chargeback', 'credit', 'credit_note', 'write_off'])), name='invoices_settlement_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='settlement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amount__lte', 0), ('kind__in', ['refund', 'chargeback'])), models.Q(models.Q(('kind__in', ['refund', 'chargeback']), _negated=True), ('amount__gte', 0)), _connector='OR'), name='invoices_settlement_sign'),
        ),
        migrations.AddConstraint(
            model_name='settlement',
            constraint=models.CheckConstraint(condition=models.Q(('excess__gte', 0)), name='invoices_settlement_excess'),
        ),
        migrations.AddConstraint(
            model_name='taxline',
            constraint=models.UniqueConstraint(fields=('invoice', 'position'), name='invoices_taxline_position'),
        ),
        migrations.RunSQL(SUMS, NO_SUMS),
        migrations.RunSQL(CLOSED, NOT_CLOSED),
        migrations.RunSQL(SEALED, NOT_SEALED),
        AppendOnly("invoices_invoice", mutable=MUTABLE, unless="OLD.status = 'DRAFT'"),
        Transitions("invoices_invoice", "status", TRANSITIONS),
        AppendOnly("invoices_line"),
        AppendOnly("invoices_taxline"),
        AppendOnly("invoices_settlement"),
        Audited("invoices_invoice"),
    ]
