"""Builders of rows, through actions."""
