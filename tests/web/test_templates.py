"""What every template and every vendored file must and must not be."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import date
from hashlib import sha512
from pathlib import Path

import pytest
from flask import Flask, g, render_template, render_template_string
from jinja2 import DictLoader
from jinja2_fragments import render_block

import coach
import coach.web
from coach.web import filters
from coach.web.assets import STYLE_SHEETS
from coach.web.charts import line_chart, stacked_chart
from coach.web.locale import speak

CODE = Path(coach.__file__).parent
WEB = Path(coach.web.__file__).parent
STATIC = WEB / "static"
VENDOR = STATIC / "vendor"
TEMPLATES = sorted(
    path for path in CODE.rglob("templates/**/*.html") if "simulator" not in path.parts
)
BANNED = {
    "an inline style": r"\sstyle\s*=",
    "an inline script": r"<script(?![^>]*\ssrc=)|\son[a-z]+=|javascript:",
    "script in an attribute of htmx": r"hx-on|[\"']js:",
    "unescaped text": r"\|\s*safe\b|autoescape false",
    "a foreign origin": r"(?:src|href)=\"(?:https?:)?//",
}


@pytest.fixture(autouse=True)
def app() -> Iterator[Flask]:
    app = Flask("looks", template_folder=str(WEB / "templates"), static_folder=str(STATIC))
    app.jinja_env.globals["csrf_token"] = lambda: "token"
    speak(app)
    filters.register(app)
    with app.test_request_context():
        yield app


@pytest.mark.parametrize("what", BANNED)
def test_no_template_holds_what_our_policy_forbids(what: str) -> None:
    pattern = re.compile(BANNED[what], flags=re.IGNORECASE)
    assert not [path.name for path in TEMPLATES if pattern.search(path.read_text())]


def test_the_rules_see_what_they_forbid() -> None:
    bad = '<p style="x" onclick="y"><script>z</script><a href="//cdn">{{ it|safe }} hx-on:click'
    assert all(re.search(pattern, bad) for pattern in BANNED.values())


def test_every_style_sheet_is_linked_and_every_linked_one_is_there() -> None:
    assert {path.stem for path in (STATIC / "css").iterdir()} == set(STYLE_SHEETS)


def test_style_sheets_use_only_tokens_that_exist() -> None:
    text = "".join(path.read_text() for path in (STATIC / "css").iterdir())
    assert set(re.findall(r"var\((--[\w-]+)", text)) <= set(re.findall(r"(--[\w-]+):", text))


@pytest.mark.parametrize("entry", json.loads((VENDOR / "manifest.json").read_text()))
def test_vendored_files_are_the_ones_we_chose(entry: dict[str, str]) -> None:
    file = VENDOR / entry["file"]
    assert b64encode(sha512(file.read_bytes()).digest()).decode() == entry["sha512"]
    assert (file.parent / "LICENSE").is_file()


def test_every_icon_asked_for_is_in_the_sprite() -> None:
    sprite = next(VENDOR.glob("lucide-*/icons.svg")).read_text()
    asked = {
        name for path in TEMPLATES for name in re.findall(r'icon\("([\w-]+)"', path.read_text())
    }
    assert asked <= set(re.findall(r'id="([\w-]+)"', sprite))


def test_the_address_of_a_static_file_names_its_content() -> None:
    assert re.fullmatch(
        r"/static/js/app\.js\?v=[0-9a-f]{12}", render_template_string("{{ asset('js/app.js') }}")
    )


def test_a_block_rendered_alone_knows_the_macros(app: Flask) -> None:
    page = "{% block part %}{{ badge('Linked', 'good') }}{% endblock %}"
    environment = app.jinja_env.overlay(loader=DictLoader({"page.html": page}))
    assert "badge--good" in render_block(environment, "page.html", "part")


def test_an_error_page_needs_neither_session_nor_database(app: Flask) -> None:
    del app.jinja_env.globals["csrf_token"]
    g.request_id = "abc"
    page = render_template("errors/error.html", code=503, title="Away", text="Try again.")
    assert "<h1>Away</h1>" in page
    assert "Reference: 503 / abc" in page


def test_a_ring_shows_its_share_and_says_its_word() -> None:
    html = render_template_string(
        '{{ dial("Recovery", 72|percent, 0.72, "high", "Green", "WHOOP") }}'
    )
    assert 'stroke-dasharray="72.0 200"' in html
    assert ">72%<" in html
    assert "Green" in html


def test_a_ring_without_a_value_has_no_arc() -> None:
    html = render_template_string('{{ dial("Recovery", none, none, "") }}')
    assert "dial__arc" not in html
    assert "no value" in html


def test_a_chart_shows_the_own_range_marked_days_and_gaps() -> None:
    days = [date(2026, 5, day) for day in (1, 2, 3)]
    chart = line_chart(days, [50, None, 70], normal=(55, 65), marks={days[0]})
    html = render_template_string('{{ day_chart(chart, "HRV") }}', chart=chart)
    counts = [html.count(f'class="chart__{part}"') for part in ("normal", "mark", "gap")]
    assert counts == [1, 1, 1]


def test_a_legend_names_each_layer() -> None:
    layers = {"deep_hours": [1.0], "rem_hours": [2.0]}
    chart = stacked_chart([date(2026, 5, 1)], layers)
    html = render_template_string("{{ legend(layers) }}", layers=chart.layers)
    assert "Deep sleep (SWS)" in html
    assert "chart__bar--rem_hours" in html
