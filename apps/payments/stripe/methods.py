"""Customers and payment methods at Stripe."""

from typing import Any
from uuid import UUID

from apps.payments.gateway import GatewayRefused, Method, Setup
from apps.payments.stripe.calls import PAGE, Caller, call


class Methods(Caller):
    """Who pays, and with what."""

    def create_customer(self, *, account_id: UUID, email: str, name: str, key: str) -> str:
        with call("customers.create"):
            customer = self._client.v1.customers.create(
                {"email": email, "name": name, "metadata": {"account_id": str(account_id)}},
                {"idempotency_key": f"customer-{key}"},
            )
        return customer.id

    def set_up(self, *, customer_id: str, token: str, key: str) -> Method:
        if token.startswith("seti_"):
            return self._set_up_already(customer_id, token, key)
        with call("setup_intents.create"):
            intent = self._client.v1.setup_intents.create(
                {
                    "customer": customer_id,
                    "payment_method": token,
                    # Whatever kinds the account has switched on, but none that sends a customer away who is not there.
                    "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
                    "usage": "off_session",
                    "confirm": True,
                    "expand": ["payment_method"],
                },
                {"idempotency_key": f"setup-{key}"},
            )
        if intent.status != "succeeded":
            raise GatewayRefused(
                "authentication_required", f"The payment method could not be verified: it is {intent.status}."
            )
        return _method(intent.payment_method)

    def _set_up_already(self, customer_id: str, token: str, key: str) -> Method:
        """The method that a SetupIntent verified in the customer's browser."""
        with call("setup_intents.retrieve"):
            intent = self._client.v1.setup_intents.retrieve(token, {"expand": ["payment_method"]})
        if intent.status != "succeeded":
            raise GatewayRefused("setup_not_finished", f"The setup intent is {intent.status}.")
        found: Any = intent.payment_method
        if found.customer is None:
            with call("payment_methods.attach"):
                found = self._client.v1.payment_methods.attach(
                    found.id, {"customer": customer_id}, {"idempotency_key": f"attach-{key}"}
                )
        elif found.customer != customer_id:
            raise GatewayRefused("customer_differs", "The payment method belongs to another customer.")
        return _method(found)

    def begin_setup(self, *, customer_id: str, key: str) -> Setup:
        with call("setup_intents.create"):
            intent = self._client.v1.setup_intents.create(
                {"customer": customer_id, "automatic_payment_methods": {"enabled": True}, "usage": "off_session"},
                {"idempotency_key": f"begin-{key}"},
            )
        return Setup(gateway_id=intent.id, secret=intent.client_secret or "")

    def fetch_method(self, method_id: str) -> Method:
        with call("payment_methods.retrieve"):
            return _method(self._client.v1.payment_methods.retrieve(method_id))

    def detach(self, *, method_id: str, key: str) -> None:
        with call("payment_methods.detach"):
            self._client.v1.payment_methods.detach(method_id, {}, {"idempotency_key": f"detach-{key}"})

    def webhook_urls(self) -> list[str]:
        with call("webhook_endpoints.list"):
            page = self._client.v1.webhook_endpoints.list({"limit": PAGE})
        return [endpoint.url for endpoint in page.data if endpoint.status == "enabled"]


def _method(found: Any) -> Method:
    """Of a bank account the last digits stand where a card's do: what a customer knows it by."""
    shown = getattr(found, found.type, None)
    return Method(
        gateway_id=found.id,
        type=found.type,
        card_brand=getattr(shown, "brand", None) or "",
        card_last4=getattr(shown, "last4", None) or "",
        card_exp_month=getattr(shown, "exp_month", None),
        card_exp_year=getattr(shown, "exp_year", None),
        attached=found.customer is not None,
    )
