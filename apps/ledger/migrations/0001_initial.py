"""The books, and the rules that PostgreSQL keeps about them."""

import apps.kernel.clock
import apps.kernel.fields
import apps.kernel.ids
import apps.ledger.models
import django.db.models.deletion
from django.db import migrations, models

from apps.kernel.operations import AppendOnly

# Deferred, because postings are written before their entry. With `transaction` in the key, which the trigger below
# holds to the truth, a posting can only belong to an entry of its own transaction.
REFERENCE = """
ALTER TABLE ledger_posting ADD CONSTRAINT ledger_posting_entry FOREIGN KEY (entry_id, transaction)
    REFERENCES ledger_entry (id, transaction) DEFERRABLE INITIALLY DEFERRED;
"""

# Statement triggers: one look-up by index for each entry, however many arrive at once. LATERAL and enable_seqscan = off
# hold the planner to that index also on a table whose statistics still say that it is empty. search_path is set,
# or a temporary table named like ours would be read instead.
NO_LATER_POSTING = """
CREATE FUNCTION ledger_refuse_later_posting() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    refused uuid;
BEGIN
    SELECT written.entry_id INTO refused FROM (
        SELECT entry_id, bool_or(transaction <> pg_current_xact_id()::text::bigint) AS foreign_transaction
        FROM new_rows GROUP BY entry_id
    ) AS written
    LEFT JOIN LATERAL (SELECT true AS found FROM ledger_entry WHERE id = written.entry_id LIMIT 1) AS entry ON true
    WHERE entry.found OR written.foreign_transaction LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'ledger entry % is closed: its postings are written before it, in its own transaction', refused
            USING ERRCODE = 'restrict_violation', HINT = 'Post a new entry that corrects it.';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER ledger_posting_no_later AFTER INSERT ON ledger_posting REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_later_posting();
"""

BALANCED = """
CREATE FUNCTION ledger_refuse_unbalanced() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    refused record;
BEGIN
    SELECT entry.id, entry.currency, sums.postings, sums.total INTO refused FROM new_rows AS entry
    CROSS JOIN LATERAL (
        SELECT count(*) AS postings, sum(amount) AS total, bool_and(posting.currency = entry.currency) AS one_currency
        FROM ledger_posting AS posting WHERE posting.entry_id = entry.id
    ) AS sums
    WHERE sums.postings < 2 OR sums.total <> 0 OR NOT sums.one_currency
       OR entry.transaction <> pg_current_xact_id()::text::bigint LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'ledger entry % in % does not balance: % postings sum to %',
            refused.id, refused.currency, refused.postings, refused.total
            USING ERRCODE = 'check_violation', HINT = 'Write its postings first, in its currency; they sum to zero.';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER ledger_entry_balanced AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_unbalanced();
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [("kernel", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ('kind', models.CharField(choices=[('issue', 'issue'), ('void', 'void'), ('credit_note', 'credit_note'), ('credit_use', 'credit_use'), ('credit_return', 'credit_return'), ('grant', 'grant'), ('grant_reversal', 'grant_reversal'), ('expiry', 'expiry'), ('payment', 'payment'), ('overpayment', 'overpayment'), ('refund', 'refund'), ('chargeback', 'chargeback'), ('chargeback_reversal', 'chargeback_reversal'), ('write_off', 'write_off'), ('write_off_reversal', 'write_off_reversal'), ('recognition', 'recognition')], max_length=24)),
                ('currency', apps.kernel.fields.CurrencyField(max_length=3)),
                ('source_type', models.CharField(max_length=32)),
                ('source_id', models.UUIDField()),
                ('account_id', models.UUIDField()),
                ('on', models.DateField(db_column='effective_on')),
                ('effective_at', models.DateTimeField()),
                ('transaction', models.BigIntegerField(db_default=apps.ledger.models.CurrentTransaction(), editable=False)),
            ],
            options={
                'verbose_name_plural': 'entries',
                'ordering': ('-id',),
                'abstract': False,
                'indexes': [models.Index(fields=['source_id'], name='ledger_entry_source'), models.Index(fields=['account_id', 'id'], name='ledger_entry_account')],
                'constraints': [models.UniqueConstraint(fields=('id', 'transaction'), name='ledger_entry_transaction'), models.CheckConstraint(condition=models.Q(('kind__in', ['issue', 'void', 'credit_note', 'credit_use', 'credit_return', 'grant', 'grant_reversal', 'expiry', 'payment', 'overpayment', 'refund', 'chargeback', 'chargeback_reversal', 'write_off', 'write_off_reversal', 'recognition'])), name='ledger_entry_kind'), models.CheckConstraint(condition=models.Q(('currency__regex', '^[A-Z]{3}$')), name='ledger_entry_currency')],
            },
        ),
        migrations.CreateModel(
            name='Posting',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('transaction', models.BigIntegerField(db_default=apps.ledger.models.CurrentTransaction(), editable=False)),
                ('ledger_account', models.CharField(choices=[('receivable', 'receivable'), ('deferred_revenue', 'deferred_revenue'), ('revenue', 'revenue'), ('tax_payable', 'tax_payable'), ('customer_credit', 'customer_credit'), ('gateway_clearing', 'gateway_clearing'), ('bank', 'bank'), ('goodwill_expense', 'goodwill_expense'), ('breakage_revenue', 'breakage_revenue'), ('bad_debt_expense', 'bad_debt_expense')], max_length=24)),
                ('currency', apps.kernel.fields.CurrencyField(max_length=3)),
                ('amount', apps.kernel.fields.AmountField()),
                ('entry', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='postings', to='ledger.entry')),
            ],
            options={
                'ordering': ('id',),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('amount', 0), _negated=True), ('amount__gte', -1000000000000000), ('amount__lte', 1000000000000000)), name='ledger_posting_amount'), models.CheckConstraint(condition=models.Q(('ledger_account__in', ['receivable', 'deferred_revenue', 'revenue', 'tax_payable', 'customer_credit', 'gateway_clearing', 'bank', 'goodwill_expense', 'breakage_revenue', 'bad_debt_expense'])), name='ledger_posting_ledger_account')],
            },
        ),
        migrations.RunSQL(REFERENCE, "ALTER TABLE ledger_posting DROP CONSTRAINT ledger_posting_entry"),
        migrations.RunSQL(
            NO_LATER_POSTING,
            "DROP TRIGGER ledger_posting_no_later ON ledger_posting; DROP FUNCTION ledger_refuse_later_posting()",
        ),
        migrations.RunSQL(
            BALANCED, "DROP TRIGGER ledger_entry_balanced ON ledger_entry; DROP FUNCTION ledger_refuse_unbalanced()"
        ),
        AppendOnly("ledger_posting"),
        AppendOnly("ledger_entry"),
    ]
