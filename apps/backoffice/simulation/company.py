"""What happens to the company, drawn before anything is done: who comes when, and what is asked on which day. Pure."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

BEGINS = date(2024, 1, 1)
PLACES = (("DE", "EUR", 30), ("US", "USD", 40), ("GB", "GBP", 15), ("JP", "JPY", 10), ("NZ", "USD", 5))
"""Country, currency, and how many in a hundred are from there."""
TRIAL_DAYS = 14


@dataclass(frozen=True)
class Offer:
    """A plan of the company: its prices in minor units of each currency."""

    key: str
    name: str
    interval: str
    prices: dict[str, int]
    interval_count: int = 1
    share: int = 1
    calls: dict[str, str] | None = None
    """What a call beyond the first hundred costs, in decimals of the minor unit; None: calls are not counted."""


OFFERS = (
    Offer("simulated-starter", "Starter", "month", {"USD": 2900, "EUR": 2700, "GBP": 2400, "JPY": 3980}, share=5),
    Offer("simulated-team", "Team", "month", {"USD": 9900, "EUR": 9200, "GBP": 8100, "JPY": 13800}, share=4),
    Offer(
        "simulated-quarter", "Team, quarterly", "month", {"USD": 28200, "EUR": 26300, "GBP": 23100, "JPY": 39400}, 3, 1
    ),
    Offer(
        "simulated-metered",
        "Metered",
        "month",
        {"USD": 1900, "EUR": 1800, "GBP": 1600, "JPY": 2600},
        share=3,
        calls={"USD": "2.5", "EUR": "2.2", "GBP": "1.9", "JPY": "3.5"},
    ),
    Offer("simulated-year", "Team, yearly", "year", {"USD": 99000, "EUR": 92000, "GBP": 81000, "JPY": 138000}, share=2),
)


class Verb(StrEnum):
    """What is asked of an account."""

    SUBSCRIBE = "subscribe"
    PAY = "pay"
    QUANTITY = "quantity"
    PLAN = "plan"
    PAUSE = "pause"
    CANCEL_NOW = "cancel now"
    CANCEL_LATER = "cancel at period end"
    CREDIT = "credit"
    SALE = "one-off invoice"
    NOTE = "credit note"
    VOID = "void"
    USE = "use"


MONTHLY = (
    (Verb.PAY, 500), (Verb.QUANTITY, 30), (Verb.PLAN, 15), (Verb.CANCEL_LATER, 15), (Verb.CREDIT, 10), (Verb.SALE, 10),
    (Verb.PAUSE, 7), (Verb.CANCEL_NOW, 5), (Verb.NOTE, 5), (Verb.VOID, 3), (Verb.USE, 900),
)  # fmt: skip
"""In how many of a thousand months of an account each is asked."""


@dataclass(frozen=True)
class Payer:
    """An account and its first subscription."""

    number: int
    country: str
    currency: str
    joins: date
    offer: int
    quantity: int
    trial_days: int
    coupon: bool
    grouped: bool


@dataclass(frozen=True)
class Asked:
    """One thing asked on a day; `number` says how much, or which."""

    day: date
    payer: int
    verb: Verb
    number: int


def payers(accounts: int, months: int, seed: int) -> list[Payer]:
    """Two in five are there from the beginning, the others join over four fifths of the time."""
    draw = random.Random(f"payers {seed}")  # noqa: S311 - a company is no secret
    places = [place for place in PLACES for _ in range(place[2])]
    offers = [index for index, offer in enumerate(OFFERS) for _ in range(offer.share)]
    days = max(1, months * 30 * 4 // 5)
    found = []
    for number in range(1, accounts + 1):
        country, currency, _ = draw.choice(places)
        found.append(
            Payer(
                number=number,
                country=country,
                currency=currency,
                joins=BEGINS + timedelta(days=0 if draw.random() < 0.4 else draw.randrange(days)),
                offer=draw.choice(offers),
                quantity=min(draw.randint(1, 12), draw.randint(1, 12)),
                trial_days=TRIAL_DAYS if draw.random() < 0.3 else 0,
                coupon=draw.random() < 0.1,
                grouped=draw.random() < 0.1,
            )
        )
    return found


def asked(people: list[Payer], months: int, seed: int) -> list[Asked]:
    """All that is asked, in order of time."""
    draw = random.Random(f"asked {seed}")  # noqa: S311 - a company is no secret
    ends = end(months)
    found = [Asked(payer.joins, payer.number, Verb.SUBSCRIBE, 0) for payer in people]
    for payer in people:
        month = payer.joins
        while month < ends:
            for verb, often in MONTHLY:
                day = month + timedelta(days=1 + draw.randrange(28))
                if draw.randrange(1000) < often and day < ends:
                    found.append(Asked(day, payer.number, verb, draw.randrange(1, 1000)))
            month += timedelta(days=30)
    return sorted(found, key=lambda each: (each.day, each.verb is not Verb.SUBSCRIBE, each.payer, each.verb))


def end(months: int) -> date:
    """The day after the last."""
    years, month = divmod(BEGINS.month - 1 + months, 12)
    return date(BEGINS.year + years, month + 1, 1)
