"""GROUND: the embedded PostgreSQL and Valkey for a first start, and the supervisor of our processes.

Here belong a home folder with its lock and secrets, the servers that live in it, and starting,
watching and stopping processes. Not here: settings, tables, and anything a person sees on a screen.
"""
