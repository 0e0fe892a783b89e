"""What a new OpenAPI document takes away from an older one: paths, methods, members, and what could be sent."""

from collections.abc import Iterator
from typing import Any


def breaks(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Each breach of docs/versioning.md, as where and what."""
    found: list[str] = []
    for path, methods in old["paths"].items():
        for method, operation in methods.items():
            now = new["paths"].get(path, {}).get(method)
            name = f"{method.upper()} {path}"
            found += [f"{name}: gone"] if now is None else _operation(name, operation, now)
    schemas, now_schemas = old["components"]["schemas"], new["components"]["schemas"]
    both = {**schemas, **now_schemas}
    words = {name for name, schema in both.items() if schema.get("type") == "string" or "enum" in schema}
    sent, shown = _used(old, "requestBody"), _used(old, "responses")
    for name, schema in schemas.items():
        if name not in now_schemas:
            found.append(f"{name}: gone")
            continue
        found += _members(name, schema, now_schemas[name], sent=name in sent, shown=name in shown, words=words)
    return found


def _operation(name: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    now = {each.get("name", each.get("$ref")): each for each in new.get("parameters", [])}
    for each in old.get("parameters", []):
        if each.get("name", each.get("$ref")) not in now:
            yield f"{name}: parameter {each.get('name')} gone"
    before = {each.get("name") for each in old.get("parameters", [])}
    for parameter, each in now.items():
        if each.get("required") and parameter not in before:
            yield f"{name}: parameter {parameter} required"
    for status in old["responses"]:
        if status.startswith("2") and status not in new["responses"]:
            yield f"{name}: answer {status} gone"


def _members(name: str, old: Any, new: Any, *, sent: bool, shown: bool, words: set[str]) -> Iterator[str]:
    before, now = old.get("properties", {}), new.get("properties", {})
    for member, schema in before.items():
        if member not in now:
            yield f"{name}.{member}: gone"
            continue
        was, is_now = _kinds(schema, words), _kinds(now[member], words)
        if (sent and was - is_now) or (shown and is_now - was):
            yield f"{name}.{member}: of another type"
    needed, once_needed = set(new.get("required", [])), set(old.get("required", []))
    if sent:
        yield from (f"{name}.{member}: required" for member in sorted(needed - once_needed))
        values = set(old.get("enum", [])) - set(new.get("enum", old.get("enum", [])))
        yield from (f"{name}: {value} taken no longer" for value in sorted(map(str, values)))
    if shown:
        yield from (f"{name}.{member}: may be missing" for member in sorted(once_needed - needed))


def _kinds(schema: dict[str, Any], words: set[str]) -> set[str]:
    """The JSON types and components that a schema may be; a component of `words` is a string."""
    if "$ref" in schema:
        return {"string" if schema["$ref"].rpartition("/")[2] in words else schema["$ref"]}
    several = [each for name in ("anyOf", "oneOf", "allOf") for each in schema.get(name, [])]
    if several:
        return {kind for each in several for kind in _kinds(each, words)}
    kind = schema.get("type", "any")
    return set(kind) if isinstance(kind, list) else {kind}


def _used(document: dict[str, Any], part: str) -> set[str]:
    """The components that bodies or answers reach."""
    schemas = document["components"]["schemas"]
    waiting = [operation.get(part, {}) for methods in document["paths"].values() for operation in methods.values()]
    found: set[str] = set()
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            name = str(value.get("$ref", "")).removeprefix("#/components/schemas/")
            if name in schemas and name not in found:
                found.add(name)
                waiting.append(schemas[name])
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return found
