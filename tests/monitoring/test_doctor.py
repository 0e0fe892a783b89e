"""Each check of the doctor, shown by breaking what it looks at."""

import json
import os
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import time_machine
from django.core.management import call_command
from django.db import connection, connections
from djstripe.models import WebhookEndpoint

from apps.clocks.actions import create as make_clock
from apps.clocks.models import TestClock
from apps.kernel.actors import system
from apps.monitoring import doctor, signs
from apps.monitoring.doctor import Health, Report
from apps.monitoring.management.commands.doctor import document, lines
from apps.payments import stripe as gateway
from tests import databases

pytestmark = pytest.mark.fr("B-20")


@pytest.fixture(autouse=True)
def _own_broker(settings: Any, monkeypatch: Any) -> Iterator[None]:
    """A database of the broker's own, where no other test's or process's beat ticks, with both alive."""
    # A busy machine is not what is tested: a sign that is lost on the way would be.
    monkeypatch.setattr(signs, "PATIENCE", 5.0)
    signs._client.cache_clear()
    own = settings.REDIS_URL = (
        f"{settings.REDIS_URL.rpartition('/')[0]}/{9 + int(os.environ.get('PYTEST_XDIST_WORKER', 'gw0')[2:]) % 6}"
    )
    signs._left.clear()
    for name in (signs.BEAT, signs.WORKER):
        signs.leave(name)
    yield
    signs._client(own).delete(*(signs._key(name) for name in (signs.BEAT, signs.WORKER)))
    signs._client.cache_clear()
    gateway.connect.cache_clear()


@pytest.fixture
def deployment(committed_db: str, monkeypatch: Any) -> str:
    """A deployment that every check is content with."""
    call_command("connect_stripe")
    # The tests' own PostgreSQL may lose what it was told.
    monkeypatch.setattr(doctor, "_is_synced", lambda: True)
    return committed_db


def report(name: str) -> Report:
    (found,) = doctor.examine({name: doctor.CHECKS[name]})
    return found


def said(name: str) -> tuple[Health, str, str]:
    """Health of the check, and what its worst finding says and advises."""
    found = report(name)
    worst = next(each for each in found.findings if each.health is found.health)
    return found.health, worst.says, worst.mend


def test_all_is_well(deployment: str) -> None:
    reports = doctor.examine()
    assert {each.check: each.health for each in reports} == dict.fromkeys(doctor.CHECKS, Health.OK), reports
    assert not [finding.mend for each in reports for finding in each.findings if finding.mend]


def test_the_command_says_so_and_ends_with_0(deployment: str, capsys: Any) -> None:
    call_command("doctor")
    shown = capsys.readouterr().out.splitlines()
    assert {line.split()[0] for line in shown} == {"ok"}
    assert any("PostgreSQL 18" in line and "billing_app" in line for line in shown)


def test_the_command_ends_with_1_and_says_what_to_do(deployment: str, capsys: Any) -> None:
    signs._client(doctor.settings.REDIS_URL).delete(signs._key(signs.BEAT))
    with pytest.raises(SystemExit) as end:
        call_command("doctor")
    assert end.value.code == 1
    shown = capsys.readouterr().out
    assert "FAILED    clocks and beat  beat gave no sign of life for a week\n" in shown
    assert "-> Start beat: `make serve`" in shown


def test_json_is_for_machines(deployment: str, capsys: Any, settings: Any) -> None:
    call_command("doctor", "--json")
    found = json.loads(capsys.readouterr().out)
    assert found["ok"] is True
    assert [check["check"] for check in found["checks"]] == list(doctor.CHECKS)
    settings.STRIPE_SECRET_KEY = ""
    with pytest.raises(SystemExit):
        call_command("doctor", "--json")
    found = json.loads(capsys.readouterr().out)
    assert found["ok"] is False
    (stripe,) = [check for check in found["checks"] if check["check"] == "stripe"]
    assert stripe["status"] == "FAILED"
    assert stripe["findings"][0]["mend"].startswith("Set it to a key")


def test_no_secret_is_shown(deployment: str, monkeypatch: Any, settings: Any) -> None:
    secrets = [
        connections.settings["default"]["PASSWORD"], urlsplit(settings.REDIS_URL).password,
        settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET,
    ]  # fmt: skip
    monkeypatch.setitem(connections.settings["default"], "PORT", "1")
    settings.REDIS_URL = f"redis://:{secrets[1]}@127.0.0.1:1/0"
    WebhookEndpoint.objects.update(secret="whsec_other")
    shown = json.dumps(document(doctor.examine()))
    assert [secret for secret in secrets if str(secret) in shown] == []


# Database


def test_a_database_that_is_down(deployment: str, monkeypatch: Any) -> None:
    monkeypatch.setitem(connections.settings["default"], "PORT", "1")
    health, says, mend = said("database")
    assert (health, "refused" in says) == (Health.FAILED, True)
    assert mend == "Check DATABASE_URL (127.0.0.1:1), and that the server runs there."
    assert said("migrations")[0] is said("clocks and beat")[0] is Health.FAILED
    assert report("redis").health is Health.OK


