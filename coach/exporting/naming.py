"""The name under which a download is kept, as RFC 6266 wants it."""

import re
import unicodedata
from urllib.parse import quote

LONGEST_NAME = 120
_UNSAFE = re.compile(r'[<>:"/\\|?*%\x00-\x1f\x7f]+')
_PLAIN = re.compile(r"[^A-Za-z0-9._ -]+")


def attachment(name: str) -> str:
    """Write the header: plain letters for old programs, the whole name in UTF-8 for the others."""
    printable = "".join(letter if letter.isprintable() else " " for letter in name)
    whole = _UNSAFE.sub("_", printable)[-LONGEST_NAME:].strip(" .")
    plain = _PLAIN.sub("_", unicodedata.normalize("NFKD", whole).encode("ascii", "ignore").decode())
    return f"attachment; filename=\"{plain.strip()}\"; filename*=UTF-8''{quote(whole, safe='')}"
