"""What WHOOP granted us: the tokens, their refresh under a lock, and what failures mean."""
