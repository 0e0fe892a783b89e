"""Who stands on an invoice's document, and how: names, addresses, numbers, bank details, the logo."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.invoices.document_figures import Figures
from apps.tax.models import Seller
from apps.tax.seller_rules import logo

CITY_FIRST = {"AU", "CA", "GB", "IN", "US"}
"""Countries that write the postal code after the city."""


def seller_part(seller: Seller, tax_ids: Sequence[tuple[str, str]], figures: Figures, tax_word: str) -> dict[str, Any]:
    """The seller: the head, the address, the foot of each page, the brand."""
    address = {name: getattr(seller, name) for name in ("line1", "line2", "postal_code", "city", "region")}
    numbers = [f"{tax_word} {country} {number}" for country, number in tax_ids]
    picture = logo(seller.logo) if seller.logo else None
    foot = [[seller.legal_name, seller.registration], [seller.email, seller.phone, *numbers], [seller.footer]]
    return {
        "name": seller.legal_name,
        "lines": address_lines(address, seller.country, figures),
        "foot": [" · ".join(filter(None, part)) for part in foot if any(part)],
        "brand_color": seller.brand_color,
        "accent_color": seller.accent_color,
        "logo": list(picture.content) if picture else None,
        "logo_format": picture.extension if picture else None,
    }


def bank_part(seller: Seller, number: str, words: Mapping[str, str]) -> list[tuple[str, str]]:
    """Where to transfer to, if the seller says so."""
    if not seller.iban:
        return []
    groups = " ".join(seller.iban[start : start + 4] for start in range(0, len(seller.iban), 4))
    rows = [(words["bank"], seller.bank_name), ("IBAN", groups), ("BIC", seller.bic), (words["reference"], number)]
    return [row for row in rows if row[1]]


def address_lines(address: Mapping[str, str], country: str, figures: Figures) -> list[str]:
    """An address, line by line, the country last."""
    code, city, region = (address.get(name, "") for name in ("postal_code", "city", "region"))
    if country in CITY_FIRST:
        place = ", ".join(filter(None, (city, " ".join(filter(None, (region, code))))))
    else:
        place = " ".join(filter(None, (code, city))) + (f", {region}" if region else "")
    lines = [address.get("line1", ""), address.get("line2", ""), place, figures.place(country) if country else ""]
    return [line for line in lines if line]
