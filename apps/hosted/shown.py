"""What the pages show: of an invoice its document as the PDF has it, how it stands, and what can be done."""

from datetime import datetime
from typing import Any

from apps.clocks.queries import now_for
from apps.hosted.doors import Door, look
from apps.hosted.rules import State, state
from apps.invoices.document import content
from apps.invoices.links import invoice_link
from apps.invoices.models import Invoice
from apps.invoices.queries import balances
from apps.invoices.rules import Status
from apps.kernel import clock
from apps.notifications.actions.write import DECLINES
from apps.notifications.words import sentence
from apps.payments import queries as payments
from apps.payments.models import Payment, PaymentMethod

SAID = ("saved", "refused", "away", "not_here")
"""What a page may be told to say by its address."""


def invoice_page(door: Door, invoice: Invoice, *, said: str, returned: bool) -> dict[str, Any]:
    """`returned`: the customer comes back from their bank, so its link is not shown again."""
    figures, open_ = door.figures, balances([invoice.pk])[invoice.pk].balance
    going = payments.under_way(invoice.pk)
    method = payments.default_methods([invoice.account_id]).get(invoice.account_id)
    link = confirmable(going, now_for(door.account)) if going and not returned else ""
    stands = state(
        invoice.status,
        has_method=method is not None,
        under_way=going is not None,
        link=link,
        carried=invoice.pk in payments.carried([invoice.account_id]),
    )
    facts = {
        "number": invoice.number or "",
        "open": figures.money(open_),
        "due": figures.day(invoice.due_date) if invoice.due_date else "",
    }
    return {
        **look(door.language),
        "title": door.say("invoice", **facts),
        "path": door.path,
        "said": door.say(said) if said in SAID else "",
        "failed": said in SAID[1:],
        "state": stands.value,
        "stands": door.say(stands.value, **facts),
        "total": figures.money(open_ if stands in (State.DUE, State.NO_METHOD, State.CARRIED) else invoice.total),
        "link": link,
        "replacement": _replacement(door, invoice) if stands is State.VOID else None,
        "last_try": _last_try(door, invoice) if stands in (State.DUE, State.NO_METHOD) else "",
        "attempt": payments.attempts([invoice.pk]).get(invoice.pk, 0),
        "method": method_words(door, method) if method and stands is State.DUE else "",
        "may_change": stands in (State.DUE, State.NO_METHOD, State.CONFIRM),
        "document": content(invoice),
        "document_language": figures.locale.language,
        "words": _buttons(door, facts, has_method=method is not None),
    }


def account_page(door: Door, *, said: str) -> dict[str, Any]:
    """The payment method of an account."""
    method = payments.default_methods([door.account.pk]).get(door.account.pk)
    return {
        **look(door.language),
        "title": door.say("your_method"),
        "path": door.path,
        "said": door.say(said) if said in SAID else "",
        "failed": said in SAID[1:],
        "stands": method_words(door, method) if method else door.say("none_yet"),
        "words": _buttons(door, {"open": "", "number": ""}, has_method=method is not None),
    }


def confirmable(payment: Payment, at: datetime) -> str:
    """Where its customer can still confirm it; another method that came in the meantime ends that."""
    return payment.action_url if payment.action_until is not None and payment.action_until > at else ""


def method_words(door: Door, method: PaymentMethod) -> str:
    """A payment method as its owner knows it."""
    brand = (method.card_brand or method.type).replace("_", " ").title()
    text = door.say("card", brand=brand, last4=method.card_last4) if method.card_last4 else brand
    if method.card_exp_month and method.card_exp_year:
        text += door.say("expires", month=f"{method.card_exp_month:02}", year=method.card_exp_year)
    return text


def _buttons(door: Door, facts: dict[str, str], *, has_method: bool) -> dict[str, str]:
    names = ("pay_button", "confirm_button", "again_button", "change_note", "download", "details", "your_method")
    change = "change_button" if has_method else "add_button"
    return {name: door.say(name, **facts) for name in names} | {"change_button": door.say(change)}


def _last_try(door: Door, invoice: Invoice) -> str:
    """Why it is still open, if it was tried."""
    newest = Payment.objects.filter(invoice=invoice).order_by("-pk").first()
    if newest is None or newest.status != "FAILED":
        return ""
    code = newest.failure_code if newest.failure_code in DECLINES else "declined"
    return door.say("last_try", reason=sentence(code, door.language))


def _replacement(door: Door, invoice: Invoice) -> dict[str, str] | None:
    """The invoice that stands in the place of one that is void, however often it was corrected."""
    found: Invoice | None = invoice
    while found is not None and found.status == Status.VOID:
        found = found.replacements.order_by("-pk").first()
    if found is None or found.status == Status.DRAFT:
        return None
    number = found.number or ""
    return {
        "text": door.say("replaced", number=number),
        "button": door.say("replaced_button", number=number),
        "address": invoice_link(found.pk, at=clock.wall()),
    }
