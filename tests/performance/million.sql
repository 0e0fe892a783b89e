-- A company's rows in the shapes that billing leaves, made by sets. Run by `books.py`, part by part ("-- part:" begins
-- one, in a transaction of its own), as the owner, in one session. `bench.invoices` says how many invoices.

-- part: triggers off
DO $$
DECLARE name regclass;
BEGIN
    FOR name IN SELECT relation.oid FROM pg_class AS relation WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
        AND relname ~ '^(accounts|plans|subscriptions|invoices|payments|ledger|events|notifications|credits|clocks|webhooks)_' LOOP
        EXECUTE format('ALTER TABLE %s DISABLE TRIGGER USER', name);
    END LOOP;
END
$$;
SELECT audit_make_partitions((now() - interval '250 days')::date, 11);

-- part: accounts
CREATE FUNCTION pg_temp.id(kind text, n bigint, at timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(digest, 1, 3) || '8'
            || substr(digest, 4, 15))::uuid
    FROM (SELECT md5(kind || n) AS digest) AS made
$$;
CREATE TEMP TABLE sizes AS
SELECT invoices, greatest(invoices / 10, 20) AS accounts, greatest(invoices * 12 / 100, 24) AS subscriptions,
       date_trunc('second', now()) AS now
FROM (SELECT current_setting('bench.invoices')::bigint AS invoices) AS wanted;

INSERT INTO clocks_testclock (id, created_at, updated_at, version, name, frozen_time, status, error, progress)
SELECT pg_temp.id('clock', n, now - interval '40 days'), now, now, 1, 'trial of a month ' || n, now + interval '20 days',
       'READY', '', '{}'
FROM sizes, generate_series(1, 2) AS n;

CREATE TEMP TABLE payer AS
SELECT a, pg_temp.id('account', a, made) AS id, made,
       CASE WHEN a % 10 < 6 THEN 'USD' WHEN a % 10 < 9 THEN 'EUR' ELSE 'GBP' END AS currency,
       CASE WHEN a % 10 < 6 THEN 'US' WHEN a % 10 < 9 THEN 'DE' ELSE 'GB' END AS country,
       CASE WHEN a % 10 < 6 THEN 0 WHEN a % 10 < 9 THEN 19 ELSE 20 END AS rate,
       (ARRAY['Blue', 'North', 'Silver', 'Bright', 'Iron', 'Quiet', 'Green', 'Swift', 'Old', 'Golden', 'Stone', 'River', 'High'])[1 + a % 13]
         || ' ' || (ARRAY['Harbour', 'Field', 'Anchor', 'Compass', 'Lantern', 'Bridge', 'Orchard', 'Falcon', 'Summit', 'Mill', 'Willow'])[1 + a % 11]
         || ' ' || (ARRAY['Studios', 'Logistics', 'Foods', 'Software', 'Partners', 'Medical', 'Energy'])[1 + a % 7]
         || ' ' || a AS name,
       CASE WHEN a % 5 > 0 THEN pg_temp.id('method', a, made + interval '1 minute') END AS method_id
FROM (SELECT a, now - interval '900 days' + (a::float / accounts) * interval '640 days' AS made
      FROM sizes, generate_series(1, accounts) AS a) AS numbered;
INSERT INTO accounts_account
    (id, created_at, updated_at, version, external_key, email, name, currency, timezone, locale, country, address, tax_exempt,
     tax_id, invoice_grouping, purchase_order, buyer_reference, overdue_status, dispute_hold, test_clock_id, metadata)
SELECT id, made, made, 1, CASE WHEN a % 3 > 0 THEN 'crm-' || a END, 'billing@company-' || a || '.example', name, currency,
       CASE country WHEN 'US' THEN 'America/New_York' WHEN 'DE' THEN 'Europe/Berlin' ELSE 'Europe/London' END, 'en', country,
       jsonb_build_object('line1', a || ' Market Street', 'city', 'Springfield', 'postal_code', lpad((a % 99999)::text, 5, '0')),
       false, '', 'subscription', '', '',
       CASE WHEN a % 50 = 1 THEN 'WARNING' WHEN a % 200 = 3 THEN 'BLOCKED' ELSE 'CURRENT' END, a % 5000 = 9,
       CASE WHEN a <= 20 THEN pg_temp.id('clock', 1 + a % 2, now - interval '40 days') END,
       jsonb_build_object('segment', a % 17)
