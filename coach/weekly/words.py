"""What measures, gaps and a week as a whole are called; what was seen, never what it means."""

from collections.abc import Callable, Mapping

from babel.dates import format_date
from flask import Flask
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from coach.insights.words_need import need_in_words
from coach.web.filters import dash, hours, number, percent
from coach.web.sparklines import Sparkline, sparkline
from coach.weekly.figures import Line, Measure, Stance
from coach.weekly.gaps import Cause, Gap
from coach.weekly.review import Average, GroupReview, Review
from coach.weekly.week import Week

LABELS: Mapping[Measure, LazyString] = {
    Measure.HRV: _l("HRV, mean of the week"),
    Measure.RESTING: _l("Resting heart rate"),
    Measure.SLEEP: _l("Sleep a night"),
    Measure.DEBT: _l("Sleep missing in 7 nights"),
    Measure.STRAIN: _l("Strain against the usual week"),
    Measure.CHECK_INS: _l("Check-ins answered"),
    Measure.MOOD: _l("Mood"),
    Measure.FEELING: _l("Hooper index"),
}
CAUSES: Mapping[Cause, LazyString] = {
    Cause.NOT_LINKED: _l("no data on %(days)s: WHOOP is not linked"),
    Cause.RECONNECT: _l("no data on %(days)s: the link to WHOOP has to be renewed"),
    Cause.NOT_WORN: _l("no data on %(days)s: strap not worn, or nothing sent yet"),
    Cause.NO_NIGHT: _l("no night on %(days)s: strap not worn in sleep, or not scored by WHOOP"),
}


def register(app: Flask) -> None:
    """Teach templates these words."""
    app.add_template_filter(LABELS.__getitem__, "week_measure")
    for look in _LOOKS:
        app.add_template_filter(look)


def week_name(week: Week) -> str:
    """Write a week as "Week 20, 11 May - 17 May 2026"."""
    first, last = (
        format_date(day, pattern, locale=get_locale())
        for day, pattern in ((week.monday, "d MMM"), (week.last, "d MMM y"))
    )
    return _("Week %(number)d, %(first)s - %(last)s", number=week.number, first=first, last=last)


def week_value(line: Line) -> object:
    """Write the figure of a week in the unit of its measure; a dash where it is refused."""
    value = line.week.value
    if value is None:
        return dash(None)
    if line.measure is Measure.STRAIN:
        return _signed(value, percent)
    return _VALUES[line.measure](value)


def week_usual(line: Line) -> object:
    """Write what the week is held against, with the days behind it."""
    if line.stance is Stance.NO_USUAL:
        return _("too few days before it: %(n)d", n=line.usual_n)
    if line.span:
        low, high = (number(bound) for bound in line.span)
        return _("own range %(low)s to %(high)s ms, %(n)d days", low=low, high=high, n=line.usual_n)
    if line.usual is None:
        return _TERMS[line.measure](line) if line.measure in _TERMS else dash(None)
    usual = _VALUES[line.measure](line.usual)
    if line.measure is Measure.CHECK_INS:
        return _("%(usual)s a week in the 4 weeks before", usual=number(line.usual, 1))
    return _("usual %(usual)s, %(n)d days", usual=usual, n=line.usual_n)


def week_reading(line: Line) -> str:
    """Say in a few words how the week lies against the person's own usual."""
    if line.stance is Stance.TOO_FEW:
        return _("too few days: %(n)d known", n=line.week.n)
    if line.stance is Stance.NO_USUAL:
        return _("nothing to compare with yet")
    return _SAID[line.measure](line)


def week_line(line: Line) -> Sparkline:
    """Draw the four weeks before and this one; the own range behind them, where it is known."""
    return sparkline(line.weeks, normal=line.span, width=88, height=28)


def gap_in_words(gap: Gap) -> str:
    """Say "no data on Tue, Wed: strap not worn, or nothing sent yet"."""
    days = ", ".join(format_date(day, "EEE", locale=get_locale()) for day in gap.dates)
    return str(CAUSES[gap.cause]) % {"days": days}


def week_average(average: Average, measure: Measure) -> object:
    """Write the average of a group."""
    if average.value is None:
        return dash(None)
    if measure is Measure.RESTING:
        return _("%(drift)s to usual", drift=_signed(average.value, _beats))
    if measure is Measure.STRAIN:
        return _signed(average.value, percent)
    if measure is Measure.CHECK_INS:
        return _("%(n)s of 7", n=number(average.value, 1))
    return _VALUES[measure](average.value)


def client_glance(review: Review) -> list[str]:
    """Say a client's week in a few lines; nothing where there is nothing to say."""
    out = [it for it in review.lines.values() if it.stands_out]
    said = [f"{LABELS[line.measure]}: {week_value(line)}, {week_reading(line)}" for line in out]
    return said + [_capital(gap_in_words(gap)) for gap in review.gaps]


