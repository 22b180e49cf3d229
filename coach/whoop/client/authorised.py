"""The second shell: adds one person's token, and renews it once when it is refused."""

from collections.abc import Mapping
from typing import Protocol

from coach.outbound import Response
from coach.whoop.client.transport import Transport
from coach.whoop.errors import MissingScope, TokenRefused


class TokenSource(Protocol):
    """Where one person's tokens come from; `renewed_after` refreshes unless someone already did."""

    @property
    def scopes(self) -> frozenset[str]: ...

    def access_token(self) -> str: ...

    def renewed_after(self, rejected: str) -> str: ...


class Authorised:
    """Adds a person's token; a token that was refused is renewed once and the call made again."""

    def __init__(self, transport: Transport, tokens: TokenSource) -> None:
        self._transport = transport
        self._tokens = tokens

    def send(
        self,
        method: str,
        path: str,
        *,
        scope: str | None,
        params: Mapping[str, str] | None = None,
    ) -> Response:
        # WHOOP answers 401 for a missing scope too: asking would only burn a refresh.
        if scope is not None and scope not in self._tokens.scopes:
            raise MissingScope(scope)
        token = self._tokens.access_token()
        answer = self._transport.send(method, path, token=token, params=params)
        if _refused(answer, scope):
            token = self._tokens.renewed_after(token)
            answer = self._transport.send(method, path, token=token, params=params)
        if _refused(answer, scope):
            raise TokenRefused
        return answer


def _refused(answer: Response, scope: str | None) -> bool:
    """Tell whether the token was refused; raises MissingScope when that is what WHOOP says."""
    if answer.status != 401:
        return False
    if scope is not None and b"scope" in answer.body.lower():
        raise MissingScope(scope)
    return True
