"""Dashboards of how the service stands: health, performance, levels."""

from observability.source.panels import Panel, Query, Rows
from observability.source.recording import quantile

HEALTH: Rows = (
    (
        "Promised",
        (
            Panel(
                "Availability, 1 hour",
                "percentunit",
                [
                    Query("1 - slo:availability:errors_ratio_rate1h", "requests"),
                    Query("sli:probe_success:ratio_1h", "probe"),
                ],
                good=0.999,
                bad=0.995,
                falling=True,
                span=8,
            ),
            Panel(
                "Error budget left",
                "percentunit",
                [Query('max(slo_error_budget_remaining_ratio{slo="availability"})', "availability")],
                good=0.25,
                bad=0,
                falling=True,
                figure=True,
                span=4,
            ),
            Panel(
                "Uptime",
                "percentunit",
                [Query('avg_over_time(up{job="billing-api"}[1h])', "{{instance}}")],
                good=0.999,
                bad=0.995,
                falling=True,
            ),
            Panel(
                "Dependencies",
                "bool_on_off",
                [Query("min by (dependency) (dependency_up)", "{{dependency}}")],
                good=1,
                falling=True,
            ),
        ),
    ),
    (
        "Traffic",
        (
            Panel("Requests", "reqps", [Query("sum by (status) (rate(api_requests_total[5m]))", "{{status}}")]),
            Panel("Error rate", "percentunit", [Query("sli:api_errors:ratio_rate5m", "5xx")], good=0.001, bad=0.01),
            Panel(
                "Latency",
                "s",
                [
                    Query("sli:api_latency:p50_5m", "p50"),
                    Query("sli:api_latency:p95_5m", "p95"),
                    Query("sli:api_latency:p99_5m", "p99"),
                ],
                good=0.2,
                bad=0.5,
                about="p95: 200 ms promised, alert at 500.",
            ),
            Panel(
                "Connections",
                "short",
                [
                    Query("sum(db_connection_pool_size)", "size"),
                    Query("sum(db_connection_pool_available)", "available"),
                    Query("sum(db_connection_pool_waiting)", "waiting"),
                ],
                bad=0,
                falling=True,
                good=1,
            ),
        ),
    ),
    (
        "Processes",
        (
            Panel(
                "Since beat ticked",
                "s",
                [Query("time() - max(beat_last_tick_timestamp_seconds)", "beat")],
                good=15,
                bad=60,
            ),
            Panel(
                "Since a worker was seen",
                "s",
                [Query("time() - max(celery_worker_last_seen_timestamp_seconds)", "workers")],
                good=15,
                bad=60,
            ),
            Panel("Firing alerts", "short", [Query("max by (severity) (alerts_firing)", "{{severity}}")], bad=1),
            Panel(
                "Since the last backup",
                "s",
                [Query("time() - max(backup_last_success_timestamp_seconds)", "backup")],
                good=86400,
                bad=93600,
            ),
        ),
    ),
)

