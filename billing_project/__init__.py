"""Wiring: settings, routes, workers, servers. Imported by nobody."""

from apps.kernel.memory import seldom

seldom()
