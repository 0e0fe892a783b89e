"""Who is billed: the seller, the price list and the customers, all on one test clock."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from billing_project.demo.client import Client, DemoFailed
from billing_project.demo.words import say

CHECKOUT = Path(__file__).resolve().parents[2]
FILES = CHECKOUT / "deploy" / "demo"
START = "2028-01-31T09:00:00Z"
"""A leap year's last day of January: anchors on the 31st meet 29 February."""

SELLER = {
    "legal_name": "Northwind Software GmbH", "country": "DE", "email": "billing@northwind.example",
    "address": {"line1": "Lindenstrasse 5", "postal_code": "10969", "city": "Berlin"},
}  # fmt: skip
REGISTRATIONS = (
    {"country": "DE", "tax_id": "DE136695976", "valid_from": "2024-01-01"},
)  # fmt: skip
PLACES = (
    ("America/New_York", "US", "USD", "en_US"), ("America/Los_Angeles", "US", "USD", "en_US"),
    ("America/Chicago", "US", "USD", "en_US"), ("America/Sao_Paulo", "BR", "USD", "pt_BR"),
    ("Europe/Berlin", "DE", "EUR", "de_DE"), ("Europe/Paris", "FR", "EUR", "fr_FR"),
    ("Europe/Madrid", "ES", "EUR", "es_ES"), ("Europe/London", "GB", "GBP", "en_GB"),
    ("Asia/Tokyo", "JP", "JPY", "ja_JP"), ("Asia/Kolkata", "IN", "USD", "en_IN"),
    ("Pacific/Auckland", "NZ", "USD", "en_NZ"), ("Australia/Sydney", "AU", "USD", "en_AU"),
)  # fmt: skip
NAMES = ("Acme", "Borealis", "Cobalt", "Dune", "Ember", "Fjord", "Grove", "Harbor", "Iris", "Juniper", "Kestrel")
KINDS = ("Labs", "Works", "Studio", "Partners", "Supply", "Health", "Media", "Foods", "Travel", "Energy", "Design",
         "Robotics", "Books", "Sport", "Systems", "Trading", "Music", "Garden", "Legal")  # fmt: skip
PLANS = ("starter", "team", "business", "business-quarterly", "team", "pulse", "business", "starter", "enterprise")
CARDS = ("pm_card_visa", "pm_card_mastercard", "pm_card_visa", "pm_card_visa", "pm_card_chargeCustomerFail")


def make(client: Client, customers: int) -> str:
    """Everything that stands before the first day; returns the id of the test clock."""
    client.call("PUT", "/v1/tax/seller", SELLER)
    for registration in REGISTRATIONS:
        client.call("POST", "/v1/tax/registrations", registration)
    say("  " + commanded("catalog", "apply", str(FILES / "catalogue.yaml")).strip().splitlines()[-1])
    clock = client.call("POST", "/v1/test-clocks", {"frozen_time": START, "name": "demo"})["id"]
    subscribe(client, clock, customers)
    return str(clock)


def subscribe(client: Client, clock: str, customers: int) -> None:
    """The customers, one by one over the API; the same at every run."""
    plans = {plan["key"]: plan["id"] for plan in client.every("/v1/plans")}
    for number in range(customers):
        account = client.call("POST", "/v1/accounts", customer(number, clock))
        token = CARDS[number % len(CARDS)]
        client.call("POST", f"/v1/accounts/{account['id']}/payment-methods", {"payment_method_token": token})
        wish: dict[str, Any] = {"account_id": account["id"], "plan_id": plans[PLANS[number % len(PLANS)]]}
        wish |= {"quantity": 1 + number % 4, "external_key": f"contract-{number:03}"}
        client.call("POST", "/v1/subscriptions", wish)
        if number % 20 == 19:
            say(f"  {number + 1} of {customers} customers")


def customer(number: int, clock: str) -> dict[str, Any]:
    """The number-th account."""
    timezone, country, currency, locale = PLACES[number % len(PLACES)]
    return {
        "external_key": f"customer-{number:03}",
        "name": f"{NAMES[number % len(NAMES)]} {KINDS[number % len(KINDS)]}",
        "email": f"billing@customer-{number:03}.example",
        "timezone": timezone, "country": country, "currency": currency, "locale": locale,
        "tax_exempt": number % 25 == 24, "test_clock_id": clock,
    }  # fmt: skip


def commanded(*arguments: str) -> str:
    """What a command of manage.py prints; it has to succeed."""
    done = manage(*arguments)
    if done.returncode:
        raise DemoFailed(f"manage.py {' '.join(arguments)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def manage(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, str(CHECKOUT / "manage.py"), *arguments], capture_output=True, text=True, check=False
    )
