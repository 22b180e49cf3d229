"""GROUND: how we know it works: logs, health.

Not here: anything that reads a feature's tables.
"""
