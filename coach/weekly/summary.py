"""One page about a client for their doctor or coach: worded once, for screen, print and PDF."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from coach.accounts.access import Viewer
from coach.accounts.models import Client, FieldGroup
from coach.accounts.words import GROUPS
from coach.check_ins import reading
from coach.check_ins.reading import tagged_dates
from coach.check_ins.words import TAG_WORDS
from coach.dashboard import client_reading, client_signals
from coach.dashboard.client_compare import Compared, compare
from coach.dashboard.client_range import Range
from coach.dashboard.client_reading import Known
from coach.dashboard.client_signals import Why
from coach.dashboard.client_words import LINE_WORDS, STATE_WORDS, difference
from coach.science.series import Figure
from coach.web.filters import metric_value
from coach.web.labels import metric_label
from coach.web.sparklines import Sparkline, sparkline

# One page holds no more; what is left out is counted.
MOST_LINES, MOST_POINTS = 8, 92


@dataclass(frozen=True, slots=True)
class Row:
    """One metric over the range and over as many days before; `points` are its days, with gaps."""

    label: str
    now: str
    before: str
    change: str
    points: tuple[float | None, ...]

    @property
    def drawn(self) -> Sparkline:
        return sparkline(self.points, width=120, height=28)


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with some lines."""

    title: str
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Summary:
    """The page in words; `columns` are the two ranges that `rows` compare."""

    name: str
    span: str
    columns: tuple[str, str]
    rows: Sequence[Row]
    parts: Sequence[Part]
    foot: Sequence[str]


def of_client(client: Client, shown: Range, *, by: Viewer) -> Summary:
    """Put together what is shared of a client whom the viewer has found; five statements."""
    shares = by.shared([client.id])[client.id]
    known = client_reading.known(by, client, shares, shown)
    found = client_reading.insight(by, client, shown) if shares else None
    why = client_signals.why(found, shares)
    parts = [_signals(why), _strain(why), _tags(known, shown), _data(client, known, shown, shares)]
    return Summary(
        name=client.name,
        span=_span(shown),
        columns=(_span(shown), _span(shown.before)),
        rows=[_row(each, known, shown) for each in compare(known, shown)],
        parts=[part for part in parts if part is not None],
        foot=_foot(shares),
    )


def _row(each: Compared, known: Known, shown: Range) -> Row:
    values = [
        known.logs[day].values.get(each.name) if day in known.logs else None for day in shown.dates
    ]
    return Row(
        label=metric_label(each.name),
        now=_mean(each.now, each.name),
        before=_mean(each.before, each.name),
        change=_plain(difference(each.change, each.name)) if each.change is not None else "-",
        points=tuple(values[-MOST_POINTS:]),
    )


def _mean(figure: Figure, name: str) -> str:
    """Write a mean with its days; below the minimum only how many there are."""
    days = ngettext("%(num)d day", "%(num)d days", figure.n)
    if figure.value is None:
        return _("too few days (%(days)s)", days=days)
    return f"{_plain(metric_value(figure.value, name))} ({days})"


def _signals(why: Why | None) -> Part | None:
    if why is None:
        return None
    title = _("What stood out on %(day)s", day=_date(why.day))
    lines = [each.phrase for each in why.signals]
    return Part(title, _most(lines) or [_("Nothing stood out, in what is known and shared.")])


def _strain(why: Why | None) -> Part | None:
    if why is None or not why.lines:
        return None
    lines = [f"{LINE_WORDS[line.name]}: {STATE_WORDS[line.state][0]}" for line in why.lines]
    return Part(_("Strain signals: three lines, no diagnosis"), lines)


def _tags(known: Known, shown: Range) -> Part | None:
    lines = [
        f"{TAG_WORDS[tag.kind]}: {_date(tag.first_date)} - "
        + (_date(tag.last_date) if tag.last_date else _("goes on"))
        for tag in known.tags
        if tagged_dates([tag], until=shown.last) & set(shown.dates)
    ]
    return Part(_("Tags"), _most(lines)) if lines else None


def _data(client: Client, known: Known, shown: Range, shares: frozenset[FieldGroup]) -> Part | None:
    """Say how much there is, where it came from, and what is missing."""
    logs = [log for day in shown.dates if (log := known.logs.get(day)) and log.values]
    typed = sum(any(log.typed(name) for name in log.values) for log in logs)
    lines = [
        _("%(known)d of %(all)d days have a value", known=len(logs), all=shown.days),
        _(
            "%(typed)d of them have a value typed by hand; the others are data by WHOOP",
            typed=typed,
        ),
    ]
    if FieldGroup.CHECK_IN in shares:
        said = reading.check_ins([client.id], first=shown.first, last=shown.last)
        lines.append(
            _("check-ins answered on %(said)d of %(all)d days", said=len(said), all=shown.days)
        )
    return Part(_("What this rests on"), lines) if shares else None


def _foot(shares: frozenset[FieldGroup]) -> list[str]:
    hidden = [str(GROUPS[group]) for group in FieldGroup if group not in shares]
    said = [_("Not shared: %(groups)s.", groups="; ".join(hidden))] if hidden else []
    return [
        *said,
        _(
            "Means of known days; doubtful values and the running day's strain are left out. HRV is the mean of logarithms."
        ),
        _(
            "Not a medical device; not for diagnosis or treatment. Data may be late or wrong. Talk to a professional."
        ),
    ]


def _most(lines: Sequence[str]) -> list[str]:
    more = len(lines) - MOST_LINES
    return [*lines[:MOST_LINES], *([_("and %(n)d more", n=more)] if more > 0 else [])]


def _span(shown: Range) -> str:
    return f"{_date(shown.first)} - {_date(shown.last)}"


def _date(day: date) -> str:
    return str(format_date(day, "d MMM y", locale=get_locale()))


def _plain(written: object) -> str:
    return str(written)