def group_glance(group: GroupReview) -> list[str]:
    """Say a week of many in counts: no names and no values, so that a mail may carry it too."""
    rows, people = group.rows, len(group.rows)
    out = sum(row.stands_out for row in rows)
    gaps = sum(bool(row.gaps) for row in rows)
    tagged, planned = sum(bool(row.tags) for row in rows), sum(bool(row.plans) for row in rows)
    said = [
        (
            out,
            ngettext(
                "%(num)d client of %(all)d lies outside their own usual",
                "%(num)d clients of %(all)d lie outside their own usual",
                out,
                all=people,
            ),
        ),
        (
            gaps,
            ngettext(
                "%(num)d client has days without data",
                "%(num)d clients have days without data",
                gaps,
            ),
        ),
        (
            tagged,
            ngettext("%(num)d client has tagged days", "%(num)d clients have tagged days", tagged),
        ),
        (
            planned,
            ngettext(
                "for %(num)d client something was to be watched",
                "for %(num)d clients something was to be watched",
                planned,
            ),
        ),
    ]
    return [str(words) for count, words in said if count]


def _hrv(line: Line) -> str:
    sides = {
        Stance.BELOW: _("below own range"),
        Stance.ABOVE: _("above own range"),
        Stance.INSIDE: _("in own range"),
    }
    return sides[line.stance]


def _resting(line: Line) -> str:
    return _("%(drift)s to usual", drift=_signed(_change(line), _beats))


def _debt(line: Line) -> str:
    if line.stance is Stance.ABOVE:
        return _("5 hours or more")
    return _("less than 5 hours")


def _strain(line: Line) -> str:
    sides = {
        Stance.BELOW: _("far below the usual week"),
        Stance.ABOVE: _("far above the usual week"),
        Stance.INSIDE: _("about the usual week"),
    }
    return sides[line.stance]


def _sleep(line: Line) -> str:
    change = _change(line)
    if round(abs(change) * 60) < 1:
        return _("as in the 4 weeks before")
    said = hours(abs(change))
    return _("%(hours)s less", hours=said) if change < 0 else _("%(hours)s more", hours=said)


def _points(line: Line) -> str:
    return _("%(change)s to usual", change=_signed(_change(line), _decimal))


def _feeling(line: Line) -> str:
    side = _("feels worse than usual") if line.stance is Stance.ABOVE else _("as usual or better")
    return f"{side} ({_signed(_change(line), _decimal)})"


def _check_ins(line: Line) -> str:
    return "" if line.usual is None else _points(line)


_SAID: Mapping[Measure, Callable[[Line], str]] = {
    Measure.HRV: _hrv,
    Measure.RESTING: _resting,
    Measure.SLEEP: _sleep,
    Measure.DEBT: _debt,
    Measure.STRAIN: _strain,
    Measure.CHECK_INS: _check_ins,
    Measure.MOOD: _points,
    Measure.FEELING: _feeling,
}


def _change(line: Line) -> float:
    return (line.week.value or 0.0) - (line.usual or 0.0)


def _signed(value: float, write: Callable[[float], object]) -> str:
    """Write a change with its sign; ± where it would be written as nothing."""
    written, none = str(write(abs(value))), str(write(0.0))
    sign = "±" if written == none else "+" if value > 0 else "\N{MINUS SIGN}"
    return f"{sign}{written}"


def _decimal(value: float) -> object:
    return number(value, 1)


def _beats(value: float) -> object:
    return number(value, 1, _("bpm"))


def _milliseconds(value: float) -> object:
    return number(value, 0, _("ms"))


def _days(value: float) -> object:
    return _("%(n)s of 7", n=number(value))


def _of_10(value: float) -> object:
    return _("%(points)s of 10", points=number(value, 1))


def _of_28(value: float) -> object:
    return _("%(points)s of 28", points=number(value, 1))


_VALUES: Mapping[Measure, Callable[[float], object]] = {
    Measure.HRV: _milliseconds,
    Measure.RESTING: _beats,
    Measure.SLEEP: hours,
    Measure.DEBT: hours,
    Measure.STRAIN: percent,
    Measure.CHECK_INS: _days,
    Measure.MOOD: _of_10,
    Measure.FEELING: _of_28,
}


def _debt_terms(line: Line) -> str:
    return need_in_words(line.against)


def _strain_terms(line: Line) -> str:
    return _("the 3 weeks before, %(n)d days", n=line.usual_n)


# What a week is held against where that is no value of the same kind.
_TERMS: Mapping[Measure, Callable[[Line], object]] = {
    Measure.DEBT: _debt_terms,
    Measure.STRAIN: _strain_terms,
}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


_LOOKS: tuple[Callable[..., object], ...] = (
    *(week_name, week_value, week_usual, week_reading, week_line, week_average),
    *(gap_in_words, group_glance, client_glance),
)
