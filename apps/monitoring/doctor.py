"""What is wrong with this deployment and how to mend it: five checks at once, each given two seconds."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.core.checks import ERROR, CheckMessage
from django.db import ProgrammingError, connection, connections, transaction
from django.db.migrations.loader import MigrationLoader
from health_check.base import HealthCheck

from apps.clocks.models import TestClock
from apps.clocks.rules import Status as ClockStatus
from apps.kernel import clock
from apps.monitoring import probes, readings, signs
from apps.payments import connection as stripe_connection

PATIENCE = 2.0
OLDEST_POSTGRESQL = 150000
EXTENSIONS = ("btree_gist", "pg_trgm")
SLOW_PING_MILLISECONDS = 250.0
LONG_QUEUE = 10_000
SKEW, TOO_MUCH_SKEW = 2.0, 60.0
ALIVE_WITHIN = {signs.BEAT: 15.0, signs.WORKER: 30.0}
STUCK_AFTER = timedelta(minutes=5)


class Health(StrEnum):
    """How it stands, best first."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Finding:
    """One thing seen; `mend` says what to do about it, empty when it is well."""

    health: Health
    says: str
    mend: str = ""


@dataclass
class Report:
    """What one check found."""

    check: str
    findings: list[Finding] = field(default_factory=list)
    milliseconds: int = 0

    @property
    def health(self) -> Health:
        order = list(Health)
        return max((finding.health for finding in self.findings), key=order.index, default=Health.OK)


Check = Callable[[], Iterable[Finding]]


def well(says: str) -> Finding:
    return Finding(Health.OK, says)


def warning(says: str, mend: str) -> Finding:
    return Finding(Health.WARNING, says, mend)


def failed(says: str, mend: str) -> Finding:
    return Finding(Health.FAILED, says, mend)


def serious(says: str, mend: str) -> Finding:
    """What a test deployment may do and a live one must not."""
    return Finding(Health.FAILED if settings.BILLING_LIVEMODE else Health.WARNING, says, mend)


def examine(checks: Mapping[str, Check] | None = None) -> list[Report]:
    """All five, or these, at the same time; one that hangs is given up after two seconds and says so."""
    started = clock.monotonic()
    running = [(Report(name), threading.Event(), check) for name, check in (checks or CHECKS).items()]
    for report, done, check in running:
        threading.Thread(target=_run, args=(report, done, check), daemon=True).start()
    reports = []
    for report, done, _ in running:
        if done.wait(max(0.0, started + PATIENCE - clock.monotonic())):
            reports.append(report)
        else:
            said = failed(
                f"no answer within {PATIENCE:.0f} s", f"Is something between us and it? {where(report.check)}"
            )
            reports.append(Report(report.check, [*report.findings, said], round(PATIENCE * 1000)))
    return reports


def _run(report: Report, done: threading.Event, check: Check) -> None:
    started = clock.monotonic()
    try:
        report.findings.extend(check())
    except ProgrammingError:
        report.findings.append(failed("its tables are not there", "Run `python manage.py prepare`."))
    except Exception as error:  # noqa: BLE001 - whatever it is, that thing cannot be used
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        report.findings.append(failed(f"cannot be used: {reason}", where(report.check)))
    finally:
        report.milliseconds = round((clock.monotonic() - started) * 1000)
        connections.close_all()
        done.set()


def where(check: str) -> str:
    """Where a check goes, without passwords."""
    return {
        "redis": f"Check REDIS_URL ({place(settings.REDIS_URL)}), and that the server runs there.",
        "stripe": f"Check STRIPE_API_BASE ({place(settings.STRIPE_API_BASE)}) and the network.",
    }.get(check, "Check DATABASE_URL ({HOST}:{PORT}), and that the server runs there.".format_map(_database()))


def place(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


def _database() -> dict[str, object]:
    return {"HOST": "", "PORT": "", **settings.DATABASES["default"]}


def _probe(check: HealthCheck) -> float:
    """What /health/ready asks too; milliseconds until it answered."""
    started = clock.monotonic()
    asyncio.run(probes.answer(check))
    return (clock.monotonic() - started) * 1000


def _ask(query: str) -> tuple[object, ...]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(round(PATIENCE * 1000))])
        cursor.execute(query)
        return tuple(cursor.fetchone())


# The five


def database() -> Iterable[Finding]:
    """Reachable, new enough, synced to disk, with our extensions, by a role that cannot switch triggers off."""
    milliseconds = _probe(probes.Database())
    role, superuser, owns, version, number, extensions = _ask(
        """SELECT current_user, r.rolsuper,
                  EXISTS (SELECT FROM pg_class c WHERE c.relkind IN ('r', 'p')
                          AND c.relnamespace = 'public'::regnamespace AND pg_has_role(r.oid, c.relowner, 'USAGE')),
                  current_setting('server_version'), current_setting('server_version_num')::int,
                  (SELECT string_agg(extname, ' ') FROM pg_extension)
           FROM pg_roles r WHERE r.rolname = current_user"""
    )
    yield well(f"PostgreSQL {str(version).split()[0]} answers as {role} in {milliseconds:.0f} ms")
    if int(str(number)) < OLDEST_POSTGRESQL:
        yield failed(f"PostgreSQL {version} is too old", "Use 15 or newer.")
    if superuser:
        yield serious(f"{role} is a superuser: nothing refuses it", "Let DATABASE_URL name a role that is none.")
    elif owns:
        mend = "Let DATABASE_URL name another role and DATABASE_OWNER_URL this one, then run `manage.py grant`."
        yield serious(f"{role} owns the tables and so can switch their triggers off", mend)
    missing = [name for name in EXTENSIONS if name not in str(extensions)]
    if missing:
        yield failed(f"{' and '.join(missing)} missing", f"As the owner: CREATE EXTENSION {missing[0]}.")
    if not _is_synced():
        yield serious("commits are not synced to disk: a power cut loses money", "Set fsync and synchronous_commit on.")


