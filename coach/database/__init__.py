"""GROUND: how tables look, and the wall around every organisation.

Here belong the declarative base, column shapes and the row-level security context.
Not here: any table of a feature.
"""
