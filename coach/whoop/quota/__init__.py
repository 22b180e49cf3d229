"""WHOOP's limits, kept across workers: windows, shares of organisations, the ledger."""
