"""Memory of processes: how often Python looks for cycles in it."""

import gc


def seldom() -> None:
    """Look for cycles less often: what is loaded makes none, nor do rows. Looking takes a fifth of the start."""
    gc.set_threshold(100_000, 50, 100)


def settle() -> None:
    """In a process that stays: leave what is loaded alone, and look less often.

    A third of the time of a batch, and the longest waits of a request, went into looking.
    """
    gc.collect()
    gc.freeze()
    seldom()
