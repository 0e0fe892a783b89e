"""Every route there is."""

from typing import Any

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from apps.access.api import ApiKeyViewSet
from apps.access.token_api import TokenViewSet, key_set
from apps.accounts.api import AccountViewSet
from apps.accounts.export_api import AccountExportViewSet
from apps.analytics.api import AnalyticsViewSet
from apps.clocks.api import TestClockViewSet
from apps.coupons.api import CouponViewSet
from apps.credits.api import AccountCreditViewSet, CreditViewSet
from apps.dunning.api import AccessViewSet, DisputeHoldViewSet, DunningHistoryViewSet
from apps.events.api import EventViewSet
from apps.explain.api import ExplanationViewSet, InvoiceUsageViewSet
from apps.graphql.api import graphql
from apps.hosted import pages as hosted
from apps.invoices.api import CreditApplicationViewSet, InvoiceViewSet, WriteOffViewSet
from apps.invoices.credit_notes_api import CreditNoteViewSet
from apps.invoices.export_api import InvoiceExportViewSet
from apps.invoices.sales_api import PendingItemViewSet, SoldInvoiceViewSet
from apps.ledger.api import TrialBalanceViewSet
from apps.monitoring import api as monitoring
from apps.notifications import pages as mail
from apps.notifications.api import MessageViewSet
from apps.payments.api import (
    DisputeViewSet,
    InvoicePaymentViewSet,
    PaymentMethodViewSet,
    PaymentViewSet,
    RefundViewSet,
)
from apps.payments.api_bank import BankStatementViewSet
from apps.payments.api_reconciliation import DifferenceViewSet
from apps.payments.api_statement import AccountBalanceViewSet
from apps.payments.webhook import StripeWebhookView
from apps.plans.api import PlanVersionViewSet, PlanViewSet
from apps.rest.urls import urlpatterns as documentation
from apps.subscriptions.api import SubscriptionViewSet
from apps.subscriptions.invoices_api import BilledInvoiceViewSet
from apps.subscriptions.moves_api import BulkMoveViewSet
from apps.subscriptions.reratings_api import ReratedSubscriptionViewSet, ReratingViewSet
from apps.subscriptions.runs_api import BillingRunViewSet
from apps.tax.api import RegistrationViewSet, SellerViewSet, TaxIdViewSet, TaxRateViewSet
from apps.usage.api import UsageBatchViewSet, UsageCorrectionViewSet, UsageViewSet
from apps.usage.reports_api import UsageReportViewSet
from apps.webhooks.api import EventResendViewSet, WebhookDeliveryViewSet, WebhookEndpointViewSet

COLLECTION: dict[str, Any] = {"get": "list", "post": "create"}
READ_ONLY: dict[str, Any] = {"get": "list"}
SHOWN: dict[str, Any] = {"get": "retrieve"}
CHANGEABLE: dict[str, Any] = {"get": "retrieve", "patch": "partial_update"}

