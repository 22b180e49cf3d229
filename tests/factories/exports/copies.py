"""Fixtures that differ only in generation, language and the style of the copy."""

from datetime import datetime

from tests.factories.exports.fixtures import NEWEST, Fixture, loose, whole
from tests.factories.exports.titles import TITLES
from tests.factories.exports.writing import Style


def month_first(moment: datetime) -> str:
    return f"{moment.month}/{moment.day}/{moment.year} {moment.hour}:{moment:%M}"


def day_first(moment: datetime) -> str:
    return f"{moment:%d/%m/%Y %H:%M}"


def day_first_dots(moment: datetime) -> str:
    return f"{moment:%d.%m.%Y %H:%M:%S}"


def half_days(moment: datetime) -> str:
    return f"{moment.month}/{moment.day}/{moment:%y} {moment:%I:%M %p}"


def minutes_only(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


EXCEL = Style(newline="\r\n", yes="TRUE", no="FALSE", last_newline=False)
MONTH_FIRST = Style(newline="\r\n", yes="TRUE", no="FALSE", time=month_first, seconds=False)
DAY_FIRST = Style(delimiter=";", decimal=",", time=day_first, seconds=False)
GERMAN_SHEET = Style(
    delimiter=";", decimal=",", time=day_first_dots, yes="WAHR", no="FALSCH", encoding="utf-8-sig"
)
SHEETS = {
    "as Excel saves it": EXCEL,
    "as Excel saves it in America": MONTH_FIRST,
    "as Excel saves it in Spain": DAY_FIRST,
    "as Excel saves it in Germany": GERMAN_SHEET,
    "with half days": Style(time=half_days, seconds=False),
    "with minutes only": Style(time=minutes_only, seconds=False),
}
REMARKS = {
    "as Excel saves it in America": ("month_first", "seconds_lost"),
    "as Excel saves it in Spain": ("day_first", "seconds_lost"),
    "as Excel saves it in Germany": ("day_first",),
    "with half days": ("month_first", "seconds_lost"),
    "with minutes only": ("seconds_lost",),
}
STYLES = {
    "with a byte order mark": Style(encoding="utf-8-sig"),
    "in UTF-16": Style(encoding="utf-16"),
    "in Latin-1": Style(encoding="cp1252"),
    "with semicolons": Style(delimiter=";"),
    "with tabs": Style(delimiter="\t"),
    "with decimal commas": Style(delimiter=";", decimal=","),
    "with CRLF": Style(newline="\r\n"),
    "with CR": Style(newline="\r"),
    "without a last newline": Style(last_newline=False),
    "with quotes everywhere": Style(quote_all=True),
    "with sí and no": Style(yes="sí", no="no"),
    "with oui and non": Style(yes="OUI", no="Non"),
    "with sim and não": Style(yes="Sim", no="não"),
    "with ja and nein": Style(yes="ja", no="Nein"),
    "with 1 and 0": Style(yes="1", no="0"),
    "with Z for UTC": Style(zulu="Z"),
    "with UTC+00:00": Style(zulu="UTC+00:00"),
}


def built() -> dict[str, Fixture]:
    """Build what differs only in generation, language and style."""
    made = {f"{form} in {it}": loose(form, language=it) for it in TITLES for form in TITLES[it]}
    for how, style in STYLES.items():
        made |= {f"{form} {how}": loose(form, style) for form in ("S18", "J6")}
    for how, style in SHEETS.items():
        made |= {
            f"{form} {how}": loose(form, style, remarks=REMARKS.get(how, ())) for form in NEWEST
        }
    made |= {f"an archive in {it}": whole(language=it) for it in TITLES}
    return made
