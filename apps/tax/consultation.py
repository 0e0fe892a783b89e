"""Asking VIES about numbers, in three steps: take a row, call with no transaction open, record what came of it.

A worker that dies between call and record has the number asked about again, once its lease runs out.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import structlog
from django.conf import settings
from django.db import connection
from django.db.models import F, Q, QuerySet

from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.doorbell import ring_after_commit
from apps.kernel.errors import Conflict, Invalid, NotFound, Problem
from apps.kernel.transactions import unit_of_work
from apps.tax import queries, vies
from apps.tax.models import Consultation, TaxId
from apps.tax.vat_rules import FRESH, LEASE, RENEWED, Status, VatNumber, back_off, prefixed, read
from apps.tax.vies import Answer, NoAnswer

TASK, QUEUE = "tax.sweep", "webhooks"
GIVE_UP_AFTER = 3
"""So many calls in a row without an answer, and VIES is left alone until the next doorbell."""

# Who has a number that VIES called invalid may be new there: it is asked again. Else a watched one has its date.
_WATCH = """
INSERT INTO tax_taxid AS known
    (id, created_at, updated_at, version, number, country, status, watched, calls, next_call_at, last_error)
SELECT kernel_uuid7(), %(now)s, %(now)s, 1, number, country, 'PENDING', true, 0, %(now)s, ''
FROM unnest(%(numbers)s::text[], %(countries)s::text[]) AS new (number, country)
ON CONFLICT (number) DO UPDATE SET watched = true, next_call_at = %(now)s, updated_at = %(now)s,
    version = known.version + 1
WHERE NOT known.watched OR known.status = 'INVALID'
"""

logger = structlog.get_logger(__name__)


def watch(numbers: Collection[VatNumber], *, actor: Actor) -> None:
    """Accounts have these: VIES is asked about them soon, and again from time to time. One statement for any number."""
    # In one order, so that two imports wait for each other and do not lock each other out.
    ordered = sorted(set(numbers), key=str)
    if not ordered:
        return
    countries = [number.country for number in ordered]
    told: dict[str, Any] = {"now": clock.wall(), "numbers": [str(number) for number in ordered], "countries": countries}
    with unit_of_work(actor), connection.cursor() as cursor:
        cursor.execute(_WATCH, told)
        ring_after_commit(TASK, QUEUE)


def check(*, text: str, actor: Actor) -> TaxId:
    """A number with what VIES says of it: what it said within a day, else it is asked now, for a short time.

    Without an answer the number stays as it is, and the worker asks again; so it does while somebody else asks. Call
    it with no transaction open. Errors: tax_id_invalid (422).
    """
    number = demanded(text)
    row = _known(number, actor)
    stale = Q(latest=None) | Q(latest__created_at__lte=clock.wall() - FRESH)
    if taken := _take(TaxId.objects.filter(stale, pk=row.pk), actor):
        own = queries.requester(clock.wall().date())
        _ask(taken, own, seconds=settings.VIES_PATIENCE_SECONDS, actor=actor)
    return queries.numbers().get(pk=row.pk)


def demanded(text: str) -> VatNumber:
    """The number that a text is, or a refusal that says what is wrong with it. Errors: tax_id_invalid (422)."""
    if number := read(text):
        return number
    known = prefixed(text)
    wrong = (
        "Its length or check digits do not fit." if known else "It does not begin with a member state's two letters."
    )
    raise Invalid(
        "tax_id_invalid",
        f"This is no VAT number of the European Union. {wrong}",
        hint="Copy it anew, with its country's two letters before it: DE, EL for Greece, XI for Northern Ireland.",
        errors=[Problem("/tax_id", "tax_id_invalid", wrong)],
    )


def ask_again(*, row_id: UUID, actor: Actor) -> None:
    """Have the worker ask VIES about a number at once. A lease that has run out is let go of.

    Errors: tax_id_not_found (404), work_under_way (409).
    """
    now = clock.wall()
    with unit_of_work(actor):
        row = TaxId.objects.filter(pk=row_id).select_for_update(no_key=True).first()
        if row is None:
            raise NotFound("tax_id_not_found", f"There is no tax id {row_id}.", hint="Look for it in the list.")
        if row.lease_until and row.lease_until >= now:
            raise Conflict(
                "work_under_way",
                f"A worker is at it, until {row.lease_until.isoformat()} at most.",
                hint="If that worker has died, another takes it over then.",
            )
        TaxId.objects.filter(pk=row_id).update(lease_token=None, lease_until=None, next_call_at=now, updated_at=now)
        ring_after_commit(TASK, QUEUE)


def sweep(*, seconds: float, actor: Actor) -> int:
    """Ask about what waits, one after the other, until the time is up or VIES is silent; returns how many it answered.

    One after the other: VIES refuses those who ask about many at once.
    """
    until, answered, silent = clock.monotonic() + seconds, 0, 0
    own = queries.requester(clock.wall().date())
    while clock.monotonic() < until and silent < GIVE_UP_AFTER and (row := _next(actor)):
        came = _ask(row, own, seconds=settings.VIES_TIMEOUT_SECONDS, actor=actor)
        answered, silent = (answered + 1, 0) if came else (answered, silent + 1)
    return answered


def _next(actor: Actor) -> TaxId | None:
    # Most often there is none: that is one look, without a transaction.
    waiting = queries.to_ask(clock.wall())
    return _take(waiting.order_by("next_call_at"), actor) if waiting.exists() else None


def _known(number: VatNumber, actor: Actor) -> TaxId:
    """Its row, made if there is none; whoever comes second finds the first one's."""
    with unit_of_work(actor):
        row = TaxId(number=str(number), country=number.country, next_call_at=clock.wall())
        TaxId.objects.bulk_create([row], ignore_conflicts=True)
        return queries.numbers().get(number=str(number))