v1 = [
    path("accounts", AccountViewSet.as_view(COLLECTION)),
    path("accounts/export", AccountExportViewSet.as_view({"get": "export_all"})),
    path("accounts/<str:id>/export", AccountExportViewSet.as_view({"get": "export"})),
    path("accounts/<str:id>", AccountViewSet.as_view({**CHANGEABLE, "delete": "destroy"})),
    path("accounts/<str:account_id>/payment-methods", PaymentMethodViewSet.as_view(COLLECTION)),
    path(
        "accounts/<str:account_id>/payment-methods/<str:method_id>", PaymentMethodViewSet.as_view({"delete": "destroy"})
    ),
    path(
        "accounts/<str:account_id>/payment-methods/<str:method_id>/default",
        PaymentMethodViewSet.as_view({"post": "default"}),
    ),
    path("accounts/<str:account_id>/credits", AccountCreditViewSet.as_view(READ_ONLY)),
    path("accounts/<str:account_id>/balance", AccountBalanceViewSet.as_view({"get": "balance"})),
    path("accounts/<str:account_id>/statement", AccountBalanceViewSet.as_view({"get": "statement"})),
    path("accounts/<str:account_id>/access", AccessViewSet.as_view({"get": "access"})),
    path("accounts/<str:account_id>/dispute-hold", DisputeHoldViewSet.as_view({"put": "update", "delete": "destroy"})),
    path("accounts/<str:account_id>/dunning-history", DunningHistoryViewSet.as_view(READ_ONLY)),
    path("plans", PlanViewSet.as_view(COLLECTION)),
    path("plans/<str:id>", PlanViewSet.as_view({**CHANGEABLE, "delete": "destroy"})),
    path("plans/<str:plan_id>/versions", PlanVersionViewSet.as_view(READ_ONLY)),
    path("subscriptions", SubscriptionViewSet.as_view(COLLECTION)),
    path("subscriptions/<str:id>/cancel", SubscriptionViewSet.as_view({"post": "cancel"})),
    path("subscriptions/<str:id>/uncancel", SubscriptionViewSet.as_view({"post": "uncancel"})),
    path("subscriptions/preview", SubscriptionViewSet.as_view({"post": "preview_new"})),
    path("subscriptions/<str:id>", SubscriptionViewSet.as_view(CHANGEABLE)),
    path("subscriptions/<str:id>/preview", SubscriptionViewSet.as_view({"post": "preview_change"})),
    path("subscriptions/<str:id>/pause", SubscriptionViewSet.as_view({"post": "pause"})),
    path("subscriptions/<str:id>/resume", SubscriptionViewSet.as_view({"post": "resume"})),
    path("subscriptions/<str:id>/scheduled-change", SubscriptionViewSet.as_view({"delete": "unschedule"})),
    path("subscriptions/<str:id>/coupons/<str:coupon_id>", SubscriptionViewSet.as_view({"delete": "detach"})),
    path("subscriptions/<str:id>/history", SubscriptionViewSet.as_view({"get": "history"})),
    path("subscriptions/<str:id>/usage", SubscriptionViewSet.as_view({"get": "usage"})),
    path("billing-runs", BillingRunViewSet.as_view(COLLECTION)),
    path("billing-runs/<str:id>", BillingRunViewSet.as_view(SHOWN)),
    path("billing-runs/<str:id>/retry", BillingRunViewSet.as_view({"post": "retry"})),
    path("billing-runs/<str:id>/approve", BillingRunViewSet.as_view({"post": "approve"})),
    path("billing-runs/<str:id>/pause", BillingRunViewSet.as_view({"post": "pause"})),
    path("billing-runs/<str:id>/resume", BillingRunViewSet.as_view({"post": "resume"})),
    path("bulk-moves", BulkMoveViewSet.as_view(COLLECTION)),
    path("bulk-moves/<str:id>", BulkMoveViewSet.as_view(SHOWN)),
    path("re-ratings", ReratingViewSet.as_view(COLLECTION)),
    path("re-ratings/<str:id>", ReratingViewSet.as_view(SHOWN)),
    path("re-ratings/<str:id>/bill", ReratingViewSet.as_view({"post": "bill"})),
    path("re-ratings/<str:rerating_id>/subscriptions", ReratedSubscriptionViewSet.as_view(READ_ONLY)),
    path("invoices", SoldInvoiceViewSet.as_view(COLLECTION)),
    path("pending-items", PendingItemViewSet.as_view(COLLECTION)),
    path("pending-items/<str:id>", PendingItemViewSet.as_view({"get": "retrieve", "delete": "destroy"})),
    path("invoices/export", InvoiceExportViewSet.as_view({"get": "export_all"})),
    path("invoices/upcoming", BilledInvoiceViewSet.as_view({"get": "upcoming"})),
    path("invoices/<str:id>/write-off", WriteOffViewSet.as_view({"post": "create", "delete": "destroy"})),
    path("invoices/<str:id>/apply-credit", CreditApplicationViewSet.as_view({"post": "create"})),
    path("invoices/<str:id>/void", BilledInvoiceViewSet.as_view({"post": "void"})),
    path("invoices/<str:id>/pay", InvoicePaymentViewSet.as_view({"post": "pay"})),
    path("invoices/<str:id>", InvoiceViewSet.as_view(SHOWN)),
    path("invoices/<str:id>/explain", ExplanationViewSet.as_view({"get": "explain"})),
    path("invoices/<str:id>/usage", InvoiceUsageViewSet.as_view({"get": "list"})),
    path("invoices/<str:id>/pdf", InvoiceViewSet.as_view({"get": "pdf"})),
    path("invoices/<str:id>/xml", InvoiceViewSet.as_view({"get": "xml"})),
    path("invoices/<str:invoice_id>/send", MessageViewSet.as_view({"post": "create"})),
    path("credit-notes", CreditNoteViewSet.as_view(COLLECTION)),
    path("credit-notes/<str:id>", CreditNoteViewSet.as_view(SHOWN)),
    path("credit-notes/<str:id>/pdf", CreditNoteViewSet.as_view({"get": "pdf"})),
    path("credit-notes/<str:id>/xml", CreditNoteViewSet.as_view({"get": "xml"})),
    path("credits", CreditViewSet.as_view(COLLECTION)),
    path("credits/<str:id>", CreditViewSet.as_view(SHOWN)),
    path("credits/<str:id>/void", CreditViewSet.as_view({"post": "void"})),
    path("coupons", CouponViewSet.as_view(COLLECTION)),
    path("coupons/<str:id>", CouponViewSet.as_view({"get": "retrieve", "delete": "destroy"})),
    path("payments", PaymentViewSet.as_view(COLLECTION)),
    path("payments/<str:id>", PaymentViewSet.as_view(SHOWN)),
    path("payments/<str:id>/refunds", RefundViewSet.as_view({"post": "create"})),
    path("refunds", RefundViewSet.as_view(READ_ONLY)),
    path("refunds/<str:id>", RefundViewSet.as_view(SHOWN)),
    path("disputes", DisputeViewSet.as_view(READ_ONLY)),
    path("disputes/<str:id>", DisputeViewSet.as_view(SHOWN)),
    path("bank-statements", BankStatementViewSet.as_view({"post": "create"})),
    path("reconciliation/differences", DifferenceViewSet.as_view(READ_ONLY)),
    path("reconciliation/differences/<str:id>", DifferenceViewSet.as_view(SHOWN)),
    path("reconciliation/differences/<str:id>/apply", DifferenceViewSet.as_view({"post": "apply"})),
    path("reconciliation/differences/<str:id>/assign", DifferenceViewSet.as_view({"post": "assign"})),
    path("reconciliation/differences/<str:id>/dismiss", DifferenceViewSet.as_view({"post": "dismiss"})),
    path("tax/seller", SellerViewSet.as_view({"get": "retrieve", "put": "update"})),
    path("tax/ids", TaxIdViewSet.as_view(COLLECTION)),
    path("tax/ids/<str:id>", TaxIdViewSet.as_view(SHOWN)),
    path("tax/rates", TaxRateViewSet.as_view(COLLECTION)),
    path("tax/rates/<str:id>", TaxRateViewSet.as_view(SHOWN)),
    path("tax/registrations", RegistrationViewSet.as_view(COLLECTION)),
    path("tax/registrations/<str:id>", RegistrationViewSet.as_view(SHOWN)),
    path("usage", UsageViewSet.as_view(COLLECTION)),
    path("usage/batch", UsageBatchViewSet.as_view({"post": "create"})),
    path("usage/summary", UsageReportViewSet.as_view({"get": "summary"})),
    path("usage/export", UsageReportViewSet.as_view({"get": "export"})),
    path("usage/<str:id>", UsageViewSet.as_view(SHOWN)),
    path("usage/<str:id>/void", UsageCorrectionViewSet.as_view({"post": "void"})),
    path("usage/<str:id>/replace", UsageCorrectionViewSet.as_view({"post": "replace"})),
    path("ledger/trial-balance", TrialBalanceViewSet.as_view(READ_ONLY)),
    path("analytics/mrr", AnalyticsViewSet.as_view({"get": "mrr"})),
    path("analytics/churn", AnalyticsViewSet.as_view({"get": "churn"})),
    path("analytics/ltv", AnalyticsViewSet.as_view({"get": "ltv"})),
    path("analytics/usage", AnalyticsViewSet.as_view({"get": "usage"})),
    path("analytics/revenue", AnalyticsViewSet.as_view({"get": "revenue"})),
    path("analytics/recovery", AnalyticsViewSet.as_view({"get": "recovery"})),
    path("analytics/recovery/export", AnalyticsViewSet.as_view({"get": "recovery_file"})),
    path("analytics/export", AnalyticsViewSet.as_view({"get": "export"})),
    path("events", EventViewSet.as_view(READ_ONLY)),
    path("events/stream", EventViewSet.as_view({"get": "stream"})),
    path("events/<str:id>", EventViewSet.as_view(SHOWN)),
    path("events/<str:id>/resend", EventResendViewSet.as_view({"post": "create"})),
    path("webhook-endpoints", WebhookEndpointViewSet.as_view(COLLECTION)),
    path("webhook-endpoints/<str:id>", WebhookEndpointViewSet.as_view({**CHANGEABLE, "delete": "destroy"})),
    path("webhook-endpoints/<str:id>/rotate-secret", WebhookEndpointViewSet.as_view({"post": "rotate"})),
    path("webhook-endpoints/<str:id>/test", WebhookEndpointViewSet.as_view({"post": "try_out"})),
    path("webhook-endpoints/<str:id>/resend", WebhookEndpointViewSet.as_view({"post": "resend"})),
    path("webhook-endpoints/<str:endpoint_id>/deliveries", WebhookDeliveryViewSet.as_view(READ_ONLY)),
    path("test-clocks", TestClockViewSet.as_view(COLLECTION)),
    path("test-clocks/<str:id>", TestClockViewSet.as_view({"get": "retrieve", "delete": "destroy"})),
    path("test-clocks/<str:id>/advance", TestClockViewSet.as_view({"post": "advance"})),
    path("auth/token", TokenViewSet.as_view({"post": "create", "delete": "destroy"})),
    path("api-keys", ApiKeyViewSet.as_view(COLLECTION)),
    path("api-keys/<str:id>/rotate", ApiKeyViewSet.as_view({"post": "rotate"})),
    path("api-keys/<str:id>", ApiKeyViewSet.as_view({"get": "retrieve", "delete": "destroy"})),
]

urlpatterns = [
    path("v1/", include(v1)),
    *documentation,
    path("graphql", graphql),
    path("internal/alerts", monitoring.alerts),
    path("internal/probes", monitoring.probes),
    path(".well-known/jwks.json", key_set),
    path("stripe/webhook/<uuid:uuid>", StripeWebhookView.as_view()),
    path("pay/<str:token>", hosted.page),
    path("pay/<str:token>/document", hosted.document),
    path("pay/<str:token>/pay", hosted.pay_now),
    path("pay/<str:token>/method", hosted.method),
    path("pay/<str:token>/method/done", hosted.method_done),
    path("pay/<str:token>/link", hosted.link),
    path("mail/<str:token>/unsubscribe", mail.fewer),
    path("admin/", admin.site.urls),
    path("favicon.ico", RedirectView.as_view(url="/static/favicon.svg", permanent=True)),
]

handler403 = "apps.backoffice.site.forbidden"
handler404 = "apps.backoffice.site.missing"
