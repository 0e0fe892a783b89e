"""The probes and /metrics in the OpenAPI document: the web server's shell answers them, no route of Django does."""

from typing import Any

INSTANT = {"type": "string", "format": "date-time"}
TAGS = ["operations"]

ALIVE = {
    "type": "object",
    "required": ["status", "timestamp", "version"],
    "properties": {
        "status": {"type": "string", "enum": ["healthy", "unhealthy"]},
        "timestamp": INSTANT,
        "version": {"type": "string"},
    },
}
READY = {
    "type": "object",
    "required": ["ready", "database", "redis", "stripe", "timestamp"],
    "properties": {
        "ready": {"type": "boolean"},
        "database": {"type": "string", "enum": ["connected", "disconnected"]},
        "redis": {"type": "string", "enum": ["connected", "disconnected"]},
        "stripe": {
            "type": "string",
            "enum": ["reachable", "unreachable"],
            "description": "Does not make a process unready.",
        },
        "timestamp": INSTANT,
    },
}


def _json(name: str, description: str) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


PATHS: dict[str, Any] = {
    "/health": {
        "get": {
            "operationId": "health",
            "summary": "Whether the process answers",
            "description": "Touches neither database nor Redis, so it answers while both are down.",
            "tags": TAGS,
            "security": [],
            "responses": {"200": _json("Alive", "It does.")},
        }
    },
    "/health/ready": {
        "get": {
            "operationId": "health_ready",
            "summary": "Whether requests can be served",
            "description": "Database and Redis are asked now, each for at most a second; Stripe every 30 seconds.",
            "tags": TAGS,
            "security": [],
            "responses": {
                "200": _json("Ready", "They can."),
                "503": _json("Ready", "Database or Redis is away; `check_failed` in the log says why."),
            },
        }
    },
    "/metrics": {
        "get": {
            "operationId": "metrics",
            "summary": "Numbers for Prometheus",
            "description": "With METRICS_TOKEN set, only with that token as bearer.",
            "tags": TAGS,
            "security": [{}, {"bearer": []}],
            "responses": {
                "200": {
                    "description": "All processes of this server, in Prometheus's text format.",
                    "content": {"text/plain": {"schema": {"type": "string"}}},
                },
                "401": {"$ref": "#/components/responses/Problem", "description": "No token."},
            },
        }
    },
}


def add_probes(result: dict[str, Any], generator: Any, request: Any, public: Any) -> dict[str, Any]:
    """drf-spectacular's hook: last of all, beside the routes of Django."""
    result["paths"] = {**result["paths"], **PATHS}
    schemas = {**result["components"]["schemas"], "Alive": ALIVE, "Ready": READY}
    result["components"]["schemas"] = dict(sorted(schemas.items()))
    return result
