"""The currencies of ISO 4217 with their exponents: how many digits the minor unit has."""

from dataclasses import dataclass

from apps.kernel.errors import Invalid

_CODES = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP"
        " CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR"
        " IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN"
        " NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP"
        " STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
}


@dataclass(frozen=True)
class Currency:
    """`exponent` digits of minor unit: JPY 0, USD 2, KWD 3."""

    code: str
    exponent: int


CURRENCIES: dict[str, Currency] = {
    code: Currency(code, exponent) for exponent, codes in sorted(_CODES.items()) for code in codes.split()
}


def currency(code: str) -> Currency:
    """The currency of that ISO 4217 code, or a refusal."""
    found = CURRENCIES.get(code)
    if found is None:
        raise Invalid(
            "currency_unknown",
            f"{code!r} is not a currency of ISO 4217.",
            hint="Use an upper-case three-letter code such as USD, EUR or JPY.",
        )
    return found
