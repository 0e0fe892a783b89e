"""How staff word messages: saved, taken back to what is shipped, tried out on themselves."""

from datetime import date
from uuid import UUID

from django.core.mail import get_connection

from apps.accounts.models import Account
from apps.invoices.document_figures import Figures
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.errors import Invalid
from apps.kernel.transactions import unit_of_work
from apps.notifications import markup
from apps.notifications.actions.mail import known_of, mail
from apps.notifications.models import Message, Wording
from apps.notifications.rules import NAMES, Kind
from apps.notifications.words import sentence, shipped
from apps.tax.queries import seller

EXAMPLE_ID = UUID(int=0)
CURRENCIES = {"en": ("en_US", "USD"), "de": ("de_DE", "EUR"), "fr": ("fr_FR", "EUR")}


def save(*, kind: Kind, language: str, subject: str, body: str, actor: Actor) -> None:
    """Say a message so from now on; what was written before stays as it is. Errors: wording_invalid (422)."""
    body = body.replace("\r\n", "\n").strip()
    if found := list(markup.problems(subject, body, NAMES[kind])):
        raise Invalid("wording_invalid", "The message cannot be sent so.", hint="Mend what is marked.", errors=found)
    with unit_of_work(actor):
        if (subject, body) == shipped(kind, language):
            Wording.objects.filter(kind=kind, language=language).delete()
            return
        row = Wording.objects.select_for_update().filter(kind=kind, language=language).first()
        row = row or Wording(kind=kind, language=language, version=0)
        row.subject, row.body, row.version, row.updated_at = subject, body, row.version + 1, clock.wall()
        row.save()


def reset(*, kind: Kind, language: str, actor: Actor) -> None:
    """Say it again as it is shipped."""
    with unit_of_work(actor):
        Wording.objects.filter(kind=kind, language=language).delete()


def example(*, kind: Kind, language: str, subject: str, body: str, to: str = "ada@example.com") -> Message:
    """A message with example names, not written: what a wording would look like."""
    locale, currency = CURRENCIES[language]
    figures, day = Figures(locale, currency), date(2026, 4, 1)
    facts = {
        "customer": "Ada Lovelace", "seller": seller().legal_name, "support": seller().email,
        "number": "INV-2026-000042",
        "total": figures.money(11900), "open": figures.money(11900), "amount": figures.money(11900), "days": "7",
        "due": figures.day(day), "plan": "Team", "trial_end": figures.day(day), "card": "Visa …4242",
        "expires": "04/2026", "replaced": "INV-2026-000041", "invoice": "INV-2026-000041",
        "reason": sentence("insufficient_funds", language), "after_trial": sentence("after_trial_card", language),
    }  # fmt: skip
    facts |= {
        "how_to_pay": markup.filled(sentence("to_pay", language), facts),
        "still_open": sentence("nothing_open", language),
        "next_try": markup.filled(sentence("next_try", language), {"next_day": figures.day(day)}),
    }
    return Message(
        pk=EXAMPLE_ID,
        account=Account(pk=EXAMPLE_ID),
        kind=kind,
        language=language,
        to=to,
        subject=markup.subject(subject, facts),
        text=f"{markup.filled(body, facts)}\n\n{seller().legal_name}",
    )


def send_example(message: Message) -> None:
    """Send an example to whoever asks, now and without a row: it is nobody's message. Raises what the mail server says.

    No transaction is open; its links lead nowhere.
    """
    connection = get_connection()
    try:
        connection.open()
        connection.send_messages([mail(message, known_of([message]))])
    finally:
        connection.close()
