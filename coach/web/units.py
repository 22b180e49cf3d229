"""The one place where units change: the database holds SI, people read and type their own."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from coach.web.taste import EnergyUnit, Units, taste

KJ_PER_KCAL = 4.184
POUNDS_PER_KG = 1 / 0.45359237
KEPT_DECIMALS = 3  # of what was typed in another unit: finer than any of them is shown


@dataclass(frozen=True, slots=True)
class Conversion:
    """How a unit of ours becomes another: times `factor`, plus `zero`."""

    unit: LazyString
    factor: float
    zero: float = 0.0


_KCAL = Conversion(_l("kcal"), 1 / KJ_PER_KCAL)
_IMPERIAL = {
    "weight_kg": Conversion(_l("lb"), POUNDS_PER_KG),
    "skin_temp_celsius": Conversion(_l("°F"), 1.8, 32),
}


def conversion(name: str) -> Conversion | None:
    """Say how a metric is converted for the person looking; None when it is shown as it is."""
    if name == "energy_kj":
        return _KCAL if taste().energy is EnergyUnit.KILOCALORIE else None
    return _IMPERIAL.get(name) if taste().units is Units.IMPERIAL else None


def in_units(value: float, name: str) -> float:
    """Convert a stored value to the unit of the person looking."""
    other = conversion(name)
    return value * other.factor + other.zero if other else value


def difference_in_units(value: float, name: str) -> float:
    """Convert a difference of two stored values, where zero stays zero."""
    other = conversion(name)
    return value * other.factor if other else value


def from_units(value: float, name: str) -> float:
    """Convert what the person looking typed to what is stored."""
    other = conversion(name)
    return round((value - other.zero) / other.factor, KEPT_DECIMALS) if other else value
