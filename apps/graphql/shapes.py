"""From the structs that the REST API answers with to GraphQL types: one description of an object, not two."""

import inspect
import types
import typing
from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal as Exact
from enum import EnumType
from functools import cache
from typing import Any, Union
from uuid import UUID

import graphene
import msgspec

from apps.graphql.scalars import JSON, BigInt, Date, DateTime, Decimal
from apps.rest.objects import ApiObject

_SCALARS: dict[Any, Any] = {
    UUID: graphene.ID,
    str: graphene.String,
    bool: graphene.Boolean,
    int: BigInt,
    Exact: Decimal,
    datetime: DateTime,
    date: Date,
}
_enums: dict[EnumType, type[graphene.Enum]] = {}


def fields_of(struct: type[ApiObject], *, without: Collection[str] = ()) -> type:
    """A class to inherit from, with a field for each member of `struct`; a member that is never null is `!`."""
    hints = typing.get_type_hints(struct)
    members = {
        field.name: graphene.Field(kind, required=not nullable)
        for field in msgspec.structs.fields(struct)
        if field.name not in without
        for kind, nullable in [_kind(hints[field.name], f"{_name(struct)}{_pascal(field.name)}")]
    }
    return type(f"{_name(struct)}Fields", (), members)


@cache
def object_of(struct: type[ApiObject]) -> type[graphene.ObjectType]:
    """The type of a struct that has no relations."""
    meta = type("Meta", (), {"name": _name(struct), "description": described(struct)})
    return type(_name(struct), (fields_of(struct), graphene.ObjectType), {"Meta": meta})


def enum_of(kind: EnumType, name: str = "") -> type[graphene.Enum]:
    """The one GraphQL enum of a Python enum; the name counts the first time."""
    if kind not in _enums:
        _enums[kind] = graphene.Enum.from_enum(kind, name=name)
    return _enums[kind]


def described(struct: type) -> str:
    """What the struct says of itself."""
    return inspect.cleandoc(struct.__doc__ or "")


def _kind(hint: Any, name: str) -> tuple[Any, bool]:
    """The GraphQL type of a member, and whether it may be null."""
    if typing.get_origin(hint) in (Union, types.UnionType):
        [inner] = [each for each in typing.get_args(hint) if each is not type(None)]
        return _kind(inner, name)[0], True
    if typing.get_origin(hint) is list:
        [item] = typing.get_args(hint)
        return graphene.List(graphene.NonNull(_kind(item, name)[0])), False
    if isinstance(hint, EnumType):
        return enum_of(hint, name), False
    if inspect.isclass(hint) and issubclass(hint, ApiObject):
        return object_of(hint), False
    # What is Any may be null as well.
    return _SCALARS.get(hint, JSON), hint is Any


def _name(struct: type) -> str:
    return struct.__name__.removesuffix("Object")


def _pascal(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
