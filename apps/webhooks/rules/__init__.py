"""Pure parts of webhooks: states, when to try again, what matches, signatures, addresses, shapes of versions."""
