"""manage.py catalog: the plans as one file, applied with its difference shown, or written."""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.kernel import clock
from apps.kernel.actors import system
from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.plans import actions, loading
from apps.plans.catalogue import Difference, Fate, written

SIGNS = {Fate.NEW: "+", Fate.CHANGED: "~", Fate.UNCHANGED: "=", Fate.LEFT_ALONE: "."}
BAD_FILE = 2
AMOUNT = re.compile(r"(?:^prices|^commitment|\.prices)\.([A-Z]{3})(?:\.minimum|\.maximum)?$")
"""Members whose value is an amount of the currency that their name tells."""


class Command(BaseCommand):
    help = "Apply a catalogue of plans (YAML or JSON) or write the one there is. Ends with 2 if the file is bad."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, parser_class=type(parser))
        apply = verbs.add_parser("apply", help="make the plans what FILE says; shows what changes")
        apply.add_argument("file", metavar="FILE", help="its suffix says the format; - reads YAML from stdin")
        apply.add_argument("--dry-run", action="store_true", help="show what would change and write nothing")
        export = verbs.add_parser("export", help="write all plans as a file that apply takes")
        export.add_argument("file", metavar="FILE", nargs="?", default="-", help="without it, YAML on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        {"apply": self._apply, "export": self._export}[options["verb"]](options)

    def _apply(self, options: dict[str, Any]) -> None:
        name, dry = options["file"], options["dry_run"]
        raw = _guarded(name, lambda: _read(name), bad_file=True)
        plans = _guarded(name, lambda: loading.read(raw, json_format=_is_json(name)), bad_file=True)
        if dry:
            differences = actions.preview(plans)
        else:
            differences = _guarded(
                name, lambda: actions.apply(documents=plans, at=clock.wall(), actor=system("catalog")), bad_file=False
            )
        for line in lines(differences, dry=dry):
            self.stdout.write(line)

    def _export(self, options: dict[str, Any]) -> None:
        name = options["file"]
        plans = [written(plan) for plan in actions.catalogue().values()]
        text = loading.write(plans, json_format=_is_json(name))
        if name == "-":
            self.stdout.write(text, ending="")
            return
        _guarded(name, lambda: Path(name).write_text(text, encoding="utf-8"), bad_file=False)
        self.stdout.write(f"{len(plans)} plans written to {name}")


def lines(differences: Sequence[Difference], *, dry: bool) -> Iterator[str]:
    """The difference for the eye: a line a plan, below it every value that changes, at the end the sum."""
    width = max((len(found.key) for found in differences), default=0)
    for found in differences:
        yield f"{SIGNS[found.fate]} {found.key:{width}}  {_fate(found)}"
        for name, (old, new) in found.fields.items():
            yield f"      {name}: {_value(name, old)} -> {_value(name, new)}"
    counts = {fate: sum(found.fate is fate for found in differences) for fate in Fate}
    if not counts[Fate.NEW] and not counts[Fate.CHANGED]:
        yield f"no changes: {counts[Fate.UNCHANGED]} plans are as the file says"
        return
    would = "would be " if dry else ""
    yield (
        f"{counts[Fate.NEW]} {would}created, {counts[Fate.CHANGED]} {would}changed, {counts[Fate.UNCHANGED]} unchanged"
        + ("; nothing was written" if dry else "")
    )


def _fate(found: Difference) -> str:
    if found.new_version:
        return f"version {found.version} -> {found.version + 1}; existing subscriptions stay on theirs"
    return str(found.fate)


def _value(name: str, value: Any) -> str:
    if value is None:
        return "(none)"
    if found := AMOUNT.search(name):
        return str(Money(value, found[1]))
    return repr(value) if isinstance(value, str) else str(value)


def _is_json(name: str) -> bool:
    """What the suffix says; JSON is taken as YAML too, so stdin needs no word about it."""
    suffix = Path(name).suffix.lower()
    if name != "-" and suffix not in (".json", ".yaml", ".yml"):
        raise CommandError(
            f"{name}: which format is this?\n  hint: name the file .yaml, .yml or .json", returncode=BAD_FILE
        )
    return suffix == ".json"


def _read(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read(loading.MAX_BYTES + 1)
    with Path(name).open("rb") as handle:
        return handle.read(loading.MAX_BYTES + 1)


def _guarded(name: str, run: Callable[[], Any], *, bad_file: bool) -> Any:
    """What `run` returns; a refusal with all its faults is how the command ends."""
    code = BAD_FILE if bad_file else 1
    try:
        return run()
    except OSError as error:
        raise CommandError(f"{name}: {error.strerror}\n  hint: check the path", returncode=code) from error
    except DomainError as error:
        faults = "".join(f"\n  {each.pointer or '/'}: {each.detail} ({each.code})" for each in error.errors)
        raise CommandError(f"{name}: {error.detail}{faults}\n  hint: {error.hint}", returncode=code) from error
