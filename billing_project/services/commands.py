"""`python manage.py services <verb>`: the services of one DATA folder by hand, before Django loads."""

import argparse
import json
import os
import shutil
import signal
import sys
from pathlib import Path

from billing_project.services.attach import CHECKOUT, ensure, refuse_running, start, supervisor_command, tell
from billing_project.services.children import end, free_port, is_alive
from billing_project.services.environment import current, missing_services
from billing_project.services.errors import ServiceError
from billing_project.services.folder import Folder, locked
from billing_project.services.fresh import prepare_and_keep, start_afresh
from billing_project.services.postgresql import outside_cluster
from billing_project.services.processes import Stack, refuse_busy_port


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def run_services(arguments: list[str]) -> int:
    for name, value in current().items():
        os.environ.setdefault(name, value)
    parser = argparse.ArgumentParser(prog="manage.py services", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    data = argparse.ArgumentParser(add_help=False)
    data.add_argument("--data", type=Path, default=Path(os.environ.get("DATA") or CHECKOUT / ".data"))
    run = verbs.add_parser("run", parents=[data], help="start the services and leave them running until `stop`")
    run.add_argument("--no-fsync", action="store_true", help="faster, loses data in a power cut: for tests alone")
    serve = verbs.add_parser("serve", parents=[data], help="everything: services, web, worker and beat, until Ctrl-C")
    serve.add_argument("--port", default="18080")
    serve.add_argument("--any-port", action="store_true", help="take a free port when the given one is busy")
    serve.add_argument(
        "--detach", action="store_true", help="return once it is ready, and leave it running until `stop`"
    )
    verbs.add_parser("status", parents=[data], help="what runs, as JSON")
    verbs.add_parser("prepare", parents=[data], help="bring the tables up to date")
    verbs.add_parser("fresh", parents=[data], help="stop everything, and empty the tables and the sandbox")
    verbs.add_parser("clean", parents=[data], help="stop everything on this DATA folder and delete it")
    verbs.add_parser("stop", parents=[data], help="end everything that runs on this DATA folder")
    options = parser.parse_args(arguments)
    folder = Folder(options.data.expanduser().absolute())
    if options.verb == "run":
        return run_in_background(folder, durable=not options.no_fsync)
    if options.verb == "serve":
        port = port_number(options.port)
        return serve_all(folder, free_port(port) if options.any_port else port, detach=options.detach)
    return {"status": status, "stop": stop, "prepare": prepare, "fresh": fresh, "clean": clean}[options.verb](folder)


def port_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise ServiceError("port_invalid", f"{text!r} is no port", "say one from 1 to 65535: make serve PORT=18080")
    return int(text)


def prepare(folder: Folder) -> int:
    """In the foreground, with whatever services that takes."""
    ours = "postgresql" in missing_services(current())
    os.environ.update(ensure(folder.root, show=tell))
    stack = Stack(folder, 0, os.environ)
    if ours:
        prepare_and_keep(stack, say)
    else:
        stack.prepare(say)
    return 0


def fresh(folder: Folder) -> int:
    """For the demo. A database that a variable names is somebody's: it is refused, not emptied."""
    if "postgresql" not in missing_services(current()):
        raise ServiceError(
            "database_is_yours",
            "DATABASE_URL names a database of your own, and the demo begins with empty tables",
            "run the demo without DATABASE_URL: it brings a PostgreSQL of its own",
        )
    folder.make()
    if folder.read_record():
        stop(folder)
    shutil.rmtree(folder.sandbox, ignore_errors=True)
    os.environ.update(ensure(folder.root, show=tell))
    start_afresh(Stack(folder, 0, os.environ), say)
    return 0


def clean(folder: Folder) -> int:
    """DATA and any DATA kept below it, such as the tests' own. Refuses a folder that is no DATA folder."""
    if folder.root.exists() and folder.root != CHECKOUT / ".data" and not folder.secrets.exists():
        raise ServiceError(
            "not_a_data_folder",
            f"{folder.root} holds no secrets.json, so nothing of ours was ever kept there: it is not deleted",
            "say which folder: make clean DATA=<folder>",
        )
    for each in (folder, *(Folder(secrets.parent) for secrets in folder.root.glob("*/secrets.json"))):
        if each.read_record():
            stop(each)
        outside = outside_cluster(each)
        if outside is not None:
            shutil.rmtree(outside, ignore_errors=True)
    shutil.rmtree(folder.root, ignore_errors=True)
    if folder.root.exists():
        raise ServiceError(
            "data_not_writable", f"{folder.root} could not be deleted", "run it as the user who owns what is left there"
        )
    say(f"deleted {folder.root}")
    return 0


def run_in_background(folder: Folder, *, durable: bool) -> int:
    folder.make()
    with locked(folder.root / "start.lock", exclusive=True):
        refuse_running(folder)
        start(folder, missing_services(current()), durable=durable, options=("--keep",))
    say(f"services of {folder.root} run; stop them with: make stop DATA={folder.root}")
    return 0


def serve_all(folder: Folder, port: int, *, detach: bool) -> int:
    refuse_busy_port(port)
    folder.make()
    wanted, extra = missing_services(current()), ("--keep", "--serve", "--port", str(port))
    with locked(folder.root / "start.lock", exclusive=True):
        refuse_running(folder)
        if detach:
            start(folder, wanted, durable=True, options=extra, show=say)
            return 0
    # In place of this process, so that one Ctrl-C or SIGTERM reaches the supervisor itself.
    os.chdir(CHECKOUT)
    command = supervisor_command(folder, wanted, durable=True, options=extra)
    os.execv(command[0], command)  # noqa: S606
    return 1  # never reached


def status(folder: Folder) -> int:
    record = folder.read_record()
    running = bool(record) and is_alive(record["supervisor"])
    children = record.get("children", {})
    say(
        json.dumps(
            {
                "data": str(folder.root),
                "running": running,
                "ready": running and record["ready"],
                "durable": record.get("durable"),
                "url": record.get("url") or None,
                "processes": {name: child | {"alive": is_alive(child)} for name, child in children.items()},
            },
            indent=2,
        )
    )
    return 0 if running else 3


def stop(folder: Folder) -> int:
    """By recorded pid and start time, so that nobody else's process can be hit."""
    record = folder.read_record()
    if not record:
        say(f"nothing runs on {folder.root}")
        return 0
    end(record["supervisor"], patience=90)
    # Only a killed supervisor leaves any of these behind.
    for name, child in reversed(list(folder.read_record().get("children", record["children"]).items())):
        if child:
            end(child, how=signal.SIGINT if name == "postgresql" else signal.SIGTERM)
    folder.record.unlink(missing_ok=True)
    say(f"stopped what ran on {folder.root}")
    return 0
