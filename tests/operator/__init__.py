"""The operator's page: what it shows, to whom, and what its buttons do."""
