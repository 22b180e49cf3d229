"""Asks WHOOP for one person's data: transport, around it authorisation, around it the questions.

Everything here raises only `WhoopError`s.
"""

from coach.whoop.client.authorised import Authorised, TokenSource
from coach.whoop.client.calls import PageOf, WhoopClient, pages
from coach.whoop.client.transport import Limits, Transport

__all__ = ["Authorised", "Limits", "PageOf", "TokenSource", "Transport", "WhoopClient", "pages"]
