-- part: metering
-- All subscriptions are counted from 1 April 2026 on, with a hundred events each as ingest has stored them: in batches
-- that go through all subscriptions, each with its key. Run as the owner, after due.sql with bench.metered = 1 and April.
INSERT INTO subscriptions_usageterms
    (id, created_at, subscription_id, since_on, since_at, plan_version_id, stops, period_start, period_end, billed)
SELECT kernel_uuid7(), now(), id, '2026-04-01', '2026-04-01'::timestamp AT TIME ZONE 'Europe/Berlin', plan_version_id, false,
       '2026-04-01', '2026-05-01', true
FROM subscriptions_subscription;
INSERT INTO usage_meterwindow
    (id, created_at, subscription_id, account_id, external_key, timezone, clock_id, starts_at, ends_at, accept_until, metrics)
SELECT kernel_uuid7(), now(), id, account_id, external_key, 'Europe/Berlin', NULL,
       '2026-04-01'::timestamp AT TIME ZONE 'Europe/Berlin', NULL, NULL,
       '{"api_calls": [{"key": "calls", "aggregation": "sum"}]}'
FROM subscriptions_subscription;

-- part: events
DO $$
DECLARE
    round int;
BEGIN
    FOR round IN 1 .. current_setting('bench.events')::int LOOP
        WITH sent AS MATERIALIZED (
            SELECT kernel_uuid7() AS event_id, gen_random_uuid() AS digest, id AS subscription_id FROM subscriptions_subscription
        ), keys AS (
            INSERT INTO usage_key (digest, event_id, generation)
            SELECT digest, event_id, (SELECT max(id) FROM usage_generation) FROM sent ORDER BY digest
        )
        INSERT INTO usage_event (id, subscription_id, metric, quantity, timestamp, received_at, idempotency_key, properties)
        SELECT event_id, subscription_id, 'api_calls', 1.25,
               '2026-04-01T12:00:00Z'::timestamptz + round * (28 * interval '1 day' / current_setting('bench.events')::int),
               now(), 'request-' || digest, '{"region": "eu", "model": "large"}'
        FROM sent ORDER BY event_id;
    END LOOP;
END $$;

-- part: as autovacuum leaves it
VACUUM ANALYZE;
