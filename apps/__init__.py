"""The rooms of the platform, lowest first: see docs/architecture.md."""
