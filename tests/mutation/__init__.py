"""Whether the rules' tests notice a changed operator or constant: `python -m tests.mutation` tries each alone."""
