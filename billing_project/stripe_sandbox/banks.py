"""Stripe's published test bank accounts: debits that are asked for now and answered later."""

from dataclasses import dataclass
from typing import Any

from billing_project.stripe_sandbox.cards import Decline

TYPES = ("sepa_debit", "us_bank_account")
CURRENCY = {"sepa_debit": "eur", "us_bank_account": "usd"}


@dataclass(frozen=True, slots=True)
class Bank:
    type: str
    last4: str
    country: str
    name: str
    decline: str | None = None  # a name in REFUSALS: the debit comes back with it
    disputed: str | None = None  # the reason for which the customer's bank takes the money back after it came


REFUSALS: dict[str, Decline] = {
    "insufficient_funds": Decline("insufficient_funds", "The customer's account has insufficient funds."),
    "account_closed": Decline("account_closed", "The customer's bank account has been closed."),
    "no_account": Decline("no_account", "The customer's bank account could not be located."),
    "debit_not_authorized": Decline("debit_not_authorized", "The customer did not authorize this payment."),
    "generic_decline": Decline("generic_could_not_process", "The payment could not be processed."),
    "charge_exceeds_source_limit": Decline(
        "charge_exceeds_source_limit", "The amount is above the limit of this payment method."
    ),
}


def _sepa(last4: str, decline: str | None = None, disputed: str | None = None) -> Bank:
    return Bank("sepa_debit", last4, "DE", "37040044", decline, disputed)


def _ach(last4: str, decline: str | None = None, disputed: str | None = None) -> Bank:
    return Bank("us_bank_account", last4, "US", "STRIPE TEST BANK", decline, disputed)


BANKS: dict[str, Bank] = {
    "pm_success_de": _sepa("3000"),
    "pm_failed_de": _sepa("3001", "generic_decline"),
    "pm_insufficientFunds_de": _sepa("2222", "insufficient_funds"),
    "pm_exceedsSourceLimit_de": _sepa("3434", "charge_exceeds_source_limit"),
    "pm_disputed_de": _sepa("3002", disputed="debit_not_authorized"),
    "pm_usBankAccount_success": _ach("6789"),
    "pm_usBankAccount_insufficientFunds": _ach("2227", "insufficient_funds"),
    "pm_usBankAccount_accountClosed": _ach("1113", "account_closed"),
    "pm_usBankAccount_noAccount": _ach("1116", "no_account"),
    "pm_usBankAccount_debitNotAuthorized": _ach("3335", "debit_not_authorized"),
    "pm_usBankAccount_dispute": _ach("1118", disputed="debit_not_authorized"),
}


def is_bank(method: dict[str, Any]) -> bool:
    return method["type"] in TYPES


def details(bank: Bank) -> dict[str, Any]:
    """What Stripe shows of the account; never its number."""
    if bank.type == "sepa_debit":
        return {
            "bank_code": bank.name,
            "branch_code": "",
            "country": bank.country,
            "fingerprint": f"sandbox{bank.type}{bank.last4}",
            "generated_from": {"charge": None, "setup_attempt": None},
            "last4": bank.last4,
        }
    return {
        "account_holder_type": "individual",
        "account_type": "checking",
        "bank_name": bank.name,
        "financial_connections_account": None,
        "fingerprint": f"sandbox{bank.type}{bank.last4}",
        "last4": bank.last4,
        "networks": {"preferred": "ach", "supported": ["ach"]},
        "routing_number": "110000000",
        "status_details": {},
    }


def refusal_for(method: dict[str, Any]) -> Decline | None:
    """With what a debit comes back; `_outcome`, set over the control path, goes before the account."""
    name = BANKS[method["_bank"]].decline
    if "_outcome" in method:
        name = method["_outcome"] or None
    return REFUSALS.get(name, REFUSALS["generic_decline"]) if name else None
