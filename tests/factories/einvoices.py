"""One invoice of each kind that the platform makes, for their e-invoices."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

from apps.accounts.models import Account
from apps.credits.actions.grant import grant
from apps.invoices.models import Invoice
from apps.invoices.rules import Kind, LineKind
from apps.kernel.periods import Period
from apps.tax import actions as tax
from apps.tax.rules import AppliedRate, Reason
from tests.factories.invoices import ACTOR, AT, draft, issued, line, payer
from tests.factories.tax import rate

Made = Callable[[], Invoice]
SELLER = {
    "legal_name": "Nordlicht Software GmbH", "line1": "Hafenstrasse 12", "postal_code": "20457", "city": "Hamburg",
    "country": "DE", "email": "billing@nordlicht.example", "phone": "+49 40 1234567",
    "registration": "HRB 123456, Amtsgericht Hamburg", "iban": "DE89 3704 0044 0532 0130 00", "bic": "COBADEFFXXX",
}  # fmt: skip
BERLIN = {
    "name": "Müller & Söhne KG", "country": "DE", "currency": "EUR", "locale": "de_DE", "timezone": "Europe/Berlin",
    "address": {"line1": "Hauptstrasse 1", "postal_code": "10115", "city": "Berlin"}, "tax_id": "DE129273398",
    "buyer_reference": "04011000-12345-34", "purchase_order": "PO-77",
}  # fmt: skip


def described(**profile: str) -> None:
    """The seller says who it is."""
    tax.describe_seller(profile={**SELLER, **profile}, actor=ACTOR)


def selling(*, number: str = "DE136695976", **profile: str) -> None:
    """And is registered in its country."""
    described(**profile)
    register({**SELLER, **profile}["country"], number)


def register(country: str, number: str) -> None:
    tax.add_registration(country=country, valid_from=date(2024, 1, 1), valid_to=None, tax_id=number, actor=ACTOR)


def buyer(**fields: Any) -> Account:
    return payer(**{**BERLIN, **fields})


def bill(*lines: Any, account: Account | None = None, **fields: Any) -> Invoice:
    return issued([draft(account or buyer(), *lines, **fields)])[0]


def usage(amount: int, quantity: str, **fields: Any) -> Any:
    given: dict[str, Any] = {"kind": LineKind.USAGE, "description": "API calls", "unit_amount": None}
    return line(amount, quantity=Decimal(quantity), **{**given, **fields})


def plain() -> Invoice:
    selling()
    return bill(line(490_000, quantity=Decimal(10), unit_amount=Decimal(49000)))


def metered() -> Invoice:
    """Graduated tiers have no one price; the other has more digits than a cent."""
    selling()
    return bill(
        usage(5678, "1234.5", breakdown=[{"up_to": 1000, "amount": 5000}]),
        usage(617, "1234.5", unit_amount=Decimal("0.5")),
        usage(1000, "0", description="Base fee"),
        usage(0, "0", description="Nothing used"),
        line(300, kind=LineKind.MINIMUM, unit_amount=None),
    )


def changed() -> Invoice:
    """A credit of unused days, discounts on both."""
    selling()
    return bill(
        line(-2000, kind=LineKind.PRORATION_CREDIT, unit_amount=Decimal(-4000), discount_amount=-200),
        line(3000, kind=LineKind.PRORATION_CHARGE, unit_amount=Decimal(6000), discount_amount=300),
        line(10000, quantity=Decimal(3), unit_amount=Decimal(3333)),
        kind=Kind.PRORATION,
    )


def inclusive() -> Invoice:
    """333 + 333 + 334 gross at 19 %: tax 160, not 159.6."""
    selling()
    return bill(
        *(line(gross, tax_behavior="inclusive", discount_amount=33) for gross in (333, 333, 334)),
        line(11900, tax_behavior="inclusive"),
    )


def mixed() -> Invoice:
    """Two categories of one rate are one group, others stand by themselves, a rate of 0 among them."""
    selling()
    for category, percent in (("books", "7"), ("software", "19"), ("insurance", "0"), ("digits", "5.5")):
        rate("DE", percent, category=category)
    names = ("standard", "books", "software", "insurance", "digits")
    return bill(*(line(1999 + number, tax_category=name) for number, name in enumerate(names)))


def reverse_charge() -> Invoice:
    selling()
    account = buyer(country="FR", tax_id="FR 40 303 265 045", locale="fr_FR")
    return bill(
        line(4900, carried=AppliedRate("FR", "", Decimal(0), "standard", Reason.REVERSE_CHARGE)), account=account
    )


def exempt() -> Invoice:
    selling()
    return bill(line(4900), account=buyer(tax_exempt=True))


def half_exempt() -> Invoice:
    """An account that became exempt within a period gets back what it paid with tax."""
    selling()
    old = AppliedRate("DE", "VAT", Decimal(19))
    return bill(line(-1000, carried=old), line(4900), account=buyer(tax_exempt=True))


def not_registered() -> Invoice:
    """Nobody's VAT number may stand on it."""
    selling()
    return bill(line(4900), line(100), account=buyer(country="CH", tax_id="CHE-123.456.788 MWST", currency="CHF"))


