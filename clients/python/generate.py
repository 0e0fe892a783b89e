"""Write `billing_client/resources.py` and `models.py` from docs/openapi.json: `python clients/python/generate.py`.

With `--check` nothing is written: exit 1 if what is there is not what would be written. Needs the standard library
only, so that whoever changes the API can run it.
"""

import argparse
import json
import keyword
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
DOCUMENT = HERE.parents[1] / "docs" / "openapi.json"
HEAD = '"""Generated from docs/openapi.json by clients/python/generate.py: change that, not this."""\n\n'
VERBS = {"list": "list", "create": "create", "retrieve": "get", "partial_update": "update", "update": "set",
         "destroy": "delete"}  # fmt: skip
PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
KINDS = ((True, "", "Sends"), (False, "Async", "AsyncSends"))
"""Whether it blocks, how its classes begin, and what sends for it."""
OPTIONS = ("idempotency_key: str | None = None", "if_match: str | None = None", "wait: int | None = None")


class Types:
    """Names and texts of the types of the document's schemas."""

    def __init__(self, schemas: dict[str, Any]) -> None:
        self.schemas = schemas

    def of(self, schema: Any) -> str:
        """A schema as a type."""
        if not isinstance(schema, dict):
            return "Any"
        if "$ref" in schema:
            return str(schema["$ref"].rsplit("/", 1)[1])
        for name in ("oneOf", "anyOf", "allOf"):
            if name in schema:
                return " | ".join(dict.fromkeys(self.of(each) for each in schema[name]))
        if "const" in schema:
            return f"Literal[{schema['const']!r}]"
        if "enum" in schema:
            return f"Literal[{', '.join(repr(each) for each in schema['enum'])}]"
        kinds = schema.get("type")
        if isinstance(kinds, list):
            return " | ".join(self.of({**schema, "type": each}) for each in kinds)
        if kinds == "array":
            return f"list[{self.of(schema.get('items', {}))}]"
        if kinds == "object" or "properties" in schema:
            inner = schema.get("additionalProperties", {})
            return f"dict[str, {self.of(inner) if isinstance(inner, dict) and inner else 'Any'}]"
        return PLAIN.get(kinds or "", "Any")

    def text(self) -> str:
        """The module of all of them."""
        parts = [
            HEAD,
            "from __future__ import annotations\n\n",
            "from typing import Any, Literal, NotRequired, TypedDict\n",
        ]
        for name, schema in sorted(self.schemas.items()):
            parts.append(self._declared(name, schema))
        return "\n\n".join(part.strip("\n") for part in parts) + "\n"

    def _declared(self, name: str, schema: dict[str, Any]) -> str:
        if "properties" not in schema or any(
            not each.isidentifier() or keyword.iskeyword(each) for each in schema["properties"]
        ):
            return f"{name} = {_quoted(self.of(schema))}"
        required = set(schema.get("required", ()))
        said = _said(schema.get("description", ""), 4)
        lines = [f"class {name}(TypedDict):", said] if said else [f"class {name}(TypedDict):"]
        for member, each in schema["properties"].items():
            kind = self.of(each)
            lines.append(f"    {member}: {kind if member in required else f'NotRequired[{kind}]'}")
        return "\n".join(lines) if schema["properties"] else "\n".join([*lines, "    pass"])


