"""A worker in a process of its own, to be killed: `python -m tests.notifications.sender`, told by the environment."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_project.settings")
django.setup()

from apps.notifications.tasks import sweep  # noqa: E402 - Django first

print("sent", sweep(), flush=True)
