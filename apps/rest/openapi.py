"""The OpenAPI document: what drf-spectacular reads from the views, completed by what holds everywhere."""

from typing import Any

from drf_spectacular.openapi import AutoSchema


class ResourceSchema(AutoSchema):
    """One operation."""


def complete(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:  # noqa: FBT001
    """The whole document, once all operations are in."""
    return result
