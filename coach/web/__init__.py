"""GROUND: what all pages share: sessions, headers, transactions, errors, fragments, looks.

Not here: any page of a feature.
"""
