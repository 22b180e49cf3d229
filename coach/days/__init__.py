"""WHAT HAPPENED: one log per client per day, each value with its source.

Here belong the closed list of values, the merge, the day rule and the only door to stored days.
Not here: where a value came from (whoop, csv_import) and what it means (insights).
"""
