"""How many alerts chance alone would raise: what a coach should know before setting a threshold."""

from math import erfc, sqrt

VERSION = 1


def beyond(k: float) -> float:
    """Chance that a normal value lies more than k SD out, in one direction.

    P(Z > k) = erfc(k / sqrt 2) / 2. Version 1.
    """
    return erfc(k / sqrt(2)) / 2


def two_of_three(p: float) -> float:
    """Chance that something of chance p a day happens on at least two of three days.

    3 p^2 (1 - p) + p^3, for independent days; real days are correlated, so preview on real data
    too. Version 1.
    """
    return 3 * p**2 * (1 - p) + p**3


def weekly_alerts(clients: int, metrics: int, k: float, *, persistent: bool) -> float:
    """Expect so many chance alerts a week in the bad direction.

    clients x metrics x 7 x chance a day. Source: expectation of independent normal data.
    Version 1.
    """
    daily = two_of_three(beyond(k)) if persistent else beyond(k)
    return clients * metrics * 7 * daily


def week_below(sds: float = 0.5, days: int = 7) -> float:
    """Chance that the mean of so many days lies more than `sds` daily SD below the usual mean.

    P(Z > sds x sqrt(days)), for independent normal days; days that hang together raise it.
    Source: the standard error of a mean; 0.5 SD is Vesterinen 2016, MSSE. Version 1.
    """
    return beyond(sds * sqrt(days))
