"""What dunning counts."""

from prometheus_client import Counter

dunning_transitions_total = Counter("dunning_transitions_total", "Accounts that changed state.", ["to", "reason"])
dunning_reminders_total = Counter("dunning_reminders_total", "Reminders, by who sent them.", ["by"])
