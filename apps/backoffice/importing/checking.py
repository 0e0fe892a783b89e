"""Is a line good? Answered by the inputs of the API and the rules of creation, with a plan's key for its id."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from rest_framework.exceptions import ValidationError

from apps.accounts.actions import unsaved
from apps.accounts.api import AccountInput
from apps.backoffice.importing.reading import ACCOUNT, ADDRESS, SUBSCRIPTION, Fault, Row
from apps.kernel.errors import DomainError
from apps.payments.rules import TOKEN
from apps.plans.queries import demand_sold
from apps.plans.rules import Terms
from apps.rest import card_guard
from apps.rest.drf_errors import flatten
from apps.subscriptions.actions.create import NewSubscription, plan_days
from apps.subscriptions.bodies import SubscriptionInput
from apps.subscriptions.rules.charges import full_price

WHOLE = ("net_terms_days", "quantity", "trial_days")
HINT = "Mend the cell; docs/import.md says what each column takes."
_NUMBER = re.compile(r"-?[0-9]{1,12}", re.ASCII)


@dataclass(frozen=True)
class Customer:
    """A good line: an account, and perhaps a subscription and a token, as the API would have taken them."""

    line: int
    account: dict[str, Any]
    subscription: dict[str, Any]
    plan: str
    token: str


class Checker:
    """Checks lines one by one, for accounts that live at `at`."""

    def __init__(self, terms: Mapping[str, Terms], *, clock_id: UUID | None, at: datetime) -> None:
        self._terms, self._clock_id, self._at = terms, clock_id, at
        # Made once: making a serializer costs more than using it.
        self._account, self._subscription = AccountInput(), SubscriptionInput(partial=True)

    def check(self, row: Row) -> Customer | list[Fault]:
        """The customer, or everything that is wrong with the line."""
        faults = [
            Fault(row.line, name, "It holds a card number.", "Send the gateway's token as payment_method_token.")
            for name, cell in row.cells.items()
            if card_guard.holds_card_number(cell)
        ]
        if faults:
            return faults
        values = {name: self._typed(row.line, name, cell, faults) for name, cell in row.cells.items()}
        account = self._valid(self._account, _account(values), row.line, faults)
        subscription = self._valid(self._subscription, _subscription(values), row.line, faults, _subscription_column)
        token, plan = values.get("payment_method_token", ""), values.get("plan", "")
        if token and not TOKEN.fullmatch(token):
            faults.append(
                Fault(
                    row.line, "payment_method_token", "Not a token of the payment gateway.", "Use pm_... or seti_...."
                )
            )
        if not plan and subscription:
            faults.append(Fault(row.line, "plan", "The line says how to subscribe, but not to what.", HINT))
        if not faults:
            account["test_clock_id"] = self._clock_id
            faults += self._billable(row.line, account, subscription, plan)
        return faults or Customer(row.line, account, subscription, plan, token)

    def _billable(self, line: int, account: dict[str, Any], subscription: dict[str, Any], plan: str) -> list[Fault]:
        if not plan:
            return []
        terms = self._terms.get(plan)
        if terms is None:
            known = ", ".join(sorted(self._terms)[:10]) or "none: apply a catalogue first"
            return [Fault(line, "plan", "There is no plan with this key.", f"There are: {known}.")]
        payer = unsaved(account)
        column = "plan"
        try:
            demand_sold(terms)
            column = "currency"
            price = terms.price(payer.currency)
            column = "quantity"
            full_price(price, subscription.get("quantity", 1))
            column = "bill_from" if "bill_from" in subscription else "start_date"
            new = NewSubscription(account_id=payer.pk, plan_id=terms.plan_id, **subscription)
            plan_days(new, payer, terms, self._at)
        except DomainError as error:
            return [Fault(line, column, error.detail, error.hint)]
        return []

    def _typed(self, line: int, name: str, cell: str, faults: list[Fault]) -> Any:
        if name in WHOLE:
            if _NUMBER.fullmatch(cell):
                return int(cell)
            faults.append(Fault(line, name, "Expected a whole number.", HINT))
            return 1
        if name == "tax_exempt":
            if cell.lower() not in ("true", "false"):
                faults.append(Fault(line, name, "Expected true or false.", HINT))
            return cell.lower() == "true"
        return cell

    def _valid(self, serializer: Any, data: Any, line: int, faults: list[Fault], named: Any = None) -> dict[str, Any]:
        try:
            return dict(serializer.run_validation(data))
        except ValidationError as error:
            faults += [
                Fault(line, (named or _account_column)(each.pointer), each.detail, HINT)
                for each in flatten(error.detail)
            ]
            return {}


def _account(values: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: values[name] for name in ACCOUNT if name in values}
    if address := {name.removeprefix("address_"): values[name] for name in ADDRESS if name in values}:
        found["address"] = address
    if metadata := {name[9:]: value for name, value in values.items() if name.startswith("metadata.")}:
        found["metadata"] = metadata
    found.setdefault("external_key", "")
    return found


def _subscription(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name.removeprefix("subscription_"): values[name] for name in SUBSCRIPTION if name in values}


def _account_column(pointer: str) -> str:
    return pointer.lstrip("/").replace("/", "_" if pointer.startswith("/address") else ".")


def _subscription_column(pointer: str) -> str:
    name = pointer.lstrip("/")
    return f"subscription_{name}" if name == "external_key" else name
