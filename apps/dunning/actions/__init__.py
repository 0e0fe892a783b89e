"""What dunning does: judge accounts, hold them, remind them, publish policies."""
