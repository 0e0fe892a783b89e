"""What can be done to endpoints and deliveries, one verb a file."""
