"""What the messages say, all languages in one place; a language that is not here reads English."""

from collections.abc import Mapping
from dataclasses import dataclass

SUBJECT_LENGTH = 200


@dataclass(frozen=True)
class Facts:
    """What a message about an invoice names, as the customer's locale writes it."""

    language: str
    customer: str
    seller: str
    number: str
    total: str
    open: str
    due: str
    settled: bool
    by_card: bool


_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "subject": "Invoice {number} from {seller}",
        "hello": "Hello {customer},",
        "attached": "your invoice {number} over {total} is attached.",
        "settled": "There is nothing to pay.",
        "by_card": "We collect {open} with the payment method you gave us; there is nothing you need to do.",
        "to_pay": "Please pay {open} by {due}. How to pay is on the invoice.",
        "thanks": "Thank you!",
    },
    "de": {
        "subject": "Rechnung {number} von {seller}",
        "hello": "Guten Tag {customer},",
        "attached": "anbei erhalten Sie Ihre Rechnung {number} über {total}.",
        "settled": "Es ist nichts zu zahlen.",
        "by_card": "Wir ziehen {open} über Ihr hinterlegtes Zahlungsmittel ein; Sie müssen nichts tun.",
        "to_pay": "Bitte zahlen Sie {open} bis zum {due}. Wie, steht auf der Rechnung.",
        "thanks": "Vielen Dank!",
    },
}


def invoice_message(facts: Facts) -> tuple[str, str]:
    """Subject and text of the message that brings an invoice. The subject is one line, whatever the names hold."""
    said = _WORDS.get(facts.language, _WORDS["en"])
    how = "settled" if facts.settled else "by_card" if facts.by_card else "to_pay"
    named = {
        "customer": one_line(facts.customer), "seller": one_line(facts.seller), "number": facts.number,
        "total": facts.total, "open": facts.open, "due": facts.due,
    }  # fmt: skip
    subject = said["subject"].format(**named)[:SUBJECT_LENGTH]
    parts = [said["hello"], f"{said['attached']}\n{said[how]}", f"{said['thanks']}\n{{seller}}"]
    return subject, "\n\n".join(parts).format(**named) + "\n"


def one_line(text: str) -> str:
    """Text without line ends and other characters that cannot be seen: fit for a header."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())
