"""What can go wrong when we start something; each message says what to do next.

CannotStart         a server or process did not come up, and trying again unchanged will not help
└── GaveUp          a supervised process keeps dying
"""


class CannotStart(Exception):
    """Something that has to run does not; the message is meant for the person at the terminal."""


class GaveUp(CannotStart):
    """A process died too often in a row to start it once more."""
