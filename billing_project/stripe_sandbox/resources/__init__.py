"""The resources of Stripe's API that the sandbox serves, one noun a file."""

from billing_project.stripe_sandbox.resources import (
    account,
    balance_transactions,
    charges,
    customers,
    disputes,
    events,
    payment_intents,
    payment_methods,
    refunds,
    setup_intents,
    tokens,
    webhook_endpoints,
)
from billing_project.stripe_sandbox.resources.route import Route

ROUTES: tuple[Route, ...] = (
    *account.ROUTES,
    *customers.ROUTES,
    *payment_methods.ROUTES,
    *tokens.ROUTES,
    *setup_intents.ROUTES,
    *payment_intents.ROUTES,
    *charges.ROUTES,
    *refunds.ROUTES,
    *disputes.ROUTES,
    *balance_transactions.ROUTES,
    *events.ROUTES,
    *webhook_endpoints.ROUTES,
)
