"""Write messages: rows, with the words of their language and every name filled in, to be sent by the worker.

Any number of them takes the same queries. One that is told of twice is written once: (kind, cause) is unique.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from uuid import UUID

from apps.accounts.models import Account
from apps.accounts.queries import accounts
from apps.invoices.document_figures import Figures, figures_of
from apps.invoices.models import Invoice
from apps.invoices.queries import Balance, balances, invoices_by_id
from apps.invoices.rules import Status as InvoiceStatus
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.doorbell import ring_after_commit
from apps.kernel.errors import Conflict, NotFound
from apps.kernel.ids import uuid7
from apps.kernel.periods import local_date, zone
from apps.kernel.transactions import unit_of_work
from apps.notifications import markup, queries
from apps.notifications.models import Message
from apps.notifications.rules import MORNING, WHILE_OPEN, Kind
from apps.notifications.words import sentence, spoken
from apps.payments.queries import carried, default_method_ids
from apps.tax.models import Seller
from apps.tax.queries import seller

DECLINES = ("insufficient_funds", "expired_card", "authentication_required")


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """Something to tell an account of. `amount` is in the invoice's currency, else the account's.

    `carried`: of the amount, what earlier invoices owed. `open`: what was open of the invoice as it happened; left out,
    what is open now. `more`: names as they are; dates among them are written as the customer's locale does.
    """

    kind: Kind
    account_id: UUID
    cause_id: UUID
    invoice_id: UUID | None = None
    amount: int | None = None
    carried: int = 0
    open: int | None = None
    more: Mapping[str, str | date | None] = field(default_factory=dict)


@dataclass(frozen=True)
class _Known:
    """What is known of those who are told, each kind read once."""

    accounts: Mapping[UUID, Account]
    invoices: Mapping[UUID, Invoice]
    balances: Mapping[UUID, Balance]
    cards: Mapping[UUID, UUID]
    carried: Collection[UUID]
    seller: Seller


def announce(occasions: Sequence[Occasion]) -> int:
    """Write a message for each, inside the caller's transaction."""
    rows = compose(occasions)
    Message.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        ring_after_commit("notifications.sweep", "webhooks")
    return len(rows)


def send_again(*, invoice_id: UUID, actor: Actor) -> Message:
    """Send an invoice's document once more, to the address the account has now.

    Errors: not_found (404), invoice_not_final (409).
    """
    with unit_of_work(actor):
        invoice = invoices_by_id([invoice_id]).get(invoice_id)
        if invoice is None:
            raise NotFound("not_found", "There is no invoice with this id.", hint="Check the id with GET /v1/invoices.")
        if invoice.status not in (InvoiceStatus.OPEN, InvoiceStatus.PAID):
            raise Conflict(
                "invoice_not_final",
                f"The invoice is {invoice.status}: only one that is OPEN or PAID is sent.",
                hint="Send the invoice that takes its place, if there is one.",
            )
        again = Occasion(kind=Kind.INVOICE_COPY, account_id=invoice.account_id, cause_id=uuid7(), invoice_id=invoice.pk)
        [message] = compose([again])
        message.save(force_insert=True)
        ring_after_commit("notifications.sweep", "webhooks")
        return message


def compose(occasions: Sequence[Occasion]) -> list[Message]:
    """The messages, not written yet."""
    known = _known(occasions)
    kinds = {each.kind for each in occasions}
    languages = {figures_of(account.locale, account.currency).locale.language for account in known.accounts.values()}
    said = queries.wordings(kinds, {spoken(language) for language in languages})
    return [_message(each, known, said) for each in occasions]


def _message(told: Occasion, known: _Known, said: Mapping[tuple[Kind, str], tuple[str, str]]) -> Message:
    account = known.accounts[told.account_id]
    invoice = known.invoices.get(told.invoice_id) if told.invoice_id else None
    figures = figures_of(account.locale, invoice.currency if invoice else account.currency)
    language = spoken(figures.locale.language)
    facts = _facts(told, known, figures, language)
    subject, body = said[told.kind, language]
    return Message(
        account_id=account.pk,
        kind=told.kind,
        cause_id=told.cause_id,
        invoice_id=told.invoice_id,
        language=language,
        to=account.email,
        subject=markup.subject(subject, facts),
        text=f"{markup.filled(body, facts)}\n\n{known.seller.legal_name}",
        next_call_at=_morning(told.kind, account, clock.wall()),
    )


def _facts(told: Occasion, known: _Known, figures: Figures, language: str) -> dict[str, str]:
    """What the message may name, as the customer's locale writes it."""
    account = known.accounts[told.account_id]
    facts: dict[str, str] = {
        "customer": account.name, "seller": known.seller.legal_name, "support": known.seller.email,
    }  # fmt: skip
    if told.amount is not None:
        facts["amount"] = figures.money(told.amount)
    if told.invoice_id and (invoice := known.invoices.get(told.invoice_id)):
        left = known.balances[invoice.pk].balance if told.open is None else told.open
        facts |= {
            "number": invoice.number or "", "total": figures.money(invoice.total), "open": figures.money(left),
            "due": figures.day(invoice.due_date) if invoice.due_date else "",
        }  # fmt: skip
        how = "settled" if left <= 0 else "by_card" if account.pk in known.cards else "to_pay"
        how = "too_small" if invoice.pk in known.carried else how
        facts["how_to_pay"] = markup.filled(sentence(how, language), facts)
        facts["still_open"] = markup.filled(sentence("some_open" if left > 0 else "nothing_open", language), facts)
        if told.carried:
            earlier = markup.filled(sentence("with_earlier", language), {"carried": figures.money(told.carried)})
            facts["still_open"] += f" {earlier}"
    facts |= {name: _written(value, figures) for name, value in told.more.items()}
    return facts | _sentences(told, facts, account.pk in known.cards, language)


def _sentences(told: Occasion, facts: Mapping[str, str], has_card: bool, language: str) -> dict[str, str]:  # noqa: FBT001 - a fact
    """What depends on the case."""
    found = {}
    if told.kind is Kind.PAYMENT_FAILED:
        code = facts.get("failure_code", "")
        found["reason"] = sentence(code if code in DECLINES else "declined", language)
        again = "next_try" if facts.get("next_day") else "no_next_try"
        found["next_try"] = markup.filled(sentence(again, language), facts)
    if told.kind is Kind.TRIAL_ENDING:
        found["after_trial"] = sentence("after_trial_card" if has_card else "after_trial_none", language)
    return found


def _written(value: str | date | None, figures: Figures) -> str:
    if isinstance(value, date):
        return figures.day(value)
    return value or ""


def _known(occasions: Collection[Occasion]) -> _Known:
    ids = {each.account_id for each in occasions}
    invoices = {each.invoice_id for each in occasions if each.invoice_id}
    found = invoices_by_id(invoices)
    return _Known(
        accounts=accounts().in_bulk(list(ids)),
        invoices=found,
        balances=balances(invoices),
        cards=dict(default_method_ids(list(ids))),
        carried=carried({invoice.account_id for invoice in found.values() if invoice.status == InvoiceStatus.OPEN}),
        seller=seller(),
    )


def _morning(kind: Kind, account: Account, now: datetime) -> datetime:
    """When to send it: at once, but what reminds of money not before the customer's morning."""
    if kind not in WHILE_OPEN or account.test_clock_id:
        return now
    local = zone(account.timezone)
    morning = datetime.combine(local_date(now, account.timezone), time(MORNING), tzinfo=local)
    return max(now, morning)
