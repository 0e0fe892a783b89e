"""Staff pages that cross apps."""
