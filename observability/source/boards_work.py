"""Dashboards of what the service does: the business, and what goes wrong."""

from observability.source.panels import Panel, Query, Rows

BUSINESS: Rows = (
    (
        "Revenue",
        (
            Panel(
                "MRR",
                "short",
                [Query("max by (currency) (mrr_dollars)", "{{currency}}")],
                figure=True,
                about="In each currency's major unit, never converted.",
            ),
            Panel("Active subscriptions", "short", [Query("max(active_subscriptions)", "active")], figure=True),
            Panel(
                "Revenue per customer",
                "short",
                [Query("max by (currency) (revenue_per_customer_dollars)", "{{currency}}")],
            ),
            Panel("MRR over time", "short", [Query("max by (currency) (mrr_dollars)", "{{currency}}")]),
        ),
    ),
    (
        "Invoices and payments",
        (
            Panel("Invoices an hour", "short", [Query("sum(increase(invoices_generated_total[1h]))", "made")]),
            Panel("Invoices a day", "short", [Query("sum(increase(invoices_generated_total[1d]))", "made")]),
            Panel(
                "Payment success",
                "percentunit",
                [Query("sli:payment_success:ratio_rate15m", "of those that ended")],
                good=0.98,
                bad=0.95,
                falling=True,
            ),
            Panel(
                "Payments", "short", [Query("sum by (status) (increase(payments_attempted_total[1h]))", "{{status}}")]
            ),
            Panel(
                "Accounts behind",
                "short",
                [
                    Query("max by (state) (dunning_accounts)", "{{state}}"),
                    Query("sum by (to) (increase(dunning_transitions_total[1d]))", "became {{to}} today"),
                ],
            ),
            Panel(
                "Refunds and disputes",
                "short",
                [
                    Query("sum by (status) (increase(refunds_total[1d]))", "refund {{status}}"),
                    Query("sum by (status) (increase(disputes_total[1d]))", "dispute {{status}}"),
                ],
            ),
        ),
    ),
    (
        "Cost",
        (
            Panel(
                "Cost a month", "currencyUSD", [Query("max(infrastructure_cost_dollars)", "all")], good=800, bad=1000
            ),
            Panel(
                "Cost for 1,000 subscriptions",
                "currencyUSD",
                [Query("max(infrastructure_cost_dollars) / (max(active_subscriptions) / 1000 > 0)", "all")],
                good=80,
                bad=100,
            ),
        ),
    ),
)

ERRORS: Rows = (
    (
        "API",
        (
            Panel(
                "Errors by endpoint", "ops", [Query("sum by (endpoint) (rate(api_errors_total[5m]))", "{{endpoint}}")]
            ),
            Panel("Errors by type", "ops", [Query("sum by (type) (rate(api_errors_total[5m]))", "{{type}}")]),
            Panel("Database errors", "ops", [Query("sum by (type) (rate(django_db_errors_total[5m]))", "{{type}}")]),
            Panel(
                "Renewals that stopped", "short", [Query("sum(increase(renewal_failures_total[1h]))", "stopped")], bad=1
            ),
        ),
    ),
    (
        "Money",
        (
            Panel(
                "Failed payments",
                "short",
                [
                    Query(
                        'sum by (status) (increase(payments_attempted_total{status=~"failed|declined"}[1h]))',
                        "{{status}}",
                    )
                ],
            ),
            Panel(
                "Stripe errors",
                "percentunit",
                [Query("sli:stripe_failures:ratio_rate15m", "failed")],
                good=0.01,
                bad=0.05,
            ),
            Panel(
                "Stripe by outcome", "ops", [Query("sum by (outcome) (rate(stripe_requests_total[5m]))", "{{outcome}}")]
            ),
            Panel(
                "Tax provider",
                "ops",
                [Query("sum by (provider, outcome) (rate(tax_requests_total[5m]))", "{{provider}} {{outcome}}")],
            ),
            Panel("Ledger imbalance", "short", [Query("max(ledger_imbalance)", "minor units")], bad=1, figure=True),
            Panel(
                "Open differences", "short", [Query("max by (kind) (reconciliation_differences)", "{{kind}}")], bad=1
            ),
        ),
    ),
    (
        "Work",
        (
            Panel(
                "Failed webhook deliveries",
                "short",
                [
                    Query(
                        'sum by (outcome) (increase(webhook_deliveries_total{outcome!="delivered"}[1h]))', "{{outcome}}"
                    )
                ],
            ),
            Panel(
                "Webhook delivery",
                "percentunit",
                [Query("sli:webhook_delivery:ratio_rate1h", "delivered")],
                good=0.99,
                bad=0.95,
                falling=True,
            ),
            Panel("Dead letters", "short", [Query("max(dead_letters)", "given up")], bad=1),
            Panel("Stuck work", "short", [Query("max by (kind) (stuck_work)", "{{kind}}")], bad=1),
            Panel("Mails", "short", [Query("sum by (outcome) (increase(messages_sent_total[1h]))", "{{outcome}}")]),
            Panel("Audit not sealed since", "s", [Query("max(audit_unsealed_age_seconds)", "age")], good=60, bad=600),
        ),
    ),
)
