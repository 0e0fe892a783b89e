"""Fields that staff fill in: amounts as people write them, days."""

from decimal import Decimal
from typing import Any

from django import forms

from apps.kernel.currencies import currency
from apps.kernel.money import MAX_AMOUNT


class MoneyField(forms.DecimalField):
    """An amount in major units, 12.50, as whole minor units of the currency that the form sets."""

    currency: str = "USD"

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=20, **options)

    def clean(self, value: Any) -> Any:
        """Minor units; None if it is empty and may be."""
        given = super().clean(value)
        if given is None:
            return None
        minor = Decimal(given).scaleb(currency(self.currency).exponent)
        if minor != minor.to_integral_value():
            digits = currency(self.currency).exponent
            raise forms.ValidationError(f"{self.currency} has {digits} digits behind the point.")
        if abs(minor) > MAX_AMOUNT:
            raise forms.ValidationError("This is more than can be billed.")
        return int(minor)


class DayField(forms.DateField):
    """A local day of the account."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}), **options)


def reason(*, required: bool = True, max_length: int = 255) -> forms.CharField:
    """Why it is done."""
    return forms.CharField(max_length=max_length, required=required, help_text="For colleagues: who asked, and why.")
