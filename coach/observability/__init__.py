"""GROUND: how we know it works: logs, metrics, health.

Not here: anything that reads a feature's tables; features bring their own gauges.
"""
