"""Components that every operation of the OpenAPI document refers to."""

from typing import Any

SECURITY: dict[str, Any] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API key: `bk_test_...` or `bk_live_...`."}
}

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "A refusal (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code", "hint", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "Stable; decide by it."},
        "hint": {"type": "string", "description": "How to mend it."},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer into the body, or `?parameter`."},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}

PROBLEM_RESPONSE: dict[str, Any] = {
    "description": "Refused; the status says in which way, `code` exactly why, `hint` how to mend it.",
    "headers": {
        "Retry-After": {"description": "Seconds to wait, on 429 and 503.", "schema": {"type": "integer"}},
        "X-Request-ID": {"$ref": "#/components/headers/RequestId"},
    },
    "content": {
        "application/problem+json": {
            "schema": {"$ref": "#/components/schemas/Problem"},
            "example": {
                "type": "/docs/errors#invalid",
                "title": "Invalid content",
                "status": 422,
                "detail": "The content has a fault.",
                "code": "invalid",
                "hint": "Mend what `errors` points at and send the request again.",
                "request_id": "0193a1b2-0000-7000-8000-000000000000",
                "errors": [{"pointer": "/currency", "code": "currency_unknown", "detail": "Not a currency."}],
            },
        }
    },
}


def _header(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "header", "description": description, "schema": schema}


# What is not like this is not refused: another id is made.
_VISIBLE_128 = {"type": "string", "pattern": "^[!-~]{1,128}$"}

PARAMETERS: dict[str, Any] = {
    "RequestId": _header("X-Request-ID", "Taken over into logs and the answer.", _VISIBLE_128),
    "IdempotencyKey": _header(
        "Idempotency-Key",
        "Kept 24 hours: the same request again is answered with the stored answer.",
        {"type": "string", "pattern": "^[!-~]{1,255}$"},
    ),
    "PreferWait": _header(
        "Prefer",
        "`wait=N`: hold the answer up to N seconds (at most 60) until what this write set going is done.",
        {"type": "string", "pattern": "^wait=[0-9]{1,4}$", "examples": ["wait=10"]},
    ),
    "IfMatch": _header("If-Match", 'The ETag that was read (`"v-3"`); changed since then: 412.', {"type": "string"}),
}

HEADERS: dict[str, Any] = {
    "RequestId": {"description": "The id of this request in our logs.", "schema": {"type": "string"}},
    "RateLimitLimit": {"description": "Requests an hour.", "schema": {"type": "integer"}},
    "RateLimitRemaining": {"description": "Requests left.", "schema": {"type": "integer"}},
    "RateLimitReset": {"description": "When the limit is whole again, in Unix seconds.", "schema": {"type": "integer"}},
}

HEADER_REFERENCES: dict[str, Any] = {
    "X-Request-ID": {"$ref": "#/components/headers/RequestId"},
    "X-RateLimit-Limit": {"$ref": "#/components/headers/RateLimitLimit"},
    "X-RateLimit-Remaining": {"$ref": "#/components/headers/RateLimitRemaining"},
    "X-RateLimit-Reset": {"$ref": "#/components/headers/RateLimitReset"},
}


def expand(names: list[str]) -> dict[str, Any]:
    """The parameter `expand` of an object that has related ones."""
    items = {"type": "string", "enum": names}
    schema = {"type": "array", "items": items}
    description = "Related objects to show whole, separated by commas."
    return {"name": "expand", "in": "query", "description": description, "schema": schema, "explode": False}
