"""Makers of made-up things for tests, one file per thing."""