FROM payer, sizes ORDER BY a;
INSERT INTO payments_gatewaycustomer (id, created_at, account_id, gateway_id)
SELECT pg_temp.id('customer', a, made), made, id, 'cus_' || left(md5('customer' || a), 14) FROM payer ORDER BY a;
INSERT INTO payments_paymentmethod
    (id, created_at, updated_at, version, calls, last_error, account_id, status, token, is_default, gateway_id, type, card_brand,
     card_last4, card_exp_month, card_exp_year, failure_code, failure_message)
SELECT method_id, made, made, 2, 1, '', id, 'ACTIVE', 'pm_card_visa', true, 'pm_' || left(md5('method' || a), 24), 'card', 'visa',
       lpad((a % 9999)::text, 4, '0'), 1 + a % 12, 2030, '', ''
FROM payer WHERE method_id IS NOT NULL ORDER BY a;

-- part: plans and subscriptions
CREATE TEMP TABLE offer AS
SELECT p, pg_temp.id('plan', p, now - interval '900 days') AS id, pg_temp.id('version', p, now - interval '900 days') AS version_id,
       900 + 700 * p AS price, 'Plan ' || p AS name
FROM sizes, generate_series(1, 22) AS p;
INSERT INTO plans_plan (id, created_at, updated_at, version, key, name, active, current_version, metadata)
SELECT id, now - interval '900 days', now - interval '900 days', 1, 'plan-' || p, name, p < 20, 1, '{}' FROM offer, sizes;
INSERT INTO plans_planversion
    (id, created_at, plan_id, version, interval, interval_count, trial_days, trial_usage, tax_behavior, tax_code, features)
SELECT version_id, now - interval '900 days', id, 1, 'month', 1, 14, 'free', 'exclusive', 'standard', '{}' FROM offer, sizes;
INSERT INTO plans_price (id, created_at, plan_version_id, currency, amount)
SELECT kernel_uuid7(), now, version_id, currency, price FROM offer, sizes, unnest(ARRAY['USD', 'EUR', 'GBP']) AS currency;

-- The last six in a hundred are new: half on trial, half begun within the last 30 days.
CREATE TEMP TABLE contract AS
SELECT s, pg_temp.id('subscription', s, begun) AS id, payer.a, offer.id AS plan_id, version_id, begun, quantity,
       price * quantity AS net, offer.name,
       CASE WHEN s > subscriptions THEN CASE WHEN s % 2 = 0 THEN 'TRIAL' ELSE 'ACTIVE' END
            WHEN s % 100 < 8 THEN 'CANCELLED' WHEN s % 100 < 10 THEN 'PAUSED' ELSE 'ACTIVE' END AS status
FROM (
    SELECT s, subscriptions, 1 + s % 5 AS quantity,
           CASE WHEN s > subscriptions THEN 1 + (s * 7 % accounts) ELSE 1 + (s - 1) % accounts END AS a,
           CASE WHEN s > subscriptions THEN 21 + s % 2 ELSE 1 + (s + (s - 1) / accounts) % 20 END AS p,
           CASE WHEN s > subscriptions THEN now - (s % 30) * interval '1 day' - interval '1 hour'
                ELSE now - interval '900 days' + (s::float / subscriptions) * interval '640 days' END AS begun
    FROM sizes, generate_series(1, subscriptions + subscriptions * 6 / 100) AS s
) AS numbered JOIN payer USING (a) JOIN offer USING (p);
INSERT INTO subscriptions_subscription
    (id, created_at, updated_at, version, external_key, account_id, plan_id, plan_version_id, status, quantity, start_date,
     trial_end_date, trial_end, billing_anchor_date, billed_to, current_period_start, current_period_end, next_billing_at,
     cancelled_at, cancellation_reason, billing_error, billing_retry_at, metadata, paused_on, paused_at, wakes_at)
