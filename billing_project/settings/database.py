"""PostgreSQL: two roles. DATABASE_OWNER_URL alters tables, DATABASE_URL only reads and writes rows.

Commands that alter the schema connect as the owner; everything else as the application, which owns nothing and so
cannot disable a trigger. A deployment that gives one URL alone uses it for both.
"""

import sys
from typing import Any

from billing_project.settings.environment import env

SCHEMA_COMMANDS = {"migrate", "sqlmigrate", "dbshell", "grant", "prepare"}

_application = env.str("DATABASE_URL", default="postgres://localhost/billing")
_owner = env.str("DATABASE_OWNER_URL", default=_application)
# Of Celery's processes, which look at their connection before each task. Nobody does so for threads of the web.
_keeps = "celery" in sys.argv[0] and "worker" in sys.argv
_alters = len(sys.argv) > 1 and sys.argv[1] in SCHEMA_COMMANDS

KEPT_SECONDS = 60
"""How long a worker keeps a connection: what it has cached there is given back now and then."""

DATABASE_ROLE = env.db_url_config(_application)["USER"]
"""The application's role, which `manage.py grant` gives its rights."""

DATABASE_POOL_SIZE = env.int("DATABASE_POOL_SIZE", default=0)
"""Connections in this process's pool; 0 = no pool (workers, beat, commands). At least as many as web threads."""


def _options() -> dict[str, Any]:
    # Compiling a statement takes longer than any of ours runs: totals of usage took seconds instead of milliseconds.
    options: dict[str, Any] = {"connect_timeout": 2, "options": "-c jit=off"}
    # A worker keeps a connection of its own, wherever else the same environment is used.
    if DATABASE_POOL_SIZE and not _alters and not _keeps:
        # What is kept on a connection is by key (apps/kernel/prepared.py): to plan it for each array takes longer.
        options["options"] += " -c plan_cache_mode=force_generic_plan"
        options["pool"] = {"min_size": 1, "max_size": DATABASE_POOL_SIZE, "timeout": 2}
    return options


DATABASES = {
    "default": {
        **env.db_url_config(_owner if _alters else _application),
        "ENGINE": "apps.monitoring.database",
        "CONN_MAX_AGE": KEPT_SECONDS if _keeps else 0,
        "CONN_HEALTH_CHECKS": _keeps,
        "OPTIONS": _options(),
    }
}
