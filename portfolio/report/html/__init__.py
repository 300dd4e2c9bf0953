"""Pages that are one file: no script, nothing loaded from elsewhere, fit for printing."""
