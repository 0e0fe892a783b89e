"""A synthetic company on a test clock: the actions that people and programs call, in an order drawn from a seed."""
