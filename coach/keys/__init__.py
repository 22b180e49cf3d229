"""Keys in use: which columns are sealed, whether every row opens, and the way to a newer key.

Here belong the register of sealed columns, online rotation, and the check at each start. Not here:
sealing itself (`coach/sealing`), and what the sealed things are for.
"""
