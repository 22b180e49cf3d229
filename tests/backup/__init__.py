"""Backup, wreck, restore: on a real PostgreSQL, with a simulated WHOOP."""
