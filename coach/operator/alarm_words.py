"""What an alarm says, and what to do about it."""

from typing import Final

from flask_babel import lazy_gettext as _l

TITLES: Final = {
    "guessing": _l("somebody guesses passwords"),
    "straying": _l("somebody tries ids that are not theirs"),
    "seals": _l("sealed values do not open"),
    "grants": _l("many WHOOP links die at once"),
    "announcements": _l("what WHOOP announced waits"),
    "quota": _l("calls to WHOOP are nearly spent"),
}
ADVICE: Final = {
    "guessing": _l(
        "Tries are slowed down already. Look for sign_in_failed and tries_slowed_down in the log:"
        " one account, one address, or many of both? Block the address at the proxy if it is one."
    ),
    "straying": _l(
        "A signed-in person or a token asked for three or more ids within 15 minutes that are not"
        " theirs or not there. Nothing was shown. Look for access_denied in the log for who it is."
    ),
    "seals": _l(
        "Rows were changed or moved, or a key is missing. Run coach doctor: it names the rows."
    ),
    "grants": _l(
        "Look at the WHOOP app's secret first. Links are not ended for a day; after that, or by"
        " coach release-verdicts, clients are asked to link again."
    ),
    "announcements": _l(
        "The oldest one is more than ten minutes old. Look at the workers of the queue sync."
    ),
    "quota": _l(
        "Four fifths of a day's calls are used. Background reading waits; ask WHOOP for more, or"
        " give organisations apps of their own."
    ),
}
