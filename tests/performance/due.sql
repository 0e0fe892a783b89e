-- part: accounts and subscriptions
-- As many monthly subscriptions as bench.subscriptions says, each of an account of its own, due on 1 April 2026. Run as
-- the owner, on a database that holds the seller's registration.
INSERT INTO accounts_account
    (id, created_at, updated_at, version, email, name, currency, timezone, locale, country, address, tax_exempt, tax_id,
     invoice_grouping, purchase_order, buyer_reference, overdue_status, dispute_hold, metadata)
SELECT kernel_uuid7(), now(), now(), 1, 'billing@company-' || n || '.example', 'Company ' || n, 'EUR', 'Europe/Berlin', 'de',
       'DE', jsonb_build_object('line1', n || ' Market Street', 'city', 'Berlin', 'postal_code', '10115'), false, '',
       current_setting('bench.grouping'), '', '', 'CURRENT', false, '{}'
FROM generate_series(1, current_setting('bench.accounts')::bigint) AS n;
CREATE TEMP TABLE made AS
SELECT n, kernel_uuid7() AS id, kernel_uuid7() AS version_id FROM generate_series(1, current_setting('bench.plans')::bigint) AS n;
INSERT INTO plans_plan (id, created_at, updated_at, version, key, name, active, current_version, metadata)
SELECT id, now(), now(), 1, 'plan-' || n, 'Plan ' || n, true, 1, '{}' FROM made;
INSERT INTO plans_price (id, created_at, plan_version_id, currency, amount)
SELECT kernel_uuid7(), now(), version_id, 'EUR', 4900 FROM made;
INSERT INTO plans_charge
    (id, created_at, plan_version_id, position, key, metric, aggregation, filter, group_by, model, cap_behavior, prices)
SELECT kernel_uuid7(), now(), version_id, 0, 'calls', 'api_calls', 'sum', '{}', '[]', 'graduated', 'bill',
       '{"EUR": {"tiers": [{"up_to": "50", "unit_price": "0", "flat_price": "0", "rate_percent": "0", "package_size": null},
        {"up_to": "100", "unit_price": "2", "flat_price": "0", "rate_percent": "0", "package_size": null},
        {"up_to": null, "unit_price": "1.5", "flat_price": "0", "rate_percent": "0", "package_size": null}], "fee_per_event": "0", "per_event_minimum": null, "per_event_maximum": null, "minimum": 0, "maximum": null}}'
FROM made WHERE current_setting('bench.metered', true) = '1';
INSERT INTO plans_planversion
    (id, created_at, plan_id, version, interval, interval_count, trial_days, trial_usage, tax_behavior, tax_code, features)
SELECT version_id, now(), id, 1, 'month', 1, 0, 'free', 'exclusive', 'standard', '{}' FROM made;
CREATE TEMP TABLE payer AS
SELECT id, row_number() OVER (ORDER BY id) AS n FROM accounts_account;
CREATE TEMP TABLE offer AS
SELECT plan.id AS plan_id, version.id AS version_id, row_number() OVER (ORDER BY plan.id) AS n
FROM plans_plan AS plan JOIN plans_planversion AS version ON version.plan_id = plan.id;
ANALYZE payer;
ANALYZE offer;
INSERT INTO subscriptions_subscription
    (id, created_at, updated_at, version, external_key, account_id, plan_id, plan_version_id, status, quantity, start_date,
     created_on, billing_anchor_date, billed_to, current_period_start, current_period_end, next_billing_at,
     cancellation_reason, billing_error, metadata)
SELECT kernel_uuid7(), now(), now(), 1, 'sub-' || s, payer.id, plan_id, version_id, 'ACTIVE', 1 + s % 3, '2026-04-01',
       '2026-04-01', '2026-04-01', '2026-04-01', '2026-03-01'::timestamp AT TIME ZONE 'Europe/Berlin',
       '2026-04-01'::timestamp AT TIME ZONE 'Europe/Berlin', '2026-04-01'::timestamp AT TIME ZONE 'Europe/Berlin', '', '', '{}'
FROM generate_series(1, current_setting('bench.subscriptions')::bigint) AS s
JOIN payer ON payer.n = 1 + (s - 1) % (SELECT count(*) FROM payer)
JOIN offer ON offer.n = 1 + (s - 1) / (SELECT count(*) FROM payer) % (SELECT count(*) FROM offer);
INSERT INTO analytics_mrrmovement
    (id, created_at, account_id, sequence, currency, at, local_date, kind, amount, level, involuntary)
SELECT kernel_uuid7(), now(), payer.id, 1, 'EUR', '2026-04-01'::timestamp AT TIME ZONE 'Europe/Berlin', '2026-04-01', 'new', level, level,
       false
FROM payer CROSS JOIN LATERAL (SELECT analytics_mrr(payer.id) AS level) AS now;

-- part: statistics
ANALYZE;
