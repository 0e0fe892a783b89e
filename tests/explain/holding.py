"""Whether all that is stored can be derived."""

from apps.explain import queries
from apps.explain.replaying import replayed
from apps.explain.rules import derive


def unexplained() -> list[str]:
    """Every difference that either derivation finds in any stored invoice."""
    found = []
    for batch in queries.batches(size=100):
        for invoice in queries.inputs(batch):
            found += [f"derived: {invoice.number}: {one}" for one in derive(invoice).differences]
            found += [f"replayed: {invoice.number}: {one}" for one in replayed(invoice)]
    return found
