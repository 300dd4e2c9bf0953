"""Trade-offs, and other portfolios that are nearly as good."""