def _is_synced() -> bool:
    (synced,) = _ask("SELECT current_setting('fsync')::bool AND current_setting('synchronous_commit') <> 'off'")
    return bool(synced)


def broker() -> Iterable[Finding]:
    """Reachable, fast, keeps what it is given, and its queues are worked off."""
    milliseconds = _probe(probes.broker())
    with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as client:
        server, memory = client.info("server"), client.info("memory")
    name = "Valkey" if "valkey_version" in server else "Redis"
    version = server.get("valkey_version") or server.get("redis_version")
    yield well(f"{name} {version} answers in {milliseconds:.0f} ms")
    if milliseconds > SLOW_PING_MILLISECONDS:
        yield warning(f"a ping takes {milliseconds:.0f} ms", "Doorbells and limits wait for it: bring it closer.")
    if memory.get("maxmemory_policy", "noeviction") != "noeviction":
        mend = "Set maxmemory-policy noeviction: a doorbell that is thrown away delays work until the next sweep."
        yield warning(f"it forgets keys when memory is short ({memory['maxmemory_policy']})", mend)
    for labels, depth in readings.queue_depth():
        if depth > LONG_QUEUE:
            yield warning(f"{depth:.0f} tasks wait in the queue {labels[0]}", "Start more workers.")


def stripe() -> Iterable[Finding]:
    """Keys that fit the mode and are accepted, and webhooks that reach us."""
    faults = stripe_connection.configuration_faults()
    yield from map(_from_django, faults)
    if any(fault.level >= ERROR for fault in faults):
        return
    milliseconds = _probe(probes.Stripe())
    found = stripe_connection.webhook_faults()
    if not any(fault.id == "payments.E007" for fault in found):
        mode = "live" if settings.BILLING_LIVEMODE else "test"
        yield well(f"{place(settings.STRIPE_API_BASE)} accepts our {mode} key, answers in {milliseconds:.0f} ms")
    yield from map(_from_django, found)


def _from_django(message: CheckMessage) -> Finding:
    health = Health.FAILED if message.level >= ERROR else Health.WARNING
    return Finding(health, str(message.msg).rstrip("."), str(message.hint or ""))


def migrations() -> Iterable[Finding]:
    """The tables are those of this code: none missing, none from the future."""
    loader = MigrationLoader(connection)
    known, applied = set(loader.disk_migrations or ()), set(loader.applied_migrations or ())
    replaced = {each for key in known for each in loader.disk_migrations[key].replaces}
    # Of several that a squashed one replaces, either side may be there.
    pending = sorted(key for key in loader.graph.nodes if key not in applied)
    unknown = sorted(key for key in applied - known - replaced if key[0] in loader.migrated_apps)
    if pending:
        yield failed(f"{len(pending)} pending: {_named(pending)}", "Run `python manage.py prepare`.")
    if unknown:
        mend = "The database is ahead of this code: deploy the version that made them."
        yield failed(f"{len(unknown)} unknown: {_named(unknown)}", mend)
    if not pending and not unknown:
        yield well(f"all {len(known)} are applied")


def _named(keys: list[tuple[str, str]]) -> str:
    return ", ".join(".".join(key) for key in keys[:3]) + (", ..." if len(keys) > 3 else "")


def clocks_and_beat() -> Iterable[Finding]:
    """Beat ticks, a worker lives, our clock is the database's, and no test clock is stuck."""
    for name, within in ALIVE_WITHIN.items():
        age = signs.age(name)
        if age is None or age > within:
            says = f"{name} gave no sign of life" + (" for a week" if age is None else f" for {age:.0f} s")
            yield failed(says, f"Start {name}: `make serve`, or see its log. Until then nothing is billed.")
        else:
            yield well(f"{name} was alive {age:.0f} s ago")
    before = clock.wall()
    theirs = _ask("SELECT extract(epoch FROM clock_timestamp())::float8")[0]
    ours = before.timestamp() + (clock.wall() - before).total_seconds() / 2
    skew = abs(ours - float(str(theirs)))
    if skew > SKEW:
        level = failed if skew > TOO_MUCH_SKEW else warning
        yield level(f"our clock and the database's are {skew:.0f} s apart", "Run NTP on both machines.")
    else:
        yield well(f"our clock and the database's are {skew:.1f} s apart")
    for frozen in TestClock.objects.filter(status=ClockStatus.FAILED).order_by("-pk")[:3]:
        mend = f"GET /v1/test-clocks/{frozen.pk} says why; advance it again once that is mended."
        yield warning(f"the test clock {frozen.name!r} failed to advance", mend)
    stuck = TestClock.objects.filter(status=ClockStatus.ADVANCING, updated_at__lt=before - STUCK_AFTER)
    for frozen in stuck.order_by("-pk")[:3]:
        mend = "Is a worker running? What it waits for is in the worker's log."
        yield warning(f"the test clock {frozen.name!r} has not moved for {STUCK_AFTER.seconds // 60} minutes", mend)


CHECKS: dict[str, Check] = {
    "database": database,
    "redis": broker,
    "stripe": stripe,
    "migrations": migrations,
    "clocks and beat": clocks_and_beat,
}
