"""SCREENS: the page of whoever runs the installation: does it work, and what needs a hand.

It looks across all organisations, so it shows ids, kinds, counts and times: no name, no address of
a person, no health value. Not here: gauges (features bring them), anything for an organisation.
"""
