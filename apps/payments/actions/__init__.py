"""What can be done about payments, one step of the work a file: open, charge, methods, notices."""