SELECT contract.id, begun, begun, 9, CASE WHEN s % 4 > 0 THEN 'sub-' || s END, payer.id, plan_id, version_id, status, quantity,
       begun::date, CASE status WHEN 'TRIAL' THEN (now + (s % 30) * interval '1 day')::date END,
       CASE status WHEN 'TRIAL' THEN now + (s % 30) * interval '1 day' END, begun::date, (now + interval '10 days')::date,
       now - interval '20 days', now + interval '10 days',
       CASE WHEN status IN ('TRIAL', 'ACTIVE') THEN now + interval '10 days' + (s % 30) * interval '1 day' END,
       CASE status WHEN 'CANCELLED' THEN now - interval '3 days' END, '',
       CASE WHEN status = 'ACTIVE' AND s % 600 = 11 THEN 'no tax rate for this category' ELSE '' END, NULL, '{}',
       CASE status WHEN 'PAUSED' THEN (now - interval '5 days')::date END,
       CASE status WHEN 'PAUSED' THEN now - interval '5 days' END, CASE status WHEN 'PAUSED' THEN now + interval '85 days' END
FROM contract JOIN payer USING (a), sizes ORDER BY s;
INSERT INTO subscriptions_scheduledchange
    (id, created_at, updated_at, version, subscription_id, kind, due_date, details, outcome)
SELECT kernel_uuid7(), now, now, 1, id, 'cancel', (now + interval '10 days')::date, '{}', 'waiting'
FROM contract, sizes WHERE status = 'ACTIVE' AND s % 25 = 12;

-- part: runs
CREATE TEMP TABLE night AS
SELECT r, pg_temp.id('run', r, at) AS id, at
FROM (SELECT r, now - interval '250 days' + r * interval '1 hour' AS at FROM sizes, generate_series(1, 6000) AS r) AS hours;
INSERT INTO subscriptions_billingrun
    (id, created_at, updated_at, version, status, dry, at, due, done, periods, invoices, failed, batches, finished_at,
     forecasted, forecast_invoices, forecast_stopped, held_because, approvals_needed)
SELECT id, at, at, 1, 'FINISHED', false, at, 167, 166, 167, 166, CASE WHEN r % 12 = 0 THEN 1 ELSE 0 END, 1,
       at + interval '1 minute', 0, 0, 0, '[]', 0
FROM night ORDER BY r;
INSERT INTO subscriptions_runfailure (id, created_at, run_id, subscription_id, reason)
SELECT pg_temp.id('failure', r, at), at, night.id, contract.id, 'no tax rate for this category'
FROM night, sizes, contract WHERE r % 12 = 0 AND s = 1 + r * 7 % subscriptions;

-- part: invoices
CREATE TEMP TABLE bill AS
SELECT i, pg_temp.id('invoice', i, at) AS id, pg_temp.id('line', i, at) AS line_id,
       pg_temp.id('payment', i, at + interval '10 minutes') AS payment_id, at, payer.a, payer.id AS account_id,
       payer.currency, payer.name, payer.country, payer.rate, payer.method_id, contract.id AS subscription_id, contract.quantity,
       contract.net, contract.name AS plan, round(contract.net * payer.rate / 100.0)::bigint AS tax, chance,
       CASE WHEN chance < 50 OR (i > invoices * 0.98 AND chance < 400) THEN 'OPEN'
            WHEN chance >= 990 THEN 'VOID' ELSE 'PAID' END AS status
FROM (
    SELECT i, invoices, 1 + (i - 1) % subscriptions AS s, i * 2654435761 % 1000 AS chance,
           now - interval '250 days' * (1 - i::float / invoices) - interval '1 hour' AS at
    FROM sizes, generate_series(1, invoices) AS i
) AS numbered JOIN contract USING (s) JOIN payer USING (a) ORDER BY i;
CREATE INDEX ON bill (i);
ANALYZE bill;
INSERT INTO invoices_invoice
    (id, created_at, updated_at, version, number, account_id, subscription_id, kind, status, currency, subtotal, discount, tax,
     total, issue_date, due_date, paid_at, voided_at, void_reason, requires_review, bill_to, metadata)
