"""How the demo speaks: at once, and amounts as people read them."""

import sys

from apps.kernel.money import Money


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def money(amount: int, currency: str) -> str:
    """Minor units as people read them."""
    return f"{Money(amount, currency).major():,f} {currency}"
