"""UTC offsets as WHOOP writes them."""

from datetime import timedelta


def designator(offset: timedelta) -> str:
    """Return `+hh:mm`, `-hh:mm`, or `Z` for none."""
    minutes = round(offset.total_seconds() / 60)
    if not minutes:
        return "Z"
    return f"{'+' if minutes > 0 else '-'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def parsed(text: str) -> timedelta:
    if text == "Z":
        return timedelta()
    sign = -1 if text[0] == "-" else 1
    return sign * timedelta(hours=int(text[1:3]), minutes=int(text[4:6]))
