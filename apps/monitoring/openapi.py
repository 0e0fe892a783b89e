"""What is for operators' machines in the OpenAPI document: probes, /metrics (the web server's shell answers them, no
route of Django does), and the doors of Alertmanager and the synthetic probe."""

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


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _shown(description: str, properties: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "required": list(properties), "properties": properties}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


REFUSALS: dict[str, Any] = {
    "400": {"$ref": "#/components/responses/Problem", "description": "No JSON."},
    "401": {"$ref": "#/components/responses/Problem", "description": "No token."},
    "404": {"$ref": "#/components/responses/Problem", "description": "INTERNAL_TOKEN is not set."},
    "413": {"$ref": "#/components/responses/Problem", "description": "More than 1 MiB."},
    "422": {"$ref": "#/components/responses/Problem", "description": "It does not fit."},
}

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
    "/internal/alerts": {
        "post": {
            "operationId": "internal_alerts",
            "summary": "Alerts, as Alertmanager posts them",
            "description": "INTERNAL_TOKEN as bearer; without it there is no such address. Repeats change nothing.",
            "tags": TAGS,
            "security": [{"bearer": []}],
            "requestBody": _body({
                "type": "object",
                "required": ["alerts"],
                "properties": {"alerts": {"type": "array", "maxItems": 500, "items": {
                    "type": "object",
                    "required": ["status", "labels", "startsAt", "fingerprint"],
                    "properties": {
                        "status": {"type": "string"},
                        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                        "annotations": {"type": "object", "additionalProperties": {"type": "string"}},
                        "startsAt": INSTANT,
                        "endsAt": INSTANT,
                        "fingerprint": {"type": "string"},
                    },
                }}},
            }),
            "responses": {
                "200": _shown("They are kept.", {
                    "heard": {"type": "integer"}, "resolved": {"type": "integer", "description": "Rows that ended."},
                }),
                **REFUSALS,
            },
        }
    },
    "/internal/probes": {
        "post": {
            "operationId": "internal_probes",
            "summary": "One round of the synthetic probe",
            "description": "INTERNAL_TOKEN as bearer; without that setting there is no such address.",
            "tags": TAGS,
            "security": [{"bearer": []}],
            "requestBody": _body({
                "type": "object",
                "required": ["region", "success", "milliseconds"],
                "additionalProperties": False,
                "properties": {
                    "region": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,31}$"},
                    "success": {"type": "boolean"},
                    "milliseconds": {"type": "integer", "minimum": 0, "maximum": 3_600_000},
                    "detail": {"type": "string", "maxLength": 500},
                },
            }),
            "responses": {
                "200": _shown("It is kept.", {"region": {"type": "string"}, "success": {"type": "boolean"}}),
                **REFUSALS,
            },
        }
    },
}  # fmt: skip


def add_probes(result: dict[str, Any], generator: Any, request: Any, public: Any) -> dict[str, Any]:
    """drf-spectacular's hook: last of all, beside the routes of Django."""
    result["paths"] = {**result["paths"], **PATHS}
    schemas = {**result["components"]["schemas"], "Alive": ALIVE, "Ready": READY}
    result["components"]["schemas"] = dict(sorted(schemas.items()))
    return result
