"""The sidebar: what a person's roles let them open, in the order of a working day."""

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from apps.kernel.admin import allowed

GROUPS: tuple[tuple[str, tuple[tuple[str, str, str, str], ...]], ...] = (
    ("", (("Dashboard", "index", "dashboard", ""),)),
    ("Customers", (
        ("Accounts", "accounts_account_changelist", "group", "accounts"),
        ("Subscriptions", "subscriptions_subscription_changelist", "autorenew", "subscriptions"),
        ("Dunning queue", "dunning_standing_changelist", "hourglass_bottom", "accounts"),
        ("Plans", "plans_plan_changelist", "sell", "plans"),
        ("Usage", "usage_usageevent_changelist", "monitoring", "usage"),
    )),
    ("Money", (
        ("Invoices", "invoices_invoice_changelist", "receipt_long", "invoices"),
        ("Payments", "payments_payment_changelist", "payments", "payments"),
        ("Refunds", "payments_refund_changelist", "currency_exchange", "refunds"),
        ("Disputes", "payments_dispute_changelist", "gavel", "payments"),
        ("Reconciliation", "payments_difference_changelist", "rule_settings", "reconciliation"),
        ("Bank statements", "payments_bankline_changelist", "account_balance", "bank_transfers"),
        ("Payment methods", "payments_paymentmethod_changelist", "credit_card", "payment_methods"),
        ("Credits", "credits_grant_changelist", "redeem", "credits"),
        ("Coupons", "coupons_coupon_changelist", "sell", "coupons"),
        ("Recurring revenue", "revenue", "trending_up", "analytics"),
        ("Recovery", "recovery", "healing", "analytics"),
        ("Ledger", "ledger_entry_changelist", "menu_book", "ledger"),
        ("Trial balance", "ledger_trial_balance", "balance", "ledger"),
        ("Tax rates", "tax_taxrate_changelist", "percent", "tax_rates"),
        ("Tax registrations", "tax_registration_changelist", "flag", "tax_rates"),
        ("VAT numbers", "tax_taxid_changelist", "badge", "tax_rates"),
    )),
    ("Operations", (
        ("Why is this stuck?", "stuck", "troubleshoot", "pending_work"),
        ("Service levels", "levels", "speed", "pending_work"),
        ("Alerts", "monitoring_alert_changelist", "notification_important", "pending_work"),
        ("Billing runs", "subscriptions_billingrun_changelist", "nights_stay", "billing_runs"),
        ("Bulk moves", "subscriptions_bulkmove_changelist", "move_up", "bulk_moves"),
        ("Re-ratings", "subscriptions_rerating_changelist", "calculate", "reratings"),
        ("Run failures", "subscriptions_runfailure_changelist", "running_with_errors", "billing_runs"),
        ("Test clocks", "clocks_testclock_changelist", "schedule", "test_clocks"),
        ("Messages", "notifications_message_changelist", "mail", "invoices"),
        ("Addresses without mail", "notifications_suppression_changelist", "unsubscribe", "invoices"),
        ("Events", "events_event_changelist", "bolt", "events"),
        ("Deliveries", "events_delivery_changelist", "outbox", "deliveries"),
        ("Webhook endpoints", "webhooks_endpoint_changelist", "webhook", "webhooks"),
        ("Webhooks", "webhooks_delivery_changelist", "send", "deliveries"),
        ("Webhook attempts", "webhooks_attempt_changelist", "call_made", "deliveries"),
        ("Gateway notices", "payments_gatewaynotice_changelist", "notifications", "payments"),
        ("Gateway movements", "payments_gatewaymovement_changelist", "swap_vert", "reconciliation"),
        ("Looks at the gateway", "payments_reconciliation_changelist", "manage_search", "reconciliation"),
    )),
    ("Administration", (
        ("Dunning policies", "dunning_policy_changelist", "rule", "dunning_policies"),
        ("Words of messages", "notifications_wording_words", "edit_note", "dunning_policies"),
        ("Seller", "tax_seller_changelist", "storefront", "invoices"),
        ("Staff", "access_user_changelist", "badge", "users"),
        ("API keys", "access_apikey_changelist", "key", "api_keys"),
        ("Costs", "monitoring_infrastructurecost_changelist", "savings", "pending_work"),
        ("Backups", "monitoring_backup_changelist", "backup", "pending_work"),
        ("Probes", "monitoring_proberesult_changelist", "radar", "pending_work"),
        ("Audit log", "audit_entry_changelist", "policy", "audit"),
    )),
)  # fmt: skip


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """As unfold takes it. A page that is not installed is left out."""
    groups = []
    for title, pages in GROUPS:
        items = [
            {"title": name, "link": address, "icon": icon}
            for name, route, icon, resource in pages
            if (not resource or allowed(request, resource)) and (address := _address(route))
        ]
        groups.append({"title": title, "items": items, "separator": bool(title)})
    return groups


def _address(route: str) -> str:
    try:
        return reverse(f"admin:{route}")
    except NoReverseMatch:
        return ""
