"""A flood of refusals leaves a few lines and a number."""

from coach.observability.ratecap import WINDOW_SECONDS, RateCap


def test_a_flood_is_cut_off_and_counted_in_the_next_window() -> None:
    now = [0.0]
    cap = RateCap(3, clock=lambda: now[0])
    assert [cap.admit() for _ in range(10)] == [0, 0, 0, *[None] * 7]
    now[0] += WINDOW_SECONDS
    assert [cap.admit() for _ in range(4)] == [7, 0, 0, None]
