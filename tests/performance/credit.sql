-- part: credit
-- 500 cents for every second account, with the books.
CREATE TEMP TABLE given AS
SELECT kernel_uuid7() AS id, kernel_uuid7() AS entry_id, account_id, '2026-04-20 12:00Z'::timestamptz AS at
FROM (SELECT id AS account_id, row_number() OVER (ORDER BY id) AS n FROM accounts_account) AS payer WHERE n % 2 = 0;
INSERT INTO credits_grant (id, created_at, account_id, amount, currency, reason, source, at, actor, metadata)
SELECT id, now(), account_id, 500, 'EUR', 'Sorry for the outage', 'goodwill', at, 'user:1', '{}' FROM given;
INSERT INTO ledger_posting (entry_id, ledger_account, currency, amount)
SELECT entry_id, posting.name, 'EUR', posting.amount
FROM given, (VALUES ('goodwill_expense', 500), ('customer_credit', -500)) AS posting (name, amount);
INSERT INTO ledger_entry (id, created_at, kind, currency, source_type, source_id, account_id, effective_on, effective_at)
SELECT entry_id, now(), 'grant', 'EUR', 'credit_grant', id, account_id, at::date, at FROM given;
DROP TABLE given;

-- part: statistics
VACUUM ANALYZE;
