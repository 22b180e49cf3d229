"""SCREENS for the client: today, my days, integrations, sharing.

Here belongs what a client sees and types. Not here: how days are stored or where they came from.
"""