SELECT id, at, at, 2, 'INV-' || extract(year FROM at) || '-' || lpad(i::text, 7, '0'), account_id, subscription_id,
       CASE WHEN chance % 33 = 0 THEN 'proration' ELSE 'subscription' END, status, currency, net, 0, tax, net + tax, at::date,
       at::date + 14, CASE status WHEN 'PAID' THEN at + interval '10 minutes' END, CASE status WHEN 'VOID' THEN at + interval '1 day' END,
       CASE status WHEN 'VOID' THEN 'made twice' ELSE '' END, false,
       jsonb_build_object('name', name, 'email', 'billing@company-' || a || '.example', 'country', country, 'address',
                          jsonb_build_object('line1', a || ' Market Street', 'city', 'Springfield'), 'tax_id', NULL,
                          'purchase_order', NULL, 'buyer_reference', NULL), '{}'
FROM bill ORDER BY i;
INSERT INTO invoices_numberseries (series, last) SELECT 'INV-' || extract(year FROM now), invoices FROM sizes;

-- part: lines
INSERT INTO invoices_line
    (id, invoice_id, position, kind, subscription_id, plan_version, description, service_days, period_start, period_end, quantity,
     unit_amount, amount, discount_amount, tax_behavior, tax_jurisdiction, tax_name, tax_category, tax_rate, tax_reason,
     tax_amount, source)
SELECT line_id, id, 1, CASE WHEN chance % 33 = 0 THEN 'proration_charge' ELSE 'recurring' END, subscription_id, 1,
       plan || ', a month', daterange(at::date, at::date + 30), at, at + interval '30 days', quantity,
       net / quantity, CASE WHEN chance % 33 = 0 THEN net + 500 ELSE net END, 0, 'exclusive', country, 'VAT', 'standard', rate, '',
       CASE WHEN chance % 33 = 0 THEN tax + round(5.0 * rate) ELSE tax END, '{"component": "recurring"}'
FROM bill ORDER BY i;
INSERT INTO invoices_line
    (id, invoice_id, position, kind, subscription_id, plan_version, description, service_days, period_start, period_end, quantity,
     unit_amount, amount, discount_amount, tax_behavior, tax_jurisdiction, tax_name, tax_category, tax_rate, tax_reason,
     tax_amount, source)
SELECT pg_temp.id('credit line', i, at), id, 2, 'proration_credit', subscription_id, 1, 'Unused days of ' || plan,
       daterange(at::date, at::date + 10), at, at + interval '10 days', quantity, NULL, -500, 0, 'exclusive', country, 'VAT',
       'standard', rate, '', -round(5.0 * rate), '{"component": "recurring"}'
FROM bill WHERE chance % 33 = 0 ORDER BY i;
INSERT INTO invoices_taxline (invoice_id, position, jurisdiction, name, category, rate, taxable_amount, amount, reason)
SELECT id, 1, country, CASE rate WHEN 0 THEN '' ELSE 'VAT' END, 'standard', rate, net, tax,
       CASE rate WHEN 0 THEN 'not_registered' ELSE '' END
FROM bill ORDER BY i;

-- part: billed periods
INSERT INTO subscriptions_billedperiod (id, created_at, subscription_id, component, days, line_id, waived)
SELECT pg_temp.id('billed', i, at), at, subscription_id, 'recurring', daterange(at::date, lead(at::date) OVER (PARTITION BY subscription_id ORDER BY i)),
       line_id, false
FROM bill;

-- part: payments
INSERT INTO payments_payment
    (id, created_at, updated_at, version, calls, last_error, invoice_id, account_id, payment_method_id, amount, amount_refunded,
     currency, status, method, attempt, gateway_transaction_id, failure_code, failure_message, settled_at)
