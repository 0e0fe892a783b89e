"""Wiring: settings, routes, workers, servers. Imported by nobody."""
