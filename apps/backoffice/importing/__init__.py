"""A CSV file of customers: read line by line, checked whole, imported in batches."""
