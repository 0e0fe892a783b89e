"""What can be done to invoices, one verb a file."""
