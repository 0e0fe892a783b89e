"""Components of the OpenAPI document: each Python type has a name of its own, and no name has two types."""

import json
import re
from collections.abc import Iterator
from enum import Enum
from typing import Any

import msgspec
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent

from apps.rest.objects import ApiObject

_MARK = "#/components/schemas/{name}!"


class NameTaken(Exception):
    """Two types would share one component: clients made from the document would believe the wrong one."""


def component_name(kind: type) -> str:
    """Account for AccountObject. One word alone (Status) says too little: its app stands before it (InvoiceStatus)."""
    name = kind.__name__.removesuffix("Object") or kind.__name__
    several_words = len(re.findall("[A-Z][a-z0-9]*", name)) > 1
    if not issubclass(kind, Enum) or several_words:
        return name
    root, _, rest = kind.__module__.partition(".")
    app = rest.partition(".")[0] if root == "apps" else "kernel"
    if app == "kernel":
        return name
    owner = app if app.endswith("ss") else app.removesuffix("s")
    return f"{owner.capitalize()}{name}"


def claim(registry: ComponentRegistry, name: str, kind: type) -> None:
    """Keep `name` for `kind`; another type under the same name ends the generation."""
    owners: dict[str, type] = registry.__dict__.setdefault("owners", {})
    owner = owners.setdefault(name, kind)
    if owner is not kind:
        raise NameTaken(f"{_full(owner)} and {_full(kind)} are both {name} in the document: rename one.")


def schemas(struct: type[msgspec.Struct]) -> dict[type, dict[str, Any]]:
    """The schemas of `struct` and of every type inside it, their references by our names."""
    kinds = list(dict.fromkeys(_types(msgspec.inspect.type_info(struct), set())))
    references, found = msgspec.json.schema_components(kinds, ref_template=_MARK)
    text = json.dumps(found)
    for kind, reference in zip(kinds, references, strict=True):
        ours = f"#/components/schemas/{component_name(kind)}"
        text = text.replace(json.dumps(reference["$ref"]), json.dumps(ours))
    named = json.loads(text)
    prefix = len("#/components/schemas/")
    return {kind: named[reference["$ref"][prefix:-1]] for kind, reference in zip(kinds, references, strict=True)}


class ApiObjectExtension(OpenApiSerializerExtension):
    """API objects as components; objects and enumerations inside them become components of their own."""

    target_class = ApiObject
    match_subclasses = True

    def get_name(self, auto_schema: Any, direction: Any) -> str:
        """Account for AccountObject."""
        return component_name(self.target)

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        """The schema that msgspec gives."""
        found = schemas(self.target)
        for kind, schema in found.items():
            name = component_name(kind)
            claim(auto_schema.registry, name, kind)
            if kind is not self.target:
                component = ResolvedComponent(name, ResolvedComponent.SCHEMA, schema=schema, object=kind)
                auto_schema.registry.register_on_missing(component)
        return found[self.target]


def _types(info: Any, seen: set[type]) -> Iterator[type]:
    """The structs and enumerations in what msgspec knows of a type."""
    if isinstance(info, list | tuple):
        for each in info:
            yield from _types(each, seen)
    elif isinstance(info, msgspec.Struct):
        kind = getattr(info, "cls", None)
        if isinstance(kind, type):
            if kind in seen:
                return
            seen.add(kind)
            if issubclass(kind, msgspec.Struct | Enum):
                yield kind
        for name in info.__struct_fields__:
            yield from _types(getattr(info, name), seen)


def _full(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"