def operations(document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Resource -> its operations, each with name, method, path."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for path, methods in sorted(document["paths"].items()):
        if not path.startswith("/v1/"):
            continue
        for method, operation in methods.items():
            resource = path.split("/")[2].replace("-", "_")
            name = _name(operation["operationId"].removeprefix(f"{resource}_"), path, method, document)
            found[resource].append({"name": name, "method": method.upper(), "path": path, **operation})
    return found


def _name(rest: str, path: str, method: str, document: dict[str, Any]) -> str:
    """accounts_payment_methods_list -> list_payment_methods; subscriptions_cancel_create -> cancel."""
    ending = next(
        (each for each in sorted(VERBS, key=len, reverse=True) if rest == each or rest.endswith(f"_{each}")), ""
    )
    if not ending:
        return rest
    what = rest[: -len(ending)].strip("_")
    if not what:
        return VERBS[ending]
    if ending == "create" and "get" not in document["paths"][path]:
        return what
    return f"{VERBS[ending]}_{what}"


def resources(document: dict[str, Any], types: Types) -> dict[str, str]:
    """The modules of the methods, one for each resource, blocking and not; and all of them in one."""
    made, every = {}, sorted(operations(document).items())
    for resource, each in every:
        used: set[str] = set()
        bodies = []
        for blocking, kind, sends in KINDS:
            methods = "\n".join(_method(one, types, used, blocking) for one in each)
            # A method `list` would hide the type of that name from whatever stands beside it.
            methods = re.sub(r"\blist\[", "List[", methods)
            bodies.append(
                f"class {kind}{_class(resource)}:\n    def __init__(self, client: {sends}) -> None:\n"
                f"        self._client = client\n\n{methods}"
            )
        made[f"resources/{resource}.py"] = _module("\n\n".join(bodies), used)
    imports = "".join(
        f"from billing_client.resources.{resource} import {', '.join(sorted(kind + _class(resource) for _, kind, _ in KINDS))}\n"
        for resource, _ in every
    )
    collected = [
        f'class {kind}Resources:\n    """All that the API has, by resource."""\n\n    def __init__(self, client: {sends}) -> None:\n'
        + "".join(f"        self.{resource} = {kind}{_class(resource)}(client)\n" for resource, _ in every)
        for _, kind, sends in KINDS
    ]
    made["resources/__init__.py"] = (
        f"{HEAD}{imports}from billing_client.transport import AsyncSends, Sends\n\n\n" + "\n\n".join(collected)
    )
    return made


def _module(text: str, used: set[str]) -> str:
    """One resource's module, with the imports that it needs."""
    abstract = [name for name in ("AsyncIterator", "Iterator") if re.search(rf"\b{name}\b", text)]
    typing = [name for name in ("Any", "List", "Literal") if re.search(rf"\b{name}\b", text)]
    lines = [f"from collections.abc import {', '.join(abstract)}\n"] if abstract else []
    lines += [f"from typing import {', '.join(typing)}\n"] if typing else []
    models = "".join(f"    {name},\n" for name in sorted(used))
    lines += ["\n"] if lines else []
    lines += [f"from billing_client.models import (\n{models})\n"] if used else []
    lines += ["from billing_client.transport import AsyncSends, Sends, prepared\n"]
    return f"{HEAD}from __future__ import annotations\n\n{''.join(lines)}\n\n{text}"


def _method(one: dict[str, Any], types: Types, used: set[str], blocking: bool) -> str:
    ids = re.findall(r"{(\w+)}", one["path"])
    query = [each for each in one.get("parameters", ()) if each.get("in") == "query" and each["name"].isidentifier()]
    answer, body = _answer(one, types), _body(one, types)
    used.update(_named(f"{answer} {body or ''}", types))
    takes = [f"{each}: str" for each in ids]
    if body:
        takes.append(f"body: {body}" if one["requestBody"].get("required") else f"body: {body} | None = None")
    options = [f"{_python(each['name'])}: {types.of(each['schema'])} | None = None" for each in query]
    options += OPTIONS if one["method"] != "GET" else ()
    signature = ", ".join(["self", *takes, *(["*", *options] if options else [])])
    path = re.sub(r"{(\w+)}", r"{\1}", one["path"])
    given = [repr(one["method"]), f'f"{path}"' if ids else repr(path)]
    if query:
        given.append("query={" + ", ".join(f'"{each["name"]}": {_python(each["name"])}' for each in query) + "}")
    given += ["body=body"] if body else []
    given += [f"{each.split(':')[0]}={each.split(':')[0]}" for each in OPTIONS] if one["method"] != "GET" else []
    said = _said(one.get("summary") or one.get("description", ""), 8)
    sends = "self._client.send(prepared(" + ", ".join(given) + "))"
    start, wait = ("def", "") if blocking else ("async def", "await ")
    text = f"    {start} {one['name']}({signature}) -> {answer}:\n"
    text += f"{said}\n" if said else ""
    text += f"        return {wait}{sends}" + ("  # type: ignore[no-any-return]\n" if answer != "None" else "\n")
    return text + (_all(one, types, used, ids, options, blocking) if answer.startswith("Paginated") else "")


def _all(one: dict[str, Any], types: Types, used: set[str], ids: list[str], options: list[str], blocking: bool) -> str:
    """A walk over all pages of a list."""
    member = types.of(types.schemas[_answer(one, types)]["properties"]["data"]["items"])
    used.update(_named(member, types))
    name = "all" if one["name"] == "list" else one["name"].replace("list_", "all_", 1)
    if name == one["name"]:
        name = f"all_{name}"
    kept = [each for each in options if not each.startswith("cursor:")]
    signature = ", ".join(["self", *(f"{each}: str" for each in ids), *(["*", *kept] if kept else [])])
    passed = ", ".join([*ids, *(f"{each.split(':')[0]}={each.split(':')[0]}" for each in kept), "cursor=cursor"])
    start, wait, kind = ("def", "", "Iterator") if blocking else ("async def", "await ", "AsyncIterator")
    loop = (
        "            yield from page[\"data\"]\n" if blocking
        else "            for each in page[\"data\"]:\n                yield each\n"
    )  # fmt: skip
    return (
        f'\n    {start} {name}({signature}) -> {kind}[{member}]:\n        """All of them, page by page."""\n'
        f"        cursor: str | None = None\n        while True:\n            page = {wait}self.{one['name']}({passed})\n"
        f'{loop}            cursor = page["next_cursor"]\n            if cursor is None:\n                return\n'
    )


def _answer(one: dict[str, Any], types: Types) -> str:
    for status, response in one["responses"].items():
        if status.startswith("2"):
            kinds = response.get("content", {})
            if "application/json" in kinds:
                document = types.of(kinds["application/json"]["schema"])
                # Another format may be asked for, and comes as it is.
                return document if len(kinds) == 1 else f"{document} | bytes"
            return "bytes" if kinds else "None"
    return "None"


def _body(one: dict[str, Any], types: Types) -> str | None:
    kinds = one.get("requestBody", {}).get("content", {})
    return types.of(kinds["application/json"]["schema"]) if "application/json" in kinds else None


def _named(text: str, types: Types) -> set[str]:
    return {name for name in re.findall(r"\w+", text) if name in types.schemas}


def _python(name: str) -> str:
    """A parameter's name as Python takes it: `from_`."""
    return f"{name}_" if keyword.iskeyword(name) else name


def _class(resource: str) -> str:
    return "".join(part.capitalize() for part in resource.split("_"))


def _quoted(kind: str) -> str:
    """As a value: what is declared further down is named by a string."""
    return kind if re.fullmatch(r"Any|Literal\[.*\]|(list|dict)\[(str, )?Any\]", kind) else repr(kind)


def _said(text: str, indent: int) -> str:
    first = text.strip().split("\n\n")[0].split(". ")[0].replace("\n", " ").replace("\\", "").replace('"', "'").strip()
    return f'{" " * indent}"""{first.rstrip(".")[:100]}."""' if first else ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    document = json.loads(DOCUMENT.read_text())
    types = Types(document["components"]["schemas"])
    made = {"models.py": types.text(), **resources(document, types)}
    package = HERE / "billing_client"
    stale = [name for name, text in made.items() if not _same(package / name, text)]
    gone = [each for each in (package / "resources").glob("*.py") if f"resources/{each.name}" not in made]
    stale += [f"resources/{each.name}" for each in gone]
    if check and stale:
        print(f"not as docs/openapi.json says: {', '.join(stale)}; run clients/python/generate.py", file=sys.stderr)
        return 1
    (package / "resources").mkdir(exist_ok=True)
    for name in made:
        (package / name).write_text(made[name])
    for each in gone:
        each.unlink()
    return 0


def _same(path: Path, text: str) -> bool:
    return path.exists() and path.read_text() == text


if __name__ == "__main__":
    raise SystemExit(main())
