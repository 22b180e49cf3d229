from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from flask import Flask, render_template_string
from flask_babel import force_locale

import coach.web
from coach.days.metrics import METRICS, Source
from coach.web import filters
from coach.web.labels import METRIC_WORDS, SOURCE_LABELS
from coach.web.locale import speak

TEMPLATES = Path(coach.web.__file__).parent / "templates"
NOW = datetime(2026, 5, 14, 12, 0, tzinfo=UTC)
GAP = "\N{NO-BREAK SPACE}"


@pytest.fixture(autouse=True)
def app() -> Iterator[Flask]:
    app = Flask("looks", template_folder=str(TEMPLATES))
    speak(app)
    filters.register(app)
    with app.test_request_context():
        yield app


def shown(expression: str, **values: object) -> str:
    return render_template_string("{{ " + expression + " }}", **values)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (7.53, "7 h 32 min"),
        (8, "8 h 0 min"),
        (0.5, "30 min"),
        (0, "0 min"),
        (7.999, "8 h 0 min"),
        (23.99, "23 h 59 min"),
    ],
)
def test_hours_are_written_as_hours_and_minutes(value: float, words: str) -> None:
    assert shown("value|hours", value=value) == words


@pytest.mark.parametrize(("value", "words"), [(7.53, "7:32"), (0.05, "0:03"), (7.999, "8:00")])
def test_hours_are_written_short_where_there_is_no_room(value: float, words: str) -> None:
    assert shown("value|short_hours", value=value) == words


@pytest.mark.parametrize("look", ["hours", "short_hours", "number", "percent", "clock", "moment"])
def test_a_missing_value_is_a_dash_that_can_be_heard(look: str) -> None:
    html = shown(f"none|{look}")
    assert "no value" in html
    assert "&ndash;" in html
    assert "None" not in html


@pytest.mark.parametrize(
    ("value", "decimals", "locale", "words"),
    [
        (67, 0, "en", "67"),
        (0, 0, "en", "0"),
        (13.94, 1, "en", "13.9"),
        (13, 1, "en", "13.0"),
        (12345.6, 0, "en", "12,346"),
        (13.94, 1, "es", "13,9"),
        (13.94, 1, "ru", "13,9"),
        (12345, 0, "ru", f"12{GAP}345"),
    ],
)
def test_numbers_follow_the_language(value: float, decimals: int, locale: str, words: str) -> None:
    with force_locale(locale):
        assert shown("value|number(decimals)", value=value, decimals=decimals) == words


@pytest.mark.parametrize(
    ("locale", "words"), [("en", "67%"), ("es", f"67{GAP}%"), ("ru", f"67{GAP}%")]
)
def test_percent_follows_the_language(locale: str, words: str) -> None:
    with force_locale(locale):
        assert shown("67|percent") == words


@pytest.mark.parametrize(
    ("locale", "words"), [("en", "Thu 14 May"), ("es", "jue 14 may"), ("ru", "чт 14 мая")]
)
def test_days_follow_the_language(locale: str, words: str) -> None:
    with force_locale(locale):
        assert shown("value|day", value=date(2026, 5, 14)) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (date(2026, 5, 14), "Today"),
        (date(2026, 5, 13), "Yesterday"),
        (date(2026, 5, 12), "Tue 12 May"),
        (date(2025, 5, 14), "Wed 14 May 2025"),
    ],
)
def test_days_near_today_have_names_and_those_of_other_years_their_year(
    value: date, words: str
) -> None:
    assert shown("value|day(today)", value=value, today=NOW.date()) == words


def test_a_moment_names_its_zone() -> None:
    there = NOW.astimezone(timezone(timedelta(hours=5)))
    assert shown("value|moment", value=there) == "14 May, 12:00"


def test_a_clock_stays_in_the_zone_of_its_time() -> None:
    there = NOW.astimezone(timezone(timedelta(hours=5)))
    assert shown("value|clock", value=there) == "17:00"


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(0), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 min ago"),
        (timedelta(minutes=12, seconds=40), "12 min ago"),
        (timedelta(minutes=59, seconds=59), "59 min ago"),
        (timedelta(hours=3), "3 h ago"),
        (timedelta(hours=23, minutes=59), "23 h ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=2), "2 days ago"),
        (timedelta(seconds=-5), "any moment"),
        (timedelta(minutes=-20), "in 20 min"),
    ],
)
def test_how_long_ago_something_was_is_said_in_its_largest_unit(
    passed: timedelta, words: str
) -> None:
    assert shown("value|ago(now)", value=NOW - passed, now=NOW) == words


@pytest.mark.parametrize(
    ("score", "band", "word"),
    [
        (0, "low", "Red"),
        (33, "low", "Red"),
        (34, "medium", "Yellow"),
        (66, "medium", "Yellow"),
        (67, "high", "Green"),
        (100, "high", "Green"),
        (66.4, "medium", "Yellow"),
        (66.6, "high", "Green"),
    ],
)
def test_the_band_of_a_recovery_is_that_of_the_number_on_screen(
    score: float, band: str, word: str
) -> None:
    assert shown("score|recovery_band", score=score) == band
    assert shown("score|recovery_word", score=score) == word


@pytest.mark.parametrize("word", ["recovery_band", "recovery_word", "source_label", "metric_label"])
def test_where_there_is_no_value_there_is_no_word(word: str) -> None:
    assert shown(f"none|{word}") == ""


def test_every_metric_and_every_source_has_a_name() -> None:
    assert set(METRIC_WORDS) == set(METRICS)
    assert set(SOURCE_LABELS) == set(Source)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (Source.WHOOP, "WHOOP"),
        (Source.EXPORT, "WHOOP export"),
        (Source.MANUAL, "typed by hand"),
    ],
)
def test_sources_are_named_by_what_a_reader_calls_them(source: Source, words: str) -> None:
    assert shown("said|source_label", said=source) == words


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("recovery_score", 67, "67%"),
        ("hrv", 64.2, f"64{GAP}ms"),
        ("sleep_hours", 7.5, "7 h 30 min"),
        ("sleep_offset_minutes", -210, "UTC-03:30"),
        ("sleep_started_at", NOW, "12:00"),
        ("notes", "slept well", "slept well"),
    ],
)
def test_a_metric_is_written_in_its_own_style(name: str, value: object, words: str) -> None:
    assert shown("value|metric_value(name)", value=value, name=name) == words


@pytest.mark.parametrize(
    ("name", "letters"), [("Ada Lovelace", "AL"), ("ada", "A"), ("Ana de la Paz", "AP"), ("", "")]
)
def test_a_person_is_abbreviated_to_two_letters(name: str, letters: str) -> None:
    assert shown("name|initials", name=name) == letters
