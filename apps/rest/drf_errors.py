"""The refusals that Django REST framework raises by itself, in our codes and with our hints."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from rest_framework import exceptions as drf
from rest_framework.settings import api_settings

from apps.kernel import errors
from apps.kernel.errors import DomainError, Problem
from apps.rest.faults import CORRECT_IT
from apps.rest.parsers import escape

# DRF's codes of validators, in our words; others stay as they are.
_CODES = {
    "invalid": "invalid",
    "max_length": "too_long",
    "min_length": "too_short",
    "max_value": "too_large",
    "min_value": "too_small",
    "not_a_list": "wrong_type",
    "not_a_dict": "wrong_type",
    "empty": "too_short",
    "null": "null_not_allowed",
}


class MethodNotAllowed(DomainError):
    """405: the path is right, the verb is not."""

    status = 405


class NotAcceptable(DomainError):
    """406: the caller wants another format than JSON."""

    status = 406


class UnsupportedMediaType(DomainError):
    """415: the body is not JSON."""

    status = 415


def translate(exception: drf.APIException) -> DomainError:
    """`exception` as a refusal of ours."""
    if isinstance(exception, drf.ValidationError):
        return invalid(exception.detail)
    for kind, make in _REFUSALS.items():
        if isinstance(exception, kind):
            return make(exception)
    if exception.status_code == 400:
        return errors.Malformed("bad_request", str(exception.detail), hint="Compare the request with /docs.")
    return errors.Unavailable(
        "unavailable", "Something that we depend on is away.", hint="Repeat the request.", retry_after=1
    )


def invalid(detail: Any) -> errors.Invalid:
    """A 422 that names every fault of the document at once."""
    problems = tuple(flatten(detail))
    count = f"{len(problems)} faults" if len(problems) != 1 else "a fault"
    return errors.Invalid("invalid", f"The content has {count}.", hint=CORRECT_IT, errors=problems)


def flatten(detail: Any, pointer: str = "") -> Iterator[Problem]:
    """DRF's nested error detail as problems with JSON pointers."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            own = name in (api_settings.NON_FIELD_ERRORS_KEY, "__all__")
            yield from flatten(inner, pointer if own else f"{pointer}/{escape(name)}")
    elif isinstance(detail, list | tuple):
        for index, inner in enumerate(detail):
            nested = isinstance(inner, Mapping | list)
            yield from flatten(inner, f"{pointer}/{index}" if nested else pointer)
    else:
        code = getattr(detail, "code", "invalid")
        yield Problem(pointer, _CODES.get(code, code), str(detail))


def _unauthenticated(exception: Any) -> DomainError:
    return errors.Unauthenticated(
        "unauthenticated", "The request carries no API key.", hint="Send `Authorization: Bearer <api key>`."
    )


def _bad_credentials(exception: Any) -> DomainError:
    return errors.Unauthenticated(
        "credentials_invalid",
        "The API key is not valid.",
        hint="Check that the key is complete, not revoked, not expired, and of this deployment.",
    )


def _forbidden(exception: Any) -> DomainError:
    return errors.Forbidden("forbidden", "You may not do this.", hint="Ask a Super Admin for a key or a role that may.")


def _not_found(exception: Any) -> DomainError:
    return errors.NotFound("not_found", "Nothing is at this path.", hint="Compare the path and the id with /docs.")


def _method(exception: Any) -> DomainError:
    return MethodNotAllowed(
        "method_not_allowed", "This path does not take this method.", hint="The header Allow lists those it takes."
    )


def _accept(exception: Any) -> DomainError:
    return NotAcceptable(
        "not_acceptable", "Only JSON can be sent.", hint="Send `Accept: application/json` or leave it out."
    )


def _media_type(exception: Any) -> DomainError:
    return UnsupportedMediaType(
        "unsupported_media_type", "Only JSON is taken.", hint="Send `Content-Type: application/json`, uncompressed."
    )


def _throttled(exception: Any) -> DomainError:
    wait = getattr(exception, "wait", None)
    return errors.TooManyRequests(
        "rate_limited",
        "Too many requests.",
        hint="Wait for Retry-After seconds; X-RateLimit-Reset says when the limit is whole again.",
        retry_after=max(1, math.ceil(wait)) if wait else 1,
    )


_REFUSALS = {
    drf.NotAuthenticated: _unauthenticated,
    drf.AuthenticationFailed: _bad_credentials,
    drf.PermissionDenied: _forbidden,
    drf.NotFound: _not_found,
    drf.MethodNotAllowed: _method,
    drf.NotAcceptable: _accept,
    drf.UnsupportedMediaType: _media_type,
    drf.Throttled: _throttled,
}
