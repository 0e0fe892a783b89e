"""Generated from docs/openapi.json by clients/python/generate.py: change that, not this."""

from billing_client.resources.accounts import Accounts, AsyncAccounts
from billing_client.resources.analytics import Analytics, AsyncAnalytics
from billing_client.resources.api_keys import ApiKeys, AsyncApiKeys
from billing_client.resources.auth import AsyncAuth, Auth
from billing_client.resources.bank_statements import AsyncBankStatements, BankStatements
from billing_client.resources.billing_runs import AsyncBillingRuns, BillingRuns
from billing_client.resources.bulk_moves import AsyncBulkMoves, BulkMoves
from billing_client.resources.coupons import AsyncCoupons, Coupons
from billing_client.resources.credit_notes import AsyncCreditNotes, CreditNotes
from billing_client.resources.credits import AsyncCredits, Credits
from billing_client.resources.disputes import AsyncDisputes, Disputes
from billing_client.resources.events import AsyncEvents, Events
from billing_client.resources.invoices import AsyncInvoices, Invoices
from billing_client.resources.ledger import AsyncLedger, Ledger
from billing_client.resources.payments import AsyncPayments, Payments
from billing_client.resources.pending_items import AsyncPendingItems, PendingItems
from billing_client.resources.plans import AsyncPlans, Plans
from billing_client.resources.re_ratings import AsyncReRatings, ReRatings
from billing_client.resources.reconciliation import AsyncReconciliation, Reconciliation
from billing_client.resources.refunds import AsyncRefunds, Refunds
from billing_client.resources.subscriptions import AsyncSubscriptions, Subscriptions
from billing_client.resources.tax import AsyncTax, Tax
from billing_client.resources.test_clocks import AsyncTestClocks, TestClocks
from billing_client.resources.usage import AsyncUsage, Usage
from billing_client.resources.webhook_endpoints import AsyncWebhookEndpoints, WebhookEndpoints
from billing_client.transport import AsyncSends, Sends


class Resources:
    """All that the API has, by resource."""

    def __init__(self, client: Sends) -> None:
        self.accounts = Accounts(client)
        self.analytics = Analytics(client)
        self.api_keys = ApiKeys(client)
        self.auth = Auth(client)
        self.bank_statements = BankStatements(client)
        self.billing_runs = BillingRuns(client)
        self.bulk_moves = BulkMoves(client)
        self.coupons = Coupons(client)
        self.credit_notes = CreditNotes(client)
        self.credits = Credits(client)
        self.disputes = Disputes(client)
        self.events = Events(client)
        self.invoices = Invoices(client)
        self.ledger = Ledger(client)
        self.payments = Payments(client)
        self.pending_items = PendingItems(client)
        self.plans = Plans(client)
        self.re_ratings = ReRatings(client)
        self.reconciliation = Reconciliation(client)
        self.refunds = Refunds(client)
        self.subscriptions = Subscriptions(client)
        self.tax = Tax(client)
        self.test_clocks = TestClocks(client)
        self.usage = Usage(client)
        self.webhook_endpoints = WebhookEndpoints(client)


class AsyncResources:
    """All that the API has, by resource."""

    def __init__(self, client: AsyncSends) -> None:
        self.accounts = AsyncAccounts(client)
        self.analytics = AsyncAnalytics(client)
        self.api_keys = AsyncApiKeys(client)
        self.auth = AsyncAuth(client)
        self.bank_statements = AsyncBankStatements(client)
        self.billing_runs = AsyncBillingRuns(client)
        self.bulk_moves = AsyncBulkMoves(client)
        self.coupons = AsyncCoupons(client)
        self.credit_notes = AsyncCreditNotes(client)
        self.credits = AsyncCredits(client)
        self.disputes = AsyncDisputes(client)
        self.events = AsyncEvents(client)
        self.invoices = AsyncInvoices(client)
        self.ledger = AsyncLedger(client)
        self.payments = AsyncPayments(client)
        self.pending_items = AsyncPendingItems(client)
        self.plans = AsyncPlans(client)
        self.re_ratings = AsyncReRatings(client)
        self.reconciliation = AsyncReconciliation(client)
        self.refunds = AsyncRefunds(client)
        self.subscriptions = AsyncSubscriptions(client)
        self.tax = AsyncTax(client)
        self.test_clocks = AsyncTestClocks(client)
        self.usage = AsyncUsage(client)
        self.webhook_endpoints = AsyncWebhookEndpoints(client)
