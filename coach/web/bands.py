"""WHOOP's bands: which word and which colour belongs to a score."""

from typing import Literal

from flask_babel import gettext as _

Band = Literal["high", "medium", "low"]
Effort = Literal["light", "moderate", "high", "all_out"]


def recovery_band(score: float) -> Band:
    """Give the band of the score as it is shown, in whole percent."""
    shown = round(score)
    if shown >= 67:
        return "high"
    return "medium" if shown >= 34 else "low"


def recovery_word(score: float) -> str:
    """Give the word WHOOP uses for a recovery."""
    words = {"high": _("Green"), "medium": _("Yellow"), "low": _("Red")}
    return words[recovery_band(score)]


def strain_band(strain: float) -> Effort:
    """Give the band of a strain; WHOOP names whole numbers, so 13.9 is still moderate."""
    if strain >= 18:
        return "all_out"
    if strain >= 14:
        return "high"
    return "moderate" if strain >= 10 else "light"


def strain_word(strain: float) -> str:
    """Give the word WHOOP uses for a strain."""
    words = {
        "light": _("Light"),
        "moderate": _("Moderate"),
        "high": _("High"),
        "all_out": _("All out"),
    }
    return words[strain_band(strain)]
