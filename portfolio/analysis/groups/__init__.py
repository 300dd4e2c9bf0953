"""Who gets what, by group."""
