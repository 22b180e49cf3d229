"""Reasons in words."""

from dataclasses import replace

import pytest
from flask import Flask
from flask_babel import force_locale

from coach.check_ins.models import TagKind
from coach.insights.morning import LowRecovery, Quiet, Reason, Tagged
from coach.insights.signals import Direction, Signal, SignalName
from coach.insights.words import in_words
from coach.science.series import Confidence
from coach.science.sleep_need import NeedBy
from tests.insights.lives import TODAY, ago

SIGNAL = Signal(
    *(SignalName.HRV_WEEK, Direction.BELOW, 45.0, 62.0, 60.0, 64.0),
    *(3, 60, 7, Confidence.OK),
)


def say(app: Flask, reason: Reason) -> str:
    with app.test_request_context(), force_locale("en"):
        return in_words(reason).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (SIGNAL, "HRV below own range, 3 days"),
        (replace(SIGNAL, days=1), "HRV below own range, 1 day"),
        (
            replace(SIGNAL, name=SignalName.RESTING_WEEK, value=4.24),
            "resting heart rate 4.2 bpm above usual, 3 days",
        ),
        (
            replace(SIGNAL, name=SignalName.SLEEP_DAY, value=5 + 1 / 6, days=2),
            "slept 5 h 10 min, far below usual on 2 of 7 days",
        ),
        (
            replace(SIGNAL, name=SignalName.HRV_DAY, days=2, window=3, dates=(TODAY, ago(2))),
            "HRV far below usual on 2 of 3 days (28 Jun, 30 Jun)",
        ),
        (
            replace(SIGNAL, name=SignalName.RESTING_DAY, days=1, window=1, dates=(TODAY,)),
            "resting heart rate far above usual on 30 Jun",
        ),
        (
            replace(SIGNAL, name=SignalName.SLEEP_DEBT, value=6.5),
            "6 h 30 min of sleep missing in 7 nights, against 7 h 30 min a night",
        ),
        (
            replace(SIGNAL, name=SignalName.SLEEP_DEBT, value=6.5, against=NeedBy.WHOOP),
            "6 h 30 min of sleep missing in 7 nights, against WHOOP's base need",
        ),
        (
            replace(SIGNAL, name=SignalName.LOAD_WEEK, value=-41.6),
            "strain 42% below the usual week",
        ),
        (LowRecovery(28.4), "recovery 28% (Red)"),
        (Tagged(TagKind.TRAVELLING, TODAY, None), "tagged: travelling"),
        (Quiet(4), "no data for 4 days"),
        (Quiet(None), "no data for four weeks"),
    ],
)
def test_a_reason_in_words(app: Flask, reason: Reason, words: str) -> None:
    assert say(app, reason) == words


@pytest.mark.parametrize("name", list(SignalName))
def test_every_signal_has_words_that_claim_nothing(app: Flask, name: SignalName) -> None:
    words = say(app, replace(SIGNAL, name=name)).lower()
    assert words
    assert not {"risk", "ill", "injury", "burnout"} & set(words.split())
