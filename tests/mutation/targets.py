"""Which tests answer for which rules, and the mutants that mean the same as the source."""

KERNEL = ("tests/kernel/test_money.py", "tests/kernel/test_periods.py", "tests/subscriptions/rules/test_charge_ends.py")
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
    "apps.coupons.rules": ("tests/coupons/test_rules.py",),
    "apps.invoices.rules": ("tests/invoices/test_rules.py",),
    "apps.invoices.credit_note_rules": ("tests/invoices/test_credit_note_rules.py",),
    "apps.credits.rules": ("tests/credits/test_rules.py",),
}  # fmt: skip

EQUIVALENT: dict[str, str] = {}
"""By the name of the mutant as the report prints it: why no test can tell it from the source (docs/mutation.md)."""
