"""manage.py import_accounts: the demo's customers, bad files, repeats, a kill in the middle."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.models import Account
from apps.clocks.models import TestClock
from apps.invoices.models import Invoice
from apps.monitoring.invariants import broken
from apps.payments.models import PaymentMethod
from apps.subscriptions.models import BilledPeriod, Subscription
from tests.factories.plans import make_plan

DEMO = Path(__file__).resolve().parents[2] / "deploy" / "demo"
HEADER = "external_key,email,name,currency,timezone,plan,quantity,start_date,bill_from,payment_method_token"


def run(*arguments: Any) -> str:
    out = StringIO()
    call_command(*map(str, arguments), stdout=out, stderr=StringIO())
    return out.getvalue()


def refused(*arguments: Any) -> tuple[int, str]:
    out = StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command(*map(str, arguments), stdout=out, stderr=StringIO())
    return refusal.value.returncode, out.getvalue() + str(refusal.value)


def written(folder: Path, *lines: str | bytes, header: str = HEADER) -> Path:
    path = folder / "customers.csv"
    path.write_bytes(b"\r\n".join(each if isinstance(each, bytes) else each.encode() for each in (header, *lines)))
    return path


def everything() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Account, Subscription, Invoice, PaymentMethod))


@pytest.mark.fr("FR-003", "FR-038")
@pytest.mark.django_db
def test_the_demo_goes_in_once():
    assert "6 created" in run("catalog", "apply", DEMO / "catalogue.yaml")
    TestClock.objects.create(name="demo", frozen_time=datetime(2027, 12, 31, tzinfo=UTC))
    said = run("import_accounts", DEMO / "customers.csv", "--clock", "demo")
    assert "200 lines checked, 0 faults" in said
    assert "accounts: 200 created, 0 were there already" in said
    assert "subscriptions: 195 created, 0 were there already" in said
    assert "card tokens: 184 wait for the worker" in said
    before = everything()
    assert before[:2] == (200, 195)
    leap = Subscription.objects.get(external_key="S-0087")
    assert (str(leap.billing_anchor_date), str(leap.billed_to)) == ("2024-02-29", "2028-02-29")
    assert BilledPeriod.objects.filter(subscription=leap, waived=True).count() == 1
    assert set(PaymentMethod.objects.values_list("status", flat=True)) == {"PENDING"}
    again = run("import_accounts", DEMO / "customers.csv", "--clock", "demo")
    assert "accounts: 0 created, 200 were there already" in again
    assert "subscriptions: 0 created, 195 were there already" in again
    assert everything() == before


@pytest.mark.django_db
def test_a_bad_file_is_told_whole_and_changes_nothing(tmp_path: Path):
    make_plan(key="pro", prices={"USD": 4900})
    path = written(
        tmp_path,
        "a,a@x.example,A,USD,Europe/Berlin,pro,1,,,",
        "b,nobody,B,USD,Mars/Olympus,pro,many,,,",
        "c,c@x.example,4242 4242 4242 4242,USD,UTC,pro,1,,,",
        "d,d@x.example,D,EUR,UTC,pro,1,,,",
        "e,e@x.example,E,USD,UTC,none,1,,,",
        'f,f@x.example,"F,USD,UTC,pro,1,,,',
        b"g,g@x.example,\xff,USD,UTC,pro,1,,,",
        "h,h@x.example,H\x00,USD,UTC,pro,1,,,",
        "a,i@x.example,I,USD,UTC,,,,,",
        "j,j@x.example,J,USD,UTC,pro,1,2999-01-01,,",
        "k,k@x.example",
        "l,l@x.example,L,USD,UTC,pro,1,,,4111",
        "m,m@x.example,M" + "m" * 70_000,
    )
    errors = tmp_path / "errors.csv"
    code, said = refused("import_accounts", path, "--errors", errors)
    assert code == 2
    for place in (
        "line 3, email:", "line 3, timezone:", "line 3, quantity:", "line 4, name: It holds a card number.",
        "line 5, currency:", "line 6, plan:", "line 7: It is not CSV", "line 8: It is not UTF-8",
        "line 9: It holds a NUL",
        "line 10, external_key: Line 2 has the same key.", "line 11, start_date:", "line 12: The line has 2 cells",
        "line 13, payment_method_token:", "line 14: The line holds more than",
    ):  # fmt: skip
        assert place in said
    assert "4242" not in said
    assert "nothing was imported" in said
    assert len(errors.read_text().splitlines()) == 15
    assert everything() == (0, 0, 0, 0)
    assert "accounts: 1 created" in run("import_accounts", path, "--skip-bad")
    assert everything() == (1, 1, 1, 0)


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ("", "empty"),
        ("external_key,email", "missing: name"),
        ("external_key,email,name,cvc", "no such columns: 'cvc'"),
        ("external_key,email,name,name", "stands twice"),
        ('external_key,email,"name', "not CSV"),
    ],
)
@pytest.mark.django_db
def test_a_header_that_says_nothing(tmp_path: Path, header: str, why: str):
    code, said = refused("import_accounts", written(tmp_path, header=header))
    assert (code, why in said) == (2, True)


@pytest.mark.django_db
def test_a_key_that_exists_with_other_values(tmp_path: Path):
    run("import_accounts", written(tmp_path, "a,a@x.example,A,USD,UTC,,,,,"))
    code, said = refused("import_accounts", written(tmp_path, "a,b@x.example,A,EUR,UTC,,,,,"))
    assert (code, "exists with another currency, email." in said) == (2, True)


@pytest.mark.django_db
def test_a_dry_run_and_a_byte_order_mark(tmp_path: Path):
    path = written(tmp_path, "a,a@x.example,A,USD,UTC,,,,,", header=f"\ufeff{HEADER}")
    assert "1 lines checked, 0 faults" in run("import_accounts", path, "--dry-run")
    assert everything() == (0, 0, 0, 0)


@pytest.mark.django_db
def test_a_batch_costs_the_same_whatever_its_size(tmp_path: Path, django_assert_max_num_queries: Any):
    make_plan(key="pro", prices={"USD": 4900})
    lines = [f"c{number},c@x.example,C,USD,UTC,pro,1,,,pm_card_visa" for number in range(400)]
    with django_assert_max_num_queries(70):
        run("import_accounts", written(tmp_path, *lines))
    assert everything() == (400, 400, 400, 400)


@pytest.mark.fr("FR-003")
def test_killed_in_the_middle_and_repeated(committed_db: str, tmp_path: Path):
    """Whole batches stand after kill -9; the second time makes the others, and nothing twice."""
    make_plan(key="pro", prices={"USD": 4900})
    count = 1500
    path = written(tmp_path, *(f"c{n},c@x.example,C,USD,UTC,pro,1,,,pm_card_visa" for n in range(count)))
    command = [sys.executable, str(DEMO.parents[1] / "manage.py"), "import_accounts", str(path)]
    environment = {**os.environ, "DATABASE_URL": committed_db}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as importing:
        while importing.poll() is None and not Account.objects.exists():
            time.sleep(0.02)
        importing.kill()
    assert importing.returncode == -signal.SIGKILL
    stands = Account.objects.count()
    assert 0 < stands < count
    assert stands % 500 == 0
    assert everything() == (stands,) * 4
    said = run("import_accounts", path)
    assert f"accounts: {count - stands} created, {stands} were there already" in said
    assert f"subscriptions: {count - stands} created, {stands} were there already" in said
    assert everything() == (count,) * 4
    assert Invoice.objects.values("number").distinct().count() == count
    assert max(Invoice.objects.values_list("number", flat=True)).endswith(f"{count:06d}")
    assert BilledPeriod.objects.values("subscription").distinct().count() == BilledPeriod.objects.count() == count
    assert broken() == []
