"""What can be done to credits, one verb a file."""
