"""The role table in the OpenAPI document, from the one that decides."""

from apps.access.rules import TABLE, Role


def table() -> str:
    """Markdown: a resource a row, a role a column."""
    rows = [
        "| " + " | ".join([f"`{resource}`", *("write" if "write" in rights else "read" if rights else "-"
                                             for rights in (may[role] for role in Role))]) + " |"
        for resource, may in TABLE.items()
    ]  # fmt: skip
    head = ["| resource | " + " | ".join(Role) + " |", "|" + " --- |" * (len(Role) + 1)]
    return "\n".join(["## Roles", "Who may write may read, too.", "", *head, *rows])
