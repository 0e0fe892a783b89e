"""The text of a catalogue: YAML or JSON in, plans out, or every fault at once. YAML means here what JSON can say.

Plans are checked by the very class that reads POST /v1/plans. Aliases, tags, dates and other inventions of YAML are
refused: `no` is a word, not false.
"""

import json
import math
import re
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import yaml

from apps.kernel.errors import Invalid, Malformed, TooLarge
from apps.plans.catalogue import repeated_keys
from apps.plans.inputs import PlanInput
from apps.rest import inputs, parsers

MAX_BYTES = 4 * 1024 * 1024
HINT = "Mend what `errors` points at and apply the file again; nothing was saved."


class CatalogueInput(inputs.Input):
    """The whole document."""

    plans = PlanInput(many=True)


def read(raw: bytes, *, json_format: bool) -> list[dict[str, Any]]:
    """The plans of a catalogue, validated one by one and against each other.

    Errors: file_too_large (413), malformed_json and malformed_yaml (400), catalogue_invalid, card_data_refused (422).
    """
    if len(raw) > MAX_BYTES:
        raise TooLarge("file_too_large", f"The file holds more than {MAX_BYTES} bytes.", hint="Split the catalogue.")
    document = parsers.decode(raw.removeprefix(b"\xef\xbb\xbf")) if json_format else _yaml(raw)
    parsers.check(document)
    listed = document.get("plans") if isinstance(document, Mapping) else None
    doubles = list(repeated_keys([each for each in _list(listed) if isinstance(each, Mapping)]))
    try:
        plans: list[dict[str, Any]] = inputs.parse(CatalogueInput, document)["plans"]
    except Invalid as error:
        raise _invalid([*error.errors, *doubles]) from error
    if doubles:
        raise _invalid(doubles)
    return plans


def write(plans: Sequence[Mapping[str, Any]], *, json_format: bool) -> str:
    """The file that says these plans."""
    document = {"plans": list(plans)}
    if json_format:
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    return yaml.dump(document, Dumper=_Writer, allow_unicode=True, sort_keys=False, width=120)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _invalid(problems: Sequence[Any]) -> Invalid:
    count = f"{len(problems)} faults" if len(problems) != 1 else "a fault"
    return Invalid("catalogue_invalid", f"The catalogue has {count}.", hint=HINT, errors=problems)


def _yaml(raw: bytes) -> Any:
    try:
        document = yaml.load(raw.decode("utf-8-sig"), Loader=_Reader)  # noqa: S506 - a SafeLoader with fewer types
    except UnicodeDecodeError as error:
        raise _malformed("The file is not UTF-8.") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f" at line {mark.line + 1} column {mark.column + 1}" if mark else ""
        raise _malformed(f"The file is not the YAML that is taken here: {error.problem}{place}.") from error
    except yaml.YAMLError as error:
        raise _malformed("The file holds characters that YAML cannot.") from error
    except RecursionError as error:
        raise _malformed("The file is nested too deep.") from error
    except ValueError as error:
        raise _malformed("A number has too many digits.") from error
    return {} if document is None else document


def _malformed(detail: str) -> Malformed:
    return Malformed("malformed_yaml", detail, hint="Write plain YAML in UTF-8: mappings, lists, text, numbers, true.")


class _Reader(yaml.SafeLoader):
    """YAML with the types of JSON alone."""

    yaml_implicit_resolvers: dict[str, Any] = {}
    yaml_constructors = {
        tag: construct
        for tag, construct in yaml.SafeLoader.yaml_constructors.items()
        if tag is None or tag.rpartition(":")[2] in ("str", "int", "float", "bool", "null", "seq", "map")
    }

    def compose_node(self, parent: Any, index: Any) -> Any:
        """One node; an alias could make a small file very large."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "an alias (*name) is not taken", self.peek_event().start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - PyYAML's
        """A mapping of text to anything, each key once."""
        seen: set[str] = set()
        for key, _ in node.value:
            if key.tag != "tag:yaml.org,2002:str":
                raise yaml.constructor.ConstructorError(None, None, "a key is not text: quote it", key.start_mark)
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, "a key stands twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)

    def construct_finite(self, node: Any) -> Any:
        """A number with a fraction, which JSON can write."""
        number = self.construct_yaml_float(node)
        if not math.isfinite(number):
            raise yaml.constructor.ConstructorError(None, None, "a number is too large", node.start_mark)
        return number


_Reader.add_constructor("tag:yaml.org,2002:float", _Reader.construct_finite)
_Reader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Reader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:null|~|)$"), ["n", "~", ""])
_Reader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?(?:0|[1-9][0-9]*)$"), list("-0123456789"))
_Reader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^-?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+][0-9]+)?$"), list("-0123456789")
)


class _Writer(yaml.SafeDumper):
    """Writes no alias, which the reader would refuse."""

    def ignore_aliases(self, data: Any) -> bool:
        """Always: what stands twice is written twice."""
        return True