SELECT pg_temp.id('attempt', i, at + interval '5 minutes'), at + interval '5 minutes', at + interval '6 minutes', 2, 1, '', id,
       account_id, method_id, net + tax, 0, currency, 'FAILED', 'card', 1, 'pi_' || left(md5('attempt' || i), 24),
       'insufficient_funds', 'Your card has insufficient funds.', at + interval '6 minutes'
FROM bill WHERE method_id IS NOT NULL AND (chance % 20 = 1 OR (status = 'OPEN' AND chance % 10 < 6)) ORDER BY i;
INSERT INTO payments_payment
    (id, created_at, updated_at, version, calls, last_error, invoice_id, account_id, payment_method_id, amount, amount_refunded,
     currency, status, method, attempt, gateway_transaction_id, failure_code, failure_message, settled_at)
SELECT payment_id, at + interval '10 minutes', at + interval '11 minutes', 2, 1, '', id, account_id, method_id, net + tax,
       CASE WHEN chance = 500 THEN net + tax ELSE 0 END, currency, 'SUCCEEDED',
       CASE WHEN method_id IS NULL THEN 'bank_transfer' ELSE 'card' END, 2, 'pi_' || left(md5('payment' || i), 24), '', '',
       at + interval '10 minutes'
FROM bill WHERE status = 'PAID' AND chance NOT BETWEEN 60 AND 79 ORDER BY i;
INSERT INTO payments_gatewaynotice (id, created_at, calls, last_error, gateway_event_id, event_type, object_id, status)
SELECT pg_temp.id('notice', i, at + interval '11 minutes'), at + interval '11 minutes', 1, '', 'evt_' || left(md5('notice' || i), 24),
       'payment_intent.succeeded', 'pi_' || left(md5('payment' || i), 24), 'DONE'
FROM bill WHERE status = 'PAID' AND chance NOT BETWEEN 60 AND 79 AND method_id IS NOT NULL ORDER BY i;

-- part: settlements and credits
INSERT INTO invoices_settlement (id, invoice_id, kind, source_id, amount, excess, at, created_at)
SELECT pg_temp.id('settlement', i, at + interval '10 minutes'), id, 'payment', payment_id, net + tax, 0,
       at + interval '10 minutes', at + interval '10 minutes'
FROM bill WHERE status = 'PAID' AND chance NOT BETWEEN 60 AND 79 ORDER BY i;
INSERT INTO credits_grant (id, created_at, account_id, amount, currency, reason, source, at, actor, metadata)
SELECT pg_temp.id('grant', i, at - interval '1 day'), at - interval '1 day', account_id, (net + tax) * (1 + i % 2), currency,
       'Sorry for the outage', 'goodwill', at - interval '1 day', 'user:1', '{}'
FROM bill WHERE status = 'PAID' AND chance BETWEEN 60 AND 79 ORDER BY i;
INSERT INTO credits_use (id, created_at, grant_id, kind, invoice_id, amount, at)
SELECT pg_temp.id('use', i, at), at, pg_temp.id('grant', i, at - interval '1 day'), 'invoice', id, net + tax, at
FROM bill WHERE status = 'PAID' AND chance BETWEEN 60 AND 79 ORDER BY i;
INSERT INTO invoices_settlement (id, invoice_id, kind, source_id, amount, excess, at, created_at)
SELECT pg_temp.id('settlement', i, at), id, 'credit', pg_temp.id('use', i, at), net + tax, 0, at, at
FROM bill WHERE status = 'PAID' AND chance BETWEEN 60 AND 79 ORDER BY i;

-- part: the books
INSERT INTO ledger_entry (id, created_at, kind, currency, source_type, source_id, account_id, effective_on, effective_at)
SELECT pg_temp.id('issue', i, at), at, 'issue', currency, 'invoice', id, account_id, at::date, at FROM bill ORDER BY i;
INSERT INTO ledger_entry (id, created_at, kind, currency, source_type, source_id, account_id, effective_on, effective_at)
SELECT pg_temp.id('paid', i, at + interval '10 minutes'), at + interval '10 minutes',
       CASE WHEN chance BETWEEN 60 AND 79 THEN 'credit_use' ELSE 'payment' END, currency, 'payment', payment_id, account_id,
       at::date, at + interval '10 minutes'
