"""GROUND: background work as rows, leases, dispatch to RQ, and units of work.

PostgreSQL is the record of work; the queue may be lost at any moment without losing any.
Not here: what any piece of work does.
"""
