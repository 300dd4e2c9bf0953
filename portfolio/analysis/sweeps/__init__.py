"""Many scenarios beside a base."""
