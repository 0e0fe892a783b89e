"""Pure sums and states of subscriptions."""
