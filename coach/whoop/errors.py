"""What can go wrong when we talk to WHOOP.

WhoopError
├── MustReconnect      the client has to grant access again
├── MissingScope       the client did not grant this kind of data; all else goes on
├── SlowDown           we hit the limit; try after `wait` seconds
├── Unavailable        WHOOP is down or slow; try again later
│   └── TokenRefused   WHOOP takes not even a fresh token; again and again, it ends in MustReconnect
├── UnexpectedPayload  WHOOP answered with something we do not understand
└── OurFault           we ask wrongly (secret, address, parameter); somebody here must look
"""


class WhoopError(Exception):
    """Anything that keeps us from what we asked WHOOP for."""


class MustReconnect(WhoopError):
    """The grant is gone; only the client can give it again."""


class MissingScope(WhoopError):
    """The grant does not cover this; asking again or refreshing changes nothing."""

    def __init__(self, scope: str) -> None:
        super().__init__(scope)
        self.scope = scope


class SlowDown(WhoopError):
    """The limit of the whole app is reached; nobody may call for `wait` seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__(wait)
        self.wait = wait


class Unavailable(WhoopError):
    """WHOOP is down, slow or out of reach; `wait` seconds, where we know how long."""

    def __init__(self, reason: str, *, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class TokenRefused(Unavailable):
    """A token that was renewed a moment ago is refused; another one would be no better."""

    def __init__(self) -> None:
        super().__init__("a fresh token was refused", wait=1200.0)


class UnexpectedPayload(WhoopError):
    """The answer is not what the documentation promises."""


class OurFault(WhoopError):
    """WHOOP refuses the way we ask; repeating it is useless."""
