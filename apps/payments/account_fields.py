"""What an account shows of its payment methods."""

from apps.accounts.registry import contribute
from apps.payments.queries import default_method_ids

contribute("default_payment_method_id", default_method_ids, default=None)
