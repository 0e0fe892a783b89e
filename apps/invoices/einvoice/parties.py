"""Who sells, who buys and how it is paid, as EN 16931 names them. No database."""

from collections.abc import Mapping
from typing import Any

from apps.invoices.einvoice.taxes import vat_id
from apps.invoices.einvoice.terms import Party, PaymentMeans

SEPA_TRANSFER, TRANSFER, UNDEFINED = "58", "30", "1"
"""BT-81, of UNCL 4461."""


def seller_party(profile: Mapping[str, str], registration: tuple[str, str], *, outside: bool) -> Party:
    """The seller with its number of where the document is taxed: as VAT identifier, else as a number of that country.

    What is not subject to VAT may show no VAT identifier (BR-O-02); then, and where a number is no VAT identifier, the
    register tells who it is (BT-30), else the register is said as text (BT-33).
    """
    country, number = registration
    vat = "" if outside else vat_id(country, number)
    register = profile["registration"]
    return Party(
        name=profile["legal_name"],
        vat_id=vat,
        tax_number="" if outside or vat else number.strip(),
        legal_id="" if vat else register,
        legal_note=register if vat else "",
        **{name: profile[name] for name in ("country", "email", "phone", *_PLACE)},
    )


def buyer_party(bill_to: Mapping[str, Any], *, outside: bool) -> Party:
    """The buyer as the invoice was issued to; a number that is no VAT identifier is its legal one."""
    address, country, number = bill_to.get("address") or {}, bill_to.get("country") or "", bill_to.get("tax_id") or ""
    vat = vat_id(country, number)
    place = {name: str(address.get(name) or "") for name in _PLACE}
    return Party(
        name=bill_to.get("name") or "",
        country=country,
        email=bill_to.get("email") or "",
        vat_id="" if outside else vat,
        identifier=vat if outside else "",
        legal_id="" if vat else number.strip(),
        **{**place, "region": place["region"] or str(address.get("state") or "")},
    )


def payment_means(profile: Mapping[str, str], number: str, currency: str) -> PaymentMeans:
    """By bank transfer if the seller says where to, else in a way that is agreed elsewhere."""
    if not profile["iban"]:
        return PaymentMeans(UNDEFINED, number)
    code = SEPA_TRANSFER if currency == "EUR" else TRANSFER
    return PaymentMeans(code, number, profile["iban"], profile["legal_name"], profile["bic"])


_PLACE = ("line1", "line2", "city", "postal_code", "region")
