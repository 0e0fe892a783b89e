"""What a view's method takes and gives, said once beside it, for the OpenAPI document."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers

Method = TypeVar("Method", bound=Callable[..., Any])


def operation(
    *,
    input: type[serializers.BaseSerializer[Any]] | serializers.BaseSerializer[Any] | None = None,
    output: Any = None,
    status: int = 200,
    summary: str | None = None,
    many: bool = False,
    parameters: Sequence[OpenApiParameter] = (),
    name: str | None = None,
) -> Callable[[Method], Method]:
    """Describe a method: the serializer of its body, the ApiObject it answers with (`many`: a page), its status.

    A body that is an array is a serializer made with many=True.

    `name`: the operation's id, where the path alone would give two the same.
    """
    shown = Many(output) if many and output is not None else output
    return extend_schema(
        request=input, responses={status: shown}, summary=summary, parameters=list(parameters), operation_id=name
    )


@dataclass(frozen=True)
class Many:
    """A list, in `data`, that the viewset's own pages do not make."""

    of: Any
