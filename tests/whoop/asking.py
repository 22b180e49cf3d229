"""A client of WHOOP for one person, made for tests at the wire."""

from collections.abc import Callable

from coach.outbound import Outbound
from coach.whoop.client import Authorised, Transport, WhoopClient

BASE = "https://api.whoop.test/developer"
ALL_SCOPES = frozenset(
    f"read:{what}"
    for what in ("recovery", "cycles", "workout", "sleep", "profile", "body_measurement")
)


class Tokens:
    """A grant whose tokens are called first, second, and so on."""

    def __init__(self, scopes: frozenset[str] = ALL_SCOPES) -> None:
        self.scopes = scopes
        self.rejected: list[str] = []

    def access_token(self) -> str:
        return "first"

    def renewed_after(self, rejected: str) -> str:
        self.rejected.append(rejected)
        return "second"


def whoop(
    tokens: Tokens | None = None,
    before_call: Callable[[], None] = lambda: None,
    outbound: Outbound | None = None,
) -> WhoopClient:
    transport = Transport(outbound or Outbound([BASE]), BASE, before_call)
    return WhoopClient(Authorised(transport, tokens or Tokens()))