def _take(rows: QuerySet[TaxId], actor: Actor) -> TaxId | None:
    """The first of these that nobody holds, under a token that shows whose it is."""
    now, token = clock.wall(), uuid4()
    with unit_of_work(actor):
        free = rows.filter(queries.free(now))
        row = free.select_for_update(skip_locked=True, no_key=True, of=("self",)).first()
        if row is not None:
            row.lease_token, row.calls = token, row.calls + 1
            TaxId.objects.filter(pk=row.pk).update(lease_token=token, lease_until=now + LEASE, calls=row.calls)
        return row


def _ask(row: TaxId, own: VatNumber | None, *, seconds: float, actor: Actor) -> bool:
    """Call and record; whether there was an answer. Whatever else goes wrong delays this number alone."""
    number = read(row.number)
    try:
        if number is None:
            raise NoAnswer("Its check digits do not fit any more.", ours=True)
        answer = vies.current().check(number, requester=own, seconds=seconds)
        _record(row, answer, own, actor=actor)
    except NoAnswer as error:
        _put_back(row, error.reason, actor=actor)
        log = logger.error if error.ours else logger.warning
        log("vies_unanswered", tax_id=str(row.pk), country=row.country, reason=error.reason, calls=row.calls)
        return False
    except Exception as error:
        _put_back(row, repr(error), actor=actor)
        logger.exception("vies_not_recorded", tax_id=str(row.pk))
        return False
    return True


def _record(row: TaxId, answer: Answer, own: VatNumber | None, *, actor: Actor) -> None:
    """Write down what VIES said. Whoever has lost the lease leaves it: another asks, or has asked since."""
    status, now = (Status.VALID if answer.valid else Status.INVALID), clock.wall()
    with unit_of_work(actor):
        mine = TaxId.objects.filter(pk=row.pk, lease_token=row.lease_token).select_for_update(no_key=True).first()
        if mine is None:
            return
        said = Consultation.objects.create(
            about=mine,
            status=status,
            name=answer.name,
            address=answer.address,
            consultation_number=answer.consultation_number,
            requester=str(own or ""),
            request_date=answer.request_date,
            created_at=now,
        )
        TaxId.objects.filter(pk=mine.pk).update(
            status=status, latest=said, calls=0, last_error="", lease_token=None, lease_until=None,
            next_call_at=now + RENEWED[status] if mine.watched else None, updated_at=now, version=F("version") + 1,
        )  # fmt: skip
    changed = "" if mine.status == status else mine.status
    logger.info("vies_answered", tax_id=str(row.pk), country=row.country, status=status.value, was=changed)


def _put_back(row: TaxId, reason: str, *, actor: Actor) -> None:
    """Let go of a number without an answer; its next turn comes after a pause that grows."""
    then: datetime = clock.wall() + back_off(row.calls)
    with unit_of_work(actor):
        TaxId.objects.filter(pk=row.pk, lease_token=row.lease_token).update(
            lease_token=None, lease_until=None, next_call_at=then, last_error=reason[:1000], updated_at=clock.wall()
        )
