"""The way back: a client's pages remember which roster they were opened from."""

from urllib.parse import parse_qsl, urlencode

from flask import Flask, has_request_context, request

from coach.dashboard.roster_wanted import Wanted

KEPT = "roster"
# The pages between which a coach goes to and fro, all of one client.
OF_CLIENT = frozenset(
    {
        *("dashboard.client", "client.diary", "client.day", "client.field"),
        *("client_periods.show", "weekly.client", "weekly.client_now", "summary.client"),
    }
)


def register(app: Flask) -> None:
    """Let every address of a client's page carry on what the page at hand was opened from."""
    app.url_defaults(_carry_on)
    app.add_template_filter(kept)
    app.add_template_global(roster_left, "roster_left")


def kept(wanted: Wanted) -> str | None:
    """Write what of the roster is asked for into one word of an address; None for the usual."""
    return urlencode(wanted.args) or None


def roster_left() -> Wanted:
    """Read which roster the page at hand was opened from."""
    return Wanted.read(dict(parse_qsl(request.args.get(KEPT, ""))))


def _carry_on(endpoint: str, values: dict[str, object]) -> None:
    if endpoint in OF_CLIENT and has_request_context() and KEPT not in values:
        values[KEPT] = kept(roster_left())