def test_what_hangs_is_given_up_within_two_seconds(deployment: str, monkeypatch: Any, settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=20) as silent:
        port = silent.getsockname()[1]
        monkeypatch.setitem(connections.settings["default"], "PORT", str(port))
        settings.REDIS_URL = f"redis://127.0.0.1:{port}/0"
        settings.STRIPE_API_BASE = f"http://127.0.0.1:{port}"
        started = time.monotonic()
        reports = doctor.examine()
        took = time.monotonic() - started
    assert took < doctor.PATIENCE + 0.7
    assert {each.check for each in reports if each.health is Health.FAILED} == set(doctor.CHECKS)
    assert all(each.findings[-1].mend for each in reports)


def test_the_owner_of_the_tables_is_the_wrong_role(deployment: str, monkeypatch: Any, settings: Any) -> None:
    owner = urlsplit(databases.owner_url())
    monkeypatch.setitem(connections.settings["default"], "USER", owner.username)
    monkeypatch.setitem(connections.settings["default"], "PASSWORD", owner.password)
    health, says, mend = said("database")
    assert (health, says) == (
        Health.WARNING, f"{owner.username} owns the tables and so can switch their triggers off",
    )  # fmt: skip
    assert "DATABASE_OWNER_URL" in mend
    settings.BILLING_LIVEMODE = True
    assert said("database")[0] is Health.FAILED


def test_a_superuser_is_the_wrong_role(deployment: str, monkeypatch: Any) -> None:
    seen = ("root", True, True, "18.6", 180006, " ".join(doctor.EXTENSIONS))
    monkeypatch.setattr(doctor, "_ask", lambda query: seen)
    assert said("database")[:2] == (Health.WARNING, "root is a superuser: nothing refuses it")


def test_an_old_server_that_does_not_sync(deployment: str, monkeypatch: Any) -> None:
    seen = ("billing_app", False, False, "14.9", 140009, " ".join(doctor.EXTENSIONS))
    monkeypatch.setattr(doctor, "_ask", lambda query: seen)
    monkeypatch.setattr(doctor, "_is_synced", lambda: False)
    says = [finding.says for finding in report("database").findings if finding.health is not Health.OK]
    assert says == ["PostgreSQL 14.9 is too old", "commits are not synced to disk: a power cut loses money"]


def test_a_missing_extension(deployment: str) -> None:
    with psycopg.connect(databases.with_name(databases.owner_url(), urlsplit(deployment).path[1:])) as owner:
        owner.execute("DROP EXTENSION pg_trgm CASCADE")
    assert said("database") == (Health.FAILED, "pg_trgm missing", "As the owner: CREATE EXTENSION pg_trgm.")


def test_a_server_says_itself_whether_it_syncs(committed_db: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW fsync")
        synced = cursor.fetchone() == ("on",)
    says = [finding.says for finding in report("database").findings]
    assert ("commits are not synced to disk: a power cut loses money" not in says) is synced


# Redis


def test_a_broker_that_is_down(deployment: str, settings: Any) -> None:
    settings.REDIS_URL = "redis://:secret@127.0.0.1:1/0"
    health, _, mend = said("redis")
    assert health is Health.FAILED
    assert mend == "Check REDIS_URL (127.0.0.1:1), and that the server runs there."
    assert said("clocks and beat")[0] is Health.FAILED


def test_a_queue_that_nobody_works_off(deployment: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(doctor, "LONG_QUEUE", 2)
    client = signs._client(doctor.settings.REDIS_URL)
    client.rpush("bulk", "a", "b", "c")
    try:
        assert said("redis") == (Health.WARNING, "3 tasks wait in the queue bulk", "Start more workers.")
    finally:
        client.delete("bulk")


def test_a_slow_broker(deployment: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(doctor, "SLOW_PING_MILLISECONDS", 0.0)
    assert said("redis")[0] is Health.WARNING


# Stripe


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"STRIPE_SECRET_KEY": "sk_live_" + "a" * 24}, "STRIPE_SECRET_KEY is a live key, but BILLING_MODE is test"),
        ({"BILLING_LIVEMODE": True}, "STRIPE_SECRET_KEY is a test key, but BILLING_MODE is live"),
        ({"STRIPE_SECRET_KEY": ""}, "STRIPE_SECRET_KEY is not set"),
        ({"STRIPE_WEBHOOK_SECRET": ""}, "STRIPE_WEBHOOK_SECRET is not set"),
        ({"STRIPE_TIMEOUT_SECONDS": 1000.0}, "STRIPE_TIMEOUT_SECONDS is too long"),
    ],
)
def test_keys_that_do_not_fit(deployment: str, settings: Any, changed: dict[str, Any], says: str) -> None:
    for name, value in changed.items():
        setattr(settings, name, value)
    health, found, mend = said("stripe")
    assert (health, found.startswith(says), bool(mend)) == (Health.FAILED, True, True)


def test_stripe_is_away(deployment: str, settings: Any) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:1"
    health, _, mend = said("stripe")
    assert (health, mend) == (Health.FAILED, "Check STRIPE_API_BASE (127.0.0.1:1) and the network.")