PERFORMANCE: Rows = (
    (
        "API",
        (
            Panel(
                "p95 by endpoint",
                "s",
                [
                    Query(
                        f"topk(10, {quantile('0.95', 'api_request_duration_seconds', '5m', by='endpoint')})",
                        "{{endpoint}}",
                    )
                ],
                good=0.2,
                bad=0.5,
            ),
            Panel(
                "Requests by endpoint",
                "reqps",
                [Query("topk(10, sum by (endpoint) (rate(api_requests_total[5m])))", "{{endpoint}}")],
            ),
        ),
    ),
    (
        "Database and Redis",
        (
            Panel(
                "Query p99",
                "s",
                [Query("sli:db_query:p99_5m", "p99"), Query(quantile("0.5", "db_query_duration_seconds", "5m"), "p50")],
                good=0.05,
                bad=0.1,
            ),
            Panel("Queries", "ops", [Query("sum(rate(db_query_duration_seconds_count[5m]))", "queries")]),
            Panel(
                "Redis hit rate",
                "percentunit",
                [
                    Query(
                        "max(rate(redis_cache_hits_total[5m])) / "
                        "(max(rate(redis_cache_hits_total[5m])) + max(rate(redis_cache_misses_total[5m])) > 0)",
                        "hits",
                    )
                ],
            ),
            Panel(
                "Redis was away",
                "ops",
                [
                    Query("sum(rate(doorbell_failures_total[5m]))", "doorbells not heard"),
                    Query("sum(rate(rate_limit_bypassed_total[5m]))", "limits not counted"),
                ],
                bad=0.1,
            ),
        ),
    ),
    (
        "Work",
        (
            Panel(
                "Queue depth",
                "short",
                [Query("max by (queue) (celery_queue_depth)", "{{queue}}")],
                good=1000,
                bad=10000,
            ),
            Panel(
                "Task p95", "s", [Query(quantile("0.95", "celery_task_duration_seconds", "5m", by="task"), "{{task}}")]
            ),
            Panel(
                "Invoices a second",
                "ops",
                [Query("sli:invoices:rate5m", "made")],
                good=100,
                bad=50,
                falling=True,
                about="Promised while a run is under way.",
            ),
            Panel(
                "Run",
                "percentunit",
                [Query("max(billing_run_progress_ratio)", "progress"), Query("max(billing_run_active)", "active")],
            ),
            Panel(
                "Usage a minute",
                "short",
                [Query("sli:usage_events:per_minute_5m", "ingested"), Query("max(usage_backlog_events)", "waiting")],
                good=10000,
                bad=5000,
                falling=True,
                about="Promised at peak.",
            ),
            Panel("Oldest event", "s", [Query("max(outbox_oldest_age_seconds)", "outbox")], good=5, bad=60),
            Panel("Webhook latency", "s", [Query(quantile("0.95", "webhook_delivery_duration_seconds", "5m"), "p95")]),
            Panel(
                "Stripe p95",
                "s",
                [Query(quantile("0.95", "stripe_request_duration_seconds", "5m", by="operation"), "{{operation}}")],
                bad=2.5,
            ),
            Panel("Mail p95", "s", [Query(quantile("0.95", "message_send_seconds", "5m"), "p95")]),
            Panel(
                "Longest due", "s", [Query("max(billing_oldest_due_age_seconds)", "subscription")], good=3600, bad=7200
            ),
        ),
    ),
)

LEVELS: Rows = (
    (
        "30 days",
        (
            Panel(
                "Budget left",
                "percentunit",
                [Query("max by (slo) (slo_error_budget_remaining_ratio)", "{{slo}}")],
                good=0.25,
                bad=0,
                falling=True,
                figure=True,
                span=24,
            ),
            Panel(
                "Budget over time",
                "percentunit",
                [Query("max by (slo) (slo_error_budget_remaining_ratio)", "{{slo}}")],
                good=0.25,
                bad=0,
                falling=True,
                span=24,
            ),
        ),
    ),
    (
        "Burn",
        (
            Panel(
                "Burn rate",
                "short",
                [
                    Query(f"slo:availability:errors_ratio_rate{window} / 0.001", window)
                    for window in ("5m", "1h", "6h", "1d", "3d")
                ],
                good=1,
                bad=14.4,
                about="1 uses the budget up in exactly 30 days; 14.4 pages.",
            ),
            Panel(
                "Synthetic probe",
                "bool_yes_no",
                [Query("min by (region) (synthetic_probe_success)", "{{region}}")],
                good=1,
                falling=True,
            ),
            Panel(
                "Since a probe told",
                "s",
                [Query("time() - max by (region) (synthetic_probe_timestamp_seconds)", "{{region}}")],
                good=300,
                bad=900,
            ),
            Panel(
                "Certificate",
                "s",
                [Query("min(probe_ssl_earliest_cert_expiry) - time()", "left")],
                good=2592000,
                bad=1209600,
                falling=True,
            ),
        ),
    ),
)
