"""Webhooks out: what may be called, and when an endpoint is given up."""

from billing_project.settings.environment import env

WEBHOOK_ALLOWED_NETWORKS = env.list("WEBHOOK_ALLOWED_NETWORKS", default=[])
"""Networks that endpoints may stand in although they are not out in the world, such as 10.1.0.0/16."""
WEBHOOK_DISABLE_AFTER_DAYS = env.int("WEBHOOK_DISABLE_AFTER_DAYS", default=5)
"""So many days without one success after which an endpoint is disabled and its owner told."""
WEBHOOK_OWNER_EMAIL = env.str("WEBHOOK_OWNER_EMAIL", default="")
"""Who is told of endpoints that name no owner; without it the Super Admins."""
WEBHOOK_SECRET_OVERLAP_HOURS = env.int("WEBHOOK_SECRET_OVERLAP_HOURS", default=24)
"""How long a secret that was replaced goes on signing beside the new one."""
