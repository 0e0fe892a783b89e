"""A worker in a process of its own, to be killed: `python -m tests.webhooks.sender`, told by the environment."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_project.settings")
django.setup()

from apps.webhooks.tasks import sweep  # noqa: E402 - Django first

print("begun", flush=True)
print("sent", sweep(), flush=True)
