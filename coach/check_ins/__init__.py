"""WHAT THE CLIENT SAYS: mood, check-ins, dated tags; and what coaches note and answer.

Not here: values of a day that a device could have measured (days), and what follows from an
answer (insights).
"""
