"""The public API: grammar, authentication, limits, documentation."""

from billing_project.settings.billing import BILLING_API_VERSION
from billing_project.settings.environment import BASE_DIR, LIVE, env

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["apps.access.authentication.BearerAuthentication"],
    "DEFAULT_THROTTLE_CLASSES": ["apps.access.throttling.KeyThrottle"],
    "DEFAULT_PERMISSION_CLASSES": ["apps.rest.permissions.MayUseResource"],
    "DEFAULT_PAGINATION_CLASS": "apps.rest.pagination.CursorPagination",
    "DEFAULT_FILTER_BACKENDS": ["apps.rest.filters.ResourceFilterBackend"],
    "DEFAULT_PARSER_CLASSES": ["apps.rest.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["apps.rest.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "apps.rest.openapi.ResourceSchema",
    "EXCEPTION_HANDLER": "apps.rest.errors.exception_handler",
    "UNAUTHENTICATED_USER": None,
}

REST_IDEMPOTENCY = "apps.access.idempotency.guard"
REST_WAIT = "apps.events.waiting.wait"
REST_EXAMPLES = BASE_DIR / "docs" / "examples.json"
"""Bodies of requests that the OpenAPI document shows."""
REST_DESCRIPTION = "billing_project.roles.table"
"""What the document says beside its title."""
REST_MAX_BODY_BYTES = 1024 * 1024
IDEMPOTENCY_LEASE_SECONDS = env.int("IDEMPOTENCY_LEASE_SECONDS", default=60)
"""How long a request with an Idempotency-Key holds its key; after a kill it can be repeated then."""
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024

GRAPHQL_INTROSPECTION = env.bool("GRAPHQL_INTROSPECTION", default=not LIVE)
"""Whether /graphql answers questions about its schema; docs/schema.graphql holds it all the same."""
GRAPHENE = {"SCHEMA": "apps.graphql.schema.schema", "SCHEMA_OUTPUT": "docs/schema.graphql"}

SPECTACULAR_SETTINGS = {
    "TITLE": "Billing API",
    "DESCRIPTION": "Recurring and usage-based billing: accounts, plans, subscriptions, invoices, payments.",
    "VERSION": BILLING_API_VERSION,
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": True,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": r"/v1",
    "PREPROCESSING_HOOKS": [],
    "POSTPROCESSING_HOOKS": [
        "apps.rest.openapi.complete",
        "apps.webhooks.openapi.add_webhooks",
        "apps.monitoring.openapi.add_probes",
    ],
}
