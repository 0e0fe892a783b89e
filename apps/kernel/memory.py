"""Memory of processes that stay."""

import gc


def settle() -> None:
    """Leave what is loaded alone when cycles are looked for; how often that is, `billing_project` says."""
    gc.collect()
    gc.freeze()