FROM bill WHERE status = 'PAID' ORDER BY i;
INSERT INTO ledger_posting (entry_id, ledger_account, currency, amount)
SELECT pg_temp.id('issue', i, at), posting.name, currency, posting.amount
FROM bill CROSS JOIN LATERAL (
    VALUES ('receivable', net + tax), ('deferred_revenue', -net), ('tax_payable', -tax)
) AS posting (name, amount)
WHERE posting.amount <> 0 ORDER BY i;
INSERT INTO ledger_posting (entry_id, ledger_account, currency, amount)
SELECT pg_temp.id('paid', i, at + interval '10 minutes'), posting.name, currency, posting.amount
FROM bill CROSS JOIN LATERAL (
    VALUES (CASE WHEN chance BETWEEN 60 AND 79 THEN 'customer_credit' ELSE 'gateway_clearing' END, net + tax),
           ('receivable', -net - tax)
) AS posting (name, amount)
WHERE status = 'PAID' ORDER BY i;

-- part: events
INSERT INTO events_event
    (id, created_at, event_type, version, effective_at, position, lane, account_id, object_id, correlation, data)
SELECT pg_temp.id('created', i, at), at, 'invoice.created', 1, at, 2 * i - 1, 'run', account_id, id, 'run-' || i / 500,
       jsonb_build_object('invoice_id', id, 'account_id', account_id, 'subscription_id', subscription_id, 'total', net + tax,
                          'currency', currency, 'tax', tax, 'due_date', at::date + 14)
FROM bill ORDER BY i;
INSERT INTO events_event
    (id, created_at, event_type, version, effective_at, position, lane, account_id, object_id, correlation, data)
SELECT pg_temp.id('invoice.paid', i, at + interval '10 minutes'), at + interval '10 minutes', 'invoice.paid', 1,
       at + interval '10 minutes', 2 * i, 'run', account_id, id, '',
       jsonb_build_object('invoice_id', id, 'account_id', account_id, 'total', net + tax, 'currency', currency)
FROM bill WHERE status = 'PAID' ORDER BY i;
INSERT INTO events_delivery (event_id, subscriber, lane, status, attempts, next_attempt_at, last_error, done_at)
SELECT pg_temp.id('created', i, at), 'notifications.write', 'run', CASE WHEN i % 3000 = 5 THEN 'DEAD' ELSE 'DONE' END, 1, at,
       CASE WHEN i % 3000 = 5 THEN 'OSError: connection refused' ELSE '' END, CASE WHEN i % 3000 <> 5 THEN at END
FROM bill ORDER BY i;

-- part: webhooks
CREATE TEMP TABLE endpoint AS
SELECT e, pg_temp.id('endpoint', e, now - interval '250 days') AS id, now - interval '250 days' AS made, e = 6 AS is_disabled
FROM sizes, generate_series(1, 6) AS e;
INSERT INTO webhooks_endpoint
    (id, created_at, updated_at, version, name, url, event_types, likes, api_version, format, redact, concurrency, owner_email,
     metadata, status, disabled_reason, disabled_at)
SELECT id, made, made, 1, 'System ' || e, 'https://system-' || e || '.example/billing', '{*}', '{%}', '2026-11-01', 'event', '{}', 10,
       '', '{}', CASE WHEN is_disabled THEN 'DISABLED' ELSE 'ENABLED' END, CASE WHEN is_disabled THEN 'failing' ELSE '' END,
       CASE WHEN is_disabled THEN made + interval '200 days' END
