"""What can go wrong on the way out.

OutboundError
├── NotAllowed    the address is not one we may call; nothing was sent
├── Unreachable   no answer: name, connection, certificate, reset, silence
├── TooLarge      the answer is bigger than we take
└── TooSlow       the answer was not complete before the deadline
"""


class OutboundError(Exception):
    """A call that brought no usable answer; `sent` tells whether the other side may have acted."""

    def __init__(self, reason: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.sent = sent


class NotAllowed(OutboundError):
    """The address is not on the allow-list."""


class Unreachable(OutboundError):
    """The other side could not be reached, or fell silent, or answered no HTTP."""


class TooLarge(OutboundError):
    """The answer does not end where a sane one would."""


class TooSlow(OutboundError):
    """The whole call took longer than its deadline."""
