"""What notifications hear, and the occasion that each is."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from apps.accounts.queries import accounts
from apps.events.models import Event
from apps.events.registry import subscribe
from apps.invoices.queries import invoices_by_id
from apps.invoices.rules import Kind as InvoiceKind
from apps.kernel.periods import local_date
from apps.notifications.actions.write import Occasion, announce
from apps.notifications.rules import Kind
from apps.plans.queries import plans
from apps.subscriptions.rules.lifecycle import NOTICE


@subscribe("invoice.created", name="notifications.invoice")
def announce_invoices(events: Sequence[Event]) -> None:
    """Each goes to its customer; one that takes another's place says so."""
    replaced = {UUID(event.data["object"]["replaces_id"]) for event in events if event.data["object"]["replaces_id"]}
    numbers = {str(pk): row.number or "" for pk, row in invoices_by_id(replaced).items()} if replaced else {}
    announce([_invoice(event.data["object"], numbers) for event in events])


@subscribe("subscription.trial_will_end", name="notifications.trial_ending")
def announce_trials(events: Sequence[Event]) -> None:
    """When it ends and what then; not of one that is as short as the notice, or was cancelled for its end."""
    shown = [event.data["object"] for event in events if not event.data["object"]["cancel_at_period_end"]]
    names = dict(plans().filter(pk__in={one["plan_id"] for one in shown}).values_list("pk", "name"))
    zones = dict(accounts().filter(pk__in={one["account_id"] for one in shown}).values_list("pk", "timezone"))
    told = []
    for one in shown:
        ends = local_date(datetime.fromisoformat(one["trial_end"]), zones[UUID(one["account_id"])])
        if ends - date.fromisoformat(one["start_date"]) > NOTICE:
            told.append(_trial(one, names[UUID(one["plan_id"])], ends))
    announce(told)


@subscribe("payment.succeeded", name="notifications.receipt")
def announce_receipts(events: Sequence[Event]) -> None:
    """Thanks for what came in. Money that is for no invoice becomes credit, which is told when it is used."""
    announce([_payment(event, Kind.RECEIPT) for event in events if event.data["object"]["invoice_id"]])


@subscribe("payment.failed", name="notifications.payment_failed")
def announce_failures(events: Sequence[Event]) -> None:
    """What did not work, why, and what happens next."""
    retried = {event.account_id for event in events if event.account_id and event.data["object"]["next_retry_at"]}
    zones = dict(accounts().filter(pk__in=retried).values_list("pk", "timezone")) if retried else {}
    told = []
    for event in events:
        shown = event.data["object"]
        again = shown["next_retry_at"]
        day = local_date(datetime.fromisoformat(again), zones[event.account_id]) if again else None  # type: ignore[index]
        told.append(_payment(event, Kind.PAYMENT_FAILED, failure_code=shown["failure_code"], next_day=day))
    announce(told)


@subscribe("payment.requires_action", name="notifications.confirm")
def announce_confirmations(events: Sequence[Event]) -> None:
    """The bank wants its customer's word: until when, and where it is given."""
    zones = dict(accounts().filter(pk__in={event.account_id for event in events}).values_list("pk", "timezone"))
    told = []
    for event in events:
        until = datetime.fromisoformat(event.data["object"]["action_until"])
        day = local_date(until, zones[event.account_id])  # type: ignore[index]
        told.append(_payment(event, Kind.CONFIRM, until=day))
    announce(told)


@subscribe("dunning.step_taken", name="notifications.dunning")
def announce_steps(events: Sequence[Event]) -> None:
    """Reminders, warnings, blocks and welcomes, as the policy names them."""
    announce([_step(event.data["object"]) for event in events if event.data["object"]["message"]])


@subscribe("credit.applied", name="notifications.credit")
def announce_credits(events: Sequence[Event]) -> None:
    """One message for each invoice that credit has paid something of, however many credits it took."""
    sums: dict[str, tuple[Event, int]] = {}
    for event in events:
        shown = event.data["object"]
        first, before = sums.get(shown["applied_invoice_id"], (event, 0))
        sums[shown["applied_invoice_id"]] = (first, before + shown["applied_amount"])
    announce(
        [
            Occasion(
                kind=Kind.CREDIT_APPLIED,
                account_id=UUID(first.data["object"]["account_id"]),
                cause_id=first.pk,
                invoice_id=UUID(invoice_id),
                amount=amount,
            )
            for invoice_id, (first, amount) in sums.items()
        ]
    )


@subscribe("credit_note.created", name="notifications.credit_note")
def announce_credit_notes(events: Sequence[Event]) -> None:
    """What was taken back, with its document."""
    found = invoices_by_id({UUID(event.data["object"]["invoice_id"]) for event in events})
    announce(
        [
            Occasion(
                kind=Kind.CREDIT_NOTE,
                account_id=UUID(shown["account_id"]),
                cause_id=UUID(shown["id"]),
                invoice_id=UUID(shown["invoice_id"]),
                amount=shown["total"],
                more={"number": shown["number"], "invoice": found[UUID(shown["invoice_id"])].number},
            )
            for shown in (event.data["object"] for event in events)
        ]
    )


def _invoice(shown: Mapping[str, Any], numbers: Mapping[str, str]) -> Occasion:
    corrects = shown["kind"] == InvoiceKind.CORRECTION and shown["replaces_id"] in numbers
    return Occasion(
        kind=Kind.CORRECTED if corrects else Kind.INVOICE_CREATED,
        account_id=UUID(shown["account_id"]),
        cause_id=UUID(shown["id"]),
        invoice_id=UUID(shown["id"]),
        open=shown["balance"],
        more={"replaced": numbers[shown["replaces_id"]]} if corrects else {},
    )


@subscribe("payment_method.expiring", name="notifications.card_expiring")
def announce_cards(events: Sequence[Event]) -> None:
    """Of cards that are charged by themselves, once each."""
    shown = [event.data["object"] for event in events if event.data["object"]["is_default"]]
    announce(
        [
            Occasion(
                kind=Kind.CARD_EXPIRING,
                account_id=UUID(card["account_id"]),
                cause_id=UUID(card["id"]),
                more={
                    "card": f"{(card['card_brand'] or '').capitalize()} …{card['card_last4']}".strip(),
                    "expires": f"{card['card_exp_month']:02}/{card['card_exp_year']}",
                },
            )
            for card in shown
        ]
    )


def _trial(shown: Mapping[str, Any], plan: str, ends: date) -> Occasion:
    return Occasion(
        kind=Kind.TRIAL_ENDING,
        account_id=UUID(shown["account_id"]),
        cause_id=UUID(shown["id"]),
        more={"plan": plan, "trial_end": ends},
    )


def _payment(event: Event, kind: Kind, **more: str | date | None) -> Occasion:
    shown = event.data["object"]
    return Occasion(
        kind=kind,
        account_id=UUID(shown["account_id"]),
        cause_id=UUID(shown["id"]),
        invoice_id=UUID(shown["invoice_id"]) if shown["invoice_id"] else None,
        amount=shown["amount"],
        carried=shown.get("carried", 0),
        more=more,
    )


def _step(shown: Mapping[str, Any]) -> Occasion:
    return Occasion(
        kind=Kind(shown["message"]),
        account_id=UUID(shown["account_id"]),
        cause_id=UUID(shown["id"]),
        invoice_id=UUID(shown["invoice_id"]) if shown["invoice_id"] else None,
        more={"days": str(shown["days_overdue"] or "")},
    )
