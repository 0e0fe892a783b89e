"""Wiring: settings, routes, workers, servers. Imported by nobody."""

import gc

# Whatever process this is, it looks for cycles seldom: what is loaded makes none, nor do rows. Looking took a fifth of
# the start, a third of a batch, and was the longest wait of a request.
gc.set_threshold(100_000, 50, 100)
