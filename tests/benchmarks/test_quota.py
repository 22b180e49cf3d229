"""Days of a small crowd on one WHOOP app: nothing is missed, and no limit is exceeded."""

import pytest

from benchmarks import quota
from benchmarks.crowd import Limits
from benchmarks.quota import Plan

# A crowd this small has busier mornings than its share of the limits allows for.
ROOMY = Limits(per_minute=20, per_day=100)


def test_a_day_with_announcements_is_complete_when_it_ends() -> None:
    figures = quota.run("on", Plan(4, 1, ROOMY))
    assert (figures["missing"], figures["refused"]) == (0, 0)
    assert int(str(figures["things"])) > 8
    assert 1 < float(str(figures["calls_per_client_day"])) <= 6
    assert int(str(figures["worst_minute"])) <= 20


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(("scenario", "fewest"), [("on", 3.5), ("off", 3.5), ("dropped", 3.5)])
def test_days_of_a_crowd_stay_within_the_limits_and_nothing_is_lost(
    scenario: str, fewest: float
) -> None:
    plan = Plan(60, 3, Limits(per_minute=20, per_day=340))
    figures = quota.run(scenario, plan)
    assert figures["refused"] == 0
    assert int(str(figures["worst_minute"])) <= 20
    assert int(str(figures["worst_day"])) <= 340
    assert float(str(figures["calls_per_client_day"])) >= fewest
    assert int(str(figures["missing_a_day_later"])) <= 0.02 * int(str(figures["things"]))
