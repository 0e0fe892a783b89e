"""What is done to usage: one verb a file."""
