"""What a fault does to a call."""

import socket
import struct
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlencode

from werkzeug.wrappers import Response

from coach.simulator.faults import Effect, How, Kind
from coach.simulator.twisting import TWISTS, repaged, twisted

MEGABYTE = bytes(1_000_000)
WALL = """<!DOCTYPE html><html><head><title>403 Forbidden</title></head>
<body><h1>Request blocked</h1><p>Reference 18.5e6d3f17.1763640000.1a2b3c</p></body></html>
"""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call: what is known of it, and what can be done with it."""

    answer: Callable[[str | None], Response]  # with another query string than the one that came
    query: str
    wait: Callable[[float], None]
    revoke: Callable[[], object]
    connection: socket.socket | None = None

    def ask(self) -> Response:
        return self.answer(None)


def take_effect(effect: Effect, call: Exchange) -> Response:
    """Answer the call as the fault has it.

    Raises ConnectionResetError when there is to be no answer: a server closes the connection then.
    """
    return EFFECTS[effect.kind](effect, call)


def _status(effect: Effect, _call: Exchange) -> Response:
    return Response(effect.body, effect.status, effect.headers)


def _waf(_effect: Effect, _call: Exchange) -> Response:
    return Response(WALL, 403, mimetype="text/html")


def _slow(effect: Effect, call: Exchange) -> Response:
    answer = call.ask()
    call.wait(effect.seconds)
    return answer


def _drip(effect: Effect, call: Exchange) -> Response:
    answer = call.ask()
    body = answer.get_data()

    def drops() -> Iterator[bytes]:
        for at in range(len(body)):
            call.wait(1 / effect.rate)
            yield body[at : at + 1]

    answer.response = drops()
    return answer


def _truncated(effect: Effect, call: Exchange) -> Response:
    answer = call.ask()
    answer.response = [answer.get_data()[: effect.keep]]  # the promised length stays
    return answer


def _invalid_json(_effect: Effect, call: Exchange) -> Response:
    answer = call.ask()
    answer.set_data(answer.get_data().rstrip()[:-1] + b', "records": [NaN, }')
    return answer


def _wrong_type(_effect: Effect, call: Exchange) -> Response:
    answer = call.ask()
    answer.headers["Content-Type"] = "text/html; charset=utf-8"
    return answer


def _records(effect: Effect, call: Exchange) -> Response:
    answer = call.ask()
    if effect.how in TWISTS:
        answer.set_data(twisted(answer.get_data(), effect.how))
    return answer


def _pages(effect: Effect, call: Exchange) -> Response:
    shown = parse_qs(call.query).get("nextToken", [None])[0]
    if effect.how is How.ADDED and shown:
        return call.answer(_one_record_earlier(call.query, shown))
    answer = call.ask()
    answer.set_data(repaged(answer.get_data(), effect.how, shown))
    return answer


def _one_record_earlier(query: str, token: str) -> str | None:
    """Let the page begin with the last record of the page before, as when one came in on top."""
    with suppress(ValueError):
        said = urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
        moment = datetime.fromisoformat(said) + timedelta(microseconds=1)
        moved = urlsafe_b64encode(moment.isoformat().encode()).rstrip(b"=").decode()
        return urlencode(parse_qs(query) | {"nextToken": [moved]}, doseq=True)
    return None


def _revoked(_effect: Effect, call: Exchange) -> Response:
    call.revoke()
    return call.ask()


def _lost(_effect: Effect, call: Exchange) -> Response:
    call.ask()
    raise _closed(call, "the answer is lost")


def _reset(_effect: Effect, call: Exchange) -> Response:
    if call.connection is not None:  # so that closing it is no orderly end
        linger = struct.pack("ii", 1, 0)
        call.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    raise _closed(call, "the connection is reset")


def _closed(call: Exchange, why: str) -> ConnectionResetError:
    """Let the server find that no other request comes, and close the connection."""
    if call.connection is not None:
        call.connection.shutdown(socket.SHUT_RD)
    return ConnectionResetError(why)


def _redirect(effect: Effect, _call: Exchange) -> Response:
    return Response(status=302, headers={"Location": effect.to})


def _bomb(effect: Effect, _call: Exchange) -> Response:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    return Response(_zeros(effect.megabytes), 200, headers)


def _zeros(megabytes: int) -> Iterator[bytes]:
    packer = zlib.compressobj(wbits=31)
    for _ in range(megabytes):
        yield packer.compress(MEGABYTE)
    yield packer.flush()


EFFECTS: dict[Kind, Callable[[Effect, Exchange], Response]] = {
    Kind.STATUS: _status,
    Kind.WAF: _waf,
    Kind.SLOW: _slow,
    Kind.DRIP: _drip,
    Kind.TRUNCATED: _truncated,
    Kind.INVALID_JSON: _invalid_json,
    Kind.WRONG_TYPE: _wrong_type,
    Kind.RECORDS: _records,
    Kind.PAGES: _pages,
    Kind.REVOKED: _revoked,
    Kind.LOST: _lost,
    Kind.RESET: _reset,
    Kind.REDIRECT: _redirect,
    Kind.BOMB: _bomb,
}
