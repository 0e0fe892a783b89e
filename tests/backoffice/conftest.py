"""Mail that stays on this machine, as for notifications."""

from tests.notifications.conftest import sink

__all__ = ["sink"]
