"""How large a population is; the environment scales it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Size:
    """Organisations, coaches of each, clients of all, days of each, and the seed of the dice.

    The first organisation is a large one: its first coach has `large` clients, the second `usual`.
    """

    organisations: int = 200
    clients: int = 20_000
    days: int = 730
    seed: int = 7
    coaches_each: int = 4
    large: int = 500
    usual: int = 50

    @classmethod
    def of_environment(cls, environment: Mapping[str, str] = os.environ) -> "Size":
        """Read ORGANISATIONS, CLIENTS, DAYS and SEED; what is not said is full size."""
        named = ("organisations", "clients", "days", "seed")
        said = {name: environment[name.upper()] for name in named if name.upper() in environment}
        size = cls(**{name: int(value) for name, value in said.items()})
        return replace(size, large=min(size.large, size.clients // 2))

    @property
    def first_organisation(self) -> int:
        """Count the clients of the first organisation; the others share the rest evenly."""
        return min(self.large + 2 * self.usual, self.clients)

    @property
    def parameters(self) -> dict[str, int]:
        """Give what the statements ask for by name."""
        return {
            "organisations": self.organisations,
            "clients": self.clients,
            "first_organisation": self.first_organisation,
            "days": self.days,
            "seed": self.seed,
            "coaches": self.coaches_each,
            "large": self.large,
            "usual": self.usual,
        }
