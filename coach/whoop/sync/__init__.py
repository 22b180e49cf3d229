"""Bring integrations up to date: what to read, when, how it is stored, and what follows."""
