"""What usage is measured against: a table of the same rows without parts or rules, and a DRF view that inserts one.

Also the settings and the routes of the server that is measured: the project's own, and that view.
"""

from billing_project.settings import *  # noqa: F403

ROOT_URLCONF = "tests.performance.bare_urls"

TABLE = """
CREATE TABLE bare_event (
    id uuid PRIMARY KEY,
    subscription_id uuid NOT NULL,
    metric varchar(100) NOT NULL,
    quantity numeric NOT NULL,
    "timestamp" timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    idempotency_key varchar(255) NOT NULL UNIQUE,
    properties jsonb NOT NULL
);
CREATE INDEX ON bare_event (subscription_id, metric, "timestamp") INCLUDE (quantity, id);
"""
