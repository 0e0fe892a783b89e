-- part: a month by hand
-- The month that is due on bench.day, billed as one who knows this one case alone would: set by set, in one transaction,
-- with the rows that a run writes, of the same columns, in the same tables under the same constraints and triggers.
-- What is billed: monthly prices in EUR of whole months in Berlin, 19 % of tax, one grant at most, no coupon.
CREATE TEMP TABLE owed ON COMMIT DROP AS
SELECT priced.*, net + tax AS total, least(credit, net + tax) AS used,
       'INV-2026-' || to_char(last + row_number() OVER (ORDER BY was_end, subscription_id), 'FM999999000000') AS number
FROM (
    SELECT subscription.id AS subscription_id, subscription.external_key, subscription.quantity, subscription.version,
           subscription.start_date, subscription.created_at AS begun_at, subscription.billing_anchor_date,
           subscription.current_period_start AS was_start, subscription.current_period_end AS was_end,
           subscription.plan_id, subscription.plan_version_id, plan_version.version AS plan_version, plan.name AS plan,
           account.id AS account_id, account.name, account.email, account.country, account.address,
           price.amount AS unit_amount, price.amount * quantity AS net, tax.rate,
           round(price.amount * quantity * tax.rate / 100)::bigint AS tax,
           held.id AS grant_id, held.amount AS given, held.created_at AS given_at, coalesce(held.left, 0) AS credit,
           day, (day + interval '1 month')::date AS until, day::timestamp AT TIME ZONE timezone AS starts,
           (day + interval '1 month')::timestamp AT TIME ZONE timezone AS ends, day + interval '12 hours' AS at,
           kernel_uuid7() AS invoice_id, kernel_uuid7() AS line_id, kernel_uuid7() AS entry_id, kernel_uuid7() AS use_id,
           kernel_uuid7() AS use_entry_id, kernel_uuid7() AS created_id
    FROM (SELECT current_setting('bench.day')::date AS day) AS today
    JOIN subscriptions_subscription AS subscription
        ON subscription.next_billing_at <= day + interval '12 hours' AND subscription.status = 'ACTIVE'
    JOIN accounts_account AS account ON account.id = subscription.account_id AND account.test_clock_id IS NULL
    JOIN plans_plan AS plan ON plan.id = subscription.plan_id
    JOIN plans_planversion AS plan_version ON plan_version.id = subscription.plan_version_id
    JOIN plans_price AS price ON price.plan_version_id = subscription.plan_version_id AND price.currency = account.currency
    JOIN tax_taxrate AS tax ON tax.jurisdiction = account.country AND tax.category = 'standard' AND tax.valid @> day
    LEFT JOIN LATERAL (
        SELECT held.id, held.amount, held.created_at,
               held.amount - coalesce((SELECT sum(spent.amount) FROM credits_use AS spent WHERE spent.grant_id = held.id), 0) AS left
        FROM credits_grant AS held WHERE held.account_id = account.id
    ) AS held ON held.left > 0
    FOR NO KEY UPDATE OF subscription, account
) AS priced, (SELECT coalesce((SELECT last FROM invoices_numberseries WHERE series = 'INV-2026'), 0) AS last) AS series;

UPDATE subscriptions_subscription AS subscription
SET status = 'ACTIVE', billed_to = until, current_period_start = starts, current_period_end = ends, next_billing_at = ends,
    version = subscription.version + 1, updated_at = now()
FROM owed WHERE owed.subscription_id = subscription.id;
INSERT INTO subscriptions_billedperiod (id, created_at, subscription_id, component, days, line_id, waived)
SELECT kernel_uuid7(), now(), subscription_id, 'recurring', daterange(day, until), line_id, false FROM owed;
INSERT INTO invoices_line
    (id, invoice_id, position, kind, subscription_id, plan_version, description, service_days, period_start, period_end, quantity,
     unit_amount, amount, discount_amount, tax_behavior, tax_jurisdiction, tax_name, tax_category, tax_rate, tax_reason,
     tax_amount, source)
SELECT line_id, invoice_id, 1, 'recurring', subscription_id, plan_version, plan || CASE WHEN quantity > 1 THEN ' x ' || quantity ELSE '' END,
       daterange(day, until), starts, ends, quantity, unit_amount, net, 0, 'exclusive', 'DE', 'VAT', 'standard', rate, '', tax,
       jsonb_build_object('days', until - day, 'name', plan, 'gross', net, 'tax_code', 'standard', 'full_period',
                          jsonb_build_array(day, until), 'plan_version_id', plan_version_id)
FROM owed;
INSERT INTO invoices_taxline (invoice_id, position, jurisdiction, name, category, rate, taxable_amount, amount, reason)
SELECT invoice_id, 1, 'DE', 'VAT', 'standard', rate, net, tax, '' FROM owed;
INSERT INTO credits_use (id, created_at, grant_id, kind, invoice_id, amount, at)
SELECT use_id, now(), grant_id, 'invoice', invoice_id, used, at FROM owed WHERE used > 0;
INSERT INTO invoices_settlement (id, invoice_id, kind, source_id, amount, excess, at, created_at)
SELECT kernel_uuid7(), invoice_id, 'credit', use_id, used, 0, at, now() FROM owed WHERE used > 0;
INSERT INTO ledger_posting (entry_id, ledger_account, currency, amount)
SELECT entry_id, posting.name, 'EUR', posting.amount
FROM owed CROSS JOIN LATERAL (VALUES ('receivable', total), ('deferred_revenue', -net), ('tax_payable', -tax)) AS posting (name, amount)
UNION ALL
SELECT use_entry_id, posting.name, 'EUR', posting.amount
FROM owed CROSS JOIN LATERAL (VALUES ('customer_credit', used), ('receivable', -used)) AS posting (name, amount) WHERE used > 0;
INSERT INTO ledger_entry (id, created_at, kind, currency, source_type, source_id, account_id, effective_on, effective_at)
SELECT entry_id, now(), 'issue', 'EUR', 'invoice', invoice_id, account_id, day, at FROM owed
UNION ALL
SELECT use_entry_id, now(), 'credit_use', 'EUR', 'credit_use', use_id, account_id, day, at FROM owed WHERE used > 0;
INSERT INTO invoices_numberseries (series, last) SELECT 'INV-2026', count(*) FROM owed
ON CONFLICT (series) DO UPDATE SET last = invoices_numberseries.last + excluded.last;
INSERT INTO invoices_invoice
    (id, created_at, updated_at, version, number, account_id, subscription_id, kind, status, currency, subtotal, discount, tax,
     total, issue_date, due_date, void_reason, requires_review, bill_to, metadata)
