"""How numbers, dates, gaps and sources look."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache, wraps

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_decimal, format_percent
from flask import Flask
from flask_babel import format_datetime, get_locale, ngettext
from flask_babel import gettext as _
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from coach.web.assets import STYLE_SHEETS, asset, icon
from coach.web.bands import recovery_band, recovery_word, strain_band, strain_word
from coach.web.labels import METRIC_WORDS, metric_label, metric_unit, source_label
from coach.web.metric_help import metric_help
from coach.web.sparklines import drawn
from coach.web.taste import taste
from coach.web.units import difference_in_units, in_units

NO_BREAK = "\N{NO-BREAK SPACE}"
Shown = float | int | str | datetime | None


def register(app: Flask) -> None:
    """Teach the templates of an app our filters, words and macros."""
    for look in _LOOKS:
        app.add_template_filter(look)
    for word in _WORDS:
        app.add_template_filter(_or_nothing(word))
    app.add_template_filter(_dash_there, "dash")
    app.jinja_env.globals |= {
        "asset": asset,
        "get_locale": get_locale,
        "icon": icon,
        "sparkline": drawn,
        "style_sheets": STYLE_SHEETS,
    }
    _share_macros(app)


def dash(value: object) -> object:
    """Show a value, or a dash that says in words that there is none."""
    if value is not None and value != "":
        return value
    return Markup(
        '<span class="dash" aria-hidden="true">&ndash;</span><span class="visually-hidden">{}</span>'
    ).format(_("no value"))


@pass_context
def _dash_there(_context: Context, value: object) -> object:
    """Say it while the page is made: Jinja works `none|dash` out but once, for all languages."""
    return dash(value)


def number(value: float | None, decimals: int = 0, unit: str = "") -> object:
    """Write a number the way the reader's language does, with its unit."""
    if value is None:
        return dash(value)
    written = _written(value + 0.0, decimals, _language())  # minus nothing is nothing
    return f"{written}{NO_BREAK}{unit}" if unit else written


@lru_cache(maxsize=16_384)
def _written(value: float, decimals: int, language: str) -> str:
    """Write a number once: the same few are written over and over."""
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return str(format_decimal(value, format=pattern, locale=language))


def percent(value: float | None, decimals: int = 0) -> object:
    """Write 67 as 67%, or 67 % where that is the custom."""
    if value is None:
        return dash(value)
    return _percent_written(value, decimals, _language())


@lru_cache(maxsize=16_384)
def _percent_written(value: float, decimals: int, language: str) -> str:
    locale = Locale.parse(language)
    pattern = str(locale.percent_formats[None].pattern)  # "#,##0%", or with a space before %
    if decimals:
        pattern = pattern.replace("##0", "##0." + "0" * decimals)
    return str(format_percent(value / 100, format=pattern, locale=locale))


def hours(value: float | None) -> object:
    """Write 7.53 as 7 h 32 min."""
    if value is None:
        return dash(value)
    whole, minutes = divmod(round(value * 60), 60)
    if not whole:
        return _("%(minutes)d min", minutes=minutes)
    return _("%(hours)d h %(minutes)d min", hours=whole, minutes=minutes)


def short_hours(value: float | None) -> object:
    """Write 7.53 as 7:32, for where there is no room."""
    if value is None:
        return dash(value)
    whole, minutes = divmod(round(value * 60), 60)
    return f"{whole}:{minutes:02}"


def day(value: date, today: date | None = None) -> str:
    """Write a date as Today, Yesterday or Fri 14 May; another year is named."""
    if value == today:
        return _("Today")
    if today is not None and value == today - timedelta(days=1):
        return _("Yesterday")
    same_year = today is None or value.year == today.year
    return _date_written(value, "EEE d MMM" if same_year else "EEE d MMM y", _language())


def short_day(value: date) -> str:
    """Write a date for the foot of a chart: 14 May."""
    return _date_written(value, "d MMM", _language())


def weekday(value: date) -> str:
    """Name the day of the week, for the head of a column: Mon."""
    return _date_written(value, "ccc", _language())


