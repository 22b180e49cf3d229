"""Single sleeps, workouts and answers of the export in the words of days (pure)."""

from coach.csv_import.rows import JournalRow, SleepColumns, WorkoutRow
from coach.csv_import.values import SLEEP, kilojoules, metrics, whole
from coach.days.metrics import Source, Value
from coach.days.telling import Answer, Happening

_ZONES = tuple(f"hr_zone_{zone}" for zone in range(1, 6))


def sleep(row: SleepColumns, *, nap: bool) -> Happening:
    return Happening(
        source=Source.EXPORT,
        key=f"sleep:{row.sleep_onset:%Y-%m-%dT%H:%M:%SZ}",
        started_at=row.sleep_onset or row.cycle_start_time,
        ended_at=row.wake_onset,
        offset_minutes=row.offset_minutes,
        values={**dict(metrics(row, SLEEP)), "nap": nap},
        cycle=row.cycle_key,
    )


def workout(row: WorkoutRow) -> Happening:
    told: dict[str, Value] = {
        "activity": row.activity_name and _slug(row.activity_name),
        "strain": row.activity_strain,
        "energy_kj": kilojoules(row.energy_burned),
        "average_heart_rate": whole(row.average_hr),
        "max_heart_rate": whole(row.max_hr),
        "distance_m": row.distance,
        "altitude_gain_m": row.altitude_gain,
        "altitude_change_m": row.altitude_change,
        **_zones(row),
    }
    return Happening(
        source=Source.EXPORT,
        key=row.key,
        started_at=row.workout_start_time,
        ended_at=row.workout_end_time,
        offset_minutes=row.offset_minutes,
        values={name: value for name, value in told.items() if value is not None},
        cycle=row.cycle_key,
    )


def _zones(row: WorkoutRow) -> dict[str, Value]:
    """Turn per cent into minutes; what is missing to a hundred was below zone 1."""
    shares = [share for zone in _ZONES if (share := getattr(row, zone)) is not None]
    if row.duration is None or len(shares) < len(_ZONES):
        return {}
    rest = max(100.0 - sum(shares), 0.0)
    minutes = (round(row.duration * share / 100, 4) for share in (rest, *shares))
    return {f"zone_{zone}_minutes": value for zone, value in enumerate(minutes)}


def _slug(name: str) -> str:
    """Write an activity as the API does: `Ice Hockey` is `ice-hockey` there."""
    return "-".join(name.lower().split())


def answer(row: JournalRow) -> Answer:
    return Answer(
        key=row.key,
        cycle=row.cycle_key,
        cycle_started_at=row.cycle_start_time,
        offset_minutes=row.offset_minutes,
        question=row.question_text.strip(),
        answered_yes=row.answered_yes,
        notes=row.notes,
    )
