"""Reads an answer's body without ever holding more of it than we take."""

import zlib
from collections.abc import Iterable

MAX_BYTES = 5 * 1024 * 1024
_GZIP = 16 + zlib.MAX_WBITS


class TooMuch(ValueError):
    """More bytes came, or came out of them, than we take."""


class Broken(ValueError):
    """The bytes cannot be unpacked."""


def read_body(chunks: Iterable[bytes], *, gzipped: bool) -> bytes:
    """Join the chunks, unpacked if need be; both what comes and what comes out of it are capped.

    httpx unpacks a whole chunk at once, and 64 KB of gzip may hold 64 MB: so we unpack ourselves.
    """
    unpacker = zlib.decompressobj(_GZIP) if gzipped else None
    body = bytearray()
    came = 0
    for chunk in chunks:
        came += len(chunk)
        body += chunk if unpacker is None else _unpack(unpacker, chunk, MAX_BYTES + 1 - len(body))
        if max(came, len(body)) > MAX_BYTES:
            raise TooMuch(f"more than {MAX_BYTES} bytes")
    if came and unpacker is not None and not unpacker.eof:
        raise Broken("the compressed body is cut off")
    return bytes(body)


def _unpack(unpacker: "zlib._Decompress", chunk: bytes, room: int) -> bytes:
    try:
        return unpacker.decompress(chunk, room)
    except zlib.error as error:
        raise Broken(str(error)) from error