def test_a_key_that_stripe_refuses(deployment: str, settings: Any) -> None:
    settings.STRIPE_SECRET_KEY = "sk_nonsense"
    settings.BILLING_LIVEMODE = False
    assert said("stripe")[0] is Health.FAILED


def test_webhooks_that_cannot_be_verified(deployment: str, settings: Any) -> None:
    WebhookEndpoint.objects.update(secret="whsec_other")
    mend = "Run `python manage.py connect_stripe`."
    kept = "No webhook can be verified: the secret that is kept is not STRIPE_WEBHOOK_SECRET"
    assert said("stripe") == (Health.FAILED, kept, mend)
    WebhookEndpoint.objects.all().delete()
    assert said("stripe") == (Health.FAILED, "No webhook can be verified: no secret is kept", mend)


def test_webhooks_that_go_elsewhere(deployment: str, settings: Any) -> None:
    settings.STRIPE_WEBHOOK_UUID = "01980000-0000-7000-8000-00000000ffff"
    call_command("connect_stripe")
    health, says, mend = said("stripe")
    assert (health, says) == (Health.WARNING, "Stripe sends its webhooks elsewhere")
    assert "/stripe/webhook/01980000-0000-7000-8000-00000000ffff" in mend


# Migrations


def test_a_pending_migration(deployment: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'subscriptions' AND name = '0002_runs_and_changes'")
    health, says, mend = said("migrations")
    assert (health, mend) == (Health.FAILED, "Run `python manage.py prepare`.")
    assert says.startswith("1 pending: subscriptions.0002_runs_and_changes")


def test_a_migration_from_the_future(deployment: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('invoices', '9999_new', now())")
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('removed', '0001_initial', now())")
    health, says, mend = said("migrations")
    assert (health, says) == (Health.FAILED, "1 unknown: invoices.9999_new")
    assert "deploy the version" in mend


# Clocks and beat


@pytest.mark.parametrize("name", [signs.BEAT, signs.WORKER])
def test_nobody_ticks(deployment: str, name: str) -> None:
    client = signs._client(doctor.settings.REDIS_URL)
    client.set(signs._key(name), time.time() - 3600)
    health, says, mend = said("clocks and beat")
    assert (health, says.startswith(f"{name} gave no sign of life for 360")) == (Health.FAILED, True)
    assert mend.startswith(f"Start {name}")
    client.delete(signs._key(name))
    assert said("clocks and beat")[1] == f"{name} gave no sign of life for a week"


@pytest.mark.parametrize(("seconds", "health"), [(20, Health.WARNING), (3600, Health.FAILED), (-3600, Health.FAILED)])
def test_clocks_that_differ(deployment: str, seconds: int, health: Health) -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=seconds), tick=True):
        signs._left.clear()
        signs.leave(signs.BEAT)
        signs.leave(signs.WORKER)
        found, says, mend = said("clocks and beat")
    assert (found, mend) == (health, "Run NTP on both machines.")
    assert says.startswith("our clock and the database's are")


def test_test_clocks_that_are_stuck(deployment: str) -> None:
    failed = make_clock(name="broken", frozen_time=datetime(2026, 1, 1, tzinfo=UTC), actor=system("tests"))
    stuck = make_clock(name="slow", frozen_time=datetime(2026, 1, 1, tzinfo=UTC), actor=system("tests"))
    moving = make_clock(name="moving", frozen_time=datetime(2026, 1, 1, tzinfo=UTC), actor=system("tests"))
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    TestClock.objects.filter(pk=failed.pk).update(status="ADVANCING")
    TestClock.objects.filter(pk=failed.pk).update(status="FAILED")
    TestClock.objects.filter(pk=stuck.pk).update(status="ADVANCING", updated_at=hour_ago)
    TestClock.objects.filter(pk=moving.pk).update(status="ADVANCING", updated_at=datetime.now(UTC))
    found = report("clocks and beat")
    assert found.health is Health.WARNING
    assert [finding.says for finding in found.findings if finding.health is Health.WARNING] == [
        "the test clock 'broken' failed to advance",
        "the test clock 'slow' has not moved for 5 minutes",
    ]


# Signs of life


def test_a_sign_that_cannot_be_left_is_lost(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    signs._left.clear()
    signs.leave(signs.BEAT)  # beat goes on


def test_many_signs_a_second_are_one(settings: Any) -> None:
    client = signs._client(settings.REDIS_URL)
    client.delete(signs._key(signs.BEAT))
    signs.leave(signs.BEAT)
    assert signs.age(signs.BEAT) is None
    signs._left.clear()
    signs.leave(signs.BEAT)
    age = signs.age(signs.BEAT)
    assert age is not None
    assert 0 <= age < 5


def test_the_worst_is_shown_first() -> None:
    found = Report(
        "redis", [doctor.well("fine"), doctor.failed("gone", "Start it."), doctor.warning("slow", "Move it.")]
    )
    assert lines(found) == [
        "FAILED    redis            gone",
        "                             -> Start it.",
        "warning                    slow",
        "                             -> Move it.",
        "ok                         fine",
    ]
