"""Memory of processes that stay."""

import gc


def settle() -> None:
    """Leave what is loaded alone, and look for cycles less often: rows make none.

    A third of the time of a batch, and the longest waits of a request, went into looking.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
