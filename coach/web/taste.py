"""What the person looking prefers; asked by everything that writes numbers, dates and pages."""

from dataclasses import dataclass
from enum import StrEnum

from flask import g, has_app_context


class Units(StrEnum):
    """In which units weight and temperature are shown."""

    METRIC = "metric"
    IMPERIAL = "imperial"


class EnergyUnit(StrEnum):
    """In which unit energy is shown."""

    KILOJOULE = "kj"
    KILOCALORIE = "kcal"


class Theme(StrEnum):
    """Light or dark whatever the device says."""

    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Taste:
    """What somebody chose; `None` follows the browser. `week_start` is ISO: 1 is Monday."""

    locale: str | None = None
    units: Units = Units.METRIC
    energy: EnergyUnit = EnergyUnit.KILOJOULE
    theme: Theme | None = None
    week_start: int = 1


USUAL = Taste()


def taste() -> Taste:
    """Say what the person looking prefers; the usual for visitors, mails and jobs."""
    found = g.get("taste") if has_app_context() else None
    return found if isinstance(found, Taste) else USUAL


def follow(chosen: Taste) -> None:
    """Write from here on as somebody prefers."""
    g.taste = chosen
