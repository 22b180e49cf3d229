"""What the roster says of a morning: who needs the coach, why, and what is not there to see."""

import re
from dataclasses import replace

import pytest
from flask import Flask

from coach.accounts.models import FieldGroup
from coach.check_ins.models import CheckIn, DayTag, TagKind
from coach.dashboard.roster_group import group_of
from coach.insights.morning import NOT_SHARED, Dated
from tests.cast import Cast
from tests.critic import Critic
from tests.dashboard.mornings import ALL, CALM, LOW_HRV, RED, lives, morning, nothing_known, says
from tests.insights.lives import STEADY, TODAY, Made, ago, steady


@pytest.fixture
def ann(app: Flask, cast: Cast) -> Critic:
    return Critic.of(app).sign_in(cast.ann)


def look(coach: Critic, address: str = "/dashboard") -> str:
    with morning():
        return re.sub(r"\s+", " ", coach.get(address).text)


def row_of(text: str, name: str) -> str:
    rows = re.findall(r"<tbody class=\"who.*?</tbody>", text)
    (found,) = (row for row in rows if f"<bdi>{name}</bdi>" in row)
    return str(found)


def names_in(text: str) -> list[str]:
    return re.findall(r"<bdi>(\w+)</bdi>", text)


def counts_in(text: str) -> list[int]:
    return [int(count) for count in re.findall(r"bucket__count\">(\d+)", text)]


def test_who_needs_the_coach_comes_first_with_the_reason(
    app: Flask, cast: Cast, ann: Critic
) -> None:
    lives(app, cast.bea, CALM, *ALL)
    lives(app, cast.carl, LOW_HRV, *ALL)
    says(app, cast.carl, DayTag(kind=TagKind.TRAVELLING, first_date=ago(1)))
    text = look(ann)
    assert names_in(text) == ["Carl", "Bea"]
    carl = row_of(text, "Carl")
    assert "Needs attention" in carl
    assert "HRV below own range, 7 days" in carl
    assert "tagged: travelling" in carl
    assert "Nothing stands out" in row_of(text, "Bea")


def test_a_row_says_its_values_in_words_and_marks(app: Flask, cast: Cast, ann: Critic) -> None:
    lives(app, cast.bea, CALM, *ALL)
    bea = row_of(look(ann), "Bea")
    for said in ("70%", "Green", "50 bpm", "to usual", "7 h 42 min", "7 nights:", "14.0"):
        assert said in bea, said
    assert re.search(r"HRV of Bea over 28 days; own range \d+ to \d+ ms", bea)
    assert "spark__normal" in bea
    assert "in own range" in bea


def test_the_counters_are_links_that_filter(app: Flask, cast: Cast, ann: Critic) -> None:
    lives(app, cast.bea, RED, *ALL)
    lives(app, cast.carl, None, *ALL)
    assert counts_in(look(ann)) == [0, 1, 1, 2]
    assert names_in(look(ann, "/dashboard?state=low_recovery")) == ["Bea"]
    assert names_in(look(ann, "/dashboard?state=no_data")) == ["Carl"]
    nobody = look(ann, "/dashboard?state=attention")
    assert "Nobody here" in nobody
    assert counts_in(nobody) == [0, 1, 1, 2]


def test_what_is_not_shared_is_said_so_and_counts_nowhere(
    app: Flask, cast: Cast, ann: Critic
) -> None:
    lives(app, cast.bea, LOW_HRV, FieldGroup.SLEEP)
    lives(app, cast.carl, LOW_HRV)
    text = look(ann)
    assert counts_in(text) == [0, 0, 0, 2]
    bea = row_of(text, "Bea")
    assert bea.count("not shared") == 5
    assert "7 h 42 min" in bea
    assert "Shares nothing with you yet" in row_of(text, "Carl")
    assert "no value" not in row_of(text, "Carl")


def test_an_old_value_carries_its_date(app: Flask, cast: Cast, ann: Critic) -> None:
    lives(app, cast.bea, Made({"recovery_score": [*[20.0] * 99, None]}), *ALL)
    bea = row_of(look(ann), "Bea")
    assert "Yesterday" in bea
    assert "Low recovery" not in bea


def test_a_week_of_hrv_names_its_newest_night_where_that_is_older(
    app: Flask, cast: Cast, ann: Critic
) -> None:
    lives(app, cast.bea, Made({"hrv": steady("hrv", then=[None, None])}), *ALL)
    lives(app, cast.carl, CALM, *ALL)
    text = look(ann)
    assert re.search(r'in own range</span><span class="[^"]*--old">Sun 28 Jun', row_of(text, "Bea"))
    assert "roster__note--old" not in row_of(text, "Carl")


def test_a_day_can_be_chosen_and_one_to_come_cannot(app: Flask, cast: Cast, ann: Critic) -> None:
    lives(app, cast.bea, RED, *ALL)
    assert counts_in(look(ann, f"/dashboard?date={ago(1)}"))[1] == 0
    assert counts_in(look(ann, "/dashboard?date=2099-01-01"))[1] == 1
    assert counts_in(look(ann, "/dashboard?date=nonsense&page=x&density=x"))[1] == 1


@pytest.mark.parametrize(
    ("answered", "said"),
    [(None, "None in four weeks"), (0, "Answered"), (1, "Not yet today"), (3, "Missed 2 days")],
)
def test_the_check_in_is_said_in_words(
    app: Flask, cast: Cast, ann: Critic, answered: int | None, said: str
) -> None:
    lives(app, cast.bea, CALM, *ALL)
    if answered is not None:
        says(app, cast.bea, CheckIn(date=ago(answered), sleep=2))
    assert said in row_of(look(ann), "Bea")


def test_who_has_few_days_is_not_called_as_usual(app: Flask, cast: Cast, ann: Critic) -> None:
    runs: dict[str, list[float | None]] = {name: [] for name in STEADY}
    runs |= {"hrv": [60.0] * 3, "recovery_score": [50.0] * 3}
    lives(app, cast.bea, Made(runs), *ALL)
    bea = row_of(look(ann), "Bea")
    assert "Too few days to compare yet" in bea
    assert "Nothing stands out" not in bea


def test_the_group_is_averaged_over_those_who_share(app: Flask, cast: Cast, ann: Critic) -> None:
    lives(app, cast.bea, RED, *ALL)
    lives(app, cast.carl, CALM, FieldGroup.SLEEP)
    (group,) = re.findall(r"<tbody class=\"roster__group.*?</tbody>", look(ann))
    assert re.search(r"20%.{0,60}1 of 1", group)
    assert re.search(r"7 h 42 min.{0,60}2 of 2", group)
    assert "recovery--" not in group, "an average has no colour"


def test_yesterdays_value_is_no_part_of_todays_average() -> None:
    today, old = (replace(nothing_known(), recovery=Dated(50.0, day)) for day in (TODAY, ago(1)))
    hidden = replace(nothing_known(), recovery=NOT_SHARED)
    found = group_of([today, old, hidden]).recovery
    assert (found.value, found.n, found.of) == (50.0, 1, 2)
