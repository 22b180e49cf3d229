"""What the days must be, worked out a second time, from the documents alone.

Plain and slow on purpose, and it imports nothing of the application: the two must agree because both
are right. It knows one export, the newest; what older imports leave behind is tested elsewhere.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from tests.verification.oracle_sources import (
    ApiLife,
    ExportFiles,
    Told,
    api_tells,
    export_tells,
)
from tests.verification.oracle_tables import KILOJOULE, PERCENT, POSSIBLE

__all__ = ["ApiLife", "ExportFiles", "agree", "expected_days", "expected_doubts", "tolerance"]

Days = dict[date, dict[str, tuple[object, str]]]
Manual = Mapping[date, Mapping[str, object]]

_MINUTE = 1 / 60
# Half a unit of the CSV's last digit where it is rounded. Minutes are cut, not rounded, so a whole
# one may be missing; asleep is the sum of three stages, each cut; a day may have two naps.
TOLERANCE = {
    **dict.fromkeys(PERCENT, 0.5),
    **{name: _MINUTE for name in POSSIBLE if name.endswith("_hours")},
    **dict.fromkeys(("strain", "respiratory_rate"), 0.05),
    **dict.fromkeys(("spo2", "skin_temp_celsius"), 0.005),
    **dict.fromkeys(("hrv", "resting_heart_rate"), 0.5),
    **dict.fromkeys(("average_heart_rate", "max_heart_rate"), 0.5),
    "sleep_hours": 3 * _MINUTE,
    "nap_hours": 6 * _MINUTE,
    "energy_kj": KILOJOULE / 2,
    "sleep_started_at": 1.0,  # seconds: the export cuts the milliseconds
    "sleep_ended_at": 1.0,
}


def expected_days(
    api: ApiLife | None, export: ExportFiles | None, manual: Manual | None = None
) -> Days:
    """Tell each date's fields with the value and who said it; a field nobody speaks of is absent."""
    return _believed(api, export, manual or {})[0]


def expected_doubts(
    api: ApiLife | None, export: ExportFiles | None, manual: Manual | None = None
) -> dict[date, set[str]]:
    """Tell which of those values are doubtful, for the dates that have some."""
    return {day: names for day, names in _believed(api, export, manual or {})[1].items() if names}


def tolerance(field: str) -> float:
    """Tell how far the API's and the export's value of one truth may differ; times in seconds."""
    return TOLERANCE.get(field, 0.0)


def agree(field: str, one: object, other: object) -> bool:
    """Tell whether two values are the same but for the export's rounding."""
    if isinstance(one, datetime) and isinstance(other, datetime):
        return abs((one - other).total_seconds()) <= tolerance(field)
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= tolerance(field) + 1e-6
    return one == other


def _believed(
    api: ApiLife | None, export: ExportFiles | None, manual: Manual
) -> tuple[Days, dict[date, set[str]]]:
    told = {
        "whoop_export": list(export_tells(export)) if export else [],
        "whoop": list(api_tells(api)) if api else [],
    }
    # An export's row is the API's cycle when their starts are equal, cut to the second.
    cycles: dict[datetime, Told] = {}
    for source in told.values():
        cycles |= {one.second: _filled(one, cycles.get(one.second)) for one in source}
    owned = _owned_dates(list(cycles.values()))
    days: Days = defaultdict(dict)
    doubts: dict[date, set[str]] = defaultdict(set)
    for name_of_source, ones in told.items():  # the finer source comes later and replaces
        for one in ones:
            if (day := owned.get(one.second)) is not None:
                days[day] |= {name: (it, name_of_source) for name, it in one.values.items()}
                doubts[day] = (doubts[day] - one.values.keys()) | one.doubtful
    for day, values in manual.items():
        days[day] |= {name: (value, "manual") for name, value in values.items()}
        doubts[day] -= values.keys()
    return {day: fields for day, fields in days.items() if fields}, doubts


def _filled(one: Told, by: Told | None) -> Told:
    """Fill what the finer source does not know of a cycle: its end, its night."""
    if by is None:
        return one
    ended = replace(one, end=one.end or by.end)
    if one.woke:
        return ended
    return replace(ended, woke=by.woke, woke_offset=by.woke_offset, values=by.values)


# --- which date: DESIGN section 4, sentence by sentence ------------------------------------------


def _owned_dates(cycles: Sequence[Told]) -> dict[datetime, date]:
    lands = {one.second: _lands(one, cycles) for one in cycles}
    owned = {}
    for one in cycles:
        rivals = [other for other in cycles if lands[other.second] == lands[one.second]]
        if one is min(rivals, key=lambda rival: (-_asleep(rival), rival.start)):
            owned[one.second] = lands[one.second]
    return owned


def _lands(one: Told, cycles: Sequence[Told]) -> date:
    mates = sorted((o for o in cycles if _wakes(o) == _wakes(one)), key=lambda mate: mate.start)
    if len(mates) == 1:
        return _wakes(one)
    movers: list[Told] = []
    for mate in mates:
        taken = {_middle(mover) for mover in movers}
        if _middle(mate) not in taken and _may_move(mate, mates, cycles):
            movers.append(mate)
    if len(movers) == len(mates):
        movers.pop()  # somebody stays
    return _middle(one) if one in movers else _wakes(one)


def _may_move(one: Told, mates: Sequence[Told], cycles: Iterable[Told]) -> bool:
    to = _middle(one)
    strangers = [other for other in cycles if other not in mates]
    is_free = all(to not in (_wakes(stranger), _middle(stranger)) for stranger in strangers)
    return abs(to - _wakes(one)) == timedelta(days=1) and is_free


def _wakes(one: Told) -> date:
    return _wall(one.woke, one.woke_offset) if one.woke else _middle(one)


def _middle(one: Told) -> date:
    half = (one.end - one.start) / 2 if one.end else timedelta(hours=12)
    return _wall(one.start + half, one.offset)


def _wall(moment: datetime, offset: int) -> date:
    return (moment + timedelta(minutes=offset)).date()


def _asleep(one: Told) -> float:
    hours = one.values.get("sleep_hours")
    return hours if isinstance(hours, float) else 0.0
