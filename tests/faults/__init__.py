"""What survives kills and races."""