SELECT invoice_id, now(), now(), 1, number, account_id, subscription_id, 'subscription', 'OPEN', 'EUR', net, 0, tax, total, day,
       day + 30, '', false, jsonb_build_object('name', name, 'email', email, 'tax_id', null, 'address', address, 'country', country,
                                               'purchase_order', null, 'buyer_reference', null), '{}'
FROM owed;
WITH told AS (
INSERT INTO events_event (id, created_at, event_type, version, effective_at, lane, account_id, object_id, correlation, data)
SELECT created_id, now(), 'invoice.created', 1, at, 'run', account_id, invoice_id, '',
       jsonb_build_object('object', jsonb_build_object(
           'id', invoice_id, 'tax', tax, 'url', '/v1/invoices/' || invoice_id, 'kind', 'subscription', 'lines', jsonb_build_array(
               jsonb_build_object('id', line_id, 'kind', 'recurring', 'amount', net, 'quantity', quantity::text, 'tax_rate',
                   trim_scale(rate)::text, 'breakdown', null, 'period_end', ends, 'tax_amount', tax, 'description', plan,
                   'unit_amount', unit_amount::text, 'period_start', starts, 'plan_version', plan_version, 'discount_amount', 0,
                   'subscription_id', subscription_id)),
           'total', total, 'number', number, 'status', 'OPEN', 'balance', total - used, 'bill_to', jsonb_build_object(
               'name', name, 'email', email, 'tax_id', null, 'address', address, 'country', country, 'purchase_order', null,
               'buyer_reference', null),
           'paid_at', null, 'currency', 'EUR', 'discount', 0, 'due_date', day + 30, 'metadata', '{}'::jsonb, 'subtotal', net,
           'voided_at', null, 'account_id', account_id, 'created_at', now(), 'issue_date', day, 'updated_at', now(),
           'amount_paid', 0, 'replaces_id', null, 'void_reason', null, 'tax_breakdown', jsonb_build_array(jsonb_build_object(
               'name', 'VAT', 'rate', trim_scale(rate)::text, 'amount', tax, 'reason', null, 'category', 'standard',
               'jurisdiction', 'DE', 'taxable_amount', net)),
           'credits_applied', used, 'requires_review', false, 'subscription_id', subscription_id), 'previous_attributes', null)
FROM owed
UNION ALL
SELECT kernel_uuid7(), now(), 'subscription.updated', 1, at, 'run', account_id, subscription_id, '',
       jsonb_build_object('object', jsonb_build_object(
           'id', subscription_id, 'url', '/v1/subscriptions/' || subscription_id, 'status', 'ACTIVE', 'ends_on', null, 'plan_id',
           plan_id, 'metadata', '{}'::jsonb, 'quantity', quantity, 'paused_at', null, 'trial_end', null, 'account_id', account_id,
           'created_at', begun_at, 'start_date', start_date, 'updated_at', now(), 'cancelled_at', null, 'external_key',
           external_key, 'plan_version', plan_version, 'next_billing_at', ends, 'pause_resumes_at', null, 'scheduled_change', null,
           'current_period_end', ends, 'billing_anchor_date', billing_anchor_date, 'cancellation_reason', null,
           'cancel_at_period_end', false, 'current_period_start', starts, 'coupons', '[]'::jsonb),
           'previous_attributes', jsonb_build_object('next_billing_at', was_end, 'current_period_end', was_end,
                                                     'current_period_start', was_start))
FROM owed
UNION ALL
SELECT kernel_uuid7(), now(), 'credit.applied', 1, at, 'run', account_id, grant_id, '',
       jsonb_build_object('object', jsonb_build_object(
           'id', grant_id, 'url', '/v1/credits/' || grant_id, 'amount', given, 'reason', 'Sorry for the outage', 'source', 'goodwill',
           'currency', 'EUR', 'metadata', '{}'::jsonb, 'remaining', credit - used, 'source_id', null, 'account_id', account_id,
           'created_at', given_at, 'expires_at', null, 'applied_amount', used, 'applied_invoice_id', invoice_id),
           'previous_attributes', jsonb_build_object('remaining', credit))
FROM owed WHERE used > 0
RETURNING id, event_type
)
INSERT INTO events_delivery (event_id, subscriber, lane, status, attempts, next_attempt_at, last_error)
SELECT id, subscriber, 'run', 'PENDING', 0, now(), ''
FROM told JOIN (VALUES ('invoice.created', 'notifications.invoice'), ('invoice.created', 'dunning.watch'),
                       ('credit.applied', 'notifications.credit')) AS listening (event_type, subscriber) USING (event_type);
