"""What can go wrong with a sealed value, named by what to do.

DoesNotOpen     it needs another key, or was moved or changed: an operator must look
KeysAway        the key management service gives no key now: try again later
"""


class DoesNotOpen(Exception):
    """The value was sealed with a key we do not have, or for another place."""


class KeysAway(Exception):
    """The key management service is away, slow or refuses; nothing is ever sealed without it."""
