"""The five dashboards, from the same series that the alerts look at; the lines are the service levels."""

from collections.abc import Mapping

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from observability.source.boards_service import HEALTH, LEVELS, PERFORMANCE
from observability.source.boards_work import BUSINESS, ERRORS
from observability.source.panels import Rows, board

BOARDS: Mapping[str, tuple[str, Rows]] = {
    "system-health": ("1 System health", HEALTH),
    "business": ("2 Business", BUSINESS),
    "performance": ("3 Performance", PERFORMANCE),
    "errors": ("4 Errors", ERRORS),
    "service-levels": ("5 Service levels and error budget", LEVELS),
}


def expressions() -> list[str]:
    return [
        query.expr for _, rows in BOARDS.values() for _, panels in rows for panel in panels for query in panel.queries
    ]


def files() -> dict[str, str]:
    """Path below observability/ -> JSON."""
    return {
        f"grafana/{uid}.json": JSONEncoder(sort_keys=True, indent=1).encode(
            board(f"billing-{uid}", title, rows).build()
        )
        + "\n"
        for uid, (title, rows) in BOARDS.items()
    }
