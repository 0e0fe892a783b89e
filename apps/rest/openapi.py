"""The OpenAPI document: what drf-spectacular reads from the views, completed by what holds everywhere."""

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from drf_spectacular.openapi import AutoSchema

from apps.rest import openapi_parts as parts
from apps.rest.components import ApiObjectExtension, claim, component_name
from apps.rest.errors import TITLES
from apps.rest.filters import ResourceFilterBackend
from apps.rest.operations import Many
from apps.rest.viewsets import ResourceViewSet

__all__ = ["ApiObjectExtension", "ResourceSchema", "complete", "examples"]

WRITES = ("POST", "PATCH", "PUT", "DELETE")


class ResourceSchema(AutoSchema):
    """One operation of a resource."""

    view: Any

    def get_response_serializers(self) -> Any:
        """What `@operation` says, else the viewset's own object."""
        return getattr(self.view, "object_class", None)

    def get_request_serializer(self) -> Any:
        """What `@operation` says, else no body."""
        return None

    def get_auth(self) -> list[dict[str, list[str]]]:
        """Every route takes the same bearer token."""
        return [{"bearer": []}]

    def get_tags(self) -> list[str]:
        """The resource."""
        return [getattr(self.view, "resource", None) or "billing"]

    def get_summary(self) -> str:
        """The first line of the method's docstring; lists and single objects say what they are of."""
        noun = " ".join(re.findall(r"[A-Z]+(?=[A-Z]|$)|[A-Z][a-z0-9]+", component_name(self.view.object_class))).lower()
        action = getattr(self.view, "action", None)
        own = getattr(type(self.view), str(action), None)
        if own is not None and own is not getattr(ResourceViewSet, str(action), None) and own.__doc__:
            return str(own.__doc__).strip().splitlines()[0].rstrip(".")
        return f"List {noun}s, newest first" if action == "list" else f"Show one {noun}"

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """The operation with its headers, its expansions, an example of its body and the shape of its refusals."""
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        operation["parameters"] = [*operation.get("parameters", []), *self._common_parameters()]
        for status in self._refusals():
            refused = {"$ref": "#/components/responses/Problem", "description": TITLES[status]}
            operation["responses"].setdefault(str(status), refused)
        operation["responses"]["default"] = {"$ref": "#/components/responses/Problem"}
        example = examples().get(f"{self.method} {self.path}")
        if example is not None and "requestBody" in operation:
            operation["requestBody"]["content"]["application/json"]["example"] = example
        return operation

    def _get_serializer_name(self, serializer: Any, direction: Any, bypass_extensions: bool = False) -> str:  # noqa: FBT001, FBT002
        name: str = super()._get_serializer_name(serializer, direction, bypass_extensions)
        # Of a list of serializers this is the name of the member, claimed when that was asked.
        if getattr(serializer, "child", None) is None:
            claim(self.registry, name, serializer if isinstance(serializer, type) else type(serializer))
        return name

    def _refusals(self) -> list[int]:
        """What may be answered beside success. Any other refusal has the same shape (`default`)."""
        found = [401, 403, 422, 429, 503]
        if "{" in self.path:
            found.append(404)
        if self._is_list_view():
            found.append(400)
        if self.method in WRITES:
            found += [400, 409, 413, 415]
            found += [412] if "{" in self.path else []
        return sorted(set(found))

    def _common_parameters(self) -> list[dict[str, Any]]:
        named = ["RequestId"]
        if self.method in WRITES:
            named += ["IdempotencyKey", "PreferWait"]
            if "{" in self.path:
                named.append("IfMatch")
        found = [{"$ref": f"#/components/parameters/{name}"} for name in named]
        if getattr(self.view, "action", None) in getattr(self.view, "filtered_actions", ()):
            found += ResourceFilterBackend().get_schema_operation_parameters(self.view)
        expandable = getattr(self.view, "expandable", {})
        if expandable and not self._is_list_view():
            found.append(parts.expand(list(expandable)))
        return found

    def _resolve_path_parameters(self, variables: Any) -> list[dict[str, Any]]:
        schema = {"type": "string", "format": "uuid"}
        return [{"name": name, "in": "path", "required": True, "schema": schema} for name in variables]

    def _get_response_for_code(
        self, serializer: Any, status_code: Any, media_types: Any = None, direction: Any = "response"
    ) -> Any:
        if isinstance(serializer, Many):
            component = self.resolve_serializer(serializer.of, direction)
            data = {"type": "array", "items": component.ref}
            schema = {"type": "object", "required": ["data"], "properties": {"data": data}}
            return {"content": {"application/json": {"schema": schema}}, "description": ""}
        return super()._get_response_for_code(serializer, status_code, media_types, direction)


def complete(result: dict[str, Any], generator: Any, request: Any, public: Any) -> dict[str, Any]:
    """The whole document, once all operations are in: components that every operation refers to."""
    describe = getattr(settings, "REST_DESCRIPTION", None)
    if describe:
        result["info"]["description"] += "\n\n" + import_string(describe)()
    components = result.setdefault("components", {})
    components["securitySchemes"] = parts.SECURITY
    components.setdefault("schemas", {})["Problem"] = parts.PROBLEM_SCHEMA
    components["responses"] = {"Problem": parts.PROBLEM_RESPONSE}
    components["parameters"] = parts.PARAMETERS
    components["headers"] = parts.HEADERS
    result["security"] = [{"bearer": []}]
    for operations in result.get("paths", {}).values():
        for operation in operations.values():
            for response in operation["responses"].values():
                if "$ref" not in response:
                    response["headers"] = {**parts.HEADER_REFERENCES, **response.get("headers", {})}
    return result


@lru_cache(maxsize=1)
def examples() -> dict[str, Any]:
    """Bodies that show how a write is meant, by method and path; tests/api sends each of them."""
    file = getattr(settings, "REST_EXAMPLES", None)
    return dict(json.loads(Path(file).read_text())) if file else {}
