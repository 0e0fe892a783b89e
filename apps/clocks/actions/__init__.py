"""What can be done about test clocks: make one, delete one, move one (advance), and the worker's turns (step)."""

from apps.clocks.actions.make import create, delete

__all__ = ["create", "delete"]
