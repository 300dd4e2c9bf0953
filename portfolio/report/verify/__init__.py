"""Checking again, without any solver, what a record says."""
