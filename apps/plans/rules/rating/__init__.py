"""What metered usage costs: one price model a file, one signature; exact until the one rounding at the end."""

from apps.plans.rules.rating.rate import prorated, rate
from apps.plans.rules.rating.usage import Kind, Part, Rated, Usage

__all__ = ["Kind", "Part", "Rated", "Usage", "prorated", "rate"]
