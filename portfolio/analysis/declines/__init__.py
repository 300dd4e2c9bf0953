"""Who comes next when awardees decline."""