@lru_cache(maxsize=4096)
def _date_written(value: date, pattern: str, language: str) -> str:
    return str(format_date(value, pattern, locale=language))


def week_column(value: date) -> int:
    """Give the column, 1 to 7, of a date in weeks that begin as the reader's do."""
    return (value.isoweekday() - taste().week_start) % 7 + 1


def clock(value: datetime | None) -> object:
    """Write the time of day, in the zone the value carries."""
    if value is None:
        return dash(value)
    return str(format_time(value, "HH:mm", tzinfo=value.tzinfo, locale=_locale()))


def moment(value: datetime | None) -> object:
    """Write a date and a time of day on the reader's own clock."""
    if value is None:
        return dash(value)
    return str(format_datetime(value, "d MMM, HH:mm"))


def ago(value: datetime | None, now: datetime) -> object:
    """Say how long ago something was, or how long until it will be."""
    if value is None:
        return _("never")
    seconds = (now - value).total_seconds()
    span = _span(abs(seconds))
    if span is None:
        return _("just now") if seconds >= 0 else _("any moment")
    return _("%(span)s ago", span=span) if seconds >= 0 else _("in %(span)s", span=span)


def metric_value(value: Shown, name: str) -> object:
    """Write the value of a named metric in its own style."""
    words = METRIC_WORDS[name]
    match value:
        case bool() | None | "":
            return dash(None)
        case datetime():
            return clock(value)
        case str():
            return value
        case int() | float():
            if words.style == "offset":
                return _offset(value)
            return _number_looks(in_units(value, name), name)


def metric_difference(value: float, name: str) -> object:
    """Write how far two values of a metric lie apart, in the metric's own style."""
    return _number_looks(difference_in_units(value, name), name)


def initials(name: str) -> str:
    """Give one or two letters to stand for a person."""
    words = [word for word in name.split() if word[0].isalnum()]
    chosen = words if len(words) < 2 else [words[0], words[-1]]
    return "".join(word[0] for word in chosen).upper()


_LOOKS: tuple[Callable[..., object], ...] = (
    number,
    percent,
    hours,
    short_hours,
    day,
    short_day,
    weekday,
    week_column,
    clock,
    moment,
    ago,
    metric_value,
    in_units,
    initials,
)
_WORDS: tuple[Callable[..., str], ...] = (
    metric_help,
    metric_label,
    metric_unit,
    source_label,
    recovery_band,
    recovery_word,
    strain_band,
    strain_word,
)


def _or_nothing(word: Callable[..., str]) -> Callable[..., str]:
    """Where there is no value, there is no word and no colour either."""

    @wraps(word)
    def filtered(value: object) -> str:
        return "" if value is None else word(value)

    return filtered


def _share_macros(app: Flask) -> None:
    """Let every template use the macros, imported or not.

    A block that is rendered alone, as an answer to htmx, knows no import of its page.
    """
    for file in ("parts", "frame", "charts"):
        found = vars(app.jinja_env.get_template(f"macros/{file}.html").module)
        app.jinja_env.globals |= {
            name: macro for name, macro in found.items() if not name.startswith("_")
        }


def _locale() -> Locale:
    found = get_locale()
    return found if isinstance(found, Locale) else Locale("en")


def _language() -> str:
    return str(_locale())


def _number_looks(value: float, name: str) -> object:
    words = METRIC_WORDS[name]
    if words.style == "hours":
        return hours(value)
    if words.style == "percent":
        return percent(value, words.decimals)
    return number(value, words.decimals, metric_unit(name))


def _offset(minutes: float) -> str:
    sign = "-" if minutes < 0 else "+"
    whole, rest = divmod(abs(int(minutes)), 60)
    return f"UTC{sign}{whole:02}:{rest:02}"


def _span(seconds: float) -> str | None:
    if seconds < 60:
        return None
    if seconds < 3600:
        return _("%(n)d min", n=seconds // 60)
    if seconds < 86_400:
        return _("%(n)d h", n=seconds // 3600)
    days = int(seconds // 86_400)
    return ngettext("%(num)d day", "%(num)d days", days)
