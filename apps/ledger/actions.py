"""Writing to the books: the only way, in bulk."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from apps.kernel import clock
from apps.kernel.ids import uuid7
from apps.kernel.transactions import copy_rows, previewing
from apps.ledger.rules import NewEntry

_POSTING = ("entry_id", "ledger_account", "currency", "amount")
_ENTRY = (
    "id", "created_at", "kind", "currency", "source_type", "source_id", "account_id", "effective_on", "effective_at",
)  # fmt: skip


def post(entries: Sequence[NewEntry], *, at: datetime) -> None:
    """Write `entries` in the caller's transaction; those without postings (everything was zero) are left out.

    Two COPYs however many there are. Postings go first: PostgreSQL checks the balance when the entry arrives, and
    refuses any posting for an entry that is there already. A preview books nothing.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("post() belongs into the transaction of what it records: call it inside unit_of_work")
    if previewing():
        return
    written = [(uuid7(), entry) for entry in entries if entry.postings]
    now = clock.wall()
    copy_rows(
        "ledger_posting",
        _POSTING,
        [
            (identifier, posting.ledger_account.value, entry.currency, posting.amount)
            for identifier, entry in written
            for posting in entry.postings
        ],
    )
    copy_rows(
        "ledger_entry",
        _ENTRY,
        [
            (
                identifier, now, entry.kind.value, entry.currency, entry.source_type, entry.source_id,
                entry.account_id, entry.on, at,
            )
            for identifier, entry in written
        ],
    )  # fmt: skip
