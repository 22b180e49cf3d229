"""SCREENS for the coach: the roster, and one client's page.

Here belongs what a coach sees. Not here: what anything means, and who may see whom (accounts).
"""
