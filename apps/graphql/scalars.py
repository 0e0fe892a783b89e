"""Scalars as the REST API writes them: amounts beyond 32 bits, decimals as strings, instants in UTC."""

from datetime import UTC, date, datetime
from decimal import Decimal as Exact
from typing import Any

import graphene
from graphql import GraphQLError, IntValueNode, StringValueNode, ValueNode, value_from_ast_untyped

MOST = 2**63 - 1


class BigInt(graphene.Scalar):
    """A whole number of up to 64 bits. Amounts are minor units of the currency that stands beside them."""

    @staticmethod
    def serialize(value: Any) -> int:
        return int(value)

    @staticmethod
    def parse_value(value: Any) -> int:
        if type(value) is not int or abs(value) > MOST:
            raise GraphQLError("BigInt is a whole number of up to 64 bits.")
        return value

    @staticmethod
    def parse_literal(node: ValueNode, _variables: Any = None) -> int:
        if not isinstance(node, IntValueNode) or len(node.value) > 20:
            raise GraphQLError("BigInt is a whole number of up to 64 bits.")
        return BigInt.parse_value(int(node.value))


class Decimal(graphene.Scalar):
    """A decimal as a string, without exponent."""

    @staticmethod
    def serialize(value: Any) -> str:
        return f"{value:f}" if isinstance(value, Exact) else str(value)

    @staticmethod
    def parse_value(value: Any) -> str:
        # What it may be is said by whoever takes it, as over REST.
        if type(value) not in (str, int):
            raise GraphQLError('Decimal is a string such as "1.5".')
        return str(value)

    @staticmethod
    def parse_literal(node: ValueNode, _variables: Any = None) -> str:
        if not isinstance(node, StringValueNode | IntValueNode):
            raise GraphQLError('Decimal is a string such as "1.5".')
        return node.value


class DateTime(graphene.Scalar):
    """An RFC 3339 instant in UTC."""

    @staticmethod
    def serialize(value: datetime) -> str:
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")

    @staticmethod
    def parse_value(value: Any) -> str:
        return _text(value, 'DateTime is a string such as "2026-11-01T00:00:00Z".')

    @staticmethod
    def parse_literal(node: ValueNode, _variables: Any = None) -> str:
        return _text(getattr(node, "value", None), 'DateTime is a string such as "2026-11-01T00:00:00Z".')


class Date(graphene.Scalar):
    """A local date, YYYY-MM-DD."""

    @staticmethod
    def serialize(value: date) -> str:
        return value.isoformat()

    @staticmethod
    def parse_value(value: Any) -> date:
        try:
            return date.fromisoformat(_text(value, 'Date is a string such as "2026-11-01".'))
        except ValueError as error:
            raise GraphQLError('Date is a string such as "2026-11-01".') from error

    @staticmethod
    def parse_literal(node: ValueNode, _variables: Any = None) -> date:
        return Date.parse_value(getattr(node, "value", None) if isinstance(node, StringValueNode) else None)


class JSON(graphene.Scalar):
    """Any JSON: metadata, prices by currency, the breakdown of a line."""

    @staticmethod
    def serialize(value: Any) -> Any:
        return value

    @staticmethod
    def parse_value(value: Any) -> Any:
        return value

    @staticmethod
    def parse_literal(node: ValueNode, variables: Any = None) -> Any:
        return value_from_ast_untyped(node, variables)


def _text(value: Any, expected: str) -> str:
    if type(value) is not str:
        raise GraphQLError(expected)
    return value
