from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import pytest
from flask import Flask, render_template_string

import coach.web
from coach.web import filters
from coach.web.charts import Chart, Values, day_chart, sparkline, stacked_chart
from coach.web.locale import speak

TEMPLATES = Path(coach.web.__file__).parent / "templates"
MACROS = '{% from "macros/charts.html" import day_chart with context %}'


def days(count: int) -> list[date]:
    return [date(2026, 5, 14) - timedelta(days=back) for back in reversed(range(count))]


def chart(
    values: Values, kind: Literal["line", "bars"] = "line", classes: Sequence[str] | None = None
) -> Chart:
    return day_chart(
        days(len(values)),
        values,
        kind=kind,
        low=0,
        high=100,
        ticks=[0, 50, 100],
        titles=[f"<{value}>" for value in values],
        classes=classes,
    )


def points(line: str) -> int:
    return len(line.split())


@pytest.mark.parametrize(
    ("values", "runs", "lone"),
    [
        ([], [], 0),
        ([None, None], [], 0),
        ([5], [], 1),
        ([1, 2, 3], [3], 0),
        ([1, 2, None, 4, 5, 6], [2, 3], 0),
        ([1, None, 3, None, 5, 6], [2], 2),
        ([None, 0, 0, None], [2], 0),
    ],
)
def test_a_gap_breaks_a_sparkline_and_an_isolated_day_is_a_dot(
    values: Values, runs: list[int], lone: int
) -> None:
    line = sparkline(values)
    assert [points(run) for run in line.lines] == runs
    assert len(line.lone) == lone


@pytest.mark.parametrize(("values", "there"), [([1, 2], True), ([1, None], False), ([], False)])
def test_the_end_of_a_sparkline_is_marked_only_if_the_newest_day_has_a_value(
    values: Values, *, there: bool
) -> None:
    assert (sparkline(values).last is not None) is there


@pytest.mark.parametrize("values", [[0, 100], [7, 7, 7], [-3, None, 9000]])
def test_a_sparkline_stays_inside_its_drawing(values: Values) -> None:
    line = sparkline(values, width=120, height=28)
    places = [pair.split(",") for run in line.lines for pair in run.split()]
    assert all(0 <= float(x) <= 120 and 0 <= float(y) <= 28 for x, y in places)


@pytest.mark.parametrize(
    ("values", "runs"),
    [([None], []), ([50], []), ([1, 2, None, 4, 5], [2, 2]), ([1, None, 3, 4], [2])],
)
def test_a_gap_breaks_the_line_of_a_chart(values: Values, runs: list[int]) -> None:
    drawn = chart(values)
    assert [points(run) for run in drawn.lines] == runs
    assert len(drawn.dots) == sum(value is not None for value in values)


def test_a_long_chart_shows_dots_only_where_no_line_passes() -> None:
    drawn = chart([1, None, *[5.0] * 88])
    assert [dot.x for dot in drawn.dots] == [drawn.slots[0].middle]


def test_higher_values_stand_higher() -> None:
    low, middle, high = chart([0, 50, 100]).dots
    assert low.y > middle.y > high.y
    assert low.y - middle.y == pytest.approx(middle.y - high.y)


def test_values_stand_at_the_grid_line_of_the_same_value() -> None:
    drawn = chart([0, 50, 100])
    assert [dot.y for dot in drawn.dots] == [tick.y for tick in drawn.y_ticks]


@pytest.mark.parametrize(("value", "edge"), [(140, 100), (-5, 0)])
def test_a_value_beyond_the_scale_is_drawn_at_its_edge(value: float, edge: float) -> None:
    beyond, at_edge = chart([value, edge]).dots
    assert beyond.y == at_edge.y


def test_bars_are_there_only_for_days_with_a_value_and_carry_their_colour() -> None:
    drawn = chart([20, None, 80], "bars", ["low", "", "high"])
    assert [bar.kind for bar in drawn.bars] == ["low", "high"]
    assert not drawn.lines


def test_bars_without_classes_are_plain() -> None:
    assert [bar.kind for bar in chart([20], "bars").bars] == ["plain"]


def test_all_bars_stand_on_the_foot_of_the_chart_and_within_their_day() -> None:
    drawn = chart([20, 100, 0], "bars")
    assert [bar.y + bar.height for bar in drawn.bars[:2]] == [drawn.foot, drawn.foot]
    assert drawn.bars[2].height == 1  # zero is a value: it can be seen
    for bar, slot in zip(drawn.bars, drawn.slots, strict=True):
        assert slot.x <= bar.x < bar.x + bar.width <= slot.x + slot.width


def test_a_layer_stands_on_the_layer_below() -> None:
    drawn = stacked_chart(days(1), {"deep": [2.0], "rem": [None], "light": [4.0]})
    deep, light = drawn.bars
    assert (deep.kind, light.kind) == ("deep", "light")
    assert light.y + light.height == pytest.approx(deep.y)


@pytest.mark.parametrize(
    ("count", "ticks"), [(0, 0), (1, 1), (7, 7), (8, 8), (30, 8), (90, 8), (365, 8)]
)
def test_a_handful_of_dates_are_named_and_always_the_newest(count: int, ticks: int) -> None:
    found = chart([None] * count).x_ticks
    assert len(found) == ticks
    assert [tick.day for tick in found[-1:]] == days(count)[-1:]
    assert not any(tick.wide for tick in found[-1:])


@pytest.mark.parametrize(("titles", "values"), [(["one"], [1, 2]), (["one", "two"], [1])])
def test_a_missing_title_or_value_is_a_mistake_of_the_caller(
    titles: list[str], values: list[float]
) -> None:
    with pytest.raises(ValueError, match="zip"):
        day_chart(days(2), values, kind="bars", low=0, high=1, ticks=[0], titles=titles)


@pytest.fixture
def app() -> Flask:
    app = Flask("looks", template_folder=str(TEMPLATES))
    speak(app)
    filters.register(app)
    return app


def drawing(app: Flask, call: str, **values: object) -> str:
    with app.test_request_context():
        return render_template_string(MACROS + "{{ " + call + " }}", **values)


def test_a_drawn_chart_says_what_it_is_and_escapes_its_words(app: Flask) -> None:
    html = drawing(app, "day_chart(it, '<b>', 'bars')", it=chart([20, None], "bars", ["low", ""]))
    assert 'role="img"' in html
    assert 'aria-label="&lt;b&gt;' in html
    assert "&lt;20&gt;</title>" in html
    assert html.count('class="chart__bar chart__bar--low"') == 1
    assert html.count("<title>") == 2


def test_a_drawn_line_breaks_where_the_days_do(app: Flask) -> None:
    html = drawing(app, "day_chart(it, 'HRV', 'line')", it=chart([1, 2, None, 3, 4]))
    assert html.count('class="chart__line"') == 2


def test_a_drawn_sparkline_has_a_name_lines_and_an_end(app: Flask) -> None:
    html = drawing(app, "sparkline(it, 'Recovery')", it=sparkline([1, None, 3, 4]))
    assert 'aria-label="Recovery"' in html
    assert [html.count(f'class="spark__{part}"') for part in ("line", "dot", "last")] == [1, 1, 1]


def test_drawings_need_neither_inline_style_nor_script(app: Flask) -> None:
    html = drawing(app, "day_chart(it, 'HRV')", it=chart([1, 2])) + drawing(
        app, "sparkline(it, 'HRV')", it=sparkline([1, 2])
    )
    assert "style=" not in html
    assert "<script" not in html