def american() -> Invoice:
    selling()
    address = {"line1": "1 Main St", "city": "Austin", "state": "TX", "postal_code": "78701"}
    return bill(account=payer(address=address, tax_id="12-3456789"))


def yen() -> Invoice:
    selling()
    rate("JP", "10", name="JCT")
    register("JP", "T1234567890123")
    account = buyer(
        country="JP", currency="JPY", locale="ja_JP", timezone="Asia/Tokyo", name="株式会社テスト", tax_id=""
    )
    return bill(line(4999), usage(33, "7"), account=account)


def dinars() -> Invoice:
    """Three digits, of which the last is 0."""
    selling()
    return bill(line(12_340), account=buyer(country="KW", currency="KWD", tax_id=""))


def in_auckland() -> Invoice:
    """Issued on the 2nd of April there, though it is the 1st in UTC; GST is no VAT, so its number is a local one."""
    selling(number="49-091-850", country="NZ")
    rate("NZ", "15", name="GST")
    account = buyer(country="NZ", currency="NZD", timezone="Pacific/Auckland", tax_id="123-456-789")
    return bill(line(4900, period=None), account=account)


def free() -> Invoice:
    selling()
    return bill(line(0), line(500), line(-500))


def to_the_balance() -> Invoice:
    """Lines below zero: what is left becomes credit, and is no sale."""
    selling()
    return bill(line(-5000, kind=LineKind.PRORATION_CREDIT), line(2000, kind=LineKind.PRORATION_CHARGE))


def one_off() -> Invoice:
    selling()
    sold: dict[str, Any] = {"kind": LineKind.ONE_OFF, "period": None}
    lines = (
        line(90000, quantity=Decimal("0.5"), unit_amount=Decimal(180000), **sold),
        line(333, quantity=Decimal("0.333"), unit_amount=Decimal("999.999999999999"), **sold),
    )
    return bill(*lines, kind=Kind.ONE_OFF)


def corrected() -> Invoice:
    """In the place of one that is void."""
    first = plain()
    Invoice.objects.filter(pk=first.pk).update(status="VOID", voided_at=AT)
    account = Account.objects.get(pk=first.account_id)
    return bill(line(4900), account=account, kind=Kind.CORRECTION, replaces_id=first.pk)


def grouped() -> Invoice:
    """Lines of several subscriptions and months."""
    selling()
    months = (Period(date(2026, month, 1), date(2026, month + 1, 1)) for month in (3, 4, 5))
    return bill(*(line(1000, subscription_id=uuid4(), period=month) for month in months))


def credited() -> Invoice:
    """Credit pays a part at once."""
    selling()
    account = buyer()
    grant(account_id=account.pk, amount=1000, currency="EUR", reason="sorry", at=AT, actor=ACTOR)
    return bill(line(4900), account=account)


def strange() -> Invoice:
    """Whatever people type."""
    selling(legal_name="A & B <GmbH> ]]>\x0b", registration="\u202e#1")
    return bill(
        line(4900, description="\x01<b>&amp;\ud7ff \U0001f600" + "W" * 400), line(1, description=" "),
        account=buyer(name='"Ж" & <Co>', address={"line1": "\x07 ", "city": "مرحبا"}, purchase_order="<PO>"),
    )  # fmt: skip


MADE: tuple[Made, ...] = (
    plain, metered, changed, inclusive, mixed, reverse_charge, exempt, half_exempt, not_registered, american, yen,
    dinars, in_auckland, free, to_the_balance, one_off, corrected, grouped, credited, strange,
)  # fmt: skip
