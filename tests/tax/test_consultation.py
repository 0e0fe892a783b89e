"""Numbers wait for VIES, are asked about once at a time, and stand as it says."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.audit.models import Entry
from apps.kernel import clock
from apps.kernel.errors import DomainError
from apps.kernel.ids import uuid7
from apps.tax import consultation, queries
from apps.tax.models import Consultation, TaxId
from apps.tax.tasks import sweep as task
from apps.tax.vat_rules import LEASE, RENEWED, Status, VatNumber, read
from tests.factories.tax import ACTOR, answered, registered, seated
from tests.stripe_sandbox.conftest import Sandbox

FRENCH, AUSTRIAN = "FR40303265045", "ATU13585627"
AWAY = "LU30000070"
"""Fits, and the register of it is always away."""
WRONG = "LU20000017"
"""Fits, and is not in the register."""

pytestmark = pytest.mark.django_db


def watched(*texts: str) -> None:
    consultation.watch([number for text in texts if (number := read(text))], actor=ACTOR)


def row(text: str) -> TaxId:
    return TaxId.objects.select_related("latest").get(number=text)


def swept() -> int:
    return consultation.sweep(seconds=5, actor=ACTOR)


def test_the_numbers_fit() -> None:
    assert all(read(text) for text in (FRENCH, AUSTRIAN, AWAY, WRONG))


@pytest.mark.fr("FR-100")
def test_a_number_waits_and_then_stands_as_vies_says(register: Sandbox) -> None:
    registered("DE", tax_id="DE 136 695 976")
    watched(FRENCH, WRONG)
    assert (row(FRENCH).status, row(FRENCH).latest) == (Status.PENDING, None)
    now = clock.wall()
    assert swept() == 2
    one, other = row(FRENCH), row(WRONG)
    assert one.latest is not None
    assert other.latest is not None
    assert (one.status, one.country, one.latest.name) == ("VALID", "FR", "Company FR40303265045")
    assert one.latest.consultation_number.startswith("WAPI")
    assert (one.latest.requester, one.calls, one.lease_until) == ("DE136695976", 0, None)
    assert (other.status, other.latest.name) == ("INVALID", "")
    for each in (one, other):
        assert each.next_call_at is not None
        assert abs(each.next_call_at - now - RENEWED[Status(each.status)]) < timedelta(minutes=1)
    assert swept() == 0
    operations = Entry.objects.filter(table_name="tax_taxid", row_id=str(one.pk)).order_by("id")
    assert operations[0].operation == "INSERT"
    assert {entry.actor for entry in operations} == {str(ACTOR)}


@pytest.mark.fr("FR-100")
def test_an_outage_is_waited_for_with_growing_pauses(register: Sandbox) -> None:
    watched(AWAY)
    for calls in (1, 2, 3):
        TaxId.objects.update(next_call_at=clock.wall())
        now = clock.wall()
        assert swept() == 0
        stands = row(AWAY)
        assert (stands.status, stands.calls, stands.last_error) == ("PENDING", calls, "VIES says SERVICE_UNAVAILABLE.")
        assert stands.lease_token is None
        assert stands.next_call_at is not None
        pause = stands.next_call_at - now - timedelta(minutes=2 ** (calls - 1))
        assert timedelta(0) <= pause < timedelta(seconds=30)
    assert swept() == 0, "nothing is due"
    assert queries.unanswered().get() == stands


def test_a_silent_vies_is_left_alone_after_three(register: Sandbox, settings: Any) -> None:
    settings.VIES_API_BASE = "http://127.0.0.1:1"
    watched(FRENCH, AUSTRIAN, AWAY, WRONG, "DE136695976")
    assert swept() == 0
    assert TaxId.objects.filter(calls=1).count() == consultation.GIVE_UP_AFTER
    assert task() == 0


def test_one_that_cannot_be_written_down_delays_itself_alone(register: Sandbox, monkeypatch: Any) -> None:
    watched(FRENCH, AUSTRIAN)
    record = consultation._record

    def fails(row: TaxId, *rest: Any, **named: Any) -> None:
        if row.number == FRENCH:
            raise RuntimeError("full")
        record(row, *rest, **named)

    monkeypatch.setattr(consultation, "_record", fails)
    assert swept() == 1
    assert (row(FRENCH).status, row(FRENCH).last_error) == ("PENDING", "RuntimeError('full')")
    assert row(AUSTRIAN).status == "VALID"


@pytest.mark.fr("FR-100")
def test_a_number_that_ends_is_invalid_from_then_on_and_what_was_said_stays(register: Sandbox) -> None:
    watched(WRONG)
    answered(WRONG)
    TaxId.objects.update(next_call_at=clock.wall())
    first = row(WRONG).latest
    assert row(WRONG).status == "VALID"
    assert swept() == 1
    assert row(WRONG).status == "INVALID"
    assert [said.status for said in Consultation.objects.order_by("id")] == ["VALID", "INVALID"]
    assert Consultation.objects.filter(pk=first.pk if first else None).exists()


def test_an_answer_that_comes_after_its_lease_is_left(register: Sandbox) -> None:
    watched(FRENCH)
    taken = consultation._take(TaxId.objects.all(), ACTOR)
    assert taken is not None
    assert consultation._take(TaxId.objects.all(), ACTOR) is None, "one at a time"
    TaxId.objects.update(lease_until=clock.wall() - LEASE)
    other = consultation._take(TaxId.objects.all(), ACTOR)
    assert other is not None
    assert other.calls == 2
    assert consultation._ask(taken, None, seconds=1, actor=ACTOR)
    assert (row(FRENCH).status, row(FRENCH).lease_token) == ("PENDING", other.lease_token)
    assert consultation._ask(other, None, seconds=1, actor=ACTOR)
    assert row(FRENCH).status == "VALID"


def test_in_whose_name_is_asked() -> None:
    today = clock.wall().date()
    assert queries.requester(today) is None
    registered("AT", tax_id="ATU13585627")
    registered("CH", tax_id="CHE-107.787.577")
    assert queries.requester(today) == VatNumber("AT", "U13585627")
    registered("DE", tax_id="DE136695976")
    registered("FR", tax_id="soon")
    assert queries.requester(today) == VatNumber("AT", "U13585627")
    seated("DE")
    assert queries.requester(today) == VatNumber("DE", "136695976")


@pytest.mark.fr("FR-100")
def test_checked_by_hand_at_once_and_not_again_within_a_day(register: Sandbox) -> None:
    first = consultation.check(text=" fr 40 303 265 045 ", actor=ACTOR)
    assert (first.number, first.status, first.watched, first.next_call_at) == (FRENCH, "VALID", False, None)
    again = consultation.check(text=FRENCH, actor=ACTOR)
    assert (again.pk, again.latest) == (first.pk, first.latest)
    assert Consultation.objects.count() == 1


def test_an_old_answer_is_asked_for_again(register: Sandbox, monkeypatch: Any) -> None:
    consultation.check(text=FRENCH, actor=ACTOR)
    monkeypatch.setattr(consultation, "FRESH", timedelta(0))
    assert consultation.check(text=FRENCH, actor=ACTOR).status == "VALID"
    assert Consultation.objects.count() == 2


def test_without_an_answer_the_worker_goes_on(register: Sandbox, settings: Any) -> None:
    settings.VIES_API_BASE = "http://127.0.0.1:1"
    waits = consultation.check(text=FRENCH, actor=ACTOR)
    assert (waits.status, waits.calls, waits.last_error) == ("PENDING", 1, "VIES cannot be reached: ConnectionError.")
    settings.VIES_API_BASE = f"{register.url}/vies/rest-api"
    TaxId.objects.update(next_call_at=clock.wall())
    assert swept() == 1
    assert (row(FRENCH).status, row(FRENCH).next_call_at, row(FRENCH).last_error) == ("VALID", None, "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("DE136695977", "check digits do not fit"), ("DE", "check digits do not fit"), ("", "member state"),
        ("GB980780684", "member state"), ("12/345/67890", "member state"),
    ],
)  # fmt: skip
def test_what_is_no_number_is_refused_and_not_kept(text: str, said: str) -> None:
    with pytest.raises(DomainError, match=said) as refusal:
        consultation.check(text=text, actor=ACTOR)
    assert (refusal.value.code, refusal.value.errors[0].pointer) == ("tax_id_invalid", "/tax_id")
    assert not TaxId.objects.exists()


def test_asked_again_by_hand(register: Sandbox) -> None:
    stands = answered(WRONG)
    consultation.ask_again(row_id=stands.pk, actor=ACTOR)
    taken = consultation._take(queries.to_ask(clock.wall()), ACTOR)
    assert taken is not None
    with pytest.raises(DomainError, match="A worker is at it"):
        consultation.ask_again(row_id=stands.pk, actor=ACTOR)
    TaxId.objects.update(lease_until=clock.wall() - LEASE)
    consultation.ask_again(row_id=stands.pk, actor=ACTOR)
    assert swept() == 1
    assert row(WRONG).status == "INVALID"
    with pytest.raises(DomainError, match="There is no tax id"):
        consultation.ask_again(row_id=uuid7(), actor=ACTOR)


def test_watched_once_and_again_when_it_was_invalid() -> None:
    watched(FRENCH, AUSTRIAN, FRENCH)
    assert TaxId.objects.filter(watched=True, calls=0, status="PENDING").count() == 2
    answered(FRENCH)
    answered(AUSTRIAN, Status.INVALID)
    TaxId.objects.update(next_call_at=None)
    watched(FRENCH, AUSTRIAN)
    assert (row(FRENCH).next_call_at, row(AUSTRIAN).next_call_at is None) == (None, False)
    with CaptureQueriesContext(connection) as captured:
        watched()
    assert len(captured) == 0


def test_one_checked_by_hand_is_renewed_once_accounts_have_it(register: Sandbox) -> None:
    consultation.check(text=FRENCH, actor=ACTOR)
    watched(FRENCH)
    assert row(FRENCH).watched
    assert swept() == 1
    assert row(FRENCH).next_call_at is not None


@pytest.mark.fr("FR-100")
@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        (lambda said, other: {"status": "VALID"}, "tax_taxid_as_vies_said"),
        (lambda said, other: {"latest": said}, "tax_taxid_as_vies_said"),
        (lambda said, other: {"status": "VALID", "latest": said}, "tax_taxid_says_so"),
        (lambda said, other: {"status": "VALID", "latest": other}, "tax_taxid_says_so"),
        (lambda said, other: {"status": "PERHAPS"}, "tax_taxid"),
        (lambda said, other: {"number": AUSTRIAN}, "tax_taxid_number"),
        (lambda said, other: {"lease_until": clock.wall()}, "tax_taxid_lease_whole"),
    ],
)
def test_a_number_stands_as_an_answer_about_it_says(change: Any, constraint: str) -> None:
    watched(FRENCH, AUSTRIAN)
    said = Consultation.objects.create(about=row(FRENCH), status=Status.INVALID)
    other = Consultation.objects.create(about=row(AUSTRIAN), status=Status.VALID)
    with pytest.raises(DatabaseError, match=constraint), transaction.atomic():
        TaxId.objects.filter(number=FRENCH).update(**change(said, other))
    TaxId.objects.filter(number=FRENCH).update(status="INVALID", latest=said)


def test_what_vies_said_is_final() -> None:
    said = answered(FRENCH).latest
    assert said is not None
    assert str(said) == "WAPIAAAAX1"
    for change in (lambda: Consultation.objects.update(name="Eve"), lambda: Consultation.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert str(row(FRENCH)) == FRENCH
    assert str(Consultation(status="VALID", created_at=clock.wall())).startswith("VALID 20")
