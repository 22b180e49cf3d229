"""What people do with a real browser, against real processes."""
