"""The terms of EN 16931 (BT) and their groups (BG) that our documents use. Amounts are in major units, and exact."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class TypeCode(StrEnum):
    """BT-3, of UNTDID 1001."""

    INVOICE = "380"
    CREDIT_NOTE = "381"
    CORRECTED = "384"


class Category(StrEnum):
    """BT-118 and BT-151, of UNCL 5305: why there is tax, or none."""

    STANDARD = "S"
    ZERO = "Z"
    EXEMPT = "E"
    REVERSE_CHARGE = "AE"
    OUTSIDE = "O"


@dataclass(frozen=True, slots=True)
class Period:
    """BG-14 and BG-26: both days are part of it."""

    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Reference:
    """BG-3: the invoice that this one corrects or credits."""

    number: str
    issue_date: date | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Party:
    """BG-4 or BG-7: who sells (BT-27 to BT-43) or who buys (BT-44 to BT-58)."""

    name: str
    country: str
    line1: str = ""
    line2: str = ""
    city: str = ""
    postal_code: str = ""
    region: str = ""
    identifier: str = ""
    """BT-29, BT-46."""
    legal_id: str = ""
    """BT-30, BT-47."""
    vat_id: str = ""
    """BT-31, BT-48: begins with the country that gave it."""
    tax_number: str = ""
    """BT-32: a number that only its own country knows."""
    legal_note: str = ""
    """BT-33."""
    email: str = ""
    """BT-34 and BT-43, BT-49 and BT-58."""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class PaymentMeans:
    """BG-16."""

    code: str
    reference: str
    iban: str = ""
    holder: str = ""
    bic: str = ""


@dataclass(frozen=True, slots=True)
class Rated:
    """A category with its rate in percent, which what is outside of VAT has not."""

    category: Category
    rate: Decimal | None


@dataclass(frozen=True, slots=True)
class Adjustment:
    """BG-27 where it takes off, BG-28 where it adds."""

    amount: Decimal
    reason: str
    adds: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """BG-25. `price` is that of `base` pieces: quantity x price / base, and the adjustments, are `net`."""

    number: int
    name: str
    quantity: Decimal
    price: Decimal
    base: Decimal | None
    net: Decimal
    rated: Rated
    adjustments: Sequence[Adjustment] = ()
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class TaxGroup:
    """BG-23."""

    rated: Rated
    taxable: Decimal
    tax: Decimal
    reason: str = ""
    """BT-120."""
    reason_code: str = ""
    """BT-121."""


@dataclass(frozen=True, slots=True)
class Totals:
    """BG-22."""

    lines: Decimal
    """BT-106, and BT-109: there is nothing to take off or add below the lines."""
    tax: Decimal
    """BT-110."""
    total: Decimal
    """BT-112."""
    prepaid: Decimal
    """BT-113."""
    due: Decimal
    """BT-115."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """An invoice or a credit note."""

    number: str
    issue_date: date
    due_date: date | None
    type_code: TypeCode
    currency: str
    buyer_reference: str
    purchase_order: str
    notes: Sequence[str]
    seller: Party
    buyer: Party
    means: PaymentMeans | None
    terms: str
    """BT-20."""
    period: Period | None
    preceding: Reference | None
    lines: Sequence[Line]
    taxes: Sequence[TaxGroup]
    totals: Totals

    @property
    def is_credit_note(self) -> bool:
        """Whether it is written the other way round: what is credited is above zero."""
        return self.type_code is TypeCode.CREDIT_NOTE
