"""Which tests answer for which rules, and the mutants that mean the same as the source."""

KERNEL = ("tests/kernel/test_money.py", "tests/kernel/test_periods.py", "tests/subscriptions/rules/test_charge_ends.py")
RATING = ("tests/plans/rules/test_rating.py",)
TARGETS: dict[str, tuple[str, ...]] = {
    "apps.kernel.money": KERNEL,
    "apps.kernel.periods": KERNEL,
    "apps.subscriptions.rules.charges": (
        "tests/subscriptions/test_charges.py", "tests/subscriptions/rules/test_charge_ends.py",
    ),
    "apps.subscriptions.rules.lifecycle": (
        "tests/subscriptions/test_lifecycle.py", "tests/subscriptions/rules/test_lifecycle_demand.py",
    ),
    "apps.subscriptions.rules.pauses": ("tests/subscriptions/rules/test_pauses.py",),
    "apps.subscriptions.rules.proration": (
        "tests/subscriptions/test_proration.py", "tests/subscriptions/rules/test_proration_days.py",
    ),
    "apps.subscriptions.rules.metering": ("tests/subscriptions/rules/test_metering.py",),
    "apps.plans.rules.rating.graduated": RATING,
    "apps.plans.rules.rating.volume": RATING,
    "apps.plans.rules.rating.package": RATING,
    "apps.plans.rules.rating.percentage": RATING,
    "apps.plans.rules.rating.rate": RATING,
    "apps.plans.rules.rating.usage": RATING,
    "apps.coupons.rules": ("tests/coupons/test_rules.py",),
    "apps.invoices.rules": ("tests/invoices/test_rules.py",),
    "apps.invoices.credit_note_rules": ("tests/invoices/test_credit_note_rules.py",),
    "apps.credits.rules": ("tests/credits/test_rules.py",),
    "apps.subscriptions.rules.forecast": ("tests/subscriptions/rules/test_forecast.py",),
    "apps.tax.rules": ("tests/tax/test_rules.py",),
    "apps.ledger.rules": ("tests/ledger/test_rules.py",),
}  # fmt: skip

_PAIRED = "the two are as long as each other by construction"
_NOTHING = "it comes to its default only where all shares are nothing, and so is their opposite"
_WINDOW = "the day turns within 24 hours of a midnight that is missing; a second more to search in changes nothing"
EQUIVALENT: dict[str, str] = {
    "apps.kernel.money rounded: return -whole if fraction <= 0 else whole": "of 0 the whole is 0, and -0 is 0",
    "apps.kernel.periods _first_instant: "
    "low, high = (int(near.timestamp()) - 86401, int(near.timestamp()) + 86400)": _WINDOW,
    "apps.kernel.periods _first_instant: "
    "low, high = (int(near.timestamp()) - 86400, int(near.timestamp()) + 86401)": _WINDOW,
    "apps.coupons.rules discounts: for index, share in zip(taking, shares, strict=False):": _PAIRED,
    "apps.invoices.rules sums: deferred = sum((one.amount - one.discount_amount "
    "for line, one in zip(draft.lines, figures, strict=False) if line.kind in DEFERRED))": _PAIRED,
    "apps.invoices.credit_note_rules of_amount: for line, share in zip(lines, shares, strict=False):": _PAIRED,
    "apps.plans.rules.rating.rate rate: return Rated(amount, tuple((Part(part.kind, part.above, part.up_to, "
    "part.quantity, part.price, minor, group) for (group, part), minor in zip(parts, shares, strict=False))))": _PAIRED,
    "apps.tax.rules compute: for index, tax in zip(indexes, _shared(amount, exact), strict=False):": _PAIRED,
    "apps.tax.rules _shared: if next((share for share in (total, *exact) if share), 0) <= 0:": _NOTHING,
    "apps.tax.rules _shared: if next((share for share in (total, *exact) if share), 1) < 0:": _NOTHING,
}
"""By the name of the mutant as the report prints it: why no test can tell it from the source (docs/mutation.md)."""