FROM endpoint;
INSERT INTO webhooks_endpointstate (endpoint_id, last_sequence, failures, notice_calls)
SELECT id, (SELECT count(*) FROM events_event), 0, 0 FROM endpoint;
CREATE TEMP TABLE told AS
SELECT event.id AS event_id, event.created_at AS at, row_number() OVER (ORDER BY event.position) AS sequence, endpoint.e,
       endpoint.id AS endpoint_id, is_disabled
FROM events_event AS event CROSS JOIN endpoint;
-- What was given up is rare, and rarer still what waits: of the last moments alone.
INSERT INTO webhooks_delivery
    (endpoint_id, event_id, sequence, lane, status, attempts, next_attempt_at, last_error, created_at, delivered_at)
SELECT endpoint_id, event_id, sequence, 'run',
       CASE WHEN sequence % 4000 = 7 OR is_disabled THEN 'FAILED' WHEN at > now - interval '30 minutes' THEN 'PENDING' ELSE 'DELIVERED' END,
       CASE WHEN sequence % 4000 = 7 OR is_disabled THEN 6 ELSE 1 END, at,
       CASE WHEN sequence % 4000 = 7 OR is_disabled THEN '503 Service Unavailable' ELSE '' END, at, at + interval '1 second'
FROM told, sizes ORDER BY at, e;
INSERT INTO webhooks_attempt (id, created_at, endpoint_id, delivery_id, outcome, status_code, duration_ms, error, response)
SELECT pg_temp.id('call' || e, sequence, created_at + interval '1 second'), created_at + interval '1 second', delivery.endpoint_id,
       delivery.id, CASE status WHEN 'FAILED' THEN 'refused' ELSE 'delivered' END, CASE status WHEN 'FAILED' THEN 503 ELSE 200 END,
       40 + sequence % 200, '', 'ok'
FROM webhooks_delivery AS delivery JOIN endpoint ON endpoint.id = endpoint_id WHERE status <> 'PENDING' ORDER BY delivery.id;

-- part: messages
INSERT INTO notifications_message
    (id, created_at, updated_at, version, account_id, kind, cause_id, invoice_id, language, "to", subject, text, status, sent_at, calls,
     last_error)
SELECT pg_temp.id('message', i, at + interval '1 minute'), at + interval '1 minute', at + interval '1 minute', 2, account_id,
       'invoice_created', pg_temp.id('created', i, at), id, 'en', 'billing@company-' || a || '.example',
       'Your invoice over ' || round((net + tax) / 100.0, 2) || ' ' || currency,
       repeat('Thank you for being a customer. Your invoice is attached to this message. ', 6),
       CASE WHEN i % 2000 = 7 THEN 'FAILED' ELSE 'SENT' END, CASE WHEN i % 2000 <> 7 THEN at + interval '1 minute' END, 1,
       CASE WHEN i % 2000 = 7 THEN '550 no such mailbox' ELSE '' END
FROM bill ORDER BY i;

-- part: the audit log
INSERT INTO audit_entry (at, actor, correlation, table_name, row_id, operation, after)
SELECT created_at, 'system:renewals', 'run-1', 'invoices_invoice', id, 'INSERT', to_jsonb(row)
FROM invoices_invoice AS row ORDER BY id;
INSERT INTO audit_entry (at, actor, correlation, table_name, row_id, operation, after)
SELECT created_at, 'system:payments', '', 'payments_payment', id, 'INSERT', to_jsonb(row)
FROM payments_payment AS row ORDER BY id;
INSERT INTO audit_entry (at, actor, correlation, table_name, row_id, operation, after)
SELECT created_at, 'api_key:1', '', 'accounts_account', id, 'INSERT', to_jsonb(row)
FROM accounts_account AS row ORDER BY id;

-- part: triggers on
DO $$
DECLARE name regclass;
BEGIN
    FOR name IN SELECT relation.oid FROM pg_class AS relation WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
        AND relname ~ '^(accounts|plans|subscriptions|invoices|payments|ledger|events|notifications|credits|clocks|webhooks)_' LOOP
        EXECUTE format('ALTER TABLE %s ENABLE TRIGGER USER', name);
    END LOOP;
END
$$;
