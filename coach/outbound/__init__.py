"""GROUND: the one way out by HTTP: allow-list, total deadline, size cap, no redirects, no cookies.

Here belongs what is true of every call we make. Not here: what a particular vendor means by its
answers; that is the vendor's own folder.
"""

from coach.outbound.door import Outbound, Response, answered_by
from coach.outbound.errors import NotAllowed, OutboundError, TooLarge, TooSlow, Unreachable

__all__ = [
    "NotAllowed",
    "Outbound",
    "OutboundError",
    "Response",
    "TooLarge",
    "TooSlow",
    "Unreachable",
    "answered_by",
]
