"""What can be done with messages: write them, send them."""
