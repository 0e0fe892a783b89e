"""What can be done to subscriptions, one verb a file."""
