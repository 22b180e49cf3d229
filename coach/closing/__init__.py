"""THE END OF AN ORGANISATION: its links cut, WHOOP told, and every row and file deleted.

Not here: what a client alone may delete, which is theirs to ask for in the cabinet.
"""
